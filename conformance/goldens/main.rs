//! Golden files, one a case, in `snapshots/<kind>/<case>.snap`.
//!
//! They are what a reviewer sees when a reader, a check or a fixture changes; so
//! each is short, and says what a person would want to know. `just bless` accepts a
//! change (CONTRIBUTING.md).

mod explored;
mod pair;

use std::path::Path;

/// Compares `text` with `snapshots/<kind>/<case>.snap`.
fn golden(kind: &str, case: &str, description: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("snapshots")
            .join(kind),
    );
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| insta::assert_snapshot!(case, text));
}

/// One test a case, and one that no fixture is without.
macro_rules! goldens {
    ($($test:ident = $case:literal,)*) => {
        $(
            #[test]
            fn $test() {
                let (description, text) = pair::summary($case);
                golden("real/go1.19", $case, &description, &text);
            }
        )*

        #[test]
        fn every_real_fixture_has_a_golden() {
            let cases = [$(concat!("real/go1.19/", $case)),*];
            assert_eq!(sigprof::suite::fixture::real(), cases);
        }
    };
}

goldens! {
    both_overflow = "both-overflow",
    busy = "busy",
    generic = "generic",
    hog = "hog",
    no_overlap = "no-overlap",
    overflow = "overflow",
    partial = "partial",
    restart = "restart",
    shift = "shift",
    syscalls = "syscalls",
    tiny = "tiny",
}

/// What a person sees whose ring was full.
#[test]
fn words_of_overflow() {
    golden(
        "check",
        "overflow",
        "sigprof check, as text",
        &pair::words("overflow"),
    );
}

/// What a person sees whose two files agree.
#[test]
fn words_of_hog() {
    golden(
        "check",
        "hog",
        "sigprof check, as text",
        &pair::words("hog"),
    );
}

/// What a person sees of a run in which the end comes before a record.
#[test]
fn replay_of_b30() {
    golden(
        "explore",
        "b30",
        "a kept run, as a table",
        &explored::table("b30"),
    );
}

/// A signal handler, an old value and an M that waits for ever, in one table each.
#[test]
fn replays_of_weak_memory_and_of_a_handler() {
    let text = explored::table("extra_raised_relaxed");
    golden("explore", "old-value", "a kept run, as a table", &text);
    let text = explored::handler();
    golden(
        "explore",
        "handler",
        "a handler that waits for what it interrupted",
        &text,
    );
}

/// A part of the kill matrix, without times.
#[test]
fn kill_matrix() {
    let text = explored::matrix();
    golden(
        "explore",
        "mutants",
        "sigprof mutants, a part of it, without times",
        &text,
    );
}
