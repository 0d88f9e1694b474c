//! The runs of a sort in temporary files, merged into fewer ones in little more space than they take.
//!
//! A file can only become shorter at its end, so runs are merged from there: a few runs at the end of one
//! file become one run at the end of the other, and their space is freed before the next ones are read.

use alloc::vec::Vec;

use crate::Failure;
use crate::budget::Budget;
use crate::merge::merge;
use crate::order::Order;
use crate::output::{Output, Sink};
use crate::runs::{Run, RunFile};

/// The runs that are merged at once are at most one in so many of all runs, unless there are fewer than
/// twice as many runs. More would need more space, fewer would move the data more often.
const SHARE: usize = 8;

/// A temporary file and the runs in it.
pub struct Spill<F> {
    file: F,
    length: u64,
    runs: Vec<Run>,
}

impl<F: RunFile> Spill<F> {
    /// Creates a spill without runs in an empty file.
    pub fn new(file: F) -> Self {
        Self { file, length: 0, runs: Vec::new() }
    }

    /// Returns the file, to which a run is to be written.
    pub fn file(&mut self) -> &mut F {
        &mut self.file
    }

    /// Adds a run of `written` bytes that is now at the end of the file.
    pub fn add(&mut self, written: u64, longest: usize) {
        self.runs.push(Run { start: self.length, end: self.length + written, longest });
        self.length += written;
    }

    /// Returns whether all runs can be merged at once.
    pub fn is_mergeable(&self, budget: &Budget) -> bool {
        budget.fan_in(&self.runs) == self.runs.len()
    }

    /// Merges runs until the rest, in this file and in `other`, can be merged at once. `other` is empty.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or written.
    pub async fn reduce(
        self,
        other: F,
        budget: &Budget,
        order: Order,
        unique: bool,
    ) -> Result<[Self; 2], Failure> {
        let (mut from, mut to) = (self, Self::new(other));
        loop {
            let count = from.runs.len() + to.runs.len();
            let mergeable = budget.fan_in(from.runs.iter().chain(&to.runs));
            if mergeable == count {
                return Ok([from, to]);
            }
            if from.runs.len() < 2 {
                core::mem::swap(&mut from, &mut to);
            }
            let most = (count / SHARE).min(count - mergeable + 1).max(2);
            from.merge_last(&mut to, most, budget, order, unique).await?;
        }
    }

    /// Merges up to `most` runs, at least two, at the end of this file into one run of `to`.
    async fn merge_last(
        &mut self,
        to: &mut Self,
        most: usize,
        budget: &Budget,
        order: Order,
        unique: bool,
    ) -> Result<(), Failure> {
        let count = budget.fan_in(self.runs.iter().rev().take(most));
        let runs = self.runs.split_off(self.runs.len() - count);
        let mut output = Output::new(&mut to.file, budget.buffer());
        let chunk = budget.chunk(&runs);
        merge(&mut [(&mut self.file, &runs)], chunk, order, unique, &mut output).await?;
        let written = output.flush().await?;
        to.add(written, runs.iter().map(|run| run.longest).max().unwrap_or(0));
        self.length = self.runs.last().map_or(0, |run| run.end);
        self.file.truncate(self.length).await
    }

    /// Merges all runs of `spills` into `output`, and removes their files.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or the output cannot be written.
    pub async fn finish<S: Sink>(
        mut spills: Vec<Self>,
        budget: &Budget,
        order: Order,
        unique: bool,
        output: &mut Output<'_, S>,
    ) -> Result<(), Failure> {
        let runs: Vec<Run> = spills.iter().flat_map(|spill| spill.runs.iter().copied()).collect();
        let chunk = budget.chunk(&runs);
        let mut sources: Vec<_> = spills.iter_mut().map(|spill| (&mut spill.file, &spill.runs[..])).collect();
        merge(&mut sources, chunk, order, unique, output).await?;
        output.flush().await?;
        for spill in spills {
            spill.file.close().await?;
        }
        Ok(())
    }
}
