//! A plugin that ends in any way leaves nothing in the directory.

#![cfg(unix)]

mod running;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::running::{assert_report, embedder};

const PLUGIN: &str = env!("ENDING");

/// How the plugin ends by itself, and the exit status of the embedder.
const ENDINGS: [(&str, i32); 5] = [("return", 0), ("fail", 1), ("trap", 1), ("abort", 1), ("exit", 3)];

/// The signals that end the embedder, and its exit status.
const SIGNALS: [(&str, i32); 4] = [("HUP", 128 + 1), ("INT", 128 + 2), ("QUIT", 128 + 3), ("TERM", 128 + 15)];

/// The signals, without SIGHUP under `nohup`: programs that it starts ignore it.
fn signals() -> Vec<(&'static str, i32)> {
    let own = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = own.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    SIGNALS.into_iter().filter(|(signal, _)| *signal != "HUP" || ignored & 1 == 0).collect()
}

/// The given directory with an entry of somebody else, or the parent of the private one.
struct Place {
    parent: TempDir,
    is_given: bool,
    is_confined: bool,
}

impl Place {
    /// Every combination of a given or private directory and a confined or free plugin.
    fn all() -> impl Iterator<Item = Place> {
        [(true, true), (true, false), (false, true), (false, false)].into_iter().map(
            |(is_given, is_confined)| {
                let parent = tempfile::tempdir().unwrap();
                fs::write(parent.path().join("mine"), "mine").unwrap();
                Place { parent, is_given, is_confined }
            },
        )
    }

    fn embedder(&self) -> Command {
        let mut embedder = embedder();
        // The private directory is created here.
        embedder.env("TMPDIR", self.parent.path());
        if self.is_given {
            embedder.arg("--dir").arg(self.parent.path());
        }
        if self.is_confined {
            embedder.arg("--confined");
        }
        embedder
    }

    fn name(&self) -> String {
        let directory = if self.is_given { "given" } else { "private" };
        let plugin = if self.is_confined { "confined" } else { "free" };
        format!("{directory} directory, {plugin} plugin")
    }

    #[track_caller]
    fn assert_only_mine(&self, ending: &str) {
        assert_eq!(names(self.parent.path()), ["mine"], "{ending}, {}", self.name());
        assert_eq!(fs::read(self.parent.path().join("mine")).unwrap(), b"mine");
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the plugin, which ends by itself.
fn ended(place: &Place, ending: &str) -> Output {
    place.embedder().args([PLUGIN, ending]).output().unwrap()
}

/// Runs the plugin until a signal ends the embedder; `round` varies the moment.
fn interrupted(place: &Place, signal: &str, round: u32) -> ExitStatus {
    let mut child = place.embedder().args([PLUGIN, "work"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "started\n");
    thread::sleep(Duration::from_micros(u64::from(round % 50) * 100));
    let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap()
}

/// Ends the plugin in every way in every place, and returns how often each ending left nothing.
fn leave_nothing(rounds: u32) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for place in Place::all() {
        for round in 0..rounds {
            for (ending, status) in ENDINGS {
                let output = ended(&place, ending);

                assert_eq!(output.status.code(), Some(status), "{ending}: {output:?}");
                assert_report(&output, ", 0 entries left");
                place.assert_only_mine(ending);
                *counts.entry(format!("{ending}, {}", place.name())).or_default() += 1;
            }
            for (signal, status) in signals() {
                let ended = interrupted(&place, signal, round);

                assert_eq!(ended.code(), Some(status), "{signal}: {:?}", ended.signal());
                place.assert_only_mine(signal);
                *counts.entry(format!("{signal}, {}", place.name())).or_default() += 1;
            }
        }
    }
    counts
}

#[test]
fn a_plugin_that_ends_in_any_way_leaves_nothing() {
    let counts = leave_nothing(1);

    assert_eq!(counts.len(), 4 * (ENDINGS.len() + signals().len()));
}

#[test]
#[ignore = "takes half an hour"]
fn a_hundred_plugins_that_end_in_any_way_leave_nothing() {
    let counts = leave_nothing(100);

    for (ending, count) in &counts {
        println!("{count} rounds left nothing: {ending}");
    }
}

/// Returns the path on the host of a file that the plugin printed.
fn printed(output: &Output, place: &Place) -> PathBuf {
    let path = String::from_utf8_lossy(&output.stdout);
    place.parent.path().join(path.trim().strip_prefix("/tmp/").unwrap())
}

#[test]
fn a_file_that_the_plugin_keeps_stays_and_is_counted() {
    for ending in ["keep", "leave"] {
        let place = Place::all().find(|place| place.is_given && !place.is_confined).unwrap();

        let output = ended(&place, ending);

        assert!(output.status.success(), "{output:?}");
        assert_report(&output, ", 1 entry left");
        assert!(printed(&output, &place).exists(), "{ending}");
    }
}

#[test]
fn temporary_entries_of_another_run_are_not_removed() {
    let place = Place::all().find(|place| place.is_given && !place.is_confined).unwrap();
    let mut other = place.embedder().args([PLUGIN, "work"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    let others = names(place.parent.path());
    assert!(others.len() >= 3, "{others:?}");

    let output = ended(&place, "trap");

    assert_report(&output, ", 0 entries left");
    assert_eq!(names(place.parent.path()), others);
}
