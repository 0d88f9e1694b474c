//! Text as Python's `io.TextIOWrapper` defines it, over a temporary file.
//!
//! - `file`: the resource, whose operations take turns
//! - `open_text`: a text during one operation; `view`: its decoded piece
//! - `decoder`, `form`, `decode_error`: bytes to characters, in pieces of any size
//! - `encoder`: characters to bytes
//! - `newline`: translation of line ends in both directions
//! - `encoding`: the encodings, their names, and error handling
//! - `position`: opaque positions, which contain the state of a decoder

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

pub(crate) use open_text::{Target, TextSettings};
