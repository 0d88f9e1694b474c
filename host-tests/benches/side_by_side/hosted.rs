//! The provider, and the bare guest, called by their host for each operation.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use tokio::runtime::Runtime;
use wasmtime::Store;

use crate::engine::{Program, State, Wasi};
use crate::measure::Outcome;
use crate::native::lines;
use crate::sizes::*;

/// All limits, too high to be reached.
pub(crate) const LIMITS: [(&str, &str); 8] = [
    ("SCRATCH_MAX_BYTES", "1G"),
    ("SCRATCH_MAX_FILE_BYTES", "1G"),
    ("SCRATCH_MAX_ENTRIES", "20000"),
    ("SCRATCH_MAX_HANDLES", "20000"),
    ("SCRATCH_MAX_MEMORY", "1G"),
    ("SCRATCH_MAX_DEPTH", "1000"),
    ("SCRATCH_CONFINED", "1"),
    ("SCRATCH_HIDE_DISK_FULL", "1"),
];

#[allow(missing_docs, unused_doc_comments)]
mod p3 {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "package test:benches; world hosted { export scratch:tempfile/tempfile@0.3.0; }",
        world: "test:benches/hosted",
        exports: { default: async | store },
    });
}

#[allow(missing_docs, unused_doc_comments)]
mod p2 {
    wasmtime::component::bindgen!({
        path: "../wit/p2",
        inline: "package test:benches; world hosted { export scratch:tempfile/tempfile@0.2.0; }",
        world: "test:benches/hosted",
        exports: { default: store },
    });
}

#[allow(missing_docs, unused_doc_comments)]
mod bare {
    wasmtime::component::bindgen!({
        path: ["../wit", "guests/wit"],
        inline: "package test:benches; world hosted { export test:benchmarks/files; }",
        world: "test:benches/hosted",
        exports: { default: async | store },
    });
}

/// Calls a function with a handle and arguments, in the form of the generation of WASI, and unwraps
/// its result.
macro_rules! call {
    (p3, $store:expr, $function:expr, $arguments:expr) => {
        $function.call_async(&mut *$store, $arguments).await?.0?
    };
    (p2, $store:expr, $function:expr, $arguments:expr) => {
        $function.call(&mut *$store, $arguments)?.0?
    };
}

macro_rules! release {
    (p3, $store:expr, $file:expr) => {
        $file.resource_drop_async(&mut *$store).await?
    };
    (p2, $store:expr, $file:expr) => {
        $file.resource_drop(&mut *$store)?
    };
}

/// Bytes as an argument: owned in an asynchronous call, borrowed in a synchronous one.
macro_rules! bytes {
    (p3, $bytes:expr) => {
        $bytes
    };
    (p2, $bytes:expr) => {
        &$bytes
    };
}

/// Runs work to its end: without a runtime for a synchronous host, because WASI's own runtime can't
/// start within another.
macro_rules! drive {
    (p3, $runtime:expr, $work:block) => {
        $runtime.block_on(async $work)
    };
    (p2, $runtime:expr, $work:block) => {
        {
            let _: &Runtime = $runtime;
            futures::executor::block_on(async $work)
        }
    };
}

