//! Programs on several files, with failures and cancellations. Each file has to equal a vector.

use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::error::ErrorCode;
use crate::file::File;
use crate::instance::scratch::Scratch;
use crate::options::{Access, FileOptions, Removal, Whence};
use crate::testing::memory_filesystem::{MemoryFilesystem, Patience};
use crate::testing::models::file::{Model, Step, perform};

/// The largest number of steps, and of bytes that a step writes.
const MOST_STEPS: usize = 200;
const MOST_BYTES: u8 = 40;

/// The bytes of a program, with an unlimited number of zeros after them.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn number(&mut self) -> u64 {
        self.byte().into()
    }

    /// Returns a number or nothing.
    fn optional(&mut self) -> Option<u64> {
        self.number().checked_sub(1)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte() % MOST_BYTES).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes.to_vec()
    }

    fn pieces(&mut self) -> Vec<Vec<u8>> {
        (0..self.byte() % 4).map(|_| self.bytes()).collect()
    }

    fn step(&mut self, number: u8) -> Step {
        match number % 17 {
            0 => Step::Write(self.bytes()),
            1 => Step::WriteAt(self.bytes(), self.number()),
            2 => Step::WriteLines(self.pieces()),
            3 => Step::TryWrite(self.bytes()),
            4 => Step::StreamIn(self.pieces()),
            5 => Step::Read(self.number()),
            6 => Step::ReadAt(self.number(), self.number()),
            7 => Step::ReadLine(self.optional()),
            8 => Step::ReadLines(self.optional()),
            9 => Step::TryRead(self.number()),
            10 => Step::StreamOut(self.byte().into()),
            11 => Step::Truncate(self.optional()),
            12 => {
                let whence = [Whence::Start, Whence::Current, Whence::End][usize::from(self.byte() % 3)];
                Step::Seek(i64::from(self.byte() as i8), whence)
            }
            13 => Step::Flush,
            14 => Step::Sync,
            15 => Step::Size,
            _ => Step::Rollover,
        }
    }

    /// Returns a failure of one of the next calls to the host.
    fn failure(&mut self) -> (usize, ErrorCode) {
        let code = match self.byte() % 5 {
            0 => ErrorCode::Io,
            1 => ErrorCode::InsufficientSpace,
            2 => ErrorCode::NotPermitted,
            3 => ErrorCode::Interrupted,
            _ => ErrorCode::Busy,
        };
        (1 + usize::from(self.byte() % 4), code)
    }
}

struct Modelled {
    file: Rc<File<MemoryFilesystem>>,
    model: Model,
}

struct World {
    disk: MemoryFilesystem,
    scratch: Rc<Scratch<MemoryFilesystem>>,
    files: Vec<Modelled>,
}

/// Takes the number of files, then steps, failures, cancellations, and ends of files.
pub(crate) fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let disk = MemoryFilesystem::new();
    let mut world = World { scratch: Scratch::new(disk.clone()), disk, files: Vec::new() };
    for _ in 0..1 + input.byte() % 4 {
        world.creates(&mut input);
    }
    for _ in 0..MOST_STEPS {
        if input.0.is_empty() {
            break;
        }
        let (number, file) = (input.byte(), usize::from(input.byte()) % world.files.len());
        match number % 24 {
            0..17 => world.takes(file, input.step(number % 24), None),
            17..20 => {
                let (nth, code) = input.failure();
                let step = input.byte();
                world.takes(file, input.step(step), Some((nth, code)));
            }
            20..22 => {
                let patience = Patience::Polls(world.disk.polls() + usize::from(input.byte() % 16));
                world.disk.slow().with_patience(patience);
                let step = input.byte();
                world.takes(file, input.step(step), None);
            }
            22 => {
                let Modelled { file, .. } = world.files.swap_remove(file);
                world.disk.run(file.close()).expect("it closes");
                world.creates(&mut input);
            }
            _ => {
                drop(world.files.swap_remove(file));
                world.creates(&mut input);
            }
        }
    }
    world.ends();
}

impl World {
    fn creates(&mut self, input: &mut Input<'_>) {
        let (kind, buffer) = (input.byte(), input.number());
        let access = if kind & 1 == 0 { Access::ReadWrite } else { Access::Append };
        let removal = if kind & 2 == 0 { Removal::OnClose } else { Removal::OnDrop };
        let options = FileOptions {
            access: Some(access),
            buffer_size: Some(buffer),
            removal: Some(removal),
            ..FileOptions::default()
        };
        let file = match kind >> 2 & 3 {
            0 => self.disk.run(File::create(&self.scratch, options)),
            1 => self.disk.run(File::create_named(&self.scratch, options)),
            _ => File::create_spooled(&self.scratch, input.optional(), options),
        };
        let model = Model { appends: access == Access::Append, ..Model::default() };
        self.files.push(Modelled { file: Rc::new(file.expect("it is created")), model });
    }

    fn takes(&mut self, file: usize, step: Step, failure: Option<(usize, ErrorCode)>) {
        let Modelled { file, model } = &mut self.files[file];
        let disk = &self.disk;
        if let Some((nth, code)) = failure {
            disk.failing_call(nth, code);
        }
        let outcome = disk.attempt(perform(file, step.clone()));
        disk.settle();
        disk.heal();
        disk.with_patience(Patience::Endless);
        let mut stages = match &outcome {
            Some(Ok(told)) => {
                model.follow(&step, told);
                Vec::from([model.clone()])
            }
            Some(Err(_)) | None if model.refuses(&step) => Vec::from([model.clone()]),
            Some(Err(error)) => {
                let (_, code) = failure.unwrap_or_else(|| panic!("{step:?}: {}", error.message));
                assert_eq!(error.code, code, "{step:?}: {}", error.message);
                model.stages_of_failure(&step)
            }
            None => model.stages(&step),
        };
        let bytes = disk.run(file.read_at(u64::MAX, 0)).expect("it can be read");
        let position = file.tell();
        stages.retain(|stage| stage.bytes == bytes && stage.position == position);
        let found = stages.pop();
        *model = found.unwrap_or_else(|| panic!("{step:?} on {model:?} made it {bytes:?}, at {position}"));
    }

    /// Asserts that no entry is left and that no charge is left.
    fn ends(self) {
        let World { disk, scratch, files } = self;
        drop(files);
        disk.settle();
        let file = disk.run(File::create(&scratch, FileOptions::default())).expect("it still works");
        disk.run(file.close()).expect("it closes");
        drop(file);
        disk.settle();
        disk.assert_empty();
        let usage = scratch.budget().expect("the environment is empty").usage();
        let now = [usage.bytes.now, usage.entries.now, usage.handles.now, usage.memory.now];
        assert_eq!(now, [0; 4], "bytes, entries, handles, memory");
        drop(scratch);
        disk.assert_balanced();
        assert_eq!((disk.open_descriptors(), disk.used()), (0, 0), "descriptors and bytes");
    }
}
