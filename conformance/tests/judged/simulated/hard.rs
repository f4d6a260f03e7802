//! The hard cases, and stages on the engine: judged by the truth and by real Go.

use std::collections::BTreeSet;

use sigprof::oracle::{Go, compare};
use sigprof::truth::Rule;
use sigprof_model::backend::catch_throw;
use sigprof_model::law::Law;
use sigprof_sim::Seed;
use sigprof_sim::engine::Engine;
use sigprof_sim::engine::explore::{Kind, Subject};
use sigprof_sim::machine::Revision;
use sigprof_sim::stage::{self, CASES, Staged};

use super::violations;

/// The rules that a stage breaks.
fn broken(staged: &Staged) -> Vec<Rule> {
    let json = serde_json::to_vec(&staged.truth).unwrap();
    let truth = sigprof::truth::read(&json).unwrap();
    let (traces, snapshots) = (&staged.traces, &staged.snapshots);
    let found = violations(&truth, traces, snapshots, &staged.profiles).unwrap();
    found.iter().map(|violation| violation.rule).collect()
}

#[test]
fn from_1_19_on_every_case_keeps_the_rules() {
    let mut runs = 0;
    let revisions = ["go1.19", "go1.21"].map(|name| Revision::named(name).unwrap());
    for revision in revisions.into_iter().chain(Revision::V2) {
        for (name, stage) in stage::cases_of(revision) {
            let staged = stage::run(&stage, revision, Seed(0));
            assert_eq!(broken(&staged), [], "{name} in {}", revision.name);
            runs += 1;
        }
    }
    assert!(runs > 150, "{runs}");
}

/// B1: the seed's tracer crashes, or takes a sample for an overflow and an overflow for a sample.
#[test]
fn the_seed_fails_where_one_frame_meets_the_end_or_an_overflow() {
    let revision = Revision::named("seed").unwrap();
    let fails = |name: &str| {
        let run = || stage::run(&stage::case(name), revision, Seed(0));
        catch_throw(run).map_or(true, |staged| !broken(&staged).is_empty())
    };
    let failing: Vec<_> = CASES
        .iter()
        .map(|&(name, _)| name)
        .filter(|n| fails(n))
        .collect();
    let expected = [
        "full-ring",
        "one-frame-and-overflow",
        "only-overflow",
        "overflow-first-and-last",
    ];
    for name in expected {
        assert!(failing.contains(&name), "{name} of {failing:?}");
    }
    for name in [
        "deep",
        "equal-times",
        "restart",
        "no-reader",
        "profile-ends-last",
    ] {
        assert!(!failing.contains(&name), "{name}");
    }
}

#[test]
fn real_go_reads_every_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for revision in ["go1.19", "go1.21"].map(|name| Revision::named(name).unwrap()) {
        let Some(go) = Go::find_or_skip(&revision.name[2..]) else {
            continue;
        };
        for (name, _) in CASES {
            let staged = stage::run(&stage::case(name), revision, Seed(0));
            for bytes in &staged.traces {
                std::fs::write(&path, bytes).unwrap();
                compare::trace(&go, &path, bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
            for bytes in &staged.profiles {
                std::fs::write(&path, bytes).unwrap();
                compare::profile(&go, &path, bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
        }
    }
}

/// Stages with a race: a signal while the trace stops, or goes on to the next generation, on that thread and
/// on another; a snapshot beside an advance.
const RACES: [(&str, &str); 16] = [
    ("stop-in-handler", "go1.19"),
    ("stop-in-handler", "go1.21"),
    ("stop-in-handler", "go1.25"),
    ("stop-in-handler", "go1.26"),
    ("stoppers-own-handler", "seed"),
    ("stoppers-own-handler", "go1.21"),
    ("stoppers-own-handler", "go1.25"),
    ("stoppers-own-handler", "go1.26"),
    ("handler-in-advance", "go1.22"),
    ("handler-in-advance", "go1.25"),
    ("handler-in-advance", "go1.26"),
    ("signal-in-advance", "go1.22"),
    ("signal-in-advance", "go1.25"),
    ("signal-in-advance", "go1.26"),
    ("snapshot-beside-advance", "go1.25"),
    ("snapshot-beside-advance", "go1.26"),
];

/// On the engine, whatever comes between: a run that breaks no law keeps the rules, and the only
/// law that is broken is the one that 1.19 and 1.21 do not promise (B6).
#[test]
fn what_the_engine_interleaves_keeps_the_rules() {
    for (name, revision) in RACES {
        let (plan, revision) = (stage::case(name), Revision::named(revision).unwrap());
        let mut engine = Engine::new();
        let make = || stage::program(&plan, revision, Seed(0), std::rc::Rc::default());
        let estimate = Subject::new(&mut engine, &make).estimate().clone();
        let mut whole = 0;
        for seed in 0..150 {
            let mut strategy = Kind::Random.strategy(Seed(seed), &estimate);
            strategy.begin();
            match stage::explore(&mut engine, &plan, revision, Seed(0), strategy) {
                Ok((staged, _)) => {
                    whole += 1;
                    assert_eq!(broken(&staged), [], "{name}, seed {seed}");
                }
                Err((violation, _)) => assert_eq!(violation.law, Law::NoneRetired, "{violation}"),
            }
        }
        assert!(whole > 75, "{name}: {whole}");
    }
}

/// The fates in the trace that random schedules of a stage have, with the generations.
fn fates(name: &str, revision: &str) -> BTreeSet<String> {
    let (plan, revision) = (stage::case(name), Revision::named(revision).unwrap());
    let mut engine = Engine::new();
    let make = || stage::program(&plan, revision, Seed(0), std::rc::Rc::default());
    let estimate = Subject::new(&mut engine, &make).estimate().clone();
    let mut fates = BTreeSet::new();
    for seed in 0..500 {
        let mut strategy = Kind::Random.strategy(Seed(seed), &estimate);
        strategy.begin();
        let run = stage::explore(&mut engine, &plan, revision, Seed(0), strategy);
        for signal in run.into_iter().flat_map(|(staged, _)| staged.truth.signals) {
            let fate = signal.in_trace.map(|in_trace| format!("{in_trace:?}"));
            let generations = (signal.generation, signal.read_in);
            fates.insert(match generations {
                (Some(taken), Some(read)) => format!("{} {taken} {read}", fate.unwrap_or_default()),
                _ => fate.unwrap_or_default(),
            });
        }
    }
    fates
}

/// Races that nothing comes of would show nothing.
#[test]
fn what_races_has_every_outcome() {
    for (name, revision) in RACES {
        let want: &[_] = match (name, Revision::named(revision).unwrap().has_generations()) {
            ("stop-in-handler", false) => &["Delivered", "Late", "NoLog", "TracerOff"],
            ("stoppers-own-handler", false) => &["Delivered", "NoLog", "TracerOff"],
            ("signal-in-advance", _) => &["Delivered 1 1", "Delivered 2 2", "Delivered 3 3"],
            ("handler-in-advance" | "snapshot-beside-advance", _) => {
                &["Delivered 1 1", "Delivered 2 2", "TracerOff"]
            }
            _ => &["Delivered 1 1", "TracerOff"],
        };
        let got = fates(name, revision);
        let all = want.iter().all(|&fate| got.contains(fate));
        assert!(all, "{name} {revision}: {got:?}");
    }
}
