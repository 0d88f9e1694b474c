//! Trees and files that other processes move, replace or link while they are open.

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[test]
fn a_directory_that_was_moved_away_keeps_its_content() {
    for dropped in [false, true] {
        let instance = Instance::new();
        let directory = instance.directory();
        directory.create_file("f").unwrap().write(b"published").unwrap();
        instance.disk.move_away(&directory.path(), "/tmp/final");

        if !dropped {
            directory.close().unwrap();
        }
        drop(directory);
        instance.disk.settle();

        assert_eq!(instance.disk.contents("/tmp/final/f").unwrap(), b"published");
        assert!(instance.usage().bytes.now >= 9, "the published file exists, so it stays charged");
    }
}

#[test]
fn a_directory_that_was_created_again_under_its_name_is_removed() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("f").unwrap().write(b"old").unwrap();
    instance.disk.take_away(&directory.path());
    instance.disk.plant_file(&directory.join("copied/f"), b"new");

    directory.close().unwrap();

    drop(directory);
    instance.assert_clean();
}

#[test]
fn a_link_that_took_the_name_of_a_directory_is_removed_and_not_followed() {
    let instance = Instance::new();
    instance.disk.plant_file("/tmp/outside/precious", b"precious");
    let directory = instance.directory();
    instance.disk.take_away(&directory.path());
    instance.disk.plant_symbolic_link(&directory.path(), "outside");

    directory.close().unwrap();

    assert_eq!(instance.disk.entries(), ["/tmp/outside", "/tmp/outside/precious"]);
}

#[test]
fn a_directory_that_replaced_the_moved_one_credits_nothing_of_it() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("f").unwrap().write(&[1; 100]).unwrap();
    instance.disk.move_away(&directory.path(), "/tmp/final");
    instance.disk.plant_file(&directory.join("f"), b"another");

    directory.close().unwrap();

    assert_eq!(instance.disk.entries(), ["/tmp/final", "/tmp/final/f"]);
    assert_eq!(instance.usage().bytes.now, 100);
}

#[test]
fn an_entry_moved_out_of_a_tree_stays_charged() {
    let instance = Instance::new();
    let directory = instance.directory();
    directory.create_file("f").unwrap().write(&[1; 100]).unwrap();
    instance.disk.move_away(&directory.join("f"), "/tmp/elsewhere");

    directory.remove("f").unwrap();
    assert_eq!(instance.usage().bytes.now, 100);
    directory.close().unwrap();

    assert_eq!((instance.usage().bytes.now, instance.disk.used()), (100, 100));
}

#[test]
fn a_named_file_that_was_moved_has_its_buffered_bytes() {
    for dropped in [false, true] {
        for removal in [Removal::OnClose, Removal::OnDrop] {
            let instance = Instance::new();
            let file = instance.try_named(with_removal(removal)).unwrap();
            file.write(&[7; 1000]).unwrap();
            instance.disk.move_away(&file.path(), "/tmp/final");

            if !dropped {
                file.close().unwrap();
            }
            drop(file);
            instance.disk.settle();

            assert_eq!(instance.disk.contents("/tmp/final").unwrap(), [7; 1000], "{removal:?}, {dropped}");
        }
    }
}

#[test]
fn a_named_file_that_is_dropped_with_buffered_bytes_is_removed() {
    let instance = Instance::new();
    let file = instance.named();
    file.write(b"buffered").unwrap();

    drop(file);

    instance.assert_clean();
}

#[test]
fn a_named_file_whose_flush_fails_at_close_can_be_closed_again() {
    let instance = Instance::new();
    let file = instance.named();
    file.write(b"buffered").unwrap();
    instance.disk.failing(Call::Write, ErrorCode::InsufficientSpace);

    assert_eq!(code(file.close()), Some(ErrorCode::InsufficientSpace));

    instance.disk.heal();
    file.close().unwrap();
    drop(file);
    instance.assert_clean();
}
