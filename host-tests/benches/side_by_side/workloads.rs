//! The workloads, and the contenders of each.

use crate::engine::{Program, Wasi};
use crate::guests::{By, Guests, Way};
use crate::hosted::{HostedP3, LIMITS, first_operation};
use crate::measure::{Contender, Measured, Outcome, Turns};
use crate::peers::*;
use crate::sizes::*;
use crate::sorting;

/// A workload: its name in the report, and its measurement.
pub(crate) struct Workload {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// The unit of work that a time refers to.
    pub(crate) unit: &'static str,
    pub(crate) rounds: usize,
    pub(crate) measure: fn(&Peers<'_>, Turns<'_>) -> Outcome<Vec<Measured>>,
}

/// A workload with the times of its contenders.
pub(crate) struct Figures<'a> {
    pub(crate) workload: &'a Workload,
    pub(crate) measured: Vec<Measured>,
}

pub(crate) const WORKLOADS: [Workload; 11] = [
    Workload {
        id: "W1",
        title: "a small file: create without a name, write 1 KiB, seek, read, close",
        unit: "file",
        rounds: 51,
        measure: small_files,
    },
    Workload {
        id: "W2",
        title: "10,000 writes of 100 bytes to one file",
        unit: "write",
        rounds: 15,
        measure: small_writes,
    },
    Workload {
        id: "W3",
        title: "256 MiB in pieces of 64 KiB, written and read",
        unit: "MiB",
        rounds: 5,
        measure: large_pieces,
    },
    Workload {
        id: "W4",
        title: "1,000 files open at once: create, write 1 KiB, read, close",
        unit: "file",
        rounds: 15,
        measure: many_files,
    },
    Workload { id: "W5", title: "a tree of 10,000 entries removed", unit: "entry", rounds: 7, measure: tree },
    Workload {
        id: "W6",
        title: "100,000 lines of 40 bytes read",
        unit: "line",
        rounds: 15,
        measure: lines_read,
    },
    Workload {
        id: "W7",
        title: "a spooled file that never rolls: 16 KiB in pieces of 256 bytes, read to the end",
        unit: "file",
        rounds: 15,
        measure: never_rolls,
    },
    Workload {
        id: "W7 rolling",
        title: "the same, rolled over to disk half way",
        unit: "file",
        rounds: 15,
        measure: rolls,
    },
    Workload {
        id: "W8",
        title: "instantiate, and create the first file",
        unit: "instance",
        rounds: 31,
        measure: first_operations,
    },
    Workload {
        id: "W9",
        title: "256 MiB of random lines sorted in 16 MiB of memory",
        unit: "run",
        rounds: 3,
        measure: sorting::measure,
    },
    Workload {
        id: "W10",
        title: "a small file beside others that are open, and a large one by its size",
        unit: "file or MiB",
        rounds: 9,
        measure: growth,
    },
];

fn small_files<'p>(peers: &'p Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    const COUNT: u32 = 100;
    /// A guest starts anew each time, and does this much more so that its start does not count.
    const MORE: u32 = 10;
    let guest = |guests: &'p Guests<'p>, blocking: bool| {
        move || Ok(guests.work(blocking, |guest| guest.func_small_files(), (COUNT * MORE,))? / MORE)
    };
    let Peers { native, tokio, bare_guests, plugins, .. } = peers;
    let (hosted, off, limited) =
        (peers.hosted(true, &[])?, peers.hosted(false, &[])?, peers.hosted(true, &LIMITS)?);
    let (bare, bare_off, p2) = (peers.hosted_bare(true)?, peers.hosted_bare(false)?, peers.hosted_p2()?);
    let other = match std::env::var_os("SCRATCH_BENCH_AGAINST") {
        Some(path) => {
            let bytes = std::fs::read(path)?;
            Some(HostedP3::start(&bytes, peers.runtime, peers.directory, true, &[])?)
        }
        None => None,
    };
    let mut contenders = vec![
        Contender::new(PLUGIN, guest(plugins, true)),
        Contender::new(HOSTED, || hosted.small_files(COUNT)),
        Contender::new(HOSTED_PLAIN, || hosted.small_files_by_plain_functions(COUNT)),
        Contender::new(LIMITED, || limited.small_files(COUNT)),
        Contender::new(HOSTED_P2, || p2.small_files(COUNT)),
        Contender::new(BARE, guest(bare_guests, true)),
        Contender::new(BARE_HOSTED, || bare.small_files(COUNT)),
        Contender::new(PLUGIN_OFF, guest(plugins, false)),
        Contender::new(HOSTED_OFF, || off.small_files(COUNT)),
        Contender::new(BARE_OFF, guest(bare_guests, false)),
        Contender::new(BARE_HOSTED_OFF, || bare_off.small_files(COUNT)),
        Contender::new(STD, || native.small_files(COUNT)),
        Contender::new(TOKIO, || tokio.small_files(COUNT)),
    ];
    if let Some(other) = &other {
        contenders.push(Contender::new("another build, by the host", || other.small_files(COUNT)));
    }
    peers.and_python(&mut contenders, "small_files", vec![COUNT.into()]);
    Ok(turns.measure(contenders, COUNT.into()))
}

