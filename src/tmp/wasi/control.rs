//! Limits and usage, for the host. A program plugged into this component does not get them.

use alloc::string::String;

use super::Component;
use super::bindings::exports::scratch::tempfile::control::{self, Limits, SweepReport, Usage};
use super::instance::instance;
use super::tempfile::Error;
use crate::task::finished::finished;

type Result<T> = core::result::Result<T, Error>;

impl control::Guest for Component {
    fn get_limits() -> Result<Limits> {
        Ok(instance().scratch.budget()?.limits().into())
    }

    fn set_limits(limits: Limits) -> Result<()> {
        Ok(instance().scratch.set_limits(limits.into())?)
    }

    fn get_usage() -> Result<Usage> {
        Ok(instance().scratch.budget()?.usage().into())
    }

    fn sweep(directory: Option<String>, older_than: u64) -> Result<SweepReport> {
        Ok(finished(instance().scratch.sweep(directory, older_than))?.into())
    }
}
