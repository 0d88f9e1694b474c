//! An HTTP service as a component: it stores uploads whole or not at all, and sorts lines.
//!
//! A body is gathered in a temporary file of `scratch:tempfile`, in memory while it is small. Only
//! when it is complete, and is what the client says it is, does it get its name; whatever goes
//! wrong before leaves nothing. The README beside this crate has the endpoints and the variables.
//!
//! What can be decided without a host is tested natively:
//!
//! - [`route`]: what a request asks for.
//! - [`name`]: names that are good on every host.
//! - [`settings`]: what the environment says.
//! - [`digest`]: the SHA-256 that a client announces.
//! - [`intake`]: whether a body is what was announced, piece by piece.
//! - [`location`]: in which preopened directory a path lies.
//! - [`refusal`]: statuses, and the sentence that goes with each.
//!
//! The rest is the component:
//!
//! - `service`: from a request to a response.
//! - `body`: the body of a request.
//! - `storage`: the directory in which files are stored.
//! - `upload`, `download`, `probe`, `sorting`: one endpoint each.
//! - `reply`: responses.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;
#[cfg(target_family = "wasm")]
extern crate scratch_tempfile_runtime;

#[cfg(target_family = "wasm")]
mod body;
pub mod digest;
#[cfg(target_family = "wasm")]
mod download;
pub mod intake;
pub mod location;
pub mod name;
#[cfg(target_family = "wasm")]
mod probe;
pub mod refusal;
#[cfg(target_family = "wasm")]
mod reply;
pub mod route;
#[cfg(target_family = "wasm")]
mod service;
pub mod settings;
#[cfg(target_family = "wasm")]
mod sorting;
#[cfg(target_family = "wasm")]
mod storage;
#[cfg(target_family = "wasm")]
mod upload;
