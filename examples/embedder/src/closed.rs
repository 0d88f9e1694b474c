//! Standard streams that were closed when the process was started.
//!
//! Before `main`, Rust's runtime opens the null device in their place. Output would then be lost without
//! an error.

use std::sync::atomic::{AtomicBool, Ordering};

static STDIN: AtomicBool = AtomicBool::new(false);
static STDOUT: AtomicBool = AtomicBool::new(false);

/// Whether standard input was closed.
pub(crate) fn stdin() -> bool {
    STDIN.load(Ordering::Relaxed)
}

/// Whether standard output was closed.
pub(crate) fn stdout() -> bool {
    STDOUT.load(Ordering::Relaxed)
}

#[cfg(unix)]
mod before_main {
    use super::{Ordering, STDIN, STDOUT};

    const F_GETFD: i32 = 1;

    // SAFETY: the declaration is that of POSIX.
    unsafe extern "C" {
        fn fcntl(descriptor: i32, command: i32, ...) -> i32;
    }

    // SAFETY: the section is a list of functions without parameters that the loader calls before Rust's
    // runtime starts; `look` needs nothing of that runtime.
    #[used]
    #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        for (descriptor, closed) in [(0, &STDIN), (1, &STDOUT)] {
            // SAFETY: the command has no further argument, and fails for a closed descriptor.
            closed.store(unsafe { fcntl(descriptor, F_GETFD) } == -1, Ordering::Relaxed);
        }
    }
}