/// The operations of a host on a provider of one generation.
macro_rules! hosted {
    ($name:ident, $wasi:ident) => {
        /// A running provider, called by its host.
        pub(crate) struct $name<'a> {
            runtime: &'a Runtime,
            running: RefCell<(Store<State>, $wasi::Hosted)>,
        }

        impl<'a> $name<'a> {
            pub(crate) fn start(
                bytes: &[u8],
                runtime: &'a Runtime,
                directory: &Path,
                blocking: bool,
                environment: &[(&str, &str)],
            ) -> Outcome<Self> {
                let program = Program::new(generation!($wasi), false, bytes)?;
                let mut store = program.store(directory, blocking, environment)?;
                let Program { component, linker, .. } = &program;
                let exports = drive!($wasi, runtime, { instantiate!($wasi, &mut store, component, linker) })?;
                Ok(Self { runtime, running: RefCell::new((store, exports)) })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn small_files(&self, count: u32) -> Outcome {
                use $wasi::exports::scratch::tempfile::tempfile::Whence;
                let (store, exports) = &mut *self.running.borrow_mut();
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                drive!($wasi, self.runtime, {
                    let start = Instant::now();
                    for _ in 0..count {
                        let file = call!($wasi, store, files.func_create(), (None,));
                        call!($wasi, store, files.func_write(), (file, bytes!($wasi, vec![7; SMALL])));
                        call!($wasi, store, files.func_seek(), (file, 0, Whence::Start));
                        let read = call!($wasi, store, files.func_read(), (file, SMALL as u64));
                        assert_eq!(read.len(), SMALL);
                        call!($wasi, store, files.func_close(), (file,));
                        release!($wasi, store, file);
                    }
                    Ok(start.elapsed())
                })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn small_writes(&self) -> Outcome {
                let (store, exports) = &mut *self.running.borrow_mut();
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                drive!($wasi, self.runtime, {
                    let start = Instant::now();
                    let file = call!($wasi, store, files.func_create(), (None,));
                    for _ in 0..WRITES {
                        call!($wasi, store, files.func_write(), (file, bytes!($wasi, vec![7; WRITE])));
                    }
                    call!($wasi, store, files.func_flush(), (file,));
                    call!($wasi, store, files.func_close(), (file,));
                    release!($wasi, store, file);
                    Ok(start.elapsed())
                })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn large_pieces(&self, size: u64) -> Outcome {
                use $wasi::exports::scratch::tempfile::tempfile::Whence;
                let (store, exports) = &mut *self.running.borrow_mut();
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                let piece = vec![7; PIECE];
                drive!($wasi, self.runtime, {
                    let start = Instant::now();
                    let file = call!($wasi, store, files.func_create(), (None,));
                    for _ in 0..size / PIECE as u64 {
                        call!($wasi, store, files.func_write(), (file, bytes!($wasi, piece.clone())));
                    }
                    call!($wasi, store, files.func_seek(), (file, 0, Whence::Start));
                    while !call!($wasi, store, files.func_read(), (file, PIECE as u64)).is_empty() {}
                    call!($wasi, store, files.func_close(), (file,));
                    release!($wasi, store, file);
                    Ok(start.elapsed())
                })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn many_files(&self, count: u32) -> Outcome {
                use $wasi::exports::scratch::tempfile::tempfile::Whence;
                let (store, exports) = &mut *self.running.borrow_mut();
                let functions = exports.scratch_tempfile_tempfile().temporary_file();
                drive!($wasi, self.runtime, {
                    let start = Instant::now();
                    let mut files = Vec::new();
                    for _ in 0..count {
                        files.push(call!($wasi, store, functions.func_create(), (None,)));
                    }
                    for &file in &files {
                        call!($wasi, store, functions.func_write(), (file, bytes!($wasi, vec![7; SMALL])));
                    }
                    for &file in &files {
                        call!($wasi, store, functions.func_seek(), (file, 0, Whence::Start));
                        call!($wasi, store, functions.func_read(), (file, SMALL as u64));
                    }
                    for file in files {
                        call!($wasi, store, functions.func_close(), (file,));
                        release!($wasi, store, file);
                    }
                    Ok(start.elapsed())
                })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn lines(&self) -> Outcome {
                use $wasi::exports::scratch::tempfile::tempfile::Whence;
                const TOGETHER: u64 = 64 << 10;
                let (store, exports) = &mut *self.running.borrow_mut();
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                drive!($wasi, self.runtime, {
                    let file = call!($wasi, store, files.func_create(), (None,));
                    call!($wasi, store, files.func_write(), (file, bytes!($wasi, lines())));
                    call!($wasi, store, files.func_seek(), (file, 0, Whence::Start));
                    let (start, mut count) = (Instant::now(), 0);
                    loop {
                        match call!($wasi, store, files.func_read_lines(), (file, Some(TOGETHER))).len() {
                            0 => break,
                            some => count += some,
                        }
                    }
                    let elapsed = start.elapsed();
                    assert_eq!(count, LINES as usize);
                    call!($wasi, store, files.func_close(), (file,));
                    release!($wasi, store, file);
                    Ok(elapsed)
                })
            }

            #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
            pub(crate) fn spooled(&self, max_size: usize, count: u32) -> Outcome {
                use $wasi::exports::scratch::tempfile::tempfile::Whence;
                let (store, exports) = &mut *self.running.borrow_mut();
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                drive!($wasi, self.runtime, {
                    let start = Instant::now();
                    for _ in 0..count {
                        let file =
                            call!($wasi, store, files.func_create_spooled(), (Some(max_size as u64), None));
                        for _ in 0..SPOOLED / SPOOLED_PIECE {
                            call!(
                                $wasi,
                                store,
                                files.func_write(),
                                (file, bytes!($wasi, vec![7; SPOOLED_PIECE]))
                            );
                        }
                        call!($wasi, store, files.func_seek(), (file, 0, Whence::Start));
                        let read = call!($wasi, store, files.func_read_to_end(), (file,));
                        assert_eq!(read.len(), SPOOLED);
                        call!($wasi, store, files.func_close(), (file,));
                        release!($wasi, store, file);
                    }
                    Ok(start.elapsed())
                })
            }
        }
    };
}

macro_rules! generation {
    (p3) => {
        Wasi::P3
    };
    (p2) => {
        Wasi::P2
    };
}

macro_rules! instantiate {
    (p3, $store:expr, $component:expr, $linker:expr) => {
        p3::Hosted::instantiate_async($store, $component, $linker).await
    };
    (p2, $store:expr, $component:expr, $linker:expr) => {
        p2::Hosted::instantiate($store, $component, $linker)
    };
}

hosted!(HostedP3, p3);
hosted!(HostedP2, p2);

impl HostedP3<'_> {
    /// The same by plain functions, as a host calls them for content in memory.
    #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
    pub(crate) fn small_files_by_plain_functions(&self, count: u32) -> Outcome {
        use p3::exports::scratch::tempfile::tempfile::Whence;
        let (store, exports) = &mut *self.running.borrow_mut();
        let files = exports.scratch_tempfile_tempfile().temporary_file();
        self.runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..count {
                let file = match call!(p3, store, files.func_try_create(), (None,)) {
                    Some(file) => file,
                    // The first file of an instance looks for a directory.
                    None => call!(p3, store, files.func_create(), (None,)),
                };
                if !call!(p3, store, files.func_try_write(), (file, vec![7; SMALL])) {
                    call!(p3, store, files.func_write(), (file, vec![7; SMALL]));
                }
                if call!(p3, store, files.func_try_seek(), (file, 0, Whence::Start)).is_none() {
                    call!(p3, store, files.func_seek(), (file, 0, Whence::Start));
                }
                let read = match call!(p3, store, files.func_try_read(), (file, SMALL as u64)) {
                    Some(read) => read,
                    None => call!(p3, store, files.func_read(), (file, SMALL as u64)),
                };
                assert_eq!(read.len(), SMALL);
                if !call!(p3, store, files.func_try_close(), (file,)) {
                    call!(p3, store, files.func_close(), (file,));
                }
                release!(p3, store, file);
            }
            Ok(start.elapsed())
        })
    }
}

/// The bare guest, called by its host for each operation.
pub(crate) struct HostedBare<'a> {
    runtime: &'a Runtime,
    running: RefCell<(Store<State>, bare::Hosted)>,
}

