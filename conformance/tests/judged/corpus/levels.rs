//! The level `events`: each event, in an order that can be.

use sigprof::corpus::compare;
use sigprof::corpus::events::{self, Line};
use sigprof::corpus::expected::Valid;
use sigprof::fixtures::Files;

use super::parser::{corpus, program, shell};

const LEVEL: [&str; 3] = ["run", "--level", "events"];

fn lines(case: &str) -> Vec<Line> {
    events::of(Files::embedded().file(&format!("{case}/trace")).unwrap()).unwrap()
}

/// Guards S62.1.
#[test]
fn our_own_parser_passes_at_the_level_of_events() {
    let ours = ["--", program(), "parse", "--format", "events"];
    let (code, out, _) = corpus(&[&LEVEL[..], &ours].concat());
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(" with events, 0 without"), "{out}");
}

/// Samples are no events, and events no samples.
///
/// Guards S62.1.
#[test]
fn the_output_of_the_other_level_is_told_at_once() {
    let samples = "exec $SIGPROF parse --format samples \"$1\"";
    let (code, out, _) = shell(&["--level", "events"], samples);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("does not print events as JSON"), "{out}");
    let (code, out, _) = shell(&[], "exec $SIGPROF parse --format events \"$1\"");
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("does not print samples as JSON"), "{out}");
    let profiles = [
        "run", "--level", "events", "--input", "profile", "--", "true",
    ];
    assert_eq!(corpus(&profiles).0, 2);
}

/// Guards S62.2.
#[test]
fn an_event_that_is_missing_or_another_is_named() {
    let want = lines("valid/basics/modern-go1.27");
    let differs = |change: &dyn Fn(&mut Vec<Line>)| {
        let mut got = want.clone();
        change(&mut got);
        compare::events(&want, &got).unwrap_err()
    };
    let missing = differs(&|got| drop(got.remove(7)));
    assert_eq!(missing.want, want[7].to_string());
    let another = differs(&|got| got[7].kind = "Log".into());
    assert!(another.got.contains("\"kind\":\"Log\""), "{another}");
    let twice = differs(&|got| got.insert(7, got[7].clone()));
    assert_eq!(twice.got, want[7].to_string());
    let thread = differs(&|got| got[7].m = None);
    assert!(thread.got.contains("\"m\":null"), "{thread}");
    let generation = differs(&|got| got[7].generation = Some(99));
    assert!(generation.got.contains(":99"), "{generation}");
}

/// All events are there, and one stands before an earlier one.
///
/// Guards S62.2.
#[test]
fn an_order_that_cannot_be_is_told() {
    for case in ["valid/basics/modern-go1.27", "valid/basics/busy"] {
        let want = lines(case);
        let mut got = want.clone();
        let at = (1..got.len()).find(|&at| got[at].time_ns > got[at - 1].time_ns);
        let at = at.unwrap();
        got.swap(at - 1, at);
        let error = compare::events(&want, &got).unwrap_err();
        assert!(error.about.contains("another from line"), "{error}");
    }
}

/// Of v1 equal times may stand in any order, as in Go.
///
/// Guards S62.2.
#[test]
fn equal_times_have_no_order() {
    let want = lines("valid/order/equal-times-go1.19");
    let mut got = want.clone();
    let at =
        (1..got.len()).find(|&at| got[at].time_ns == got[at - 1].time_ns && got[at] != got[at - 1]);
    let at = at.unwrap();
    got.swap(at - 1, at);
    assert_eq!(compare::events(&want, &got), Ok(()));
}

/// The hash in `expected.json` is that of what is printed.
///
/// Guards S62.1.
#[test]
fn the_hash_is_that_of_the_lines() {
    let output = std::process::Command::new(program())
        .args(["parse", "--format", "events"])
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../fixtures/valid/basics/tiny/trace"
        ))
        .output()
        .unwrap();
    let files = Files::embedded();
    let expected: Valid = files.json("valid/basics/tiny/expected.json").unwrap();
    let sum = sigprof::fixtures::sha256(&output.stdout);
    assert_eq!((sum, expected.events.lines), (expected.events.sha256, 84));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 84);
}
