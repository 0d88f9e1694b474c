//! A private `/tmp`: the test program, which uses the standard library and the crate `tempfile`, on it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use host_tests::{Ended, Program};

use crate::private_tmp_attacks::filled;
use crate::suite::tests;

tests! {
    once {
        the_standard_library_works_as_documented,
        the_crate_tempfile_works_as_it_is,
        everything_works_in_memory_alone,
        standard_streams_pass_through,
        the_program_sees_its_own_environment_and_no_directory_of_ours,
        other_directories_pass_through_unless_the_program_is_confined,
        another_place_can_be_named,
        an_invalid_variable_ends_the_program_with_a_message,
        bytes_are_granted_to_the_last_one,
        the_bytes_of_one_file_are_limited,
        ten_thousand_small_files_take_no_descriptor_of_the_host,
        nothing_is_left_after_a_trap,
        nothing_is_left_when_the_host_is_killed,
        a_read_only_directory_of_the_host_is_an_error_of_large_files_only,
    }
}

/// The error of WASI's C library for a failed write.
const EIO: i32 = 29;

#[track_caller]
fn assert_succeeds(program: Program) -> Ended {
    let ended = program.run();
    ended.succeeded();
    ended
}

const BASICS: [&str; 6] = ["files", "directories", "links", "times", "unlinked", "tempfile"];

fn the_standard_library_works_as_documented() {
    for test in &BASICS[..5] {
        assert_succeeds(Program::new(test)).assert_nothing_left();
    }
}

fn the_crate_tempfile_works_as_it_is() {
    assert_succeeds(Program::new("tempfile")).assert_nothing_left();
}

fn everything_works_in_memory_alone() {
    // The crate's test has a file of 4 GiB.
    for test in &BASICS[..5] {
        assert_succeeds(Program::in_memory(test));
    }
}

fn standard_streams_pass_through() {
    let input: Vec<u8> = (0..3_000_000_u32).map(|number| (number / 7) as u8).collect();

    let ended = Program::new("streams").input(&input).run();

    assert_eq!((ended.code, &*ended.errors), (Some(0), "done"));
    assert!(ended.output == input, "{} bytes came back", ended.output.len());
    ended.assert_nothing_left();
}

fn the_program_sees_its_own_environment_and_no_directory_of_ours() {
    let spill = tempfile::tempdir().unwrap();
    let program = Program::in_memory("environment").preopen(spill.path(), "/spill");
    let variables = [("SCRATCH_DIRECTORY", "/spill"), ("SCRATCH_MAX_BYTES", "1M"), ("HOME", "/home")];
    let program = variables.iter().fold(program, |program, (name, value)| program.variable(name, value));

    let ended = assert_succeeds(program);

    assert_eq!(ended.succeeded(), "HOME=/home\nTMPDIR=/tmp\n/tmp: \n");
}

fn other_directories_pass_through_unless_the_program_is_confined() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("file"), "of the host").unwrap();
    let program = |arguments| Program::new(arguments).preopen(data.path(), "/data");

    let passed = assert_succeeds(program("read /data/file"));
    let confined = program("read /data/file").variable("SCRATCH_CONFINED", "1").run();

    assert_eq!(passed.succeeded(), "of the host\n");
    assert_eq!(fs::read_to_string(data.path().join("file.out")).unwrap(), "written by the program");
    assert_ne!(confined.code, Some(0));
    assert!(!confined.errors.contains("of the host"));
}

fn another_place_can_be_named() {
    let host = tempfile::tempdir().unwrap();
    fs::write(host.path().join("secret"), "of the host").unwrap();
    let program = Program::in_memory("environment").preopen(host.path(), "/work");

    let ended = assert_succeeds(program.variable("SCRATCH_TMP", "/work"));

    assert_eq!(ended.succeeded(), "TMPDIR=/work\n/work: \n");
}

fn an_invalid_variable_ends_the_program_with_a_message() {
    let ended = Program::new("files").variable("SCRATCH_MAX_BYTES", "64MB").run();

    assert_eq!(ended.code, None, "it traps");
    assert!(
        ended.errors.starts_with("private /tmp: environment variable SCRATCH_MAX_BYTES"),
        "{}",
        ended.errors
    );
}

fn bytes_are_granted_to_the_last_one() {
    for limit in [1, 1000, 65_536, 2_000_003] {
        for piece in [1000, 65_536] {
            let program = Program::new(&format!("fill {piece}"));
            let (length, error, ended) = filled(program.variable("SCRATCH_MAX_BYTES", &limit.to_string()));

            assert_eq!((length, error), (limit, Some(EIO)));
            assert_eq!(ended.usage().bytes_on_disk.peak, limit);
            ended.assert_nothing_left();
        }
    }
}

fn the_bytes_of_one_file_are_limited() {
    let program = Program::new("fill 1000").variable("SCRATCH_MAX_FILE_BYTES", "5555");

    let (length, error, _) = filled(program);

    assert_eq!((length, error), (5555, Some(EIO)));
    assert_succeeds(Program::new("large 5555").variable("SCRATCH_MAX_BYTES", "5555"));
    let refused = Program::new("large 5555").variable("SCRATCH_MAX_BYTES", "5554").run();
    assert_eq!(refused.code, Some(1), "{}", refused.errors);
}

fn ten_thousand_small_files_take_no_descriptor_of_the_host() {
    // The host's directory would refuse every file.
    let directory = tempfile::tempdir().unwrap();
    let program = Program::in_memory("small-files 10000").preopen_read_only(directory.path(), "/tmp");

    let ended = assert_succeeds(program);

    assert_eq!(ended.usage().entries.now, 10_000);
}

fn nothing_is_left_after_a_trap() {
    let ended = Program::new("trap").run();

    assert_eq!(ended.code, None, "it traps");
    ended.assert_nothing_left();
}

fn nothing_is_left_when_the_host_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut host = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg("hold")
        .arg(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "holding\n");

    host.kill().unwrap();
    host.wait().unwrap();

    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

fn a_read_only_directory_of_the_host_is_an_error_of_large_files_only() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments| Program::in_memory(arguments).preopen_read_only(directory.path(), "/tmp").run();

    run("large 1000000").succeeded();
    let refused = run("large 3000000");

    assert_eq!(refused.code, Some(1), "an error, no trap: {}", refused.errors);
}
