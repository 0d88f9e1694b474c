//! A program that sends a file of `/tmp` as an HTTP request, keeps the response in `/tmp`, and compares them.
//!
//! Its arguments are the authority of a server that returns the body of each request, the length of the body,
//! and the length that a header announces, if any.

#[cfg(target_family = "wasm")]
mod fetch;

fn main() {
    #[cfg(target_family = "wasm")]
    fetch::fetch();
}
