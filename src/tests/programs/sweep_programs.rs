//! The programs for `fault_sweep`, which together use the whole interface.

use crate::lowlevel as calls;
use crate::place::name::{Affixes, Mark};
use crate::testing::models::file::Step;
use crate::tests::programs::stage::Play;
use crate::tests::programs::staged_file::{Kind, Played, Sort};
use crate::tests::programs::text_program::text;
use crate::tests::*;

/// A complete program of a user.
pub(super) struct Program {
    pub(super) name: String,
    play: Box<dyn Fn(&Play)>,
}

impl Program {
    pub(super) fn runs(&self, play: &Play) {
        (self.play)(play);
    }
}

fn program(name: impl Into<String>, play: impl Fn(&Play) + 'static) -> Program {
    Program { name: name.into(), play: Box::new(play) }
}

/// Returns kinds of files, with large, small and no buffers.
fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<_> = [0, 14].map(|buffer| Kind::new(Sort::Unnamed, buffer)).into();
    for removal in [Removal::OnClose, Removal::OnDrop] {
        kinds.push(Kind::new(Sort::Named(removal), 14));
    }
    for (max_size, buffer) in [(None, 14), (Some(0), 5), (Some(13), 0), (Some(40), 64)] {
        kinds.push(Kind::new(Sort::Spooled(max_size), buffer));
    }
    for sort in [Sort::Shared, Sort::InDirectory] {
        kinds.push(Kind::new(sort, 14));
    }
    kinds.push(Kind { appends: true, ..Kind::new(Sort::Unnamed, 5) });
    kinds
}

/// Returns every program.
pub(super) fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for kind in kinds() {
        programs.push(program(format!("write, read, cut and close: {kind:?}"), move |play| {
            let file = play.creates(kind);
            edit(&file);
            file.closes();
        }));
        programs.push(program(format!("the same, and drop: {kind:?}"), move |play| {
            let file = play.creates(kind);
            edit(&file);
            file.goes();
        }));
        programs.push(program(format!("streams: {kind:?}"), move |play| {
            let file = play.creates(kind);
            stream(&file);
            file.closes();
        }));
    }
    for sort in [Sort::Unnamed, Sort::Named(Removal::OnClose), Sort::Spooled(None), Sort::Spooled(Some(3))] {
        for replace in [false, true] {
            let name = format!("persist, replacing {replace}: {sort:?}");
            programs.push(program(name, move |play| persist(play, Kind::new(sort, 8), replace)));
        }
        programs.push(program(format!("share: {sort:?}"), move |play| share(play, Kind::new(sort, 8))));
    }
    programs.push(program("persist a closed file", persist_after_close));
    programs.push(program("keep a file", keep));
    programs.push(program("a file that nobody removes", leave));
    programs.push(program("three files at once", side_by_side));
    programs.push(program("a tree, closed", |play| tree(play, true)));
    programs.push(program("a tree, dropped", |play| tree(play, false)));
    programs.push(program("a tree that stays", tree_that_stays));
    programs.push(program("a tree that is persisted", persist_tree));
    programs.push(program("a tree emptied while it is used", empty_tree));
    programs.push(program("mkstemp, mkdtemp and gettempdir", low_level));
    programs.push(program("sweep", sweep));
    for kind in [Kind::new(Sort::Unnamed, 0), Kind::new(Sort::Named(Removal::OnClose), 9)] {
        programs.push(program(format!("text: {kind:?}"), move |play| text(play, kind)));
    }
    let kind = Kind::new(Sort::Spooled(Some(30)), 9);
    programs.push(program(format!("text: {kind:?}"), move |play| text(play, kind)));
    programs
}

fn edit(file: &Played<'_>) {
    use Whence::*;
    for step in [
        Step::Write(b"acknowledged\n".to_vec()),
        Step::Flush,
        Step::Write(b"second\nthird".to_vec()),
        Step::Seek(0, Start),
        Step::ReadLine(None),
        Step::Read(4),
        Step::WriteAt(b"XYZ".to_vec(), 4),
        Step::WriteAt(b"far".to_vec(), 33),
        Step::ReadAt(100, 0),
        Step::Truncate(Some(18)),
        Step::TryWrite(b"try".to_vec()),
        Step::TryRead(5),
        Step::Truncate(Some(25)),
        Step::Seek(-1, End),
        Step::WriteLines(vec![b"fourth\n".to_vec(), b"fifth\n".to_vec(), b"sixth".to_vec()]),
        Step::Sync,
        Step::Size,
        Step::Rollover,
        Step::Seek(3, Start),
        Step::ReadLines(None),
        Step::Write(vec![b'.'; 30]),
        Step::Seek(-40, Current),
        Step::Write(b"in the middle".to_vec()),
        Step::Read(9),
        Step::Truncate(None),
        Step::Write(b"last".to_vec()),
    ] {
        file.takes(step);
    }
}

