//! Random programs with concurrent steps on several files of all kinds and a directory, compared with
//! plain vectors and a set.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::testing::models::file::{Model, Step, Told, perform};
use crate::tests::programs::model::{kind, step};
use crate::tests::programs::staged_file::Kind;
use crate::tests::*;

/// The number of programs of the short run.
const CASES: u32 = 1_000;

/// The default number of programs of the long run. One variable sets the number, the other the seed.
const LONG_RUN: u32 = 200_000;
const CASES_VARIABLE: &str = "SCRATCH_MODEL_CASES";
const SEED_VARIABLE: &str = "SCRATCH_MODEL_SEED";

/// Concurrent steps.
#[derive(Clone, Debug)]
struct Round {
    /// Steps with the number of their file. Steps on one file run in this order.
    steps: Vec<(usize, Step)>,
    /// Creations and removals in the directory, at most one for each name.
    entries: BTreeMap<u8, Change>,
    /// A call to the host that fails, and another one that is delayed.
    failing: Option<(usize, ErrorCode)>,
    slow: Option<usize>,
    /// The file that ends after the round and is replaced by another one.
    ends: Option<(usize, bool, Kind)>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Create,
    Remove,
}

fn round() -> impl Strategy<Value = Round> {
    let code = select(vec![ErrorCode::Io, ErrorCode::InsufficientSpace, ErrorCode::NotPermitted]);
    (
        vec((0..4_usize, step()), 0..7),
        proptest::collection::btree_map(0..5_u8, select(vec![Change::Create, Change::Remove]), 0..3),
        proptest::option::weighted(0.3, (1..8_usize, code)),
        proptest::option::of(1..8_usize),
        proptest::option::weighted(0.2, (0..4_usize, any::<bool>(), kind())),
    )
        .prop_map(|(steps, entries, failing, slow, ends)| Round { steps, entries, failing, slow, ends })
}

fn rounds() -> impl Strategy<Value = (Vec<Kind>, bool, Vec<Round>)> {
    (vec(kind(), 1..5), any::<bool>(), vec(round(), 1..15))
}

/// A file, its owner, and its model.
struct Modelled {
    file: Rc<File<MemoryFilesystem>>,
    _owner: Box<dyn std::any::Any>,
    model: Model,
}

struct World {
    instance: Instance,
    directory: TestDirectory,
    /// The names in the directory.
    names: BTreeMap<u8, ()>,
    files: Vec<Modelled>,
}

/// The result of one call of a round.
enum Returned {
    Step(usize, Step, Result<Told>),
    Change(u8, Change, Result<()>),
}

impl World {
    fn new(kinds: &[Kind]) -> World {
        let instance = Instance::new().warmed_up();
        let directory = instance.directory();
        let files = kinds.iter().map(|kind| modelled(&instance, *kind)).collect();
        World { instance, directory, names: BTreeMap::new(), files }
    }

    /// Runs all steps of a round concurrently.
    fn runs(&mut self, round: &Round, always_slow: bool) {
        let disk = self.instance.disk.clone();
        if always_slow {
            disk.slow();
        }
        round.slow.map(|nth| disk.slowing_call(nth, 5, 3));
        round.failing.map(|(nth, code)| disk.failing_call(nth, code));
        let steps = round.steps.iter().filter_map(|(file, step)| self.step(*file, step, round));
        let changes = round.entries.iter().map(|(name, change)| self.change(*name, *change));
        let calls: Vec<_> = steps.chain(changes).collect();

        for returned in disk.run(join_all(calls)) {
            match returned {
                Returned::Step(file, step, outcome) => self.compare(file, &step, outcome, round.failing),
                Returned::Change(name, change, outcome) => {
                    self.compare_change(name, change, outcome, round.failing);
                }
            }
        }
        disk.settle();
        disk.heal();
        for Modelled { file, model, .. } in &self.files {
            assert_eq!(disk.run(file.read_at(u64::MAX, 0)).unwrap(), model.bytes);
            assert_eq!(file.tell(), model.position);
        }
        let listed = self.directory.entries("").unwrap();
        let listed: Vec<_> = listed.into_iter().map(|found| found.name).collect();
        assert_eq!(listed, self.names.keys().map(u8::to_string).collect::<Vec<_>>());
        if let Some((index, closes, kind)) = round.ends {
            let index = index % self.files.len();
            let ended = std::mem::replace(&mut self.files[index], modelled(&self.instance, kind));
            ended.ends(&disk, closes);
        }
    }

