//! Temporary directories: private trees, which no path leaves.

use crate::filesystem::Kind;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

const CREATE: OpenFlags = OpenFlags { create: true, exclusive: false, truncate: false };
const EXCLUSIVE: OpenFlags = OpenFlags { create: true, exclusive: true, truncate: false };
const TRUNCATE: OpenFlags = OpenFlags { create: false, exclusive: false, truncate: true };

fn with_removal(removal: Removal) -> DirectoryOptions {
    DirectoryOptions { removal: Some(removal), ..DirectoryOptions::default() }
}

#[test]
fn files_in_a_directory_are_created_read_and_removed_with_it() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_directory("a").unwrap();
    directory.create_directory("a/b").unwrap();

    let file = directory.create_file("a/b/c.txt").unwrap();
    file.write(b"content").unwrap();
    file.close().unwrap();

    let again = directory.open("a/b/c.txt", OpenFlags::default(), Access::ReadOnly).unwrap();
    assert_eq!(again.read(100).unwrap(), b"content");
    assert_eq!(again.path(), directory.join("a/b/c.txt"));
    assert_eq!(instance.disk.contents(&directory.join("a/b/c.txt")).unwrap(), b"content");
    directory.close().unwrap();
    instance.disk.assert_empty();
    drop((file, again, directory));
    instance.assert_clean();
}

#[test]
fn open_follows_its_flags() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("old"), b"content");
    let open = |path, flags, access| code(directory.open(path, flags, access));

    assert_eq!(open("missing", OpenFlags::default(), Access::ReadWrite), Some(ErrorCode::NoEntry));
    assert_eq!(open("old", EXCLUSIVE, Access::ReadWrite), Some(ErrorCode::Exist));
    assert_eq!(open("old", TRUNCATE, Access::ReadOnly), Some(ErrorCode::NotPermitted));
    assert_eq!(open("", CREATE, Access::ReadWrite), Some(ErrorCode::IsDirectory));
    let exclusive_alone = OpenFlags { exclusive: true, ..OpenFlags::default() };
    assert_eq!(open("old", exclusive_alone, Access::ReadWrite), Some(ErrorCode::Invalid));
    assert_eq!(directory.open("old", CREATE, Access::ReadWrite).unwrap().contents(), b"content");
    assert_eq!(directory.open("old", TRUNCATE, Access::ReadWrite).unwrap().size().unwrap(), 0);
    directory.open("new", EXCLUSIVE, Access::WriteOnly).unwrap().write(b"x").unwrap();
    assert_eq!(instance.disk.contents(&directory.join("new")).unwrap(), b"x");
}

#[test]
fn files_of_a_directory_obey_their_access() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_file(&directory.join("f"), b"123");
    let open = |access| directory.open("f", OpenFlags::default(), access).unwrap();

    assert_eq!(code(open(Access::ReadOnly).write(b"x")), Some(ErrorCode::NotPermitted));
    assert_eq!(code(open(Access::WriteOnly).read(1)), Some(ErrorCode::NotPermitted));
    open(Access::AppendOnly).write(b"4").unwrap();
    let appending = open(Access::Append);
    assert_eq!(appending.read(1).unwrap(), b"1");
    appending.write(b"5").unwrap();
    open(Access::ReadWrite).write(b"X").unwrap();

    assert_eq!(instance.disk.contents(&directory.join("f")).unwrap(), b"X2345");
}

#[test]
fn writes_to_a_file_of_a_directory_are_not_buffered() {
    let instance = Instance::new();
    let directory = instance.directory();
    let file = directory.create_file("f").unwrap();

    file.write(b"a").unwrap();
    file.write_lines(&[b"b", b"c"]).unwrap();

    assert_eq!(instance.disk.contents(&directory.join("f")).unwrap(), b"abc");
    drop(file);
    assert_eq!(instance.disk.contents(&directory.join("f")).unwrap(), b"abc");
}

#[test]
fn two_files_of_one_entry_read_each_others_writes() {
    let instance = Instance::new();
    let directory = instance.directory();
    let (one, other) = (directory.create_file("f").unwrap(), directory.create_file("f").unwrap());

    one.write(b"one").unwrap();
    assert_eq!(other.read(10).unwrap(), b"one");
    other.write(b" other").unwrap();

    assert_eq!(one.read(10).unwrap(), b" other");
    assert_eq!(one.size().unwrap(), 9);
}

