//! Runs in generations, as Go 1.22 to 1.27 makes them: real Go of that release and the newest read
//! them as we do, and they keep the rules of the truth.

#[path = "../../reader/v2/go.rs"]
mod go;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sigprof::check::{Narrow, Verdict, check};
use sigprof::oracle::{Go, compare, parsed};
use sigprof::pprof;
use sigprof::trace::Reader;
use sigprof::trace::v2::Release;
use sigprof::truth::{Arrival, Signal};
use sigprof_sim::Seed;
use sigprof_sim::machine::Revision;
use sigprof_sim::stage::{self, Staged};

use super::Run;
use go::Many;

/// The release that reads the runs of a revision, besides the newest.
const JUDGES: [(Release, &str); 7] = [
    (Release::Go1_22, "go1.22"),
    (Release::Go1_23, "go1.23"),
    (Release::Go1_24, "go1.24"),
    (Release::Go1_25, "go1.25"),
    (Release::Go1_26, "go1.26"),
    (Release::Go1_27, "go1.27"),
    (Release::Go1_27, "fixed"),
];

fn named(name: &str) -> Revision {
    Revision::named(name).unwrap()
}

/// The runs of these seeds in each revision.
fn runs(seeds: impl Iterator<Item = u64> + Clone) -> impl Iterator<Item = Run> {
    let of = move |revision| seeds.clone().map(move |seed| Run::later(seed, revision));
    Revision::V2.into_iter().flat_map(of)
}

/// Traces and snapshots as files.
fn write(name: &str, traces: &[Vec<u8>], snapshots: &[Vec<u8>], folder: &Path) -> Vec<PathBuf> {
    let traces = traces.iter().map(|bytes| ("trace", bytes));
    let snapshots = snapshots.iter().map(|bytes| ("snapshot", bytes));
    let files = traces.chain(snapshots).enumerate();
    let files = files.map(|(number, (kind, bytes))| {
        let name = format!("{}-{kind}-{number}", name.replace(' ', "-"));
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    });
    files.collect()
}

/// The hard cases of a revision.
fn stages(revision: Revision) -> impl Iterator<Item = (&'static str, Staged)> {
    let cases = stage::cases_of(revision);
    cases.map(move |(name, stage)| (name, stage::run(&stage, revision, Seed(0))))
}

/// Each release reads what its revision writes, and the newest reads it too.
pub(super) fn are_read(seeds: impl Iterator<Item = u64> + Clone) {
    let newest = Many::build(Release::Go1_27);
    for (release, revision) in JUDGES {
        let folder = tempfile::tempdir().unwrap();
        let drawn = seeds.clone().flat_map(|seed| {
            let run = Run::later(seed, named(revision));
            write(&run.name, &run.traces, &run.made.snapshots, folder.path())
        });
        let hard = stages(named(revision)).flat_map(|(name, staged)| {
            write(name, &staged.traces, &staged.snapshots, folder.path())
        });
        let files: Vec<_> = drawn.chain(hard).collect();
        if let Some(go) = &newest {
            go::check(go, Release::Go1_27, "parsed", &files);
        }
        if release == Release::Go1_27 {
            continue;
        }
        match Many::build(release) {
            None => {}
            Some(go) if release < Release::Go1_24 => check_but_ties(&go, release, &files),
            Some(go) => {
                go::check(&go, release, "parsed", &files);
            }
        }
    }
}

/// Guards S73.1.
#[test]
fn real_go_prints_the_same_events() {
    are_read(0..8);
}

/// `go tool pprof -raw` of the newest has the samples that ours has.
pub(super) fn profiles_are_read(seeds: impl Iterator<Item = u64> + Clone) {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for run in runs(seeds) {
        let (_, profiles) = run.write(folder.path());
        for (path, bytes) in profiles.iter().zip(&run.made.profiles) {
            compare::profile(&go, path, bytes).unwrap_or_else(|e| panic!("{}: {e}", run.name));
        }
    }
}

#[test]
fn real_go_has_the_same_samples_in_profiles() {
    profiles_are_read(0..2);
}

pub(super) fn rules_are_kept(seeds: impl Iterator<Item = u64> + Clone) {
    for run in runs(seeds) {
        assert_eq!(run.violations(), [], "{}", run.name);
    }
}

/// Guards S72.1.
#[test]
fn every_run_keeps_the_rules_of_the_truth() {
    rules_are_kept(0..40);
}

/// Verdicts of the check on pairs of these seeds; it is never wrong.
pub(super) fn said(seeds: impl Iterator<Item = u64> + Clone) -> BTreeMap<String, u64> {
    let mut said = BTreeMap::new();
    for revision in Revision::V2 {
        for seed in seeds.clone() {
            let run = Run::later(seed, revision);
            let (Some(bytes), Some(profile)) = (run.traces.first(), run.made.profiles.first())
            else {
                continue;
            };
            let truth = run.truth();
            let Ok(mut trace) = Reader::new(bytes) else {
                continue;
            };
            let profile = pprof::read(profile).unwrap();
            let Ok(report) = check(&mut trace, &profile, &Narrow::default()) else {
                continue;
            };
            let in_profile = |s: &&Signal| s.in_profile == Some(Arrival::Delivered);
            let is_in_trace = |s: &Signal| {
                let came = [Some(Arrival::Delivered), Some(Arrival::Leaked)];
                came.contains(&s.in_trace) && s.trace == Some(0)
            };
            let signals = truth.signals.iter().filter(in_profile);
            let missing = signals.filter(|s| !is_in_trace(s)).count();
            match report.verdict {
                Verdict::Match | Verdict::Synthetic => assert_eq!(missing, 0, "{}", run.name),
                Verdict::Consistent | Verdict::CannotTell | Verdict::Lost | Verdict::NoOverlap => {
                    assert_ne!(missing, 0, "{}: {}", run.name, report.summary);
                }
                Verdict::Surplus | Verdict::Wrong => {
                    panic!("{}: {}, {missing} missing", run.name, report.summary)
                }
            }
            *said.entry(report.verdict.to_string()).or_insert(0) += 1;
        }
    }
    said
}

#[test]
fn the_check_says_what_is_true() {
    let said = said(0..60);
    println!("{said:?}");
    assert!(said["match"] > 20 && said["consistent"] > 20, "{said:?}");
}

/// Whether a release reads each file, and prints the events that we print, whatever the order of
/// those of equal times: until 1.23 Go takes threads in any (V18), and times follow from it. One
/// that both refuse, as its program ended without a stop, is as long as that order has it.
#[track_caller]
fn check_but_ties(go: &Many, release: Release, files: &[PathBuf]) {
    for (file, (_, said)) in files.iter().zip(go.hashes("parsed", files)) {
        let bytes = std::fs::read(file).unwrap();
        let (ours, end) = parsed::of_bytes(&bytes, release);
        let name = file.display();
        assert_eq!(end.is_ok(), said == "ok", "{name}, Go {release}: {said}");
        if end.is_err() {
            continue;
        }
        let theirs = go.whole("parsed", file);
        let (ours, theirs) = (without_times(&ours), without_times(&theirs));
        let only = ours.iter().zip(&theirs).find(|(a, b)| a != b);
        let same = ours.len() == theirs.len() && only.is_none();
        assert!(same, "{name}, Go {release}: ours and Go's: {only:?}");
    }
}

/// Lines without their times, sorted.
fn without_times(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let line = |line: &str| {
        let words = line.split(' ').filter(|word| !word.starts_with("Time="));
        words.collect::<Vec<_>>().join(" ")
    };
    let mut lines: Vec<_> = text.lines().map(line).collect();
    lines.sort_unstable();
    lines
}
