//! The hard cases, by name (`sim/plans/`).

use super::{StagePlan, parse};

macro_rules! cases {
    ($($name:literal,)*) => {
        /// Name and plan of each.
        pub const CASES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../plans/", $name, ".toml"))),)*
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

/// The plan of a case.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn case(name: &str) -> StagePlan {
    let found = CASES.iter().find(|(case, _)| *case == name);
    let plan = found.and_then(|(_, text)| parse(text).ok());
    plan.unwrap_or_else(|| panic!("no case {name}"))
}
