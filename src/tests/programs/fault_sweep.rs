//! Every program with every kind of trouble at every call to the host, and given up at every poll.
//!
//! That it would find a bug is shown by `.ci/mutate`, which plants some and runs it: a lock
//! removed (directories are created without a turn at the ledger), an error swallowed (a flush that
//! failed says that it did not), an off-by-one in rollover (a spool that is just full rolls over), and
//! others.

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

/// All that may go wrong with one call.
fn troubles(call: Call) -> Vec<Trouble> {
    let removes = matches!(call, Call::Unlink | Call::RemoveDirectory);
    let mut troubles = vec![Trouble::IsSlow, Trouble::IsLate(None), Trouble::IsLate(Some(ErrorCode::Io))];
    for code in FAILURES {
        match code {
            // No host says that something is not there which is.
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

/// What a sweep has done.
#[derive(Default)]
struct Count {
    troubles: usize,
    violations: Vec<String>,
}

impl Count {
    /// Runs a program on a stage with this trouble, and counts the trouble if it came.
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

    /// Tells the count, which must reach this, without a violation.
    fn ends(self, what: &str, least: usize) {
        let Count { troubles, violations } = self;
        println!("{troubles} {what}, {} violations", violations.len());
        assert!(violations.is_empty(), "{}:\n{}", violations.len(), violations.join("\n"));
        assert!(troubles >= least, "{troubles} are too few");
    }
}

#[test]
fn whichever_call_fails_nothing_is_lost_and_nothing_is_left() {
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
fn whenever_a_caller_gives_up_nothing_is_lost_and_nothing_is_left() {
    let mut count = Count::default();
    for program in programs() {
        // What was begun takes effect or does not, and what follows it succeeds or fails.
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
