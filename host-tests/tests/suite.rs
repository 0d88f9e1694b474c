//! The list of tests: each behaviour once in every mode, and in a process of its own where the
//! test needs conditions that would disturb others.

use host_tests::{Conditions, Fixture, Mode, Result, Unavailable, in_mode};
use libtest_mimic::{Completion, Failed, Trial};

/// The variable that makes a failure of what would otherwise be ignored.
const REQUIRE_ALL: &str = "SCRATCH_REQUIRE_ALL";

/// Declares the tests of a module, as `add_to`, in groups:
///
/// - `every_mode { … }`: each an `async fn` that takes a [`Fixture`], run as `name::p3_blocking`,
///   `name::p3` and `name::p2`;
/// - `async_modes { … }`: the same without `p2`, whose interface has neither streams nor calls that
///   overlap or are cancelled;
/// - `every_mode(SmallDisk) { … }`: the same under [`Conditions`];
/// - `long { … }`: the same as `async_modes`, ignored unless `--ignored` is given;
/// - `once { … }`: each a `fn`.
macro_rules! tests {
    ($($kind:ident $(($conditions:ident))? { $($name:ident),+ $(,)? })+) => {
        pub(crate) fn add_to(module: &mut crate::suite::Module) { $(
            let conditions: &[host_tests::Conditions] = &[$(host_tests::Conditions::$conditions)?];
            $(module.$kind(conditions, stringify!($name), $name);)+
        )+ }
    };
}

pub(crate) use tests;

/// The tests of one module.
pub(crate) struct Module {
    name: &'static str,
    trials: Vec<Trial>,
}

impl Module {
    /// Lists the tests that `add` declares in the module `name`.
    pub(crate) fn list(name: &'static str, add: fn(&mut Module)) -> Vec<Trial> {
        let mut module = Module { name, trials: Vec::new() };
        add(&mut module);
        module.trials
    }

    pub(crate) fn every_mode<F: Fixture>(
        &mut self,
        conditions: &[Conditions],
        name: &str,
        test: impl AsyncFn(F) -> Result + Copy + Send + 'static,
    ) {
        self.async_modes(conditions, name, test);
        self.in_mode(Mode::P2, conditions, name, test);
    }

    pub(crate) fn async_modes<F: Fixture>(
        &mut self,
        conditions: &[Conditions],
        name: &str,
        test: impl AsyncFn(F) -> Result + Copy + Send + 'static,
    ) {
        self.in_mode(Mode::P3Blocking, conditions, name, test);
        self.in_mode(Mode::P3, conditions, name, test);
    }

    pub(crate) fn long<F: Fixture>(
        &mut self,
        conditions: &[Conditions],
        name: &str,
        test: impl AsyncFn(F) -> Result + Copy + Send + 'static,
    ) {
        let before = self.trials.len();
        self.async_modes(conditions, name, test);
        let long = self.trials.split_off(before);
        self.trials.extend(long.into_iter().map(|trial| trial.with_ignored_flag(true)));
    }

    pub(crate) fn once(&mut self, conditions: &[Conditions], name: &str, test: fn()) {
        self.add(conditions, name, move || {
            test();
            Ok(())
        });
    }

    fn in_mode<F: Fixture>(
        &mut self,
        mode: Mode,
        conditions: &[Conditions],
        name: &str,
        test: impl AsyncFn(F) -> Result + Send + 'static,
    ) {
        self.add(conditions, &format!("{name}::{mode}"), move || in_mode(mode, test));
    }

    fn add(&mut self, conditions: &[Conditions], name: &str, test: impl FnOnce() -> Result + Send + 'static) {
        let name = format!("{}::{name}", self.name);
        let conditions = conditions.first().copied();
        self.trials.push(Trial::ignorable_test(name.clone(), move || {
            completion(match conditions {
                Some(conditions) => conditions.run(&name, test),
                None => test(),
            })
        }));
    }
}

fn completion(outcome: Result) -> std::result::Result<Completion, Failed> {
    match outcome {
        Ok(()) => Ok(Completion::Completed),
        Err(error) if error.is::<Unavailable>() && !is_all_required() => Ok(Completion::ignored_with(error)),
        Err(error) => Err(error.into()),
    }
}

fn is_all_required() -> bool {
    std::env::var_os(REQUIRE_ALL).is_some_and(|value| value == "1")
}
