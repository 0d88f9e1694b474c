//! The client crate for Rust plugins, on a provider.

use host_tests::{Limits, Plugin, Result, note};

use crate::suite::tests;

/// The linear memory that a plugin gets from an embedder with `--max-memory 64M`.
const MEMORY: usize = 64 << 20;

tests! {
    async_modes {
        files_of_a_directory_that_are_dropped_are_written,
        a_file_that_is_dropped_outside_of_any_task_is_written_by_the_next_call,
        files_that_stay_are_written_when_they_are_dropped,
        five_thousand_small_files_fit_into_64_mib,
        a_thousand_small_reads_to_the_end_fit_into_64_mib,
        at_a_limit_stored_bytes_are_read_and_unflushed_ones_discarded_or_cut,
        a_handle_sees_the_flushed_writes_of_another,
        two_handles_of_a_named_file_work_at_the_same_time,
        streams_go_in_and_out_of_a_file,
        names_that_are_too_long_have_a_code_of_their_own,
        kept_files_and_directories_stay,
        files_are_moved_into_place,
        directories_are_moved_into_place,
        a_spooled_file_has_the_same_content_and_positions_in_memory_and_on_disk,
        a_spooled_file_moves_to_disk_once,
        the_path_of_a_file_keeps_it_until_it_is_dropped,
        nested_temporary_directories_are_removed_in_any_order,
        entries_that_others_have_removed_are_closed_and_dropped,
        prefix_and_suffix_stay_in_the_directory_and_names_are_unique,
        a_file_is_appended_to_and_a_private_one_persisted,
        random_programs_leave_what_a_vector_has,
    }
}

async fn files_of_a_directory_that_are_dropped_are_written(plugin: Plugin) -> Result {
    passes(&plugin, "dropped in a directory").await
}

async fn a_file_that_is_dropped_outside_of_any_task_is_written_by_the_next_call(plugin: Plugin) -> Result {
    plugin.check_client_drop().await?;

    plugin.assert_empty().await;
    Ok(())
}

async fn files_that_stay_are_written_when_they_are_dropped(plugin: Plugin) -> Result {
    passes(&plugin, "dropped after persist").await
}

async fn five_thousand_small_files_fit_into_64_mib(plugin: Plugin) -> Result {
    passes(&plugin, "many files").await?;

    let memory = plugin.linear_memory().await;
    note!("5,000 open files of 1 KiB, written and read: {} KiB of linear memory", memory >> 10);
    assert!(memory < MEMORY, "{memory} bytes");
    Ok(())
}

async fn a_thousand_small_reads_to_the_end_fit_into_64_mib(plugin: Plugin) -> Result {
    passes(&plugin, "many reads to the end").await?;

    let memory = plugin.linear_memory().await;
    note!("1,000 kept results of read_to_end: {} KiB of linear memory", memory >> 10);
    assert!(memory < MEMORY, "{memory} bytes");
    Ok(())
}

async fn at_a_limit_stored_bytes_are_read_and_unflushed_ones_discarded_or_cut(plugin: Plugin) -> Result {
    plugin.set_limits(Limits::new().max_bytes(64 << 10)).await;

    passes(&plugin, "at a limit").await
}

async fn a_handle_sees_the_flushed_writes_of_another(plugin: Plugin) -> Result {
    passes(&plugin, "two handles").await
}

async fn two_handles_of_a_named_file_work_at_the_same_time(plugin: Plugin) -> Result {
    passes(&plugin, "reopened").await
}

async fn streams_go_in_and_out_of_a_file(plugin: Plugin) -> Result {
    passes(&plugin, "streams").await
}

async fn names_that_are_too_long_have_a_code_of_their_own(plugin: Plugin) -> Result {
    passes(&plugin, "long names").await
}

async fn kept_files_and_directories_stay(plugin: Plugin) -> Result {
    passes(&plugin, "kept").await
}

async fn files_are_moved_into_place(plugin: Plugin) -> Result {
    passes(&plugin, "persisted").await
}

async fn directories_are_moved_into_place(plugin: Plugin) -> Result {
    passes(&plugin, "persisted directory").await
}

async fn a_spooled_file_has_the_same_content_and_positions_in_memory_and_on_disk(plugin: Plugin) -> Result {
    passes(&plugin, "spooled").await
}

async fn a_spooled_file_moves_to_disk_once(plugin: Plugin) -> Result {
    passes(&plugin, "rollover").await
}

async fn the_path_of_a_file_keeps_it_until_it_is_dropped(plugin: Plugin) -> Result {
    passes(&plugin, "paths").await
}

async fn nested_temporary_directories_are_removed_in_any_order(plugin: Plugin) -> Result {
    passes(&plugin, "nested directories").await
}

async fn entries_that_others_have_removed_are_closed_and_dropped(plugin: Plugin) -> Result {
    passes(&plugin, "removed by others").await
}

async fn prefix_and_suffix_stay_in_the_directory_and_names_are_unique(plugin: Plugin) -> Result {
    passes(&plugin, "names").await
}

async fn a_file_is_appended_to_and_a_private_one_persisted(plugin: Plugin) -> Result {
    passes(&plugin, "appended and persisted").await
}

async fn random_programs_leave_what_a_vector_has(plugin: Plugin) -> Result {
    passes(&plugin, "random programs").await
}

/// Runs a check of the plugin, which leaves nothing behind.
async fn passes(plugin: &Plugin, check: &str) -> Result {
    plugin.check_client(check).await?;

    plugin.assert_empty().await;
    Ok(())
}
