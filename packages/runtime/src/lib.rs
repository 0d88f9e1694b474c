//! Allocator, panic handler and `cabi_realloc` for `no_std` components on `wasm32-wasip2`.
//!
//! A component without the standard library links none of the three by itself. It gets them with
//! one line, and needs nothing else of this crate:
//!
//! ```
//! # #[cfg(target_family = "wasm")]
//! extern crate scratch_tempfile_runtime;
//! ```
//!
//! A component with the standard library has its own, and must not use this crate.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(any(target_family = "wasm", test))]
mod memory;

#[cfg(target_family = "wasm")]
mod wasm {
    use core::panic::PanicInfo;

    use dlmalloc::GlobalDlmalloc;

    #[global_allocator]
    static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

    // On this target the compiler leaves `memcmp` and related functions to libc.
    #[link(name = "c")]
    unsafe extern "C" {}

    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }

    /// Allocates memory for the arguments of a caller, as the canonical ABI's `realloc`.
    ///
    /// # Safety
    ///
    /// Only the component's adapters call it: `old` is null with `old_length` 0, or this function
    /// returned it for `old_length` and `align`.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn cabi_realloc(
        old: *mut u8,
        old_length: usize,
        align: usize,
        new_length: usize,
    ) -> *mut u8 {
        // SAFETY: both functions have the same contract.
        unsafe { crate::memory::reallocate(old, old_length, align, new_length) }
    }
}
