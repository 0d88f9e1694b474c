//! The whole sort, compared with a naive one, on a system in memory.

use std::cell::Cell;
use std::rc::Rc;

use futures::executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::budget::MIN_MEMORY;
use crate::order::Order;

/// Input, output and files in memory. Files are counted and can fail.
#[derive(Default)]
struct Memory {
    input: Vec<u8>,
    /// The largest number of bytes that a read returns; 0 for as many as fit.
    piece: usize,
    output: Vec<u8>,
    created: usize,
    open: Rc<Cell<usize>>,
    disk: Rc<Disk>,
    disk_is_full: bool,
}

/// The size of all files together, in bytes.
#[derive(Default)]
struct Disk {
    used: Cell<usize>,
    peak: Cell<usize>,
}

impl Disk {
    fn change(&self, from: usize, to: usize) {
        self.used.set(self.used.get() - from + to);
        self.peak.set(self.peak.get().max(self.used.get()));
    }
}

struct MemoryFile {
    bytes: Vec<u8>,
    open: Rc<Cell<usize>>,
    disk: Rc<Disk>,
    disk_is_full: bool,
}

impl Sink for Memory {
    async fn write(&mut self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        self.output.append(&mut bytes);
        Ok(bytes)
    }
}

impl System for Memory {
    type File = MemoryFile;

    async fn read(&mut self, mut buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let room = buffer.capacity() - buffer.len();
        let most = if self.piece == 0 { room } else { room.min(self.piece) };
        buffer.extend(self.input.drain(..self.input.len().min(most)));
        Ok(buffer)
    }

    async fn create(&mut self) -> Result<MemoryFile, Failure> {
        self.created += 1;
        self.open.set(self.open.get() + 1);
        let (open, disk) = (self.open.clone(), self.disk.clone());
        Ok(MemoryFile { bytes: Vec::new(), open, disk, disk_is_full: self.disk_is_full })
    }
}

impl Sink for MemoryFile {
    async fn write(&mut self, mut bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        if self.disk_is_full {
            return Err(Failure("the disk is full".into()));
        }
        self.disk.change(self.bytes.len(), self.bytes.len() + bytes.len());
        self.bytes.append(&mut bytes);
        Ok(bytes)
    }
}

impl RunFile for MemoryFile {
    async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Failure> {
        let rest = &self.bytes[self.bytes.len().min(offset as usize)..];
        Ok(rest[..rest.len().min(max)].to_vec())
    }

    async fn truncate(&mut self, length: u64) -> Result<(), Failure> {
        self.disk.change(self.bytes.len(), length as usize);
        self.bytes.truncate(length as usize);
        Ok(())
    }

    async fn close(self) -> Result<(), Failure> {
        self.disk.change(self.bytes.len(), 0);
        self.open.set(self.open.get() - 1);
        Ok(())
    }
}

const PLAIN: Arguments = Arguments { order: Order::Ascending, unique: false, memory: MIN_MEMORY };

fn sorted(input: &[u8], arguments: Arguments) -> Memory {
    let mut system = Memory { input: input.to_vec(), ..Memory::default() };
    block_on(sort(&mut system, arguments)).unwrap();
    assert_eq!(system.open.get(), 0, "files are left open");
    system
}

/// Sorts as `LC_ALL=C sort` does, slowly.
fn naively_sorted(input: &[u8], arguments: Arguments) -> Vec<u8> {
    let ended = input.strip_suffix(b"\n").unwrap_or(input);
    if input.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<&[u8]> = ended.split(|&byte| byte == b'\n').collect();
    lines.sort();
    if arguments.unique {
        lines.dedup();
    }
    if arguments.order == Order::Descending {
        lines.reverse();
    }
    lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect()
}

/// Returns `bytes` bytes of lines with pseudo-random digits.
fn digits(bytes: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut text = Vec::with_capacity(bytes);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(format!("{}\n", state >> (20 + state % 40)).as_bytes());
    }
    text
}

#[test]
fn empty_input_gives_empty_output() {
    assert_eq!(sorted(b"", PLAIN).output, b"");
}

#[test]
fn a_missing_last_line_end_is_added() {
    assert_eq!(sorted(b"b\na", PLAIN).output, b"a\nb\n");
}

#[test]
fn input_that_fits_into_memory_creates_no_file() {
    assert_eq!(sorted(b"b\na\n", PLAIN).created, 0);
}

