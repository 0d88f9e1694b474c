//! The division of the memory among its users.

use crate::runs::Run;

/// The smallest memory. With less, buffers would be so small that reading and writing take all time.
pub const MIN_MEMORY: usize = 64 << 10;

/// The memory of a sort. While input is read, it contains an arena for lines and index, a buffer for
/// input and one for output. While runs are merged, it contains the buffer for output and, for each
/// run, a chunk of the run and one line that crosses two chunks.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    memory: usize,
    unique: bool,
}

impl Budget {
    /// Divides `memory` bytes, at least [`MIN_MEMORY`]. `unique` needs one more line while merging.
    pub fn new(memory: usize, unique: bool) -> Self {
        Self { memory: memory.max(MIN_MEMORY), unique }
    }

    /// Returns the size of the buffer for input and of the buffer for output, in bytes.
    pub fn buffer(&self) -> usize {
        (self.memory / 16).min(256 << 10)
    }

    /// Returns the largest size of lines and index together, in bytes.
    pub fn arena(&self) -> usize {
        self.memory - 2 * self.buffer()
    }

    /// Returns the largest length of a line with its end, in bytes. Two runs of such lines can be
    /// merged.
    pub fn longest_line(&self) -> usize {
        let lines = self.merging() - 2 * self.smallest_chunk();
        lines / if self.unique { 3 } else { 2 }
    }

    /// Returns how many of `runs`, beginning with the first one, can be merged at once: at least two.
    pub fn fan_in<'a>(&self, runs: impl IntoIterator<Item = &'a Run>) -> usize {
        let mut longest = 0;
        let mut needed = 0;
        let fitting = runs.into_iter().take_while(|run| {
            longest = longest.max(run.longest);
            needed += self.smallest_chunk() + run.longest;
            needed + self.kept_line(longest) <= self.merging()
        });
        fitting.count()
    }

    /// Returns how many bytes of each of `runs` to read at once while they are merged.
    ///
    /// Larger chunks need fewer calls, but a chunk should still be in the processor's cache when it is
    /// merged.
    pub fn chunk(&self, runs: &[Run]) -> usize {
        let longest = runs.iter().map(|run| run.longest).max().unwrap_or(0);
        let lines: usize = runs.iter().map(|run| run.longest).sum::<usize>() + self.kept_line(longest);
        let chunk = self.merging().saturating_sub(lines) / runs.len().max(1);
        chunk.clamp(self.smallest_chunk(), 128 << 10)
    }

    fn merging(&self) -> usize {
        self.memory - self.buffer()
    }

    fn smallest_chunk(&self) -> usize {
        (self.memory / 64).clamp(4 << 10, 64 << 10)
    }

    /// Returns the memory for the line that was written last, which is needed to find repetitions.
    fn kept_line(&self, longest: usize) -> usize {
        if self.unique { longest } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(longest: usize, count: usize) -> Vec<Run> {
        vec![Run { start: 0, end: 1 << 20, longest }; count]
    }

    #[test]
    fn arena_and_buffers_together_are_the_memory() {
        for memory in [MIN_MEMORY, 1 << 20, 16 << 20, 1 << 30] {
            let budget = Budget::new(memory, false);

            assert_eq!(budget.arena() + 2 * budget.buffer(), memory);
        }
    }

    #[test]
    fn two_runs_of_the_longest_lines_can_always_be_merged() {
        for memory in [MIN_MEMORY, MIN_MEMORY + 1, 1 << 20, 16 << 20, 1 << 30] {
            for unique in [false, true] {
                let budget = Budget::new(memory, unique);
                let runs = runs(budget.longest_line(), 100);

                assert!(budget.fan_in(&runs) >= 2, "{memory} {unique}");
            }
        }
    }

    #[test]
    fn chunks_and_lines_of_a_merge_fit_into_the_memory() {
        for memory in [MIN_MEMORY, 1 << 20, 16 << 20] {
            for longest in [10, 1000, Budget::new(memory, true).longest_line()] {
                let budget = Budget::new(memory, true);
                let runs = runs(longest, 10_000);
                let merged = &runs[..budget.fan_in(&runs)];
                let needed = merged.len() * (budget.chunk(merged) + longest) + longest + budget.buffer();

                assert!(needed <= memory, "{needed} of {memory} for {} runs", merged.len());
            }
        }
    }

    #[test]
    fn sixteen_mebibytes_merge_hundreds_of_runs_at_once() {
        let runs = runs(100, 1000);

        assert!(Budget::new(16 << 20, false).fan_in(&runs) >= 250);
    }
}
