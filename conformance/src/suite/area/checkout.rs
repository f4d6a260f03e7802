//! Whether the program has the fixtures of the checkout that it was built from.

use std::collections::BTreeSet;

use crate::suite::Inputs;
use crate::suite::failure::Failure;

/// The case of area `origin` that is about the checkout which the program was built from.
pub(super) const NAME: &str = "checkout";

/// Fixtures of the checkout that are not those which the program has: it would not try them.
pub(super) fn run(inputs: &Inputs) -> Vec<Failure> {
    let Some(sources) = &inputs.sources else {
        return Vec::new();
    };
    let (ours, theirs) = (&inputs.files, &sources.fixtures);
    let paths: BTreeSet<_> = ours.paths().chain(theirs.paths()).collect();
    let failure = |path: &str| {
        let (want, got) = match (ours.file(path), theirs.file(path)) {
            (Ok(ours), Ok(theirs)) if ours == theirs => return None,
            (Ok(_), Ok(_)) => ("that of the program", "another: it has changed since"),
            (Ok(_), Err(_)) => ("that of the program", "none: it has gone since"),
            (Err(_), _) => ("none, as in the program", "one: it is new since"),
        };
        let failure = Failure::new("fixture", want, got).file(format!("fixtures/{path}"));
        Some(failure.again("cargo run --release -- conformance --filter 'origin checkout'"))
    };
    paths.into_iter().filter_map(failure).collect()
}
