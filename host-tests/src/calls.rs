//! Functions of the harness that call the export of the same name.
//!
//! Names are looked up and types compared at each call, so one harness serves every version of the
//! interface, `async func` or not.

/// Declares methods that call the functions of an interface, with `-` for `_` in their names.
macro_rules! functions {
    ($interface:expr; $($(#[$meta:meta])* $name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)+) => { $(
        #[doc = concat!("Calls `", stringify!($name), "`.")]
        $(#[$meta])*
        pub async fn $name(&self $(, $argument: $kind)*) -> $result {
            self.instance.call($interface, stringify!($name), ($($argument.to_owned(),)*)).await
        }
    )+ };
}

/// Declares methods that call those of a resource.
macro_rules! methods {
    ($interface:expr, $resource:literal; $($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)+) => { $(
        #[doc = concat!("Calls `", stringify!($name), "`.")]
        pub async fn $name(&self $(, $argument: $kind)*) -> $result {
            let method = concat!("[method]", $resource, ".", stringify!($name));
            self.instance.call($interface, method, (self.handle, $($argument.to_owned(),)*)).await
        }
    )+ };
}

pub(crate) use {functions, methods};

/// The interface `tempfile`, without its version.
pub(crate) const TEMPFILE: &str = "scratch:tempfile/tempfile";
/// The interface `text`.
pub(crate) const TEXT: &str = "scratch:tempfile/text";
/// The interface `lowlevel`.
pub(crate) const LOWLEVEL: &str = "scratch:tempfile/lowlevel";
/// The interface `control`.
pub(crate) const CONTROL: &str = "scratch:tempfile/control";