fn small_writes(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let Peers { native, tokio, bare_guests, plugins, .. } = peers;
    let (hosted, off, p2) = (peers.hosted(true, &[])?, peers.hosted(false, &[])?, peers.hosted_p2()?);
    let numbers = (WRITES, WRITE as u32);
    let mut contenders = vec![
        Contender::new(PLUGIN, move || plugins.work(true, |guest| guest.func_small_writes(), numbers)),
        Contender::new(HOSTED, || hosted.small_writes()),
        Contender::new(HOSTED_P2, || p2.small_writes()),
        Contender::new(BARE, move || bare_guests.work(true, |guest| guest.func_small_writes(), numbers)),
        Contender::new(PLUGIN_OFF, move || plugins.work(false, |guest| guest.func_small_writes(), numbers)),
        Contender::new(HOSTED_OFF, || off.small_writes()),
        Contender::new(BARE_OFF, move || bare_guests.work(false, |guest| guest.func_small_writes(), numbers)),
        Contender::new(STD, || native.small_writes()),
        Contender::new(TOKIO, || tokio.small_writes()),
    ];
    peers.and_python(&mut contenders, "small_writes", vec![WRITES.into(), WRITE as u64]);
    Ok(turns.measure(contenders, WRITES.into()))
}

fn large_pieces(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let Peers { native, tokio, bare_guests, plugins, .. } = peers;
    let (hosted, p2) = (peers.hosted(true, &[])?, peers.hosted_p2()?);
    let plugin = |blocking, way| {
        move || plugins.work(blocking, |guest| guest.func_large_pieces(), (LARGE, PIECE as u32, way))
    };
    let bare = |blocking, way| {
        move || bare_guests.work(blocking, |guest| guest.func_large_pieces(), (LARGE, PIECE as u32, way))
    };
    let mut contenders = vec![
        Contender::new(PLUGIN_STREAMS, plugin(true, Way::Streams)),
        Contender::new(PLUGIN, plugin(true, Way::Lists)),
        Contender::new(HOSTED, || hosted.large_pieces(LARGE)),
        Contender::new(HOSTED_P2, || p2.large_pieces(LARGE)),
        Contender::new(BARE, bare(true, Way::Streams)),
        Contender::new(BARE_LISTS, bare(true, Way::Lists)),
        Contender::new(PLUGIN_STREAMS_OFF, plugin(false, Way::Streams)),
        Contender::new(PLUGIN_OFF, plugin(false, Way::Lists)),
        Contender::new(BARE_OFF, bare(false, Way::Streams)),
        Contender::new(STD, || native.large_pieces(LARGE)),
        Contender::new(TOKIO, || tokio.large_pieces(LARGE)),
    ];
    peers.and_python(&mut contenders, "large_pieces", vec![LARGE, PIECE as u64]);
    Ok(turns.measure(contenders, (LARGE >> 20) as f64))
}

fn many_files(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let Peers { native, tokio, bare_guests, plugins, .. } = peers;
    let (hosted, p2) = (peers.hosted(true, &[])?, peers.hosted_p2()?);
    let mut contenders = vec![
        Contender::new(PLUGIN, || plugins.work(true, |guest| guest.func_many_files(), (MANY,))),
        Contender::new(HOSTED, || hosted.many_files(MANY)),
        Contender::new(HOSTED_P2, || p2.many_files(MANY)),
        Contender::new(BARE, || bare_guests.work(true, |guest| guest.func_many_files(), (MANY,))),
        Contender::new(PLUGIN_OFF, || plugins.work(false, |guest| guest.func_many_files(), (MANY,))),
        Contender::new(BARE_OFF, || bare_guests.work(false, |guest| guest.func_many_files(), (MANY,))),
        Contender::new(STD, || native.many_files(MANY)),
        Contender::new(TOKIO, || tokio.many_files(MANY)),
    ];
    peers.and_python(&mut contenders, "many_files", vec![MANY.into()]);
    Ok(turns.measure(contenders, MANY.into()))
}

fn tree(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let Peers { native, bare_guests, plugins, .. } = peers;
    let numbers = (DIRECTORIES, FILES_EACH);
    let mut contenders = vec![
        Contender::new(PLUGIN, move || plugins.work(true, |guest| guest.func_tree(), numbers)),
        Contender::new(BARE, move || bare_guests.work(true, |guest| guest.func_tree(), numbers)),
        Contender::new(PLUGIN_OFF, move || plugins.work(false, |guest| guest.func_tree(), numbers)),
        Contender::new(BARE_OFF, move || bare_guests.work(false, |guest| guest.func_tree(), numbers)),
        Contender::new(STD, || native.tree()),
    ];
    peers.and_python(&mut contenders, "tree", vec![DIRECTORIES.into(), FILES_EACH.into()]);
    Ok(turns.measure(contenders, f64::from(DIRECTORIES * (FILES_EACH + 1))))
}

