//! The WIT compared with the released one: today's provider can take the place of the released one.

use std::fs;

use wit_component::semver_check;
use wit_parser::{Resolve, WorldId};

use crate::suite::tests;

tests! {
    once {
        consumers_of_the_released_interfaces_can_use_those_of_today,
        hosts_of_the_released_provider_can_use_that_of_today,
        an_incompatible_change_is_noticed,
    }
}

/// The folder of each package, and the version of it that was released last.
const RELEASED: [(&str, &str); 2] = [("../wit", "0.3.0"), ("../wit/p2", "0.2.0")];

/// One world of the released package and of today's.
struct Versions {
    resolve: Resolve,
    released: WorldId,
    today: WorldId,
}

/// Reads both versions, after a change of the released text.
fn versions(folder: &str, version: &str, world: &str, change: impl FnOnce(String) -> String) -> Versions {
    let mut resolve = Resolve::default();
    let (today, _) = resolve.push_path(folder).expect("today's WIT is well-formed");
    // Two packages of one name need two versions here. The comparison ignores them.
    let file = format!("../wit/released/{version}.wit");
    let text = fs::read_to_string(&file).expect("the released WIT is kept");
    let text = text.replace(&format!("scratch:tempfile@{version}"), "scratch:tempfile@0.0.0");
    let released = resolve.push_str(&file, &change(text)).expect("the released WIT is well-formed");
    let world = |package| resolve.select_world(&[package], Some(world)).expect("the world is there");
    Versions { released: world(released), today: world(today), resolve }
}

fn consumers_of_the_released_interfaces_can_use_those_of_today() {
    for (folder, version) in RELEASED {
        for world in ["imports", "sandboxed"] {
            let Versions { resolve, released, today } = versions(folder, version, world, |text| text);

            let outcome = semver_check(resolve, released, today);

            assert!(outcome.is_ok(), "{world} is not compatible with {version}: {outcome:?}");
        }
    }
}

/// A host sees the provider from the other side: it may have more exports and fewer imports.
fn hosts_of_the_released_provider_can_use_that_of_today() {
    for (folder, version) in RELEASED {
        let Versions { resolve, released, today } = versions(folder, version, "provider", |text| text);

        let outcome = semver_check(resolve, today, released);

        assert!(outcome.is_ok(), "the provider is not compatible with {version}: {outcome:?}");
    }
}

fn an_incompatible_change_is_noticed() {
    for (folder, version) in RELEASED {
        let with_another = |text: String| text.replace("tell: func() -> filesize", "tell: func() -> u32");
        let Versions { resolve, released, today } = versions(folder, version, "sandboxed", with_another);

        assert!(semver_check(resolve, released, today).is_err(), "{version}");
    }
}
