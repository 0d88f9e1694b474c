//! Concurrency in one instance: operations on one file in order, on several files side by side.

use futures::future::{join_all, try_join_all};
use host_tests::{ErrorCode, OpenFlags, Result, Scratch, Setup, Whence};

use crate::suite::tests;

tests! {
    async_modes {
        writes_to_one_file_happen_in_the_order_of_their_calls,
        different_operations_on_one_file_happen_in_order,
        many_files_make_progress_side_by_side,
        a_thousand_files_are_created_at_once,
        close_waits_for_earlier_calls,
        calls_after_close_fail_with_closed,
        files_are_dropped_while_others_work,
        a_directory_closes_beside_work_in_it,
        a_tree_is_built_by_many_at_once,
        the_directory_is_found_by_many_at_once,
    }
    every_mode {
        names_never_collide,
        two_instances_share_a_directory,
    }
}

async fn writes_to_one_file_happen_in_the_order_of_their_calls(scratch: Scratch) -> Result {
    for file in [scratch.create().await?, scratch.create_spooled(700).await?, scratch.create_named().await?] {
        let pieces: Vec<String> = (0..200).map(|number| format!("{number},")).collect();

        try_join_all(pieces.iter().map(|piece| file.write(piece.as_bytes()))).await?;

        assert_eq!(String::from_utf8(file.contents().await?)?, pieces.concat());
        file.close().await?;
    }
    scratch.assert_empty().await;
    Ok(())
}

async fn different_operations_on_one_file_happen_in_order(scratch: Scratch) -> Result {
    let file = scratch.create().await?;
    let large = vec![b'x'; 300_000];

    let (write, start, read, middle, truncate, size) = futures::join!(
        file.write(&large),
        file.seek(0, Whence::Start),
        file.read(3),
        file.seek(10, Whence::Start),
        file.truncate(None),
        file.size(),
    );

    write?;
    truncate?;
    assert_eq!(start?, 0);
    assert_eq!(read?, b"xxx");
    assert_eq!(middle?, 10);
    assert_eq!(size?, 10);
    Ok(())
}

async fn many_files_make_progress_side_by_side(scratch: Scratch) -> Result {
    let work = async |number: u8| -> Result {
        let file = if number.is_multiple_of(2) {
            scratch.create().await?
        } else {
            scratch.create_spooled(5_000).await?
        };
        for _ in 0..10 {
            file.write(&vec![number; 10_000]).await?;
        }
        file.seek(0, Whence::Start).await?;
        let content = file.read_to_end().await?;
        assert_eq!(content.len(), 100_000);
        assert!(content.iter().all(|byte| *byte == number));
        Ok(file.close().await?)
    };

    try_join_all((0..60).map(work)).await?;

    scratch.assert_empty().await;
    Ok(())
}

