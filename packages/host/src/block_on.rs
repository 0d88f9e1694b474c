//! A runtime for hosts that have none.

/// Runs a future to its end on this thread, for hosts without a runtime.
///
/// # Panics
///
/// Panics if the thread is in a runtime of tokio already, or if the system provides none of what a runtime needs.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the system has events and threads for a runtime");
    let output = runtime.block_on(future);
    // Not awaited: a thread of the runtime may still be waiting for input.
    runtime.shutdown_background();
    output
}