    fn step(&self, file: usize, step: &Step, round: &Round) -> Option<LocalBoxFuture<'static, Returned>> {
        let index = file % self.files.len();
        // The parts before the refused one are written.
        let in_parts = matches!(step, Step::WriteLines(_) | Step::StreamIn(_));
        if round.failing.is_some() && in_parts {
            return None;
        }
        let (file, step) = (self.files[index].file.clone(), step.clone());
        Some(
            async move {
                let outcome = perform(&file, step.clone()).await;
                Returned::Step(index, step, outcome)
            }
            .boxed_local(),
        )
    }

    fn change(&self, name: u8, change: Change) -> LocalBoxFuture<'static, Returned> {
        let directory = self.directory.directory.clone();
        async move {
            let path = name.to_string();
            let outcome = match change {
                Change::Create => {
                    let flags = OpenFlags { create: true, ..OpenFlags::default() };
                    directory.open(path, flags, None).await.map(drop)
                }
                Change::Remove => directory.remove(path).await,
            };
            Returned::Change(name, change, outcome)
        }
        .boxed_local()
    }

    fn compare(
        &mut self,
        file: usize,
        step: &Step,
        outcome: Result<Told>,
        failing: Option<(usize, ErrorCode)>,
    ) {
        let model = &mut self.files[file].model;
        match (outcome, failing) {
            (outcome, _) if model.refuses(step) => assert!(outcome.is_err(), "{step:?}"),
            (Ok(told), _) => model.follow(step, &told),
            (Err(error), Some((_, code))) => assert_eq!(error.code, code, "{step:?}: {}", error.message),
            (Err(error), None) => panic!("{step:?}: {}", error.message),
        }
    }

    fn compare_change(
        &mut self,
        name: u8,
        change: Change,
        outcome: Result<()>,
        failing: Option<(usize, ErrorCode)>,
    ) {
        match (outcome, change, failing) {
            (Ok(()), Change::Create, _) => drop(self.names.insert(name, ())),
            (Ok(()), Change::Remove, _) => drop(self.names.remove(&name)),
            (Err(error), _, Some((_, code))) => assert_eq!(error.code, code, "{}", error.message),
            (Err(error), _, None) => panic!("{change:?} {name}: {}", error.message),
        }
    }

    fn ends(self) {
        let World { instance, directory, names: _, files } = self;
        files.into_iter().for_each(|file| file.ends(&instance.disk, true));
        directory.close().unwrap();
        drop(directory);
        // The next creation removes entries whose removal failed after their drop.
        instance.unnamed().assert_closes();
        instance.assert_clean();
    }
}

fn modelled(instance: &Instance, kind: Kind) -> Modelled {
    let (file, owner) = instance.disk.run(kind.create(instance.scratch.clone())).unwrap();
    let model = Model { appends: kind.appends, ..Model::default() };
    Modelled { file: Rc::new(file), _owner: owner, model }
}

impl Modelled {
    fn ends(self, disk: &MemoryFilesystem, closes: bool) {
        if let Some(path) = self.file.path() {
            disk.run(self.file.flush()).unwrap();
            assert_eq!(disk.contents(&path).unwrap(), self.model.bytes);
        }
        if closes {
            disk.run(self.file.close()).unwrap();
        }
        drop(self);
        disk.settle();
    }
}

fn runs(
    (kinds, always_slow, rounds): (Vec<Kind>, bool, Vec<Round>),
) -> core::result::Result<(), TestCaseError> {
    let mut world = World::new(&kinds);
    rounds.iter().for_each(|round| world.runs(round, always_slow));
    world.ends();
    Ok(())
}

#[test]
fn files_equal_vectors_when_their_steps_run_concurrently() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);

    runner.run(&rounds(), runs).unwrap_or_else(|error| panic!("{error}"));
}

/// A long run. `SCRATCH_MODEL_SEED` repeats the run with a printed seed.
#[test]
#[ignore = "takes minutes"]
fn files_equal_vectors_in_a_long_run() {
    let seed = std::env::var(SEED_VARIABLE).map_or_else(
        |_| UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos() as u64,
        |seed| seed.parse().expect("a number"),
    );
    let cases = std::env::var(CASES_VARIABLE).map_or(LONG_RUN, |cases| cases.parse().expect("a number"));
    println!("{SEED_VARIABLE}={seed} {CASES_VARIABLE}={cases}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));

    runner.run(&rounds(), runs).unwrap_or_else(|error| panic!("{error}"));
}
