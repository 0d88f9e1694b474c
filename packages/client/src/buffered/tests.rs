//! The buffer on a remote file in memory: the calls, the content, the results.

mod calls;
mod drops;
mod limits;
mod sharing;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;

use super::*;
use crate::fake::{Fake, Fate};
use crate::{SeekFrom, TempFile};

const FULL: Fate = Fate { delay: 0, fails: true, short: false };

fn buffered(remote: &Fake) -> TempFile {
    TempFile::new(remote.clone(), Access::ReadWrite, 8, true)
}

fn private(remote: &Fake) -> TempFile {
    TempFile::new(remote.clone(), Access::ReadWrite, 8, false)
}

fn appending(remote: &Fake) -> TempFile {
    TempFile::new(remote.clone(), Access::Append, 8, true)
}

/// Polls `future` once, which must not finish it, and drops it.
fn drop_pending<T: std::fmt::Debug>(future: impl Future<Output = T>) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "{polled:?}");
}

fn rest(file: &mut TempFile) -> String {
    let mut bytes = Vec::new();
    block_on(file.read_to_end(&mut bytes)).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Returns the memory that the buffer of an idle file holds.
fn memory(file: &mut TempFile) -> usize {
    let content = file.content();
    content.ahead.bytes.capacity() + content.dirty.bytes.capacity()
}
