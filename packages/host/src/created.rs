//! The names of the entries that a run creates, so that no entry of another run is taken for its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;

/// The length of the random part of the provider's names, which is the least length of a recorded name.
const RANDOM_PART: usize = 36;

/// The names of a run's entries.
#[derive(Clone, Default)]
pub(crate) struct Created(Arc<Mutex<Names>>);

/// The number of entries with each name. Entries in different directories may have the same name.
#[derive(Default)]
pub(crate) struct Names {
    counts: HashMap<String, u32>,
    /// Whether the run has ended, so that nothing may be created any more.
    ended: bool,
}

impl Names {
    pub(crate) fn add(&mut self, path: &str) {
        if path.len() >= RANDOM_PART && !path.contains(['/', '\\']) {
            *self.counts.entry(path.to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn remove(&mut self, path: &str) {
        if let Some(count) = self.counts.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(path);
            }
        }
    }
}

impl Created {
    /// Ends the run: returns the names of its remaining entries. From here on the guest creates and
    /// removes nothing; a call of it that would do so never returns.
    pub(crate) async fn end(&self) -> HashSet<String> {
        let mut names = self.0.lock().await;
        names.ended = true;
        std::mem::take(&mut names.counts).into_keys().collect()
    }

    /// Calls `change`, and records its effect on the names if it succeeds.
    pub(crate) async fn recorded<R, E>(
        &self,
        change: impl Future<Output = Result<R, E>>,
        record: impl FnOnce(&mut Names),
    ) -> Result<R, E> {
        // Held during the change: the end of the run comes before it or after it.
        let mut names = self.0.lock().await;
        if names.ended {
            drop(names);
            return std::future::pending().await;
        }
        let changed = change.await;
        if changed.is_ok() {
            record(&mut names);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "tmp_0123456789_0123456789_0123456789";

    #[test]
    fn a_name_is_recorded_until_its_last_entry_is_removed() {
        let mut names = Names::default();
        names.add(NAME);
        names.add(NAME);

        names.remove(NAME);
        assert_eq!(names.counts[NAME], 1);
        names.remove(NAME);

        assert!(names.counts.is_empty());
    }

    #[test]
    fn paths_and_names_that_the_provider_did_not_make_are_not_recorded() {
        let mut names = Names::default();

        for name in ["short", "../tmp_0123456789_0123456789_0123456789"] {
            names.add(name);
            names.remove(name);
        }

        assert!(names.counts.is_empty());
    }
}
