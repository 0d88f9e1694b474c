//! Failures of every call to the host, in every scenario, a full disk, and writes that fail in part.

use crate::error::Limit;
use crate::testing::memory_filesystem::Call;
use crate::tests::files::scenarios::{TARGET, creations, operations};
use crate::tests::*;

/// The injected errors. `NoEntry` is not among them, because a missing name counts as removed.
const FAILURES: [ErrorCode; 8] = [
    ErrorCode::Io,
    ErrorCode::InsufficientSpace,
    ErrorCode::Quota(Limit::Host),
    ErrorCode::NotPermitted,
    ErrorCode::Busy,
    ErrorCode::Interrupted,
    ErrorCode::ReadOnly,
    ErrorCode::Other,
];

#[test]
fn a_creation_with_one_failing_call_leaves_nothing() {
    for creation in creations() {
        for failure in FAILURES {
            for nth in 1.. {
                let context = format!("{}, call {nth}: {failure:?}", creation.name);
                let instance = Instance::new().warmed_up();
                instance.disk.failing_call(nth, failure);

                let created = instance.disk.run((creation.create)(instance.scratch.clone()));
                let hit = instance.disk.calls() >= nth;
                instance.disk.settle();
                instance.disk.heal();

                if let Err(error) = &created {
                    assert_eq!(error.code, failure, "{context}: {}", error.message);
                    assert_eq!(instance.disk.entries(), [""; 0], "{context}");
                    let again = (creation.create)(instance.scratch.clone());
                    drop(instance.disk.run(again).expect(&context));
                }
                drop(created);
                instance.disk.settle();
                let left = instance.disk.entries();
                assert_eq!(left.len(), usize::from(creation.stays), "{context}: {left:?}");
                if !hit {
                    break;
                }
            }
        }
    }
}

