//! The plugins: examples in the binary, and components from files.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

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
    /// Finds a plugin by the name of an example or by its path. A core module becomes a component only with
    /// a private `/tmp`.
    pub(crate) fn find(name: &str, private_tmp: bool) -> Result<Plugin> {
        if let Some((name, bytes)) = EXAMPLES.into_iter().find(|(example, _)| *example == name) {
            return Ok(Plugin { name: name.to_owned(), bytes: bytes.into() });
        }
        let path = Path::new(name);
        if !path.exists() {
            let known = EXAMPLES.map(|(name, _)| name).join(", ");
            bail!("unknown plugin {name:?}: no such file; the examples are: {known}");
        }
        let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
        if !private_tmp {
            check(&bytes).with_context(|| format!("{name} is not a component"))?;
        }
        let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Plugin { name, bytes: bytes.into() })
    }
}

/// Checks by the first bytes of a file that it is a component and not something similar.
fn check(bytes: &[u8]) -> Result<()> {
    match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Ok(()),
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            bail!("it is a core module; build it for wasm32-wasip2, or convert it to a component")
        }
        [b'(', ..] => bail!("it is in the text format; only the binary format is supported"),
        _ => bail!("it is not WebAssembly"),
    }
}
