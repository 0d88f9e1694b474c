//! The attacks of the test plugin, told in its WIT, and what a host sees of them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::bindings::plugin::exports::test::plugin::attacks;
use crate::control::{Limits, Usage, until_nothing_used};
use crate::directories::Directories;
use crate::plugin::Plugin;

pub use attacks::{Filled, Filling, KindOfWaste, Releasing};

/// Declares the calls of the attacks.
macro_rules! attacks {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty = $export:ident;)+) => { $(
        /// Has the plugin attack in the way of that name.
        pub async fn $name(&self $(, $argument: $kind)*) -> Result<$result, String> {
            let export = self.guest().test_plugin_attacks().$export();
            self.call(export, ($($argument,)*)).await.0
        }
    )+ };
}

impl Plugin {
    attacks! {
        fill(how: Filling, most: u32) -> Filled = func_fill;
        release(how: Releasing) -> () = func_release;
        refill() -> () = func_refill;
        churn(rounds: u32, size: u64) -> () = func_churn;
        churn_trees(rounds: u32, size: u64) -> () = func_churn_trees;
        probe_free_space() -> Vec<String> = func_probe_free_space;
        guess_names(other: String) -> () = func_guess_names;
        hostile_strings() -> u32 = func_hostile_strings;
        after_close() -> () = func_after_close;
        extreme_numbers() -> u32 = func_extreme_numbers;
        recurse(depth: u32) -> u32 = func_recurse;
        endless(kind: KindOfWaste, count: u32) -> u32 = func_endless;
        confined(directory: String, target: String) -> () = func_confined;
    }

    /// Calls `control.set-limits` of the provider that the plugin uses.
    ///
    /// # Panics
    ///
    /// Panics if the environment of the instance makes no sense, as `usage` does.
    pub async fn set_limits(&self, limits: Limits) {
        let export = self.guest().scratch_tempfile_control().func_set_limits();
        let (result,) = self.call(export, (limits.into(),)).await;
        result.unwrap_or_else(|error| panic!("{}", error.message));
    }

    /// Calls `control.get-usage` of the provider that the plugin uses.
    pub async fn usage(&self) -> Usage {
        let export = self.guest().scratch_tempfile_control().func_get_usage();
        let (result,) = self.call(export, ()).await;
        result.unwrap_or_else(|error| panic!("{}", error.message)).into()
    }

    /// Waits until the provider uses nothing: what was dropped may be on its way out.
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