fn stream(file: &Played<'_>) {
    for step in [
        Step::StreamIn(vec![b"piece".to_vec(), b"another piece".to_vec(), vec![b'3'; 30]]),
        Step::Seek(3, Whence::Start),
        Step::StreamOut(12),
        Step::StreamOut(100),
        Step::StreamIn(vec![b"end".to_vec()]),
        Step::Flush,
        Step::Seek(0, Whence::Start),
        Step::StreamOut(7),
        Step::Read(5),
    ] {
        file.takes(step);
    }
}

fn persist(play: &Play, kind: Kind, replace: bool) {
    if replace {
        play.instance.disk.plant_file("/tmp/target", b"somebody's");
        // A file exists at the target at any time.
        play.stays("/tmp/target", Some(b"somebody's".to_vec()));
    }
    let file = play.creates(kind);
    file.takes(Step::Write(b"acknowledged".to_vec()));
    file.takes(Step::Seek(4, Whence::Start));
    file.persists("/tmp/target", replace);
    file.takes(Step::Write(b", and".to_vec()));
    file.takes(Step::Flush);
    play.stays("/tmp/target", play.instance.disk.contents("/tmp/target"));
    file.closes();
}

fn persist_after_close(play: &Play) {
    let file = play.creates(Kind::new(Sort::Named(Removal::OnDrop), 8));
    file.takes(Step::Write(b"acknowledged".to_vec()));
    file.takes_call(async |file| file.close().await, &[]);
    file.persists("/tmp/target", false);
}

fn share(play: &Play, kind: Kind) {
    let file = play.creates(kind);
    file.takes(Step::Write(b"acknowledged".to_vec()));
    file.shares();
    file.takes(Step::Write(b", and more".to_vec()));
    file.shares();
    file.takes(Step::ReadAt(100, 2));
    file.closes();
}

fn keep(play: &Play) {
    let file = play.creates(Kind::new(Sort::Named(Removal::OnClose), 50));
    file.takes(Step::Write(b"acknowledged".to_vec()));
    file.keeps();
    file.takes(Step::Write(b", and more".to_vec()));
    play.stays(&file.file.path().expect("it has a name"), Some(file.bytes()));
    file.closes();
}

fn leave(play: &Play) {
    let file = play.creates(Kind::new(Sort::Named(Removal::Never), 50));
    file.takes(Step::Write(b"acknowledged".to_vec()));
    file.takes(Step::Truncate(Some(5)));
    file.takes(Step::Sync);
    play.stays(&file.file.path().expect("it has a name"), Some(file.bytes()));
    file.goes();
}

fn side_by_side(play: &Play) {
    let [one, two, three] = [
        Kind::new(Sort::Unnamed, 0),
        Kind::new(Sort::Named(Removal::OnClose), 6),
        Kind::new(Sort::Spooled(Some(10)), 0),
    ]
    .map(|kind| play.creates(kind));
    let write = |text: &str| Step::Write(text.as_bytes().to_vec());
    play.takes_together(&[(&one, write("one")), (&two, write("second")), (&three, write("three"))]);
    play.takes_together(&[
        (&one, Step::ReadAt(9, 0)),
        (&two, write(", more")),
        (&three, write("rolls over")),
    ]);
    play.takes_together(&[(&one, Step::Truncate(Some(1))), (&two, Step::Flush), (&three, Step::Sync)]);
    play.takes_together(&[(&one, write("x")), (&two, Step::Size), (&three, Step::ReadAt(9, 9))]);
    one.closes();
    two.goes();
    three.closes();
}

type Tree = Rc<Directory<MemoryFilesystem>>;

/// Calls a method of a directory as a step that may be repeated.
macro_rules! step {
    ($play:ident, $tree:ident => $call:expr, again $again:expr) => {
        $play.takes(|| $call, $again)
    };
}

fn new_tree(play: &Play, options: fn() -> DirectoryOptions) -> Tree {
    let scratch = play.scratch();
    let created = play.takes(|| Directory::create(&scratch, options()), &[]);
    Rc::new(created.expect("created at last"))
}

const CREATE: OpenFlags = OpenFlags { create: true, exclusive: false, truncate: false };

