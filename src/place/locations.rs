//! The directories of entries, the default one included: paths of the guest, resolved below the
//! preopened directories.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::{OnceCell, RefCell};
use core::fmt::Write;

use crate::error::{Error, ErrorCode, Quoted, Result};
use crate::filesystem::{Filesystem, OpenHow};
use crate::limits::budget::Budget;
use crate::limits::settings::DIRECTORY;
use crate::place::name::{Affixes, Mark};
use crate::place::path::names;
use crate::task::background::{Background, Removal, is_gone};
use crate::task::run_to_end::run_to_end;
use crate::task::turns::Turns;

/// The variables that name a directory for temporary files, in Python's order.
const VARIABLES: [&str; 3] = ["TMPDIR", "TEMP", "TMP"];

/// The directories to try if no variable names a usable one.
const CUSTOMARY: [&str; 3] = ["/tmp", "/var/tmp", "/usr/tmp"];

/// An open directory and the path by which the guest knows it.
pub(crate) struct Location<F: Filesystem> {
    pub(crate) directory: Rc<F::Descriptor>,
    pub(crate) path: Rc<str>,
    /// Whether no caller named it, so another can take its place.
    pub(crate) is_default: bool,
}

impl<F: Filesystem> Clone for Location<F> {
    fn clone(&self) -> Location<F> {
        Location { directory: self.directory.clone(), path: self.path.clone(), is_default: self.is_default }
    }
}

impl<F: Filesystem> Location<F> {
    /// Returns the path of an entry of this directory.
    pub(crate) fn join(&self, name: &str) -> Rc<str> {
        let separator = if self.path.ends_with('/') { "" } else { "/" };
        format!("{}{separator}{name}", self.path).into()
    }
}

/// Whether an error of a creation says that the directory itself is gone.
pub(crate) fn is_directory_gone(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoEntry | ErrorCode::NotDirectory)
}

/// The directories of one instance.
pub(crate) struct Locations<F: Filesystem> {
    preopens: OnceCell<Vec<Location<F>>>,
    found: RefCell<Option<Location<F>>>,
    /// The name of the file with which directories are tried out.
    probe: OnceCell<String>,
    /// One search at a time, so that calls at the start try out and open each directory once.
    searching: Rc<Turns<()>>,
}

impl<F: Filesystem> Default for Locations<F> {
    fn default() -> Locations<F> {
        Locations {
            preopens: OnceCell::new(),
            found: RefCell::new(None),
            probe: OnceCell::new(),
            searching: Turns::new(()),
        }
    }
}

impl<F: Filesystem> Locations<F> {
    /// Opens a directory that a caller names.
    pub(crate) async fn named(&self, filesystem: &F, path: &str) -> Result<Location<F>> {
        self.open(filesystem, "directory", path).await
    }

    /// Whether the default directory was found.
    pub(crate) fn has_default(&self) -> bool {
        self.found.borrow().is_some()
    }

    /// Forgets the default directory, unless another has taken its place already.
    pub(crate) fn forget(&self, gone: &Location<F>) {
        let mut found = self.found.borrow_mut();
        if found.as_ref().is_some_and(|found| Rc::ptr_eq(&found.directory, &gone.directory)) {
            *found = None;
        }
    }