#[test]
fn a_path_out_of_the_directory_is_refused_before_the_host_is_called() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.forget_calls();

    let out =
        ["..", "../x", "a/../../x", "a/..", "/", "/tmp", "//x"].map(|path| (path, ErrorCode::NotPermitted));
    let nowhere = ["a\\..\\b", "\\x", "a\0b"].map(|path| (path, ErrorCode::Invalid));
    for (path, expected) in out.into_iter().chain(nowhere) {
        let codes = [
            code(directory.create_file(path)),
            code(directory.create_directory(path)),
            code(directory.entries(path)),
            code(directory.remove(path)),
        ];
        assert_eq!(codes, [Some(expected); 4], "{path:?}");
    }
    instance.disk.assert_no_calls();
}

#[test]
fn a_name_that_is_not_valid_on_every_host_is_refused() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.forget_calls();

    let long = "x".repeat(256);
    for name in ["con", "NUL.txt", "a:b", "what?", "end.", "end ", "new\nline", &long] {
        assert_eq!(code(directory.create_file(name)), Some(ErrorCode::Invalid), "{name:?}");
        assert_eq!(code(directory.create_directory(name)), Some(ErrorCode::Invalid), "{name:?}");
    }
    instance.disk.assert_no_calls();
}

#[test]
fn no_path_leads_through_a_link() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/outside/secret", b"secret");
    let directory = instance.directory();
    instance.disk.plant_symbolic_link(&directory.join("link"), "../outside");
    instance.disk.plant_symbolic_link(&directory.join("file"), "../outside/secret");
    instance.disk.plant_symbolic_link(&directory.join("dangling"), "../outside/new");
    let refused = |code: Option<ErrorCode>| matches!(code, Some(ErrorCode::Loop | ErrorCode::NotDirectory));

    assert!(refused(code(directory.open("link/secret", OpenFlags::default(), Access::ReadOnly))));
    assert!(refused(code(directory.open("file", OpenFlags::default(), Access::ReadOnly))));
    assert!(refused(code(directory.open("file", TRUNCATE, Access::ReadWrite))));
    assert!(refused(code(directory.create_file("dangling"))));
    assert!(refused(code(directory.create_file("link/new"))));
    assert!(refused(code(directory.create_directory("link/new"))));
    assert!(refused(code(directory.entries("link"))));
    assert!(refused(code(directory.remove("link/secret"))));
    assert_eq!(code(directory.create_directory("dangling")), Some(ErrorCode::Exist));

    assert_eq!(instance.disk.contents("/tmp/outside/secret").unwrap(), b"secret");
    assert_eq!(instance.disk.kind("/tmp/outside/new"), None);
}

#[test]
fn a_link_created_between_the_check_and_the_open_is_not_followed() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/secret", b"secret");
    let directory = instance.directory();
    directory.create_file("f").unwrap();
    let path = directory.join("f");
    instance.disk.before_nth(Call::Open, 1, move |disk| disk.plant_symbolic_link(&path, "../secret"));

    assert_eq!(code(directory.open("f", TRUNCATE, Access::ReadWrite)), Some(ErrorCode::Loop));

    assert_eq!(instance.disk.contents("/tmp/secret").unwrap(), b"secret");
}

#[test]
fn a_pipe_is_listed_and_removed_and_never_opened() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_pipe(&directory.join("pipe"));
    instance.disk.forget_calls();

    assert_eq!(code(directory.create_file("pipe")), Some(ErrorCode::Unsupported));
    assert_eq!(instance.disk.count(Call::Create) + instance.disk.count(Call::Open), 0);
    assert_eq!(directory.entries("").unwrap(), [Found { name: "pipe".into(), kind: Kind::Other, size: 0 }]);
    directory.close().unwrap();

    instance.disk.assert_empty();
}

#[test]
fn entries_have_name_kind_and_size() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_directory("sub").unwrap();
    directory.create_file("sub/file").unwrap().write(b"12345").unwrap();
    instance.disk.plant_symbolic_link(&directory.join("sub/link"), "file");
    directory.create_directory("sub/inner").unwrap();

    let mut found = directory.entries("sub/.").unwrap();

    found.sort_by(|one, other| one.name.cmp(&other.name));
    let entry = |name: &str, kind, size| Found { name: name.into(), kind, size };
    let expected = [
        entry("file", Kind::File, 5),
        entry("inner", Kind::Directory, 0),
        entry("link", Kind::SymbolicLink, 0),
    ];
    assert_eq!(found, expected);
    assert_eq!(directory.entries("").unwrap().len(), 1);
    assert_eq!(code(directory.entries("missing")), Some(ErrorCode::NoEntry));
    assert_eq!(code(directory.entries("sub/file")), Some(ErrorCode::NotDirectory));
}

