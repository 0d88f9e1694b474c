//! Directories, names, and sweeps of leftovers.

mod locations;
mod names;
mod sweep;
