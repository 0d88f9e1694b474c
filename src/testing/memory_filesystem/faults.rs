//! What goes wrong, and when: faults, delays, races, and calls whose caller gave up.

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
    /// `open_at` that creates nothing.
    Open,
    /// `open_at` that creates a file if there is none.
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

/// A call as it was made; the path is the one that was passed, or empty.
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

/// What a call does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    Whole,
    /// Everything, but an error is reported.
    Lost(ErrorCode),
    /// So many of the bytes written or entries listed, then an error; any other call does nothing.
    First(usize, ErrorCode),
    Nothing(ErrorCode),
}

/// What becomes of a call whose caller gave up before it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// It never happens.
    Never,
    /// It happens when the test says `settle`.
    Later,
}

/// Does something to the filesystem, behind the core's back.
type Hook = Box<dyn FnOnce(&MemoryFilesystem)>;

/// What happens to which calls.
struct Plan {
    /// None for calls of any kind.
    call: Option<Call>,
    /// How many matching calls are spared first.
    spared: usize,
    /// How many matching calls are concerned.
    concerned: usize,
    what: What,
}

enum What {
    Effect(Effect),
    Delay { before: usize, after: usize },
    Hook(Option<Hook>),
}

/// Everything that is planned and what has happened.
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

    /// Runs `hook` just before the nth call of one kind from now on takes effect.
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

    /// Holds calls of one kind up before they take effect, until `release`.
    pub(crate) fn holding(&self, call: Call) -> MemoryFilesystem {
        self.world.faults.borrow_mut().held.push(call);
        self.clone()
    }

    /// Lets the calls go on that `holding` held up.
    pub(crate) fn release(&self) {
        let waiting = {
            let mut faults = self.world.faults.borrow_mut();
            faults.held.clear();
            std::mem::take(&mut faults.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Says what becomes of calls that are dropped before they took effect; `Later` by default.
    pub(crate) fn abandoning(&self, abandoned: Abandoned) -> MemoryFilesystem {
        self.world.faults.borrow_mut().abandoned = Some(abandoned);
        self.clone()
    }

    /// The calls made so far, or since `forget_calls`.
    pub(crate) fn made(&self) -> Vec<Made> {
        self.world.faults.borrow().made.clone()
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> usize {
        self.world.faults.borrow().made.len()
    }

    /// How many calls of one kind were made.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.world.faults.borrow().made.iter().filter(|made| made.call == call).count()
    }

    /// Begins to count calls anew.
    pub(crate) fn forget_calls(&self) {
        self.world.faults.borrow_mut().made.clear();
    }

    /// Asserts that no call was made, or none since `forget_calls`.
    #[track_caller]
    pub(crate) fn assert_no_calls(&self) {
        assert_eq!(self.made(), [], "calls to the host");
    }

    fn plan(&self, call: Option<Call>, spared: usize, concerned: usize, what: What) -> MemoryFilesystem {
        self.world.faults.borrow_mut().plans.push(Plan { call, spared, concerned, what });
        self.clone()
    }

    /// Lets what was abandoned happen; tells whether there was anything.
    pub(super) fn finish_abandoned(&self) -> bool {
        let left = std::mem::take(&mut self.world.faults.borrow_mut().left);
        let any = !left.is_empty();
        left.into_iter().for_each(|operation| operation());
        any
    }

    /// A call that does `operation` when its time comes.
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

    /// A call that either happens or fails.
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

/// What a call does to the filesystem.
type Happening<T> = Box<dyn FnOnce(&MemoryFilesystem, Effect) -> T>;

/// A call under way.
pub(super) struct InFlight<T: 'static> {
    filesystem: MemoryFilesystem,
    /// None once the call was made.
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
    /// Puts down the call and looks up what shall happen to it.
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

    /// Whether the call is held up; if so, `waker` is woken at the release.
    fn is_held(&self, waker: &Waker) -> bool {
        let mut faults = self.filesystem.world.faults.borrow_mut();
        let held = faults.held.contains(&self.call);
        if held {
            faults.waiting.push(waker.clone());
        }
        held
    }
}

// Nothing in it is pinned.
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
