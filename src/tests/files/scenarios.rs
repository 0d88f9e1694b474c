//! Scenarios for `cancellation` and `faults`: operations on files, and creations.

use std::any::Any;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::lowlevel as calls;
use crate::tests::*;

/// The target of the scenarios that persist.
pub(super) const TARGET: &str = "/tmp/target";

type Acting = LocalBoxFuture<'static, Result<()>>;
type Creating = LocalBoxFuture<'static, Result<Box<dyn Any>>>;

/// An operation on a file with content.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) prepare: fn(&Instance) -> TestFile,
    pub(super) act: fn(Rc<File<MemoryFilesystem>>) -> Acting,
    /// The possible contents of the file: initial, intermediate and final.
    pub(super) contents: &'static [&'static [u8]],
}

impl Scenario {
    pub(super) fn before(&self) -> &'static [u8] {
        self.contents[0]
    }

    pub(super) fn after(&self) -> &'static [u8] {
        self.contents[self.contents.len() - 1]
    }
}

const OLD: &[u8] = b"acknowledged";
const NEW: &[u8] = b"acknowledged, and new";

fn unbuffered(instance: &Instance) -> TestFile {
    filled(instance.try_unnamed(with_buffer(0)))
}

fn buffered(instance: &Instance) -> TestFile {
    let file = instance.try_unnamed(with_buffer(14)).unwrap();
    file.rollover().unwrap();
    filled(Ok(file))
}

/// A file that is still smaller than its buffer.
fn small(instance: &Instance) -> TestFile {
    filled(instance.try_unnamed(with_buffer(14)))
}

fn named(instance: &Instance) -> TestFile {
    filled(instance.try_named(with_buffer(14)))
}

fn in_memory(instance: &Instance) -> TestFile {
    filled(instance.try_spooled(Some(12), options()))
}

fn filled(file: Result<TestFile>) -> TestFile {
    let file = file.unwrap();
    file.write(OLD).unwrap();
    file
}

fn write(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.write(b", and new".to_vec()).await }.boxed_local()
}

fn write_at(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.write_at(b", and new".to_vec(), 12).await }.boxed_local()
}

fn read(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move {
        let read = file.read_at(100, 0).await?;
        assert_eq!(read, OLD);
        Ok(())
    }
    .boxed_local()
}

fn rollover(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.rollover().await }.boxed_local()
}

fn persist(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.persist(TARGET.to_owned(), false).await }.boxed_local()
}

fn replace(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.persist(TARGET.to_owned(), true).await }.boxed_local()
}

fn close(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.close().await }.boxed_local()
}

fn share(file: Rc<File<MemoryFilesystem>>) -> Acting {
    async move { file.descriptor().await.map(drop) }.boxed_local()
}

/// Returns the operations on files.
pub(super) fn operations() -> Vec<Scenario> {
    let of = |name, prepare, act, contents| Scenario { name, prepare, act, contents };
    vec![
        of("write to disk", unbuffered, write, &[OLD, NEW]),
        of("write beyond the buffer", buffered, write, &[OLD, NEW]),
        of("write to a named file", named, write, &[OLD, NEW]),
        of("write that rolls over", in_memory, write, &[OLD, NEW]),
        of("write that outgrows the buffer", small, write, &[OLD, NEW]),
        of("write at an offset", buffered, write_at, &[OLD, NEW]),
        of("write at an offset that rolls over", in_memory, write_at, &[OLD, NEW]),
        of(
            "write lines that roll over",
            in_memory,
            |file| {
                async move { file.write_lines(vec![b", ".to_vec(), b"and new".to_vec()]).await }.boxed_local()
            },
            &[OLD, b"acknowledged, ", NEW],
        ),
        of(
            "truncate to less",
            buffered,
            |file| async move { file.truncate(Some(3)).await }.boxed_local(),
            &[OLD, b"ack"],
        ),
        of(
            "truncate to more",
            in_memory,
            |file| async move { file.truncate(Some(14)).await }.boxed_local(),
            &[OLD, b"acknowledged\0\0"],
        ),
        of("flush", named, |file| async move { file.flush().await }.boxed_local(), &[OLD]),
        of("sync", buffered, |file| async move { file.sync().await }.boxed_local(), &[OLD]),
        of("sync a small file", small, |file| async move { file.sync().await }.boxed_local(), &[OLD]),
        of("read what waits in the buffer", named, read, &[OLD]),
        of("read from disk", unbuffered, read, &[OLD]),
        of("roll over", in_memory, rollover, &[OLD]),
        of("roll a small file over", small, rollover, &[OLD]),
        of("persist a named file", named, persist, &[OLD]),
        of("persist an unnamed file", buffered, persist, &[OLD]),
        of("persist a small file", small, persist, &[OLD]),
        of("persist what is in memory", in_memory, persist, &[OLD]),
        of("replace with a named file", named, replace, &[OLD]),
        of("replace with what is in memory", in_memory, replace, &[OLD]),
        of("take the descriptor of a named file", named, share, &[OLD]),
        of("take the descriptor of an unnamed file", buffered, share, &[OLD]),
        of("take the descriptor of a small file", small, share, &[OLD]),
        of("take the descriptor of a spool", in_memory, share, &[OLD]),
        of("close an unnamed file", buffered, close, &[OLD]),
        of("close a small file", small, close, &[OLD]),
        of("close a named file", named, close, &[OLD]),
        of(
            "close a file that lives on",
            |instance| filled(instance.try_named(with_removal(Removal::OnDrop))),
            close,
            &[OLD],
        ),
    ]
}

