//! A remote file in memory whose calls fail, in part or whole, and take their time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::remote::{Call, Cut, Remote, Work, Write};
use crate::siblings::Siblings;
use crate::{Error, ErrorCode};

/// The outcome of a call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    /// The number of polls before it is ready.
    pub(crate) delay: u8,
    pub(crate) fails: bool,
    /// Whether a failed write stores one byte, unless it appends.
    pub(crate) short: bool,
}

/// A remote file. Clones are the same file.
#[derive(Clone, Default)]
pub(crate) struct Fake {
    pub(crate) content: Rc<RefCell<Vec<u8>>>,
    /// The largest size that the file may have, if there is a limit.
    pub(crate) limit: Rc<Cell<Option<usize>>>,
    /// The outcomes of the next calls. Later ones succeed at once.
    pub(crate) fates: Rc<RefCell<VecDeque<Fate>>>,
    /// The calls so far, as `read 64 at 0`.
    pub(crate) calls: Rc<RefCell<Vec<String>>>,
    pub(crate) closed: Rc<Cell<bool>>,
    /// Whether writes that no limit refuses need not wait.
    pub(crate) quick: Rc<Cell<bool>>,
    path: Rc<RefCell<Option<String>>>,
    siblings: Rc<Siblings>,
    /// Whether drops happen outside of any task.
    pub(crate) no_task: Rc<Cell<bool>>,
    /// The work of dropped handles, which a task of the guest would do.
    left: Rc<RefCell<Vec<Work>>>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fake")
    }
}

impl Fake {
    pub(crate) fn holding(content: &[u8]) -> Self {
        let fake = Self::default();
        *fake.content.borrow_mut() = content.to_vec();
        fake
    }

    pub(crate) fn next(&self, fate: Fate) {
        self.fates.borrow_mut().push_back(fate);
    }

    /// Returns the calls since the last request.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.take()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.content.borrow().clone()).unwrap()
    }

    fn call<T: 'static>(&self, name: String, work: impl FnOnce(&Self, Fate) -> T + 'static) -> Call<T> {
        self.work(name, |fake, fate| if fate.fails { Err(full()) } else { Ok(work(fake, fate)) })
    }

    /// Creates a call that may have an effect even if it fails.
    fn work<T: 'static, E: 'static>(
        &self,
        name: String,
        work: impl FnOnce(&Self, Fate) -> Result<T, E> + 'static,
    ) -> Call<T, E> {
        self.calls.borrow_mut().push(name);
        let fate = self.fates.borrow_mut().pop_front().unwrap_or_default();
        let fake = self.clone();
        Box::pin(async move {
            let mut delay = fate.delay;
            poll_fn(|cx| {
                if delay == 0 {
                    return Poll::Ready(());
                }
                delay -= 1;
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            work(&fake, fate)
        })
    }

    /// Stores as much of `data` as the limit allows, and returns the number of bytes.
    fn put(&self, data: &[u8], start: usize) -> usize {
        let room = self.limit.get().map_or(usize::MAX, |limit| limit.saturating_sub(start));
        let data = &data[..data.len().min(room)];
        if data.is_empty() {
            return 0;
        }
        let mut content = self.content.borrow_mut();
        let end = start + data.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[start..end].copy_from_slice(data);
        self.siblings.changed();
        data.len()
    }
}

fn full() -> Error {
    Error::new(ErrorCode::InsufficientSpace, "the disk is full")
}

fn quota() -> Error {
    Error::new(ErrorCode::Quota, "limit reached: bytes on disk")
}

impl Remote for Fake {
    /// The vector has as much room as was requested, like that of a stream.
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>> {
        self.call(format!("read {max} at {offset}"), move |fake, _| {
            let content = fake.content.borrow();
            let rest = &content[content.len().min(offset as usize)..];
            let mut bytes = Vec::with_capacity(max.min(1 << 20) as usize);
            bytes.extend_from_slice(&rest[..rest.len().min(max as usize)]);
            bytes
        })
    }

    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write {
        let place = offset.map_or("the end".into(), |offset| offset.to_string());
        self.work(format!("write {} at {place}", data.len()), move |fake, fate| {
            let size = fake.content.borrow().len();
            let start = offset.map_or(size, |offset| offset as usize);
            if fate.fails {
                let stored = if fate.short && offset.is_some() { data.len().min(1) } else { 0 };
                return Err(Cut { stored: fake.put(&data[..stored], start) as u64, error: full() });
            }
            let appends_too_much =
                offset.is_none() && fake.limit.get().is_some_and(|limit| start + data.len() > limit);
            let stored = if appends_too_much { 0 } else { fake.put(&data, start) };
            if stored < data.len() {
                return Err(Cut { stored: stored as u64, error: quota() });
            }
            Ok((start + data.len()) as u64)
        })
    }

    fn write_now(&self, data: &[u8], offset: Option<u64>) -> Option<u64> {
        let start = offset.map_or_else(|| self.content.borrow().len(), |offset| offset as usize);
        let end = start + data.len();
        if !self.quick.get() || self.limit.get().is_some_and(|limit| end > limit) {
            return None;
        }
        self.put(data, start);
        Some(end as u64)
    }

    fn size(&self) -> Call<u64> {
        self.call("size".into(), |fake, _| fake.content.borrow().len() as u64)
    }

    fn set_len(&self, size: u64) -> Call<()> {
        self.work(format!("set_len {size}"), move |fake, fate| {
            if fate.fails {
                return Err(full());
            }
            if fake.limit.get().is_some_and(|limit| size as usize > limit) {
                return Err(quota());
            }
            fake.content.borrow_mut().resize(size as usize, 0);
            fake.siblings.changed();
            Ok(())
        })
    }

    fn sync(&self) -> Call<()> {
        self.call("sync".into(), |_, _| ())
    }

    fn persist(&self, path: String, replace: bool) -> Call<()> {
        let name = if replace { "persist" } else { "persist_noclobber" };
        self.call(format!("{name} {path}"), |fake, _| *fake.path.borrow_mut() = Some(path))
    }

    fn path(&self) -> Option<String> {
        self.path.borrow().clone()
    }

    fn keep(&self) -> Call<()> {
        self.call("keep".into(), |_, _| ())
    }

    fn is_rolled(&self) -> bool {
        self.calls.borrow().iter().any(|call| call == "roll")
    }

    fn roll(&self) -> Call<()> {
        self.call("roll".into(), |_, _| ())
    }

    fn close(&self) -> Call<()> {
        self.call("close".into(), |fake, _| fake.closed.set(true))
    }

    fn share(&self) {}

    fn version(&self) -> u64 {
        self.siblings.version()
    }

    fn finish(&self, mut work: Work, lasting: bool) {
        if self.no_task.get() {
            if lasting {
                self.siblings.begin();
                self.left.borrow_mut().push(work);
            }
            return;
        }
        if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.siblings.begin();
            self.left.borrow_mut().push(work);
        }
    }

    fn poll_finished(&self, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.left.take();
        for mut work in left {
            match work.as_mut().poll(cx) {
                Poll::Ready(()) => self.siblings.end(),
                Poll::Pending => self.left.borrow_mut().push(work),
            }
        }
        self.siblings.poll_finished(cx)
    }
}
