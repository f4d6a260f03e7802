//! Go's own text does what the model does, and the comparison notices when it does not.

mod mistakes;
mod refused;

use std::fs;

use sigprof::explore::target::Variant;
use sigprof::go_text::explore;
use sigprof::go_text::refine::{self, Compared, Plan};
use sigprof::go_text::{FINER, Patch, Text};
use sigprof::oracle::Go;
use sigprof_model::protocol::Protocol;
use sigprof_sim::engine::explore::Kind;

/// Releases that are installed.
const RELEASES: [&str; 8] = [
    "1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27",
];

fn protocol_of(version: &str) -> Protocol {
    let revision = Variant::release(&format!("go{version}"));
    revision.expect("a release").protocol()
}

/// The outcome of every scenario, or of those with these names.
fn compare(text: &Text, version: &str, names: &[&str], plan: &Plan) -> Vec<Compared> {
    let protocol = protocol_of(version);
    let scenarios = refine::scenarios(&protocol).into_iter();
    let meant = scenarios.filter(|(ours, _)| names.is_empty() || names.contains(&ours.name));
    meant
        .map(|pair| {
            refine::scenario(text, protocol, &pair, plan, &mut |_| true).expect("a comparison")
        })
        .collect()
}

/// The text of these releases does what their models do, in so many runs of each scenario.
fn is_the_same(versions: &[&str], plan: &Plan) {
    for version in versions {
        let Some(go) = Go::find_or_skip(version) else {
            continue;
        };
        let text = Text::build(&go, None, &[]).unwrap_or_else(|error| panic!("{error}"));
        let all = compare(&text, version, &[], plan);
        assert!(all.len() > 45, "{version}: {}", all.len());
        for compared in all {
            assert!(compared.runs > 0 && compared.operations > 0, "{compared:?}");
            if let Some(difference) = &compared.difference {
                panic!("Go {version}, {}: {difference}", compared.scenario);
            }
        }
    }
}

/// Guards S74.1, S74.2.
#[test]
fn the_text_of_every_release_does_what_its_model_does() {
    let plan = Plan {
        reduced: 60,
        random: 0..15,
        schedule: None,
    };
    is_the_same(&RELEASES, &plan);
}

/// Guards S74.1.
#[test]
#[ignore = "a sweep: just test-all"]
fn the_text_does_what_the_model_does_in_many_runs() {
    let plan = Plan {
        reduced: 300,
        random: 0..100,
        schedule: None,
    };
    is_the_same(&["1.19", "1.24", "1.27"], &plan);
}

/// A change of a file of the runtime, at the first place that is no comment's.
fn change(file: &str, function: &str, place: &str, with: &str) -> Patch {
    Patch::new("a test", file, function, place, with)
}

/// A change of profbuf.go.
fn of_ring(place: &str, with: &str) -> Patch {
    change("profbuf.go", "", place, with)
}

/// The text with these changes.
fn patched(go: &Go, patches: &[Patch]) -> Text {
    Text::build(go, None, patches).unwrap_or_else(|error| panic!("{error}"))
}

/// A difference that is shown names the run, both sides, and the line of Go's text.
///
/// Guards S74.3.
#[test]
fn a_difference_is_shown_with_both_sides_and_the_line() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    // A tree of the user's, in which a file is another.
    let folder = tempfile::tempdir().unwrap();
    let original = patched(&go, &[]);
    for name in original.files() {
        let text = fs::read_to_string(original.source().join(name)).expect("a file of Go's");
        let text = text.replacen("eof.Store(1)", "eof.Store(2)", 1);
        fs::write(folder.path().join(name), text).expect("a folder");
    }
    let text = Text::build(&go, Some(folder.path()), &[]).unwrap();
    let plan = Plan {
        reduced: 10,
        random: 0..0,
        schedule: None,
    };
    let all = compare(&text, "1.27", &["close_wakes"], &plan);
    // The run alone, shrunk, has it again.
    let first = all[0].difference.as_ref().unwrap();
    let again = Plan {
        schedule: Some(first.schedule.clone()),
        ..plan
    };
    let repeated = compare(&text, "1.27", &["close_wakes"], &again);
    let repeated = repeated[0].difference.as_ref().unwrap();
    assert_eq!((&repeated.what, &repeated.rows), (&first.what, &first.rows));
    assert_eq!(first.schedule.1.forced(), 0, "{first}");
    let shown = all[0].difference.as_ref().unwrap().to_string();
    let last = shown.lines().last().unwrap();
    let both = last.contains("store eof 1") && last.contains("store eof 2");
    assert!(shown.contains("run 1 of dpor") && both, "{shown}");
    let source = fs::read_to_string(folder.path().join("profbuf.go")).unwrap();
    let line = source
        .lines()
        .position(|l| l.contains("eof.Store(2)"))
        .unwrap()
        + 1;
    assert!(
        last.contains(&format!("profbuf.go:{line}")),
        "{line}: {shown}"
    );
}

