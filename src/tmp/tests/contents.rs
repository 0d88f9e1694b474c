//! The content of a file, which moves from memory to the host when it grows.

use super::*;

#[test]
fn a_small_content_takes_no_call_of_the_host() {
    let private = Private::new();

    let file = private.create("file", b"sixteen bytes ok");

    assert_eq!(contents(&private, &file), b"sixteen bytes ok");
    private.host.assert_no_calls();
}

#[test]
fn a_content_that_grows_moves_to_one_file_of_the_host_without_a_name() {
    let private = Private::new();
    let file = private.create("file", b"sixteen bytes ok");

    for position in [16, 40] {
        private.run(|| file.write(position, b"more".to_vec())).unwrap();
    }

    let expected = [&b"sixteen bytes okmore"[..], &[0; 20], b"more"].concat();
    assert_eq!(contents(&private, &file), expected);
    private.host.assert_empty();
    assert_eq!(private.usage().bytes.now, 44);
    assert_eq!(private.usage().entries.now, 1);
}

#[test]
fn ten_thousand_small_files_take_no_descriptor_of_the_host() {
    let private = Private::on(MemoryFilesystem::new().with_most_open(1), Limits::default(), Some(1 << 20));

    for number in 0..10_000 {
        private.create(&format!("{number}"), b"small");
    }

    assert_eq!(private.names(".").len(), 10_000);
    private.host.assert_no_calls();
}

#[test]
fn a_content_moves_to_the_host_when_the_memory_of_all_is_used_up() {
    let limits = Limits { max_memory: Some(4096), ..Limits::default() };
    let private = Private::on(MemoryFilesystem::new(), limits, Some(1 << 20));

    let file = private.create("file", &[7; 5000]);

    assert_eq!(contents(&private, &file), [7; 5000]);
    assert!(private.usage().memory.peak <= 4096);
}

#[test]
fn emptying_a_file_gives_the_file_of_the_host_back() {
    let private = Private::new();
    let file = private.create("file", &[7; 100]);
    let with_content = private.host.open_descriptors();

    private.open("file", OpenHow { truncate: true, ..OPEN }).unwrap();

    assert_eq!(private.host.open_descriptors(), with_content - 1);
    assert_eq!(private.usage().bytes.now, 0);
    private.run(|| file.write(0, b"again".to_vec())).unwrap();
    assert_eq!(contents(&private, &file), b"again");
}

#[test]
fn a_file_can_be_as_large_as_the_host_allows_and_holes_take_no_space() {
    let private = Private::new();
    let file = private.create("file", b"");

    private.run(|| file.set_size(4 << 30)).unwrap();

    assert_eq!(private.stat("file").unwrap().size, 4 << 30);
    assert_eq!(private.run(|| file.read((4 << 30) - 2, 9)), Ok((vec![0; 2], true)));
    assert_eq!(private.run(|| file.set_size(u64::MAX)), Err(ErrorCode::FileTooLarge));
    assert_eq!(private.run(|| file.write(u64::MAX, vec![1])), Err(ErrorCode::FileTooLarge));
}

#[test]
fn an_unlinked_file_keeps_its_content_until_its_last_handle_is_dropped() {
    for length in [5, 500] {
        let private = Private::new();
        let file = private.create("file", &vec![7; length]);
        private.unlink("file").unwrap();

        assert_eq!(contents(&private, &file), vec![7; length]);
        assert_eq!(file.inode().stat().links, 0);
        assert_eq!(private.usage().bytes.now, length as u64);
        drop(file);
        assert_eq!(private.usage().bytes.now, 0);
        private.assert_leaves_nothing();
    }
}

#[test]
fn on_a_host_that_does_not_unlink_open_files_the_name_goes_with_the_file() {
    let host = MemoryFilesystem::new().holding_open_files();
    let private = Private::on(host, Limits::default(), Some(16));
    let file = private.create("file", &[7; 100]);
    assert_eq!(private.host.entries().len(), 1);

    private.run(|| file.set_size(0)).unwrap();
    assert_eq!((private.host.used(), private.usage().bytes.now), (0, 0));
    private.unlink("file").unwrap();
    private.run(|| drop(file));

    private.assert_leaves_nothing();
}

#[test]
fn without_a_directory_of_the_host_all_contents_stay_in_memory() {
    let private = Private::in_memory(Limits { max_memory: Some(10_000), ..Limits::default() });
    let file = private.create("file", &[7; 5000]);

    let refused = private.run(|| file.write(9_999, vec![7]));

    assert!(matches!(refused, Err(ErrorCode::Quota(_))), "{refused:?}");
    assert_eq!(contents(&private, &file), [7; 5000]);
    private.host.assert_no_calls();
}
