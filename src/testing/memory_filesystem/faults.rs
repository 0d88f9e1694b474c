//! Injected faults, delays and races, and the fate of cancelled calls.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::MemoryFilesystem;
use crate::error::ErrorCode;
use crate::filesystem::Result;

/// A kind of call to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `open_at` without `create`.
    Open,
    /// `open_at` with `create`.
    Create,
    CreateDirectory,
    Unlink,
    RemoveDirectory,
    Rename,
    Link,
    Stat,
    StatAt,
    IsSame,
    List,
    Read,
    Write,
    SetSize,
    Sync,
}

/// A recorded call, with the path that was passed, or an empty one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) call: Call,
    pub(crate) path: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.call, self.path)
    }
}

/// The effect of a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    Whole,
    /// The full effect, and an error as the result.
    Lost(ErrorCode),
    /// The first bytes written or entries listed, then an error. No effect for other kinds of calls.
    First(usize, ErrorCode),
    Nothing(ErrorCode),
}

/// The fate of a call that is cancelled before it takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// It never takes effect.
    Never,
    /// It takes effect when the test calls `settle`.
    Later,
}

/// A change of the filesystem behind the core's back.
type Hook = Box<dyn FnOnce(&MemoryFilesystem)>;

/// A fault, and the calls that it hits.
struct Plan {
    /// The kind of call; none for all kinds.
    call: Option<Call>,
    /// The number of matching calls before the first hit.
    spared: usize,
    /// The number of matching calls that are hit.
    concerned: usize,
    what: What,
}

enum What {
    Effect(Effect),
    Delay { before: usize, after: usize },
    Hook(Option<Hook>),
}

/// The planned faults and the recorded calls.
#[derive(Default)]
pub(super) struct Faults {
    plans: Vec<Plan>,
    made: Vec<Made>,
    held: Vec<Call>,
    waiting: Vec<Waker>,
    abandoned: Option<Abandoned>,
    left: Vec<Box<dyn FnOnce()>>,
}

impl MemoryFilesystem {
    /// Makes every call of one kind fail without taking effect.
    pub(crate) fn failing(&self, call: Call, code: ErrorCode) -> MemoryFilesystem {
        self.plan(Some(call), 0, usize::MAX, What::Effect(Effect::Nothing(code)))
    }

    /// Makes the nth call of one kind from now on (the first is 1) fail without taking effect.
    pub(crate) fn failing_nth(&self, call: Call, nth: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(Some(call), nth - 1, 1, What::Effect(Effect::Nothing(code)))
    }

    /// Makes the nth call from now on, of any kind, fail without taking effect.
    pub(crate) fn failing_call(&self, nth: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(None, nth - 1, 1, What::Effect(Effect::Nothing(code)))
    }

    /// Makes the nth call from now on, of any kind, and all after it fail without taking effect.
    pub(crate) fn failing_from(&self, nth: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(None, nth - 1, usize::MAX, What::Effect(Effect::Nothing(code)))
    }

    /// Makes the nth call from now on, of any kind, take effect and report an error.
    pub(crate) fn losing_call(&self, nth: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(None, nth - 1, 1, What::Effect(Effect::Lost(code)))
    }

    /// Makes the nth call from now on, of any kind, stop after `count` bytes or entries, with an error.
    pub(crate) fn shortening_call(&self, nth: usize, count: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(None, nth - 1, 1, What::Effect(Effect::First(count, code)))
    }

    /// Makes the nth call from now on, of any kind, pend so often before and after it takes effect.
    pub(crate) fn slowing_call(&self, nth: usize, before: usize, after: usize) -> MemoryFilesystem {
        self.plan(None, nth - 1, 1, What::Delay { before, after })
    }

    /// Makes the nth call of one kind from now on take effect and report an error.
    pub(crate) fn losing_nth(&self, call: Call, nth: usize, code: ErrorCode) -> MemoryFilesystem {
        self.plan(Some(call), nth - 1, 1, What::Effect(Effect::Lost(code)))
    }

    /// Makes the nth write or listing from now on stop after `count` bytes or entries, with an error.
    pub(crate) fn shortening(
        &self,
        call: Call,
        nth: usize,
        count: usize,
        code: ErrorCode,
    ) -> MemoryFilesystem {
        self.plan(Some(call), nth - 1, 1, What::Effect(Effect::First(count, code)))
    }

    /// Makes every call pend once before and once after it takes effect.
    pub(crate) fn slow(&self) -> MemoryFilesystem {
        self.plan(None, 0, usize::MAX, What::Delay { before: 1, after: 1 })
    }

    /// Runs `hook` immediately before the nth call of one kind takes effect.
    pub(crate) fn before_nth(
        &self,
        call: Call,
        nth: usize,
        hook: impl FnOnce(&MemoryFilesystem) + 'static,
    ) -> MemoryFilesystem {
        self.plan(Some(call), nth - 1, 1, What::Hook(Some(Box::new(hook))))
    }

    /// Ends all faults, delays and hooks.
    pub(crate) fn heal(&self) {
        self.world.faults.borrow_mut().plans.clear();
        self.release();
    }

    /// Delays calls of one kind before they take effect, until `release`.
    pub(crate) fn holding(&self, call: Call) -> MemoryFilesystem {
        self.world.faults.borrow_mut().held.push(call);
        self.clone()
    }

