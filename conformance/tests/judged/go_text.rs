//! Go's own text does what the model does, and the comparison notices when it does not.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use sigprof::explore::target::Variant;
use sigprof::go_text::explore;
use sigprof::go_text::refine::{self, Compared, Plan};
use sigprof::go_text::{FINER, GoTextError, Text};
use sigprof::oracle::Go;
use sigprof_model::protocol::Protocol;
use sigprof_sim::engine::explore::Kind;

/// Releases between which the protocol, or the text of it, changed.
const RELEASES: [&str; 6] = ["1.19", "1.21", "1.22", "1.24", "1.26", "1.27"];

fn protocol_of(version: &str) -> Protocol {
    let revision = Variant::release(&format!("go{version}"));
    revision.expect("a release").protocol()
}

/// The outcome of every scenario, or of those with these names.
fn compare(text: &Text, version: &str, names: &[&str], plan: Plan) -> Vec<Compared> {
    let protocol = protocol_of(version);
    let scenarios = refine::scenarios(&protocol).into_iter();
    let meant = scenarios.filter(|(ours, _)| names.is_empty() || names.contains(&ours.name));
    meant
        .map(|pair| {
            refine::scenario(text, protocol, &pair, plan, &AtomicBool::new(false))
                .expect("a comparison")
        })
        .collect()
}

/// The text of these releases does what their models do, in so many runs of each scenario.
fn is_the_same(versions: &[&str], plan: Plan) {
    for version in versions {
        let Some(go) = Go::find_or_skip(version) else {
            continue;
        };
        let text = Text::build(&go, None).unwrap_or_else(|error| panic!("{error}"));
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
        random: 15,
    };
    is_the_same(&RELEASES, plan);
}

/// Guards S74.1.
#[test]
#[ignore = "a sweep: just test-all"]
fn the_text_does_what_the_model_does_in_many_runs() {
    let plan = Plan {
        reduced: 300,
        random: 100,
    };
    is_the_same(&["1.19", "1.24", "1.27"], plan);
}

/// A copy of the runtime's profbuf.go with one place changed, the first that is no comment's.
fn patched(go: &Go, folder: &Path, place: &str, with: &str) {
    let text = fs::read_to_string(go.root().join("src/runtime/profbuf.go")).expect("Go's text");
    let is_comment = |at: usize| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        line.trim_start().starts_with("//")
    };
    let mut places = text.match_indices(place).map(|(at, _)| at);
    let at = places.find(|&at| !is_comment(at));
    let at = at.unwrap_or_else(|| panic!("{place}: not in {go}"));
    let changed = [&text[..at], with, &text[at + place.len()..]].concat();
    fs::write(folder.join("profbuf.go"), changed).expect("a folder");
}

