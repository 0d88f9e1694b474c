//! Standard input and output, of any length and at full speed.

use std::fs::File;
use std::io::{self, Seek as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::cli::{InputFile, IsTerminal, OutputFile, StdinStream, StdoutStream};

use crate::closed;

/// The null device. Opened in the other direction, it fails as a closed stream does.
const NULL: &str = "/dev/null";

/// Standard input. A regular file is read directly, with a progress bar.
pub(crate) struct Input {
    stream: Box<dyn StdinStream>,
    bar: ProgressBar,
}

impl Input {
    pub(crate) fn open() -> Input {
        if closed::stdin()
            && let Ok(unreadable) = File::options().write(true).open(NULL)
        {
            return Input { stream: Box::new(InputFile::new(unreadable)), bar: ProgressBar::hidden() };
        }
        match regular_file(own(&io::stdin())) {
            // Reading a regular file never waits, so it needs no thread of its own.
            Some((file, length)) => Input { stream: Box::new(InputFile::new(file)), bar: bar(length) },
            None => Input { stream: Box::new(io::stdin()), bar: ProgressBar::hidden() },
        }
    }

    /// The bar that advances with the input.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        self.stream.is_terminal()
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(Counted { stream: Box::into_pin(self.stream.async_stream()), bar: self.bar.clone() })
    }
}

/// A stream that advances a bar, and removes the bar at its end to leave the terminal to the plugin.
struct Counted {
    stream: Pin<Box<dyn AsyncRead + Send + Sync>>,
    bar: ProgressBar,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = self.stream.as_mut().poll_read(context, buffer);
        match (&polled, buffer.filled().len() - before) {
            (Poll::Pending, _) => {}
            (Poll::Ready(_), 0) => self.bar.finish_and_clear(),
            (Poll::Ready(_), read) => self.bar.inc(read as u64),
        }
        polled
    }
}

/// Standard output, without the line buffering of Rust's standard library.
pub(crate) fn output() -> Box<dyn StdoutStream + Sync> {
    if closed::stdout()
        && let Ok(unwritable) = File::open(NULL)
    {
        return Box::new(OutputFile::new(unwritable));
    }
    match own(&io::stdout()) {
        Some(file) => Box::new(OutputFile::new(file)),
        None => Box::new(io::stdout()),
    }
}

/// A second handle of a standard stream.
#[cfg(unix)]
fn own(stream: &impl std::os::fd::AsFd) -> Option<File> {
    stream.as_fd().try_clone_to_owned().ok().map(File::from)
}

/// A second handle of a standard stream.
#[cfg(windows)]
fn own(stream: &impl std::os::windows::io::AsHandle) -> Option<File> {
    stream.as_handle().try_clone_to_owned().ok().map(File::from)
}

/// Returns a regular file and the number of its unread bytes.
fn regular_file(file: Option<File>) -> Option<(File, u64)> {
    let mut file = file?;
    let metadata = file.metadata().ok()?;
    let position = file.stream_position().ok()?;
    metadata.is_file().then(|| (file, metadata.len().saturating_sub(position)))
}

/// Creates a bar on standard error, if that is a terminal.
fn bar(length: u64) -> ProgressBar {
    if !io::IsTerminal::is_terminal(&io::stderr()) {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes} read, {elapsed}");
    ProgressBar::new(length).with_style(style.expect("the template is well-formed"))
}