impl<'a> HostedBare<'a> {
    pub(crate) fn start(
        bytes: &[u8],
        runtime: &'a Runtime,
        directory: &Path,
        blocking: bool,
    ) -> Outcome<Self> {
        let program = Program::new(Wasi::P3, false, bytes)?;
        let mut store = program.store(directory, blocking, &[])?;
        let instantiated = bare::Hosted::instantiate_async(&mut store, &program.component, &program.linker);
        let exports = runtime.block_on(instantiated)?;
        Ok(Self { runtime, running: RefCell::new((store, exports)) })
    }

    #[allow(clippy::await_holding_refcell_ref, reason = "nobody else runs meanwhile")]
    pub(crate) fn small_files(&self, count: u32) -> Outcome {
        let (store, exports) = &mut *self.running.borrow_mut();
        let files = exports.test_benchmarks_files().file();
        self.runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..count {
                let file = call!(p3, store, files.func_create(), ());
                call!(p3, store, files.func_write(), (file, vec![7; SMALL]));
                call!(p3, store, files.func_seek(), (file, 0));
                let read = call!(p3, store, files.func_read(), (file, SMALL as u64));
                assert_eq!(read.len(), SMALL);
                call!(p3, store, files.func_close(), (file,));
                release!(p3, store, file);
            }
            Ok(start.elapsed())
        })
    }
}

/// Measures instances of a program that was resolved beforehand, from instantiation to the end of the
/// first operation, the creation of a file.
pub(crate) fn first_operation(
    program: &Program,
    (wasi, is_bare): (Wasi, bool),
    runtime: &Runtime,
    directory: &Path,
    count: u32,
) -> Outcome {
    let instances = program.linker.instantiate_pre(&program.component)?;
    let store = || program.store(directory, true, &[]);
    match (wasi, is_bare) {
        (Wasi::P2, _) => {
            let instances = p2::HostedPre::new(instances)?;
            let start = Instant::now();
            for _ in 0..count {
                let store = &mut store()?;
                let exports = instances.instantiate(&mut *store)?;
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                call!(p2, store, files.func_create(), (None,));
            }
            Ok(start.elapsed())
        }
        (Wasi::P3, false) => runtime.block_on(async {
            let instances = p3::HostedPre::new(instances)?;
            let start = Instant::now();
            for _ in 0..count {
                let store = &mut store()?;
                let exports = instances.instantiate_async(&mut *store).await?;
                let files = exports.scratch_tempfile_tempfile().temporary_file();
                call!(p3, store, files.func_create(), (None,));
            }
            Ok(start.elapsed())
        }),
        (Wasi::P3, true) => runtime.block_on(async {
            let instances = bare::HostedPre::new(instances)?;
            let start = Instant::now();
            for _ in 0..count {
                let store = &mut store()?;
                let exports = instances.instantiate_async(&mut *store).await?;
                let files = exports.test_benchmarks_files().file();
                call!(p3, store, files.func_create(), ());
            }
            Ok(start.elapsed())
        }),
    }
}
