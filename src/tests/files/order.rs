//! Order: operations on one file run one at a time, in the order of the calls. Different files run
//! concurrently.

use futures::future::{join, join_all, join3};

use crate::options::Whence::*;
use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[test]
fn writes_take_effect_in_the_order_in_which_they_were_called() {
    for buffer in [0, 7, 65536] {
        let instance = Instance::on(MemoryFilesystem::new().slow());
        let file = instance.try_unnamed(with_buffer(buffer)).unwrap();

        let writes = (0..1000).map(|number| file.file.write(format!("<{number}>").into_bytes()));
        for outcome in instance.disk.run(join_all(writes)) {
            outcome.unwrap();
        }

        let expected: String = (0..1000).map(|number| format!("<{number}>")).collect();
        assert!(file.contents() == expected.as_bytes(), "buffer of {buffer}");
    }
}

#[test]
fn reads_see_the_writes_called_before_them_and_none_after() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.try_unnamed(with_buffer(0)).unwrap();

    let steps = async {
        let first = file.file.write(b"one".to_vec());
        let before = file.file.read_at(100, 0);
        let second = file.file.write(b"two".to_vec());
        let (first, before, second) = join3(first, before, second).await;
        first.and(second).and(before)
    };

    assert_eq!(instance.disk.run(steps).unwrap(), b"one");
    assert_eq!(file.contents(), b"onetwo");
}

#[test]
fn a_seek_and_a_read_called_together_run_together() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    file.write(b"0123456789").unwrap();

    let (_, read, position) =
        instance.disk.run(join3(file.file.seek(2, Start), file.file.read(3), file.file.seek(0, Current)));

    assert_eq!((read.unwrap(), position.unwrap()), (b"234".to_vec(), 5));
}

#[test]
fn different_files_do_not_wait_for_each_other() {
    let instance = Instance::new();
    let (held, free) =
        (instance.try_unnamed(with_buffer(0)).unwrap(), instance.try_spooled(None, options()).unwrap());
    instance.disk.holding(Call::Write);

    let other = async {
        let written = free.file.write(b"b".to_vec()).await;
        instance.disk.release();
        written
    };
    let (first, second) = instance.disk.run(join(held.file.write(b"a".to_vec()), other));

    first.and(second).unwrap();
}

#[test]
fn close_comes_after_the_operations_called_before_it() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.try_named(with_removal(Removal::OnDrop)).unwrap();

    let calls = async {
        let write = file.file.write(vec![1; 100_000]);
        join3(write, file.file.close(), file.file.read(1)).await
    };
    let (written, closed, late) = instance.disk.run(calls);

    written.and(closed).unwrap();
    assert_eq!(code(late), Some(ErrorCode::Closed));
    assert_eq!(instance.disk.contents(&file.path()).unwrap().len(), 100_000);
    drop(file);
    instance.assert_clean();
}

#[test]
fn try_read_and_try_write_do_nothing_while_an_operation_is_running() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    instance.disk.holding(Call::Write);

    let tries = async {
        let outcome = (file.file.try_write(b"x"), file.file.try_read(1));
        instance.disk.release();
        outcome
    };
    let (written, (write, read)) = instance.disk.run(join(file.file.write(b"data".to_vec()), tries));

    written.unwrap();
    assert_eq!((write.unwrap(), read.unwrap()), (false, None));
    assert_eq!(file.contents(), b"data");
}

#[test]
fn try_read_and_try_write_work_only_in_memory_and_within_the_buffer() {
    let instance = Instance::new();
    let (spool, disk, raw) =
        (instance.spooled(4), instance.unnamed(), instance.try_unnamed(with_buffer(0)).unwrap());
    instance.disk.forget_calls();

    assert!(spool.file.try_write(b"1234").unwrap());
    assert!(!spool.file.try_write(b"5").unwrap());
    assert!(disk.file.try_write(b"1234").unwrap());
    assert!(!disk.file.try_write(&[0; 1 << 20]).unwrap());
    assert!(!raw.file.try_write(b"1").unwrap());
    for file in [&spool, &disk] {
        file.seek(1, Start).unwrap();
        assert_eq!(file.file.try_read(2).unwrap(), Some(b"23".to_vec()));
        assert_eq!(file.file.try_read(10).unwrap(), Some(b"4".to_vec()));
        assert_eq!(file.file.try_read(10).unwrap(), Some(Vec::new()));
        assert_eq!(file.file.tell(), 4);
    }

    instance.disk.assert_no_calls();
}

#[test]
fn a_thousand_files_make_progress_concurrently() {
    let instance = Instance::on(MemoryFilesystem::new().slow());

    let lives = (0..1000_u32).map(|number| {
        let scratch = &instance.scratch;
        async move {
            let file = File::create(scratch, with_buffer(16)).await?;
            file.write(number.to_le_bytes().repeat(10)).await?;
            file.seek(0, Start).await?;
            let read = file.read(100).await?;
            file.close().await?;
            Result::Ok(read == number.to_le_bytes().repeat(10))
        }
    });
    let outcomes = instance.disk.run(join_all(lives));

    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap()));
    instance.assert_clean();
}

#[test]
fn concurrent_first_calls_find_the_default_directory() {
    let instance = Instance::on(MemoryFilesystem::new().slow());

    let created = (0..10).map(|_| File::create_named(&instance.scratch, options()));
    let files = instance.disk.run(join_all(created));

    let paths: std::collections::BTreeSet<_> =
        files.iter().map(|file| file.as_ref().unwrap().path().unwrap()).collect();
    assert_eq!(paths.len(), 10);
    drop(files);
    instance.assert_clean();
}
