//! The provider as its hosts and plugins see it: one program of all tests, because each program
//! links and starts an engine of its own.
//!
//! A test whose conditions this machine does not allow is ignored, with the reason; with
//! `SCRATCH_REQUIRE_ALL=1` in the environment it fails.

mod suite;

mod access;
mod cancellation;
mod client;
mod concurrency;
mod contract;
mod directories;
mod encodings;
mod endurance;
mod escapes;
mod exhaustion;
mod file_size_limit;
mod files;
mod full_disk;
mod hostile;
mod leftovers;
mod limits;
mod loops;
mod lost_directory;
mod lowlevel;
mod moved;
mod open_files;
mod persist;
mod plugin;
mod private_tmp;
mod private_tmp_attacks;
mod private_tmp_http;
mod processes;
mod read_only;
mod released;
mod removal;
mod removal_attacks;
mod spools;
mod streams;
mod text;
mod text_files;

use std::process::ExitCode;

use host_tests::show_notes;
use libtest_mimic::Arguments;

use crate::suite::Module;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if arguments.nocapture {
        show_notes();
    }
    let trials = [
        Module::list("access", access::add_to),
        Module::list("cancellation", cancellation::add_to),
        Module::list("client", client::add_to),
        Module::list("concurrency", concurrency::add_to),
        Module::list("contract", contract::add_to),
        Module::list("directories", directories::add_to),
        Module::list("encodings", encodings::add_to),
        Module::list("endurance", endurance::add_to),
        Module::list("escapes", escapes::add_to),
        Module::list("exhaustion", exhaustion::add_to),
        Module::list("file_size_limit", file_size_limit::add_to),
        Module::list("files", files::add_to),
        Module::list("full_disk", full_disk::add_to),
        Module::list("hostile", hostile::add_to),
        Module::list("leftovers", leftovers::add_to),
        Module::list("limits", limits::add_to),
        Module::list("loops", loops::add_to),
        Module::list("lost_directory", lost_directory::add_to),
        Module::list("lowlevel", lowlevel::add_to),
        Module::list("moved", moved::add_to),
        Module::list("open_files", open_files::add_to),
        Module::list("persist", persist::add_to),
        Module::list("plugin", plugin::add_to),
        Module::list("private_tmp", private_tmp::add_to),
        Module::list("private_tmp_attacks", private_tmp_attacks::add_to),
        Module::list("private_tmp_http", private_tmp_http::add_to),
        Module::list("processes", processes::add_to),
        Module::list("read_only", read_only::add_to),
        Module::list("released", released::add_to),
        Module::list("removal", removal::add_to),
        Module::list("removal_attacks", removal_attacks::add_to),
        Module::list("spools", spools::add_to),
        Module::list("streams", streams::add_to),
        Module::list("text", text::add_to),
        Module::list("text_files", text_files::add_to),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