/// With our fixes the text does what the model `fixed` does, and breaks no law.
///
/// Guards S74.6.
#[test]
fn the_text_with_the_fixes_is_the_fixed_model() {
    let plan = Plan {
        reduced: 60,
        random: 0..15,
        schedule: None,
    };
    for version in ["1.26", "1.27"] {
        let Some(go) = Go::find_or_skip(version) else {
            continue;
        };
        let text = patched(&go, &Patch::fixes());
        for pair in refine::scenarios(&Protocol::FIXED) {
            let compared =
                refine::scenario(&text, Protocol::FIXED, &pair, &plan, &mut |_| true).unwrap();
            if let Some(difference) = &compared.difference {
                panic!("{version}, {}: {difference}", compared.scenario);
            }
            let (_, theirs) = &pair;
            let explored =
                explore::explore(&text, Protocol::FIXED, theirs, Kind::Dpor, 300, &mut |_| {
                    true
                })
                .unwrap();
            assert!(explored.found.is_none(), "{version}: {explored:?}");
        }
    }
}

/// The defects that all releases have, found in Go's own text by the search that is exhaustive
/// but for what commutes.
///
/// Guards S74.5.
#[test]
fn defects_are_found_in_gos_own_text() {
    let cases = [
        ("1.27", "record_then_close", "B30"),
        ("1.27", "overflow", "B32"),
        ("1.19", "record_then_close", "B30"),
        ("1.19", "overflow", "B32"),
        ("1.24", "overflow_then_close", "B31"),
        ("1.27", "last_drain_of_a_wrapped_ring", "B2"),
        ("1.22", "advance_with_a_wrapped_ring", "B2"),
        ("1.27", "profile_stops_against_foreign_thread", "B33"),
        ("1.19", "profile_stops_against_foreign_thread", "B33"),
        ("1.19", "stop_against_handler", "B6"),
        ("1.21", "restart_against_handler", "B6"),
    ];
    for (version, name, defect) in cases {
        let Some(go) = Go::find_or_skip(version) else {
            continue;
        };
        let text = Text::build(&go, None, &[]).unwrap();
        let under = Variant::release(&format!("go{version}")).unwrap();
        let scenarios = refine::scenarios(&under.protocol());
        let (_, theirs) = scenarios
            .iter()
            .find(|(ours, _)| ours.name == name)
            .unwrap();
        let explored = explore::explore(
            &text,
            under.protocol(),
            theirs,
            Kind::Dpor,
            20_000,
            &mut |_| true,
        );
        let (violation, steps) = explored.unwrap().found.expect("a law is broken");
        let known = under.known(name, violation.law).map(|known| known.id);
        assert_eq!(
            known,
            Some(defect),
            "Go {version}, {name}: {violation}: {steps:#?}"
        );
    }
}

/// One look more at a word that may be looked at again is the same; so is what the text has
/// already, each of which has a reason.
///
/// Guards S74.2.
#[test]
fn a_look_more_is_the_same() {
    assert!(
        FINER
            .iter()
            .all(|(word, why)| !word.is_empty() && why.len() > 40)
    );
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let plan = Plan {
        reduced: 100,
        random: 0..20,
        schedule: None,
    };
    // Not two of them: a text that looks until it sees something else is another.
    for (looks, is_same) in [("b.r.load(); ", true), ("b.r.load(); b.r.load(); ", false)] {
        let more = of_ring(
            "wakeupThreshold := ",
            &format!("{looks}wakeupThreshold := "),
        );
        let text = patched(&go, &[more]);
        for compared in compare(&text, "1.27", &["write_read", "give_back"], &plan) {
            let difference = &compared.difference;
            assert_eq!(difference.is_none(), is_same, "{looks}{compared:?}");
        }
    }
}

/// An atomic word more is none of the model's: what is done to it is not passed over.
///
/// Guards S74.2.
#[test]
fn an_atomic_word_more_is_a_difference() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let text = patched(
        &go,
        &[
            of_ring("b.eof.Store(1)", "b.closes.Add(1); b.eof.Store(1)"),
            of_ring("hdrsize uintptr", "closes atomic.Uint64; hdrsize uintptr"),
        ],
    );
    let plan = Plan {
        reduced: 5,
        random: 0..0,
        schedule: None,
    };
    let all = compare(&text, "1.27", &["close_wakes"], &plan);
    let shown = all[0]
        .difference
        .as_ref()
        .expect("a difference")
        .to_string();
    assert!(
        shown.contains("an atomic word that the model does not have"),
        "{shown}"
    );
}

/// A text that goes on for ever, at points or outside of all Ms, ends, and what it does is said.
///
/// Guards S74.4.
#[test]
fn a_text_that_goes_on_for_ever_ends() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let endless = "for b.eof.Load() < 5 {\n\t}\n\tb.eof.Store(1)";
    let text = patched(&go, &[of_ring("b.eof.Store(1)", endless)]);
    let plan = Plan {
        reduced: 3,
        random: 0..0,
        schedule: None,
    };
    let all = compare(
        &text,
        "1.27",
        &["record_then_close", "profile_starts"],
        &plan,
    );
    let shown: Vec<_> = all
        .iter()
        .map(|compared| compared.difference.as_ref().map(ToString::to_string))
        .collect();
    let [Some(at_points), Some(outside)] = &shown[..] else {
        panic!("want two differences, got {shown:?}");
    };
    assert!(at_points.contains("load eof"), "{at_points}");
    assert!(outside.contains("goes on for ever"), "{outside}");
}
