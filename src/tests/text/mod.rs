//! Text over files: helpers for all tests of text, and general tests.

mod faults;
mod model;
pub(crate) mod positions;
mod python;
mod reading;
mod reference;
mod writing;

use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::file::TextFile;
use crate::text::newline::Newline;
use crate::text::position::TextPosition;

pub(super) use crate::text::Target;

/// A text whose functions run to their end.
pub(super) struct TestText {
    pub(super) disk: MemoryFilesystem,
    pub(super) text: Rc<TextFile<MemoryFilesystem>>,
}

impl TestText {
    pub(super) fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.disk.run(call)
    }

    pub(super) fn read(&self, max: u64) -> Result<String> {
        self.run(self.text.read(Some(max)))
    }

    pub(super) fn read_all(&self) -> Result<String> {
        self.run(self.text.read(None))
    }

    pub(super) fn read_line(&self) -> Result<String> {
        self.run(self.text.read_line(None))
    }

    pub(super) fn read_lines(&self) -> Result<Vec<String>> {
        self.run(self.text.read_lines(None))
    }

    pub(super) fn write(&self, text: &str) -> Result<()> {
        self.run(self.text.write(text.to_owned()))
    }

    pub(super) fn write_lines(&self, lines: &[&str]) -> Result<()> {
        self.run(self.text.write_lines(lines.iter().map(|line| (*line).to_owned()).collect()))
    }

    pub(super) fn tell(&self) -> Result<TextPosition> {
        self.run(self.text.tell())
    }

    pub(super) fn seek(&self, target: Target) -> Result<()> {
        self.run(self.text.seek(target))
    }

    #[track_caller]
    pub(super) fn rewind(&self) {
        self.seek(Target::Start).unwrap();
    }

    pub(super) fn truncate(&self, size: Option<u64>) -> Result<()> {
        self.run(self.text.truncate(size))
    }

    pub(super) fn close(&self) -> Result<()> {
        self.run(self.text.close())
    }

    /// Reads the text from the beginning to the end, and leaves the position there.
    #[track_caller]
    pub(super) fn contents(&self) -> String {
        self.rewind();
        self.read_all().unwrap()
    }

    /// Returns the file of the text.
    #[track_caller]
    pub(super) fn into_file(self) -> TestFile {
        let Ok(text) = Rc::try_unwrap(self.text) else { panic!("somebody else uses the text") };
        TestFile { disk: self.disk, file: Rc::new(text.into_file()) }
    }

    /// Returns the bytes of the text's file.
    #[track_caller]
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.into_file().contents()
    }
}

impl TestFile {
    /// Opens the file as text.
    #[track_caller]
    pub(super) fn into_text(self, settings: TextSettings) -> TestText {
        let Ok(file) = Rc::try_unwrap(self.file) else { panic!("somebody else uses the file") };
        TestText { disk: self.disk, text: Rc::new(TextFile::new(file, settings).unwrap()) }
    }
}

impl Instance {
    /// Returns a text in memory with the content `bytes`, at its beginning.
    #[track_caller]
    pub(super) fn text(&self, settings: TextSettings, bytes: &[u8]) -> TestText {
        let file = self.try_spooled(None, options()).unwrap();
        file.write(bytes).unwrap();
        file.seek(0, Whence::Start).unwrap();
        file.into_text(settings)
    }
}

/// Returns the settings of strict UTF-8 without translation of line ends.
pub(super) fn settings() -> TextSettings {
    TextSettings { encoding: Encoding::Utf8, errors: ErrorHandling::Strict, newline: Newline::Lf }
}

pub(super) fn encoded(encoding: Encoding) -> TextSettings {
    TextSettings { encoding, ..settings() }
}

pub(super) fn with_errors(errors: ErrorHandling) -> TextSettings {
    TextSettings { errors, ..settings() }
}

pub(super) fn with_newline(newline: Newline) -> TextSettings {
    TextSettings { newline, ..settings() }
}

/// Reads the bytes as text to the end.
#[track_caller]
pub(super) fn decoded(settings: TextSettings, bytes: &[u8]) -> core::result::Result<String, ErrorCode> {
    let instance = Instance::new();
    let text = instance.text(settings, bytes);
    text.read_all().map_err(|error| error.code)
}

/// Writes the text and returns the bytes of the file.
#[track_caller]
pub(super) fn written(settings: TextSettings, text: &str) -> core::result::Result<Vec<u8>, ErrorCode> {
    let instance = Instance::new();
    let file = instance.text(settings, b"");
    file.write(text).map_err(|error| error.code)?;
    Ok(file.into_bytes())
}

#[test]
fn the_example_of_every_kind_of_file_reads_what_it_wrote() {
    let instance = Instance::new();
    for file in [instance.unnamed(), instance.named(), instance.spooled(1000), instance.spooled(4)] {
        let text = file.into_text(settings());

        text.write("hello\n").unwrap();
        text.write_lines(&["wörld\n", "€", "\n"]).unwrap();

        assert_eq!(text.contents(), "hello\nwörld\n€\n");
        text.rewind();
        assert_eq!(text.read_lines().unwrap(), ["hello\n", "wörld\n", "€\n"]);
        text.close().unwrap();
    }
    instance.assert_clean();
}

