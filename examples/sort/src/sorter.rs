//! The whole sort, on any [`System`].

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::Failure;
use crate::arguments::Arguments;
use crate::budget::Budget;
use crate::lines::Lines;
use crate::output::{Output, Sink};
use crate::runs::RunFile;
use crate::spill::Spill;

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
            write_run(spill, &mut lines, &budget, unique).await?;
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
        write_run(&mut spill, &mut lines, &budget, unique).await?;
    }
    // The merge needs the memory for chunks of the runs.
    drop(lines);
    let spills = if spill.is_mergeable(&budget) {
        vec![spill]
    } else {
        spill.reduce(system.create().await?, &budget, order, unique).await?.into()
    };
    Spill::finish(spills, &budget, order, unique, &mut Output::new(system, budget.buffer())).await
}

/// Moves the complete lines to a new run.
async fn write_run<F: RunFile>(
    spill: &mut Spill<F>,
    lines: &mut Lines,
    budget: &Budget,
    unique: bool,
) -> Result<(), Failure> {
    let allowed = budget.longest_line();
    if lines.is_empty() || lines.longest() > allowed {
        return Err(Failure(format!("a line is longer than {allowed} bytes, more than --memory allows")));
    }
    lines.sort();
    let mut output = Output::new(spill.file(), budget.buffer());
    write(lines, unique, &mut output).await?;
    let written = output.flush().await?;
    spill.add(written, lines.longest());
    lines.clear();
    Ok(())
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
