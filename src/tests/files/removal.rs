//! Removal of files at close and drop, and refusals of the host.

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[test]
fn an_unnamed_file_is_never_seen_by_others() {
    let instance = Instance::new();

    let file = instance.unnamed();

    instance.disk.assert_empty();
    assert_eq!(file.file.path(), None);
    file.write(b"x").unwrap();
    assert_eq!(file.contents(), b"x");
    file.assert_closes();
    instance.assert_clean();
}

/// As on Windows; tempfile 3.19.1 and #339 (Rust): the refused unlink damaged the file.
#[test]
fn on_hosts_that_refuse_to_unlink_open_files_the_name_is_removed_at_close_or_drop() {
    for closes in [true, false] {
        let instance = Instance::on(MemoryFilesystem::new().holding_open_files());
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        file.write(b"x").unwrap();
        assert_eq!(instance.disk.entries().len(), 1);
        assert_eq!(file.file.path(), None);
        assert_eq!(code(file.keep()), Some(ErrorCode::Unsupported));

        if closes {
            file.close().unwrap();
            instance.disk.assert_empty();
        }
        drop(file);

        instance.assert_clean();
    }
}

#[test]
fn a_named_file_is_removed_at_the_time_of_its_removal_option() {
    for (removal, after_close, after_drop) in
        [(Removal::OnClose, 0, 0), (Removal::OnDrop, 1, 0), (Removal::Never, 1, 1)]
    {
        let instance = Instance::new();
        let file = instance.try_named(with_removal(removal)).unwrap();
        file.write(b"content").unwrap();
        let path = file.path();

        file.close().unwrap();
        assert_eq!(instance.disk.entries().len(), after_close, "{removal:?}");
        if after_close == 1 {
            assert_eq!(instance.disk.contents(&path).unwrap(), b"content");
        }
        assert_eq!(file.path(), path);

        drop(file);
        instance.disk.settle();
        assert_eq!(instance.disk.entries().len(), after_drop, "{removal:?}");
    }
}

#[test]
fn dropping_a_file_never_waits_and_removes_it() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let files = [instance.unnamed(), instance.named(), instance.spooled(0)];
    for file in &files {
        file.write(b"some content").unwrap();
    }
    instance.disk.forget_calls();

    drop(files);

    instance.disk.assert_no_calls();
    assert_eq!(instance.disk.entries().len(), 1);
    instance.assert_clean();
}

#[test]
fn writes_that_a_drop_would_lose_are_not_buffered() {
    let instance = Instance::new();
    let file = instance.try_named(with_removal(Removal::Never)).unwrap();

    file.write(b"written").unwrap();
    file.write_lines(&[b", ", b"lines"]).unwrap();

    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"written, lines");
}

#[test]
fn closing_again_does_nothing_and_succeeds() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(4), instance.spooled(0)] {
        file.write(b"1").unwrap();
        assert!(!file.file.is_closed());
        file.close().unwrap();
        instance.disk.forget_calls();

        file.close().unwrap();

        assert!(file.file.is_closed());
        instance.disk.assert_no_calls();
    }
    instance.assert_clean();
}

#[test]
fn a_failed_close_can_be_repeated() {
    for code_ in [ErrorCode::Access, ErrorCode::Busy, ErrorCode::Io, ErrorCode::NotPermitted] {
        let instance = Instance::new();
        let file = instance.named();
        instance.disk.failing_nth(Call::Unlink, 1, code_);

        assert_eq!(code(file.close()), Some(code_));
        assert_eq!(instance.disk.entries(), [file.path()]);
        file.assert_closes();

        instance.assert_clean();
    }
}

#[test]
fn a_file_whose_close_failed_is_removed_when_it_is_dropped() {
    let instance = Instance::new();
    let file = instance.named();
    instance.disk.failing_nth(Call::Unlink, 1, ErrorCode::Busy);
    assert_eq!(code(file.close()), Some(ErrorCode::Busy));

    drop(file);

    instance.assert_clean();
}

