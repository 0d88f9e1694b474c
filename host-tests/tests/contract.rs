//! The contract of the components: imports, exports, size, and the places of unsafe code.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use host_tests::{
    Mode, composition, note, plugin_component, private_tmp_component, private_tmp_http_component,
};
use wasmparser::{Parser, Payload};
use wit_component::{DecodedWasm, WitPrinter, decode};
use wit_parser::{
    Function, FunctionKind, PackageId, Resolve, Type, TypeDefKind, WorldId, WorldItem, WorldKey,
};

use crate::suite::tests;

tests! {
    once {
        the_provider_imports_exactly_what_it_needs,
        the_provider_for_0_2_imports_exactly_what_it_needs,
        the_provider_exports_exactly_its_world,
        the_components_for_a_private_tmp_export_what_they_import,
        no_component_grows_by_more_than_a_tenth,
        the_wit_for_0_2_is_that_for_0_3_without_async,
        a_consumer_needs_no_filesystem,
        a_composition_asks_its_host_for_nothing_but_wasi,
        only_the_edges_and_the_runtime_are_unsafe,
        every_file_of_tests_is_in_this_program,
    }
}

/// The sections that stripping removes: who built the component, and names for people.
const STRIPPED: [&str; 2] = ["component-name", "producers"];

fn provider(mode: Mode) -> Vec<u8> {
    fs::read(mode.provider()).expect("the build script has built it")
}

/// The world of a component.
fn world(component: &[u8]) -> (Resolve, WorldId) {
    match decode(component).expect("a component") {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => panic!("a package is no component"),
    }
}

/// The package in a directory.
fn package(directory: &str) -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(Path::new(directory)).expect("the WIT is well-formed");
    (resolve, package)
}

/// The world `provider` of the package in a directory.
fn written(directory: &str) -> (Resolve, WorldId) {
    let (resolve, package) = package(directory);
    let world = resolve.select_world(&[package], Some("provider")).expect("the world is there");
    (resolve, world)
}

fn imports((resolve, world): &(Resolve, WorldId)) -> BTreeSet<String> {
    resolve.worlds[*world].imports.keys().map(|key| resolve.name_world_key(key)).collect()
}

/// The interfaces that a world exports as WIT without its comments, by name.
fn exports((resolve, world): &(Resolve, WorldId)) -> BTreeMap<String, String> {
    let text = |(key, item): (&WorldKey, &WorldItem)| {
        let WorldItem::Interface { id, .. } = item else { panic!("{key:?} is not an interface") };
        let mut printer = WitPrinter::default();
        printer.emit_docs(false);
        printer.print_interface(resolve, *id).expect("the interface can be printed");
        (resolve.name_world_key(key), String::from(printer.output))
    };
    resolve.worlds[*world].exports.iter().map(text).collect()
}

/// How many bytes of a component stripping leaves.
fn stripped_size(component: &[u8]) -> usize {
    let stripped = |payload: Payload<'_>| match payload {
        Payload::CustomSection(section) if STRIPPED.contains(&section.name()) => {
            section.name().len() + section.data().len()
        }
        _ => 0,
    };
    let payloads = Parser::new(0).parse_all(component).map(|payload| payload.expect("a component"));
    component.len() - payloads.map(stripped).sum::<usize>()
}

fn the_provider_imports_exactly_what_it_needs() {
    let imports = imports(&world(&provider(Mode::P3)));

    let expected = [
        "wasi:cli/environment@0.3.2",
        "wasi:clocks/system-clock@0.3.2",
        "wasi:filesystem/preopens@0.3.2",
        "wasi:filesystem/types@0.3.2",
        "wasi:random/random@0.3.2",
    ];
    assert_eq!(imports, expected.map(str::to_owned).into());
}

/// The clock is what the filesystem takes its type for times from.
fn the_provider_for_0_2_imports_exactly_what_it_needs() {
    let imports = imports(&world(&provider(Mode::P2)));

    let expected = [
        "wasi:cli/environment@0.2.12",
        "wasi:clocks/wall-clock@0.2.12",
        "wasi:filesystem/preopens@0.2.12",
        "wasi:filesystem/types@0.2.12",
        "wasi:random/random@0.2.12",
    ];
    assert_eq!(imports, expected.map(str::to_owned).into());
}

