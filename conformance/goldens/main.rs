//! Golden files, one a case, in `snapshots/<kind>/<case>.snap`.
//!
//! They are what a reviewer sees when a reader, a check, the protocol or a fixture changes;
//! so each is short, and says what a person would want to know. `just bless` accepts a
//! change (CONTRIBUTING.md). Transcripts of the command line, `snapshots/cli/*.trycmd`, are
//! run by `conformance/tests/transcripts.rs`; tables of the kill matrix,
//! `snapshots/mutants/*.txt`, are compared by `sigprof conformance`, which makes their rows.
//!
//! | kind | what |
//! |---|---|
//! | valid | a pair of real Go in sixty lines, by topic |
//! | fixtures | the SHA-256 of what real Go wrote |
//! | suite | how many cases there are, and which mistakes of parsers they notice |
//! | guards | the guards of each rule of SPEC.md |
//! | sim | a hard case, revision by revision |
//! | check | what `sigprof check` says |
//! | states | tables of states, as the code goes through them |
//! | explore | a run of the engine, step by step |
//! | cli | what a person sees of the command line |

mod explored;
mod guards;
mod hard;
mod pair;
// Pairs put together sample by sample, as the check's own tests have them.
#[path = "../tests/reader/check/pair.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "helpers of tests, of which some are used here"
)]
mod pairs;
mod states;
mod suite;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sigprof_model::mutants::Mutant;

/// A description of the golden, and its text.
type Golden = (String, String);

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// Compares with `snapshots/<kind>/<case>.snap`.
fn golden(kind: &str, case: &str, (description, text): Golden) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots().join(kind));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| insta::assert_snapshot!(case, text));
}

