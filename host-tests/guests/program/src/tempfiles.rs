//! The crate `tempfile`, as it is. On WASI, the standard library knows no directory for temporary files.

use std::fs;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

pub(crate) fn all_kinds() {
    tempfile::env::override_temp_dir(Path::new("/tmp")).unwrap();
    let mut unnamed = tempfile::tempfile().unwrap();
    unnamed.write_all(b"unnamed").unwrap();
    unnamed.rewind().unwrap();
    let mut read = String::new();
    unnamed.read_to_string(&mut read).unwrap();
    assert_eq!(read, "unnamed");

    let mut named = tempfile::NamedTempFile::new().unwrap();
    assert!(named.path().starts_with("/tmp"));
    named.write_all(b"named").unwrap();
    let mut again = named.reopen().unwrap();
    read.clear();
    again.read_to_string(&mut read).unwrap();
    assert_eq!(read, "named");
    let kept = named.persist("/tmp/kept").unwrap();
    kept.set_len((4 << 30) + 4).unwrap();
    assert_eq!(fs::metadata("/tmp/kept").unwrap().len(), (4 << 30) + 4);
    fs::remove_file("/tmp/kept").unwrap();

    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("inner")).unwrap();
    fs::write(directory.path().join("inner/file"), b"content").unwrap();
    directory.close().unwrap();

    let mut spooled = tempfile::SpooledTempFile::new(10);
    spooled.write_all(&[7; 100]).unwrap();
    assert!(spooled.is_rolled());
    assert_eq!(fs::read_dir("/tmp").unwrap().count(), 0);
}
