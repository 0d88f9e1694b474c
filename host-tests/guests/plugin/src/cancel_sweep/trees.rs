//! Operations on a temporary directory with a small tree in it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::creations::create_directory;
use super::stage::{Stage, content_in};
use super::{Call, Moment, Progress, done};
use crate::bindings::{Access, EntryKind, ErrorCode, OpenFlags, Removal, TemporaryDirectory};
use crate::checks::{check, text};

const NEW: &str = "new";
const FILE: &str = "file";
const BRANCH: &str = "branch";
const TWIG: &str = "branch/twig";
const LEAF: &str = "branch/twig/leaf";

/// The content of each file.
const CONTENT: &[u8] = b"in a tree";

pub(super) struct Operation {
    pub(super) name: &'static str,
    call: for<'a> fn(&'a TemporaryDirectory) -> Call<'a>,
    effect: Effect,
    /// The error of a repetition after it has taken effect.
    repeated: Option<ErrorCode>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    /// One more file, which is empty.
    File,
    /// One more directory.
    Directory,
    /// The file is empty.
    EmptyFile,
    /// The branch is removed.
    NoBranch,
    /// All entries of the directory are removed.
    NothingInside,
    /// The directory is kept, perhaps in another place.
    Kept,
    /// The directory is removed.
    Closed,
}

pub(super) const OPERATIONS: [Operation; 12] = {
    const fn of(
        name: &'static str,
        call: for<'a> fn(&'a TemporaryDirectory) -> Call<'a>,
        effect: Effect,
        repeated: Option<ErrorCode>,
    ) -> Operation {
        Operation { name, call, effect, repeated }
    }
    [
        of("open a new file", |tree| open(tree, NEW, OpenFlags::CREATE), Effect::File, None),
        of(
            "open a file that must be new",
            |tree| open(tree, NEW, OpenFlags::CREATE | OpenFlags::EXCLUSIVE),
            Effect::File,
            Some(ErrorCode::Exist),
        ),
        of("open a file", |tree| open(tree, FILE, OpenFlags::empty()), Effect::None, None),
        of("open a file deep down", |tree| open(tree, LEAF, OpenFlags::empty()), Effect::None, None),
        of("open and empty a file", |tree| open(tree, FILE, OpenFlags::TRUNCATE), Effect::EmptyFile, None),
        of(
            "create-directory",
            |tree| done(tree.create_directory(NEW.into())),
            Effect::Directory,
            Some(ErrorCode::Exist),
        ),
        of("entries", |tree| Box::pin(list(tree)), Effect::None, None),
        of("remove a tree", |tree| done(tree.remove(BRANCH.into())), Effect::NoBranch, None),
        of("remove all inside", |tree| done(tree.remove(String::new())), Effect::NothingInside, None),
        of("persist a directory", |tree| done(tree.persist(moved(tree))), Effect::Kept, None),
        of("keep a directory", |tree| done(tree.keep()), Effect::Kept, None),
        of("close a directory", |tree| done(tree.close()), Effect::Closed, None),
    ]
};

/// Returns a path beside a directory.
fn moved(tree: &TemporaryDirectory) -> String {
    format!("{}-moved", tree.path())
}

fn open<'a>(tree: &'a TemporaryDirectory, path: &'static str, flags: OpenFlags) -> Call<'a> {
    Box::pin(async move {
        match tree.open(path.into(), flags, Some(Access::ReadWrite)).await {
            Ok(file) => file.close().await.map_err(text),
            Err(error) => Err(text(error)),
        }
    })
}

async fn list(tree: &TemporaryDirectory) -> Result<(), String> {
    let mut entries = tree.entries(String::new()).await.map_err(text)?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let found: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.size)).collect();
    let size = CONTENT.len() as u64;
    check(
        found == [(BRANCH, EntryKind::Directory, 0), (FILE, EntryKind::File, size)],
        "it listed something else",
    )
}

