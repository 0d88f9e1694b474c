//! Leftovers of crashes: named files and trees, which a sweep finds by their names and ages.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use host_tests::{
    ErrorCode, FileOptions, Mode, Removal, Result, Scratch, Setup, SweepFailure, in_mode, note,
};

use crate::suite::tests;

tests! {
    every_mode {
        leftovers_of_a_dead_instance_are_removed,
        young_entries_and_those_in_use_are_kept,
        a_tree_is_as_young_as_its_youngest_entry,
        a_tree_is_as_young_as_its_youngest_entry_at_any_depth,
        entries_unpacked_from_an_old_archive_are_kept,
        a_tree_that_cannot_be_searched_is_kept_and_reported,
        many_leftovers_are_removed_in_pieces_and_counted,
        the_first_use_sweeps_if_the_environment_says_so,
        entries_that_the_caller_removes_are_kept,
    }
    once {
        one_sweep_finds_what_two_hundred_killed_processes_left,
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// The age of leftovers in these tests. A test can set the time of an entry's modification, but not of
/// its creation, so what is old has to be made and waited for.
const AGE: Duration = Duration::from_millis(10);

/// How often a process is killed.
const ROUNDS: u64 = 200;

/// Leaves a named file and a tree in the test's directory, as an instance does whose host dies.
async fn crash(scratch: &Scratch) -> Result<(String, String)> {
    let victim = scratch.sibling(&Setup::default()).await;
    let (file, directory) = (victim.create_named().await?, victim.create_directory().await?);
    file.write(b"content").await?;
    directory.create_directory("below").await?;
    directory.write_file("below/file", b"content").await?;
    let paths = (file.path().await.expect("it has a name"), directory.path().await);
    // Not even the resources are dropped.
    std::mem::forget((file, directory));
    Ok(paths)
}

/// Waits until all that is there is older than `AGE`, by more than the step of the host's clock.
fn grow_old() {
    thread::sleep(5 * AGE);
}

/// Makes an entry young for as long as the test takes: a time in the future is young.
fn rejuvenate(path: &Path) -> Result {
    Ok(File::open(path)?.set_modified(SystemTime::now() + HOUR)?)
}

/// Makes an entry as old as the rest of it is.
fn age(path: &Path) -> Result {
    Ok(File::open(path)?.set_modified(SystemTime::UNIX_EPOCH)?)
}

async fn leftovers_of_a_dead_instance_are_removed(scratch: Scratch) -> Result {
    let (file, directory) = crash(&scratch).await?;
    fs::write(scratch.host("/tmp/tmp-of-a-stranger"), "a stranger's")?;

    let report = scratch.sweep(None, Duration::ZERO).await?;

    let mut removed = report.removed;
    removed.sort();
    let mut expected = [file, directory];
    expected.sort();
    assert_eq!((removed, report.failed), (expected.into(), Vec::new()));
    scratch.assert_entries(&["/tmp/tmp-of-a-stranger"]).await;
    Ok(())
}

async fn young_entries_and_those_in_use_are_kept(scratch: Scratch) -> Result {
    let (file, directory) = crash(&scratch).await?;
    let (mine, tree) = (scratch.create_named().await?, scratch.create_directory().await?);
    rejuvenate(&scratch.host(&file))?;
    grow_old();

    let report = scratch.sweep(None, AGE).await?;

    assert_eq!((report.removed, report.failed), (vec![directory], Vec::new()));
    mine.write(b"still there").await?;
    tree.write_file("file", b"still there").await?;
    age(&scratch.host(&file))?;
    grow_old();
    assert_eq!(scratch.sweep(Some("/tmp"), AGE).await?.removed, [file]);
    mine.close().await?;
    tree.close().await?;
    scratch.assert_empty().await;
    Ok(())
}

async fn a_tree_is_as_young_as_its_youngest_entry(scratch: Scratch) -> Result {
    let (file, directory) = crash(&scratch).await?;
    let inner = scratch.host(&directory).join("below/file");
    rejuvenate(&inner)?;
    grow_old();

    assert_eq!(scratch.sweep(None, AGE).await?.removed, [file]);

    age(&inner)?;
    grow_old();
    assert_eq!(scratch.sweep(None, AGE).await?.removed, [directory]);
    scratch.assert_empty().await;
    Ok(())
}

async fn a_tree_is_as_young_as_its_youngest_entry_at_any_depth(scratch: Scratch) -> Result {
    for depth in [16, 17, 64, 65, 200] {
        let (file, directory) = crash(&scratch).await?;
        let innermost = scratch.host(&directory).join("d/".repeat(depth));
        fs::create_dir_all(&innermost)?;
        fs::write(innermost.join("file"), "in use")?;
        rejuvenate(&innermost.join("file"))?;
        grow_old();

        let in_use = scratch.sweep(None, AGE).await?;
        age(&innermost.join("file"))?;
        grow_old();
        let old = scratch.sweep(None, AGE).await?;

        assert_eq!((in_use.removed, in_use.failed), (vec![file], Vec::new()), "{depth} levels");
        assert_eq!((old.removed, old.failed), (vec![directory], Vec::new()), "{depth} levels");
        scratch.assert_empty().await;
    }
    Ok(())
}

async fn entries_unpacked_from_an_old_archive_are_kept(scratch: Scratch) -> Result {
    let (file, directory) = crash(&scratch).await?;
    for path in scratch.entries() {
        age(&scratch.host(&path))?;
    }

    let report = scratch.sweep(None, HOUR).await?;

    assert_eq!((report.removed, report.failed), (Vec::new(), Vec::new()));
    let entries = scratch.entries();
    assert!(entries.len() == 4 && entries.contains(&file) && entries.contains(&directory), "{entries:?}");
    Ok(())
}

async fn a_tree_that_cannot_be_searched_is_kept_and_reported(scratch: Scratch) -> Result {
    let (file, directory) = crash(&scratch).await?;
    // So deep that no search remembers the way; it grows from the bottom, as no path is that long.
    let (deep, above) = (scratch.host(&directory).join("d"), scratch.host(&directory).join("above"));
    fs::create_dir(&deep)?;
    for _ in 0..12_000 {
        fs::create_dir(&above)?;
        fs::rename(&deep, above.join("d"))?;
        fs::rename(&above, &deep)?;
    }
    grow_old();

    let report = scratch.sweep(None, AGE).await?;

    assert_eq!(report.removed, [file]);
    let [SweepFailure { path, error }] = &report.failed[..] else { panic!("{:?}", report.failed) };
    assert_eq!(*path, directory);
    error.assert(ErrorCode::Quota, &["depth"]);
    assert_eq!(scratch.sweep(None, Duration::ZERO).await?.removed, [directory]);
    scratch.assert_empty().await;
    Ok(())
}

async fn many_leftovers_are_removed_in_pieces_and_counted(scratch: Scratch) -> Result {
    const COUNT: usize = 3_000;
    let longest = "p".repeat(219);
    let names = scratch.another(Setup::default()).await;
    for _ in 0..COUNT {
        // With names as long as they can be, all of them take more memory than a piece may.
        let file = names.create_named_with(FileOptions::new().prefix(&longest)).await?;
        fs::write(scratch.host(&file.path().await.expect("it has a name")), "")?;
        file.close().await?;
    }
    let scratch = scratch.sibling(&Setup::default()).await;

    let report = scratch.sweep(None, Duration::ZERO).await?;

    assert_eq!((report.removed.len(), report.failed), (1_001, Vec::new()));
    assert_eq!(report.removed[1_000], format!("and {} more", COUNT - 1_000));
    scratch.assert_empty().await;
    Ok(())
}

async fn the_first_use_sweeps_if_the_environment_says_so(scratch: Scratch) -> Result {
    crash(&scratch).await?;
    thread::sleep(Duration::from_millis(1_100));
    let (young, tree) = crash(&scratch).await?;
    rejuvenate(&scratch.host(&young))?;
    rejuvenate(&scratch.host(&tree))?;
    let setup = Setup::default().variable("SCRATCH_SWEEP_OLDER_THAN", "1s");
    let next = scratch.sibling(&setup).await;
    assert_eq!(scratch.entries().len(), 8);

    next.create().await?.close().await?;

    assert_eq!(scratch.entries().len(), 4);
    assert!(scratch.entries().contains(&young));
    Ok(())
}

async fn entries_that_the_caller_removes_are_kept(scratch: Scratch) -> Result {
    let never = FileOptions::new().removal(Removal::Never);
    let kept = scratch.create_named_with(never).await?.path().await.expect("it has a name");
    let (_, made) = scratch.mkstemp(None, None, None).await?;
    let directory = scratch.mkdtemp(None, None, None).await?;

    let next = scratch.sibling(&Setup::default()).await;
    let report = next.sweep(None, Duration::ZERO).await?;

    assert!(report.removed.is_empty(), "{report:?}");
    let mut expected = [kept, made, directory];
    expected.sort();
    assert_eq!(scratch.entries(), expected);
    Ok(())
}

/// Entries that the provider did not create, and may not change.
struct ForeignEntries(Vec<(PathBuf, SystemTime)>);

impl ForeignEntries {
    /// Creates a hundred of them, half with a prefix of the provider's.
    fn create(shared: &Path) -> Result<ForeignEntries> {
        let create = |number: u32| {
            let random = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(2);
            let path = match number % 4 {
                0 => shared.join(format!("tmp{number:02}{}", &random[..34])),
                1 => shared.join(format!("tmp{number:036}.txt")),
                2 => shared.join(format!("foreign-{number}")),
                _ => shared.join(format!("tmpdir{number}/tmp{}", &random[..36])),
            };
            fs::create_dir_all(path.parent().expect("it is in the directory"))?;
            fs::write(&path, path.as_os_str().as_encoded_bytes())?;
            let modified = fs::metadata(&path)?.modified()?;
            Ok((path, modified))
        };
        Ok(ForeignEntries((0..100).map(create).collect::<Result<_>>()?))
    }

    fn assert_untouched(&self) {
        for (path, modified) in &self.0 {
            assert_eq!(fs::read(path).expect("it is there"), path.as_os_str().as_encoded_bytes());
            let now = fs::metadata(path).and_then(|metadata| metadata.modified()).expect("it is there");
            assert_eq!(now, *modified, "{}", path.display());
        }
    }
}

/// Kills processes that are busy with named files and trees, at arbitrary moments; then one sweep
/// has to find everything that they left.
fn one_sweep_finds_what_two_hundred_killed_processes_left() {
    let directory = tempfile::tempdir().expect("the host has a temporary directory");
    let shared = directory.path().join("shared");
    let foreign = ForeignEntries::create(&shared).expect("the directory is writable");
    let count = || fs::read_dir(&shared).expect("the directory exists").count();
    // Two at a time, because each keeps a processor busy.
    thread::scope(|scope| {
        for half in 0..2 {
            let (shared, temporary) = (&shared, directory.path());
            let kill = move |round| kill_one(shared, temporary, round);
            scope.spawn(move || (half..ROUNDS).step_by(2).for_each(kill));
        }
    });
    let left = count() - 100;
    note!("{left} leftovers after {ROUNDS} rounds");
    assert!(left as u64 > ROUNDS / 2, "there was too little to sweep");

    let swept = in_mode(Mode::P3Blocking, async |scratch: Scratch| {
        let sweeper = scratch.another(Setup::nothing().preopen_at("/tmp", &shared)).await;
        let report = sweeper.sweep(None, Duration::ZERO).await?;

        assert_eq!((report.removed.len(), report.failed), (left, Vec::new()));
        Ok(())
    });
    swept.expect("a sweep reports what it could not remove");
    assert_eq!(count(), 100);
    foreign.assert_untouched();
}

fn kill_one(shared: &Path, temporary: &Path, round: u64) {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg("churn")
        .arg(shared)
        .env("TMPDIR", temporary)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the worker can be started");
    let mut output = BufReader::new(worker.stdout.take().expect("it is piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("the worker writes");
    assert_eq!(line, "busy\n");
    thread::sleep(Duration::from_micros(round * 7_919 % 20_000));
    worker.kill().expect("it is a child of this process");
    worker.wait().expect("it is dead");
}