#[test]
fn a_missing_name_counts_as_removed() {
    let instance = Instance::new();
    let file = instance.named();
    instance.disk.take_away(&file.path());

    file.assert_closes();

    instance.assert_clean();
}

#[test]
fn a_close_whose_flush_fails_keeps_the_content_and_can_be_repeated() {
    let instance = Instance::new();
    let file = instance.try_named(with_removal(Removal::OnDrop)).unwrap();
    file.write(b"content").unwrap();
    instance.disk.failing_nth(Call::Write, 1, ErrorCode::InsufficientSpace);

    assert_eq!(code(file.close()), Some(ErrorCode::InsufficientSpace));
    file.close().unwrap();

    assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"content");
    drop(file);
    instance.assert_clean();
}

#[test]
fn buffered_content_of_a_file_without_a_name_is_not_written() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.spooled(0)] {
        file.write(b"content").unwrap();
        instance.disk.forget_calls();
        file.close().unwrap();
        assert_eq!(instance.disk.count(Call::Write), 0);
    }
    instance.assert_clean();
}

#[test]
fn after_close_every_operation_but_close_fails_with_closed() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(4)] {
        let path = file.file.path();
        file.close().unwrap();
        instance.disk.forget_calls();

        let codes = [
            code(file.write(b"x")),
            code(file.write(b"")),
            code(file.write_at(b"x", 0)),
            code(file.write_lines(&[b"x"])),
            code(file.read(1)),
            code(file.read(0)),
            code(file.read_at(1, 0)),
            code(file.read_line(None)),
            code(file.read_lines(None)),
            code(file.seek(0, Whence::Start)),
            code(file.truncate(None)),
            code(file.size()),
            code(file.flush()),
            code(file.sync()),
            code(file.rollover()),
            code(file.keep()),
            code(file.run(file.file.descriptor())),
            code(file.file.try_write(b"x")),
            code(file.file.try_read(1)),
        ];

        assert_eq!(codes, [Some(ErrorCode::Closed); 19]);
        assert_eq!(file.file.path(), path);
        instance.disk.assert_no_calls();
    }
}

#[test]
fn a_file_dropped_during_an_operation_is_removed_after_it() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.try_named(with_buffer(0)).unwrap();

    instance.disk.poll_times(file.file.write(vec![1; 1000]), 1);
    drop(file);

    instance.assert_clean();
}

#[test]
fn many_dropped_files_are_removed_without_another_call() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let files: Vec<_> = (0..2000).map(|_| instance.named()).collect();
    assert_eq!(instance.disk.entries().len(), 2000);

    drop(files);

    instance.assert_clean();
}

#[test]
fn a_second_descriptor_outlives_the_file() {
    use crate::filesystem::Filesystem;
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(100)] {
        file.write(b"content").unwrap();
        let descriptor = file.run(file.file.descriptor()).unwrap();
        file.write(b", more").unwrap();

        file.close().unwrap();

        let read = instance.disk.run(instance.disk.read_at(&descriptor, 0, Vec::with_capacity(100)));
        assert_eq!(read.unwrap(), b"content, more");
    }
    instance.assert_clean();
}

#[test]
fn a_dropped_directory_whose_removal_failed_is_removed_at_the_next_creation() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("file").unwrap().write(b"content").unwrap();
    instance.disk.failing(Call::Unlink, ErrorCode::Busy);

    drop(directory);
    instance.disk.settle();
    assert_eq!(instance.disk.entries().len(), 2);
    assert_eq!(instance.usage().entries.now, 2);
    instance.disk.heal();
    instance.unnamed().assert_closes();

    instance.assert_clean();
}

#[test]
fn a_directory_that_could_not_be_opened_or_removed_is_removed_at_the_next_creation() {
    let instance = Instance::new().warmed_up();
    instance.disk.failing_from(2, ErrorCode::Busy);

    assert_eq!(code(instance.try_directory(DirectoryOptions::default())), Some(ErrorCode::Busy));
    assert_eq!(instance.disk.entries().len(), 1);
    instance.disk.heal();
    instance.unnamed().assert_closes();

    instance.assert_clean();
}
