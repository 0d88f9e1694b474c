//! A component that has the interface `control` and runs a plugin that has not.
//!
//! It imports the plugin's `wasi:cli/run` and exports its own, so a composition of the two is a
//! command again; `administrated.wac` composes them. The component sets limits and sweeps leftovers
//! before the plugin runs, and reports the usage after the plugin has returned.

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

/// Sets confinement and default values for limits that the environment does not set, then sweeps
/// leftovers older than a day. Another instance may be using younger ones.
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
        eprintln!("administrator: cannot sweep {}: {}", failure.path, failure.error.message);
    }
    if !swept.removed.is_empty() {
        eprintln!("administrator: leftovers swept: {}", swept.removed.len());
    }
    Ok(())
}

/// Reports the usage. After a trap of the plugin, or a call to `wasi:cli/exit`, this component has
/// ended too.
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
