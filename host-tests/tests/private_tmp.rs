//! A private `/tmp`: the test program, which uses the standard library and the crate `tempfile`, on it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use host_tests::{Ended, Program};

use crate::suite::tests;

tests! {
    once {
        the_standard_library_works_as_documented,
        the_crate_tempfile_works_as_it_is,
        everything_works_in_memory_alone,
        standard_streams_pass_through,
        the_program_sees_its_own_environment_and_no_directory_of_ours,
        other_directories_pass_through_unless_the_program_is_confined,
        another_place_can_be_named,
        an_invalid_variable_ends_the_program_with_a_message,
        bytes_are_granted_to_the_last_one,
        the_bytes_of_one_file_are_limited,
        every_kind_of_entry_is_refused_at_its_limit,
        no_kind_of_entry_is_free_without_a_limit_of_entries,
        ten_thousand_small_files_take_no_descriptor_of_the_host,
        nothing_is_left_after_a_trap,
        nothing_is_left_when_the_host_is_killed,
        hostile_programs_reach_nothing,
        usage_is_exact_after_a_program_has_removed_everything,
        a_read_only_directory_of_the_host_is_an_error_of_large_files_only,
    }
}

/// The errors of WASI's C library, as programs see them.
const EDQUOT: i32 = 19;
const EIO: i32 = 29;

#[track_caller]
fn assert_succeeds(program: Program) -> Ended {
    let ended = program.run();
    ended.succeeded();
    ended
}

/// Returns the number and the error that a program of `fill` prints.
#[track_caller]
fn filled(program: Program) -> (u64, Option<i32>, Ended) {
    let ended = program.run();
    let (number, error) = ended.succeeded().trim().split_once(' ').expect("two words");
    let error = error.strip_prefix("Some(").and_then(|error| error.strip_suffix(')')?.parse().ok());
    let number = number.parse().expect("a number");
    (number, error, ended)
}

const BASICS: [&str; 6] = ["files", "directories", "links", "times", "unlinked", "tempfile"];

fn the_standard_library_works_as_documented() {
    for test in &BASICS[..5] {
        assert_succeeds(Program::new(test)).assert_nothing_left();
    }
}

fn the_crate_tempfile_works_as_it_is() {
    assert_succeeds(Program::new("tempfile")).assert_nothing_left();
}

fn everything_works_in_memory_alone() {
    // The crate's test has a file of 4 GiB.
    for test in &BASICS[..5] {
        assert_succeeds(Program::in_memory(test));
    }
}

fn standard_streams_pass_through() {
    let input: Vec<u8> = (0..3_000_000_u32).map(|number| (number / 7) as u8).collect();

    let ended = Program::new("streams").input(&input).run();

    assert_eq!((ended.code, &*ended.errors), (Some(0), "done"));
    assert!(ended.output == input, "{} bytes came back", ended.output.len());
    ended.assert_nothing_left();
}

fn the_program_sees_its_own_environment_and_no_directory_of_ours() {
    let spill = tempfile::tempdir().unwrap();
    let program = Program::in_memory("environment").preopen(spill.path(), "/spill");
    let variables = [("SCRATCH_DIRECTORY", "/spill"), ("SCRATCH_MAX_BYTES", "1M"), ("HOME", "/home")];
    let program = variables.iter().fold(program, |program, (name, value)| program.variable(name, value));

    let ended = assert_succeeds(program);

    assert_eq!(ended.succeeded(), "HOME=/home\nTMPDIR=/tmp\n/tmp: \n");
}

fn other_directories_pass_through_unless_the_program_is_confined() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("file"), "of the host").unwrap();
    let program = |arguments| Program::new(arguments).preopen(data.path(), "/data");

    let passed = assert_succeeds(program("read /data/file"));
    let confined = program("read /data/file").variable("SCRATCH_CONFINED", "1").run();

    assert_eq!(passed.succeeded(), "of the host\n");
    assert_eq!(fs::read_to_string(data.path().join("file.out")).unwrap(), "written by the program");
    assert_ne!(confined.code, Some(0));
    assert!(!confined.errors.contains("of the host"));
}

fn another_place_can_be_named() {
    let host = tempfile::tempdir().unwrap();
    fs::write(host.path().join("secret"), "of the host").unwrap();
    let program = Program::in_memory("environment").preopen(host.path(), "/work");

    let ended = assert_succeeds(program.variable("SCRATCH_TMP", "/work"));

    assert_eq!(ended.succeeded(), "TMPDIR=/work\n/work: \n");
}

