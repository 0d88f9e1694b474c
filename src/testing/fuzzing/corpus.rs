//! Tests that replay the corpora of the fuzzers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{names, program, text};

/// A function that takes any bytes, and panics if a guarantee is broken.
type Check = fn(&[u8]);

/// All targets with their functions.
const TARGETS: [(&str, Check); 3] =
    [("names", names::check), ("program", program::check), ("text", text::check)];

/// Returns the paths of the entries in a directory of the fuzzers.
fn listed(path: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("host-tests/fuzz").join(path);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn replay(target: &str) {
    let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of this name");
    let files = listed(&format!("corpus/{target}"));
    assert!(!files.is_empty(), "the corpus is empty");
    for file in &files {
        let bytes = fs::read(file).expect("a file of the corpus");
        if let Err(panic) = std::panic::catch_unwind(|| check(&bytes)) {
            eprintln!("it was {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
    println!("{target}: {} files of the corpus", files.len());
}

#[test]
#[cfg_attr(miri, ignore = "it reads files")]
fn the_corpus_of_names_and_paths_finds_no_fault() {
    replay("names");
}

#[test]
#[cfg_attr(miri, ignore = "it reads files")]
fn the_corpus_of_programs_finds_no_fault() {
    replay("program");
}

#[test]
#[cfg_attr(miri, ignore = "it reads files")]
fn the_corpus_of_texts_finds_no_fault() {
    replay("text");
}

#[test]
#[cfg_attr(miri, ignore = "it reads files")]
fn the_corpus_of_every_target_is_replayed() {
    let stems = |path| -> BTreeSet<String> {
        let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
        listed(path).into_iter().filter_map(stem).collect()
    };
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();

    assert_eq!(stems("fuzz_targets"), known);
    assert_eq!(stems("corpus"), known);
}
