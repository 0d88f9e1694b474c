//! A program with a private `/tmp`, and the checks of compositions and programs, on the smallest components that
//! show each verdict.

mod running;

use host_guests::RUST_PROGRAM;
use scratch_tempfile_host::private_tmp::{Verdict, check, plug};
use scratch_tempfile_host::{ComposeError, Composition, PRIVATE_TMP};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

use crate::running::{command, host, names, up_to};

/// A core module that is a command of WASI 0.1, and imports a call of its filesystem.
const MODULE: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")))"#;

fn module() -> Vec<u8> {
    wat::parse_str(MODULE).unwrap()
}

/// A component that imports the interfaces of these names, and nothing of them.
fn importing(imports: &[&str]) -> Vec<u8> {
    let imports = imports.iter().map(|name| format!(r#"(import "{name}" (instance))"#)).collect::<String>();
    wat::parse_str(format!("(component {imports})")).unwrap()
}

/// The names of the interfaces that a component imports from its host.
fn imports(component: &[u8]) -> Vec<String> {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("component", None, component.to_vec(), graph.types_mut()).unwrap();
    graph.types()[package.ty()].imports.keys().cloned().collect()
}

/// The component and a program side by side, with the program's filesystem from the host.
fn beside_each_other(program: &[u8]) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    for (name, bytes) in [("private-tmp", PRIVATE_TMP), ("program", program)] {
        let package = Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut()).unwrap();
        let package = graph.register_package(package).unwrap();
        graph.instantiate(package);
    }
    graph.encode(EncodeOptions::default()).unwrap()
}

#[test]
fn a_plugged_program_is_private() {
    let for_host = Composition::program(&module()).unwrap();

    for plugged in [&plug(&module()).unwrap(), for_host.bytes()] {
        assert_eq!(check(plugged).unwrap(), Verdict::Private);
    }
}

#[test]
fn a_program_that_keeps_the_filesystem_of_the_host_is_found() {
    let composition = beside_each_other(&importing(&["wasi:filesystem/preopens@0.2.6"]));

    assert_eq!(check(&composition).unwrap(), Verdict::Reaches("wasi:filesystem/preopens@0.2.6".into()));
}

#[test]
fn a_program_that_is_not_composed_yet_is_found() {
    assert_eq!(check(&module()).unwrap(), Verdict::NotComposed);
}

#[test]
fn a_program_that_sends_http_requests_gets_the_component_with_them() {
    let program = importing(&["wasi:filesystem/types@0.2.6", "wasi:http/outgoing-handler@0.2.6"]);

    let plugged = [plug(&program).unwrap(), plug(&module()).unwrap()];

    assert!(plugged.iter().all(|plugged| check(plugged).unwrap() == Verdict::Private));
    let have_http = plugged.map(|plugged| imports(&plugged).iter().any(|import| import.contains(":http/")));
    assert_eq!(have_http, [true, false]);
}

#[test]
fn a_program_that_gets_http_requests_from_the_host_cannot_be_composed() {
    const SERVER: &str = r#"(component
        (import "wasi:filesystem/types@0.2.6" (instance $types))
        (export "wasi:http/incoming-handler@0.2.6" (instance $types)))"#;

    let verdict = check(&wat::parse_str(SERVER).unwrap()).unwrap();

    let export = "wasi:http/incoming-handler@0.2.6".to_owned();
    assert_eq!(verdict, Verdict::NotComposable(ComposeError::Server(export)));
}

#[test]
fn the_import_that_keeps_a_program_from_being_composed_is_named() {
    for (imports, named) in [
        (&["wasi:filesystem/types@0.2.6", "wasi:http/types@0.3.0"][..], "imports wasi:http/types@0.3.0: "),
        (&["wasi:filesystem/types@0.3.0"], "serves WASI 0.2 only"),
        (&["wasi:cli/stdin@0.2.6"], "needs no private /tmp"),
    ] {
        let verdict = check(&importing(imports)).unwrap();

        let Verdict::NotComposable(why) = verdict else { panic!("{verdict:?}") };
        let why = why.to_string();
        assert!(why.contains(named), "{why}");
    }
    assert!(matches!(check(b"no WebAssembly").unwrap(), Verdict::NotComposable(_)));
}

#[tokio::test]
async fn a_program_gets_a_private_tmp_with_limits_and_its_usage_is_known() {
    let (parent, host) = host();
    let program = host.program(RUST_PROGRAM).unwrap();
    let (mut wasi, output) = command(&["program", "3000000"]);

    let fits = program.run(&mut wasi, &up_to(3_000_000)).await.unwrap();
    let refused = program.run(&mut command(&["program", "3000000"]).0, &up_to(2_999_999)).await.unwrap();

    assert_eq!(output.contents(), "wrote and read 3000000 bytes in /tmp\n");
    assert_eq!(fits.end.unwrap().status(), 0);
    assert_eq!(fits.usage.unwrap().bytes_on_disk.peak, 3_000_000);
    assert_eq!(refused.end.unwrap().status(), 1);
    assert!(names(parent.path()).is_empty());
}
