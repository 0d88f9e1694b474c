//! The command of a component, for WASI 0.3 or 0.2: the call and its end.

use wasmtime::Store;
use wasmtime::component::{Component, Instance};
use wasmtime::error::{Result, bail};
use wasmtime_wasi::{I32Exit, p2, p3};

/// The generation of WASI whose `wasi:cli/run` a component exports.
#[derive(Clone, Copy)]
pub(crate) enum Command {
    P3,
    P2,
}

/// The end of a command that did not trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The command returned a success or a failure.
    Returned(Result<(), ()>),
    /// The command called `exit` with a status, after which nothing of its instance can run.
    Exited(u8),
}

impl End {
    /// The status of a process that ends like this: 0 for a success and 1 for a failure.
    pub fn status(self) -> u8 {
        match self {
            End::Returned(result) => result.is_err().into(),
            End::Exited(status) => status,
        }
    }

    /// Whether the command returned, so that the drops at its end have happened.
    pub fn has_returned(self) -> bool {
        matches!(self, End::Returned(_))
    }
}

impl Command {
    /// Finds the command among the exports of a component.
    pub(crate) fn of(component: &Component) -> Option<Command> {
        let kind = component.component_type();
        let exported = |prefix| kind.exports(component.engine()).any(|(name, _)| name.starts_with(prefix));
        if exported("wasi:cli/run@0.3.") {
            Some(Command::P3)
        } else if exported("wasi:cli/run@0.2.") {
            Some(Command::P2)
        } else {
            None
        }
    }

    /// Calls the command of an instance and returns its end, unless it traps.
    pub(crate) async fn call<T: Send>(self, store: &mut Store<T>, instance: &Instance) -> Result<End> {
        let ended = match self {
            Command::P3 => {
                let command = p3::bindings::Command::new(&mut *store, instance)?;
                store
                    .run_concurrent(async |store| command.wasi_cli_run().call_run(store).await)
                    .await
                    .flatten()
            }
            Command::P2 => {
                let command = p2::bindings::Command::new(&mut *store, instance)?;
                command.wasi_cli_run().call_run(&mut *store).await
            }
        };
        match ended {
            Ok(result) => Ok(End::Returned(result)),
            Err(error) => match error.downcast_ref() {
                Some(I32Exit(status)) => Ok(End::Exited(u8::try_from(*status).unwrap_or(u8::MAX))),
                None => Err(error),
            },
        }
    }
}

/// Calls the command of an instance, if its component has one.
pub(crate) async fn call<T: Send>(
    command: Option<Command>,
    store: &mut Store<T>,
    instance: &Instance,
) -> Result<End> {
    match command {
        Some(command) => command.call(store, instance).await,
        None => bail!("not a command: no export wasi:cli/run"),
    }
}
