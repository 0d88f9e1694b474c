//! An instance of the provider, and the functions that are no methods of a resource.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use wasmtime::component::{Component, ComponentNamedList, Lower, Resource, ResourceAny};
use wasmtime_wasi::filesystem;

use crate::calls::{CONTROL, LOWLEVEL, TEMPFILE, TEXT, functions};
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
    instance: Rc<Instance>,
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
        let instance = Rc::new(Instance::start(Host::of(mode), compiled(mode), context).await);
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

    /// The number of resources that the host holds for the instance, such as descriptors.
    pub async fn host_resources(&self) -> usize {
        self.instance.host_resources().await
    }

    /// The size of the instance's linear memory in bytes.
    pub async fn linear_memory(&self) -> usize {
        self.instance.linear_memory().await
    }

    /// Creates an unnamed file with default options.
    pub async fn create(&self) -> Result<TemporaryFile, Error> {
        self.create_with(FileOptions::new()).await
    }

    /// Creates an unnamed file.
    pub async fn create_with(&self, options: FileOptions) -> Result<TemporaryFile, Error> {
        self.file("create", (Some(options),)).await
    }

    /// Creates an unnamed file that is on disk at once.
    pub async fn create_on_disk(&self) -> Result<TemporaryFile, Error> {
        self.create_with(FileOptions::new().buffer_size(0_u64)).await
    }

    /// Creates a named file with default options.
    pub async fn create_named(&self) -> Result<TemporaryFile, Error> {
        self.create_named_with(FileOptions::new()).await
    }

    /// Creates a named file.
    pub async fn create_named_with(&self, options: FileOptions) -> Result<TemporaryFile, Error> {
        self.file("create-named", (Some(options),)).await
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
        self.file("create-spooled", (max_size.into(), Some(options))).await
    }

    async fn file<P>(&self, function: &str, arguments: P) -> Result<TemporaryFile, Error>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
    {
        let function = format!("[static]temporary-file.{function}");
        let file: Result<ResourceAny, Error> = self.instance.call(TEMPFILE, &function, arguments).await;
        Ok(TemporaryFile::new(&self.instance, file?))
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
        let function = "[static]temporary-directory.create";
        let directory: Result<_, Error> = self.instance.call(TEMPFILE, function, (Some(options),)).await;
        Ok(TemporaryDirectory::new(&self.instance, directory?))
    }

    /// Makes a text of a file, which the text then owns.
    pub async fn text_of(&self, file: TemporaryFile, options: TextOptions) -> Result<TextFile, Error> {
        let arguments = (file.give(), Some(options));
        let text: Result<_, Error> = self.instance.call(TEXT, "[static]text-file.create", arguments).await;
        Ok(TextFile::new(&self.instance, text?))
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

    /// Makes a text of an unnamed file with these bytes, positioned at their start.
    pub async fn text_of_bytes(&self, bytes: &[u8], options: TextOptions) -> Result<TextFile, Error> {
        let file = self.create().await?;
        file.write_at(bytes, 0).await?;
        self.text_of(file, options).await
    }

    functions! { TEXT;
        find_encoding(name: &str) -> Result<String, Error>;
    }

    functions! { CONTROL;
        get_limits() -> Result<Limits, Error>;
        set_limits(limits: Limits) -> Result<(), Error>;
    }

    /// Calls `control.get-usage`.
    pub async fn usage(&self) -> Result<Usage, Error> {
        self.instance.call(CONTROL, "get-usage", ()).await
    }

    /// Calls `control.sweep`.
    pub async fn sweep(&self, directory: Option<&str>, older_than: Duration) -> Result<SweepReport, Error> {
        let arguments = (directory.map(str::to_owned), older_than.as_nanos() as u64);
        self.instance.call(CONTROL, "sweep", arguments).await
    }

    /// Waits until the instance uses nothing: the removal of what was dropped may be under way.
    ///
    /// # Panics
    ///
    /// Panics if that never happens.
    pub async fn assert_nothing_used(&self) {
        until_nothing_used(async || self.usage().await.expect("the environment is valid")).await;
    }

    functions! { LOWLEVEL;
        gettempdir() -> Result<String, Error>;
        gettempdirb() -> Result<Vec<u8>, Error>;
        gettempprefix() -> String;
    }

    /// Calls `lowlevel.mkstemp`.
    pub async fn mkstemp(
        &self,
        suffix: Option<&str>,
        prefix: Option<&str>,
        directory: Option<&str>,
    ) -> Result<(Descriptor, String), Error> {
        let arguments = owned(suffix, prefix, directory);
        let made: Result<(Resource<filesystem::Descriptor>, String), Error> =
            self.instance.call(LOWLEVEL, "mkstemp", arguments).await;
        let (descriptor, path) = made?;
        Ok((Descriptor::take(&self.instance, descriptor).await, path))
    }

    /// Calls `lowlevel.mkdtemp`.
    pub async fn mkdtemp(
        &self,
        suffix: Option<&str>,
        prefix: Option<&str>,
        directory: Option<&str>,
    ) -> Result<String, Error> {
        self.instance.call(LOWLEVEL, "mkdtemp", owned(suffix, prefix, directory)).await
    }

    /// Calls `lowlevel.descriptor-of-file`.
    pub async fn descriptor_of_file(&self, file: &TemporaryFile) -> Result<Descriptor, Error> {
        self.descriptor_of("descriptor-of-file", file.handle()).await
    }

    /// Calls `lowlevel.descriptor-of-directory`.
    pub async fn descriptor_of_directory(&self, directory: &TemporaryDirectory) -> Result<Descriptor, Error> {
        self.descriptor_of("descriptor-of-directory", directory.handle()).await
    }

    async fn descriptor_of(&self, function: &str, handle: ResourceAny) -> Result<Descriptor, Error> {
        let descriptor: Result<_, Error> = self.instance.call(LOWLEVEL, function, (handle,)).await;
        Ok(Descriptor::take(&self.instance, descriptor?).await)
    }
}

type Affixes = (Option<String>, Option<String>, Option<String>);

fn owned(suffix: Option<&str>, prefix: Option<&str>, directory: Option<&str>) -> Affixes {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    (owned(suffix), owned(prefix), owned(directory))
}

/// The provider for a mode, compiled once for all tests of this process.
fn compiled(mode: Mode) -> &'static Component {
    static P3: OnceLock<Component> = OnceLock::new();
    static P2: OnceLock<Component> = OnceLock::new();
    let component = match mode {
        Mode::P3Blocking | Mode::P3 => &P3,
        Mode::P2 => &P2,
    };
    component.get_or_init(|| Host::of(mode).compile(read(mode.provider())))
}
