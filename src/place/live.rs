//! The names that this instance is using, which a sweep leaves alone.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Deref;

/// All names in use. A name says nothing of its directory, but no two are alike.
///
/// Names are added and removed all the time and rarely looked up, so each has a slot.
#[derive(Default)]
pub(crate) struct LiveNames(RefCell<Slots>);

#[derive(Default)]
struct Slots {
    names: Vec<Option<Rc<str>>>,
    free: Vec<usize>,
}

/// A name, in use until it is dropped.
pub(crate) struct LiveName {
    name: Rc<str>,
    /// None for a name chosen by a caller, which no sweep takes for ours.
    slot: Option<(Rc<LiveNames>, usize)>,
}

impl LiveNames {
    /// Registers a new name.
    pub(crate) fn register(self: &Rc<Self>, name: String) -> LiveName {
        let name: Rc<str> = name.into();
        let Slots { names, free } = &mut *self.0.borrow_mut();
        let slot = free.pop().unwrap_or(names.len());
        if slot == names.len() {
            names.push(None);
        }
        names[slot] = Some(name.clone());
        LiveName { name, slot: Some((self.clone(), slot)) }
    }

    /// Whether a name is in use.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.borrow().names.iter().flatten().any(|live| **live == *name)
    }
}

impl LiveName {
    /// Returns a name chosen by a caller.
    pub(crate) fn foreign(name: &str) -> LiveName {
        LiveName { name: name.into(), slot: None }
    }

    /// Whether a caller has chosen the name, so that other files can get it.
    pub(crate) fn is_foreign(&self) -> bool {
        self.slot.is_none()
    }
}

impl Deref for LiveName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl Drop for LiveName {
    fn drop(&mut self) {
        if let Some((names, slot)) = &self.slot {
            let Slots { names, free } = &mut *names.0.borrow_mut();
            names[*slot] = None;
            free.push(*slot);
        }
    }
}
