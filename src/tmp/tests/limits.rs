//! Limits: they are exact, and nothing is free.

use super::*;
use crate::error::Limit;

fn quota(limit: Limit) -> ErrorCode {
    ErrorCode::Quota(limit)
}

/// Runs a test with contents in memory only, and with contents that move to the host at 16 bytes.
fn in_memory_and_on_the_host(limits: Limits, test: impl Fn(Private)) {
    test(Private::in_memory(limits));
    test(Private::limited(limits));
}

#[test]
fn a_write_is_shortened_to_the_last_byte_and_the_next_one_is_refused() {
    for limits in [
        Limits { max_bytes: Some(100), ..Limits::default() },
        Limits { max_file_bytes: Some(100), ..Limits::default() },
    ] {
        in_memory_and_on_the_host(limits, |private| {
            let file = private.create("file", &[7; 90]);

            assert_eq!(private.run(|| file.write(90, vec![8; 20])), Ok(10));
            let refused = private.run(|| file.write(100, vec![9]));

            assert!(matches!(refused, Err(ErrorCode::Quota(_))), "{refused:?}");
            assert_eq!(contents(&private, &file), [vec![7; 90], vec![8; 10]].concat());
            assert_eq!(private.usage().bytes.now, 100);
            // Bytes that are there can be written again.
            assert_eq!(private.run(|| file.write(50, vec![9; 80])), Ok(50));
        });
    }
}

#[test]
fn a_stream_has_room_for_as_much_as_the_limits_allow_and_fails_without_room() {
    in_memory_and_on_the_host(Limits { max_bytes: Some(100), ..Limits::default() }, |private| {
        let file = private.create("file", &[7; 60]);
        let (overwriting, appending) = (file.writer(Some(50)).unwrap(), file.writer(None).unwrap());

        assert_eq!((overwriting.room(), appending.room()), (Ok(50), Ok(40)));
        private.run(|| appending.write(vec![8; 40])).unwrap();

        assert_eq!((overwriting.room(), appending.room()), (Ok(50), Err(quota(Limit::Bytes))));
        assert_eq!(private.run(|| appending.write(vec![9])), Err(quota(Limit::Bytes)));
        assert_eq!(private.usage().bytes.now, 100);
    });
}

#[test]
fn holes_count() {
    in_memory_and_on_the_host(Limits { max_bytes: Some(100), ..Limits::default() }, |private| {
        let file = private.create("file", b"");

        assert_eq!(private.run(|| file.set_size(101)), Err(quota(Limit::Bytes)));
        assert_eq!(private.run(|| file.write(100, vec![1])), Err(quota(Limit::Bytes)));
        assert_eq!(private.run(|| file.write(98, vec![1; 5])), Ok(2));

        assert_eq!(private.usage().bytes.now, 100);
    });
}

#[test]
fn bytes_come_back_when_a_file_shrinks_or_ends() {
    in_memory_and_on_the_host(Limits { max_bytes: Some(100), ..Limits::default() }, |private| {
        let file = private.create("file", &[7; 100]);

        private.run(|| file.set_size(40)).unwrap();
        let other = private.create("other", &[8; 60]);
        private.rename("other", "file").unwrap();
        assert_eq!(private.usage().bytes.now, 100);
        drop(file);

        assert_eq!(private.usage().bytes.now, 60);
        drop(other);
        private.unlink("file").unwrap();
        assert_eq!(private.usage().bytes.now, 0);
    });
}

#[test]
fn a_file_has_one_charge_however_many_names_it_has() {
    let private = Private::limited(Limits { max_bytes: Some(10), max_entries: Some(1), ..Limits::default() });
    private.create("file", &[7; 10]);

    for number in 0..100 {
        tree::link_at(private.top(), "file", private.top(), &format!("{number}")).unwrap();
    }

    assert_eq!((private.usage().bytes.now, private.usage().entries.now), (10, 1));
}

#[test]
fn each_kind_of_entry_counts_until_its_last_handle_is_dropped() {
    let private = Private::limited(Limits { max_entries: Some(3), ..Limits::default() });
    let file = private.create("file", b"");
    private.create_directory("directory");
    private.create_link("file", "link");

    assert_eq!(private.open("new", CREATE).err(), Some(quota(Limit::Entries)));
    private.unlink("file").unwrap();
    assert_eq!(tree::create_directory_at(private.top(), "new"), Err(quota(Limit::Entries)));
    drop(file);

    tree::create_directory_at(private.top(), "new").unwrap();
    assert_eq!(private.names("."), ["directory", "link", "new"]);
}

