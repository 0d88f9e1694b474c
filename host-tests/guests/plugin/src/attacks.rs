//! A hostile plugin: it tries to take, reach and break more than it was given, and checks each
//! refusal. `wit/world.wit` documents its functions.

mod after_close;
mod churn;
mod confined;
mod creators;
mod fill;
mod kept;
mod names;
mod numbers;
mod space;
mod strings;
mod trees;
mod waste;

pub(crate) use after_close::after_close;
pub(crate) use churn::{churn, churn_trees};
pub(crate) use confined::confined;
pub(crate) use fill::fill;
pub(crate) use kept::{refill, release};
pub(crate) use names::guess_names;
pub(crate) use numbers::extreme_numbers;
pub(crate) use space::probe_free_space;
pub(crate) use strings::hostile_strings;
pub(crate) use trees::recurse;
pub(crate) use waste::endless;

use alloc::format;
use alloc::string::String;

use crate::bindings::{Error, ErrorCode};
use crate::checks::text;

/// Returns the result of a call, or `None` if a limit refused it. Any other error fails.
fn within_limits<T>(outcome: Result<T, Error>) -> Result<Option<T>, String> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code == ErrorCode::Quota && !error.message.is_empty() => Ok(None),
        Err(error) => Err(format!("not refused with quota and a message, but with {}", text(error))),
    }
}

/// Checks that a call fails with a code and a message.
fn expect_code<T>(outcome: Result<T, Error>, code: ErrorCode, what: &str) -> Result<(), String> {
    match outcome {
        Ok(_) => Err(format!("{what} succeeded")),
        Err(error) if error.code != code => {
            Err(format!("{what} failed with {}, not with {code:?}", text(error)))
        }
        Err(error) if error.message.is_empty() => Err(format!("{what} failed without a message")),
        Err(_) => Ok(()),
    }
}

/// Counts calls whose outcome is the provider's choice.
#[derive(Default)]
struct Calls(u32);

impl Calls {
    /// Counts a call, and returns its result, if any. An error needs a message.
    fn count<T>(&mut self, outcome: Result<T, Error>) -> Result<Option<T>, String> {
        self.0 += 1;
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.message.is_empty() => Err(format!("{:?} came without a message", error.code)),
            Err(_) => Ok(None),
        }
    }
}
