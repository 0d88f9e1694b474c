//! Directories, names, and sweeps of leftovers.

mod leftovers;
mod locations;
mod names;
mod sweep;
