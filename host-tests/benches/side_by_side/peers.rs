//! The contenders: their names in the report, and the programs that all workloads share.

use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;

use crate::guests::{Guests, compose};
use crate::hosted::{HostedBare, HostedP2, HostedP3};
use crate::measure::{Contender, Outcome};
use crate::native::{Native, Tokio};
use crate::python::Python;

pub(crate) const STD: &str = "tempfile + std";
pub(crate) const TOKIO: &str = "async-tempfile, tokio";
pub(crate) const CPYTHON: &str = "CPython tempfile";
pub(crate) const ANYIO: &str = "anyio";
pub(crate) const HOSTED: &str = "scratch, by the host";
pub(crate) const HOSTED_PLAIN: &str = "scratch, by the host, plain functions";
pub(crate) const HOSTED_OFF: &str = "scratch, by the host, blocking off";
pub(crate) const HOSTED_P2: &str = "scratch 0.2, by the host";
pub(crate) const LIMITED: &str = "scratch, by the host, all limits";
pub(crate) const PLUGIN: &str = "scratch, by a plugin";
pub(crate) const PLUGIN_OFF: &str = "scratch, by a plugin, blocking off";
pub(crate) const PLUGIN_STREAMS: &str = "scratch, by a plugin, streams";
pub(crate) const PLUGIN_STREAMS_OFF: &str = "scratch, by a plugin, streams, blocking off";
pub(crate) const PLUGIN_EACH: &str = "scratch, by a plugin, line by line";
pub(crate) const PLUGIN_BLOCKS: &str = "scratch, by a plugin, blocks of lines";
pub(crate) const BARE: &str = "bare guest";
pub(crate) const BARE_OFF: &str = "bare guest, blocking off";
pub(crate) const BARE_LISTS: &str = "bare guest, lists";
pub(crate) const BARE_HOSTED: &str = "bare guest, by the host";
pub(crate) const BARE_HOSTED_OFF: &str = "bare guest, by the host, blocking off";
pub(crate) const POOLED: &str = "scratch, pooled";
pub(crate) const POOLED_BARE: &str = "bare guest, pooled";
pub(crate) const SORT: &str = "examples/sort";
pub(crate) const GNU_SORT: &str = "GNU sort, one thread";

/// All contenders, started once.
pub(crate) struct Peers<'a> {
    pub(crate) runtime: &'a Runtime,
    pub(crate) directory: &'a Path,
    pub(crate) workspace: PathBuf,
    pub(crate) python: Option<Python>,
    pub(crate) native: Native,
    pub(crate) tokio: Tokio<'a>,
    pub(crate) p3: Vec<u8>,
    pub(crate) p2: Vec<u8>,
    pub(crate) bare: Vec<u8>,
    pub(crate) bare_guests: Guests<'a>,
    pub(crate) plugins: Guests<'a>,
}

impl<'a> Peers<'a> {
    pub(crate) fn start(runtime: &'a Runtime, directory: &'a Path, workspace: &Path) -> Outcome<Self> {
        let [p3, p2, bare, plugin] = [
            env!("SCRATCH_P3"),
            env!("SCRATCH_P2"),
            env!("SCRATCH_GUEST_BARE"),
            env!("SCRATCH_GUEST_COMPOSED"),
        ]
        .map(std::fs::read);
        let (p3, p2, bare) = (p3?, p2?, bare?);
        let python = Python::start(&workspace.join("target"), directory)
            .inspect_err(|error| eprintln!("without Python and anyio: {error}"));
        Ok(Peers {
            runtime,
            directory,
            workspace: workspace.to_owned(),
            python: python.ok(),
            native: Native(directory.to_owned()),
            tokio: Tokio(runtime, directory.to_owned()),
            bare_guests: Guests::new(&bare, runtime, directory)?,
            plugins: Guests::new(&compose(&p3, &plugin?)?, runtime, directory)?,
            p3,
            p2,
            bare,
        })
    }

    pub(crate) fn hosted(&self, blocking: bool, environment: &[(&str, &str)]) -> Outcome<HostedP3<'a>> {
        HostedP3::start(&self.p3, self.runtime, self.directory, blocking, environment)
    }

    pub(crate) fn hosted_p2(&self) -> Outcome<HostedP2<'a>> {
        HostedP2::start(&self.p2, self.runtime, self.directory, true, &[])
    }

    pub(crate) fn hosted_bare(&self, blocking: bool) -> Outcome<HostedBare<'a>> {
        HostedBare::start(&self.bare, self.runtime, self.directory, blocking)
    }

    /// Adds the libraries of Python, if it is installed.
    pub(crate) fn and_python<'p>(
        &'p self,
        contenders: &mut Vec<Contender<'p>>,
        workload: &'static str,
        numbers: Vec<u64>,
    ) {
        if let Some(python) = &self.python {
            for (name, library) in [(CPYTHON, "cpython"), (ANYIO, "anyio")] {
                let numbers = numbers.clone();
                contenders.push(Contender::new(name, move || python.work(library, workload, &numbers)));
            }
        }
    }
}
