//! The rules of path resolution, as a table.

use super::*;
use crate::error::ErrorCode::*;
use crate::tmp::tree::*;

/// A tree with an entry of each kind:
///
/// ```text
/// file, directory/inner, full/file, to-file -> file, to-directory -> directory, dangling -> missing,
/// loop -> loop, out -> ../file, up -> directory/..
/// ```
fn populated() -> Private {
    let private = Private::new();
    for path in ["directory", "directory/inner", "full"] {
        private.create_directory(path);
    }
    for path in ["file", "full/file"] {
        private.create(path, b"content");
    }
    for (path, target) in [
        ("to-file", "file"),
        ("to-directory", "directory"),
        ("dangling", "missing"),
        ("loop", "loop"),
        ("out", "../file"),
        ("up", "directory/.."),
    ] {
        private.create_link(target, path);
    }
    private
}

/// Asserts the outcome of a call for each path.
#[track_caller]
fn assert_table<T>(
    call: impl Fn(&Rc<Inode<MemoryFilesystem>>, &str) -> Result<T>,
    table: &[(&str, Result<()>)],
) {
    for (path, expected) in table {
        let private = populated();
        let outcome = private.run(|| call(private.top(), path).map(drop));
        assert_eq!(outcome, *expected, "{path:?}");
    }
}

#[test]
fn a_path_leads_to_an_entry_and_never_out_of_the_directory() {
    assert_table(
        |base, path| find(base, path, true),
        &[
            ("file", Ok(())),
            (".", Ok(())),
            ("./", Ok(())),
            ("directory//inner/.", Ok(())),
            ("directory/../file", Ok(())),
            ("up/file", Ok(())),
            ("to-directory/inner", Ok(())),
            ("", Err(NoEntry)),
            ("missing", Err(NoEntry)),
            ("missing/..", Err(NoEntry)),
            ("dangling", Err(NoEntry)),
            ("file/", Err(NotDirectory)),
            ("file/.", Err(NotDirectory)),
            ("file/..", Err(NotDirectory)),
            ("to-file/", Err(NotDirectory)),
            ("..", Err(NotPermitted)),
            ("directory/../..", Err(NotPermitted)),
            ("directory/../../directory", Err(NotPermitted)),
            ("/file", Err(NotPermitted)),
            ("/", Err(NotPermitted)),
            ("out", Err(NotPermitted)),
            ("up/..", Err(NotPermitted)),
            ("loop", Err(Loop)),
            ("fi\0le", Err(IllegalByteSequence)),
        ],
    );
}

#[test]
fn a_link_at_the_end_is_an_entry_itself_unless_it_is_followed_or_a_slash_is_behind_it() {
    let private = populated();
    let kind = |path, follow| find(private.top(), path, follow).map(|inode| inode.entry_kind());
    use crate::filesystem::Kind::{Directory, File, SymbolicLink};

    assert_eq!(kind("to-file", false), Ok(SymbolicLink));
    assert_eq!(kind("to-file", true), Ok(File));
    assert_eq!(kind("to-directory/", false), Ok(Directory));
    assert_eq!(kind("loop", false), Ok(SymbolicLink));
    assert_eq!(kind("loop/", false), Err(Loop));
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let private = populated();
    private.create_link("file", "link0");
    for number in 1..=40 {
        private.create_link(&format!("link{}", number - 1), &format!("link{number}"));
    }

    assert!(find(private.top(), "link39", true).is_ok());
    assert_eq!(find(private.top(), "link40", true).err(), Some(Loop));
}

#[test]
fn names_of_255_bytes_and_paths_of_4095_are_the_longest() {
    let private = populated();
    let path = |length: usize| "./".repeat(length / 2 - 2) + &"file"[..4 - length % 2];

    assert!(open_at(private.top(), &"n".repeat(255), CREATE).is_ok());
    assert_eq!(open_at(private.top(), &"n".repeat(256), CREATE).err(), Some(NameTooLong));
    assert_eq!(find(private.top(), &path(4094), true).map(drop), Ok(()));
    assert_eq!(find(private.top(), &path(4096), true).map(drop), Err(NameTooLong));
    assert_eq!(symlink_at(&"t".repeat(4095), private.top(), "longest"), Ok(()));
    assert_eq!(symlink_at(&"t".repeat(4096), private.top(), "longer"), Err(NameTooLong));
}

