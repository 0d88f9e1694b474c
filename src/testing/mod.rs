//! Helpers of tests and fuzz targets.
//!
//! - `memory_filesystem`: a filesystem in memory that can fail, delay and interleave calls
//! - `models`: the expected behaviour, written as simply as possible
//! - `fuzzing`: the functions that fuzz targets call

#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(not(fuzzing))]
mod fuzzing;
#[cfg_attr(fuzzing, allow(unused_imports, reason = "tests alone use all of it"))]
pub(crate) mod memory_filesystem;
pub(crate) mod models;
