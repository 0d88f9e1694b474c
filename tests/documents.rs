//! The documents of the repository: snippets are parts of their sources, links lead somewhere, and each test
//! that a document names exists.
//!
//! A snippet has a marker on the line above its fence: `<!-- source: examples/note/src/lib.rs -->` says that the
//! lines of the block follow each other in that file, whatever their indentation.
//! `<!-- no source: REASON -->` is for the few that are in no file.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Languages whose blocks need a marker. Commands, output and other text need none.
const LANGUAGES: [&str; 6] = ["js", "python", "rust", "toml", "wit", "wac"];

/// Directories without documents or sources of ours.
const SKIPPED: [&str; 6] = ["artifacts", "corpus", "deps", "dist", "node_modules", "target"];

#[test]
fn snippets_are_parts_of_the_files_that_their_markers_name() {
    let mut snippets = 0;
    for document in documents() {
        for snippet in document.snippets() {
            let Some(source) = snippet.source else { continue };
            let content = read(&root().join(source));
            assert!(
                is_part(snippet.text, &content),
                "{document}: a snippet is not part of {source}:\n{}",
                snippet.text
            );
            snippets += 1;
        }
    }
    assert!(snippets >= 5, "only {snippets} snippets have a source");
}

#[test]
fn code_in_the_guides_has_a_marker() {
    for document in documents().iter().filter(|document| document.is_guide()) {
        for snippet in document.snippets() {
            let is_code = LANGUAGES.contains(&snippet.language);
            assert!(snippet.is_marked || !is_code, "{document}: no marker above\n{}", snippet.text);
        }
    }
}

#[test]
fn tests_that_a_document_names_exist() {
    let functions = functions();
    let mut named = 0;
    for document in documents() {
        // A word in backticks with three underscores or more is the name of a test or of a function.
        for word in document.text.split('`').skip(1).step_by(2).filter(|word| looks_like_a_test(word)) {
            assert!(functions.contains(word), "{document}: there is no {word}");
            named += 1;
        }
    }
    assert!(named >= 50, "only {named} tests are named");
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut links = 0;
    for document in documents() {
        for target in document.links() {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { document.path.clone() } else { document.folder().join(path) };
            assert!(path.exists(), "{document}: {target} does not exist");
            if !heading.is_empty() {
                assert!(has_heading(&read(&path), heading), "{document}: {target} is no heading");
            }
            links += 1;
        }
    }
    assert!(links >= 50, "only {links} links were found");
}

#[test]
fn the_readme_is_short() {
    let readme = read(&root().join("README.md"));

    assert!(readme.lines().count() <= 190, "{} lines", readme.lines().count());
    assert!(readme.len() <= 9 * 1024, "{} bytes", readme.len());
}

struct Document {
    path: PathBuf,
    text: String,
}

impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.path.strip_prefix(root()).unwrap_or(&self.path).display().fmt(f)
    }
}

/// A fenced block.
struct Snippet<'a> {
    language: &'a str,
    text: &'a str,
    is_marked: bool,
    source: Option<&'a str>,
}

impl Document {
    fn folder(&self) -> &Path {
        self.path.parent().expect("a file is in a folder")
    }

    /// Whether the document introduces the project: the README and everything in `docs`.
    fn is_guide(&self) -> bool {
        self.path == root().join("README.md") || self.folder() == root().join("docs")
    }

    fn snippets(&self) -> Vec<Snippet<'_>> {
        let mut parts = self.text.split("\n```");
        let mut before = parts.next().unwrap_or_default();
        let mut snippets = Vec::new();
        while let Some(block) = parts.next() {
            let (language, text) = block.split_once('\n').unwrap_or((block, ""));
            let above = before.lines().next_back().unwrap_or_default();
            let marker = above.trim().strip_prefix("<!-- ").and_then(|marker| marker.strip_suffix(" -->"));
            let source = marker.and_then(|marker| marker.strip_prefix("source: "));
            let is_marked =
                source.is_some() || marker.is_some_and(|marker| marker.starts_with("no source: "));
            snippets.push(Snippet { language, text, is_marked, source });
            before = parts.next().unwrap_or_default();
        }
        snippets
    }

    /// The relative targets of links and images.
    fn links(&self) -> impl Iterator<Item = &str> {
        let targets = self.text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        targets.filter(|target| !target.contains(':') && !target.is_empty())
    }
}

/// Whether the lines of `part` follow each other in `whole`, apart from a common indentation.
fn is_part(part: &str, whole: &str) -> bool {
    let part: Vec<&str> = part.trim_matches('\n').lines().collect();
    let whole: Vec<&str> = whole.lines().collect();
    whole.windows(part.len()).any(|window| {
        let indentation = |lines: &[&str]| {
            let used = lines.iter().filter(|line| !line.trim().is_empty());
            used.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
        };
        let (ours, theirs) = (indentation(&part), indentation(window));
        part.iter()
            .zip(window)
            .all(|(one, other)| one.get(ours..).unwrap_or("") == other.get(theirs..).unwrap_or(""))
    })
}

/// Whether a word may be the name of a test here. Those of CPython begin with `test_`.
fn looks_like_a_test(word: &str) -> bool {
    word.matches('_').count() >= 3
        && !word.starts_with("test_")
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a heading of `text` has this anchor, as GitHub makes it.
fn has_heading(text: &str, anchor: &str) -> bool {
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept =
            heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).eq(anchor.chars())
    })
}

/// The names of functions that are defined or called in Rust, and of tests in Python.
fn functions() -> HashSet<String> {
    let mut functions = HashSet::new();
    for path in files(&root(), &["rs", "py"]) {
        let text = read(&path);
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '(');
        functions.extend(words.filter_map(|word| Some(word.split_once('(')?.0.to_owned())));
    }
    functions
}

fn documents() -> Vec<Document> {
    files(&root(), &["md"]).into_iter().map(|path| Document { text: read(&path), path }).collect()
}

/// The files below `folder` with one of these extensions, in the order of their paths.
fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let entry = entry.expect("the folder can be listed");
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type().expect("the entry has a type").is_dir() {
            if !SKIPPED.contains(&&*name) && (!name.starts_with('.') || name == ".github") {
                found.extend(files(&path, extensions));
            }
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|one| extension == *one)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
