//! The asynchronous calls of the host's filesystem, by hand.
//!
//! The generated ones bring a state machine each; these share one, which spares the component a
//! fifth of its size. What a call is and how it waits is still the bindings' business; what is
//! written here is how arguments lie in memory, as the canonical ABI has it, and in `answer` how
//! results do.

use alloc::alloc::Layout;
use alloc::boxed::Box;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::answer::{Answer, RESULT};
use super::wasi::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use crate::filesystem::{Result, Stat};
use wit_bindgen::rt::async_support::Subtask;

/// A call of the host's, made when it is first polled, and what is wanted of its answer.
///
/// One type for all calls with answers of one shape: what their callers have to keep of a call, and
/// to do in order to wait for it, is as little as can be.
pub(super) struct Call<T> {
    answer: Pin<Box<dyn Future<Output = Answer>>>,
    wanted: PhantomData<fn() -> T>,
}

impl<T: From<Answer>> Future for Call<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.answer.as_mut().poll(context).map(T::from)
    }
}

/// Arguments as the canonical ABI has them in memory, where none of ours takes more than a word.
type Arguments = [usize; 7];

/// Calls an import with the arguments and the place for the answer; returns what the import returns.
type Import = unsafe fn(&Arguments, *mut u8) -> u32;

/// Prepares a call.
///
/// # Safety
///
/// What the arguments refer to outlives the call: its drop ends it.
unsafe fn call<T>(import: Import, arguments: Arguments) -> Call<T> {
    let answer = async move { Asked { import, arguments }.call(()).await };
    Call { answer: Box::pin(answer), wanted: PhantomData }
}

pub(super) fn open_at(
    directory: &Descriptor,
    path_flags: PathFlags,
    path: &str,
    open_flags: OpenFlags,
    flags: DescriptorFlags,
) -> impl Future<Output = Result<Descriptor>> {
    let flags = usize::from(open_flags.bits()) | usize::from(flags.bits()) << 8;
    let [start, length] = text(path);
    let arguments = [handle(directory), path_flags.bits().into(), start, length, flags, 0, 0];
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe { call(|arguments, answer| imports::open_at(arguments, answer), arguments) }
}

pub(super) fn create_directory_at(directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[directory, start, length, ..], answer| {
                imports::create_directory_at(directory, start, length, answer)
            },
            with_path(directory, path),
        )
    }
}

pub(super) fn unlink_file_at(directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[directory, start, length, ..], answer| {
                imports::unlink_file_at(directory, start, length, answer)
            },
            with_path(directory, path),
        )
    }
}

pub(super) fn remove_directory_at(directory: &Descriptor, path: &str) -> impl Future<Output = Result<()>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[directory, start, length, ..], answer| {
                imports::remove_directory_at(directory, start, length, answer)
            },
            with_path(directory, path),
        )
    }
}

pub(super) fn rename_at(
    from: &Descriptor,
    old: &str,
    to: &Descriptor,
    new: &str,
) -> impl Future<Output = Result<()>> {
    let ([old, old_length], [new, new_length]) = (text(old), text(new));
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |arguments, answer| imports::rename_at(arguments, answer),
            [handle(from), old, old_length, handle(to), new, new_length, 0],
        )
    }
}

pub(super) fn link_at(
    from: &Descriptor,
    old: &str,
    to: &Descriptor,
    new: &str,
) -> impl Future<Output = Result<()>> {
    let ([old, old_length], [new, new_length]) = (text(old), text(new));
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |arguments, answer| imports::link_at(arguments, answer),
            [handle(from), 0, old, old_length, handle(to), new, new_length],
        )
    }
}

pub(super) fn stat(descriptor: &Descriptor) -> impl Future<Output = Result<Stat>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[descriptor, ..], answer| imports::stat(descriptor, answer),
            [handle(descriptor), 0, 0, 0, 0, 0, 0],
        )
    }
}

pub(super) fn stat_at(directory: &Descriptor, path: &str) -> impl Future<Output = Result<Stat>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[directory, start, length, ..], answer| imports::stat_at(directory, 0, start, length, answer),
            with_path(directory, path),
        )
    }
}

pub(super) fn set_size(file: &Descriptor, size: u64) -> impl Future<Output = Result<()>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[file, low, high, ..], answer| {
                imports::set_size(file, low as u64 | (high as u64) << 32, answer)
            },
            [handle(file), size as usize, (size >> 32) as usize, 0, 0, 0, 0],
        )
    }
}