fn an_invalid_variable_ends_the_program_with_a_message() {
    let ended = Program::new("files").variable("SCRATCH_MAX_BYTES", "64MB").run();

    assert_eq!(ended.code, None, "it traps");
    assert!(
        ended.errors.starts_with("private /tmp: environment variable SCRATCH_MAX_BYTES"),
        "{}",
        ended.errors
    );
}

fn bytes_are_granted_to_the_last_one() {
    for limit in [1, 1000, 65_536, 2_000_003] {
        for piece in [1000, 65_536] {
            let program = Program::new(&format!("fill {piece}"));
            let (length, error, ended) = filled(program.variable("SCRATCH_MAX_BYTES", &limit.to_string()));

            assert_eq!((length, error), (limit, Some(EIO)));
            assert_eq!(ended.usage().bytes_on_disk.peak, limit);
            ended.assert_nothing_left();
        }
    }
}

fn the_bytes_of_one_file_are_limited() {
    let program = Program::new("fill 1000").variable("SCRATCH_MAX_FILE_BYTES", "5555");

    let (length, error, _) = filled(program);

    assert_eq!((length, error), (5555, Some(EIO)));
    assert_succeeds(Program::new("large 5555").variable("SCRATCH_MAX_BYTES", "5555"));
    let refused = Program::new("large 5555").variable("SCRATCH_MAX_BYTES", "5554").run();
    assert_eq!(refused.code, Some(1), "{}", refused.errors);
}

fn every_kind_of_entry_is_refused_at_its_limit() {
    for (kind, variable, limit, expected) in [
        ("empty-files", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("directories", "SCRATCH_MAX_ENTRIES", "100", 99),
        ("open-files", "SCRATCH_MAX_HANDLES", "100", 100),
        ("depth", "SCRATCH_MAX_DEPTH", "20", 20),
        ("holes", "SCRATCH_MAX_BYTES", "1M", 0),
    ] {
        let (number, error, _) = filled(Program::new(&format!("fill-with {kind}")).variable(variable, limit));

        assert_eq!((number, error), (expected, Some(EDQUOT)), "{kind}");
    }
}

fn no_kind_of_entry_is_free_without_a_limit_of_entries() {
    for kind in ["empty-files", "directories", "links", "long-names"] {
        let program = Program::new(&format!("fill-with {kind}")).variable("SCRATCH_MAX_MEMORY", "1M");
        let (number, error, ended) = filled(program);

        assert!(number < 20_000, "{number} {kind}");
        assert_eq!(error, Some(EDQUOT), "{kind}");
        assert!(ended.usage().memory_bytes.peak <= 1 << 20);
    }
}

fn ten_thousand_small_files_take_no_descriptor_of_the_host() {
    // The host's directory would refuse every file.
    let directory = tempfile::tempdir().unwrap();
    let program = Program::in_memory("small-files 10000").preopen_read_only(directory.path(), "/tmp");

    let ended = assert_succeeds(program);

    assert_eq!(ended.usage().entries.now, 10_000);
}

fn nothing_is_left_after_a_trap() {
    let ended = Program::new("trap").run();

    assert_eq!(ended.code, None, "it traps");
    ended.assert_nothing_left();
}

fn nothing_is_left_when_the_host_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut host = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg("hold")
        .arg(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "holding\n");

    host.kill().unwrap();
    host.wait().unwrap();

    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

fn hostile_programs_reach_nothing() {
    for attack in ["names", "renames", "tiny-writes", "escape", "churn"] {
        let host = tempfile::tempdir().unwrap();
        let inside = host.path().join("inside");
        fs::create_dir(&inside).unwrap();
        let secrets = [host.path().join("secret"), inside.join("secret")];
        secrets.iter().for_each(|secret| fs::write(secret, "secret").unwrap());

        assert_succeeds(Program::in_memory(&format!("attack {attack}")).preopen(&inside, "/tmp"));

        for secret in &secrets {
            assert_eq!(fs::read_to_string(secret).unwrap(), "secret", "{attack}");
        }
        assert_eq!(inside.read_dir().unwrap().count(), 1, "{attack}");
    }
}

fn usage_is_exact_after_a_program_has_removed_everything() {
    let ended = assert_succeeds(Program::new("attack churn"));

    let usage = ended.usage();
    assert_eq!(
        [usage.bytes_on_disk.now, usage.entries.now, usage.handles.now, usage.memory_bytes.now],
        [0; 4]
    );
    assert_eq!((usage.created, usage.removed), (4000, 4000));
}

fn a_read_only_directory_of_the_host_is_an_error_of_large_files_only() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments| Program::in_memory(arguments).preopen_read_only(directory.path(), "/tmp").run();

    run("large 1000000").succeeded();
    let refused = run("large 3000000");

    assert_eq!(refused.code, Some(1), "an error, no trap: {}", refused.errors);
}
