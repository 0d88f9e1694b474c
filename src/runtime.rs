//! What a `no_std` component has to bring along: allocator, panic handler, `cabi_realloc`.

use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};
use dlmalloc::GlobalDlmalloc;

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

// On this target the compiler leaves `memcmp` and its kin to libc.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Gives the canonical ABI memory for what a caller hands in.
///
/// # Safety
///
/// Called by the component's adapters alone, as the canonical ABI's `realloc`: `old` is null with
/// `old_length` 0, or came from here with `old_length` and `align`.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_length: usize,
    align: usize,
    new_length: usize,
) -> *mut u8 {
    if new_length == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: the canonical ABI passes a power of two as `align`, lengths below the memory's, and
    // as `old` what was returned from here.
    unsafe {
        let layout = Layout::from_size_align_unchecked(new_length, align);
        let new = match old_length {
            0 => alloc(layout),
            _ => realloc(old, Layout::from_size_align_unchecked(old_length, align), new_length),
        };
        if new.is_null() {
            handle_alloc_error(layout)
        }
        new
    }
}
