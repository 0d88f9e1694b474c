//! A text file of the guest, and the types of its interface.

use std::rc::Rc;

use wasmtime::component::{ComponentType, Lift, Lower, ResourceAny};

use crate::calls::{TEXT, methods};
use crate::file::TemporaryFile;
use crate::instance::Instance;
use crate::types::{Error, enums, setters};

enums! {
    /// The treatment of what can't be encoded or decoded.
    ErrorHandling {
        Strict = "strict",
        Ignore = "ignore",
        Replace = "replace",
        BackslashReplace = "backslash-replace",
        SurrogateEscape = "surrogate-escape",
    }

    /// The end of a line, and its translation.
    Newline {
        Universal = "universal",
        Untranslated = "untranslated",
        LineFeed = "line-feed",
        CarriageReturn = "carriage-return",
        CarriageReturnLineFeed = "carriage-return-line-feed",
    }
}

/// Options for making a text of a file.
#[derive(Clone, Debug, Default, ComponentType, Lower)]
#[component(record)]
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

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub struct TextPosition {
    /// The number of bytes before it.
    pub offset: u64,
    /// The state of a decoder there.
    pub state: u64,
}

/// The destination of `seek`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lower)]
#[component(variant)]
pub enum Target {
    /// The beginning.
    #[component(name = "start")]
    Start,
    /// The end.
    #[component(name = "end")]
    End,
    /// A position that `tell` returned.
    #[component(name = "position")]
    Position(TextPosition),
}

/// A text file of the guest; dropping it drops the resource, without `close`.
#[derive(Debug)]
pub struct TextFile {
    instance: Rc<Instance>,
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
    pub(crate) fn new(instance: &Rc<Instance>, handle: ResourceAny) -> TextFile {
        TextFile { instance: instance.clone(), handle, is_owned: true }
    }

    methods! { TEXT, "text-file";
        is_rolled() -> bool;
        is_closed() -> bool;
        path() -> Option<String>;
        read(max: Option<u64>) -> Result<String, Error>;
        read_line(limit: Option<u64>) -> Result<String, Error>;
        read_lines(hint: Option<u64>) -> Result<Vec<String>, Error>;
        write(text: &str) -> Result<(), Error>;
        tell() -> Result<TextPosition, Error>;
        seek(target: Target) -> Result<(), Error>;
        truncate(size: Option<u64>) -> Result<(), Error>;
        flush() -> Result<(), Error>;
        rollover() -> Result<(), Error>;
        close() -> Result<(), Error>;
    }

    /// Calls `write-lines`.
    pub async fn write_lines(&self, lines: &[&str]) -> Result<(), Error> {
        let lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        self.instance.call(TEXT, "[method]text-file.write-lines", (self.handle, lines)).await
    }

    /// Calls `into-file`.
    pub async fn into_file(mut self) -> TemporaryFile {
        self.is_owned = false;
        let file = self.instance.call(TEXT, "[static]text-file.into-file", (self.handle,)).await;
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
