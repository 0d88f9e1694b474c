//! A remote file in memory whose calls fail, delay and transfer less than requested.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use crate::remote::{Call, Cut, Remote, Write};
use crate::{Error, ErrorCode};

/// The outcome of a call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    /// The number of polls before it is ready.
    pub(crate) delay: u8,
    pub(crate) fails: bool,
    /// Whether a read returns one byte only, and a failed write stores one unless it appends.
    pub(crate) short: bool,
}

/// A remote file. Clones are the same file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fake {
    pub(crate) content: Rc<RefCell<Vec<u8>>>,
    /// The outcomes of the next calls. Later ones succeed at once.
    pub(crate) fates: Rc<RefCell<VecDeque<Fate>>>,
    /// The calls so far, as `read 64 at 0`.
    pub(crate) calls: Rc<RefCell<Vec<String>>>,
    pub(crate) closed: Rc<Cell<bool>>,
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

    fn put(&self, data: &[u8], start: usize) {
        if data.is_empty() {
            return;
        }
        let mut content = self.content.borrow_mut();
        let end = start + data.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[start..end].copy_from_slice(data);
    }
}

fn full() -> Error {
    Error::new(ErrorCode::InsufficientSpace, "the disk is full")
}

impl Remote for Fake {
    fn read_at(&self, max: u64, offset: u64) -> Call<Vec<u8>> {
        self.call(format!("read {max} at {offset}"), move |fake, fate| {
            let content = fake.content.borrow();
            let rest = &content[content.len().min(offset as usize)..];
            let most = if fate.short { max.min(1) } else { max };
            rest[..rest.len().min(most as usize)].to_vec()
        })
    }

    fn write(&self, data: Vec<u8>, offset: Option<u64>) -> Write {
        let place = offset.map_or("the end".into(), |offset| offset.to_string());
        self.work(format!("write {} at {place}", data.len()), move |fake, fate| {
            let start = offset.map_or(fake.content.borrow().len(), |offset| offset as usize);
            if fate.fails {
                let stored = if fate.short && offset.is_some() { data.len().min(1) } else { 0 };
                fake.put(&data[..stored], start);
                return Err(Cut { stored: stored as u64, error: full() });
            }
            fake.put(&data, start);
            Ok((start + data.len()) as u64)
        })
    }

    fn size(&self) -> Call<u64> {
        self.call("size".into(), |fake, _| fake.content.borrow().len() as u64)
    }

    fn set_len(&self, size: u64) -> Call<()> {
        self.call(format!("set_len {size}"), move |fake, _| {
            fake.content.borrow_mut().resize(size as usize, 0)
        })
    }

    fn sync(&self) -> Call<()> {
        self.call("sync".into(), |_, _| ())
    }

    fn persist(&self, path: String, replace: bool) -> Call<()> {
        self.call(format!("persist {path} {replace}"), |_, _| ())
    }

    fn path(&self) -> Option<String> {
        None
    }

    fn keep(&self) -> Call<()> {
        self.call("keep".into(), |_, _| ())
    }

    fn is_rolled(&self) -> bool {
        false
    }

    fn roll(&self) -> Call<()> {
        self.call("roll".into(), |_, _| ())
    }

    fn close(&self) -> Call<()> {
        self.call("close".into(), |fake, _| fake.closed.set(true))
    }
}