/// Creates a directory with files at three depths, and returns the content of the first two.
fn planted(play: &Play, options: fn() -> DirectoryOptions) -> (Tree, [Vec<u8>; 2]) {
    let tree = new_tree(play, options);
    let exists = &[ErrorCode::Exist];
    step!(play, tree => tree.create_directory("sub".into()), again exists);
    step!(play, tree => tree.create_directory("sub/below".into()), again exists);
    let [first, second, _] = ["file", "sub/file", "sub/below/file"].map(|path| {
        // A repeated step opens the file that the failed one has created. Both are empty.
        let file = step!(play, tree => tree.open(path.into(), CREATE, None), again exists);
        let file = play.holds(file.expect("opened at last"));
        file.takes(Step::Write(path.as_bytes().to_vec()));
        let bytes = file.bytes();
        file.closes();
        bytes
    });
    (tree, [first, second])
}

fn tree(play: &Play, closes: bool) {
    let (tree, [_, second]) = planted(play, DirectoryOptions::default);
    let listed = step!(play, tree => tree.entries("sub".into()), again &[]).expect("listed at last");
    assert_eq!(listed.iter().map(|found| found.size).sum::<u64>(), second.len() as u64);
    let file = step!(play, tree => tree.open("sub/file".into(), OpenFlags::default(), None), again &[]);
    let file = play.holds(file.expect("opened at last"));
    let gone = &[ErrorCode::NoEntry];
    step!(play, tree => tree.remove("sub/below".into()), again gone);
    step!(play, tree => tree.remove("file".into()), again gone);
    drop(step!(play, tree => tree.descriptor(), again &[]));
    if closes {
        step!(play, tree => tree.close(), again &[ErrorCode::Closed]);
    } else {
        drop(tree);
    }
    drop(file);
}

fn tree_that_stays(play: &Play) {
    let options = || DirectoryOptions { removal: Some(Removal::Never), ..Default::default() };
    let (tree, [first, second]) = planted(play, options);
    step!(play, tree => tree.remove("sub/below".into()), again &[]);
    step!(play, tree => tree.keep(), again &[]);
    play.stays(&tree.path(), None);
    play.stays(&format!("{}/file", tree.path()), Some(first));
    play.stays(&format!("{}/sub", tree.path()), None);
    play.stays(&format!("{}/sub/file", tree.path()), Some(second));
    step!(play, tree => tree.close(), again &[ErrorCode::Closed]);
}

fn persist_tree(play: &Play) {
    let (tree, [first, second]) = planted(play, DirectoryOptions::default);
    step!(play, tree => tree.remove("sub/below".into()), again &[]);
    // The target exists, or the directory is missing at its old path.
    let done = &[ErrorCode::Exist, ErrorCode::NoEntry];
    step!(play, tree => tree.persist("/tmp/target".into()), again done);
    assert_eq!(&*tree.path(), "/tmp/target");
    play.stays("/tmp/target", None);
    play.stays("/tmp/target/file", Some(first));
    play.stays("/tmp/target/sub", None);
    play.stays("/tmp/target/sub/file", Some(second));
    step!(play, tree => tree.close(), again &[ErrorCode::Closed]);
}

fn empty_tree(play: &Play) {
    let (tree, _) = planted(play, || DirectoryOptions { ignore_errors: Some(true), ..Default::default() });
    step!(play, tree => tree.remove(String::new()), again &[]);
    step!(play, tree => tree.create_directory("again".into()), again &[ErrorCode::Exist]);
    let listed = step!(play, tree => tree.entries(String::new()), again &[]);
    assert_eq!(listed.expect("listed at last").len(), 1);
    step!(play, tree => tree.close(), again &[ErrorCode::Closed]);
}

fn low_level(play: &Play) {
    let scratch = play.scratch();
    let made = play.takes(|| calls::mkstemp(&scratch, None, None, None), &[]);
    play.stays_uncounted(&made.expect("made at last").1, Some(Vec::new()));
    let made = play.takes(|| calls::mkdtemp(&scratch, None, None, None), &[]);
    play.stays_uncounted(&made.expect("made at last"), None);
    let found = play.takes(|| scratch.find(Some("/tmp")), &[]);
    found.expect("found at last");
}

fn sweep(play: &Play) {
    let disk = &play.instance.disk;
    let name = |number| Affixes::default().name(number, Mark::Ours);
    disk.plant_file(&format!("/tmp/{}", name(1)), b"left");
    disk.plant_file(&format!("/tmp/{}/sub/file", name(2)), b"left");
    disk.plant_file("/tmp/stranger", b"stays");
    let scratch = play.scratch();
    let sweeps = || scratch.sweep(None, 0);
    // Entries that cannot be removed are reported, and the next sweep removes them.
    play.takes(sweeps, &[]);
    disk.settle();
    disk.heal();
    let report = disk.run(sweeps()).expect("nothing fails any more");
    assert!(report.failed.is_empty());
    assert_eq!(disk.entries(), ["/tmp/stranger"]);
    disk.take_away("/tmp/stranger");
}
