//! The outcomes of started unlinks, which on some hosts wake nothing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The outcomes that no call has seen, and the unlinks that no call watches.
#[derive(Default)]
pub(super) struct Outcomes {
    is_silent: Cell<bool>,
    unwatched: RefCell<Vec<Rc<Cell<bool>>>>,
    unseen: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Outcomes {
    pub(super) fn silence(&self) {
        self.is_silent.set(true);
    }

    /// Returns whether an unlink that starts now is watched, which can change later.
    pub(super) fn watch_later(&self) -> Rc<Cell<bool>> {
        let is_watched = Rc::new(Cell::new(!self.is_silent.get()));
        self.unwatched.borrow_mut().push(is_watched.clone());
        is_watched
    }

    /// Passes an outcome on, now if the unlink is watched.
    pub(super) fn tell(&self, is_watched: &Cell<bool>, done: Box<dyn FnOnce()>) {
        if is_watched.get() { done() } else { self.unseen.borrow_mut().push(done) }
    }

    /// Watches all unlinks that have started.
    pub(super) fn watch(&self) {
        self.unwatched.borrow_mut().drain(..).for_each(|is_watched| is_watched.set(true));
        self.unseen.take().into_iter().for_each(|done| done());
    }
}