#[test]
fn an_operation_with_one_failing_call_changes_nothing_and_can_be_repeated() {
    for scenario in operations() {
        for failure in FAILURES {
            for nth in 1.. {
                let context = format!("{}, call {nth}: {failure:?}", scenario.name);
                let instance = Instance::new().warmed_up();
                let file = (scenario.prepare)(&instance);
                instance.disk.forget_calls();
                instance.disk.failing_call(nth, failure);

                let outcome = instance.disk.run((scenario.act)(file.file.clone()));
                let hit = instance.disk.calls() >= nth;
                instance.disk.heal();

                if let Err(error) = &outcome {
                    // The comparison of two files cannot report an error.
                    let asked = instance.disk.made().last().is_some_and(|made| made.call == Call::IsSame);
                    let expected = if asked { ErrorCode::NoEntry } else { failure };
                    assert_eq!(error.code, expected, "{context}: {}", error.message);
                    let unharmed = file.file.is_closed() || file.contents() == scenario.before();
                    let half_done = scenario.contents.len() == 3 && file.contents() == scenario.contents[1];
                    assert!(unharmed || half_done, "{context}: {:?}", file.contents());
                    assert_eq!(instance.disk.kind(TARGET), None, "{context}");
                    if unharmed {
                        instance.disk.run((scenario.act)(file.file.clone())).expect(&context);
                    }
                }
                if !file.file.is_closed() && (outcome.is_ok() || scenario.contents.len() < 3) {
                    assert_eq!(file.contents(), scenario.after(), "{context}");
                }
                file.close().expect(&context);
                drop(file);
                instance.disk.settle();
                if instance.disk.kind(TARGET).is_some() {
                    assert_eq!(instance.disk.contents(TARGET).unwrap(), scenario.after(), "{context}");
                    instance.disk.take_away(TARGET);
                }
                assert_eq!(instance.disk.entries(), [""; 0], "{context}");
                instance.assert_clean();
                if !hit {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_write_that_is_stored_in_part_counts_as_not_written() {
    for buffer in [0, 7] {
        for stored in 0..10 {
            let instance = Instance::new();
            let file = instance.try_unnamed(with_buffer(buffer)).unwrap();
            file.write(b"before").unwrap();
            file.flush().unwrap();
            instance.disk.shortening(Call::Write, 1, stored, ErrorCode::InsufficientSpace);

            assert_eq!(code(file.write(b"0123456789")), Some(ErrorCode::InsufficientSpace));

            assert_eq!((file.contents(), file.file.tell()), (b"before".to_vec(), 6), "{stored} stored");
            file.write(b"again").unwrap();
            assert_eq!(file.contents(), b"beforeagain", "{stored} stored");
            file.assert_closes();
            instance.assert_clean();
        }
    }
}

#[test]
fn a_flush_that_is_stored_in_part_continues_at_the_first_missing_byte() {
    for stored in 0..10 {
        let instance = Instance::new();
        let file = instance.named();
        file.write(b"0123456789").unwrap();
        instance.disk.shortening(Call::Write, 1, stored, ErrorCode::InsufficientSpace);

        assert_eq!(code(file.flush()), Some(ErrorCode::InsufficientSpace));
        assert_eq!(file.size().unwrap(), 10);
        file.write_at(b"A", 0).unwrap();
        file.write_at(b"Z", 9).unwrap();
        file.write(b"more").unwrap();
        file.flush().unwrap();

        assert_eq!(instance.disk.contents(&file.path()).unwrap(), b"A12345678Zmore", "{stored} stored");
        assert_eq!(file.contents(), b"A12345678Zmore", "{stored} stored");
    }
}

#[test]
fn a_write_whose_result_is_lost_can_be_repeated() {
    for buffer in [0, 4, 100] {
        let instance = Instance::new();
        let file = instance.try_unnamed(with_buffer(buffer)).unwrap();
        file.write(b"before ").unwrap();
        instance.disk.losing_nth(Call::Write, 1, ErrorCode::Io);

        let outcome = instance.disk.run(async {
            match file.file.write(b"data".to_vec()).await {
                Ok(()) => file.file.flush().await,
                error => error,
            }
        });
        if outcome.is_err() {
            file.seek(7, Whence::Start).unwrap();
            file.write(b"data").unwrap();
        }

        assert_eq!(file.contents(), b"before data", "buffer of {buffer}");
    }
}

#[test]
fn a_refused_write_beyond_the_end_does_not_lengthen_the_file_even_if_it_cannot_be_undone() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    file.write(b"content").unwrap();
    instance.disk.failing(Call::Write, ErrorCode::Io).failing(Call::SetSize, ErrorCode::Io);

    assert_eq!(code(file.write_at(b"far away", 100)), Some(ErrorCode::Io));

    assert_eq!(file.size().unwrap(), 7);
    assert_eq!(file.contents(), b"content");
}

#[test]
fn a_full_disk_refuses_writes_that_do_not_fit_and_accepts_others() {
    for kind in ["unbuffered", "buffered", "rolled"] {
        let instance = Instance::on(MemoryFilesystem::new().with_capacity(100)).warmed_up();
        let file = match kind {
            "unbuffered" => instance.try_unnamed(with_buffer(0)),
            "buffered" => instance.try_unnamed(with_buffer(16)),
            _ => instance.try_spooled(Some(0), with_buffer(0)),
        };
        let file = file.unwrap();
        file.write(&[1; 90]).unwrap();
        file.flush().unwrap();

        assert_eq!(code(file.write(&[2; 20])), Some(ErrorCode::InsufficientSpace), "{kind}");
        assert_eq!((file.size().unwrap(), file.file.tell()), (90, 90), "{kind}");
        file.write(&[3; 10]).unwrap();
        file.flush().unwrap();
        assert_eq!(code(file.truncate(Some(101))), Some(ErrorCode::InsufficientSpace), "{kind}");

        assert_eq!(file.contents(), [[1; 90].as_slice(), &[3; 10]].concat(), "{kind}");
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn creations_fail_and_open_files_keep_working_without_free_handles() {
    let instance = Instance::new().warmed_up();
    let file = instance.named();
    instance.disk.with_most_open(instance.disk.open_descriptors());

    assert!(instance.try_unnamed(with_buffer(0)).is_err());
    assert!(instance.try_directory(DirectoryOptions::default()).is_err());
    file.write(b"still working").unwrap();

    assert_eq!(file.contents(), b"still working");
    file.assert_closes();
    instance.disk.with_most_open(usize::MAX);
    instance.unnamed();
}

#[test]
fn bytes_of_a_refused_write_behind_the_end_are_never_read() {
    type Growing = fn(&TestFile) -> Result<()>;
    let grow: [(&str, Growing); 4] = [
        ("write at an offset", |file| file.write_at(b"Z", 20)),
        ("write behind the end", |file| {
            file.seek(20, Whence::Start).unwrap();
            file.write(b"Z")
        }),
        ("truncate to more", |file| file.truncate(Some(21))),
        ("write twice", |file| {
            file.write_at(b"Z", 20)?;
            file.write_at(b"Y", 9)
        }),
    ];
    for buffer in [0, 2, 16] {
        for (name, grow) in grow {
            for undoing_fails in 0..3 {
                let context = format!("{name}, buffer of {buffer}, undoing fails {undoing_fails} times");
                let instance = Instance::new();
                let file = instance.try_unnamed(with_buffer(buffer)).unwrap();
                file.write(b"content").unwrap();
                file.flush().unwrap();
                instance.disk.shortening(Call::Write, 1, 17, ErrorCode::Io);
                for nth in 1..=undoing_fails {
                    instance.disk.failing_nth(Call::SetSize, nth, ErrorCode::Io);
                }

                assert_eq!(code(file.write_at(&[b'x'; 18], 7)), Some(ErrorCode::Io), "{context}");
                assert_eq!(file.contents(), b"content", "{context}");
                let first = grow(&file);
                instance.disk.heal();
                if first.is_err() {
                    assert_eq!(file.contents(), b"content", "{context}");
                    grow(&file).expect(&context);
                }

                let bytes = file.contents();
                assert_eq!((bytes.len(), &bytes[..7]), (21, &b"content"[..]), "{context}");
                assert!(!bytes.contains(&b'x'), "{context}: {bytes:?}");
                file.assert_closes();
                instance.assert_clean();
            }
        }
    }
}

#[test]
fn a_truncation_reported_as_failed_that_took_effect_is_noticed() {
    for size in [3, 20] {
        let instance = Instance::new();
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        file.write(b"content").unwrap();
        instance.disk.losing_nth(Call::SetSize, 1, ErrorCode::Io);

        file.truncate(Some(size)).unwrap();

        assert_eq!(file.size().unwrap(), size);
        assert_eq!(file.contents().len() as u64, size);
        assert_eq!(instance.usage().bytes.now, size);
    }
}