/// A creation, whose result owns the entry.
pub(super) struct Creation {
    pub(super) name: &'static str,
    pub(super) create: fn(Rc<Scratch<MemoryFilesystem>>) -> Creating,
    /// Whether the entry stays when its owner is dropped.
    pub(super) stays: bool,
}

fn boxed<T: 'static>(created: T) -> Box<dyn Any> {
    Box::new(created)
}

/// Returns creations of every kind.
pub(super) fn creations() -> Vec<Creation> {
    let of = |name, stays, create| Creation { name, stays, create };
    vec![
        of("an unnamed file", false, |scratch| {
            async move { File::create(&scratch, options()).await.map(boxed) }.boxed_local()
        }),
        of("an unnamed file on disk", false, |scratch| {
            async move { File::create(&scratch, with_buffer(0)).await.map(boxed) }.boxed_local()
        }),
        of("a named file", false, |scratch| {
            async move { File::create_named(&scratch, options()).await.map(boxed) }.boxed_local()
        }),
        of("a named file that goes on drop", false, |scratch| {
            async move { File::create_named(&scratch, with_removal(Removal::OnDrop)).await.map(boxed) }
                .boxed_local()
        }),
        of("a named file that stays", true, |scratch| {
            async move { File::create_named(&scratch, with_removal(Removal::Never)).await.map(boxed) }
                .boxed_local()
        }),
        of("a directory", false, |scratch| {
            async move { Directory::create(&scratch, DirectoryOptions::default()).await.map(boxed) }
                .boxed_local()
        }),
        of("a directory that stays", true, |scratch| {
            let options = DirectoryOptions { removal: Some(Removal::Never), ..DirectoryOptions::default() };
            async move { Directory::create(&scratch, options).await.map(boxed) }.boxed_local()
        }),
        of("a file in a directory", false, |scratch| {
            async move {
                let directory = Directory::create(&scratch, DirectoryOptions::default()).await?;
                directory.create_directory("sub".to_owned()).await?;
                let flags = OpenFlags { create: true, ..OpenFlags::default() };
                let file = directory.open("sub/file".to_owned(), flags, None).await?;
                Ok(boxed((directory, file)))
            }
            .boxed_local()
        }),
        of("a rolled spool", false, |scratch| {
            async move {
                let file = File::create_spooled(&scratch, Some(0), options())?;
                file.write(b"content".to_vec()).await?;
                Ok(boxed(file))
            }
            .boxed_local()
        }),
        of("a low-level file", true, |scratch| {
            async move { calls::mkstemp(&scratch, None, None, None).await.map(boxed) }.boxed_local()
        }),
        of("a low-level directory", true, |scratch| {
            async move { calls::mkdtemp(&scratch, None, None, None).await.map(boxed) }.boxed_local()
        }),
    ]
}