#[test]
fn input_larger_than_memory_goes_through_a_file() {
    let input = digits(3 * MIN_MEMORY);

    let system = sorted(&input, PLAIN);

    assert_eq!(system.created, 1);
    assert!(system.output == naively_sorted(&input, PLAIN));
}

#[test]
fn more_runs_than_can_be_merged_at_once_are_merged_in_several_passes() {
    let input = digits(100 * MIN_MEMORY);

    for (order, unique) in [(Order::Ascending, false), (Order::Descending, true)] {
        let arguments = Arguments { order, unique, ..PLAIN };
        let system = sorted(&input, arguments);

        assert_eq!(system.created, 2);
        assert!(system.output == naively_sorted(&input, arguments));
    }
}

#[test]
fn merging_takes_a_quarter_more_space_than_the_input_at_most() {
    for runs in [2, 14, 15, 16, 28, 40, 110] {
        let input = digits(runs * MIN_MEMORY);

        let peak = sorted(&input, PLAIN).disk.peak.get();

        assert!(peak <= input.len() / 4 * 5, "{runs} times the memory: {peak} of {}", input.len());
    }
}

#[test]
fn merging_long_lines_takes_less_than_twice_the_space_of_the_input() {
    for length in [1_000, 5_000, 10_000, Budget::new(MIN_MEMORY, false).longest_line() - 1] {
        for count in [3, 5, 20, 100] {
            let line = |number: usize| [vec![b'a' + (number % 7) as u8; length], vec![b'\n']].concat();
            let input: Vec<u8> = (0..count).flat_map(line).collect();

            let system = sorted(&input, PLAIN);

            assert!(system.output == naively_sorted(&input, PLAIN));
            let peak = system.disk.peak.get();
            assert!(peak < 2 * input.len(), "{count} lines of {length}: {peak} of {}", input.len());
        }
    }
}

#[test]
fn long_lines_are_merged() {
    let length = Budget::new(MIN_MEMORY, true).longest_line() - 1;
    let input: Vec<u8> =
        b"cabbage".iter().flat_map(|&byte| [vec![byte; length], vec![b'\n']].concat()).collect();

    for unique in [false, true] {
        let arguments = Arguments { unique, ..PLAIN };

        assert!(sorted(&input, arguments).output == naively_sorted(&input, arguments));
    }
}

#[test]
fn a_single_long_line_may_fill_the_memory() {
    let input = [vec![b'x'; MIN_MEMORY / 4 * 3], b"\na\n".to_vec()].concat();

    assert!(sorted(&input, PLAIN).output == naively_sorted(&input, PLAIN));
}

#[test]
fn a_line_that_does_not_fit_is_an_error() {
    for input in [
        vec![b'x'; 2 * MIN_MEMORY],
        [vec![b'x'; MIN_MEMORY / 4 * 3], b"\n".to_vec(), digits(MIN_MEMORY)].concat(),
    ] {
        let mut system = Memory { input, ..Memory::default() };

        let Failure(message) = block_on(sort(&mut system, PLAIN)).unwrap_err();

        assert!(message.contains("a line is longer than"), "{message}");
        assert!(system.output.is_empty());
    }
}

#[test]
fn a_full_disk_is_reported_with_its_message() {
    let mut system = Memory { input: digits(2 * MIN_MEMORY), disk_is_full: true, ..Memory::default() };

    assert_eq!(block_on(sort(&mut system, PLAIN)), Err(Failure("the disk is full".into())));
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::collection::vec(prop_oneof![Just(0u8), Just(b'a'), Just(b'b'), any::<u8>()], 0..40);
    let lines = proptest::collection::vec(line, 0..200);
    (lines, 0..400usize, any::<bool>()).prop_map(|(lines, times, ended)| {
        // Repetition makes the text larger than the memory, with lines that occur again.
        let mut text = lines.join(&b'\n').repeat(times / 40 + 1);
        if ended {
            text.push(b'\n');
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_input_is_sorted_as_the_naive_sort_does(input in text(), piece in 0..5000usize, descending: bool, unique: bool) {
        let order = if descending { Order::Descending } else { Order::Ascending };
        let arguments = Arguments { order, unique, ..PLAIN };
        let mut system = Memory { input: input.clone(), piece, ..Memory::default() };

        block_on(sort(&mut system, arguments)).unwrap();

        prop_assert!(system.output == naively_sorted(&input, arguments));
    }
}
