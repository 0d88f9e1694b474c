//! Compositions of plugins: what is served, and what is refused.

mod running;

use host_guests::{CHECKS, RUST_PROGRAM, SORT};
use scratch_tempfile_host::wasmtime_wasi::WasiCtx;
use scratch_tempfile_host::{ComposeError, Composition, End, Limits, Options, PROVIDER, PROVIDER_P2};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

use crate::running::{command, host};

/// A component that imports the interface of a provider under the name `import`.
fn importing(provider: &[u8], interface: &str, import: &str) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("provider", None, provider.to_vec(), graph.types_mut()).unwrap();
    let provider = graph.register_package(package).unwrap();
    let kind = graph.types()[graph[provider].ty()].exports[interface];
    graph.import(import, kind).unwrap();
    graph.encode(EncodeOptions::default()).unwrap()
}

#[track_caller]
fn assert_refused(component: &[u8], expected: &ComposeError) {
    match Composition::plugin(component) {
        Ok(_) => panic!("the plugin was not refused"),
        Err(error) => assert_eq!(error, *expected),
    }
}

#[test]
fn a_plugin_that_imports_control_is_refused() {
    let control = "scratch:tempfile/control@0.3.0";
    let plugin = importing(PROVIDER, control, control);

    assert_refused(&plugin, &ComposeError::Control);
    assert_eq!(Composition::trusted_plugin(&plugin).err(), Some(ComposeError::Control));
}

#[test]
fn a_plugin_that_imports_lowlevel_has_to_be_trusted() {
    let lowlevel = "scratch:tempfile/lowlevel@0.3.0";
    let plugin = importing(PROVIDER, lowlevel, lowlevel);

    assert_refused(&plugin, &ComposeError::Lowlevel);
    assert!(Composition::trusted_plugin(&plugin).unwrap().has_provider());
}

#[test]
fn a_plugin_for_a_compatible_version_is_taken_and_another_is_not() {
    let tempfile = "scratch:tempfile/tempfile@0.3.0";
    let newer = importing(PROVIDER, tempfile, "scratch:tempfile/tempfile@0.3.7");
    let other = importing(PROVIDER, tempfile, "scratch:tempfile/tempfile@0.4.0");

    assert!(Composition::plugin(&newer).unwrap().has_provider());
    assert_refused(&other, &ComposeError::Version("scratch:tempfile/tempfile@0.4.0".into()));
}

#[test]
fn bytes_that_are_no_component_are_refused_with_the_reason() {
    for (bytes, reason) in [
        (&b"[package]"[..], "it is not WebAssembly"),
        (b"(component)", "it is in the text format"),
        (b"\0asm\x01\0\0\0", "it is a core module"),
    ] {
        let error = Composition::plugin(bytes).err().unwrap();

        assert!(matches!(error, ComposeError::NotAComponent(_)));
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_plugin_for_wasi_0_2_gets_the_provider_for_it_and_its_limits() {
    let (_parent, host) = host();
    let tempfile = "scratch:tempfile/tempfile@0.2.0";
    let plugin = host.plugin(&importing(PROVIDER_P2, tempfile, tempfile)).unwrap();
    let limits = Limits { max_handles: Some(7), ..Limits::confined() };

    let options = Options::new().limits(limits);
    let mut run = plugin.start(&mut WasiCtx::builder(), &options).await.unwrap();

    let (store, running) = run.parts();
    assert_eq!(running.control().unwrap().limits(&mut *store).await.unwrap(), limits);
    assert_eq!(run.close().await.unwrap().unwrap().entries.now, 0);
}

#[tokio::test]
async fn a_plugin_finds_no_directory_unless_it_is_trusted() {
    let (_parent, host) = host();
    // It has the standard library, which imports the list of directories, and writes a file into `/tmp`.
    let stranger = host.plugin(RUST_PROGRAM).unwrap();
    let trusted = host.prepare(&Composition::trusted_plugin(RUST_PROGRAM).unwrap()).unwrap();

    let refused = stranger.run(&mut command(&[]).0, &Options::new()).await.unwrap();
    let granted = trusted.run(&mut command(&[]).0, &Options::new()).await.unwrap();

    assert_eq!(refused.end.unwrap(), End::Returned(Err(())));
    assert_eq!(granted.end.unwrap(), End::Returned(Ok(())));
}

#[tokio::test]
async fn a_plugin_that_imports_the_directories_of_wasi_0_3_finds_none() {
    let (_parent, host) = host();
    // The provider is a component that looks for a directory itself.
    let provider = host.plugin(PROVIDER).unwrap();

    let mut run = provider.start(&mut WasiCtx::builder(), &Options::new()).await.unwrap();

    let (store, running) = run.parts();
    let control = scratch_tempfile_host::Control::of(&mut *store, running.instance()).unwrap();
    let error = control.sweep(store, None, std::time::Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("/tmp"), "{error:?}");
}

#[tokio::test]
async fn a_plugin_without_temporary_files_runs_without_a_provider() {
    let empty = wat::parse_str("(component)").unwrap();
    let (_parent, host) = host();

    let run = host.plugin(&empty).unwrap().start(&mut WasiCtx::builder(), &Options::new()).await.unwrap();

    assert!(run.control().is_none());
    assert_eq!(run.close().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_no_command_is_not_run() {
    let (_parent, host) = host();

    let sorted = host.plugin(SORT).unwrap().run(&mut command(&["sort"]).0, &Options::new()).await.unwrap();
    let checks = host.plugin(CHECKS).unwrap().run(&mut command(&[]).0, &Options::new()).await.unwrap();

    assert_eq!(sorted.end.unwrap().status(), 0);
    assert!(checks.end.unwrap_err().to_string().contains("no export wasi:cli/run"));
}
