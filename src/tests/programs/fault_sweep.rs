//! Runs every program with every kind of fault at every call to the host, and with a cancellation at
//! every poll.
//!
//! `.ci/mutate` proves that these tests find bugs: it plants some and runs them. Among them are a removed
//! lock (directories are created without a turn at the ledger), a swallowed error (a failed flush reports
//! success) and an off-by-one in rollover (a spool that is exactly full rolls over).

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::Limit;
use crate::testing::memory_filesystem::{Abandoned, Call};
use crate::tests::programs::stage::{Play, Trouble};
use crate::tests::programs::sweep_programs::{Program, programs};
use crate::tests::*;

const FAILURES: [ErrorCode; 7] = [
    ErrorCode::Io,
    ErrorCode::InsufficientSpace,
    ErrorCode::Quota(Limit::Host),
    ErrorCode::NotPermitted,
    ErrorCode::Busy,
    ErrorCode::NoEntry,
    ErrorCode::Interrupted,
];

/// Returns the faults that are possible for a kind of call.
fn troubles(call: Call) -> Vec<Trouble> {
    let removes = matches!(call, Call::Unlink | Call::RemoveDirectory);
    let mut troubles = vec![Trouble::IsSlow, Trouble::IsLate(None), Trouble::IsLate(Some(ErrorCode::Io))];
    for code in FAILURES {
        match code {
            // No host reports that an existing entry does not exist.
            ErrorCode::NoEntry if removes => troubles.push(Trouble::IsLost(code)),
            ErrorCode::NoEntry if matches!(call, Call::Open | Call::StatAt) => {}
            ErrorCode::NoEntry => troubles.push(Trouble::Fails(code)),
            _ => troubles.extend([Trouble::Fails(code), Trouble::FailsOn(code)]),
        }
    }
    troubles.extend([ErrorCode::Io, ErrorCode::Interrupted].map(Trouble::IsLost));
    if matches!(call, Call::Write | Call::List) {
        troubles.extend([0, 1, 2, 5].map(Trouble::IsShort));
    }
    troubles
}

/// The counts of a run.
#[derive(Default)]
struct Count {
    troubles: usize,
    violations: Vec<String>,
}

impl Count {
    /// Runs a program on a stage with this fault, and counts the fault if it occurred.
    fn play(&mut self, program: &Program, trouble: Trouble, nth: usize) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let play = Play::new(Some((trouble, nth)));
            program.runs(&play);
            play.ends()
        }));
        match outcome {
            Ok(came) => self.troubles += usize::from(came),
            Err(_) => self.violations.push(format!("{}, {nth}: {trouble:?}", program.name)),
        }
    }

    /// Prints the count, and asserts that it is large enough and that there was no violation.
    fn ends(self, what: &str, least: usize) {
        let Count { troubles, violations } = self;
        println!("{troubles} {what}, {} violations", violations.len());
        assert!(violations.is_empty(), "{}:\n{}", violations.len(), violations.join("\n"));
        assert!(troubles >= least, "{troubles} are too few");
    }
}

#[test]
fn nothing_is_lost_or_left_after_a_failure_of_any_call() {
    let mut count = Count::default();
    for program in programs() {
        let rehearsal = Play::new(None);
        program.runs(&rehearsal);
        rehearsal.instance.disk.settle();
        let calls = rehearsal.instance.disk.made();
        rehearsal.ends();
        for (nth, made) in calls.iter().enumerate() {
            for trouble in troubles(made.call) {
                count.play(&program, trouble, nth + 1);
            }
        }
    }
    count.ends("faults", 20_000);
}

#[test]
fn nothing_is_lost_or_left_after_a_cancellation_at_any_poll() {
    let mut count = Count::default();
    for program in programs() {
        // The abandoned call takes effect or does not, and later calls succeed or fail.
        for abandoned in [Abandoned::Later, Abandoned::Never] {
            for failure in [None, Some(ErrorCode::Io)] {
                let trouble = Trouble::GivesUp(abandoned, failure);
                let rehearsal = Play::new(Some((trouble, usize::MAX)));
                program.runs(&rehearsal);
                let polls = rehearsal.instance.disk.polls();
                rehearsal.ends();
                (0..polls).for_each(|poll| count.play(&program, trouble, poll));
            }
        }
    }
    count.ends("cancellations", 5_000);
}
