//! The merge of sorted runs.

use alloc::vec::Vec;

use crate::Failure;
use crate::order::Order;
use crate::output::{Output, Sink};
use crate::runs::{Run, RunFile, RunReader, Step};

/// The key of a run without further lines: larger than the key of any line.
const EXHAUSTED: u64 = u64::MAX;

/// A run that competes with its current line.
#[derive(Clone, Copy)]
struct Player {
    key: u64,
    run: usize,
}

/// A tournament of runs. The winner has the line that comes first.
///
/// Each inner node keeps the loser of its match. After the winner has advanced to its next line, only
/// the matches on its path are played again (Knuth, volume 3, section 5.4.1). The winner is node 0.
struct Tournament {
    nodes: Vec<Option<Player>>,
}

impl Tournament {
    fn new(runs: usize) -> Self {
        Self { nodes: alloc::vec![None; runs] }
    }

    fn winner(&self) -> Option<Player> {
        self.nodes.first().copied().flatten()
    }

    /// Lets `player` play from its leaf to the top. `first` decides which of two players wins.
    fn play(&mut self, mut player: Player, first: impl Fn(Player, Player) -> bool) {
        let mut place = (player.run + self.nodes.len()) / 2;
        while place > 0 {
            // At a node without an opponent the player waits for one.
            let Some(opponent) = self.nodes[place] else {
                self.nodes[place] = Some(player);
                return;
            };
            if first(opponent, player) {
                self.nodes[place] = Some(player);
                player = opponent;
            }
            place /= 2;
        }
        self.nodes[0] = Some(player);
    }
}

/// Merges the runs of all `sources`, which are files and runs in them, into `output`. Reads each run in
/// chunks of `chunk` bytes. `unique` leaves out lines that are equal to the one before.
///
/// # Errors
///
/// Fails if the file cannot be read or the output cannot be written.
pub async fn merge<F: RunFile, S: Sink>(
    sources: &mut [(&mut F, &[Run])],
    chunk: usize,
    order: Order,
    unique: bool,
    output: &mut Output<'_, S>,
) -> Result<(), Failure> {
    let files: Vec<usize> =
        sources.iter().enumerate().flat_map(|(file, (_, runs))| runs.iter().map(move |_| file)).collect();
    let runs = || sources.iter().flat_map(|(_, runs)| runs.iter());
    let longest = runs().map(|run| run.longest).max().unwrap_or(0);
    let mut readers: Vec<RunReader> = runs().map(RunReader::new).collect();
    let mut tournament = Tournament::new(readers.len());
    for run in 0..readers.len() {
        let key = next(&mut readers[run], sources[files[run]].0, chunk, order).await?;
        tournament.play(Player { key, run }, |left, right| comes_first(&readers, order, left, right));
    }

    let mut last = Vec::with_capacity(if unique { longest } else { 0 });
    while let Some(winner) = tournament.winner().filter(|winner| winner.key != EXHAUSTED) {
        let line = readers[winner.run].line();
        // Each line has its end, so none is empty and the first one differs from an empty `last`.
        if !unique || last != line {
            if !output.try_push(line) {
                output.push(line).await?;
            }
            if unique {
                last.clear();
                last.extend_from_slice(line);
            }
        }
        let key = match readers[winner.run].advance() {
            Step::Line => order.key(text(&readers[winner.run])),
            step => {
                let file = &mut *sources[files[winner.run]].0;
                finish(step, &mut readers[winner.run], file, chunk, order).await?
            }
        };
        tournament.play(Player { key, ..winner }, |left, right| comes_first(&readers, order, left, right));
    }
    Ok(())
}

/// Advances to the next line and returns its key.
async fn next(
    reader: &mut RunReader,
    file: &mut impl RunFile,
    chunk: usize,
    order: Order,
) -> Result<u64, Failure> {
    let step = reader.advance();
    finish(step, reader, file, chunk, order).await
}

async fn finish(
    mut step: Step,
    reader: &mut RunReader,
    file: &mut impl RunFile,
    chunk: usize,
    order: Order,
) -> Result<u64, Failure> {
    while step == Step::Chunk {
        step = reader.feed(file, chunk).await?;
    }
    Ok(if step == Step::Line { order.key(text(reader)) } else { EXHAUSTED })
}

fn comes_first(readers: &[RunReader], order: Order, left: Player, right: Player) -> bool {
    if left.key != right.key || !order.goes_on(left.key) {
        return left.key < right.key;
    }
    order.compare(text(&readers[left.run]), text(&readers[right.run])).is_lt()
}

/// Returns the current line without its end, which is not compared.
fn text(reader: &RunReader) -> &[u8] {
    let line = reader.line();
    &line[..line.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Merges rows of numbers, which are used as keys.
    fn merged(rows: &[&[u64]]) -> Vec<u64> {
        let mut rows: Vec<_> = rows.iter().map(|row| row.iter().copied()).collect();
        let first = |left: Player, right: Player| left.key < right.key;
        let mut tournament = Tournament::new(rows.len());
        for (run, row) in rows.iter_mut().enumerate() {
            tournament.play(Player { key: row.next().unwrap_or(EXHAUSTED), run }, first);
        }
        let mut merged = Vec::new();
        while let Some(winner) = tournament.winner().filter(|winner| winner.key != EXHAUSTED) {
            merged.push(winner.key);
            let key = rows[winner.run].next().unwrap_or(EXHAUSTED);
            tournament.play(Player { key, ..winner }, first);
        }
        merged
    }

    #[test]
    fn tournaments_of_any_size_merge() {
        for size in 0..20u64 {
            let rows: Vec<Vec<u64>> =
                (0..size).map(|row| (row..100).step_by(size as usize).collect()).collect();
            let rows: Vec<&[u64]> = rows.iter().map(Vec::as_slice).collect();
            let expected: Vec<u64> = if size == 0 { Vec::new() } else { (0..100).collect() };

            assert_eq!(merged(&rows), expected, "{size} rows");
        }
    }

    #[test]
    fn empty_and_equal_rows_merge() {
        assert_eq!(merged(&[&[], &[1, 1, 5], &[], &[1, 5], &[]]), [1, 1, 1, 5, 5]);
    }
}
