//! The hard cases, by name (`sim/stages/`).

use super::{Stage, parse};

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

/// Name and text of those that take generations: from Go 1.22 on, and with a recorder from 1.25 on.
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
