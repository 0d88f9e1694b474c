//! One buffer before a remote file, for reading ahead and for small writes.
//!
//! Its functions are polled. A pending call is stored in the buffer and continued by the next poll of
//! any function. A future that is dropped midway neither loses nor repeats anything.
//! [`TempFile`](crate::TempFile) makes them asynchronous functions, `futures_io` the traits of
//! `futures::io`.
//!
//! Reading never flushes: bytes that were written and not flushed are laid over those of the file.

mod copies;
#[cfg(test)]
mod model;
mod reading;
#[cfg(test)]
mod tests;
mod window;
mod writing;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::take;
use core::task::{Context, Poll, ready};

pub(crate) use self::copies::append;
use self::window::Window;
pub(crate) use self::window::no_memory;
use crate::remote::{Call, Cut, Remote, Write};
use crate::{Access, Error, ErrorCode, Provider};

/// The last valid position.
const LAST: u64 = i64::MAX as u64;

/// The largest single read or write, in bytes, unless the caller requests more.
pub(crate) const PIECE: usize = 1 << 20;

/// A remote file with a position, read and written through a buffer.
pub(crate) struct Buffered {
    remote: Provider,
    access: Access,
    capacity: usize,
    position: u64,
    /// Bytes that were read ahead.
    ahead: Window,
    /// The version of the remote file that `ahead` is of.
    version: u64,
    /// Bytes that are to be written.
    dirty: Window,
    /// Whether the position is the end of a file that appends, wherever that is. `dirty.start` is
    /// then meaningless.
    at_end: bool,
    /// The size of the remote file. `None` if a failed call left it in doubt.
    size: Option<u64>,
    /// Whether others can open the file, or may once it is closed.
    shared: bool,
    /// Whether the file stays when it is dropped.
    lasting: bool,
    closed: bool,
    call: Option<Pending>,
}

/// A pending call, with the data that its result needs.
enum Pending {
    Read {
        offset: u64,
        max: usize,
        version: u64,
        call: Call<Vec<u8>>,
    },
    Size(Call<u64>),
    Flush(Write),
    /// A write at the position that bypasses the buffer.
    Piece {
        before: u64,
        call: Write,
    },
    /// A write elsewhere that bypasses the buffer.
    WriteAt(Write),
    SetLen {
        size: u64,
        call: Call<()>,
    },
    /// A call that changes neither content nor position.
    Settle(Call<()>),
    /// A call that makes the file outlive its handle.
    Stay {
        before: (bool, bool),
        call: Call<()>,
    },
    Close(Call<()>),
}

impl Buffered {
    /// Creates a buffer of `capacity` bytes. A file that is not `shared` is new and empty, and nobody
    /// else can open it.
    pub(crate) fn new(remote: Provider, access: Access, capacity: usize, shared: bool) -> Self {
        Self {
            remote,
            access,
            capacity,
            position: 0,
            ahead: Window::default(),
            version: 0,
            dirty: Window::default(),
            at_end: false,
            size: Some(0),
            shared,
            lasting: shared,
            closed: false,
            call: None,
        }
    }

    /// Marks a file with a name as one that is removed when it is dropped.
    pub(crate) fn set_removed_on_drop(&mut self) {
        self.lasting = false;
    }

    pub(crate) fn is_lasting(&self) -> bool {
        self.lasting
    }

