//! Simulated runs: those of fixed seeds, and the hard cases, read again and held to the truth.
//!
//! The revision `seed` is left out: where it breaks the rules, that is B1, which
//! the [model](super::model) shows.

use sigprof_sim::machine::Revision;
use sigprof_sim::pinned::{self, PINNED as PINNED_RUNS, Pinned};
use sigprof_sim::stage;

use crate::failure::Failure;
use crate::suite::Options;
use crate::suite::simulated::Simulated;

/// The revisions whose runs keep the rules.
const REVISIONS: [&str; 7] = [
    "go1.19", "go1.21", "go1.22", "go1.23", "go1.25", "go1.26", "fixed",
];

/// The case of drawn programs.
const DRAWN: &str = "drawn";

/// The case of runs whose bytes are known.
const PINNED: &str = "pinned";

/// Drawn programs of a revision.
const fn limit(is_full: bool) -> u64 {
    if is_full { 2_000 } else { 100 }
}

/// Names of cases: `pinned`, `go1.19/drawn`, `go1.19/deep`. The longest comes first, so that in the end no
/// thread goes on alone with it.
pub(super) fn cases() -> Vec<String> {
    let of = |revision: Revision| {
        let staged = stage::cases_of(revision).map(|(name, _)| name);
        let names = [DRAWN].into_iter().chain(staged);
        names.map(move |name| format!("{}/{name}", revision.name))
    };
    let of_revisions = REVISIONS.into_iter().filter_map(Revision::named);
    let of_revisions = of_revisions.flat_map(of);
    [PINNED.to_owned()]
        .into_iter()
        .chain(of_revisions)
        .collect()
}

pub(super) fn run(name: &str, options: &Options) -> Vec<Failure> {
    if name == PINNED {
        return PINNED_RUNS.iter().filter_map(moved).collect();
    }
    let parts = name.split_once('/');
    let parts = parts.and_then(|(revision, case)| Some((Revision::named(revision)?, case)));
    match parts {
        Some((revision, DRAWN)) => {
            let seeds = options.seeds(limit(options.is_full));
            seeds
                .flat_map(|seed| Simulated::drawn(seed, revision).failures())
                .collect()
        }
        Some((revision, case)) if stage::text(case).is_some() => {
            Simulated::staged(case, revision).failures()
        }
        _ => vec![Failure::new("case", "a revision and a hard case", name)],
    }
}

/// The failure of a group of runs that make other bytes than they always made: this build
/// computes otherwise than others do.
fn moved(&(name, want): &Pinned) -> Option<Failure> {
    let got = match pinned::hash(name) {
        Ok(got) if got == want => return None,
        Ok(got) => format!("{got:#018x}"),
        Err(error) => error.to_string(),
    };
    Some(Failure::new(name, format!("{want:#018x}"), got).rule("S20.12"))
}

#[cfg(test)]
mod tests {
    use sigprof_sim::Seed;

    use super::*;

    fn staged() -> Simulated {
        Simulated::staged("equal-times", Revision::named("go1.19").unwrap())
    }

    /// Guards S22.9.
    #[test]
    fn a_hard_case_and_a_drawn_run_keep_the_rules() {
        assert_eq!(staged().failures(), []);
        let drawn = Simulated::drawn(Seed(7), Revision::named("go1.21").unwrap());
        assert_eq!(drawn.failures(), []);
    }

    /// Guards S22.9, S22.15.
    #[test]
    fn a_run_that_is_not_as_its_truth_says_fails_by_the_rule_of_the_truth() {
        let mut run = staged();
        let handled = run
            .truth
            .signals
            .iter()
            .position(|signal| signal.in_trace.is_some());
        run.truth.signals.remove(handled.unwrap());
        let failures = run.failures();
        let rules: Vec<_> = failures
            .iter()
            .map(|failure| failure.rule.as_ref())
            .collect();
        assert!(rules.contains(&"S21.3"), "{failures:?}");
        let again = failures[0].again.as_deref().unwrap();
        assert_eq!(
            again,
            "sigprof sim --seed 0 --case equal-times --revision go1.19 --output DIR"
        );
    }

    /// Guards S20.12.
    #[test]
    fn another_hash_of_a_pinned_run_fails() {
        let (name, hash) = PINNED_RUNS[1];
        assert_eq!(moved(&(name, hash)), None);
        let failure = moved(&(name, hash + 1)).unwrap();
        assert_eq!((&*failure.what, &*failure.rule), (name, "S20.12"));
    }

    /// Guards S22.9.
    #[test]
    fn a_trace_that_does_not_read_fails_where_it_does_not() {
        let mut run = staged();
        run.traces[0].truncate(20);
        let failures = run.failures();
        assert!(failures[0].place.offset.is_some(), "{failures:?}");
        assert_eq!(failures[0].place.file.as_deref(), Some("trace"));
    }
}
