//! Private directory trees: their content, and their removal.

mod directories;
mod moved;
mod persist;
mod removal;
