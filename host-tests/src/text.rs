//! A text file of the guest, and the types of its interface.

use std::rc::Rc;

use wasmtime::component::ResourceAny;

use crate::bindings::{Provider, p2, p3};
use crate::calls::{ask, call, methods, questions};
use crate::file::TemporaryFile;
use crate::instance::Instance;
use crate::types::{Error, setters, words};

words! {
    /// What to do with what has no counterpart.
    text::ErrorHandling { Strict, Ignore, Replace, BackslashReplace, SurrogateEscape }
}
words! {
    /// What ends a line.
    text::Newline { Universal, Untranslated, LineFeed, CarriageReturn, CarriageReturnLineFeed }
}

/// How a text becomes bytes.
#[derive(Clone, Debug, Default)]
pub struct TextOptions {
    encoding: Option<String>,
    errors: Option<ErrorHandling>,
    newline: Option<Newline>,
}

impl TextOptions {
    /// Leaves every field out.
    pub fn new() -> TextOptions {
        TextOptions::default()
    }

    setters!(encoding: &str, errors: ErrorHandling, newline: Newline);
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPosition {
    /// The number of bytes.
    pub offset: u64,
    /// What a decoder has to know there.
    pub state: u64,
}

/// Where `seek` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The beginning.
    Start,
    /// The end.
    End,
    /// A place that `tell` told.
    Position(TextPosition),
}

/// Declares the conversions of records, to be listed once for each edge.
macro_rules! records {
    ($edge:ident) => {
        impl From<TextOptions> for $edge::text::TextOptions {
            fn from(options: TextOptions) -> $edge::text::TextOptions {
                let TextOptions { encoding, errors, newline } = options;
                let (errors, newline) = (errors.map(Into::into), newline.map(Into::into));
                $edge::text::TextOptions { encoding, errors, newline }
            }
        }

        impl From<$edge::text::TextPosition> for TextPosition {
            fn from(position: $edge::text::TextPosition) -> TextPosition {
                TextPosition { offset: position.offset, state: position.state }
            }
        }

        impl From<Target> for $edge::text::Target {
            fn from(target: Target) -> $edge::text::Target {
                match target {
                    Target::Start => $edge::text::Target::Start,
                    Target::End => $edge::text::Target::End,
                    Target::Position(TextPosition { offset, state }) => {
                        $edge::text::Target::Position($edge::text::TextPosition { offset, state })
                    }
                }
            }
        }
    };
}

records!(p3);
records!(p2);

/// A text file of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TextFile {
    instance: Rc<Instance<Provider>>,
    handle: ResourceAny,
    is_owned: bool,
}

impl Drop for TextFile {
    fn drop(&mut self) {
        if self.is_owned {
            self.instance.drop_resource(self.handle);
        }
    }
}

impl TextFile {
    pub(crate) fn new(instance: &Rc<Instance<Provider>>, handle: ResourceAny) -> TextFile {
        TextFile { instance: instance.clone(), handle, is_owned: true }
    }

    questions! { scratch_tempfile_text, text_file:
        is_rolled -> bool = func_is_rolled;
        is_closed -> bool = func_is_closed;
        path -> Option<String> = func_path;
    }

    methods! { scratch_tempfile_text, text_file:
        read(max: Option<u64>) -> String = func_read;
        read_line(limit: Option<u64>) -> String = func_read_line;
        read_lines(hint: Option<u64>) -> Vec<String> = func_read_lines;
        truncate(size: Option<u64>) -> () = func_truncate;
        flush() -> () = func_flush;
        rollover() -> () = func_rollover;
        close() -> () = func_close;
    }

    /// Calls `write`.
    pub async fn write(&self, text: &str) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_write(),
            (self.handle, text.to_owned()))
    }

    /// Calls `write-lines`.
    pub async fn write_lines(&self, lines: &[&str]) -> Result<(), Error> {
        let lines = lines.iter().map(|line| line.to_string()).collect();
        call!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_write_lines(),
            (self.handle, lines))
    }

    /// Calls `tell`.
    pub async fn tell(&self) -> Result<TextPosition, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_tell(), (self.handle),
            with TextPosition::from)
    }

    /// Calls `seek`.
    pub async fn seek(&self, target: Target) -> Result<(), Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_seek(),
            (self.handle, target.into()))
    }

    /// Calls `into-file`.
    pub async fn into_file(mut self) -> TemporaryFile {
        self.is_owned = false;
        let file = ask!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_into_file(), (self.handle));
        TemporaryFile::new(&self.instance, file)
    }

    /// Reads all of the text, from the start, and leaves the position at the end.
    pub async fn contents(&self) -> Result<String, Error> {
        self.seek(Target::Start).await?;
        self.read(None).await
    }

    /// All bytes of the file below.
    pub async fn into_bytes(self) -> Result<Vec<u8>, Error> {
        self.into_file().await.contents().await
    }
}
