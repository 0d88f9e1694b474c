//! Random programs on many files and a tree under random limits: the usage never exceeds a limit, and the
//! counters are exact.

use futures::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::testing::memory_filesystem::Call;
use crate::tests::*;

#[derive(Clone, Copy, Debug)]
enum Sort {
    Unnamed,
    Named,
    Spooled(Option<u64>),
    InTree(usize),
}

/// Paths in the tree; some of them are below others.
const PATHS: [&str; 6] = ["a", "b", "d", "d/a", "d/d", "d/d/a"];

#[derive(Clone, Debug)]
enum Step {
    Create(Sort, u64),
    Write(usize, usize),
    WriteAt(usize, usize, u64),
    WriteTogether(usize),
    Stream(usize, usize),
    Truncate(usize, u64),
    Flush(usize),
    ReadLines(usize),
    Rollover(usize),
    Close(usize),
    Drop(usize),
    CreateDirectory(usize),
    Remove(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let sort = prop_oneof![
        Just(Sort::Unnamed),
        Just(Sort::Named),
        Just(Sort::Spooled(None)),
        (0..40_u64).prop_map(|max_size| Sort::Spooled(Some(max_size))),
        (0..PATHS.len()).prop_map(Sort::InTree),
    ];
    let file = || 0..8_usize;
    prop_oneof![
        4 => (sort, select(vec![0_u64, 8, 64])).prop_map(|(sort, buffer)| Step::Create(sort, buffer)),
        4 => (file(), 0..60_usize).prop_map(|(file, length)| Step::Write(file, length)),
        3 => (file(), 0..30_usize, 0..120_u64)
            .prop_map(|(file, length, offset)| Step::WriteAt(file, length, offset)),
        2 => (0..30_usize).prop_map(Step::WriteTogether),
        2 => (file(), 0..90_usize).prop_map(|(file, length)| Step::Stream(file, length)),
        3 => (file(), 0..120_u64).prop_map(|(file, size)| Step::Truncate(file, size)),
        2 => file().prop_map(Step::Flush),
        1 => file().prop_map(Step::ReadLines),
        1 => file().prop_map(Step::Rollover),
        1 => file().prop_map(Step::Close),
        2 => file().prop_map(Step::Drop),
        2 => (0..PATHS.len()).prop_map(Step::CreateDirectory),
        2 => (0..PATHS.len()).prop_map(Step::Remove),
    ]
}

fn limit(most: u64) -> impl Strategy<Value = Option<u64>> {
    proptest::option::weighted(0.7, 0..most)
}

fn limits() -> impl Strategy<Value = Limits> {
    (limit(200), limit(120), limit(8), limit(8), limit(300), limit(4)).prop_map(
        |(max_bytes, max_file_bytes, max_entries, max_handles, max_memory, max_depth)| Limits {
            max_bytes,
            max_file_bytes,
            max_entries,
            max_handles,
            max_memory,
            max_depth,
            confined: false,
            hide_disk_full: false,
        },
    )
}

/// A fault of one call of a step.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Fails(usize, ErrorCode),
    /// The call takes effect and reports an error.
    IsLost(Call),
    IsShort(usize),
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    let code = select(vec![ErrorCode::Io, ErrorCode::InsufficientSpace, ErrorCode::NotPermitted]);
    let lost = select(vec![Call::Create, Call::CreateDirectory, Call::Write, Call::SetSize, Call::Unlink]);
    proptest::option::weighted(
        0.3,
        prop_oneof![
            (1..4_usize, code).prop_map(|(nth, code)| Fault::Fails(nth, code)),
            lost.prop_map(Fault::IsLost),
            (0..40_usize).prop_map(Fault::IsShort),
        ],
    )
}

/// An instance, a tree and some files.
struct World {
    instance: Instance,
    tree: Option<TestDirectory>,
    files: Vec<TestFile>,
}

impl World {
    fn new(limits: Limits) -> World {
        let instance = Instance::limited(limits).warmed_up();
        let tree = instance.try_directory(DirectoryOptions::default()).ok();
        World { instance, tree, files: Vec::new() }
    }

    fn create(&mut self, sort: Sort, buffer: u64) -> Result<()> {
        let file = match (sort, &self.tree) {
            (Sort::Named, _) => self.instance.try_named(with_buffer(buffer)),
            (Sort::Spooled(max_size), _) => self.instance.try_spooled(max_size, with_buffer(buffer)),
            (Sort::InTree(place), Some(tree)) => tree.create_file(PATHS[place]),
            _ => self.instance.try_unnamed(with_buffer(buffer)),
        };
        self.files.push(file?);
        Ok(())
    }

