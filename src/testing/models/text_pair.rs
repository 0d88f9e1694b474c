//! A text and its model. Each step has to give the same result for both.

use std::rc::Rc;

use crate::error::ErrorCode;
use crate::file::File;
use crate::instance::scratch::Scratch;
use crate::options::{Access, FileOptions, Whence};
use crate::testing::memory_filesystem::MemoryFilesystem;
use crate::testing::models::text::{Model, Place};
use crate::text::Target;
use crate::text::encoding::Encoding;
use crate::text::file::TextFile;
use crate::text::position::TextPosition;

/// A step of a program on a text.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Read(u64),
    ReadAll,
    ReadLine(Option<u64>),
    ReadLines(Option<u64>),
    Write(String),
    WriteLines(Vec<String>),
    Tell,
    /// A seek to a position that `tell` returned.
    Seek(usize),
    SeekStart,
    SeekEnd,
    Truncate(Option<u64>),
    Flush,
    Rollover,
    /// Returns the file and opens a new text over it.
    Renew,
}

/// Properties of a text that must not change its results.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Making {
    /// The kind of file: unnamed, named, in memory, or rolling over.
    pub(crate) kind: u8,
    pub(crate) buffer: u64,
    pub(crate) decoded_at_once: u64,
}

/// A text and its model.
pub(crate) struct Pair {
    disk: MemoryFilesystem,
    text: TextFile<MemoryFilesystem>,
    decoded_at_once: u64,
    model: Model,
    /// The positions that `tell` returned, with the model's places.
    told: Vec<(TextPosition, Place, usize)>,
}

impl Pair {
    /// Creates a text with the content and the position of the model.
    pub(crate) fn new(
        disk: &MemoryFilesystem,
        scratch: &Rc<Scratch<MemoryFilesystem>>,
        making: Making,
        model: Model,
    ) -> Pair {
        let Making { kind, buffer, decoded_at_once } = making;
        let access = if model.appends { Access::Append } else { Access::ReadWrite };
        let options =
            FileOptions { access: Some(access), buffer_size: Some(buffer), ..FileOptions::default() };
        let file = match kind {
            0 => disk.run(File::create(scratch, options)),
            1 => disk.run(File::create_named(scratch, options)),
            2 => File::create_spooled(scratch, None, options),
            _ => File::create_spooled(scratch, Some(9), options),
        };
        let file = file.unwrap();
        disk.run(file.write(model.bytes.clone())).unwrap();
        disk.run(file.seek(model.place.offset as i64, Whence::Start)).unwrap();
        let text = TextFile::new(file, model.settings).unwrap();
        text.decode_at_once(decoded_at_once);
        Pair { disk: disk.clone(), text, decoded_at_once, model, told: Vec::new() }
    }

    /// Executes a step on both and compares the results. `may_fail` allows an injected fault of the text.
    pub(crate) fn take(mut self, step: &Step, may_fail: bool) -> Pair {
        let mut next = self.model.clone();
        let (disk, text) = (&self.disk, &self.text);
        macro_rules! compare {
            ($call:expr, $expected:expr) => {
                match (disk.run($call), $expected) {
                    (Ok(outcome), Some(expected)) => assert_eq!(outcome, expected, "{step:?}"),
                    (Err(error), None) if error.code == ErrorCode::IllegalByteSequence => {}
                    (Err(error), _) if may_fail => {
                        assert_eq!(error.code, ErrorCode::Io, "{}", error.message);
                        next = self.model.clone();
                    }
                    (outcome, expected) => panic!("{step:?}: {outcome:?} instead of {expected:?}"),
                }
            };
        }
        match step {
            Step::Read(max) => compare!(text.read(Some(*max)), next.read(*max)),
            Step::ReadAll => compare!(text.read(None), next.read(u64::MAX)),
            Step::ReadLine(limit) => {
                compare!(text.read_line(*limit), next.read_line(limit.unwrap_or(u64::MAX)))
            }
            Step::ReadLines(hint) => {
                let hinted = hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX);
                compare!(text.read_lines(*hint), next.read_lines(hinted))
            }
            Step::Write(data) => compare!(text.write(data.clone()), next.write(data)),
            Step::WriteLines(lines) => {
                compare!(text.write_lines(lines.clone()), lines.iter().try_for_each(|line| next.write(line)))
            }
            Step::Tell => {
                let position = disk.run(text.tell()).unwrap();
                self.told.push((position, next.place, next.end));
            }
            Step::Seek(index) if !self.told.is_empty() => {
                let (position, place, end) = self.told[index % self.told.len()];
                disk.run(text.seek(Target::Position(position))).unwrap();
                (next.place, next.end) = (place, end);
                if next.place.offset > 0 {
                    next.seen = next.place.is_big_endian;
                }
            }
            Step::Seek(_) => {}
            Step::SeekStart => {
                disk.run(text.seek(Target::Start)).unwrap();
                next.go_to(0);
            }
            Step::SeekEnd => {
                next.go_to(next.bytes.len());
                compare!(text.seek(Target::End), Some(()));
            }
            Step::Truncate(size) => {
                next.bytes.resize(size.unwrap_or(next.end as u64) as usize, 0);
                compare!(text.truncate(*size), Some(()));
            }
            Step::Flush => compare!(text.flush(), Some(())),
            Step::Rollover => compare!(text.rollover(), Some(())),
            Step::Renew => {
                let file = self.text.into_file();
                assert_eq!(file.tell(), next.end as u64);
                self.text = TextFile::new(file, next.settings).unwrap();
                self.text.decode_at_once(self.decoded_at_once);
                next.seen = None;
                next.go_to(next.end);
            }
        }
        self.model = next;
        self
    }

    /// Whether the model knows the effect of a failed step. It does not if the byte-order mark matters,
    /// since only the text knows whether it has read the mark, or if lines before the failure are written.
    pub(crate) fn foresees_failure(&self, step: &Step) -> bool {
        !matches!(step, Step::WriteLines(_) | Step::Renew)
            && (self.model.place.offset > 0 || self.model.settings.encoding != Encoding::Utf16)
    }

    /// Compares the contents, and closes the text.
    pub(crate) fn end(self) {
        let file = self.text.into_file();
        assert_eq!(file.tell(), self.model.end as u64);
        assert_eq!(self.disk.run(file.read_at(u64::MAX, 0)).unwrap(), self.model.bytes);
        self.disk.run(file.close()).unwrap();
    }
}