fn the_provider_exports_exactly_its_world() {
    for (mode, wit) in [(Mode::P3, "../wit"), (Mode::P2, "../wit/p2")] {
        let (component, written) = (exports(&world(&provider(mode))), exports(&written(wit)));

        assert_eq!(component.keys().collect::<Vec<_>>(), written.keys().collect::<Vec<_>>());
        for (name, text) in written {
            assert_eq!(component[&name], text, "{name}");
            assert!(text.contains("func("), "{name}: {text}");
        }
    }
}

/// A program finds each resource of WASI 0.2 that it uses in this component. It gets no interface of ours, and
/// `control` takes the types of its errors from `tempfile`.
fn the_components_for_a_private_tmp_export_what_they_import() {
    for component in [private_tmp_component(), private_tmp_http_component()] {
        exports_what_it_imports(&world(&component));
    }
}

fn exports_what_it_imports(world: &(Resolve, WorldId)) {
    let (imports, exports): (_, BTreeSet<String>) = (imports(world), exports(world).into_keys().collect());

    let names = |interfaces: &[&str]| interfaces.iter().map(|name| (*name).to_owned()).collect();
    let only_imported: BTreeSet<String> = names(&[
        "scratch:tempfile/tempfile@0.2.0",
        "wasi:clocks/wall-clock@0.2.12",
        "wasi:random/random@0.2.12",
        "wasi:sockets/network@0.2.12",
    ]);
    assert_eq!(imports.difference(&exports).cloned().collect::<BTreeSet<_>>(), only_imported);
    let only_exported: BTreeSet<String> = names(&["scratch:tempfile/control@0.2.0"]);
    assert_eq!(exports.difference(&imports).cloned().collect::<BTreeSet<_>>(), only_exported);
}

/// The sizes that were recorded, in bytes, by the names of components.
const SIZES: &str = "tests/component_sizes.txt";

/// The variable that makes the test record the sizes of today.
const RECORD: &str = "SCRATCH_RECORD_SIZES";

/// Sizes are no goal: growth is to be noticed, not forbidden.
fn no_component_grows_by_more_than_a_tenth() {
    let components = [
        ("0.3", provider(Mode::P3)),
        ("0.2", provider(Mode::P2)),
        ("tmp", private_tmp_component()),
        ("tmp-http", private_tmp_http_component()),
    ];
    let sizes = components.map(|(version, component)| (version, stripped_size(&component)));
    if env::var_os(RECORD).is_some() {
        let lines = sizes.map(|(version, size)| format!("{version} {size}\n"));
        fs::write(SIZES, lines.concat()).expect("the file can be written");
    }

    let recorded = fs::read_to_string(SIZES).expect("the file exists");
    for (version, size) in sizes {
        let figure = |line: &str| line.strip_prefix(version)?.strip_prefix(' ')?.parse::<usize>().ok();
        let before = recorded.lines().find_map(figure).expect("each component has a size");
        note!("{version}: {size} bytes, recorded {before}");
        assert!(
            size * 10 <= before * 11,
            "the component for {version} has grown from {before} to {size} bytes; \
             to record the new size: {RECORD}=1 cargo test -p host-tests no_component_grows"
        );
    }
}

/// The versions in the package for WASI 0.3, and those in its twin for 0.2.
const VERSIONS: [(&str, &str); 2] =
    [("package scratch:tempfile@0.3.0", "package scratch:tempfile@0.2.0"), ("@0.3.2", "@0.2.12")];

/// Removes `async` and the functions with streams from a package, and returns the names of these functions.
fn make_synchronous(resolve: &mut Resolve, package: PackageId) -> Vec<String> {
    let mut removed = Vec::new();
    let interfaces: Vec<_> = resolve.packages[package].interfaces.values().copied().collect();
    for interface in interfaces {
        for (name, mut function) in std::mem::take(&mut resolve.interfaces[interface].functions) {
            if has_a_stream(resolve, &function) {
                removed.push(name);
            } else {
                function.kind = synchronous(function.kind);
                resolve.interfaces[interface].functions.insert(name, function);
            }
        }
    }
    removed
}