    fn take(&mut self, step: &Step) -> Result<()> {
        let count = self.files.len();
        let file = |index: &usize| (count > 0).then(|| &self.files[index % count]);
        let on = |index: &usize, call: &dyn Fn(&TestFile) -> Result<()>| file(index).map_or(Ok(()), call);
        match step {
            Step::Create(sort, buffer) => self.create(*sort, *buffer),
            Step::Write(index, length) => on(index, &|file| file.write(&vec![b'w'; *length])),
            Step::WriteAt(index, length, offset) => {
                on(index, &|file| file.write_at(&vec![b'a'; *length], *offset))
            }
            Step::WriteTogether(length) => {
                let writes = self.files.iter().map(|file| file.file.write(vec![b't'; *length]));
                self.instance.disk.run(join_all(writes)).into_iter().collect()
            }
            Step::Stream(index, length) => on(index, &|file| {
                file.run(async { file.file.stream().await.write(vec![b's'; *length]).await })
            }),
            Step::Truncate(index, size) => on(index, &|file| file.truncate(Some(*size))),
            Step::Flush(index) => on(index, &|file| file.flush()),
            Step::ReadLines(index) => on(index, &|file| file.read_lines(None).map(drop)),
            Step::Rollover(index) => on(index, &|file| file.rollover()),
            Step::Close(index) => on(index, &|file| file.close()),
            Step::Drop(index) => {
                if count > 0 {
                    drop(self.files.swap_remove(index % count));
                }
                Ok(())
            }
            Step::CreateDirectory(place) => {
                self.tree.as_ref().map_or(Ok(()), |tree| tree.create_directory(PATHS[*place]))
            }
            Step::Remove(place) => self.tree.as_ref().map_or(Ok(()), |tree| tree.remove(PATHS[*place])),
        }
    }

    fn break_something(&self, fault: Fault) {
        let disk = &self.instance.disk;
        match fault {
            Fault::Fails(nth, code) => disk.failing_call(nth, code),
            Fault::IsLost(call) => disk.losing_nth(call, 1, ErrorCode::Io),
            Fault::IsShort(count) => disk.shortening(Call::Write, 1, count, ErrorCode::InsufficientSpace),
        };
    }

    /// Checks the conditions that hold at any time.
    fn check(&self, limits: Limits) {
        let disk = &self.instance.disk;
        let Usage { bytes, entries, handles, memory, .. } = self.instance.usage();
        assert!(bytes.now >= disk.used(), "{} bytes on disk, {} are charged", disk.used(), bytes.now);
        assert!(entries.now as usize >= disk.entries().len(), "{entries:?}: {:?}", disk.entries());
        for (gauge, limit) in [
            (bytes, limits.max_bytes),
            (entries, limits.max_entries),
            (handles, limits.max_handles),
            (memory, limits.max_memory),
        ] {
            assert!(limit.is_none_or(|limit| gauge.peak <= limit), "{gauge:?}, limit {limit:?}");
        }
        assert!(limits.max_bytes.is_none_or(|limit| disk.most_used() <= limit), "{}", disk.most_used());
        for file in self.files.iter().filter(|file| !file.file.is_closed()) {
            let size = file.size().unwrap();
            assert!(limits.max_file_bytes.is_none_or(|limit| size <= limit), "{size}");
        }
    }

    /// Checks the exact counters, after files without a name moved to disk, buffers were flushed and failed removals are repeated.
    fn check_to_the_byte(&self) {
        for file in &self.files {
            if file.file.is_closed() {
                file.close().unwrap();
            } else {
                file.sync().unwrap();
                file.truncate(Some(file.size().unwrap())).unwrap();
            }
        }
        if let Some(tree) = &self.tree {
            tree.remove("").unwrap();
        }
        self.retry_removals();
        let Usage { bytes, handles, .. } = self.instance.usage();
        let open = self.files.iter().filter(|file| !file.file.is_closed()).count();
        assert_eq!(bytes.now, self.instance.disk.used());
        assert_eq!(handles.now as usize, open + usize::from(self.tree.is_some()));
    }

    fn end(self) {
        let World { instance, tree, files } = self;
        for file in &files {
            file.close().unwrap();
        }
        drop(files);
        if let Some(tree) = &tree {
            tree.close().unwrap();
        }
        drop(tree);
        assert!(!instance.scratch.has_left());
        instance.assert_clean();
    }

    /// Creates a file, which repeats the failed removals of drops.
    fn retry_removals(&self) {
        _ = self.instance.try_unnamed(options());
        self.instance.disk.settle();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_program_exceeds_a_limit_and_its_usage_is_exact(
        limits in limits(),
        slow in any::<bool>(),
        steps in vec((step(), fault()), 1..40),
    ) {
        let mut world = World::new(limits);
        if slow {
            world.instance.disk.slow();
        }
        for (step, fault) in &steps {
            if let Some(fault) = fault {
                world.break_something(*fault);
            }
            let outcome = world.take(step);
            world.instance.disk.settle();
            world.instance.disk.heal();
            if slow {
                world.instance.disk.slow();
            }
            if let (None, Err(error)) = (fault, &outcome) {
                let known = matches!(
                    error.code,
                    ErrorCode::Quota(_) | ErrorCode::Closed | ErrorCode::NoEntry | ErrorCode::Exist
                        | ErrorCode::NotDirectory | ErrorCode::IsDirectory
                );
                assert!(known, "{step:?}: {}", error.message);
            }
            world.check(limits);
        }
        world.check_to_the_byte();
        world.end();
    }
}
