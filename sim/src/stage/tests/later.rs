//! Stages in generations, and which revisions run them.

use super::bounded::one;
use crate::machine::Revision;
use crate::stage::{case, cases, parse};

#[track_caller]
fn check_runs(text: &str, first: &str) {
    let stage = parse(text).unwrap();
    let names = Revision::names();
    let from = names.iter().position(|&name| name == first).unwrap();
    for (at, name) in names.iter().enumerate() {
        let runs = stage.check_for(Revision::named(name).unwrap()).is_ok();
        assert_eq!(runs, at >= from, "{name}: {text}");
    }
}

/// Guards S70.3.
#[test]
fn steps_of_generations_take_a_release_that_has_them() {
    check_runs(&one(&["yield"]), "seed");
    check_runs(&one(&["start-trace", "advance", "stop-trace"]), "go1.22");
    check_runs("[[m]]\nprocid = 0\ndoes = [\"sample\"]", "go1.22");
    let recorder = ["start-recorder", "snapshot", "stop-recorder"];
    check_runs(&one(&recorder), "go1.25");
    check_runs(&one(&["snapshot"]), "go1.25");
}

/// Guards S20.10, S70.3.
#[test]
fn who_starts_a_recorder_stops_it() {
    let error = parse(&one(&["start-recorder", "snapshot"])).unwrap_err();
    let want = "m 1: want a stop-recorder after the last start-recorder";
    assert!(error.to_string().contains(want), "{error}");
    let many: Vec<_> = (0..33)
        .flat_map(|_| ["start-recorder", "stop-recorder"])
        .collect();
    assert!(parse(&one(&many)).is_err());
    assert!(parse(&one(&many[..64])).is_ok());
}

/// Each case is run by some revision, those of `LATER_CASES` by none without generations.
///
/// Guards S70.3.
#[test]
fn every_case_has_a_revision() {
    for (name, _) in cases() {
        let newest = Revision::named("go1.27").unwrap();
        assert!(case(name).check_for(newest).is_ok(), "{name}");
    }
    let v1 = Revision::named("go1.21").unwrap();
    let is_later = |name: &&str| case(name).check_for(v1).is_err();
    let later = cases().map(|(name, _)| name).filter(is_later).count();
    assert_eq!(later + 1, crate::stage::LATER_CASES.len());
}