    /// Opens the parent directory of `path`, and returns it with the last name.
    pub(crate) async fn parent<'a>(&self, filesystem: &F, path: &'a str) -> Result<(Location<F>, &'a str)> {
        let trimmed = path.trim_end_matches('/');
        let (parent, name) = match trimmed.rsplit_once('/') {
            Some(("", name)) => ("/", name),
            Some(parts) => parts,
            None => (".", trimmed),
        };
        if path.ends_with('/') || matches!(name, "" | "." | "..") {
            return Err(Error::invalid("path", &Quoted(path), "does not end in a file name"));
        }
        check_argument("path", path)?;
        match self.open(filesystem, "path", parent).await {
            Ok(location) => Ok((location, name)),
            Err(error) => Err(Error::new(error.code, format!("path {}: {}", Quoted(path), error.message))),
        }
    }

    /// The default directory: the configured one, else the first candidate in which a file can be
    /// created and removed.
    pub(crate) async fn default_location(
        &self,
        background: &Background<F>,
        budget: &Budget,
        configured: Option<&str>,
    ) -> Result<Location<F>> {
        if let Some(found) = self.found() {
            return Ok(found);
        }
        let _turn = self.searching.next().await;
        if let Some(found) = self.found() {
            return Ok(found);
        }
        let found = match configured {
            Some(path) => self.try_out(background, budget, path).await.map_err(|error| {
                let message = format!("environment variable {DIRECTORY}: {}", error.message);
                Error::new(budget.reported(error.code), message)
            })?,
            None => self.first_usable(background, budget).await?,
        };
        let found = Location { is_default: true, ..found };
        *self.found.borrow_mut() = Some(found.clone());
        Ok(found)
    }

    fn found(&self) -> Option<Location<F>> {
        self.found.borrow().clone()
    }

    async fn first_usable(&self, background: &Background<F>, budget: &Budget) -> Result<Location<F>> {
        let filesystem = background.filesystem();
        let mut tried = String::new();
        let mut shortage = None;
        for (origin, path) in self.candidates(filesystem) {
            match self.try_out(background, budget, &path).await {
                Ok(location) => return Ok(location),
                Err(error) => {
                    let comma = if tried.is_empty() { "" } else { ", " };
                    let _ = write!(tried, "{comma}{origin}{} ({})", Quoted(&path), error.code);
                    if is_shortage(error.code) {
                        shortage.get_or_insert(error.code);
                    }
                }
            }
        }
        let hint = if self.preopens(filesystem).is_empty() { "; no directory is preopened" } else { "" };
        // A full directory would be usable once there is space, which the caller can bring about.
        let code = shortage.map_or(ErrorCode::NoEntry, |code| budget.reported(code));
        Err(Error::new(code, format!("no usable directory for temporary files; tried: {tried}{hint}")))
    }

    fn candidates(&self, filesystem: &F) -> Vec<(String, String)> {
        let environment = filesystem.environment();
        let mut candidates = Vec::new();
        for variable in VARIABLES {
            let set = environment.iter().find(|(name, path)| name == variable && !path.is_empty());
            if let Some((_, path)) = set {
                candidates.push((format!("{variable}="), path.clone()));
            }
        }
        for path in CUSTOMARY {
            candidates.push((String::new(), path.into()));
        }
        if let Some(preopen) = self.preopens(filesystem).first() {
            candidates.push((String::new(), preopen.path.to_string()));
        }
        candidates
    }

    async fn try_out(&self, background: &Background<F>, budget: &Budget, path: &str) -> Result<Location<F>> {
        let filesystem = background.filesystem().clone();
        let location = self.open(&filesystem, "directory", path).await?;
        let new_name = || Affixes::default().name(filesystem.random(), Mark::Ours);
        let name = self.probe.get_or_init(new_name).clone();
        let (later, directory) = (background.clone(), location.directory.clone());
        let outcome = run_to_end(background, async move {
            let made = filesystem.open_at(&directory, &name, OpenHow::NEW).await.map(drop);
            // A trial file that could not be removed is used again. New ones would pile up.
            let is_old = made == Err(ErrorCode::Exist);
            if made.is_err_and(|code| !is_old && !code.is_uncertain()) {
                return made;
            }
            let removed = filesystem.unlink_file_at(&directory, &name).await;
            let made = if is_old { Ok(()) } else { made };
            if is_gone(removed) {
                return made;
            }
            if !is_old {
                later.remove_later(Removal::of_name(filesystem, directory, name, Box::new(())));
            }
            made.and(removed)
        });
        match outcome.await {
            Ok(()) => Ok(location),
            Err(code) => Err(Error::host(format_args!("directory {}", Quoted(path)), budget.shown(code))),
        }
    }

    /// Opens a directory at a path of the guest. Links are followed within the preopened directory.
    async fn open(&self, filesystem: &F, argument: &str, path: &str) -> Result<Location<F>> {
        check_argument(argument, path)?;
        let Some((preopen, rest)) = self.below(filesystem, path) else {
            return Err(self.not_preopened(filesystem, argument, path));
        };
        let directory = if rest.is_empty() {
            preopen.directory.clone()
        } else {
            let how = OpenHow { follow: true, ..OpenHow::DIRECTORY };
            let opened = filesystem.open_at(&preopen.directory, &rest, how).await;
            Rc::new(opened.map_err(|code| Error::host(format_args!("{argument} {}", Quoted(path)), code))?)
        };
        let shown = path.trim_end_matches('/');
        let path = if shown.is_empty() { "/" } else { shown }.into();
        Ok(Location { directory, path, is_default: false })
    }

    /// Returns the preopened directory with the longest prefix of `path`, and the rest of the path.
    fn below(&self, filesystem: &F, path: &str) -> Option<(&Location<F>, String)> {
        // `/` and `.` at the beginning mean the same, as in wasi-libc.
        let wanted: Vec<&str> = names(path).collect();
        let depth = |preopen: &Location<F>| {
            let known: Vec<&str> = names(&preopen.path).collect();
            wanted.starts_with(&known).then_some(known.len())
        };
        let deepest = self.preopens(filesystem).iter().filter_map(|preopen| Some((depth(preopen)?, preopen)));
        let (depth, preopen) = deepest.max_by_key(|(depth, _)| *depth)?;
        Some((preopen, wanted[depth..].join("/")))
    }

    fn not_preopened(&self, filesystem: &F, argument: &str, path: &str) -> Error {
        let mut message = format!("{argument} {}: not below a preopened directory", Quoted(path));
        for (index, preopen) in self.preopens(filesystem).iter().enumerate() {
            let _ = write!(
                message,
                "{}{}",
                if index == 0 { "; those are " } else { ", " },
                Quoted(&preopen.path)
            );
        }
        Error::new(ErrorCode::NoEntry, message)
    }

    fn preopens(&self, filesystem: &F) -> &[Location<F>] {
        self.preopens.get_or_init(|| {
            let preopens = filesystem.preopens().into_iter();
            preopens
                .map(|(directory, path)| {
                    let directory = Rc::new(directory);
                    Location { directory, path: path.into(), is_default: false }
                })
                .collect()
        })
    }
}

/// Whether an error reports that a resource of the filesystem is exhausted.
fn is_shortage(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::InsufficientSpace | ErrorCode::Quota(_) | ErrorCode::InsufficientMemory)
}

fn check_argument(argument: &str, path: &str) -> Result<()> {
    let fault = if path.is_empty() {
        "must not be empty"
    } else if path.contains('\0') {
        "a NUL is not allowed"
    } else {
        return Ok(());
    };
    Err(Error::invalid(argument, &Quoted(path), fault))
}