    pub(crate) fn remote(&self) -> &Provider {
        &self.remote
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Moves the position back to where a read began whose bytes the caller never got.
    pub(crate) fn restore(&mut self, position: u64) {
        self.position = position;
    }

    /// Continues the pending call and applies its result.
    fn poll_call(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let outcome = match &mut self.call {
            None => return Poll::Ready(Ok(())),
            Some(Pending::Read { offset, max, version, call }) => {
                ready!(call.as_mut().poll(cx)).and_then(|mut bytes| {
                    self.dirty.overlay(&mut bytes, *max, *offset)?;
                    bytes.shrink_to_fit();
                    self.ahead = Window { start: *offset, bytes };
                    self.version = *version;
                    Ok(())
                })
            }
            Some(Pending::Size(call)) => ready!(call.as_mut().poll(cx)).map(|size| {
                self.size = Some(size);
                if self.at_end {
                    self.dirty.start = size;
                    self.position = self.dirty.end();
                    self.at_end = false;
                }
            }),
            Some(Pending::Flush(call)) => match ready!(call.as_mut().poll(cx)) {
                Ok(end) => {
                    self.flushed(end);
                    Ok(())
                }
                Err(cut) => {
                    self.size = None;
                    Err(cut.error)
                }
            },
            Some(Pending::Piece { before, call }) => match ready!(call.as_mut().poll(cx)) {
                Ok(end) => {
                    self.position = end;
                    self.at_end = false;
                    self.size = self.size.map(|size| size.max(end));
                    Ok(())
                }
                Err(Cut { stored, error }) => {
                    self.position = *before + stored;
                    self.size = None;
                    Err(error)
                }
            },
            Some(Pending::WriteAt(call)) => match ready!(call.as_mut().poll(cx)) {
                Ok(end) => {
                    self.size = self.size.map(|size| size.max(end));
                    Ok(())
                }
                Err(cut) => {
                    self.size = None;
                    Err(cut.error)
                }
            },
            Some(Pending::SetLen { size, call }) => match ready!(call.as_mut().poll(cx)) {
                Ok(()) => {
                    self.ahead.cut(*size);
                    self.dirty.cut(*size);
                    self.size = Some(*size);
                    Ok(())
                }
                Err(error) => {
                    self.size = None;
                    Err(error)
                }
            },
            Some(Pending::Settle(call) | Pending::Close(call)) => ready!(call.as_mut().poll(cx)),
            Some(Pending::Stay { before, call }) => {
                let outcome = ready!(call.as_mut().poll(cx));
                if outcome.is_err() {
                    (self.shared, self.lasting) = *before;
                }
                outcome
            }
        };
        self.call = None;
        Poll::Ready(outcome)
    }

    /// Forgets the dirty bytes, which were written up to `end`.
    fn flushed(&mut self, end: u64) {
        if self.appends() && (self.at_end || self.position == self.dirty.end()) {
            self.position = end;
            self.at_end = false;
        }
        self.dirty.bytes.clear();
        self.size = self.size.map(|size| size.max(end));
    }

    /// Waits until no call is pending. The error of a call that changes nothing is dropped with its
    /// caller; the error of a write is reported to the next call.
    #[inline]
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.call.is_none() { Poll::Ready(Ok(())) } else { self.poll_pending(cx) }
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let reports = match &self.call {
            None
            | Some(Pending::Read { .. } | Pending::Size(_) | Pending::Stay { .. } | Pending::Close(_)) => {
                false
            }
            Some(
                Pending::Flush(_)
                | Pending::Piece { .. }
                | Pending::WriteAt(_)
                | Pending::SetLen { .. }
                | Pending::Settle(_),
            ) => true,
        };
        let outcome = ready!(self.poll_call(cx));
        Poll::Ready(if reports { outcome } else { Ok(()) })
    }