/// A row is a test, a kind, a case, and what makes the text of that case.
macro_rules! goldens {
    ($($(#[$attribute:meta])* $test:ident = $kind:literal / $case:literal: $make:expr;)*) => {
        /// All there are, but for transcripts.
        const CASES: &[(&str, &str)] = &[$(($kind, $case)),*];

        $(
            $(#[$attribute])*
            #[test]
            fn $test() {
                golden($kind, $case, $make($case));
            }
        )*
    };
}

goldens! {
    real_threads_1_22 = "valid/attribution" / "threads-go1.22": pair::summary_of_v2;
    real_threads_1_27 = "valid/attribution" / "threads-go1.27": pair::summary_of_v2;
    real_busy = "valid/basics" / "busy": pair::summary;
    real_hog = "valid/basics" / "hog": pair::summary;
    real_hog_1_27 = "valid/basics" / "hog-go1.27": pair::summary_of_v2;
    real_modern_1_22 = "valid/basics" / "modern-go1.22": pair::summary_of_v2;
    real_modern_1_23 = "valid/basics" / "modern-go1.23": pair::summary_of_v2;
    real_modern_1_24 = "valid/basics" / "modern-go1.24": pair::summary_of_v2;
    real_modern_1_25 = "valid/basics" / "modern-go1.25": pair::summary_of_v2;
    real_modern_1_26 = "valid/basics" / "modern-go1.26": pair::summary_of_v2;
    real_modern_1_27 = "valid/basics" / "modern-go1.27": pair::summary_of_v2;
    real_one_p_1_27 = "valid/basics" / "one-p-go1.27": pair::summary_of_v2;
    real_syscalls = "valid/basics" / "syscalls": pair::summary;
    real_tiny = "valid/basics" / "tiny": pair::summary;
    real_wide_1_27 = "valid/basics" / "wide-go1.27": pair::summary_of_v2;
    real_never_stopped_1_24 = "valid/cut" / "never-stopped-go1.24": pair::summary_of_v2;
    real_never_stopped_1_25 = "valid/cut" / "never-stopped-go1.25": pair::summary_of_v2;
    real_never_stopped_1_27 = "valid/cut" / "never-stopped-go1.27": pair::summary_of_v2;
    real_allocfree_1_23 = "valid/events" / "allocfree-go1.23": pair::summary_of_v2;
    real_allocfree_1_27 = "valid/events" / "allocfree-go1.27": pair::summary_of_v2;
    real_procs_1_22 = "valid/generations" / "procs-go1.22": pair::summary_of_v2;
    real_procs_1_27 = "valid/generations" / "procs-go1.27": pair::summary_of_v2;
    real_second_1_22 = "valid/generations" / "second-go1.22": pair::summary_of_v2;
    real_second_1_27 = "valid/generations" / "second-go1.27": pair::summary_of_v2;
    real_tasks_1_23 = "valid/generations" / "tasks-go1.23": pair::summary_of_v2;
    real_tasks_1_27 = "valid/generations" / "tasks-go1.27": pair::summary_of_v2;
    real_beside_1_27 = "valid/recorder" / "beside-go1.27": pair::summary_of_v2;
    real_recorder_window_1_25 = "valid/recorder" / "window-go1.25": pair::summary_of_v2;
    real_recorder_window_1_27 = "valid/recorder" / "window-go1.27": pair::summary_of_v2;
    real_both_overflow = "valid/rings" / "both-overflow": pair::summary;
    real_full_ring_1_27 = "valid/rings" / "full-ring-go1.27": pair::summary_of_v2;
    real_overflow = "valid/rings" / "overflow": pair::summary;
    real_wrap_leak_1_27 = "valid/rings" / "wrap-leak-go1.27": pair::summary_of_v2;
    real_wrap_loss_1_22 = "valid/rings" / "wrap-loss-go1.22": pair::summary_of_v2;
    real_wrap_loss_1_27 = "valid/rings" / "wrap-loss-go1.27": pair::summary_of_v2;
    real_generic = "valid/stacks" / "generic": pair::summary;
    real_no_overlap = "valid/windows" / "no-overlap": pair::summary;
    real_partial = "valid/windows" / "partial": pair::summary;
    real_rate_before_1_22 = "valid/windows" / "rate-before-go1.22": pair::summary_of_v2;
    real_rate_before_1_27 = "valid/windows" / "rate-before-go1.27": pair::summary_of_v2;
    real_rate_ended_1_24 = "valid/windows" / "rate-ended-go1.24": pair::summary_of_v2;
    real_rate_ended_1_27 = "valid/windows" / "rate-ended-go1.27": pair::summary_of_v2;
    real_restart = "valid/windows" / "restart": pair::summary;
    real_shift = "valid/windows" / "shift": pair::summary;

    sim_deep = "sim" / "deep": hard::summary;
    sim_equal_times = "sim" / "equal-times": hard::summary;
    sim_exact_fit = "sim" / "exact-fit": hard::summary;
    sim_full_ring = "sim" / "full-ring": hard::summary;
    sim_no_p_g_zero = "sim" / "no-p-g-zero": hard::summary;
    sim_no_reader = "sim" / "no-reader": hard::summary;
    sim_no_sample = "sim" / "no-sample": hard::summary;
    sim_one_frame_and_overflow = "sim" / "one-frame-and-overflow": hard::summary;
    sim_only_overflow = "sim" / "only-overflow": hard::summary;
    sim_overflow_first_and_last = "sim" / "overflow-first-and-last": hard::summary;
    sim_p_zero_g_zero = "sim" / "p-zero-g-zero": hard::summary;
    sim_profile_ends_first = "sim" / "profile-ends-first": hard::summary;
    sim_profile_ends_last = "sim" / "profile-ends-last": hard::summary;
    sim_restart = "sim" / "restart": hard::summary;
    sim_stop_in_handler = "sim" / "stop-in-handler": hard::summary;
    sim_stoppers_own_handler = "sim" / "stoppers-own-handler": hard::summary;
    sim_tags_first = "sim" / "tags-first": hard::summary;
    sim_drain_meets_wrap = "sim" / "drain-meets-wrap": hard::summary;
    sim_first_and_last_tick = "sim" / "first-and-last-tick": hard::summary;
    sim_handler_in_advance = "sim" / "handler-in-advance": hard::summary;
    sim_leak = "sim" / "leak": hard::summary;
    sim_no_procid = "sim" / "no-procid": hard::summary;
    sim_recorder_cuts_ring = "sim" / "recorder-cuts-ring": hard::summary;
    sim_signal_in_advance = "sim" / "signal-in-advance": hard::summary;
    sim_snapshot_beside_advance = "sim" / "snapshot-beside-advance": hard::summary;
    sim_tag_wrap = "sim" / "tag-wrap": hard::summary;
    sim_trace_beside_recorder = "sim" / "trace-beside-recorder": hard::summary;
    sim_wrap_at_stop = "sim" / "wrap-at-stop": hard::summary;

    /// The summary for a person whose ring was full.
    words_of_overflow = "check" / "overflow": pair::words;
    /// The summary for a person whose two files agree.
    words_of_hog = "check" / "hog": pair::words;

    /// Events by the state of their goroutine: which may come, and which are refused.
    ///
    /// Guards R61.5, R61.6, R62.2, R62.4, R63.2.
    states_of_goroutines = "states" / "goroutines": states::reader::goroutines;
    /// Events by the state of their P and of the world: which may come, and which are refused.
    ///
    /// Guards R63.2.
    states_of_processors_and_pairs = "states" / "begin-and-end": states::reader::begin_and_end;
    /// The effect of a read, a write and a close in every state that the ring can be in.
    ///
    /// Guards R6.3, R6.4, R12.1, R13.1, R14.1, R14.2.
    states_of_the_ring = "states" / "ring": states::ring::table;
    /// The verdicts of the check on a difference, by what could explain it.
    ///
    /// Guards S8.2, S8.3, S8.4, S8.7.
    states_of_the_check = "states" / "verdicts": states::verdicts::table;
    /// The switches of every release.
    states_of_the_protocol = "states" / "protocol": states::protocol::table;

    /// A run in which the end comes before a record, as a person sees it.
    replay_of_b30 = "explore" / "b30": explored::table;
    /// A value that weak memory hands out late.
    replay_of_weak_memory = "explore" / "old-value": explored::old_value;
    /// A signal handler, and an M that waits for ever.
    replay_of_a_handler = "explore" / "handler": explored::handler;

    /// Hashes of the files that real Go wrote, held apart from what is said of them beside them.
    ///
    /// Guards S27.1.
    real_files = "fixtures" / "real": suite::real;
    /// How many cases there are; less is a loss.
    areas = "suite" / "areas": suite::areas;

    /// Mistakes of parsers, and how many cases of the corpus fail because of each.
    ///
    /// Guards S64.1.
    mistakes_of_parsers = "suite" / "mistakes": suite::mistakes;

    guards_of_section_1 = "guards" / "section-1": guards::section;
    guards_of_section_2 = "guards" / "section-2": guards::section;
    guards_of_section_3 = "guards" / "section-3": guards::section;
    guards_of_section_4 = "guards" / "section-4": guards::section;
    guards_of_section_5 = "guards" / "section-5": guards::section;
    guards_of_section_6 = "guards" / "section-6": guards::section;
    guards_of_section_7 = "guards" / "section-7": guards::section;
    guards_of_section_8 = "guards" / "section-8": guards::section;
    guards_of_section_9 = "guards" / "section-9": guards::section;
    guards_of_section_10 = "guards" / "section-10": guards::section;
    guards_of_section_11 = "guards" / "section-11": guards::section;
    guards_of_section_12 = "guards" / "section-12": guards::section;
    guards_of_section_13 = "guards" / "section-13": guards::section;
    guards_of_section_14 = "guards" / "section-14": guards::section;
}

/// Transcripts of the command line.
const TRANSCRIPTS: &[&str] = &[
    "campaign",
    "explain",
    "help",
    "help-campaign",
    "help-check",
    "help-completions",
    "help-conformance",
    "help-corpus",
    "help-dump",
    "help-explain",
    "help-explore",
    "help-go-text",
    "help-export",
    "help-fuzz",
    "help-man",
    "help-mutants",
    "help-parse",
    "help-replay",
    "help-sim",
    "help-spec",
    "help-stat",
    "inconclusive",
    "inputs",
    "nothing-selected",
    "packaged",
    "plans",
    "usage",
    "values",
    "verdicts",
];

#[test]
fn every_real_fixture_has_a_golden() {
    let cases = CASES.iter().filter(|(kind, _)| kind.starts_with("valid/"));
    let cases = cases.map(|(kind, case)| format!("{kind}/{case}"));
    assert!(sigprof::fixtures::real().into_iter().eq(cases));
}

#[test]
fn every_hard_case_has_a_golden() {
    let names = sigprof_sim::stage::cases().map(|(name, _)| name);
    let cases = CASES.iter().filter(|(kind, _)| *kind == "sim");
    assert!(names.eq(cases.map(|&(_, case)| case)));
}

/// Every file below `snapshots/`, but for the inputs of transcripts, which have a test of
/// their own.
fn files() -> BTreeSet<String> {
    let mut folders = vec![snapshots()];
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            let name = path.strip_prefix(snapshots()).expect("a file below it");
            let name = name.to_str().expect("UTF-8").replace('\\', "/");
            if path.is_dir() {
                if name != "cli/inputs" {
                    folders.push(path);
                }
            } else if !name.ends_with(".snap.new") {
                files.insert(name);
            }
        }
    }
    files
}

/// A file that no test makes would stand there for ever, and seem to hold. Blessing deletes
/// it. A golden that is not there fails in its own test.
///
/// Guards S22.16.
#[test]
fn no_golden_without_a_case_and_no_transcript_that_is_not_there() {
    let goldens = CASES
        .iter()
        .map(|(kind, case)| format!("{kind}/{case}.snap"));
    let transcripts = TRANSCRIPTS.iter();
    let transcripts = transcripts.map(|case| format!("cli/{case}.trycmd"));
    let kills = Mutant::parts().map(|(part, _)| part).into_iter();
    let kills = kills.chain(["revisions"]);
    let kills: Vec<_> = kills.map(|part| format!("mutants/{part}.txt")).collect();
    // The nightly job holds cargo-mutants to it.
    let survivors = ["cargo-mutants/survivors.txt".to_owned()];
    let count = CASES.len() + TRANSCRIPTS.len() + kills.len() + survivors.len();
    let lists = kills.into_iter().chain(survivors);
    let expected: BTreeSet<_> = goldens.chain(transcripts.clone()).chain(lists).collect();
    assert_eq!(expected.len(), count, "a case stands there twice");
    let mut without_case = files();
    without_case.retain(|file| !expected.contains(file));
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        for file in without_case.iter().filter(|file| file.ends_with(".snap")) {
            std::fs::remove_file(snapshots().join(file)).expect("a file of ours");
        }
        without_case.retain(|file| !file.ends_with(".snap"));
    }
    assert!(without_case.is_empty(), "no test makes {without_case:?}");
    for transcript in transcripts {
        assert!(
            snapshots().join(&transcript).is_file(),
            "{transcript} is not there"
        );
    }
}
