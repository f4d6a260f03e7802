//! The hard cases, by name (`sim/stages/`).

use super::{Stage, parse};
use crate::machine::Revision;

macro_rules! cases {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("../../stages/", $name, ".toml"))),)*]
    };
}

/// Name and text of each that any revision can run.
pub const CASES: &[(&str, &str)] = cases! {
    "deep",
    "equal-times",
    "exact-fit",
    "full-ring",
    "no-p-g-zero",
    "no-reader",
    "no-sample",
    "one-frame-and-overflow",
    "only-overflow",
    "overflow-first-and-last",
    "p-zero-g-zero",
    "profile-ends-first",
    "profile-ends-last",
    "restart",
    "stop-in-handler",
    "stoppers-own-handler",
    "tags-first",
};

/// Name and text of those that are about generations. [`Stage::check_for`] says which revisions can
/// run each: from Go 1.22 on, with a recorder from 1.25 on, and `wrap-at-stop` any.
pub const LATER_CASES: &[(&str, &str)] = cases! {
    "drain-meets-wrap",
    "first-and-last-tick",
    "handler-in-advance",
    "leak",
    "no-procid",
    "recorder-cuts-ring",
    "signal-in-advance",
    "snapshot-beside-advance",
    "tag-wrap",
    "trace-beside-recorder",
    "wrap-at-stop",
};

/// Every case with its text.
pub fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASES.iter().chain(LATER_CASES).copied()
}

/// The stage of each case that a revision can run.
pub fn cases_of(revision: Revision) -> impl Iterator<Item = (&'static str, Stage)> {
    let all = cases().map(|(name, _)| (name, case(name)));
    all.filter(move |(_, stage)| stage.check_for(revision).is_ok())
}

/// The text of a case.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    cases()
        .find(|(case, _)| *case == name)
        .map(|(_, text)| text)
}

/// The stage of a case.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn case(name: &str) -> Stage {
    let stage = text(name).and_then(|text| parse(text).ok());
    stage.unwrap_or_else(|| panic!("no case {name}"))
}
