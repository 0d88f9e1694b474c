//! The removal of what killed servers left in the storage directory.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::settings::Settings;
use crate::storage::Storage;

mod bindings {
    #![allow(missing_docs, reason = "generated")]

    wit_bindgen::generate!({
        inline: "
            package example:upload;

            world sweeper {
                import scratch:tempfile/control@0.3.0;
            }
        ",
        path: "../../wit",
        world: "example:upload/sweeper",
        generate_all,
    });
}

use self::bindings::scratch::tempfile::control;

/// Whether this instance has swept.
static SWEPT: AtomicBool = AtomicBool::new(false);

/// Sweeps the storage directory at the first request of an instance: a server that was killed while it
/// copied an upload left a file with a temporary name there.
///
/// Instances and servers may share the directory. The age protects the files that others are copying.
pub(crate) async fn sweep(settings: &Settings, storage: &Storage) {
    if let Some(age) = settings.sweep_older_than
        && !SWEPT.swap(true, Ordering::Relaxed)
    {
        // Without a sweep the service works just as well. The next instance tries again.
        let _ = control::sweep(Some(storage.path().into()), age).await;
    }
}
