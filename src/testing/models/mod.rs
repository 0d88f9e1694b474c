//! Models: the expected behaviour of a file and of a text, written as simply as possible.

pub(crate) mod file;
pub(crate) mod text;
pub(crate) mod text_pair;
