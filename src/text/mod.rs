//! Text as Python's `io.TextIOWrapper` defines it, over a temporary file.
//!
//! A `file` takes turns as its file below does; `open_text` is what an operation works on, and
//! `view` the piece that is decoded. Bytes that were read go through a `decoder` and then a
//! `newline` decoder; text to be written has its line ends translated by `newline` and goes through
//! an `encoder`. These know of no file: they work in pieces of any size, with a state small enough
//! to be part of a `position`.

mod decode_error;
pub(crate) mod decoder;
pub(crate) mod encoder;
pub(crate) mod encoding;
pub(crate) mod file;
mod form;
pub(crate) mod newline;
mod open_text;
pub(crate) mod position;
mod view;

pub(crate) use open_text::{Settings, Target};
