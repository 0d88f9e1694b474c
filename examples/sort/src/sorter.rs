//! The whole sort, on any [`System`].

use alloc::format;
use alloc::vec::Vec;

use crate::Failure;
use crate::arguments::Arguments;
use crate::budget::Budget;
use crate::lines::Lines;
use crate::merge::merge;
use crate::order::Order;
use crate::output::{Output, Sink};
use crate::runs::{Run, RunFile};

/// Input, output and temporary files. The sink is the output.
#[expect(async_fn_in_trait, reason = "nothing here is sent to other threads")]
pub trait System: Sink {
    /// A temporary file.
    type File: RunFile;

    /// Reads more input into the free capacity of `buffer`. Reads nothing at the end of the input.
    async fn read(&mut self, buffer: Vec<u8>) -> Result<Vec<u8>, Failure>;

    /// Creates an empty temporary file.
    async fn create(&mut self) -> Result<Self::File, Failure>;
}

/// Sorts the lines of the system's input to its output.
///
/// # Errors
///
/// Fails if the system fails, or if a line is too long for the memory.
pub async fn sort<S: System>(system: &mut S, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { order, unique, memory } = arguments;
    let budget = Budget::new(memory, unique);
    let mut lines = Lines::new(budget.arena(), order)?;
    let mut spill = None;
    let mut input = Vec::with_capacity(budget.buffer());
    loop {
        input.clear();
        input = system.read(input).await?;
        let is_end = input.is_empty();
        if is_end && lines.has_open_line() {
            input.push(b'\n');
        }
        let mut rest = lines.push(&input);
        while rest < input.len() {
            let spill = match &mut spill {
                Some(spill) => spill,
                None => spill.insert(Spill::new(system.create().await?)),
            };
            spill.write(&mut lines, &budget, unique).await?;
            rest += lines.push(&input[rest..]);
        }
        if is_end {
            break;
        }
    }
    drop(input);

    let Some(mut spill) = spill else {
        lines.sort();
        let mut output = Output::new(system, budget.buffer());
        write(&lines, unique, &mut output).await?;
        output.flush().await?;
        return Ok(());
    };
    if !lines.is_empty() {
        spill.write(&mut lines, &budget, unique).await?;
    }
    // The merge needs the memory for chunks of the runs.
    drop(lines);
    while budget.fan_in(&spill.runs) < spill.runs.len() {
        spill = spill.merged(system.create().await?, &budget, order, unique).await?;
    }
    let mut output = Output::new(system, budget.buffer());
    merge(&mut spill.file, &spill.runs, budget.chunk(&spill.runs), order, unique, &mut output).await?;
    output.flush().await?;
    spill.file.close().await
}

/// A temporary file and the runs in it.
struct Spill<F> {
    file: F,
    length: u64,
    runs: Vec<Run>,
}

impl<F: RunFile> Spill<F> {
    fn new(file: F) -> Self {
        Self { file, length: 0, runs: Vec::new() }
    }

    /// Moves the complete lines to a new run.
    async fn write(&mut self, lines: &mut Lines, budget: &Budget, unique: bool) -> Result<(), Failure> {
        let allowed = budget.longest_line();
        if lines.is_empty() || lines.longest() > allowed {
            return Err(Failure(format!("a line is longer than {allowed} bytes, more than --memory allows")));
        }
        lines.sort();
        let mut output = Output::new(&mut self.file, budget.buffer());
        write(lines, unique, &mut output).await?;
        let written = output.flush().await?;
        self.add(written, lines.longest());
        lines.clear();
        Ok(())
    }

    /// Merges the runs into fewer ones in `file`, as many at a time as fit into the memory.
    async fn merged(mut self, file: F, budget: &Budget, order: Order, unique: bool) -> Result<Self, Failure> {
        let mut merged = Self::new(file);
        let mut rest = &self.runs[..];
        while !rest.is_empty() {
            let (runs, others) = rest.split_at(budget.fan_in(rest));
            let mut output = Output::new(&mut merged.file, budget.buffer());
            merge(&mut self.file, runs, budget.chunk(runs), order, unique, &mut output).await?;
            let written = output.flush().await?;
            merged.add(written, runs.iter().map(|run| run.longest).max().unwrap_or(0));
            rest = others;
        }
        self.file.close().await?;
        Ok(merged)
    }

    fn add(&mut self, written: u64, longest: usize) {
        self.runs.push(Run { start: self.length, end: self.length + written, longest });
        self.length += written;
    }
}

/// Writes sorted lines.
async fn write<S: Sink>(lines: &Lines, unique: bool, output: &mut Output<'_, S>) -> Result<(), Failure> {
    // Each line has its end, so none is empty.
    let mut last: &[u8] = &[];
    for line in lines.iter() {
        if unique && line == last {
            continue;
        }
        if !output.try_push(line) {
            output.push(line).await?;
        }
        last = line;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
