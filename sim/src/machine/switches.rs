//! Mutants of the simulator: releases with one switch thrown, each of which is killed by the bytes
//! of drawn runs. Those bytes are pinned (`sim/src/pinned.rs`), and real Go has read them.
//!
//! Switches of the protocol itself, such as the drain at an advance, have their mutants in
//! `model/src/mutants`.

use super::*;
use crate::tracer::Release;
use crate::workload::draw_for;
use sigprof_wire::FormatVersion;

/// A switch of the tracer's: its name, how it is thrown, and why nothing shows that it is.
type Switch = (&'static str, fn(&mut Release), Option<&'static str>);

/// Every switch of a release.
const OF_TRACER: [Switch; 6] = [
    (
        "tells-thief-first",
        |r| r.tells_thief_first = !r.tells_thief_first,
        Some("who takes a P has been told of in its generation, or is sysmon, which has no status"),
    ),
    (
        "has-later-reasons",
        |r| r.has_later_reasons = !r.has_later_reasons,
        None,
    ),
    (
        "has-stacks-of-idle",
        |r| r.has_stacks_of_idle = !r.has_stacks_of_idle,
        None,
    ),
    (
        "has-snapshots",
        |r| r.has_snapshots = !r.has_snapshots,
        None,
    ),
    (
        "tells-procs-at-end",
        |r| r.tells_procs_at_end = !r.tells_procs_at_end,
        None,
    ),
    ("has-end", |r| r.has_end = !r.has_end, None),
];

/// Switches of the scheduler's, by a release and that which has one more or one less: coroutines that
/// switch by an event of their own, which no plan for 1.22 may ask for, and threads that keep their P
/// in a system call.
const OF_SCHEDULER: [(&str, &str, FormatVersion); 3] = [
    ("has-switches", "go1.23", FormatVersion::GO_1_22),
    ("keeps-p-in-syscall", "go1.25", FormatVersion::GO_1_26),
    ("keeps-p-in-syscall", "go1.26", FormatVersion::GO_1_25),
];

/// Drawn runs, of which one must differ.
const SEEDS: u64 = 20;

/// The traces of a drawn run of a revision, by a scheduler and a tracer that may be another's.
fn traces(seed: Seed, of: Revision, scheduler: Revision, release: Release) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |_, piece: &[u8]| bytes.extend_from_slice(piece);
    let plan = draw_for(seed, of);
    let tracer = Box::new(V2Tracer::new(release, plan.most_procs() as usize));
    let machine = Machine::<Std, _>::new(seed, &plan, scheduler, tracer, &mut sink);
    machine.run(&Budget::RUN, seed, None).unwrap();
    bytes
}

/// The first seed that shows that the mutant is none of the revision.
fn killed_by(of: Revision, scheduler: Revision, release: Release) -> Option<u64> {
    (0..SEEDS).find(|&seed| {
        let seed = Seed(seed);
        let as_it_is = traces(seed, of, of, Release::of(of.format()));
        as_it_is != traces(seed, of, scheduler, release)
    })
}

#[test]
fn every_switch_of_the_tracer_is_seen_in_every_release() {
    for revision in Revision::V2 {
        for (name, throw, unseen) in OF_TRACER {
            let mut release = Release::of(revision.format());
            throw(&mut release);
            let killed = killed_by(revision, revision, release);
            let what = format!("{} with {name} thrown, {unseen:?}", revision.name);
            assert_eq!(killed.is_some(), unseen.is_none(), "{what}: {killed:?}");
        }
    }
}

/// A switch that is in no row here would be thrown by nobody.
#[test]
fn releases_differ_by_the_switches_that_are_thrown() {
    let [first, .., last] = Revision::V2.map(|revision| Release::of(revision.format()));
    let mut thrown = first;
    OF_TRACER
        .iter()
        .for_each(|(_, throw, _)| throw(&mut thrown));
    thrown.version = last.version;
    assert_eq!(thrown, last);
}

#[test]
fn every_switch_of_the_scheduler_is_seen() {
    for (name, of, format) in OF_SCHEDULER {
        let of = Revision::named(of).unwrap();
        let killed = killed_by(of, of.with_format(format), Release::of(of.format()));
        assert!(killed.is_some(), "{} with {name} thrown", of.name);
    }
}
