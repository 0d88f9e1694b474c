//! The names of this instance that are in use, which a sweep leaves alone.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Deref;

/// All names in use; a name tells no directory, but there are no two alike.
///
/// They come and go all the time and are rarely looked up, so that each has a slot.
#[derive(Default)]
pub(crate) struct LiveNames(RefCell<Slots>);

#[derive(Default)]
struct Slots {
    names: Vec<Option<Rc<str>>>,
    free: Vec<usize>,
}

/// A name, in use as long as it lives.
pub(crate) struct LiveName {
    name: Rc<str>,
    /// None for a name that somebody else has chosen, which no sweep takes for ours.
    slot: Option<(Rc<LiveNames>, usize)>,
}

impl LiveNames {
    /// Puts a new name in use.
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
    /// A name that a caller has chosen.
    pub(crate) fn foreign(name: &str) -> LiveName {
        LiveName { name: name.into(), slot: None }
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
