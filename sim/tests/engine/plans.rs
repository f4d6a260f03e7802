//! Plans that are drawn: the newest without its defects breaks no law in any, the others break
//! theirs, and what fails becomes small.

use std::collections::BTreeSet;

use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::engine::{Engine, Run, Sim};
use sigprof_sim::plan::{self, ShrunkPlan};

/// The run of a seed: the plan and the schedule are both drawn from it.
fn run(engine: &mut Engine, protocol: Protocol, kind: Kind, seed: Seed) -> Run {
    let plan = plan::draw(seed, &protocol);
    let make = || plan.program::<Sim>(protocol);
    Subject::new(engine, &make).run(kind, seed)
}

#[test]
fn fixed_breaks_no_law() {
    let mut engine = Engine::new();
    for seed in (0..6_000).map(Seed) {
        for kind in [Kind::Pct(3), Kind::Random] {
            let run = run(&mut engine, Protocol::FIXED, kind, seed);
            assert_eq!(run.violation(), None, "{seed}, {kind}");
        }
    }
}

/// The laws that seeds find broken in a revision.
fn found(protocol: Protocol) -> BTreeSet<Law> {
    let mut engine = Engine::new();
    let seeds = (0..10_000).map(Seed);
    let laws = seeds.filter_map(|seed| {
        let run = run(&mut engine, protocol, Kind::Pct(3), seed);
        run.violation().map(|violation| violation.law)
    });
    laws.collect()
}

#[test]
fn each_revision_breaks_what_it_is_known_to_break() {
    let has = |protocol, laws: &[Law]| {
        let found = found(protocol);
        assert!(
            laws.iter().all(|law| found.contains(law)),
            "want {laws:?}, got {found:?}"
        );
    };
    // B1, B6, B30, B31, B32.
    has(Protocol::SEED, &[Law::NoThrow]);
    let one_log = [Law::NoneRetired, Law::EofLast, Law::WokenOnce, Law::InOrder];
    has(Protocol::GO_1_19, &one_log);
    // B2 in both its halves, B30, B31 until 1.25, B32.
    let two_logs = [Law::Drained, Law::OwnTrace, Law::EofLast, Law::InOrder];
    has(Protocol::GO_1_22, &two_logs);
    has(Protocol::GO_1_26, &two_logs);
}

/// The first seed whose run breaks this law, shrunk.
fn shrunk(protocol: Protocol, law: Law) -> (usize, ShrunkPlan) {
    let mut engine = Engine::new();
    for seed in (0..20_000).map(Seed) {
        let run = run(&mut engine, protocol, Kind::Pct(3), seed);
        if run
            .violation()
            .is_some_and(|violation| violation.law == law)
        {
            let plan = plan::draw(seed, &protocol);
            let before = plan.operations();
            let shrunk = plan::shrink(&mut engine, protocol, &plan, Kind::Pct(3), run);
            return (before, shrunk);
        }
    }
    panic!("{law} is not broken");
}

#[test]
fn what_fails_becomes_as_small_as_the_failure() {
    // B30: a record, the end, a read; two switches at the most.
    let (_, small) = shrunk(Protocol::GO_1_26, Law::EofLast);
    let text = plan::to_toml(&small.plan);
    assert_eq!(small.plan.operations(), 3, "{text}");
    assert_eq!(small.plan.ms.len(), 2, "{text}");
    assert!(
        small.shrunk.run.schedule.forced() <= 2,
        "{}",
        small.shrunk.run.schedule
    );
    // B2: a ring that has wrapped as the trace stops.
    let (before, small) = shrunk(Protocol::GO_1_26, Law::Drained);
    let text = plan::to_toml(&small.plan);
    assert!(small.plan.operations() < before, "{text}");
    assert_eq!(small.plan.ms.len(), 1, "{text}");
    assert!(small.plan.operations() <= 8, "{text}");
}
