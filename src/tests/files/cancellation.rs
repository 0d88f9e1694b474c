//! Cancelled calls: at every await, with the host's effect lost or late.

use futures::future::join;

use crate::testing::memory_filesystem::{Abandoned, Call};
use crate::tests::files::scenarios::{TARGET, creations, operations};
use crate::tests::*;

/// An upper bound for the polls of every scenario.
const MOST_POLLS: usize = 200;

#[test]
fn a_cancelled_creation_leaves_nothing() {
    for creation in creations() {
        for (warm, abandoned) in [
            (false, Abandoned::Later),
            (true, Abandoned::Later),
            (false, Abandoned::Never),
            (true, Abandoned::Never),
        ] {
            for polls in 0..MOST_POLLS {
                let instance = Instance::on(MemoryFilesystem::new().slow().abandoning(abandoned));
                let instance = if warm { instance.warmed_up() } else { instance };

                let created = instance.disk.poll_times((creation.create)(instance.scratch.clone()), polls);
                instance.disk.settle();

                if let Some(created) = created {
                    drop(created.unwrap());
                    instance.disk.settle();
                    assert_eq!(
                        instance.disk.entries().len(),
                        usize::from(creation.stays),
                        "{}",
                        creation.name
                    );
                    break;
                }
                let left = instance.disk.entries();
                assert_eq!(left, [""; 0], "{} ({abandoned:?}), cancelled after {polls} polls", creation.name);
                instance.assert_clean();
                assert!(polls < MOST_POLLS - 1, "{} never ends", creation.name);
            }
        }
    }
}

#[test]
fn a_cancelled_operation_is_done_or_not_done_and_can_be_repeated() {
    for scenario in operations() {
        for abandoned in [Abandoned::Later, Abandoned::Never] {
            for polls in 0..MOST_POLLS {
                let context = format!("{} ({abandoned:?}), cancelled after {polls} polls", scenario.name);
                let instance = Instance::on(MemoryFilesystem::new().abandoning(abandoned)).warmed_up();
                let bystander = instance.spooled(4);
                bystander.write(b"not concerned").unwrap();
                let file = (scenario.prepare)(&instance);
                instance.disk.slow();

                let outcome = instance.disk.poll_times((scenario.act)(file.file.clone()), polls);
                instance.disk.settle();

                let finished = outcome.is_some();
                outcome.transpose().unwrap();
                if !file.file.is_closed() {
                    let contents = file.contents();
                    let expected = if finished {
                        &scenario.contents[scenario.contents.len() - 1..]
                    } else {
                        scenario.contents
                    };
                    assert!(expected.contains(&contents.as_slice()), "{context}: {contents:?}");
                }
                let persisted = instance.disk.kind(TARGET).is_some();
                if !persisted {
                    instance.disk.run((scenario.act)(file.file.clone())).expect(&context);
                }
                assert_eq!(bystander.contents(), b"not concerned", "{context}");
                file.close().expect(&context);
                bystander.close().expect(&context);
                drop((file, bystander));
                instance.disk.settle();
                if instance.disk.kind(TARGET).is_some() {
                    assert_eq!(instance.disk.contents(TARGET).unwrap(), scenario.after(), "{context}");
                    instance.disk.take_away(TARGET);
                }
                assert_eq!(instance.disk.entries(), [""; 0], "{context}");
                instance.assert_clean();
                if finished {
                    break;
                }
                assert!(polls < MOST_POLLS - 1, "{} never ends", scenario.name);
            }
        }
    }
}

#[test]
fn a_call_cancelled_while_it_waits_for_its_turn_does_nothing() {
    for scenario in operations() {
        let instance = Instance::new().warmed_up();
        let file = (scenario.prepare)(&instance);
        instance.disk.forget_calls();

        instance.disk.run(async {
            let stream = file.file.stream().await;
            let mut waiting = (scenario.act)(file.file.clone());
            for _ in 0..3 {
                assert!(futures::poll!(&mut waiting).is_pending());
            }
            drop(waiting);
            drop(stream);
        });

        instance.disk.assert_no_calls();
        assert_eq!(file.contents(), scenario.before(), "{}", scenario.name);
        assert!(!file.file.is_closed());
    }
}

#[test]
fn cancelling_a_call_does_not_affect_other_calls_on_the_file() {
    for polls in 0..40 {
        let instance = Instance::new().warmed_up();
        let file = instance.try_spooled(Some(6), with_buffer(0)).unwrap();
        instance.disk.slow();

        let cancelled = futures::future::join_all((0..4).map(|_| file.file.write(b"----".to_vec())));
        instance.disk.poll_times(cancelled, polls);
        let acknowledged = [b"aaaa", b"bbbb", b"cccc"].map(|data| file.file.write(data.to_vec()));
        for outcome in instance.disk.run(futures::future::join_all(acknowledged)) {
            outcome.unwrap();
        }
        instance.disk.settle();

        let contents = file.contents();
        let rest =
            contents.strip_suffix(b"aaaabbbbcccc").unwrap_or_else(|| panic!("{polls} polls: {contents:?}"));
        assert!(
            rest.len().is_multiple_of(4) && rest.iter().all(|byte| *byte == b'-'),
            "{polls} polls: {contents:?}"
        );
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn a_waiting_call_continues_after_the_call_before_it_is_cancelled() {
    let instance = Instance::new();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    instance.disk.holding(Call::Write);

    instance.disk.run(async {
        let mut cancelled = Box::pin(file.file.write(b"first ".to_vec()));
        assert!(futures::poll!(&mut cancelled).is_pending());
        drop(cancelled);
        let release = async { instance.disk.release() };
        join(file.file.write(b"second".to_vec()), release).await.0.unwrap();
    });

    assert_eq!(file.contents(), b"first second");
}

#[test]
fn dropping_a_file_during_a_cancelled_operation_leaves_nothing() {
    for scenario in operations().into_iter().filter(|scenario| !scenario.name.contains("ersist")) {
        for polls in 1..30 {
            let instance = Instance::new().warmed_up();
            let file = (scenario.prepare)(&instance);
            instance.disk.slow();

            instance.disk.poll_times((scenario.act)(file.file.clone()), polls);
            drop(file);
            instance.disk.settle();

            if instance.disk.kind(TARGET).is_some() {
                instance.disk.take_away(TARGET);
            }
            assert_eq!(instance.disk.entries(), [""; 0], "{}, {polls} polls", scenario.name);
            instance.assert_clean();
        }
    }
}
