//! The embedder's binary with the sort example.

mod running;

use std::fs;
#[cfg(target_os = "linux")]
use std::io::Write as _;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::process::{Child, Command, Stdio};

use crate::running::{assert_report, embedder, lines, run};

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    lines.sort();
    lines
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_small_text_is_sorted_and_nothing_is_left() {
    let output = run(&["sort"], b"pear\napple\nfig\n");

    assert_eq!(output.stdout, b"apple\nfig\npear\n");
    assert!(output.status.success());
    assert_report(&output, "embedder: sort took ");
    assert_report(
        &output,
        " s, 0 entries left; peak: 0 B on disk, 0 B in memory, 0 entries, 0 open; 0 refused\n",
    );
}

#[test]
fn a_text_larger_than_the_memory_is_sorted() {
    let text = lines(3_000_000);

    let output = run(&["--max-memory", "8M", "sort", "--memory", "256K"], &text);

    assert_eq!(output.stdout, sorted(&text).concat());
    assert_report(&output, ", 0 entries left");
}

#[test]
fn reverse_sorts_in_descending_order() {
    let text = lines(100_000);

    let output = run(&["sort", "--reverse"], &text);

    let mut expected = sorted(&text);
    expected.reverse();
    assert_eq!(output.stdout, expected.concat());
}

#[test]
fn unique_prints_equal_lines_once() {
    let output = run(&["sort", "--unique"], b"b\na\nb\nc\na\n");

    assert_eq!(output.stdout, b"a\nb\nc\n");
}

#[test]
fn empty_input_gives_empty_output() {
    let output = embedder().arg("sort").output().unwrap();

    assert_eq!(output.stdout, b"");
    assert!(output.status.success());
    assert_report(&output, ", 0 entries left");
}

#[test]
fn arguments_are_passed_to_the_plugin_and_its_status_is_returned() {
    let output = embedder().args(["sort", "--no-such-option"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "--no-such-option");
}

#[test]
fn help_after_the_name_of_the_plugin_is_passed_to_it() {
    let output = embedder().args(["sort", "--help"]).output().unwrap();

    let help = String::from_utf8_lossy(&output.stdout);
    assert!(help.contains("--reverse"), "{help}");
}

#[test]
fn an_unknown_plugin_is_an_error_that_lists_the_known_ones() {
    let output = embedder().arg("no-such-plugin").output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "unknown plugin \"no-such-plugin\"");
    assert_report(&output, "sort");
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let output = embedder().arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "Cargo.toml is not a component: it is not WebAssembly");
}

#[test]
fn a_missing_directory_is_an_error_that_names_it() {
    let output = embedder().args(["--dir", "no/such/directory", "sort"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "--dir no/such/directory: no such directory");
}

#[test]
fn a_refusal_at_the_memory_limit_is_reported_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let output =
        embedder().arg("--dir").arg(directory.path()).args(["--max-memory", "1M", "sort"]).output().unwrap();

    assert!(!output.status.success());
    assert_report(&output, "it needs more memory than the 1048576 bytes of --max-memory");
    assert_report(&output, ", 0 entries left");
    assert_eq!(entries(directory.path()), 0);
}

#[test]
fn the_memory_limit_covers_all_memories_together() {
    let output = run(&["--max-memory", "16M", "sort", "--memory", "15M"], &lines(20_000_000));

    assert!(!output.status.success());
    assert_report(&output, "it needs more memory than the 16777216 bytes of --max-memory");
}

#[test]
fn existing_entries_of_the_directory_stay_and_are_not_counted() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("mine"), "mine").unwrap();

    let output = embedder().arg("--dir").arg(directory.path()).arg("sort").output().unwrap();

    assert_report(&output, ", 0 entries left");
    assert_eq!(fs::read(directory.path().join("mine")).unwrap(), b"mine");
}

/// A user of the host without rights, as whom the embedder is run if the test may do so: a superuser
/// can read every directory.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65_534;

