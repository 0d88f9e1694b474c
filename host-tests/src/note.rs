//! Figures that tests print, shown with `--nocapture` alone.

use std::sync::atomic::{AtomicBool, Ordering};

static ARE_SHOWN: AtomicBool = AtomicBool::new(false);

/// Shows notes from now on.
pub fn show_notes() {
    ARE_SHOWN.store(true, Ordering::Relaxed);
}

/// Whether notes are shown.
pub fn notes_are_shown() -> bool {
    ARE_SHOWN.load(Ordering::Relaxed)
}

/// Prints a line, as `println!` does, if notes are shown.
#[macro_export]
macro_rules! note {
    ($($argument:tt)+) => {
        if $crate::notes_are_shown() {
            println!($($argument)+);
        }
    };
}