#[test]
fn open_finds_or_creates_what_its_flags_say() {
    let exclusive = OpenHow { exclusive: true, ..CREATE };
    let directory = OpenHow { follow: true, ..OpenHow::DIRECTORY };
    let unfollowed = OpenHow { follow: false, ..OPEN };
    let rows: [(&str, OpenHow, Result<()>); 28] = [
        ("file", OPEN, Ok(())),
        ("to-file", OPEN, Ok(())),
        ("missing", OPEN, Err(NoEntry)),
        ("file/", OPEN, Err(NotDirectory)),
        ("directory", OPEN, Err(IsDirectory)),
        ("to-file", unfollowed, Err(Loop)),
        ("new", CREATE, Ok(())),
        ("directory/new", CREATE, Ok(())),
        ("dangling", CREATE, Ok(())),
        ("dangling", OpenHow { follow: false, ..CREATE }, Err(Loop)),
        ("missing/new", CREATE, Err(NoEntry)),
        ("file/new", CREATE, Err(NotDirectory)),
        ("new/", CREATE, Err(IsDirectory)),
        ("file/", CREATE, Err(IsDirectory)),
        ("directory", CREATE, Err(IsDirectory)),
        ("new", exclusive, Ok(())),
        ("file", exclusive, Err(Exist)),
        ("directory", exclusive, Err(Exist)),
        ("dangling", exclusive, Err(Exist)),
        ("directory", directory, Ok(())),
        ("to-directory", directory, Ok(())),
        ("file", directory, Err(NotDirectory)),
        ("to-directory", OpenHow::DIRECTORY, Err(NotDirectory)),
        ("new", OpenHow { create: true, ..directory }, Err(Invalid)),
        ("directory", OpenHow { truncate: true, ..directory }, Err(IsDirectory)),
        ("./", CREATE, Err(IsDirectory)),
        ("./", exclusive, Err(Exist)),
        ("..", CREATE, Err(NotPermitted)),
    ];
    for (path, how, expected) in rows {
        let private = populated();
        assert_eq!(open_at(private.top(), path, how).map(drop), expected, "{path:?} {how:?}");
    }
}

#[test]
fn a_directory_is_created_only_under_a_free_name() {
    assert_table(
        create_directory_at,
        &[
            ("new", Ok(())),
            ("new/", Ok(())),
            ("directory/new", Ok(())),
            ("file", Err(Exist)),
            ("directory", Err(Exist)),
            ("dangling", Err(Exist)),
            ("dangling/", Err(Exist)),
            (".", Err(Exist)),
            ("directory/..", Err(Exist)),
            ("missing/new", Err(NoEntry)),
            ("..", Err(NotPermitted)),
        ],
    );
}

#[test]
fn only_an_empty_directory_is_removed_as_a_directory() {
    assert_table(
        remove_directory_at,
        &[
            ("directory/inner", Ok(())),
            ("directory/inner/", Ok(())),
            ("full", Err(NotEmpty)),
            ("file", Err(NotDirectory)),
            ("to-directory", Err(NotDirectory)),
            ("to-directory/", Err(NotDirectory)),
            ("missing", Err(NoEntry)),
            (".", Err(Invalid)),
            ("directory/.", Err(Invalid)),
            ("directory/inner/..", Err(NotEmpty)),
            ("..", Err(NotPermitted)),
        ],
    );
}

#[test]
fn a_file_or_a_link_is_unlinked_and_a_directory_is_not() {
    assert_table(
        unlink_file_at,
        &[
            ("file", Ok(())),
            ("to-directory", Ok(())),
            ("dangling", Ok(())),
            ("file/", Err(NotDirectory)),
            ("to-directory/", Err(NotDirectory)),
            ("directory", Err(IsDirectory)),
            ("directory/", Err(IsDirectory)),
            (".", Err(IsDirectory)),
            ("missing", Err(NoEntry)),
            ("..", Err(NotPermitted)),
        ],
    );
}

