//! The fuzz targets: what each does with some bytes. It panics if a promise is broken.
//!
//! One thing a target, so that a small input takes tens of microseconds under a sanitizer. The
//! same code is run by libFuzzer (`fuzz_targets/`), by a plain program that needs no nightly
//! toolchain (`xtask/src/fuzz_release.rs`), and over the corpus and the fixtures by
//! `cargo test` (`conformance/tests/reader/fuzzed.rs`).
//!
//! | module | what |
//! |---|---|
//! | [`trace`] | bytes as a trace: the parts of the reader one by one |
//! | [`v2`] | the same of v2 traces |
//! | [`profile`] | bytes as a profile, and as a pair of both |
//! | [`text`] | plans, kept runs, and what others' parsers print |
//! | [`built`] | bytes as steps, of which traces, profiles and pairs are built |
//! | [`mutate`] | changes of inputs that know events and fields |
//! | [`world`], [`mod@write`] | threads, Ps and goroutines, and the v2 trace that they write |
//!
//! A new target is a row in [`ALL`], a file in `fuzz_targets/`, and a `[[bin]]` in `Cargo.toml`.

use std::path::{Path, PathBuf};

#[path = "targets/built.rs"]
pub(crate) mod built;
#[path = "targets/mutate.rs"]
pub(crate) mod mutate;
#[path = "targets/profile.rs"]
pub(crate) mod profile;
#[path = "targets/steps.rs"]
pub(crate) mod steps;
#[path = "targets/text.rs"]
pub(crate) mod text;
#[path = "targets/trace.rs"]
pub(crate) mod trace;
#[path = "targets/v2.rs"]
pub(crate) mod v2;
#[path = "targets/world.rs"]
pub(crate) mod world;
#[path = "targets/write.rs"]
pub(crate) mod write;

/// Bytes of an input, at the most: longer ones take longer, and find nothing more. A target that
/// writes many bytes for each that it reads takes fewer.
pub(crate) const MAX_LEN: usize = 1 << 10;
const FEW: usize = MAX_LEN / 4;

/// How the bytes of an input are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// As a v1 trace.
    Trace,
    /// As a v2 trace.
    TraceV2,
    /// As a profile.
    Profile,
    /// As a trace and a profile: see [`profile::split`].
    Pair,
    /// As UTF-8 text.
    Text,
    /// As choices that something is built of.
    Steps,
}

/// Something that is promised of any bytes.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its name, which is also that of its folder in `corpus/`.
    pub(crate) name: &'static str,
    pub(crate) input: Input,
    /// Panics if the promise is broken.
    pub(crate) run: fn(&[u8]),
    /// Bytes of its inputs, at the most; its `.options` tell libFuzzer the same.
    pub(crate) max_len: usize,
    /// How many of a hundred inputs it gets when all targets are run: more where one is fast
    /// or where states are deep.
    pub(crate) share: u32,
    /// Where inputs to begin with are, beside its corpus: folders of the repository, and how the
    /// names of their files end.
    pub(crate) seeds: &'static [(&'static str, &'static str)],
}

const TRACES: &[(&str, &str)] = &[("fuzz/corpus/traces", ""), ("fixtures/invalid", "/trace")];
const OF_TODAY: &[(&str, &str)] = &[
    ("fuzz/corpus/traces-v2", ""),
    ("fixtures/invalid", "/trace"),
];
const PROFILES: &[(&str, &str)] = &[
    ("fixtures/invalid", "/profile"),
    ("fixtures/valid", ".pb.gz"),
];

