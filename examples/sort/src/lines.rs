//! Lines in memory and the index that is sorted.

use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

use crate::Failure;
use crate::order::{KEY_BYTES, Order};

/// The largest group of lines with equal keys that is sorted by comparison. For such groups new keys
/// would cost more.
const SMALL_GROUP: usize = 24;

/// The number of keys that lines get before they are compared. It bounds the recursion.
const MAX_KEYS: usize = 64;

/// Lines and their index in one block of memory that is allocated once.
///
/// Text grows from the front and the index from the back, as in GNU sort, so short and long lines use
/// the memory completely. A cell is as large as an entry of the index.
pub struct Lines {
    cells: Vec<Cell>,
    order: Order,
    /// The end of the text, in bytes.
    text: usize,
    /// The start of the incomplete line at the end of the text.
    open: usize,
    /// The number of complete lines.
    count: usize,
    longest: usize,
}

/// The key of a line (8 bytes), the start of its text (4 bytes) and its length without line end (4).
type Cell = [u8; CELL];

const CELL: usize = 16;

impl Lines {
    /// Allocates `bytes` bytes for text and index together.
    ///
    /// # Errors
    ///
    /// Fails if there is not enough memory.
    pub fn new(bytes: usize, order: Order) -> Result<Self, Failure> {
        let mut cells = Vec::new();
        let count = bytes.min(u32::MAX as usize) / CELL;
        cells.try_reserve_exact(count).map_err(|_| {
            Failure(format!("cannot allocate {bytes} bytes of memory; try a smaller --memory"))
        })?;
        cells.resize(count, [0; CELL]);
        Ok(Self { cells, order, text: 0, open: 0, count: 0, longest: 0 })
    }

    /// Takes lines from the beginning of `bytes` while there is room, and returns the number of bytes
    /// taken.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let base = self.text;
        let indexed = self.cells.len() - self.count;
        let taken = bytes.len().min(indexed * CELL - base);
        let text = self.cells[..indexed].as_flattened_mut();
        text[base..base + taken].copy_from_slice(&bytes[..taken]);

        let mut end = base + taken;
        let mut scanned = base;
        while let Some(length) = find_line_end(&self.cells.as_flattened()[scanned..end]) {
            let line = self.open..scanned + length;
            // The entry may overwrite text that was copied behind this line; that text is not taken.
            end = end.min((self.cells.len() - self.count - 1) * CELL);
            if line.end >= end {
                self.text = line.end;
                return line.end - base;
            }
            self.longest = self.longest.max(line.len() + 1);
            scanned = line.end + 1;
            self.open = scanned;
            self.insert(line);
        }
        self.text = end;
        end - base
    }

    fn insert(&mut self, line: Range<usize>) {
        let key = self.order.key(&self.cells.as_flattened()[line.clone()]);
        self.count += 1;
        let index = self.cells.len() - self.count;
        self.cells[index] = entry(key, line.start as u32, line.len() as u32);
    }

    /// Returns whether the text ends with an incomplete line.
    pub fn has_open_line(&self) -> bool {
        self.open < self.text
    }

    /// Returns whether there is no complete line.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the length of the longest complete line, with its end.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Sorts the complete lines.
    pub fn sort(&mut self) {
        let index = self.cells.len() - self.count;
        let (text, index) = self.cells.split_at_mut(index);
        sort(text.as_flattened(), index, self.order, 0);
    }

    /// Returns the complete lines, each with its end.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let (text, index) = self.cells.split_at(self.cells.len() - self.count);
        let text = text.as_flattened();
        index.iter().map(move |entry| {
            let line = line(entry);
            &text[line.start..=line.end]
        })
    }

    /// Removes the complete lines and keeps an incomplete one.
    pub fn clear(&mut self) {
        let open = self.open..self.text;
        self.text = open.len();
        self.cells.as_flattened_mut().copy_within(open, 0);
        self.open = 0;
        self.count = 0;
        self.longest = 0;
    }
}

/// Finds the first line end in `bytes`.
pub fn find_line_end(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = LOW << 7;

    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let differences = u64::from_le_bytes(*word) ^ (LOW * b'\n' as u64);
        // The lowest set bit belongs to the first zero byte (Mycroft).
        let zeros = differences.wrapping_sub(LOW) & !differences & HIGH;
        if zeros != 0 {
            return Some(8 * number + zeros.trailing_zeros() as usize / 8);
        }
    }
    let in_rest = rest.iter().position(|&byte| byte == b'\n');
    in_rest.map(|position| 8 * words.len() + position)
}

/// Sorts lines that are equal in their first `depth` bytes. Their keys begin after these bytes.
fn sort(text: &[u8], index: &mut [Cell], order: Order, depth: usize) {
    index.sort_unstable_by_key(key);
    for group in index.chunk_by_mut(|left, right| key(left) == key(right)) {
        if group.len() == 1 || !order.goes_on(key(&group[0])) {
            continue;
        }
        let depth = depth + KEY_BYTES;
        let rest = |entry: &Cell| &text[line(entry)][depth..];
        if group.len() <= SMALL_GROUP || depth >= MAX_KEYS * KEY_BYTES {
            group.sort_unstable_by(|left, right| order.compare(rest(left), rest(right)));
            continue;
        }
        for cell in group.iter_mut() {
            let line = line(cell);
            *cell = entry(order.key(rest(cell)), line.start as u32, line.len() as u32);
        }
        sort(text, group, order, depth);
    }
}

