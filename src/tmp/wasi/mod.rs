//! The edge of a private tree to WASI 0.2: it stands between a program and its host.
//!
//! It exports the interfaces that it imports. Each exported resource is either one of the host or one of the
//! private tree, and no resource is passed to the host that is not its own.
//!
//! - `instance`: the tree, created at the first call
//! - `filesystem`: descriptors and preopened directories
//! - `conversions`: the types of `wasi:filesystem` as those of the tree
//! - `io`: errors, polls and streams
//! - `cli`: standard streams, the clock and the environment
//! - `http`: the client of `wasi:http`, in a build of its own
//! - `sockets`: passed through, because their streams and polls are those of `io`
//! - `control`: limits and usage, for the host

/// Methods that call those of the host with the same name; `subscribe` returns a poll of this component.
macro_rules! pass {
    (subscribe; $($others:tt)*) => {
        fn subscribe(&self) -> $crate::tmp::wasi::bindings::exports::wasi::io::poll::Pollable {
            $crate::tmp::wasi::io::pollable(self.0.subscribe())
        }

        pass! { $($others)* }
    };
    ($($method:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $method(&self, $($argument: $type),*) -> $result {
            self.0.$method($($argument),*)
        })*
    };
}

mod cli;
mod control;
mod conversions;
mod filesystem;
#[cfg(feature = "tmp-http")]
mod http;
mod instance;
mod io;
mod sockets;

pub(crate) use self::bindings::scratch::tempfile::tempfile;
pub(crate) use wasip2 as wasi;

pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]

    use super::Component;

    macro_rules! generate {
        ($world:tt) => {
            wit_bindgen::generate!({
                world: $world,
                path: ["wit/p2", "wit/tmp"],
                generate_all,
                // The records, enums and flags of an exported interface are then those of the imported one.
                merge_structurally_equal_types: true,
            });
        };
    }

    #[cfg(not(feature = "tmp-http"))]
    generate!("scratch:private-tmp/private-tmp");
    #[cfg(feature = "tmp-http")]
    generate!("scratch:private-tmp/private-tmp-with-http");

    export!(Component);
}

/// The implementation of all exports.
pub(crate) struct Component;