/// All targets, one a row.
#[rustfmt::skip]
pub(crate) const ALL: [Target; 35] = [
    row("header_index", Input::Trace, trace::header_index, MAX_LEN, 8, TRACES),
    row("order", Input::Trace, trace::order, MAX_LEN, 6, TRACES),
    row("stat", Input::Trace, trace::stat, MAX_LEN, 2, TRACES),
    row("events_shown", Input::Trace, trace::events_shown, FEW, 2, TRACES),
    row("events_json", Input::Trace, trace::events_json, FEW, 1, TRACES),
    row("keep_going", Input::Trace, trace::keep_going, MAX_LEN / 2, 3, TRACES),
    row("dump", Input::Trace, trace::dump, FEW, 3, TRACES),
    row("chrome", Input::Trace, trace::chrome, FEW / 2, 1, TRACES),
    row("exported_profile", Input::Trace, trace::exported_profile, MAX_LEN, 1, TRACES),
    row("alone", Input::Trace, trace::alone, MAX_LEN, 2, TRACES),
    row("v2_order", Input::TraceV2, v2::order, MAX_LEN, 10, OF_TODAY),
    row("v2_tables", Input::TraceV2, v2::tables, MAX_LEN, 4, OF_TODAY),
    row("v2_strict", Input::TraceV2, v2::strict, MAX_LEN, 4, OF_TODAY),
    row("v2_keep_going", Input::TraceV2, v2::keep_going, MAX_LEN, 5, OF_TODAY),
    row("v2_stream", Input::TraceV2, v2::stream, MAX_LEN, 4, OF_TODAY),
    row("v2_shown", Input::TraceV2, v2::shown, MAX_LEN, 3, OF_TODAY),
    row("v2_json", Input::TraceV2, v2::json, MAX_LEN, 2, OF_TODAY),
    row("v2_dump", Input::TraceV2, v2::dump, MAX_LEN / 2, 2, OF_TODAY),
    row("v2_wire", Input::TraceV2, v2::wire, MAX_LEN, 4, OF_TODAY),
    row("v2_stat", Input::TraceV2, v2::stat, MAX_LEN, 2, OF_TODAY),
    row("v2_exported", Input::TraceV2, v2::exported, MAX_LEN, 1, OF_TODAY),
    row("v2_chrome", Input::TraceV2, v2::chrome, FEW, 1, OF_TODAY),
    row("v2_alone", Input::TraceV2, trace::alone, MAX_LEN, 2, OF_TODAY),
    row("v2_pair", Input::Pair, v2::pair, MAX_LEN, 1, &[]),
    row("built_v2", Input::Steps, v2::built, FEW, 4, &[]),
    row("profile", Input::Profile, profile::profile, MAX_LEN, 8, PROFILES),
    row("pair", Input::Pair, profile::pair, MAX_LEN, 2, &[]),
    row("built_trace", Input::Steps, built::trace, FEW, 3, &[]),
    row("built_profile", Input::Steps, built::profile, FEW, 3, &[]),
    row("built_pair", Input::Steps, built::pair, FEW, 1, &[]),
    row("round_trip", Input::Steps, built::round_trip, FEW, 1, &[]),
    row("workload_toml", Input::Text, text::workload_toml, MAX_LEN, 1, &[]),
    row("stage_toml", Input::Text, text::stage_toml, MAX_LEN, 1, &[("sim/stages", ".toml")]),
    row("case_toml", Input::Text, text::case_toml, MAX_LEN, 1, &[("fixtures/seeds", ".toml")]),
    row("answer_json", Input::Text, text::answer_json, MAX_LEN, 1, &[]),
];

const fn row(
    name: &'static str,
    input: Input,
    run: fn(&[u8]),
    max_len: usize,
    share: u32,
    seeds: &'static [(&'static str, &'static str)],
) -> Target {
    Target {
        name,
        input,
        run,
        max_len,
        share,
        seeds,
    }
}

/// The files of a target's corpus and seeds, in order.
pub(crate) fn files(root: &Path, target: &Target) -> Vec<PathBuf> {
    let mut found = Vec::new();
    below(&root.join("fuzz/corpus").join(target.name), "", &mut found);
    for (folder, end) in target.seeds {
        below(&root.join(folder), end, &mut found);
    }
    found
}

fn below(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    // A target need not have a corpus of its own.
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}
