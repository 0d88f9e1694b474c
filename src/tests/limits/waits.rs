//! A refused call waits for the work that may free enough, and for nothing else.

use super::*;
use crate::file::File;

#[test]
fn a_refused_call_waits_for_removals_that_drops_have_started() {
    let limits = Limits { max_entries: Some(3), ..bytes(100) };
    let instance = Instance::limited(limits).warmed_up();
    instance.disk.slow();
    for round in 0..20 {
        let file = instance.try_named(with_buffer(if round % 2 == 0 { 0 } else { 4096 })).unwrap();
        file.write(&[1; 100]).expect("the bytes of the last round are free again");
        drop(file);
        let directory = instance.directory();
        directory.create_directory("below").unwrap();
        directory.create_file("below/file").unwrap().write(&[1; 100]).unwrap();
        drop(directory);
    }
    assert!(instance.disk.most_used() <= 100);
    instance.assert_clean();
}

#[test]
fn a_refused_call_learns_of_removals_whose_outcome_wakes_nothing() {
    for slow in [false, true] {
        let disk = MemoryFilesystem::new().with_silent_unlinks();
        let instance = Instance::on(disk);
        instance.scratch.set_limits(Limits { max_entries: Some(1), ..NONE }).unwrap();
        if slow {
            instance.disk.slow();
        }
        for _ in 0..3 {
            drop(instance.named());
            instance.disk.poll_times(std::future::pending::<()>(), 4);
        }
        instance.assert_clean();
    }
}

#[test]
fn a_cancelled_call_that_is_refused_does_not_wait_for_itself() {
    for polls in 0..40 {
        let instance = Instance::limited(Limits { max_entries: Some(1), ..NONE }).warmed_up();
        let directory = instance.directory();
        let spooled = instance.try_spooled(Some(4), in_directory("/tmp")).unwrap();
        instance.disk.slow();

        instance.disk.poll_times(spooled.file.write(b"too long".to_vec()), polls);
        instance.disk.poll_times(directory.directory.create_directory("below".into()), polls);
        drop(directory);
        instance.disk.settle();

        spooled.write(b"too long").expect("the directory is gone by now");
        spooled.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn cancelled_calls_that_are_refused_do_not_wait_for_each_other() {
    let instance = Instance::limited(bytes(100)).warmed_up();
    let files = [(); 3].map(|()| instance.try_unnamed(with_buffer(4096)).unwrap());
    for file in &files {
        file.write(b"dirty").unwrap();
        instance.disk.holding(Call::Write);
        instance.disk.poll_times(file.file.write_at(vec![1], 1 << 40), 1);
    }
    assert_eq!(instance.disk.work(), 3);

    instance.disk.release();
    instance.disk.settle();

    assert_eq!(instance.disk.work(), 0);
    drop(files);
    instance.assert_clean();
}

#[test]
fn a_refused_call_waits_for_a_cancelled_one_that_waits_for_a_removal() {
    let one = Limits { max_entries: Some(1), max_handles: Some(1), ..NONE };
    for polls in 1..10 {
        let instance = Instance::limited(one).warmed_up();
        let create = || File::create_named(&instance.scratch, options());
        let file = instance.named();
        instance.disk.slow().holding(Call::Unlink);
        drop(file);
        instance.disk.poll_times(create(), polls);

        let created = instance.disk.run(async {
            let release = async { instance.disk.release() };
            futures::join!(create(), release).0
        });

        drop(created.expect("handle and entry are free again"));
        instance.assert_clean();
    }
}

#[test]
fn a_refused_call_waits_for_a_close_that_was_cancelled() {
    let instance = Instance::limited(Limits { max_entries: Some(1), ..NONE }).warmed_up();
    let file = instance.named();
    instance.disk.holding(Call::Unlink);
    instance.disk.poll_times(file.file.close(), 1);

    let created = instance.disk.run(async {
        let create = File::create_named(&instance.scratch, options());
        let release = async { instance.disk.release() };
        futures::join!(create, release).0
    });

    drop(created.expect("the entry of the closed file is free again"));
    drop(file);
    instance.assert_clean();
}
