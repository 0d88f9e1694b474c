//! The plugins: examples that the binary carries, and components from files.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The examples by name.
const EXAMPLES: [(&str, &[u8]); 2] =
    [("note", include_bytes!(env!("NOTE"))), ("sort", include_bytes!(env!("SORT")))];

/// A component to run.
pub(crate) struct Plugin {
    /// What messages call it, and what it finds as its first argument.
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
            bail!("unknown plugin {name:?}: there is no such file, and the examples are: {known}");
        }
        let bytes = fs::read(path).with_context(|| format!("{name} can't be read"))?;
        check(&bytes).with_context(|| format!("{name} is not a component"))?;
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Plugin { name, bytes: bytes.into() })
    }
}

/// Tells a component from what people take for one, by the first bytes of the file.
fn check(bytes: &[u8]) -> Result<()> {
    match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            bail!("it is a core module; build it for wasm32-wasip2, or make a component of it")
        }
        [b'(', ..] => bail!("it is text; only the binary format is read"),
        _ => bail!("it is not WebAssembly"),
    }
}
