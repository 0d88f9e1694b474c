//! The attacks of the test plugin, documented in its WIT, and their effects as a host sees them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use wasmtime::component::{ComponentType, Lift, Lower};

use crate::calls::{CONTROL, functions};
use crate::control::{Limits, Usage, until_nothing_used};
use crate::directories::Directories;
use crate::plugin::Plugin;
use crate::types::{Error, enums};

const ATTACKS: &str = "test:plugin/attacks";

enums! {
    /// A way to take all that there is.
    Filling {
        Writing = "writing",
        WritingNamed = "writing-named",
        WritingInATree = "writing-in-a-tree",
        AtAnOffset = "at-an-offset",
        BehindASeek = "behind-a-seek",
        Truncating = "truncating",
        Streaming = "streaming",
        Lines = "lines",
        Text = "text",
        Trying = "trying",
        RollingOver = "rolling-over",
        EmptyFiles = "empty-files",
        NamedFiles = "named-files",
        Directories = "directories",
        FilesInATree = "files-in-a-tree",
        DirectoriesInATree = "directories-in-a-tree",
        Spools = "spools",
        DeepTree = "deep-tree",
        ReadingAhead = "reading-ahead",
        Cancelling = "cancelling",
    }

    /// A way to release all that was taken.
    Releasing { Closing = "closing", Dropping = "dropping" }

    /// A way to waste what creating takes.
    KindOfWaste {
        NeverClosing = "never-closing",
        ClosingKeepingHandle = "closing-keeping-handle",
        Dropping = "dropping",
        CancellingCreates = "cancelling-creates",
    }
}

/// The result of a filling.
#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(record)]
#[allow(missing_docs, reason = "the plugin's WIT documents each field")]
pub struct Filled {
    pub bytes: u64,
    pub entries: u64,
    pub refusals: u32,
}

impl Plugin {
    functions! { ATTACKS;
        fill(how: Filling, most: u32) -> Result<Filled, String>;
        release(how: Releasing) -> Result<(), String>;
        refill() -> Result<(), String>;
        churn(rounds: u32, size: u64) -> Result<(), String>;
        churn_trees(rounds: u32, size: u64) -> Result<(), String>;
        probe_free_space() -> Result<Vec<String>, String>;
        guess_names(other: &str) -> Result<(), String>;
        hostile_strings() -> Result<u32, String>;
        after_close() -> Result<(), String>;
        extreme_numbers() -> Result<u32, String>;
        recurse(depth: u32) -> Result<u32, String>;
        endless(kind: KindOfWaste, count: u32) -> Result<u32, String>;
        confined(directory: &str, target: &str) -> Result<(), String>;
    }

    /// Calls `control.set-limits` of the plugin's provider.
    ///
    /// # Panics
    ///
    /// Panics if the environment of the instance is invalid, as `usage` does.
    pub async fn set_limits(&self, limits: Limits) {
        let result: Result<(), Error> = self.instance.call(CONTROL, "set-limits", (limits,)).await;
        result.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Calls `control.get-usage` of the plugin's provider.
    pub async fn usage(&self) -> Usage {
        let result: Result<Usage, Error> = self.instance.call(CONTROL, "get-usage", ()).await;
        result.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until the provider uses nothing: the removal of what was dropped may be under way.
    ///
    /// # Panics
    ///
    /// Panics if that never happens.
    pub async fn assert_nothing_used(&self) {
        until_nothing_used(async || self.usage().await).await;
    }
}

impl Directories {
    /// The size of all files in these directories, with those that have lost their name but are still
    /// open in this process.
    #[cfg(target_os = "linux")]
    pub fn bytes_on_disk(&self) -> u64 {
        let root = fs::canonicalize(self.root()).expect("the directory exists");
        let descriptors = fs::read_dir("/proc/self/fd").expect("Linux lists what is open").flatten();
        let named = self.entries().into_iter().map(|path| self.host(&path));
        // Other tests of this process open and close files meanwhile: the metadata comes first,
        // because no descriptor becomes one of this test's during this call.
        let open = descriptors.filter_map(|descriptor| {
            let file = fs::metadata(descriptor.path()).ok()?;
            // The path of an unlinked file says so at its end, and begins as before.
            let path = fs::read_link(descriptor.path()).ok()?;
            path.starts_with(&root).then_some(file)
        });
        let files =
            open.chain(named.filter_map(|path| fs::metadata(path).ok())).filter(|file| file.is_file());
        // A file with a name may be open too.
        let sizes: HashMap<u64, u64> = files.map(|file| (file.ino(), file.size())).collect();
        sizes.values().sum()
    }
}
