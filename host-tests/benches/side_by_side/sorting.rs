//! W9: the example `sort` under the embedder, against GNU sort with the same memory.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::measure::{Contender, Measured, Outcome, Turns};
use crate::peers::{GNU_SORT, Peers, SORT};

/// Bytes of input.
const INPUT: usize = 256 << 20;

pub(crate) fn measure(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let built = Command::new(env!("CARGO"))
        .current_dir(&peers.workspace)
        .args(["build", "--quiet", "--release", "--locked", "--package", "embedder"])
        .status()?;
    if !built.success() {
        return Err("the embedder does not build".into());
    }
    let input = peers.directory.join("lines");
    write_lines(&input)?;
    let embedder = peers.workspace.join("target/release/embedder");
    let (ours, theirs) = (peers.directory.join("ours"), peers.directory.join("theirs"));
    let contenders = vec![
        Contender::new(SORT, || {
            let mut command = Command::new(&embedder);
            command.arg("--dir").arg(peers.directory);
            run(command.args(["--max-memory", "64M", "sort", "--memory", "16M"]), &input, &ours)
        }),
        Contender::new(GNU_SORT, || {
            let mut command = Command::new("sort");
            command.args(["--parallel=1", "-S", "16M", "-T"]).arg(peers.directory).env("LC_ALL", "C");
            run(&mut command, &input, &theirs)
        }),
    ];
    let measured = turns.measure(contenders, 1.0);
    if measured.len() == 2 && std::fs::read(ours)? != std::fs::read(theirs)? {
        return Err("the two sorts differ".into());
    }
    Ok(measured)
}

fn run(command: &mut Command, input: &Path, output: &Path) -> Outcome {
    let start = Instant::now();
    let command = command.stdin(File::open(input)?).stdout(File::create(output)?).stderr(Stdio::null());
    let status = command.status()?;
    let elapsed = start.elapsed();
    if status.success() { Ok(elapsed) } else { Err(format!("{status}").into()) }
}

/// Lines of 20 to 83 letters, the same each time.
fn write_lines(path: &Path) -> Outcome<()> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        // Knuth's constants. The upper half is random enough for letters.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut bytes = Vec::with_capacity(INPUT + 100);
    while bytes.len() < INPUT {
        for _ in 0..20 + next() % 64 {
            bytes.push(b'a' + (next() % 26) as u8);
        }
        bytes.push(b'\n');
    }
    Ok(std::fs::write(path, bytes)?)
}
