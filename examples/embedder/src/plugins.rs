//! The plugins: examples in the binary, and components from files.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use scratch_tempfile_host::{ComposeError, Composition};

use crate::arguments::Options;

/// The examples by name.
const EXAMPLES: [(&str, &[u8]); 2] =
    [("note", include_bytes!(env!("NOTE"))), ("sort", include_bytes!(env!("SORT")))];

/// A component to run.
pub(crate) struct Plugin {
    /// The name, for messages and as the first argument.
    pub(crate) name: String,
    /// The component.
    pub(crate) bytes: Cow<'static, [u8]>,
}

impl Plugin {
    /// Finds a plugin by the name of an example or by its path.
    pub(crate) fn find(name: &str) -> Result<Plugin> {
        if let Some((name, bytes)) = EXAMPLES.into_iter().find(|(example, _)| *example == name) {
            return Ok(Plugin { name: name.to_owned(), bytes: bytes.into() });
        }
        let path = Path::new(name);
        if !path.exists() {
            let known = EXAMPLES.map(|(name, _)| name).join(", ");
            bail!("unknown plugin {name:?}: no such file; the examples are: {known}");
        }
        let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Plugin { name, bytes: bytes.into() })
    }

    /// Composes the plugin, which the command line calls `argument`, with what the options demand. A plugin
    /// without limits may bypass them.
    pub(crate) fn compose(&self, argument: &str, options: &Options) -> Result<Composition> {
        let Plugin { name, bytes } = self;
        if options.private_tmp {
            return Composition::program(bytes).with_context(|| format!("{name} gets no private /tmp"));
        }
        let compose = if options.has_limits() { Composition::plugin } else { Composition::trusted_plugin };
        compose(bytes).map_err(|error| match error {
            ComposeError::NotAComponent(reason) => anyhow!("{argument} is not a component: {reason}"),
            error => anyhow::Error::new(error).context(format!("{name} cannot be run")),
        })
    }
}
