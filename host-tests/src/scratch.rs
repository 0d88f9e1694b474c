//! One instance of the provider, and what a test asks of it first.

use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use wasmtime::component::Component;

use crate::bindings::{Provider, p2, p3};
use crate::calls::{ask, call};
use crate::composition::read;
use crate::control::{Limits, SweepReport, Usage, until_nothing_used};
use crate::directories::{Directories, Setup};
use crate::directory::TemporaryDirectory;
use crate::file::TemporaryFile;
use crate::fixture::Fixture;
use crate::host::Host;
use crate::instance::{Crash, Instance};
use crate::lowlevel::Descriptor;
use crate::mode::Mode;
use crate::plugin::Plugin;
use crate::text::{TextFile, TextOptions};
use crate::types::{DirectoryOptions, Error, FileOptions};

/// An instance of the provider in one mode, on directories of its own.
#[derive(Debug)]
pub struct Scratch {
    mode: Mode,
    directories: Rc<Directories>,
    instance: Rc<Instance<Provider>>,
}

impl Deref for Scratch {
    type Target = Directories;

    fn deref(&self) -> &Directories {
        &self.directories
    }
}

impl Fixture for Scratch {
    async fn start(mode: Mode, setup: Setup) -> Scratch {
        let directories = Rc::new(Directories::new(&setup));
        Scratch::on(mode, &setup, directories).await
    }

    fn directories(&self) -> &Rc<Directories> {
        &self.directories
    }

    fn crash(&self) -> Crash {
        self.instance.crash()
    }
}

impl Scratch {
    async fn on(mode: Mode, setup: &Setup, directories: Rc<Directories>) -> Scratch {
        let context = directories.context(mode, setup);
        let instantiate = async |store: &mut _, component: &_, linker: &_| match mode {
            Mode::P3Blocking | Mode::P3 => {
                p3::Provider::instantiate_async(store, component, linker).await.map(Provider::P3)
            }
            Mode::P2 => p2::Provider::instantiate_async(store, component, linker).await.map(Provider::P2),
        };
        let instance = Rc::new(Instance::start(Host::of(mode), &compiled(mode), context, instantiate).await);
        Scratch { mode, directories, instance }
    }

    /// The mode it runs in.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Starts another instance in the same mode, on directories of its own.
    pub async fn another(&self, setup: Setup) -> Scratch {
        Scratch::start(self.mode, setup).await
    }

    /// Starts another instance in the same mode on the same directories, as a second plugin would be.
    pub async fn sibling(&self, setup: &Setup) -> Scratch {
        Scratch::on(self.mode, setup, self.directories.clone()).await
    }

    /// Starts a provider by itself in the same mode and on the same directories as a composition.
    pub async fn beside(plugin: &Plugin) -> Scratch {
        Scratch::on(plugin.mode(), &Setup::default(), plugin.directories().clone()).await
    }

    /// How many descriptors and the like the host holds for the instance.
    pub async fn host_resources(&self) -> usize {
        self.instance.host_resources().await
    }

    /// How many bytes of linear memory the instance has.
    pub async fn linear_memory(&self) -> usize {
        self.instance.linear_memory().await
    }

    /// Creates an unnamed file with default options.
    pub async fn create(&self) -> Result<TemporaryFile, Error> {
        self.create_with(FileOptions::new()).await
    }

