//! A component that is given `control`, and runs a plugin that is not.
//!
//! It imports the `wasi:cli/run` of the plugin and exports its own, so that a composition of the two
//! is a command again; `administrated.wac` makes one. The plugin's limits are set and leftovers are
//! gone before it runs, and what it used is told when it has returned.

#![cfg(target_family = "wasm")]

use self::bindings::exports::wasi::cli::run::Guest;
use self::bindings::scratch::tempfile::control::{self, Error, Limits};
use self::bindings::wasi::cli::run as plugin;

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package example:compose;

            world administrator {
                import scratch:tempfile/control@0.3.0;
                import wasi:cli/run@0.3.2;
                export wasi:cli/run@0.3.2;
            }
        ",
        path: "../../../wit",
        generate_all,
    });
}

struct Administrator;

bindings::export!(Administrator with_types_in bindings);

impl Guest for Administrator {
    async fn run() -> Result<(), ()> {
        prepare().await.map_err(complain)?;
        let outcome = plugin::run().await;
        report().map_err(complain)?;
        outcome
    }
}

/// Sets the limits: those of the environment, these where it has none, and always confinement.
/// Then removes what crashes left behind, which others may use if it is younger than a day.
async fn prepare() -> Result<(), Error> {
    const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;
    let given = control::get_limits()?;
    control::set_limits(Limits {
        max_bytes: given.max_bytes.or(Some(64 << 20)),
        max_entries: given.max_entries.or(Some(100)),
        confined: true,
        hide_disk_full: true,
        ..given
    })?;
    let swept = control::sweep(None, DAY).await?;
    for failure in &swept.failed {
        eprintln!("administrator: {} could not be swept: {}", failure.path, failure.error.message);
    }
    if !swept.removed.is_empty() {
        eprintln!("administrator: leftovers swept: {}", swept.removed.len());
    }
    Ok(())
}

/// Tells what was used. A plugin that trapped, or left by `wasi:cli/exit`, has ended this
/// component too.
fn report() -> Result<(), Error> {
    let usage = control::get_usage()?;
    eprintln!(
        "administrator: peak: {} B on disk, {} entries; {} created, {} removed, {} refused",
        usage.bytes_on_disk.peak, usage.entries.peak, usage.created, usage.removed, usage.refused,
    );
    Ok(())
}

fn complain(error: Error) {
    eprintln!("administrator: {}", error.message);
}