    /// Continues the calls that `holding` delays.
    pub(crate) fn release(&self) {
        let waiting = {
            let mut faults = self.world.faults.borrow_mut();
            faults.held.clear();
            std::mem::take(&mut faults.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Sets the fate of calls that are dropped before they take effect; `Later` by default.
    pub(crate) fn abandoning(&self, abandoned: Abandoned) -> MemoryFilesystem {
        self.world.faults.borrow_mut().abandoned = Some(abandoned);
        self.clone()
    }

    /// Returns the calls made so far, or since `forget_calls`.
    pub(crate) fn made(&self) -> Vec<Made> {
        self.world.faults.borrow().made.clone()
    }

    /// Returns the number of calls.
    pub(crate) fn calls(&self) -> usize {
        self.world.faults.borrow().made.len()
    }

    /// Returns the number of calls of one kind.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.world.faults.borrow().made.iter().filter(|made| made.call == call).count()
    }

    /// Forgets the recorded calls.
    pub(crate) fn forget_calls(&self) {
        self.world.faults.borrow_mut().made.clear();
    }

    /// Asserts that there was no call, or none since `forget_calls`.
    #[track_caller]
    pub(crate) fn assert_no_calls(&self) {
        assert_eq!(self.made(), [], "calls to the host");
    }

    fn plan(&self, call: Option<Call>, spared: usize, concerned: usize, what: What) -> MemoryFilesystem {
        self.world.faults.borrow_mut().plans.push(Plan { call, spared, concerned, what });
        self.clone()
    }

    /// Executes abandoned calls; returns whether there was one.
    pub(super) fn finish_abandoned(&self) -> bool {
        let left = std::mem::take(&mut self.world.faults.borrow_mut().left);
        let any = !left.is_empty();
        left.into_iter().for_each(|operation| operation());
        any
    }

    /// Returns a call that executes `operation` when it takes effect.
    pub(super) fn call<T: 'static>(
        &self,
        call: Call,
        path: &str,
        operation: impl FnOnce(&MemoryFilesystem, Effect) -> T + 'static,
    ) -> InFlight<T> {
        InFlight {
            filesystem: self.clone(),
            made: Some(Made { call, path: path.to_owned() }),
            call,
            effect: Effect::Whole,
            before: 0,
            after: 0,
            hooks: Vec::new(),
            operation: Some(Box::new(operation)),
            outcome: None,
        }
    }

    /// Returns a call that either takes effect or fails.
    pub(super) fn plain_call<T: 'static>(
        &self,
        call: Call,
        path: &str,
        operation: impl FnOnce(&MemoryFilesystem) -> Result<T> + 'static,
    ) -> InFlight<Result<T>> {
        self.call(call, path, |filesystem, effect| match effect {
            Effect::Whole => operation(filesystem),
            Effect::Lost(code) => operation(filesystem).and(Err(code)),
            Effect::First(_, code) | Effect::Nothing(code) => Err(code),
        })
    }
}

/// The effect of a call on the filesystem.
type Happening<T> = Box<dyn FnOnce(&MemoryFilesystem, Effect) -> T>;

/// A running call.
pub(super) struct InFlight<T: 'static> {
    filesystem: MemoryFilesystem,
    /// The call to record; none after it was recorded.
    made: Option<Made>,
    call: Call,
    effect: Effect,
    before: usize,
    after: usize,
    hooks: Vec<Hook>,
    operation: Option<Happening<T>>,
    outcome: Option<T>,
}

impl<T> InFlight<T> {
    /// Records the call and finds the faults that hit it.
    fn begin(&mut self, made: Made) {
        let mut faults = self.filesystem.world.faults.borrow_mut();
        faults.made.push(made);
        for plan in &mut faults.plans {
            if plan.call.is_some_and(|call| call != self.call) {
                continue;
            }
            if plan.spared > 0 {
                plan.spared -= 1;
                continue;
            }
            if plan.concerned == 0 {
                continue;
            }
            if plan.concerned != usize::MAX {
                plan.concerned -= 1;
            }
            match &mut plan.what {
                What::Effect(effect) => self.effect = *effect,
                What::Delay { before, after } => (self.before, self.after) = (*before, *after),
                What::Hook(hook) => self.hooks.extend(hook.take()),
            }
        }
    }

    /// Whether the call is delayed; if so, `release` wakes `waker`.
    fn is_held(&self, waker: &Waker) -> bool {
        let mut faults = self.filesystem.world.faults.borrow_mut();
        let held = faults.held.contains(&self.call);
        if held {
            faults.waiting.push(waker.clone());
        }
        held
    }
}

// No field is pinned.
impl<T> Unpin for InFlight<T> {}

impl<T> Future for InFlight<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let call = &mut *self;
        if let Some(made) = call.made.take() {
            call.begin(made);
        }
        if call.operation.is_some() {
            if call.is_held(context.waker()) {
                return Poll::Pending;
            }
            if call.before > 0 {
                call.before -= 1;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        if let Some(operation) = call.operation.take() {
            call.hooks.drain(..).for_each(|hook| hook(&call.filesystem));
            call.outcome = Some(operation(&call.filesystem, call.effect));
        }
        if call.after > 0 {
            call.after -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(call.outcome.take().expect("a finished call is not polled again"))
    }
}

impl<T> Drop for InFlight<T> {
    fn drop(&mut self) {
        let Some(operation) = self.operation.take().filter(|_| self.made.is_none()) else {
            return;
        };
        let (filesystem, effect) = (self.filesystem.clone(), self.effect);
        let mut faults = self.filesystem.world.faults.borrow_mut();
        if faults.abandoned != Some(Abandoned::Never) {
            faults.left.push(Box::new(move || drop(operation(&filesystem, effect))));
        }
    }
}
