//! A program with the standard library that uses `/tmp`: its first argument names what it does, the others
//! are for that. A failed assertion ends it with a message and an exit code.

mod attacks;
mod basics;
mod fill;
mod measure;
mod tempfiles;

use std::{env, io};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["files"] => basics::files(),
        ["directories"] => basics::directories(),
        ["links"] => basics::links(),
        ["times"] => basics::times(),
        ["unlinked"] => basics::unlinked(),
        ["streams"] => basics::streams(),
        ["environment"] => basics::environment(),
        ["read", path] => basics::read(path),
        ["tempfile"] => tempfiles::all_kinds(),
        ["fill", piece] => fill::bytes(number(piece)),
        ["fill-with", kind] => fill::with(kind),
        ["small-files", count] => fill::small_files(number(count)),
        ["hold", count] => fill::hold(number(count)),
        ["large", size] => return fill::large(number(size)),
        ["attack", attack] => attacks::run(attack),
        ["measure", kind, directory, count] => measure::measure(kind, directory, number(count)),
        ["trap"] => fill::trap(),
        _ => panic!("no such test: {arguments:?}"),
    }
    Ok(())
}

fn number(argument: &str) -> usize {
    argument.parse().expect("a number")
}
