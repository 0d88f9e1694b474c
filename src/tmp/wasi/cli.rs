//! Standard streams, the clock and the environment.

use alloc::string::String;
use alloc::vec::Vec;

use super::Component;
use super::bindings::exports::wasi::cli::{environment, stderr, stdin, stdout};
use super::bindings::exports::wasi::clocks::monotonic_clock;
use super::bindings::exports::wasi::io::poll::Pollable;
use super::bindings::exports::wasi::io::streams::{InputStream, OutputStream};
use super::bindings::wasi as host;
use super::instance::instance;
use super::io::{input, output, pollable};

impl environment::Guest for Component {
    fn get_environment() -> Vec<(String, String)> {
        instance().settings.shown(host::cli::environment::get_environment())
    }

    fn get_arguments() -> Vec<String> {
        host::cli::environment::get_arguments()
    }

    fn initial_cwd() -> Option<String> {
        host::cli::environment::initial_cwd()
    }
}

impl stdin::Guest for Component {
    fn get_stdin() -> InputStream {
        input(host::cli::stdin::get_stdin())
    }
}

impl stdout::Guest for Component {
    fn get_stdout() -> OutputStream {
        output(host::cli::stdout::get_stdout())
    }
}

impl stderr::Guest for Component {
    fn get_stderr() -> OutputStream {
        output(host::cli::stderr::get_stderr())
    }
}

impl monotonic_clock::Guest for Component {
    fn now() -> u64 {
        host::clocks::monotonic_clock::now()
    }

    fn resolution() -> u64 {
        host::clocks::monotonic_clock::resolution()
    }

    fn subscribe_instant(when: u64) -> Pollable {
        pollable(host::clocks::monotonic_clock::subscribe_instant(when))
    }

    fn subscribe_duration(when: u64) -> Pollable {
        pollable(host::clocks::monotonic_clock::subscribe_duration(when))
    }
}
