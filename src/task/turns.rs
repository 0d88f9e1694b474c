//! A lock that serves its callers one at a time, in the order of their calls.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// A value that one owner at a time may use, across awaits.
///
/// The owner has the value itself, not a borrow of it, so nothing is borrowed while it
/// waits. The first caller is next, and no other can overtake it.
pub(crate) struct Turns<T> {
    resting: Cell<Option<Box<T>>>,
    queue: Queue,
}

/// The callers that wait. One type serves all values, which keeps the component small.
#[derive(Default)]
struct Queue {
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
    /// Whether the resting value is reserved for a waiter whose turn has come.
    given: Cell<bool>,
}

#[derive(Default)]
struct Waiter {
    given: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Queue {
    /// Gives the turn to the next waiter, if there is one.
    fn pass_on(&self) {
        let next = self.waiters.borrow_mut().pop_front();
        self.given.set(next.is_some());
        let Some(waiter) = next else { return };
        waiter.given.set(true);
        if let Some(waker) = waiter.waker.take() {
            waker.wake();
        }
    }

    /// Whether it is the turn of `waiter`, which joins the queue at its first call.
    fn may_go(&self, waiter: &mut Option<Rc<Waiter>>, is_free: bool, context: &mut Context<'_>) -> bool {
        let waiting = match waiter {
            Some(waiting) => waiting,
            None if is_free && !self.given.get() => return true,
            None => {
                let new = Rc::<Waiter>::default();
                self.waiters.borrow_mut().push_back(new.clone());
                waiter.insert(new)
            }
        };
        if waiting.given.get() {
            self.given.set(false);
            *waiter = None;
            return true;
        }
        waiting.waker.set(Some(context.waker().clone()));
        false
    }

    fn leave(&self, waiter: &Rc<Waiter>) {
        if waiter.given.get() {
            self.pass_on();
        } else {
            self.waiters.borrow_mut().retain(|other| !Rc::ptr_eq(other, waiter));
        }
    }
}

impl<T> Turns<T> {
    pub(crate) fn new(value: T) -> Rc<Turns<T>> {
        Rc::new(Turns { resting: Cell::new(Some(Box::new(value))), queue: Queue::default() })
    }

    /// Waits for a turn. The place in the queue is that of the first poll.
    pub(crate) fn next(self: &Rc<Self>) -> Next<T> {
        Next { turns: self.clone(), waiter: None }
    }

    /// Takes a turn if no other caller has one.
    pub(crate) fn now(self: &Rc<Self>) -> Option<Turn<T>> {
        if self.queue.given.get() {
            return None;
        }
        let value = self.resting.take()?;
        Some(Turn { turns: self.clone(), value: Some(value) })
    }
}

/// A place in the queue; dropping it leaves the queue.
pub(crate) struct Next<T> {
    turns: Rc<Turns<T>>,
    waiter: Option<Rc<Waiter>>,
}

impl<T> Next<T> {
    /// Returns the number of callers that wait, this one included once it was polled.
    pub(crate) fn waiting(&self) -> usize {
        self.turns.queue.waiters.borrow().len()
    }
}

impl<T> Future for Next<T> {
    type Output = Turn<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Turn<T>> {
        let Next { turns, waiter } = &mut *self;
        let value = turns.resting.take();
        if turns.queue.may_go(waiter, value.is_some(), context) {
            return Poll::Ready(Turn { turns: turns.clone(), value });
        }
        turns.resting.set(value);
        Poll::Pending
    }
}

impl<T> Drop for Next<T> {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take() {
            self.turns.queue.leave(&waiter);
        }
    }
}

/// The right to use the value; dropping it passes the value on.
pub(crate) struct Turn<T> {
    turns: Rc<Turns<T>>,
    value: Option<Box<T>>,
}

impl<T> Deref for Turn<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("held until the drop")
    }
}

impl<T> DerefMut for Turn<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("held until the drop")
    }
}

impl<T> Drop for Turn<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            self.turns.resting.set(Some(value));
            self.turns.queue.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use futures::executor::block_on;
    use futures::future::join_all;

    fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn turns_come_in_the_order_of_the_calls() {
        let turns = Turns::new(Vec::new());
        let first = turns.now().unwrap();
        let waiting = (0..5).map(|number| {
            let next = turns.next();
            async move { next.await.push(number) }
        });

        let release = async move { drop(first) };
        block_on(async { futures::join!(join_all(waiting), release) });

        assert_eq!(*turns.now().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_waiter_that_gives_up_passes_its_turn_on() {
        let turns = Turns::new(());
        let holder = turns.now();
        let (mut gives_up, mut patient) = (turns.next(), turns.next());
        assert!(poll_once(&mut gives_up).is_pending());
        assert!(poll_once(&mut patient).is_pending());

        drop(holder);
        drop(gives_up);

        assert!(poll_once(&mut patient).is_ready());
    }

    #[test]
    fn nobody_overtakes_a_waiter_that_was_given_its_turn() {
        let turns = Turns::new(());
        let holder = turns.now();
        let mut waiter = turns.next();
        assert!(poll_once(&mut waiter).is_pending());

        drop(holder);

        assert!(turns.now().is_none());
        assert!(poll_once(&mut turns.next()).is_pending());
        assert!(poll_once(&mut waiter).is_ready());
    }
}
