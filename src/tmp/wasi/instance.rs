//! The private tree of this instance.

use alloc::format;
use alloc::rc::Rc;
use core::cell::OnceCell;

use super::bindings::wasi as host;
use crate::error::Error;
use crate::instance::scratch::Scratch;
use crate::limits::settings::LimitSettings;
use crate::p2::OneThread;
use crate::p2::filesystem::Wasi;
use crate::tmp::inode::Inode;
use crate::tmp::settings::{Settings, is_same};
use crate::tmp::volume::Volume;

/// The largest content in memory, in bytes, if the host has a directory for larger ones.
const LARGEST_IN_MEMORY: u64 = 1 << 20;

/// The settings of the environment, and the tree.
pub(super) struct Instance {
    pub(super) settings: Settings,
    pub(super) scratch: Rc<Scratch<Wasi>>,
    pub(super) root: Rc<Inode<Wasi>>,
}

static INSTANCE: OneThread<OnceCell<Instance>> = OneThread(OnceCell::new());

/// Returns the instance, which reads the environment at the first call.
///
/// If a variable is invalid, it ends the program with a message: no limit is in force that the user
/// wanted, and most calls have no way to report it.
pub(super) fn instance() -> &'static Instance {
    INSTANCE.0.get_or_init(|| match Instance::new() {
        Ok(instance) => instance,
        Err(error) => {
            let message = format!("private /tmp: {}\n", error.message);
            let _ = host::cli::stderr::get_stderr().blocking_write_and_flush(message.as_bytes());
            panic!("the environment is invalid");
        }
    })
}

impl Instance {
    fn new() -> Result<Instance, Error> {
        let settings = Settings::of(&host::cli::environment::get_environment())?;
        let spill_directory = settings.spill_directory();
        let directories = host::filesystem::preopens::get_directories();
        let spills = directories.iter().any(|(_, path)| is_same(path, spill_directory));
        let limits = LimitSettings { directory: Some(spill_directory.into()), ..settings.limits.clone() };
        let scratch = Scratch::with_settings(Wasi, limits);
        let volume = Volume::new(scratch.clone(), spills.then_some(LARGEST_IN_MEMORY));
        let root = Inode::root(&volume).map_err(|code| Error::host("the root", code))?;
        Ok(Instance { settings, scratch, root })
    }
}
