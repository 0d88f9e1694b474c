//! Private directory trees: their content, and their removal.

mod directories;
mod moved;
mod removal;