#[test]
fn links_are_created_under_free_names_without_a_slash() {
    assert_table(
        |base, path| link_at(base, "file", base, path),
        &[
            ("new", Ok(())),
            ("new/", Err(NoEntry)),
            ("full/file", Err(Exist)),
            ("dangling", Err(Exist)),
            (".", Err(Exist)),
        ],
    );
    assert_table(
        |base, path| link_at(base, path, base, "new"),
        &[
            ("file", Ok(())),
            ("to-directory", Ok(())),
            ("directory", Err(NotPermitted)),
            ("file/", Err(NotDirectory)),
            ("missing", Err(NoEntry)),
        ],
    );
    assert_table(
        |base, path| symlink_at("anything", base, path),
        &[("new", Ok(())), ("new/", Err(NoEntry)), ("file", Err(Exist)), ("missing/new", Err(NoEntry))],
    );
    assert_table(
        |base, target| symlink_at(target, base, "new"),
        &[("../out", Ok(())), ("/file", Err(NotPermitted)), ("", Err(NoEntry))],
    );
    assert_table(
        readlink_at,
        &[
            ("to-file", Ok(())),
            ("file", Err(Invalid)),
            ("to-directory/", Err(Invalid)),
            ("missing", Err(NoEntry)),
        ],
    );
}

#[test]
fn a_rename_replaces_a_file_by_a_file_and_an_empty_directory_by_a_directory() {
    let rows: [(&str, &str, Result<()>); 23] = [
        ("file", "new", Ok(())),
        ("file", "full/file", Ok(())),
        ("file", "to-directory", Ok(())),
        ("dangling", "file", Ok(())),
        ("directory", "new/", Ok(())),
        ("full", "directory/inner", Ok(())),
        ("file", "file", Ok(())),
        ("directory", "directory", Ok(())),
        ("directory/", "directory/inner", Err(Invalid)),
        ("directory", "directory/inner/new", Err(Invalid)),
        ("directory/inner", "directory", Err(NotEmpty)),
        ("directory", "full", Err(NotEmpty)),
        ("directory", "file", Err(NotDirectory)),
        ("file", "directory", Err(IsDirectory)),
        ("file", "new/", Err(NotDirectory)),
        ("file/", "new", Err(NotDirectory)),
        ("to-directory/", "new", Err(NotDirectory)),
        ("missing", "new", Err(NoEntry)),
        ("file", "missing/new", Err(NoEntry)),
        (".", "new", Err(Busy)),
        ("file", "directory/..", Err(Busy)),
        ("..", "new", Err(NotPermitted)),
        ("file", "../new", Err(NotPermitted)),
    ];
    for (old, new, expected) in rows {
        let private = populated();
        assert_eq!(private.rename(old, new), expected, "{old:?} to {new:?}");
    }
}

#[test]
fn a_rename_onto_another_name_of_the_same_file_keeps_both() {
    let private = populated();
    link_at(private.top(), "file", private.top(), "full/second").unwrap();

    private.rename("file", "full/second").unwrap();

    assert_eq!(private.stat("file").unwrap(), private.stat("full/second").unwrap());
    assert_eq!(private.stat("file").unwrap().links, 2);
}

#[test]
fn nothing_is_created_in_a_directory_that_was_removed_while_open() {
    let private = populated();
    let open = private.open("directory/inner", OpenHow::DIRECTORY).unwrap();
    remove_directory_at(private.top(), "directory/inner").unwrap();

    assert_eq!(open.open_at("new", CREATE).err(), Some(NoEntry));
    assert_eq!(create_directory_at(open.inode(), "new"), Err(NoEntry));
    assert_eq!(rename_at(private.top(), "file", open.inode(), "new"), Err(NoEntry));
    assert_eq!(rename_at(private.top(), "file", open.inode(), "new/"), Err(NoEntry));
    assert_eq!(link_at(private.top(), "directory", open.inode(), "new"), Err(NoEntry));
    assert!(open.entries().unwrap().next().unwrap().is_none());
    assert_eq!(open.inode().stat().links, 0);
}
