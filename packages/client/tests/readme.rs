//! The dependencies in the README are those of the examples that it names.

use std::path::Path;

#[test]
fn the_dependencies_of_both_kinds_of_plugin_are_those_of_the_examples() {
    for (section, example) in [
        ("## A plugin with the standard library", "note"),
        ("## A plugin without the standard library", "sort"),
    ] {
        let readme = read("packages/client/README.md");
        let section = readme.split_once(section).expect("the README has the section").1;
        let block = section.split("```").nth(1).expect("the section has a block");
        let manifest = read(&format!("examples/{example}/Cargo.toml"));

        let dependencies: Vec<&str> = block.lines().filter(|line| line.contains(" = { ")).collect();

        assert!(dependencies.len() >= 3, "{block}");
        for dependency in dependencies {
            let (name, features) = dependency.split_once(" = { ").expect("it is a dependency");
            // A path depends on where the plugin is.
            let features = features.trim_start_matches(|letter| letter != ',').trim_start_matches(", ");
            let is_there = manifest
                .lines()
                .any(|line| line.starts_with(&format!("{name} = ")) && line.trim_end().ends_with(features));
            assert!(is_there, "examples/{example}/Cargo.toml has no {dependency}");
        }
    }
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
