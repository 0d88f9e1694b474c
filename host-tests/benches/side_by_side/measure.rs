//! Contenders measured by turns, so that other load on the machine meets all of them.

use std::time::Duration;

/// The outcome of a contender's work.
pub(crate) type Outcome<T = Duration> = Result<T, Box<dyn std::error::Error>>;

/// A contender: it runs a workload once per call and returns the time of the measured part.
pub(crate) struct Contender<'a> {
    pub(crate) name: String,
    run: Box<dyn FnMut() -> Outcome + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &str, run: impl FnMut() -> Outcome + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// The time of a contender, in nanoseconds per unit of work.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) median: f64,
    /// The first and the third quartile.
    pub(crate) quartiles: [f64; 2],
    /// The times in the order of the rounds.
    times: Vec<f64>,
}

/// The ratio of two medians, and an interval: 95 of 100 repetitions with the same rounds, drawn anew,
/// have their ratio in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) value: f64,
    pub(crate) interval: [f64; 2],
}

impl Measured {
    /// Compares the times with those of another contender of the same run. Both meet the same load in
    /// a round, so rounds are drawn for both together.
    pub(crate) fn over(&self, other: &Measured) -> Ratio {
        const DRAWS: usize = 1000;
        let rounds = self.times.len().min(other.times.len());
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut ratios: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let drawn: Vec<usize> = (0..rounds).map(|_| random.below(rounds)).collect();
                let of = |times: &[f64]| median(drawn.iter().map(|round| times[*round]).collect());
                of(&self.times) / of(&other.times)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        Ratio { value: self.median / other.median, interval: [at(&ratios, 0.025), at(&ratios, 0.975)] }
    }
}

/// A sequence that is the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// The number of rounds, and the contenders that take part.
#[derive(Clone, Copy)]
pub(crate) struct Turns<'a> {
    pub(crate) rounds: usize,
    /// The only contender to run, for a profile.
    pub(crate) only: Option<&'a str>,
}

impl Turns<'_> {
    /// Runs all contenders by turns; one that fails is left out and reported.
    pub(crate) fn measure(self, mut contenders: Vec<Contender<'_>>, units: f64) -> Vec<Measured> {
        contenders.retain(|one| self.only.is_none_or(|only| one.name == only));
        by_turns(contenders, self.rounds, units)
    }
}

/// Runs rounds without counting the first one, in which caches fill and pages are mapped.
fn by_turns(mut contenders: Vec<Contender<'_>>, rounds: usize, units: f64) -> Vec<Measured> {
    let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut failed = vec![false; contenders.len()];
    for round in 0..=rounds {
        // The order changes, so that no contender always follows the same one.
        for turn in 0..contenders.len() {
            let index = (turn * coprime(contenders.len()) + round) % contenders.len();
            if failed[index] {
                continue;
            }
            match (contenders[index].run)() {
                Ok(_) if round == 0 => {}
                Ok(time) => times[index].push(time.as_secs_f64() * 1e9 / units),
                Err(error) => {
                    eprintln!("    {} is left out: {error}", contenders[index].name);
                    failed[index] = true;
                }
            }
        }
    }
    let measured = contenders.iter().zip(times).zip(failed).filter(|(_, failed)| !failed);
    measured.map(|((contender, times), _)| summary(&contender.name, times)).collect()
}

/// A step that visits all of `count` indices.
fn coprime(count: usize) -> usize {
    if count.is_multiple_of(3) { 1 } else { 3 }
}

fn summary(name: &str, times: Vec<f64>) -> Measured {
    let mut sorted = times.clone();
    sorted.sort_by(f64::total_cmp);
    let quartiles = [at(&sorted, 0.25), at(&sorted, 0.75)];
    Measured { name: name.into(), median: at(&sorted, 0.5), quartiles, times }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    at(&times, 0.5)
}

/// The value below which this part of the sorted values lies.
fn at(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

/// Sorts contenders by their medians, the fastest first.
pub(crate) fn sorted(measured: &[Measured]) -> Vec<&Measured> {
    let mut sorted: Vec<_> = measured.iter().collect();
    sorted.sort_by(|one, other| one.median.total_cmp(&other.median));
    sorted
}

/// Formats a ratio with three digits or so.
pub(crate) fn digits(ratio: f64) -> String {
    let digits = if ratio < 0.1 { 4 } else { 2 };
    format!("{ratio:.digits$}")
}

/// Formats nanoseconds with a unit and three digits.
pub(crate) fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ..1e3 => (nanoseconds, "ns"),
        ..1e6 => (nanoseconds / 1e3, "µs"),
        ..1e9 => (nanoseconds / 1e6, "ms"),
        _ => (nanoseconds / 1e9, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}
