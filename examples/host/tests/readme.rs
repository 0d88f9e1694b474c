//! The example `host` as the README shows it.

use std::process::Command;

#[test]
fn the_host_reads_its_own_writes_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_host")).env("TMPDIR", directory.path()).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "gone when it is closed\n");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}
