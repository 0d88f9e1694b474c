//! Random programs of operations on one file, compared with a plain vector.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::testing::models::file::{Model, Step, perform};
use crate::tests::programs::staged_file::{Kind, Sort};
use crate::tests::*;

fn data() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&b"ab\n\0"[..]), 0..14)
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let (length, offset) = (|| 0..24_u64, || 0..40_u64);
    prop_oneof![
        3 => length().prop_map(Step::Read),
        1 => Just(Step::Read(u64::MAX)),
        2 => (length(), offset()).prop_map(|(max, offset)| Step::ReadAt(max, offset)),
        2 => proptest::option::of(length()).prop_map(Step::ReadLine),
        1 => proptest::option::of(length()).prop_map(Step::ReadLines),
        1 => length().prop_map(Step::TryRead),
        1 => (0..20_usize).prop_map(Step::StreamOut),
        1 => vec(data(), 0..4).prop_map(Step::StreamIn),
        5 => data().prop_map(Step::Write),
        3 => (data(), offset()).prop_map(|(data, offset)| Step::WriteAt(data, offset)),
        1 => vec(data(), 0..4).prop_map(Step::WriteLines),
        2 => data().prop_map(Step::TryWrite),
        2 => proptest::option::of(offset()).prop_map(Step::Truncate),
        4 => (-10..40_i64, select(vec![Whence::Start, Whence::Current, Whence::End]))
            .prop_map(|(offset, whence)| Step::Seek(offset, whence)),
        1 => Just(Step::Flush),
        1 => Just(Step::Sync),
        1 => Just(Step::Size),
        1 => Just(Step::Rollover),
    ]
}

pub(super) fn kind() -> impl Strategy<Value = Kind> {
    let sort = select(vec![
        Sort::Unnamed,
        Sort::Named(Removal::OnClose),
        Sort::Named(Removal::OnDrop),
        Sort::Spooled(None),
        Sort::Spooled(Some(0)),
        Sort::Spooled(Some(9)),
        Sort::Spooled(Some(20)),
        Sort::Shared,
        Sort::InDirectory,
    ]);
    (sort, select(vec![0_u64, 1, 2, 3, 7, 16, 65536]), any::<bool>())
        .prop_map(|(sort, buffer, appends)| Kind { sort, buffer, appends })
}

fn create(instance: &Instance, kind: Kind) -> (TestFile, Box<dyn std::any::Any>) {
    let (file, owner) = instance.disk.run(kind.create(instance.scratch.clone())).unwrap();
    (TestFile { disk: instance.disk.clone(), file: Rc::new(file) }, owner)
}

/// Executes a step on the file and the model, and compares. After an error the model is unchanged.
fn take(step: &Step, file: &TestFile, model: &mut Model) -> Result<()> {
    let outcome = file.run(perform(&file.file, step.clone()));
    if model.refuses(step) {
        assert!(outcome.is_err(), "{step:?}");
        return Ok(());
    }
    model.follow(step, &outcome?);
    Ok(())
}

fn run_to_end(instance: Instance, file: TestFile, owner: Box<dyn std::any::Any>, model: &Model) {
    assert_eq!(file.contents(), model.bytes);
    if let Some(path) = file.file.path() {
        file.flush().unwrap();
        assert_eq!(instance.disk.contents(&path).unwrap(), model.bytes);
    }
    file.assert_closes();
    drop(owner);
    instance.assert_clean();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_equals_a_vector_with_a_position(
        kind in kind(),
        steps in vec(step(), 1..40),
    ) {
        let instance = Instance::new();
        let (file, owner) = create(&instance, kind);
        let mut model = Model { appends: kind.appends, ..Model::default() };

        for step in &steps {
            take(step, &file, &mut model).unwrap();
            assert_eq!(file.file.tell(), model.position, "{step:?}");
        }

        run_to_end(instance, file, owner, &model);
    }

    #[test]
    fn a_failed_step_does_not_change_the_file(
        kind in kind(),
        steps in vec((step(), proptest::option::of((1..3_usize, 1..4_usize))), 1..40),
    ) {
        let instance = Instance::new().warmed_up();
        let (file, owner) = create(&instance, kind);
        let mut model = Model { appends: kind.appends, ..Model::default() };

        for (step, failing) in &steps {
            // The parts before the refused one are written.
            let in_parts = matches!(step, Step::WriteLines(_) | Step::StreamIn(_));
            if let (Some((first, count)), false) = (failing, in_parts) {
                (*first..first + count).for_each(|nth| drop(instance.disk.failing_call(nth, ErrorCode::Io)));
            }
            let outcome = take(step, &file, &mut model);
            instance.disk.heal();
            assert!(outcome.is_ok() || failing.is_some(), "{step:?}: {outcome:?}");
            assert_eq!(file.file.tell(), model.position, "{step:?}");
        }

        run_to_end(instance, file, owner, &model);
    }
}