#[test]
fn every_operation_on_a_closed_text_fails_with_closed() {
    let instance = Instance::new();
    let text = instance.named().into_text(settings());
    text.write("line\n").unwrap();
    text.rewind();
    text.read(1).unwrap();
    let told = text.tell().unwrap();
    let path = text.text.path();

    text.close().unwrap();
    text.close().unwrap();

    let closed = Some(ErrorCode::Closed);
    assert_eq!(code(text.read(1)), closed);
    assert_eq!(code(text.read(0)), closed);
    assert_eq!(code(text.read_all()), closed);
    assert_eq!(code(text.read_line()), closed);
    assert_eq!(code(text.read_lines()), closed);
    assert_eq!(code(text.write("x")), closed);
    assert_eq!(code(text.write("")), closed);
    assert_eq!(code(text.write_lines(&[])), closed);
    assert_eq!(code(text.tell()), closed);
    for target in [Target::Start, Target::End, Target::Position(told)] {
        assert_eq!(code(text.seek(target)), closed);
    }
    assert_eq!(code(text.truncate(None)), closed);
    assert_eq!(code(text.run(text.text.flush())), closed);
    assert_eq!(code(text.run(text.text.rollover())), closed);
    assert!(text.text.is_closed());
    assert_eq!(text.text.path(), path);
    drop(text);
    instance.assert_clean();
}

#[test]
fn a_text_for_reading_refuses_every_write() {
    let instance = Instance::new();
    let text = instance.try_named(with_access(Access::ReadOnly)).unwrap().into_text(settings());

    assert_eq!(code(text.write("x")), Some(ErrorCode::NotPermitted));
    assert_eq!(code(text.write("")), Some(ErrorCode::NotPermitted));
    assert_eq!(code(text.write_lines(&[])), Some(ErrorCode::NotPermitted));
    assert_eq!(code(text.truncate(None)), Some(ErrorCode::NotPermitted));
    assert_eq!(text.read_all().unwrap(), "");
}

#[test]
fn a_text_for_writing_refuses_every_read() {
    let instance = Instance::new();
    for access in [Access::WriteOnly, Access::AppendOnly] {
        let text = instance.try_spooled(None, with_access(access)).unwrap().into_text(settings());
        text.write("a\n").unwrap();
        text.rewind();

        assert_eq!(code(text.read(1)), Some(ErrorCode::NotPermitted));
        assert_eq!(code(text.read_all()), Some(ErrorCode::NotPermitted));
        assert_eq!(code(text.read_line()), Some(ErrorCode::NotPermitted));
        assert_eq!(code(text.read_lines()), Some(ErrorCode::NotPermitted));
        let told = text.tell().unwrap();
        text.seek(Target::Position(told)).unwrap();
    }
}

#[test]
fn a_file_in_use_or_closed_cannot_be_opened_as_text() {
    let instance = Instance::new();
    let (used, closed) = (instance.named(), instance.named());
    closed.close().unwrap();
    let turn = used.file.take();

    let Ok(used) = Rc::try_unwrap(used.file) else { unreachable!() };
    let Ok(closed) = Rc::try_unwrap(closed.file) else { unreachable!() };
    let busy = instance.disk.run(async { TextFile::new(used, settings()) });

    assert_eq!(code(busy), Some(ErrorCode::Busy));
    assert_eq!(code(TextFile::new(closed, settings())), Some(ErrorCode::Closed));
    instance.disk.run(async { drop(turn) });
    instance.assert_clean();
}

#[test]
fn dropping_a_text_removes_its_file() {
    for drops_operation in [false, true] {
        let instance = Instance::new().warmed_up();
        let text = instance.named().into_text(settings());
        text.write("content").unwrap();
        instance.disk.slow();

        if drops_operation {
            instance.disk.poll_times(text.text.truncate(Some(3)), 2);
        }
        instance.disk.run(async { drop(text) });

        instance.assert_clean();
    }
}

#[test]
fn a_returned_file_has_the_position_of_its_text() {
    let instance = Instance::new();
    let text = instance.text(with_newline(Newline::Universal), "ä\r\nb\rc".as_bytes());

    assert_eq!(text.read_line().unwrap(), "ä\n");
    let file = text.into_file();

    assert_eq!(file.read(1).unwrap(), b"b");
    let text = file.into_text(with_newline(Newline::Universal));
    assert_eq!(text.read(1).unwrap(), "\n");
    let file = text.into_file();
    assert_eq!(file.file.tell(), 6);
    assert_eq!(file.read(9).unwrap(), b"c");
}

#[test]
fn a_file_is_returned_while_a_cancelled_operation_is_running() {
    let instance = Instance::new().warmed_up();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    file.write(b"one\ntwo\n").unwrap();
    file.seek(0, Whence::Start).unwrap();
    let text = file.into_text(settings());
    instance.disk.slow();

    instance.disk.poll_times(text.text.read_line(None), 1);
    let file = instance.disk.run(async { text.into_file() });

    assert_eq!(file.size().unwrap(), 8);
    assert_eq!(file.file.tell(), 4);
    file.assert_closes();
    instance.assert_clean();
}
