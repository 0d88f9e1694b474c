//! Memory as the canonical ABI asks for it.

use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};
use core::ptr;

/// Gives memory, or more or less of it with the bytes that are in it.
///
/// # Safety
///
/// `old` is null with `old_length` 0, or came from here with `old_length` and `align`, a power of two.
/// The lengths are below the memory's.
pub(crate) unsafe fn reallocate(old: *mut u8, old_length: usize, align: usize, new_length: usize) -> *mut u8 {
    if new_length == 0 {
        return ptr::without_provenance_mut(align);
    }
    // SAFETY: the caller has promised what makes good layouts, and that `old` has the one given.
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::alloc::dealloc;

    /// Memory that knows how long it is, and is given back.
    struct Memory {
        start: *mut u8,
        length: usize,
        align: usize,
    }

    impl Memory {
        fn new(length: usize, align: usize) -> Memory {
            // SAFETY: nothing was there before; `align` is a power of two.
            let start = unsafe { reallocate(ptr::null_mut(), 0, align, length) };
            Memory { start, length, align }
        }

        fn resize(&mut self, length: usize) {
            // SAFETY: it came from there, with this length and alignment.
            self.start = unsafe { reallocate(self.start, self.length, self.align, length) };
            self.length = length;
        }

        fn bytes(&mut self) -> &mut [u8] {
            // SAFETY: the memory is that long, and `self` has it alone. Tests write before they read.
            unsafe { core::slice::from_raw_parts_mut(self.start, self.length) }
        }
    }

    impl Drop for Memory {
        fn drop(&mut self) {
            if self.length > 0 {
                // SAFETY: it came from the global allocator, with this layout.
                unsafe { dealloc(self.start, Layout::from_size_align(self.length, self.align).unwrap()) }
            }
        }
    }

    fn filled(length: usize, align: usize) -> Memory {
        let memory = Memory::new(length, align);
        for index in 0..length {
            // SAFETY: the memory is that long.
            unsafe { memory.start.add(index).write(index as u8) };
        }
        memory
    }

    #[test]
    fn memory_is_aligned_and_as_long_as_was_asked_for() {
        for align in [1, 2, 4, 8, 16] {
            for length in [1, 3, 8, 100] {
                let mut memory = filled(length, align);

                assert!(memory.start.addr().is_multiple_of(align), "{length} bytes, aligned to {align}");
                assert!(memory.bytes().iter().enumerate().all(|(index, byte)| *byte == index as u8));
            }
        }
    }

    #[test]
    fn memory_that_grows_or_shrinks_keeps_its_bytes() {
        for (old, new) in [(1, 2), (7, 300), (300, 7), (100, 1), (8, 8)] {
            let mut memory = filled(old, 1);

            memory.resize(new);

            let kept = &memory_bytes(&memory, old.min(new));
            assert!(kept.iter().enumerate().all(|(index, byte)| *byte == index as u8), "{old} to {new}");
        }
    }

    /// The first bytes, as those behind them need not have been written.
    fn memory_bytes(memory: &Memory, length: usize) -> alloc::vec::Vec<u8> {
        // SAFETY: so many bytes were written.
        (0..length).map(|index| unsafe { memory.start.add(index).read() }).collect()
    }

    #[test]
    fn no_bytes_are_no_memory_and_can_become_some() {
        let mut memory = Memory::new(0, 8);

        assert_eq!(memory.start.addr(), 8, "aligned, and not null");
        memory.resize(3);

        // SAFETY: the memory is that long.
        unsafe { memory.start.copy_from(b"abc".as_ptr(), 3) };
        assert_eq!(memory.bytes(), b"abc");
    }
}
