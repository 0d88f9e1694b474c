//! Files: each operation, and its effects when it fails or is cancelled.

mod access;
mod cancellation;
mod faults;
mod lines;
mod lowlevel;
mod order;
mod persist;
mod read_write;
mod removal;
pub(crate) mod scenarios;
mod spools;
mod streams;
mod unnamed;
mod without_waiting;