#[test]
fn an_entry_removed_during_a_listing_is_left_out() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("a").unwrap();
    directory.create_file("b").unwrap();
    instance.disk.shortening(Call::List, 1, 1, ErrorCode::NoEntry);
    let path = directory.join("b");
    instance.disk.before_nth(Call::StatAt, 2, move |disk| disk.take_away(&path));

    let names: Vec<_> = directory.entries("").unwrap().into_iter().map(|found| found.name).collect();

    assert_eq!(names, ["a"]);
}

#[test]
fn a_name_that_is_not_utf_8_is_an_error_of_the_listing() {
    let instance = Instance::new();
    let directory = instance.directory();
    instance.disk.plant_untellable(&directory.path());

    assert_eq!(code(directory.entries("")), Some(ErrorCode::IllegalByteSequence));
}

#[test]
fn remove_removes_files_links_and_trees_and_accepts_missing_entries() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/outside", b"");
    let directory = instance.directory();
    for path in ["file", "tree/a/b", "tree/c"] {
        instance.disk.plant_file(&directory.join(path), b"");
    }
    instance.disk.plant_symbolic_link(&directory.join("link"), "../outside");

    for path in ["file", "link", "tree", "missing", "missing/too"] {
        directory.remove(path).unwrap();
    }

    assert!(directory.entries("").unwrap().is_empty());
    assert_eq!(instance.disk.contents("/tmp/outside").unwrap(), b"");
    directory.create_file("again").unwrap();
    directory.remove(".").unwrap();
    assert!(directory.entries("").unwrap().is_empty());
}

#[test]
fn a_directory_is_removed_at_close_or_drop_unless_it_is_kept() {
    for (removal, after_close, after_drop) in
        [(Removal::OnClose, false, false), (Removal::OnDrop, false, false), (Removal::Never, true, true)]
    {
        for closes in [true, false] {
            let instance = Instance::new();
            let directory = instance.try_directory(with_removal(removal)).unwrap();
            let path = directory.path();
            directory.create_file("f").unwrap();
            if closes {
                directory.close().unwrap();
                assert!(directory.directory.is_closed());
                assert_eq!(instance.disk.kind(&path).is_some(), after_close, "{removal:?}");
            }
            drop(directory);
            instance.disk.settle();
            assert_eq!(instance.disk.kind(&path).is_some(), after_drop, "{removal:?}");
            instance.disk.assert_balanced();
        }
    }
}

#[test]
fn a_kept_directory_stays() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("f").unwrap();

    directory.keep().unwrap();
    directory.close().unwrap();
    drop(directory);
    instance.disk.settle();

    assert_eq!(instance.disk.entries().len(), 2);
}

#[test]
fn dropping_a_directory_never_waits() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let directory = instance.directory();
    directory.create_file("f").unwrap();
    instance.disk.forget_calls();

    drop(directory);

    instance.disk.assert_no_calls();
    instance.assert_clean();
}

#[test]
fn after_close_operations_fail_with_closed_and_close_succeeds() {
    let instance = Instance::new();
    let directory = instance.directory();
    let path = directory.path();
    directory.close().unwrap();
    instance.disk.forget_calls();

    let codes = [
        code(directory.create_file("f")),
        code(directory.create_directory("d")),
        code(directory.entries("")),
        code(directory.remove("f")),
        code(directory.keep()),
    ];

    assert_eq!(codes, [Some(ErrorCode::Closed); 5]);
    assert_eq!(directory.path(), path);
    directory.close().unwrap();
    instance.disk.assert_no_calls();
}

#[test]
fn a_file_of_a_directory_is_usable_after_the_directory_is_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    let file = directory.create_file("f").unwrap();
    file.write(b"content").unwrap();

    directory.close().unwrap();
    drop(directory);

    assert_eq!(file.contents(), b"content");
    file.write(b"!").unwrap();
    file.close().unwrap();
    drop(file);
    instance.assert_clean();
}