fn synchronous(kind: FunctionKind) -> FunctionKind {
    match kind {
        FunctionKind::AsyncFreestanding => FunctionKind::Freestanding,
        FunctionKind::AsyncMethod(resource) => FunctionKind::Method(resource),
        FunctionKind::AsyncStatic(resource) => FunctionKind::Static(resource),
        plain => plain,
    }
}

/// Whether a function takes or returns a stream or a future.
fn has_a_stream(resolve: &Resolve, function: &Function) -> bool {
    function.params.iter().map(|param| param.ty).chain(function.result).any(|ty| is_a_stream(resolve, ty))
}

fn is_a_stream(resolve: &Resolve, ty: Type) -> bool {
    let Type::Id(id) = ty else { return false };
    match &resolve.types[id].kind {
        TypeDefKind::Stream(_) | TypeDefKind::Future(_) => true,
        TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| is_a_stream(resolve, *ty)),
        _ => false,
    }
}

/// The lines of a package, comments and all, but not what its worlds import of WASI: that is for
/// each edge to choose.
fn lines(resolve: &Resolve, package: PackageId) -> Vec<String> {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).expect("the package can be printed");
    let text = String::from(printer.output);
    text.lines().filter(|line| !line.trim().starts_with("import wasi:")).map(str::to_owned).collect()
}

fn the_wit_for_0_2_is_that_for_0_3_without_async() {
    let (mut resolve, p3) = package("../wit");
    let removed = make_synchronous(&mut resolve, p3);
    let derived: Vec<String> = lines(&resolve, p3)
        .into_iter()
        .map(|line| VERSIONS.iter().fold(line, |line, (p3, p2)| line.replace(p3, p2)))
        .collect();

    let (resolve, p2) = package("../wit/p2");
    let written = lines(&resolve, p2);

    for (derived, written) in derived.iter().zip(&written) {
        assert_eq!(derived, written);
    }
    assert_eq!(derived.len(), written.len());
    assert_eq!(
        removed,
        ["[method]temporary-file.read-via-stream", "[method]temporary-file.write-via-stream"]
    );
}

fn a_consumer_needs_no_filesystem() {
    let imports = imports(&world(&plugin_component()));

    let expected = ["scratch:tempfile/tempfile@0.3.0", "scratch:tempfile/text@0.3.0"];
    assert_eq!(imports, expected.map(str::to_owned).into());
}

fn a_composition_asks_its_host_for_nothing_but_wasi() {
    let plugin = imports(&world(&composition()));

    assert_eq!(plugin, imports(&world(&provider(Mode::P3))));
}

/// Rust's files below a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let below = paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// Whether a line has the word in its code.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|word| word == "unsafe")
}

fn only_the_edges_and_the_runtime_are_unsafe() {
    // The client and the plugin assert an instance's single thread, as the edges do.
    let allowed = [
        "../src/p2",
        "../src/p3",
        "../packages/runtime",
        "../packages/client/src/task.rs",
        "guests/plugin/src/attacks/kept.rs",
    ];

    for source in ["../src", "../packages", "guests", "src"].map(Path::new).into_iter().flat_map(sources) {
        let shown = source.display().to_string();
        if !allowed.iter().any(|allowed| shown.starts_with(allowed)) {
            let code = fs::read_to_string(&source).expect("a source");
            assert_eq!(code.lines().find(|line| is_unsafe(line)), None, "{shown}");
        }
    }
}

fn every_file_of_tests_is_in_this_program() {
    let main = fs::read_to_string("tests/main.rs").expect("a source");

    for source in sources(Path::new("tests")) {
        let module = source.file_stem().and_then(|name| name.to_str()).expect("a name in ASCII");
        assert!(module == "main" || main.contains(&format!("mod {module};")), "{}", source.display());
    }
}
