//! Cancellation: each operation is called and dropped after every possible number of turns.

use host_tests::{Mode, Plugin, Result, Setup, Tally, note};

use crate::suite::tests;

/// One round for each way in which the plugin drops calls.
const ROUNDS: u32 = 3;

/// Operations that leave a directory, which stays charged even after another process removes it.
const LEAVING_A_DIRECTORY: [&str; 3] =
    ["persist a directory", "keep a directory", "create a directory that is kept"];

tests! {
    async_modes {
        an_operation_cancelled_at_any_turn_is_done_or_undone_and_leaves_nothing,
    }
}

async fn an_operation_cancelled_at_any_turn_is_done_or_undone_and_leaves_nothing(plugin: Plugin) -> Result {
    let operations = plugin.operations().await;
    let mut total = Tally { calls: 0, under_way: 0, waiting: 0, most_turns: 0 };
    for operation in &operations {
        let fresh = plugin.another(Setup::default()).await;

        let tally = fresh.sweep(operation, ROUNDS).await?;

        fresh.assert_empty().await;
        if !LEAVING_A_DIRECTORY.contains(&operation.as_str()) {
            fresh.assert_nothing_used().await;
        }
        note!("{operation}: {}", in_words(&tally));
        total.calls += tally.calls;
        total.under_way += tally.under_way;
        total.waiting += tally.waiting;
        total.most_turns = total.most_turns.max(tally.most_turns);
    }

    let (mode, count) = (plugin.mode(), operations.len());
    note!("plugin cancellation sweep ({mode:?}): {count} operations, {}", in_words(&total));
    assert!(count >= 20 && total.calls > 500, "too few calls were cancelled");
    // If blocking is allowed, an operation without a stream ends before it can be dropped.
    if mode == Mode::P3 {
        let (begun, calls) = (total.under_way - total.waiting, total.calls - total.waiting);
        assert!(begun > calls / 2, "only {begun} of {calls} calls were under way when they were dropped");
    }
    Ok(())
}

fn in_words(tally: &Tally) -> String {
    let Tally { calls, under_way, waiting, most_turns } = tally;
    let (begun, returned) = (under_way - waiting, calls - under_way);
    format!(
        "{calls} cancellations: {begun} under way for up to {most_turns} turns, {waiting} waiting for their turn, \
         {returned} too late"
    )
}