pub(super) fn sync(descriptor: &Descriptor) -> impl Future<Output = Result<()>> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[descriptor, ..], answer| imports::sync(descriptor, answer),
            [handle(descriptor), 0, 0, 0, 0, 0, 0],
        )
    }
}

pub(super) fn is_same_object(one: &Descriptor, other: &Descriptor) -> impl Future<Output = bool> {
    // SAFETY: the arguments are the caller's, whose borrows the future has.
    unsafe {
        call(
            |&[one, other, ..], answer| imports::is_same_object(one, other, answer),
            [handle(one), handle(other), 0, 0, 0, 0, 0],
        )
    }
}

fn handle(descriptor: &Descriptor) -> usize {
    descriptor.handle() as usize
}

/// A string among the arguments: where it begins, and its length.
fn text(text: &str) -> [usize; 2] {
    [text.as_ptr().expose_provenance(), text.len()]
}

fn with_path(directory: &Descriptor, path: &str) -> Arguments {
    let [start, length] = text(path);
    [handle(directory), start, length, 0, 0, 0, 0]
}

impl From<Answer> for Result<Descriptor> {
    fn from(answer: Answer) -> Result<Descriptor> {
        answer.outcome(4)?;
        // SAFETY: the call succeeded, so that the answer holds a handle which is ours now.
        Ok(unsafe { Descriptor::from_handle(answer.u32(4)) })
    }
}

/// A call under way.
struct Asked {
    import: Import,
    arguments: Arguments,
}

// SAFETY: the layout has room for every result, which begins at its start; arguments are neither
// lowered nor freed here; results are copied out as they are.
unsafe impl Subtask for Asked {
    type Params = ();
    type ParamsLower = ();
    type Results = Answer;

    fn abi_layout(&mut self) -> Layout {
        RESULT
    }

    fn results_offset(&mut self) -> usize {
        0
    }

    unsafe fn call_import(&mut self, (): (), answer: *mut u8) -> u32 {
        // SAFETY: it has the layout given above; what the host leaves out is then not undefined. The
        // arguments stay where they are as long as the call, for which `call` has been promised more.
        unsafe {
            answer.write_bytes(0, RESULT.size());
            (self.import)(&self.arguments, answer)
        }
    }

    unsafe fn params_lower(&mut self, (): (), _: *mut u8) {}

    unsafe fn params_dealloc_lists(&mut self, (): ()) {}

    unsafe fn params_dealloc_lists_and_own(&mut self, (): ()) {}

    unsafe fn results_lift(&mut self, answer: *mut u8) -> Answer {
        // SAFETY: it has the layout given above.
        Answer(unsafe { answer.cast::<[u8; RESULT.size()]>().read() })
    }
}

pub(super) mod imports {
    use super::Arguments;

    #[link(wasm_import_module = "wasi:filesystem/types@0.3.2")]
    unsafe extern "C" {
        #[link_name = "[async-lower][method]descriptor.create-directory-at"]
        pub(in crate::p3) fn create_directory_at(
            directory: usize,
            path: usize,
            length: usize,
            answer: *mut u8,
        ) -> u32;
        #[link_name = "[async-lower][method]descriptor.is-same-object"]
        pub(in crate::p3) fn is_same_object(one: usize, other: usize, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.link-at"]
        pub(in crate::p3) fn link_at(arguments: &Arguments, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.open-at"]
        pub(in crate::p3) fn open_at(arguments: &Arguments, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.remove-directory-at"]
        pub(in crate::p3) fn remove_directory_at(
            directory: usize,
            path: usize,
            length: usize,
            answer: *mut u8,
        ) -> u32;
        #[link_name = "[async-lower][method]descriptor.rename-at"]
        pub(in crate::p3) fn rename_at(arguments: &Arguments, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.set-size"]
        pub(in crate::p3) fn set_size(file: usize, size: u64, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.stat"]
        pub(in crate::p3) fn stat(descriptor: usize, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.stat-at"]
        pub(in crate::p3) fn stat_at(
            directory: usize,
            path_flags: u32,
            path: usize,
            length: usize,
            answer: *mut u8,
        ) -> u32;
        #[link_name = "[async-lower][method]descriptor.sync"]
        pub(in crate::p3) fn sync(descriptor: usize, answer: *mut u8) -> u32;
        #[link_name = "[async-lower][method]descriptor.unlink-file-at"]
        pub(in crate::p3) fn unlink_file_at(
            directory: usize,
            path: usize,
            length: usize,
            answer: *mut u8,
        ) -> u32;
    }
}