/// Mistakes put into Go's text, each seen in the scenario that is about it.
///
/// Guards S74.1.
#[test]
fn a_mistake_in_the_text_is_seen() {
    let mistakes = [
        ("eof.Store(1)", "eof.Store(2)", "close_wakes"),
        (
            ">> 32) + 1) << 32) + 1",
            ">> 32) + 0) << 32) + 1",
            "overflow",
        ),
        ("+1)<<32) {", "+0)<<32) {", "overflow_again"),
        ("< wakeupThreshold", "<= wakeupThreshold", "half_wakes"),
        ("new &^= profReaderSleeping", "", "drop_then_close"),
        ("b.tags[ti] = nil", "", "give_back"),
        ("skip = len(b.data) - wd", "skip = 0", "rewind"),
        ("b.data[wd] = 0", "", "rewind"),
        ("nd -= len(b.data) - i", "", "end_is_charged"),
        ("bw&profWriteExtra != 0", "false", "overflow_then_close"),
        ("eof.Store(1)", "eof.Store(1); b.eof.Load()", "close_wakes"),
        ("rPrev != br", "rPrev == br", "give_back"),
    ];
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let plan = Plan {
        reduced: 400,
        random: 50,
    };
    for (place, with, scenario) in mistakes {
        let folder = tempfile::tempdir().unwrap();
        patched(&go, folder.path(), place, with);
        let text = Text::build(&go, Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
        let all = compare(&text, "1.27", &[scenario], plan);
        let seen = all.iter().find_map(|compared| compared.difference.as_ref());
        let seen = seen.unwrap_or_else(|| panic!("{place} -> {with}: not seen in {scenario}"));
        assert!(!seen.rows.is_empty(), "{seen}");
    }
}

/// A difference that is shown names the run, both sides, and the line of Go's text.
///
/// Guards S74.3.
#[test]
fn a_difference_is_shown_with_both_sides_and_the_line() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    patched(&go, folder.path(), "eof.Store(1)", "eof.Store(2)");
    let text = Text::build(&go, Some(folder.path())).unwrap();
    let plan = Plan {
        reduced: 10,
        random: 0,
    };
    let all = compare(&text, "1.27", &["close_wakes"], plan);
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

/// A declaration that is missing, one that has another shape, a file that is not there: each is an
/// error that names it, and none is skipped.
///
/// Guards S74.4.
#[test]
fn a_text_that_is_not_known_is_refused() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let refused = || {
        Text::build(&go, Some(folder.path()))
            .unwrap_err()
            .to_string()
    };
    let absent = refused();
    assert!(
        absent.contains("want a file named profbuf.go, found none"),
        "{absent}"
    );
    patched(
        &go,
        folder.path(),
        "func (b *profBuf) wakeupExtra",
        "func (b *profBuf) wakeUpExtra",
    );
    let renamed = refused();
    assert!(
        renamed.contains("profBuf.wakeupExtra, found none"),
        "{renamed}"
    );
    // It may be computed in another way one day: then our part must learn it.
    patched(
        &go,
        folder.path(),
        "for {\n\t\tcount = uint32",
        "{\n\t\tcount = uint32",
    );
    let reshaped = refused();
    assert!(reshaped.contains("takeOverflow"), "{reshaped}");
    let missing = Path::new("/nowhere/at/all");
    let error = Text::build(&go, Some(missing)).unwrap_err();
    assert!(matches!(error, GoTextError::Io { .. }), "{error}");
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
    ];
    for (version, name, defect) in cases {
        let Some(go) = Go::find_or_skip(version) else {
            continue;
        };
        let text = Text::build(&go, None).unwrap();
        let under = Variant::release(&format!("go{version}")).unwrap();
        let scenarios = refine::scenarios(&under.protocol());
        let (_, theirs) = scenarios
            .iter()
            .find(|(ours, _)| ours.name == name)
            .unwrap();
        let stop = AtomicBool::new(false);
        let explored = explore::explore(&text, under.protocol(), theirs, Kind::Dpor, 20_000, &stop);
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
    let folder = tempfile::tempdir().unwrap();
    patched(
        &go,
        folder.path(),
        "wakeupThreshold := ",
        "b.r.load(); wakeupThreshold := ",
    );
    let text = Text::build(&go, Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan {
        reduced: 100,
        random: 20,
    };
    for compared in compare(&text, "1.27", &["write_read", "give_back"], plan) {
        assert!(compared.difference.is_none(), "{compared:?}");
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
    let folder = tempfile::tempdir().unwrap();
    patched(
        &go,
        folder.path(),
        "b.eof.Store(1)",
        "closes.Add(1); b.eof.Store(1)",
    );
    let path = folder.path().join("profbuf.go");
    let text = fs::read_to_string(&path).unwrap();
    // In the ring itself, as a field.
    let field = text.replacen(
        "hdrsize uintptr",
        "closes atomic.Uint64; hdrsize uintptr",
        1,
    );
    fs::write(&path, field.replace("closes.Add", "b.closes.Add")).unwrap();
    let text = Text::build(&go, Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan {
        reduced: 5,
        random: 0,
    };
    let all = compare(&text, "1.27", &["close_wakes"], plan);
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
    let folder = tempfile::tempdir().unwrap();
    let endless = "for b.eof.Load() < 5 {\n\t}\n\tb.eof.Store(1)";
    patched(&go, folder.path(), "b.eof.Store(1)", endless);
    let text = Text::build(&go, Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan {
        reduced: 3,
        random: 0,
    };
    let all = compare(
        &text,
        "1.27",
        &["record_then_close", "profile_starts"],
        plan,
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
