//! The hard cases, by name (`sim/stages/`).

use super::{Stage, parse};

macro_rules! cases {
    ($($name:literal,)*) => {
        /// Name and text of each.
        pub const CASES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../stages/", $name, ".toml"))),)*
        ];
    };
}

cases! {
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
}

/// The stage of a case.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn case(name: &str) -> Stage {
    let found = CASES.iter().find(|(case, _)| *case == name);
    let stage = found.and_then(|(_, text)| parse(text).ok());
    stage.unwrap_or_else(|| panic!("no case {name}"))
}