async fn a_thousand_files_are_created_at_once(scratch: Scratch) -> Result {
    let files = try_join_all((0..1_000).map(|_| scratch.create_spooled(0))).await?;
    try_join_all(files.iter().map(|file| file.write(b"x"))).await?;

    assert!(scratch.entries().is_empty());
    try_join_all(files.iter().map(|file| file.close())).await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn close_waits_for_earlier_calls(scratch: Scratch) -> Result {
    for (number, file) in [scratch.create_named().await?, scratch.create().await?].into_iter().enumerate() {
        let path = format!("/tmp/{number}");
        let large = vec![b'x'; 500_000];

        let (write, persist, more, close) =
            futures::join!(file.write(&large), file.persist(&path, false), file.write(b"end"), file.close(),);

        write?;
        persist?;
        more?;
        close?;
        assert_eq!(std::fs::metadata(scratch.host(&path))?.len(), 500_003);
    }
    assert_eq!(scratch.entries(), ["/tmp/0", "/tmp/1"]);
    Ok(())
}

async fn calls_after_close_fail_with_closed(scratch: Scratch) -> Result {
    let file = scratch.create_named().await?;

    let (before, close, after, close_again) =
        futures::join!(file.write(b"before"), file.close(), file.write(b"after"), file.close());

    before?;
    close?;
    close_again?;
    after.unwrap_err().assert(ErrorCode::Closed, &[]);
    scratch.assert_empty().await;
    Ok(())
}

async fn files_are_dropped_while_others_work(scratch: Scratch) -> Result {
    let busy = scratch.create().await?;
    let idle = try_join_all((0..50).map(|_| scratch.create_named())).await?;

    let writing = async {
        for _ in 0..50 {
            busy.write(&vec![b'x'; 100_000]).await?;
        }
        Ok::<_, host_tests::Error>(())
    };
    let dropping = async {
        for file in idle {
            tokio::task::yield_now().await;
            drop(file);
        }
    };
    let (written, ()) = futures::join!(writing, dropping);

    written?;
    assert_eq!(busy.size().await?, 5_000_000);
    busy.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_directory_closes_beside_work_in_it(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;
    let file = directory.open("file", OpenFlags::CREATE, None).await?;
    let large = vec![b'x'; 500_000];

    let (write, close, more) = futures::join!(file.write(&large), directory.close(), file.write(b"end"));

    write?;
    close?;
    more?;
    assert_eq!(file.size().await?, 500_003, "an open file outlives its name");
    file.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_tree_is_built_by_many_at_once(scratch: Scratch) -> Result {
    let directory = scratch.create_directory().await?;

    let folders: Vec<String> = (0..20).map(|number| format!("folder-{number}")).collect();
    try_join_all(folders.iter().map(|folder| directory.create_directory(folder))).await?;
    let files: Vec<String> = folders.iter().map(|folder| format!("{folder}/file")).collect();
    try_join_all(files.iter().map(|file| directory.write_file(file, file.as_bytes()))).await?;
    let listed = try_join_all(folders.iter().map(|folder| directory.entries(folder))).await?;
    try_join_all(folders[..10].iter().map(|folder| directory.remove(folder))).await?;

    assert!(listed.iter().all(|entries| entries.len() == 1 && entries[0].size > 0));
    assert_eq!(directory.entries(".").await?.len(), 10);
    directory.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn names_never_collide(scratch: Scratch) -> Result {
    let files = try_join_all((0..300).map(|_| scratch.create_named())).await?;

    let mut paths = join_all(files.iter().map(|file| file.path())).await;
    paths.sort();
    paths.dedup();

    assert_eq!(paths.len(), 300);
    let name =
        paths[0].as_deref().and_then(|path| path.strip_prefix("/tmp/tmp")).expect("the default prefix");
    assert!(
        name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-')),
        "{name}"
    );
    assert!(name.len() >= 25, "{name}: 128 random bits need 25 of 37 characters");
    drop(files);
    scratch.assert_empty().await;
    Ok(())
}

/// The search for a usable directory creates a trial file, once for all calls.
async fn the_directory_is_found_by_many_at_once(scratch: Scratch) -> Result {
    let setup = Setup::nothing().preopen("/data").read_only("/tmp").read_only("/var/tmp");
    let scratch = scratch.another(setup).await;

    let found = try_join_all((0..50).map(|_| scratch.gettempdir())).await?;

    assert!(found.iter().all(|path| path == "/data"), "{found:?}");
    scratch.assert_empty().await;
    Ok(())
}

async fn two_instances_share_a_directory(scratch: Scratch) -> Result {
    let other = scratch.sibling(&Setup::default()).await;
    let (mine, theirs) = (scratch.create_named().await?, other.create_named().await?);
    mine.write(b"mine").await?;
    theirs.write(b"theirs").await?;
    assert_eq!(scratch.entries().len(), 2);

    drop(mine);
    scratch.assert_entries(&[&theirs.path().await.expect("it has a name")]).await;
    assert_eq!(theirs.contents().await?, b"theirs");
    theirs.close().await?;

    scratch.assert_empty().await;
    Ok(())
}
