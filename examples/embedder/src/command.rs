//! The command of a component, for WASI 0.3 or 0.2: the call and its end.

use wasmtime::Store;
use wasmtime::component::{Component, Instance};
use wasmtime::error::{Result, bail};
use wasmtime_wasi::{I32Exit, p2, p3};

/// The `wasi:cli/run` of an instance.
pub(crate) enum Command {
    P3(p3::bindings::Command),
    P2(p2::bindings::Command),
}

/// The end of a command.
pub(crate) enum End {
    /// The command returned, with an exit status.
    Returned(u8),
    /// The command called `exit` with a status, after which nothing of its instance can run.
    Exited(u8),
}

impl Command {
    /// Finds the command among the exports of an instance.
    pub(crate) fn of<T>(store: &mut Store<T>, component: &Component, instance: &Instance) -> Result<Command> {
        let kind = component.component_type();
        let exported = |prefix| kind.exports(component.engine()).any(|(name, _)| name.starts_with(prefix));
        if exported("wasi:cli/run@0.3.") {
            p3::bindings::Command::new(store, instance).map(Command::P3)
        } else if exported("wasi:cli/run@0.2.") {
            p2::bindings::Command::new(store, instance).map(Command::P2)
        } else {
            bail!("not a command: no export wasi:cli/run")
        }
    }

    /// Calls the command and returns its end, unless it traps.
    pub(crate) async fn call<T: Send>(&self, store: &mut Store<T>) -> Result<End> {
        let ended = match self {
            Command::P3(command) => store
                .run_concurrent(async |store| command.wasi_cli_run().call_run(store).await)
                .await
                .flatten(),
            Command::P2(command) => command.wasi_cli_run().call_run(store).await,
        };
        match ended {
            Ok(Ok(())) => Ok(End::Returned(0)),
            Ok(Err(())) => Ok(End::Returned(1)),
            Err(error) => match error.downcast_ref() {
                Some(I32Exit(status)) => Ok(End::Exited(u8::try_from(*status).unwrap_or(u8::MAX))),
                None => Err(error),
            },
        }
    }
}