#[test]
fn neither_empty_files_nor_directories_nor_links_nor_names_are_free() {
    type Create = fn(&Private, usize) -> Result<()>;
    let creations: [Create; 4] = [
        |private, number| private.open(&format!("{number}"), CREATE).map(drop),
        |private, number| tree::create_directory_at(private.top(), &format!("{number}")),
        |private, number| tree::symlink_at(&"t".repeat(2000), private.top(), &format!("{number}")),
        |private, number| tree::link_at(private.top(), "file", private.top(), &format!("{number}")),
    ];
    for create in creations {
        let private = Private::in_memory(Limits { max_memory: Some(1 << 20), ..Limits::default() });
        private.create("file", b"");

        let refusal = (0..1 << 20).find_map(|number| create(&private, number).err());

        assert_eq!(refusal, Some(quota(Limit::Memory)));
        assert!(private.usage().memory.now <= 1 << 20);
    }
}

#[test]
fn the_number_of_open_files_and_directories_is_limited() {
    let private = Private::limited(Limits { max_handles: Some(2), ..Limits::default() });
    let first = private.create("file", b"content");
    let _second = private.open(".", OpenHow::DIRECTORY).unwrap();

    let truncating = OpenHow { truncate: true, ..OPEN };
    assert_eq!(private.open("file", truncating).err(), Some(quota(Limit::Handles)));
    assert_eq!(private.open("new", CREATE).err(), Some(quota(Limit::Handles)));
    assert_eq!(contents(&private, &first), b"content");
    drop(first);

    private.open("new", CREATE).unwrap();
}

#[test]
fn the_depth_is_limited_for_creations_and_for_moves_of_whole_trees() {
    let private = Private::limited(Limits { max_depth: Some(3), ..Limits::default() });
    for path in ["a", "a/b", "a/b/c", "d", "d/e"] {
        private.create_directory(path);
    }

    let deep = quota(Limit::Depth);
    assert_eq!(tree::create_directory_at(private.top(), "a/b/c/d"), Err(deep));
    assert_eq!(private.open("a/b/c/file", CREATE).err(), Some(deep));
    assert_eq!(tree::symlink_at("target", private.top(), "a/b/c/link"), Err(deep));
    assert_eq!(private.rename("d", "a/b/d"), Err(deep));
    private.rename("d", "a/d").unwrap();
    private.rename("a/b/c", "c").unwrap();
}

#[test]
fn a_refused_rename_changes_nothing() {
    let private = Private::limited(Limits { max_memory: Some(744), ..Limits::default() });
    private.create("file", b"content");
    private.create_directory("directory");
    let before = private.usage();

    let refused = private.rename("file", &"n".repeat(255));

    assert_eq!(refused, Err(quota(Limit::Memory)));
    assert_eq!(private.usage(), before);
    assert_eq!(private.names("."), ["directory", "file"]);
}

#[test]
fn a_full_disk_is_shown_as_a_limit_if_it_is_to_be_hidden() {
    for (hide_disk_full, expected) in [(false, ErrorCode::InsufficientSpace), (true, quota(Limit::Bytes))] {
        let host = MemoryFilesystem::new().with_capacity(0);
        let private = Private::on(host, Limits { hide_disk_full, ..Limits::default() }, Some(16));
        let file = private.create("file", b"");

        let refused = private.run(|| file.write(0, vec![7; 100_000])).unwrap_err();

        assert_eq!(private.top().volume().reported(refused), expected);
        assert_eq!(private.usage().refused, u64::from(hide_disk_full));
    }
}

#[test]
fn a_tree_of_any_depth_is_removed_without_a_recursion() {
    let private = Private::new();
    let mut deepest = private.open(".", OpenHow::DIRECTORY).unwrap();
    for _ in 0..20_000 {
        tree::create_directory_at(deepest.inode(), "d").unwrap();
        deepest = deepest.open_at("d", OpenHow::DIRECTORY).unwrap();
    }
    while let Some(parent) = deepest.inode().parent() {
        tree::remove_directory_at(&parent, "d").unwrap();
        deepest = Descriptor::root(parent);
    }
    drop(deepest);
    private.assert_leaves_nothing();
}