    /// Waits until no call is pending, dropped handles have written their bytes, and the position is
    /// known.
    fn poll_settled(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_idle(cx))?;
        if self.shared {
            ready!(self.remote.poll_finished(cx));
        }
        while self.at_end {
            if self.call.is_none() {
                self.call = Some(Pending::Size(self.remote.size()));
            }
            ready!(self.poll_call(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Runs a call that is stored in the buffer. `prepare` is polled until it is ready, then `begin`
    /// makes the call, unless it returns `None`.
    ///
    /// If the future is dropped before `begin`, nothing is done. Later the next call finishes it.
    async fn run(
        &mut self,
        mut prepare: impl FnMut(&mut Self, &mut Context<'_>) -> Poll<Result<(), Error>>,
        begin: impl FnOnce(&mut Self) -> Result<Option<Pending>, Error>,
    ) -> Result<(), Error> {
        let mut begin = Some(begin);
        core::future::poll_fn(|cx| {
            if begin.is_some() {
                ready!(prepare(self, cx))?;
            }
            if let Some(begin) = begin.take() {
                self.call = begin(self)?;
            }
            self.poll_call(cx)
        })
        .await
    }

    /// Writes the buffer, and runs a call that changes neither content nor position.
    pub(crate) async fn settle(&mut self, call: impl FnOnce(&Provider) -> Call<()>) -> Result<(), Error> {
        self.run(Self::poll_write_back, |file| Ok(Some(Pending::Settle(call(&file.remote))))).await?;
        self.refresh();
        Ok(())
    }

    /// Writes the buffer, and runs a call that makes the file outlive its handle.
    pub(crate) async fn stay(&mut self, call: impl FnOnce(&Provider) -> Call<()>) -> Result<(), Error> {
        let begin = |file: &mut Self| {
            let call = call(&file.remote);
            // The call may succeed even if this future is dropped.
            let before = (file.shared, file.lasting);
            (file.shared, file.lasting) = (true, true);
            Ok(Some(Pending::Stay { before, call }))
        };
        self.run(Self::poll_write_back, begin).await
    }

    /// Writes the content of the buffer and frees its memory. Forgets bytes that were read ahead if
    /// others may have changed them. After an error the dirty bytes are still there.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_write_back(cx))?;
        self.refresh();
        Poll::Ready(Ok(()))
    }

    fn refresh(&mut self) {
        self.dirty.clear();
        if self.shared {
            self.ahead.clear();
        }
    }

    /// Closes the file. Dirty bytes that nobody could read afterwards are discarded.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !matches!(self.call, Some(Pending::Close(_))) {
            if self.shared {
                ready!(self.poll_write_back(cx))?;
            } else {
                let _ = ready!(self.poll_idle(cx));
            }
            self.dirty.clear();
            self.ahead.clear();
            self.closed = true;
            self.call = Some(Pending::Close(self.remote.close()));
        }
        self.poll_call(cx)
    }

    /// Returns the end of the content, dirty bytes included, if no call is needed.
    fn end(&self) -> Option<u64> {
        let size = self.size.filter(|_| !self.shared && !self.closed && !self.at_end);
        size.map(|size| if self.dirty.is_empty() { size } else { size.max(self.dirty.end()) })
    }

    /// Returns the offset of a write, or `None` for the end of the file.
    fn offset(&self, position: u64) -> Option<u64> {
        (!self.appends()).then_some(position)
    }

    pub(crate) fn appends(&self) -> bool {
        matches!(self.access, Access::Append | Access::AppendOnly)
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed {
            return Err(Error::new(ErrorCode::Closed, "the file is closed"));
        }
        Ok(())
    }
}

/// Destructors cannot wait. A task writes the bytes that others would miss.
impl Drop for Buffered {
    fn drop(&mut self) {
        let call = self.call.take();
        let writes = matches!(
            call,
            Some(Pending::Flush(_) | Pending::Piece { .. } | Pending::WriteAt(_) | Pending::SetLen { .. })
        );
        if !self.shared || (!writes && self.dirty.is_empty()) {
            return;
        }
        let mut dirty = take(&mut self.dirty);
        let appends = self.appends();
        let remote = self.remote.clone();
        let work = Box::pin(async move {
            match call {
                Some(Pending::Flush(call)) => drop(call.await.map(|_| dirty.clear())),
                Some(Pending::Piece { call, .. } | Pending::WriteAt(call)) => drop(call.await),
                Some(Pending::SetLen { size, call }) => drop(call.await.map(|()| dirty.cut(size))),
                _ => {}
            }
            if !dirty.is_empty() {
                // No caller is left for an error.
                let _ = remote.write(dirty.bytes, (!appends).then_some(dirty.start)).await;
            }
        });
        self.remote.finish(work, self.lasting);
    }
}
