//! The components that the crate carries.

/// The provider for WASI 0.3: the component that exports `scratch:tempfile@0.3.0`.
pub const PROVIDER: &[u8] = include_bytes!(env!("PROVIDER"));

/// The provider for WASI 0.2: the component that exports `scratch:tempfile@0.2.0`.
pub const PROVIDER_P2: &[u8] = include_bytes!(env!("PROVIDER_P2"));

/// The component that gives a command of WASI 0.2 a private `/tmp`.
pub const PRIVATE_TMP: &[u8] = include_bytes!(env!("PRIVATE_TMP"));

/// The same for a command that sends HTTP requests. Its host has to have `wasi:http`.
pub const PRIVATE_TMP_HTTP: &[u8] = include_bytes!(env!("PRIVATE_TMP_HTTP"));
