//! Contenders measured by turns, so that what else the machine does meets all of them.

use std::time::Duration;

/// What a contender's work ends with.
pub(crate) type Outcome<T = Duration> = Result<T, Box<dyn std::error::Error>>;

/// Somebody who does a workload, once for each call, and tells how long the measured part took.
pub(crate) struct Contender<'a> {
    pub(crate) name: String,
    run: Box<dyn FnMut() -> Outcome + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &str, run: impl FnMut() -> Outcome + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// How long a contender took, in nanoseconds for each unit of work.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) median: f64,
    /// The first and the third quartile.
    pub(crate) quartiles: [f64; 2],
}

/// How often contenders work, and who of them does.
#[derive(Clone, Copy)]
pub(crate) struct Turns<'a> {
    pub(crate) rounds: usize,
    /// The name of who works, for profiles of one; all, if there is none.
    pub(crate) only: Option<&'a str>,
}

impl Turns<'_> {
    /// Has each contender work by turns; whoever fails is left out and told.
    pub(crate) fn measure(self, mut contenders: Vec<Contender<'_>>, units: f64) -> Vec<Measured> {
        contenders.retain(|one| self.only.is_none_or(|only| one.name == only));
        by_turns(contenders, self.rounds, units)
    }
}

/// The first round is not counted: caches fill, and pages are mapped.
fn by_turns(mut contenders: Vec<Contender<'_>>, rounds: usize, units: f64) -> Vec<Measured> {
    let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut failed = vec![false; contenders.len()];
    for round in 0..=rounds {
        // Nobody always follows the same one.
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

/// A step that visits all of `count` places.
fn coprime(count: usize) -> usize {
    if count.is_multiple_of(3) { 1 } else { 3 }
}

fn summary(name: &str, mut times: Vec<f64>) -> Measured {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    Measured { name: name.into(), median: at(0.5), quartiles: [at(0.25), at(0.75)] }
}

/// The fastest first.
pub(crate) fn sorted(measured: &[Measured]) -> Vec<&Measured> {
    let mut sorted: Vec<_> = measured.iter().collect();
    sorted.sort_by(|one, other| one.median.total_cmp(&other.median));
    sorted
}

/// Nanoseconds for people, with three digits.
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
