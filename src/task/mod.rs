//! Order among concurrent calls: one at a time, and finished once begun.
//!
//! - `turns`: a lock that serves its callers in the order of their calls
//! - `call`: an operation that owns its turn
//! - `background`: work without a caller, and the wait for what it frees
//! - `run_to_end`: work that outlives the future of its caller
//! - `finished`: work on a host whose calls never wait

pub(crate) mod background;
pub(crate) mod call;
#[cfg(any(feature = "p2", feature = "tmp", not(target_family = "wasm")))]
pub(crate) mod finished;
pub(crate) mod run_to_end;
pub(crate) mod turns;