fn entry(key: u64, start: u32, length: u32) -> Cell {
    (u128::from(key) << 64 | u128::from(start) << 32 | u128::from(length)).to_le_bytes()
}

fn key(entry: &Cell) -> u64 {
    (u128::from_le_bytes(*entry) >> 64) as u64
}

fn line(entry: &Cell) -> Range<usize> {
    let bits = u128::from_le_bytes(*entry) as u64;
    let start = (bits >> 32) as usize;
    start..start + bits as u32 as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(lines: &mut Lines) -> Vec<u8> {
        lines.sort();
        lines.iter().flatten().copied().collect()
    }

    fn lines(bytes: usize, text: &[u8]) -> Lines {
        let mut lines = Lines::new(bytes, Order::Ascending).unwrap();
        assert_eq!(lines.push(text), text.len());
        lines
    }

    #[test]
    fn lines_are_sorted_by_bytes() {
        let mut lines = lines(1024, b"pear\nPear\n\xc3\xa9\n\napple\npear\n");

        assert_eq!(sorted(&mut lines), b"\nPear\napple\npear\npear\n\xc3\xa9\n");
    }

    #[test]
    fn a_line_without_its_end_is_incomplete() {
        let mut lines = lines(1024, b"b\na\nrest");

        assert_eq!(sorted(&mut lines), b"a\nb\n");
        assert!(lines.has_open_line());
        lines.clear();
        lines.push(b"!\n");
        assert_eq!(sorted(&mut lines), b"rest!\n");
    }

    #[test]
    fn lines_that_do_not_fit_are_not_taken() {
        let mut lines = Lines::new(64, Order::Ascending).unwrap();

        // Two lines take 2 * 16 bytes of index; 32 are left for text.
        let taken = lines.push(b"0123456789\n0123456789\n0123456789\n");

        assert_eq!(taken, 32);
        assert_eq!(sorted(&mut lines), b"0123456789\n0123456789\n");
        assert_eq!(lines.push(b"\n"), 0);
        lines.clear();
        assert_eq!(lines.push(b"\n"), 1);
        assert_eq!(sorted(&mut lines), b"0123456789\n");
    }

    #[test]
    fn a_line_longer_than_the_memory_fills_it_without_becoming_complete() {
        let mut lines = Lines::new(64, Order::Ascending).unwrap();

        assert_eq!(lines.push(&[b'x'; 100]), 64);
        assert_eq!(lines.push(b"\n"), 0);
        assert!(lines.is_empty());
    }

    #[test]
    fn an_empty_line_takes_an_entry_of_the_index() {
        let mut lines = Lines::new(170, Order::Ascending).unwrap();

        assert_eq!(lines.push(&[b'\n'; 100]), 9); // 10 cells: 9 of index, 1 of text
        assert_eq!(sorted(&mut lines), [b'\n'; 9]);
        lines.clear();
        assert_eq!(lines.push(&[b'\n'; 5]), 5);
    }

    #[test]
    fn the_length_of_the_longest_line_includes_its_end() {
        assert_eq!(lines(1024, b"a\nlong\n\n").longest(), 5);
    }

    #[test]
    fn lines_with_long_common_beginnings_are_sorted() {
        let mut texts: Vec<Vec<u8>> =
            (0..200u32).rev().map(|n| format!("{}{n:03}\n", "x".repeat(5000)).into_bytes()).collect();
        let mut lines = lines(2 << 20, &texts.concat());
        texts.sort();

        assert_eq!(sorted(&mut lines), texts.concat());
    }

    #[test]
    fn a_line_end_is_found_at_every_place() {
        for length in 0..40 {
            assert_eq!(find_line_end(&vec![b'\x0b'; length]), None);
            for place in 0..length {
                let mut bytes = vec![b'\x0b'; length];
                bytes[place] = b'\n';
                bytes[length - 1] = b'\n';
                assert_eq!(find_line_end(&bytes), Some(place));
            }
        }
    }

    proptest! {
        #[test]
        fn lines_are_sorted_as_slices_are(
            mut texts in proptest::collection::vec(proptest::collection::vec(0..4u8, 0..30), 0..300),
            piece in 1..50usize,
            descending: bool,
        ) {
            let order = if descending { Order::Descending } else { Order::Ascending };
            texts.iter_mut().for_each(|text| text.push(b'\n'));
            let input = texts.concat();
            let mut lines = Lines::new(64 << 10, order).unwrap();
            for piece in input.chunks(piece) {
                prop_assert_eq!(lines.push(piece), piece.len());
            }
            texts.sort_by(|left, right| left[..left.len() - 1].cmp(&right[..right.len() - 1]));
            if descending {
                texts.reverse();
            }

            prop_assert_eq!(sorted(&mut lines), texts.concat());
        }
    }
}