fn lines_read(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    let Peers { native, tokio, bare_guests, plugins, .. } = peers;
    let (hosted, p2) = (peers.hosted(true, &[])?, peers.hosted_p2()?);
    let plugin = |blocking, by| move || plugins.work(blocking, |guest| guest.func_lines(), (LINES, by));
    let bare = |blocking| move || bare_guests.work(blocking, |guest| guest.func_lines(), (LINES, By::Lists));
    let mut contenders = vec![
        Contender::new(PLUGIN, plugin(true, By::Lists)),
        Contender::new(PLUGIN_EACH, plugin(true, By::Lines)),
        Contender::new(PLUGIN_BLOCKS, plugin(true, By::Blocks)),
        Contender::new(HOSTED, || hosted.lines()),
        Contender::new(HOSTED_P2, || p2.lines()),
        Contender::new(BARE, bare(true)),
        Contender::new(PLUGIN_OFF, plugin(false, By::Lists)),
        Contender::new(BARE_OFF, bare(false)),
        Contender::new(STD, || native.lines()),
        Contender::new(TOKIO, || tokio.lines()),
    ];
    peers.and_python(&mut contenders, "lines", vec![LINES.into()]);
    Ok(turns.measure(contenders, LINES.into()))
}

fn never_rolls(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    spooled(peers, turns, NEVER_ROLLS)
}

fn rolls(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    spooled(peers, turns, ROLLS)
}

fn spooled(peers: &Peers<'_>, turns: Turns<'_>, max_size: usize) -> Outcome<Vec<Measured>> {
    const COUNT: u32 = 50;
    let Peers { native, plugins, .. } = peers;
    let (hosted, off, p2) = (peers.hosted(true, &[])?, peers.hosted(false, &[])?, peers.hosted_p2()?);
    let numbers = (COUNT, max_size as u64, SPOOLED as u32, SPOOLED_PIECE as u32);
    let mut contenders = vec![
        Contender::new(PLUGIN, move || plugins.spooled(true, numbers)),
        Contender::new(HOSTED, || hosted.spooled(max_size, COUNT)),
        Contender::new(HOSTED_P2, || p2.spooled(max_size, COUNT)),
        Contender::new(PLUGIN_OFF, move || plugins.spooled(false, numbers)),
        Contender::new(HOSTED_OFF, || off.spooled(max_size, COUNT)),
        Contender::new(STD, || native.spooled(max_size, COUNT)),
    ];
    let python = vec![COUNT.into(), max_size as u64, SPOOLED as u64, SPOOLED_PIECE as u64];
    peers.and_python(&mut contenders, "spooled", python);
    Ok(turns.measure(contenders, COUNT.into()))
}

fn first_operations(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    const COUNT: u32 = 20;
    let mut contenders = Vec::new();
    for (name, wasi, bytes, is_bare, pooled) in [
        (POOLED, Wasi::P3, &peers.p3, false, true),
        (POOLED_BARE, Wasi::P3, &peers.bare, true, true),
        ("scratch", Wasi::P3, &peers.p3, false, false),
        (BARE, Wasi::P3, &peers.bare, true, false),
        ("scratch 0.2, pooled", Wasi::P2, &peers.p2, false, true),
        ("scratch 0.2", Wasi::P2, &peers.p2, false, false),
    ] {
        let program = Program::new(wasi, pooled, bytes)?;
        contenders.push(Contender::new(name, move || {
            first_operation(&program, (wasi, is_bare), peers.runtime, peers.directory, COUNT)
        }));
    }
    Ok(turns.measure(contenders, COUNT.into()))
}

fn growth(peers: &Peers<'_>, turns: Turns<'_>) -> Outcome<Vec<Measured>> {
    const COUNT: u32 = 200;
    let Peers { plugins, .. } = peers;
    let beside = [1, 10, 100, 1000, 10_000].map(|open| {
        Contender::new(&format!("a small file beside {open} open"), move || {
            plugins.work(true, |guest| guest.func_small_files_beside(), (open, COUNT))
        })
    });
    let mut measured = turns.measure(beside.into(), COUNT.into());
    for size in [1_u64, 4, 16, 64, 256, 1024] {
        let one = Contender::new(&format!("a MiB of a file of {size} MiB"), move || {
            let numbers = (size << 20, PIECE as u32, Way::Streams);
            plugins.work(true, |guest| guest.func_large_pieces(), numbers)
        });
        let turns = Turns { rounds: turns.rounds.min(5), ..turns };
        measured.extend(turns.measure(vec![one], size as f64));
    }
    Ok(measured)
}
