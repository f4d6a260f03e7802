//! Golden files, one a case, in `snapshots/<kind>/<case>.snap`.
//!
//! They are what a reviewer sees when a reader, a check or a fixture changes; so
//! each is short, and says what a person would want to know. `just bless` accepts a
//! change (CONTRIBUTING.md).

mod explored;
mod hard;
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
                let (topic, case) = $case.split_once('/').expect("a topic");
                golden(&format!("valid/{topic}"), case, &description, &text);
            }
        )*

        #[test]
        fn every_real_fixture_has_a_golden() {
            let cases = [$(concat!("valid/", $case)),*];
            assert_eq!(sigprof::suite::fixture::real(), cases);
        }
    };
}

goldens! {
    busy = "basics/busy",
    hog = "basics/hog",
    syscalls = "basics/syscalls",
    tiny = "basics/tiny",
    both_overflow = "rings/both-overflow",
    overflow = "rings/overflow",
    generic = "stacks/generic",
    no_overlap = "windows/no-overlap",
    partial = "windows/partial",
    restart = "windows/restart",
    shift = "windows/shift",
}

/// What a person sees whose ring was full.
#[test]
fn words_of_overflow() {
    golden(
        "check",
        "overflow",
        "sigprof check, as text",
        &pair::words("rings/overflow"),
    );
}

/// What a person sees whose two files agree.
#[test]
fn words_of_hog() {
    golden(
        "check",
        "hog",
        "sigprof check, as text",
        &pair::words("basics/hog"),
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

/// What is made of each hard case.
macro_rules! hard_cases {
    ($($test:ident = $case:literal,)*) => {
        $(
            #[test]
            fn $test() {
                let (description, text) = hard::summary($case);
                golden("sim", $case, &description, &text);
            }
        )*

        #[test]
        fn every_hard_case_has_a_golden() {
            let names = sigprof_sim::stage::CASES.iter().map(|&(name, _)| name);
            assert!(names.eq([$($case),*]));
        }
    };
}

hard_cases! {
    sim_deep = "deep",
    sim_equal_times = "equal-times",
    sim_exact_fit = "exact-fit",
    sim_full_ring = "full-ring",
    sim_no_p_g_zero = "no-p-g-zero",
    sim_no_reader = "no-reader",
    sim_no_sample = "no-sample",
    sim_one_frame_and_overflow = "one-frame-and-overflow",
    sim_only_overflow = "only-overflow",
    sim_overflow_first_and_last = "overflow-first-and-last",
    sim_p_zero_g_zero = "p-zero-g-zero",
    sim_profile_ends_first = "profile-ends-first",
    sim_profile_ends_last = "profile-ends-last",
    sim_restart = "restart",
    sim_stop_in_handler = "stop-in-handler",
    sim_stoppers_own_handler = "stoppers-own-handler",
    sim_tags_first = "tags-first",
}