    /// Creates an unnamed file.
    pub async fn create_with(&self, options: FileOptions) -> Result<TemporaryFile, Error> {
        let file = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_create(), (Some(options.into())))?;
        Ok(TemporaryFile::new(&self.instance, file))
    }

    /// Creates a named file with default options.
    pub async fn create_named(&self) -> Result<TemporaryFile, Error> {
        self.create_named_with(FileOptions::new()).await
    }

    /// Creates a named file.
    pub async fn create_named_with(&self, options: FileOptions) -> Result<TemporaryFile, Error> {
        let file = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_create_named(),
            (Some(options.into())))?;
        Ok(TemporaryFile::new(&self.instance, file))
    }

    /// Creates a spooled file with default options.
    pub async fn create_spooled(&self, max_size: impl Into<Option<u64>>) -> Result<TemporaryFile, Error> {
        self.create_spooled_with(max_size, FileOptions::new()).await
    }

    /// Creates a spooled file.
    pub async fn create_spooled_with(
        &self,
        max_size: impl Into<Option<u64>>,
        options: FileOptions,
    ) -> Result<TemporaryFile, Error> {
        let max_size = max_size.into();
        let file = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_file().func_create_spooled(),
            (max_size, Some(options.into())))?;
        Ok(TemporaryFile::new(&self.instance, file))
    }

    /// Creates a directory with default options.
    pub async fn create_directory(&self) -> Result<TemporaryDirectory, Error> {
        self.create_directory_with(DirectoryOptions::new()).await
    }

    /// Creates a directory.
    pub async fn create_directory_with(
        &self,
        options: DirectoryOptions,
    ) -> Result<TemporaryDirectory, Error> {
        let directory = call!(self.instance,
            provider => provider.scratch_tempfile_tempfile().temporary_directory().func_create(),
            (Some(options.into())))?;
        Ok(TemporaryDirectory::new(&self.instance, directory))
    }

    /// Makes a text of a file, which it owns from then on.
    pub async fn text_of(&self, file: TemporaryFile, options: TextOptions) -> Result<TextFile, Error> {
        let file = file.give();
        let text = call!(self.instance,
            provider => provider.scratch_tempfile_text().text_file().func_create(), (file, Some(options.into())))?;
        Ok(TextFile::new(&self.instance, text))
    }

    /// Makes a text of a file of each kind: unnamed, named, in memory, and rolled over soon.
    pub async fn text_of_each_kind(&self, options: TextOptions) -> Result<[TextFile; 4], Error> {
        let text = async |file| self.text_of(file, options.clone()).await;
        Ok([
            text(self.create().await?).await?,
            text(self.create_named().await?).await?,
            text(self.create_spooled(None).await?).await?,
            text(self.create_spooled(5).await?).await?,
        ])
    }

    /// Makes a text of an unnamed file that has some bytes, at their start.
    pub async fn text_of_bytes(&self, bytes: &[u8], options: TextOptions) -> Result<TextFile, Error> {
        let file = self.create().await?;
        file.write_at(bytes, 0).await?;
        self.text_of(file, options).await
    }

    /// Calls `text.find-encoding`.
    pub async fn find_encoding(&self, name: &str) -> Result<String, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_text().func_find_encoding(), (name.to_owned()))
    }

    /// Calls `control.get-limits`.
    pub async fn limits(&self) -> Result<Limits, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_control().func_get_limits(), (), with Limits::from)
    }

    /// Calls `control.set-limits`.
    pub async fn set_limits(&self, limits: Limits) -> Result<(), Error> {
        call!(self.instance, provider => provider.scratch_tempfile_control().func_set_limits(), (limits.into()))
    }

    /// Calls `control.get-usage`.
    pub async fn usage(&self) -> Result<Usage, Error> {
        call!(self.instance,
            provider => provider.scratch_tempfile_control().func_get_usage(), (), with Usage::from)
    }

    /// Calls `control.sweep`.
    pub async fn sweep(&self, directory: Option<&str>, older_than: Duration) -> Result<SweepReport, Error> {
        let (directory, age) = (directory.map(str::to_owned), older_than.as_nanos() as u64);
        call!(self.instance,
            provider => provider.scratch_tempfile_control().func_sweep(), (directory, age), with SweepReport::from)
    }

    /// Waits until the instance uses nothing: what was dropped may be on its way out.
    ///
    /// # Panics
    ///
    /// Panics if that never happens.
    pub async fn assert_nothing_used(&self) {
        until_nothing_used(async || self.usage().await.expect("the environment makes sense")).await;
    }

    /// Calls `lowlevel.mkstemp`.
    pub async fn mkstemp(
        &self,
        suffix: Option<&str>,
        prefix: Option<&str>,
        directory: Option<&str>,
    ) -> Result<(Descriptor, String), Error> {
        let [suffix, prefix, directory] = [suffix, prefix, directory].map(|text| text.map(str::to_owned));
        let (descriptor, path) = call!(self.instance,
            provider => provider.scratch_tempfile_lowlevel().func_mkstemp(), (suffix, prefix, directory))?;
        Ok((Descriptor::take(&self.instance, descriptor).await, path))
    }

    /// Calls `lowlevel.mkdtemp`.
    pub async fn mkdtemp(
        &self,
        suffix: Option<&str>,
        prefix: Option<&str>,
        directory: Option<&str>,
    ) -> Result<String, Error> {
        let [suffix, prefix, directory] = [suffix, prefix, directory].map(|text| text.map(str::to_owned));
        call!(self.instance,
            provider => provider.scratch_tempfile_lowlevel().func_mkdtemp(), (suffix, prefix, directory))
    }

    /// Calls `lowlevel.gettempdir`.
    pub async fn gettempdir(&self) -> Result<String, Error> {
        call!(self.instance, provider => provider.scratch_tempfile_lowlevel().func_gettempdir(), ())
    }

    /// Calls `lowlevel.gettempdirb`.
    pub async fn gettempdirb(&self) -> Result<Vec<u8>, Error> {
        call!(self.instance, provider => provider.scratch_tempfile_lowlevel().func_gettempdirb(), ())
    }

    /// Calls `lowlevel.gettempprefix`.
    pub async fn gettempprefix(&self) -> String {
        ask!(self.instance, provider => provider.scratch_tempfile_lowlevel().func_gettempprefix(), ())
    }

    /// Calls `lowlevel.descriptor-of-file`.
    pub async fn descriptor_of_file(&self, file: &TemporaryFile) -> Result<Descriptor, Error> {
        let descriptor = call!(self.instance,
            provider => provider.scratch_tempfile_lowlevel().func_descriptor_of_file(), (file.handle()))?;
        Ok(Descriptor::take(&self.instance, descriptor).await)
    }

    /// Calls `lowlevel.descriptor-of-directory`.
    pub async fn descriptor_of_directory(&self, directory: &TemporaryDirectory) -> Result<Descriptor, Error> {
        let descriptor = call!(self.instance,
            provider => provider.scratch_tempfile_lowlevel().func_descriptor_of_directory(), (directory.handle()))?;
        Ok(Descriptor::take(&self.instance, descriptor).await)
    }
}

/// The provider for a mode, compiled once for all tests of this process.
fn compiled(mode: Mode) -> Component {
    static COMPONENTS: Mutex<Option<HashMap<&str, Component>>> = Mutex::new(None);
    let mut components = COMPONENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || Host::of(mode).compile(read(mode.provider()));
    components.get_or_insert_default().entry(mode.provider()).or_insert_with(compile).clone()
}
