//! Plugs a private `/tmp` into a program, or checks a composition: a command line for
//! `scratch_tempfile_host::private_tmp`.

use std::env;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use scratch_tempfile_host::private_tmp::{Verdict, check, plug};
use scratch_tempfile_host::{PRIVATE_TMP, PRIVATE_TMP_HTTP};

const USAGE: &str =
    "usage: private-tmp plug PROGRAM OUTPUT | private-tmp check FILE | private-tmp component [--http] OUTPUT";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("private-tmp: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Returns 0 if the program has no filesystem of the host, and 1 if it has.
fn run() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["plug", program, output] => {
            write(output, &plug(&read(program)?).with_context(|| format!("cannot plug {program}"))?)?;
            Ok(ExitCode::SUCCESS)
        }
        ["check", file] => {
            let verdict = check(&read(file)?)?;
            println!("{file}: {verdict}");
            Ok(if verdict == Verdict::Private { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        ["component", output] => {
            write(output, PRIVATE_TMP)?;
            Ok(ExitCode::SUCCESS)
        }
        ["component", "--http", output] => {
            write(output, PRIVATE_TMP_HTTP)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("{USAGE}"),
    }
}

fn read(path: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {path}"))
}

fn write(path: &str, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {path}"))
}