impl Operation {
    pub(super) async fn attempt(&self, stage: &Stage, moment: Moment) -> Result<bool, String> {
        let tree = create_directory(stage, Removal::OnClose).await?;
        fill(&tree).await?;
        let finished = moment.end((self.call)(&tree)).await?;
        let progress = Progress::of(moment, finished);
        match self.effect {
            Effect::Closed => {
                check(!finished || tree.is_closed(), "it returned, but the directory is open")?;
                tree.close().await.map_err(text)?;
            }
            Effect::Kept => check_kept(stage, tree, progress).await?,
            _ => {
                self.check(&tree, progress).await?;
                tree.close().await.map_err(text)?;
            }
        }
        Ok(finished)
    }

    /// Checks that the call has taken effect or not, and can be repeated.
    async fn check(&self, tree: &TemporaryDirectory, progress: Progress) -> Result<(), String> {
        let (before, after) = (look(Effect::None), look(self.effect));
        let now = Look::at(tree).await?;
        check(now == before || now == after, "neither done nor not done")?;
        if before != after {
            progress.allows(now == after)?;
        }
        let repeated = (self.call)(tree).await;
        match self.repeated {
            Some(code) if now == after => {
                let failed = repeated.err().unwrap_or_default();
                check(failed.starts_with(&format!("{code:?}")), "repeating it had no such error")?;
            }
            _ => repeated.map_err(|error| format!("when repeated: {error}"))?,
        }
        check(Look::at(tree).await? == after, "done another way when it was repeated")
    }
}

/// Checks that the whole directory is kept, or that closing removes it.
async fn check_kept(stage: &Stage, tree: TemporaryDirectory, progress: Progress) -> Result<(), String> {
    check(Look::at(&tree).await? == look(Effect::None), "what is inside was changed")?;
    tree.close().await.map_err(text)?;
    let left = stage.entries().await?;
    progress.allows(!left.is_empty())?;
    match left.first() {
        Some(name) => stage.remove(name).await,
        None => Ok(()),
    }
}

async fn fill(tree: &TemporaryDirectory) -> Result<(), String> {
    tree.create_directory(BRANCH.into()).await.map_err(text)?;
    tree.create_directory(TWIG.into()).await.map_err(text)?;
    for path in [FILE, LEAF] {
        let file = tree.open(path.into(), OpenFlags::CREATE, None).await.map_err(text)?;
        file.write(CONTENT.to_vec()).await.map_err(text)?;
        file.close().await.map_err(text)?;
    }
    Ok(())
}

/// The entries of a directory: the contents of its files, and its directories.
#[derive(PartialEq, Eq)]
struct Look {
    file: Option<Vec<u8>>,
    leaf: Option<Vec<u8>>,
    new_file: Option<Vec<u8>>,
    directories: Vec<&'static str>,
}

/// The entries of a directory after that effect.
fn look(effect: Effect) -> Look {
    let mut look = Look {
        file: Some(CONTENT.to_vec()),
        leaf: Some(CONTENT.to_vec()),
        new_file: None,
        directories: [BRANCH, TWIG].into(),
    };
    match effect {
        Effect::None | Effect::Kept | Effect::Closed => {}
        Effect::File => look.new_file = Some(Vec::new()),
        Effect::Directory => look.directories.push(NEW),
        Effect::EmptyFile => look.file = Some(Vec::new()),
        Effect::NoBranch | Effect::NothingInside => {
            look.leaf = None;
            look.directories.clear();
            if effect == Effect::NothingInside {
                look.file = None;
            }
        }
    }
    look
}

impl Look {
    /// Lists a directory after all changes that were started in it.
    async fn at(tree: &TemporaryDirectory) -> Result<Look, String> {
        // Changes run one at a time, listing does not wait.
        tree.remove("what is not there".into()).await.map_err(text)?;
        let mut directories = Vec::new();
        for path in [BRANCH, TWIG, NEW] {
            if tree.entries(path.into()).await.is_ok() {
                directories.push(path);
            }
        }
        let new_file = if directories.contains(&NEW) { None } else { content_in(tree, NEW).await? };
        let (file, leaf) = (content_in(tree, FILE).await?, content_in(tree, LEAF).await?);
        Ok(Look { file, leaf, new_file, directories })
    }
}
