//! An HTTP service as a component: it stores uploads whole or not at all, and sorts lines.
//!
//! A body is received into a temporary file of `scratch:tempfile`, in memory while it is small. It gets
//! its name only after it is complete and has the announced length and digest. An earlier failure leaves
//! nothing. The README beside this crate documents the endpoints and the variables.
//!
//! These modules need no host and are tested natively:
//!
//! - [`route`]: the endpoint for a request.
//! - [`name`]: names that are valid on every host.
//! - [`settings`]: the settings in the environment.
//! - [`digest`]: the SHA-256 that a client announces.
//! - [`intake`]: the check of a body against its announced length and digest.
//! - [`location`]: the preopened directory of a path.
//! - [`precondition`]: the conditions under which a client wants its upload to be stored.
//! - [`refusal`]: statuses, and a message for each.
//!
//! The others are the component:
//!
//! - `service`: from a request to a response.
//! - `body`: the body of a request.
//! - `storage`: the directory in which files are stored.
//! - `upload`, `download`, `probe`, `sorting`: one endpoint each.
//! - `leftovers`: the removal of what killed servers left.
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
#[cfg(target_family = "wasm")]
mod leftovers;
pub mod location;
pub mod name;
pub mod precondition;
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
