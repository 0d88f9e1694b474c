//! A plugin on a provider: cancelled calls, streams between guests, and the client's buffer.

use host_tests::{Fixture as _, Kind, Limits, LineKind, Mode, Plugin, Result, in_mode};

use crate::suite::tests;

tests! {
    async_modes {
        cancelled_creates_leave_nothing,
        creates_cancelled_together_leave_nothing,
        a_cancelled_write_is_done_whole_or_not_at_all,
        a_cancelled_read_of_text_is_done_whole_or_not_at_all,
        a_write_cancelled_while_it_waits_does_nothing,
        a_cancelled_stream_write_keeps_the_received_bytes,
        files_dropped_beside_a_writer_are_removed,
        streams_transfer_everything_both_ways,
        the_client_moves_its_buffer_with_or_without_memory_for_streams,
        the_client_reads_and_writes_the_same_range_again,
        the_client_reports_the_stored_part_of_a_large_piece,
        the_functions_that_never_wait_read_and_write_the_same,
        lines_are_read_one_by_one_and_together,
        an_unnamed_file_of_a_dead_instance_leaves_nothing,
    }
    once {
        without_blocking_most_creates_are_cancelled_under_way,
    }
}

async fn cancelled_creates_leave_nothing(plugin: Plugin) -> Result {
    for kind in [Kind::Unnamed, Kind::Named, Kind::Directory] {
        plugin.cancel_creates(kind, 200).await;
    }

    plugin.assert_empty().await;
    Ok(())
}

async fn creates_cancelled_together_leave_nothing(plugin: Plugin) -> Result {
    for kind in [Kind::Unnamed, Kind::Named, Kind::Directory] {
        plugin.cancel_creates_together(kind, 200).await;
    }

    plugin.assert_empty().await;
    Ok(())
}

/// The tests above prove nothing if no call is under way when it is cancelled. A few calls may have
/// ended, because the host's thread was quick.
fn without_blocking_most_creates_are_cancelled_under_way() {
    let tested = in_mode(Mode::P3, async |plugin: Plugin| {
        for kind in [Kind::Unnamed, Kind::Named, Kind::Directory] {
            let under_way = plugin.cancel_creates_together(kind, 200).await;

            assert!(under_way > 100, "{kind:?}: {under_way} of 200");
        }
        plugin.assert_empty().await;
        Ok(())
    });
    tested.expect("each create is cancelled");
}

async fn a_cancelled_write_is_done_whole_or_not_at_all(plugin: Plugin) -> Result {
    plugin.cancel_writes(200).await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn a_cancelled_read_of_text_is_done_whole_or_not_at_all(plugin: Plugin) -> Result {
    plugin.cancel_text_reads(50).await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn a_write_cancelled_while_it_waits_does_nothing(plugin: Plugin) -> Result {
    plugin.cancel_waiting_write().await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn a_cancelled_stream_write_keeps_the_received_bytes(plugin: Plugin) -> Result {
    plugin.cancel_stream_write().await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn files_dropped_beside_a_writer_are_removed(plugin: Plugin) -> Result {
    plugin.drop_beside_work(100).await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn streams_transfer_everything_both_ways(plugin: Plugin) -> Result {
    for size in [0, 1, 65_536, 65_537, 3_000_000] {
        plugin.stream_both_ways(size).await?;
    }

    plugin.assert_empty().await;
    Ok(())
}

async fn the_client_moves_its_buffer_with_or_without_memory_for_streams(plugin: Plugin) -> Result {
    for memory in [0, 511, 512, 100_000, 1_000_000] {
        plugin.set_limits(Limits::new().max_memory(memory)).await;

        plugin.buffered_both_ways(300_000).await.map_err(|seen| format!("{memory} bytes: {seen}"))?;
    }

    plugin.assert_empty().await;
    Ok(())
}

async fn the_client_reads_and_writes_the_same_range_again(plugin: Plugin) -> Result {
    plugin.buffered_again().await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn the_client_reports_the_stored_part_of_a_large_piece(plugin: Plugin) -> Result {
    for limit in [0, 1, 65_536, 300_000] {
        plugin.set_limits(Limits::new().max_bytes(limit)).await;

        plugin.buffered_up_to(limit).await.map_err(|seen| format!("{limit} bytes: {seen}"))?;
    }

    plugin.assert_empty().await;
    Ok(())
}

async fn the_functions_that_never_wait_read_and_write_the_same(plugin: Plugin) -> Result {
    plugin.try_functions().await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn lines_are_read_one_by_one_and_together(plugin: Plugin) -> Result {
    for kind in [LineKind::Bytes, LineKind::Text] {
        let file = plugin.lined_file(kind, 5_000).await?;

        assert_eq!(file.read_line_by_line().await?, 5_000);
        assert_eq!(file.read_lines_together(1).await?, 5_000);
        assert_eq!(file.read_lines_together(65_536).await?, 5_000);
        assert_eq!(file.read_lines_together(u64::MAX).await?, 5_000);
    }
    plugin.assert_empty().await;
    Ok(())
}

async fn an_unnamed_file_of_a_dead_instance_leaves_nothing(plugin: Plugin) -> Result {
    let directories = plugin.directories().clone();
    plugin.leave_open(Kind::Unnamed).await?;

    drop(plugin);

    directories.assert_empty().await;
    Ok(())
}