/// Returns the embedder as a user to whom permissions apply, or nothing if that is not possible.
#[cfg(target_os = "linux")]
fn unprivileged(directory: &Path) -> Option<Command> {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt as _;

    let mut embedder = embedder();
    if fs::read_dir(directory).is_ok() {
        chown(directory, Some(NOBODY), None).ok()?;
        embedder.uid(NOBODY).env("HOME", directory);
        let mut help = Command::new(embedder.get_program());
        help.uid(NOBODY).arg("--help").stdout(Stdio::null()).status().ok()?;
    }
    Some(embedder)
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_read_changes_no_status_and_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;

    for (path, mode) in [("unreadable", 0o000), ("", 0o300)] {
        // Every user can reach it there.
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let unreadable = directory.path().join(path);
        fs::create_dir_all(&unreadable).unwrap();
        fs::set_permissions(&unreadable, fs::Permissions::from_mode(mode)).unwrap();
        let Some(mut embedder) = unprivileged(directory.path()) else {
            return eprintln!("not tested: permissions do not apply to this user");
        };

        let output = embedder.arg("--dir").arg(directory.path()).arg("note").output().unwrap();
        fs::set_permissions(&unreadable, fs::Permissions::from_mode(0o700)).unwrap();

        assert!(output.status.success(), "{output:?}");
        assert!(!output.stdout.is_empty());
        assert_report(&output, " s, cannot count the entries left: ");
        assert_report(&output, "Permission denied");
        assert_report(&output, "; peak: ");
    }
}

/// Runs a shell command in which `$0` is the embedder.
#[cfg(target_os = "linux")]
fn shell(command: &str) -> std::process::Output {
    let embedder = embedder();
    Command::new("sh").args(["-c", command]).arg(embedder.get_program()).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    for output in [">&-", "> /dev/full"] {
        for plugin in ["sort", "note"] {
            let output = shell(&format!("echo line | $0 {plugin} {output}"));

            assert!(!output.status.success(), "{plugin}: {output:?}");
            assert!(output.stderr.split(|byte| *byte == b'\n').count() > 2, "no message: {output:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn input_that_cannot_be_read_is_an_error() {
    let output = shell("$0 sort <&-");

    assert!(!output.status.success(), "{output:?}");
    assert_report(&output, "sort: standard input: ");
}

#[cfg(target_os = "linux")]
#[test]
fn the_null_device_is_no_closed_stream() {
    let output = shell("$0 sort <> /dev/null 1<> /dev/null");

    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_private_directory_is_removed_in_the_end() {
    let parent = tempfile::tempdir().unwrap();

    let output = embedder().env("TMPDIR", parent.path()).arg("sort").output().unwrap();

    assert!(output.status.success());
    assert_eq!(entries(parent.path()), 0);
}

/// Starts a sort and passes it half of a text; returns when runs are on disk.
#[cfg(target_os = "linux")]
fn sort_until_the_middle(command: &mut Command) -> Child {
    let mut child = command.args(["sort", "--memory", "256K"]).stdin(Stdio::piped()).spawn().unwrap();
    // A pipe contains far less, so nearly all of it has been read when this returns.
    child.stdin.as_mut().unwrap().write_all(&lines(3_000_000)).unwrap();
    assert!(open_without_name(child.id()) > 0, "no run is on disk: the middle is not reached");
    child
}

/// Counts the open files of a process that have no name.
#[cfg(target_os = "linux")]
fn open_without_name(process: u32) -> usize {
    let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap().flatten();
    let targets = open.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.to_string_lossy().ends_with(" (deleted)")).count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_embedder_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = sort_until_the_middle(embedder().arg("--dir").arg(directory.path()));

    child.kill().unwrap();
    child.wait().unwrap();

    assert_eq!(entries(directory.path()), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminated_embedder_removes_its_private_directory() {
    let parent = tempfile::tempdir().unwrap();
    let mut child = sort_until_the_middle(embedder().env("TMPDIR", parent.path()));
    assert_eq!(entries(parent.path()), 1, "the private directory is there while it runs");

    let asked = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let ended = child.wait().unwrap();

    assert!(asked.success());
    assert_eq!(ended.code(), Some(128 + 15));
    assert_eq!(entries(parent.path()), 0);
}

/// `nohup` starts programs in this way.
#[cfg(target_os = "linux")]
#[test]
fn a_hangup_that_was_ignored_from_the_start_does_not_end_the_embedder() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(embedder().get_program());
    let mut child = sort_until_the_middle(shell.stdout(Stdio::piped()).stderr(Stdio::piped()));

    let sent = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();

    assert!(sent.success());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, sorted(&lines(3_000_000)).concat());
}
