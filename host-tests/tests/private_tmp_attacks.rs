//! A private `/tmp` under a hostile program, which takes all it gets and tries to leave the tree.

use std::fs;

use host_tests::{Ended, Program};

use crate::suite::tests;

tests! {
    once {
        hostile_programs_reach_nothing,
        every_kind_of_entry_and_handle_is_refused_at_its_limit,
        no_kind_of_entry_is_free_without_a_limit_of_entries,
        one_byte_too_little_is_an_error_with_exact_usage,
        a_million_tiny_writes_are_charged_by_their_bytes,
        usage_is_exact_after_a_program_has_removed_everything,
    }
}

/// The error of WASI's C library for a limit.
const EDQUOT: i32 = 19;

/// Returns the number and the error that a program of `fill` prints.
#[track_caller]
pub(crate) fn filled(program: Program) -> (u64, Option<i32>, Ended) {
    let ended = program.run();
    let (number, error) = ended.succeeded().trim().split_once(' ').expect("two words");
    let error = error.strip_prefix("Some(").and_then(|error| error.strip_suffix(')')?.parse().ok());
    let number = number.parse().expect("a number");
    (number, error, ended)
}

fn hostile_programs_reach_nothing() {
    for attack in
        ["names", "renames", "escape", "links", "chains", "offsets", "stale-bytes", "lists", "churn"]
    {
        let host = tempfile::tempdir().unwrap();
        let inside = host.path().join("inside");
        fs::create_dir(&inside).unwrap();
        let secrets = [host.path().join("secret"), inside.join("secret")];
        secrets.iter().for_each(|secret| fs::write(secret, "secret").unwrap());

        Program::in_memory(&format!("attack {attack}")).preopen(&inside, "/tmp").run().succeeded();

        for secret in &secrets {
            assert_eq!(fs::read_to_string(secret).unwrap(), "secret", "{attack}");
        }
        assert_eq!(inside.read_dir().unwrap().count(), 1, "{attack}");
    }
}

fn every_kind_of_entry_and_handle_is_refused_at_its_limit() {
    for (kind, variable, limit, expected) in [
        ("empty-files", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("directories", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("symbolic-links", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("removed-files", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("open-files", "SCRATCH_MAX_HANDLES", "100", 100),
        ("one-file-again", "SCRATCH_MAX_HANDLES", "100", 100),
        ("open-directories", "SCRATCH_MAX_HANDLES", "100", 100),
        ("removed-files", "SCRATCH_MAX_HANDLES", "100", 100),
        ("depth", "SCRATCH_MAX_DEPTH", "20", 20),
        ("moved-depth", "SCRATCH_MAX_DEPTH", "20", 20),
        ("holes", "SCRATCH_MAX_BYTES", "1M", 0),
        ("holes", "SCRATCH_MAX_FILE_BYTES", "1M", 0),
    ] {
        let (number, error, _) = filled(Program::new(&format!("fill-with {kind}")).variable(variable, limit));

        assert_eq!((number, error), (expected, Some(EDQUOT)), "{kind}");
    }
}

fn no_kind_of_entry_is_free_without_a_limit_of_entries() {
    for kind in
        ["empty-files", "directories", "links", "symbolic-links", "long-links", "long-names", "removed-files"]
    {
        let program = Program::new(&format!("fill-with {kind}")).variable("SCRATCH_MAX_MEMORY", "1M");
        let (number, error, ended) = filled(program);

        assert!(number < 20_000, "{number} {kind}");
        assert_eq!(error, Some(EDQUOT), "{kind}");
        assert!(ended.usage().memory_bytes.peak <= 1 << 20);
    }
}

fn one_byte_too_little_is_an_error_with_exact_usage() {
    for size in [1, 65_536, 100_001, 1 << 20, 3_000_003] {
        let large = |limit: u64| {
            Program::new(&format!("large {size}")).variable("SCRATCH_MAX_BYTES", &limit.to_string()).run()
        };

        let (enough, too_little) = (large(size), large(size - 1));

        assert_eq!((enough.code, too_little.code), (Some(0), Some(1)), "{size}: {}", too_little.errors);
        let usage = too_little.usage.expect("it ends by itself");
        assert_eq!((usage.bytes_on_disk.now, usage.bytes_on_disk.peak), (size - 1, size - 1));
        assert_eq!((usage.entries.now, usage.handles.now, usage.refused), (1, 0, 1), "{size}");
        too_little.assert_nothing_left();
    }
}

fn a_million_tiny_writes_are_charged_by_their_bytes() {
    let program = Program::new("attack tiny-writes").variable("SCRATCH_MAX_BYTES", "1000000");

    let usage = program.run().usage();

    assert_eq!((usage.bytes_on_disk.now, usage.bytes_on_disk.peak, usage.refused), (1_000_000, 1_000_000, 0));
}

fn usage_is_exact_after_a_program_has_removed_everything() {
    let usage = Program::new("attack churn").run().usage();

    assert_eq!(
        [usage.bytes_on_disk.now, usage.entries.now, usage.handles.now, usage.memory_bytes.now],
        [0; 4]
    );
    assert_eq!((usage.created, usage.removed), (4000, 4000));
}
