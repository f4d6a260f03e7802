//! Traces in the formats of other tools, against what real Go makes of the same traces:
//! its web server's `/jsontrace` over loopback, and `go tool pprof`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

pub(crate) mod compare;
mod samples;
pub(crate) mod server;
mod v2;
mod viewers;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use compare::{canonical, same};
use serde_json::Value;
use sigprof::error::WriteError;
use sigprof::export::{chrome, pprof};
use sigprof::oracle::{Go, pprof_raw};
use sigprof::trace::{Options, Reader, v1};
use sigprof_sim::tracer::{ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

fn fixture(case: &str) -> PathBuf {
    let valid = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    valid.join(case).join("trace")
}

fn export(bytes: &[u8], all: bool) -> Value {
    let mut reader = Reader::new(bytes).unwrap();
    let mut json = Vec::new();
    chrome::write(&mut reader, chrome::Options { all }, &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn canned(go: &Go) -> Vec<PathBuf> {
    let testdata = go.root().join("src/internal/trace/testdata");
    let names = [
        "http_1_11_good",
        "http_1_19_good",
        "stress_1_11_good",
        "stress_1_19_good",
    ];
    names.map(|name| testdata.join(name)).to_vec()
}

/// Guards R64.5, S16.12.
#[test]
fn chrome_has_the_events_of_go_1_19() {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let cases = [
        "basics/tiny",
        "basics/hog",
        "basics/busy",
        "basics/syscalls",
        "windows/restart",
        "stacks/generic",
    ];
    let fixtures = cases.map(fixture).into_iter().filter(|f| f.is_file());
    let files: Vec<_> = fixtures.chain(canned(&go)).collect();
    assert!(files.len() > 6, "{files:?}");
    let folder = tempfile::tempdir().unwrap();
    let tool = server::program(&go, folder.path());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let theirs = server::json_trace(&tool, &file);
        let what = file.display().to_string();
        assert!(same(&what, &theirs, &export(&bytes, false)) > 50, "{what}");
    }
}

/// The comparison cannot go wrong unnoticed.
#[test]
fn another_time_is_seen() {
    let bytes = std::fs::read(fixture("basics/tiny")).unwrap();
    let ours = export(&bytes, false);
    let mut other = ours.clone();
    other["traceEvents"][3]["ts"] = 1.25.into();
    assert_ne!(canonical(&ours), canonical(&other));
}

/// The trace was cut within a GC cycle. That a duration has all its digits is seen here, too:
/// without a frequency a tick counts as a nanosecond.
///
/// Guards S16.12.
#[test]
fn a_slice_without_an_end_ends_with_the_trace() {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(99));
    trace.event(EventType::GCStart, Ticks(1), &[0], Some(StackId::EMPTY));
    trace.event(EventType::HeapAlloc, Ticks(1_234_567_889), &[1], None);
    let bytes = trace.finish();
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let mut reader = Reader::with(&bytes, options).unwrap();
    let mut json = Vec::new();
    let damaged = chrome::write(&mut reader, chrome::Options::default(), &mut json);
    assert!(damaged.is_err());
    let trace: Value = serde_json::from_slice(&json).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let cycle = events
        .iter()
        .find(|event| event["name"] == "GC" && event["ph"] == "X");
    let cycle = cycle.unwrap_or_else(|| panic!("no slice in {events:#?}"));
    assert_eq!(cycle["dur"].to_string(), "1234567.889");
}

/// Guards S16.12.
#[test]
fn samples_without_a_p_have_a_row_if_they_are_asked_for() {
    let path = [
        "basics/hog",
        "basics/busy",
        "rings/overflow",
        "basics/syscalls",
    ]
    .map(fixture);
    let counts = path.map(|path| {
        let bytes = std::fs::read(path).unwrap();
        let count = |all| {
            let trace = export(&bytes, all);
            let events = trace["traceEvents"].as_array().unwrap();
            let samples = events.iter().filter(|e| e["name"] == "CPU profile sample");
            samples.filter(|e| e["tid"] == 1_000_005).count()
        };
        assert_eq!(count(false), 0);
        let samples = v1::Reader::new(&bytes).unwrap();
        let samples = samples.events().map(Result::unwrap);
        let without =
            samples.filter(|e| e.event_type.name() == "CPUSample" && e.place == v1::Place::NoP);
        let without = without.count();
        assert_eq!(count(true), without);
        without
    });
    assert!(counts.iter().sum::<usize>() > 0, "{counts:?}");
}

/// `go tool pprof` opens the profile, and has the samples of the trace.
///
/// Guards S16.13, S50.1.
#[test]
fn pprof_has_the_samples_of_the_trace() {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let bytes = std::fs::read(fixture("basics/hog")).unwrap();
    let reader = v1::Reader::new(&bytes).unwrap();
    let mut profile = Vec::new();
    let mut both = Reader::new(&bytes).unwrap();
    let options = pprof::Options {
        labels: Vec::new(),
        ..pprof::Options::default()
    };
    pprof::write(&mut both, &options, &mut profile).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&profile).unwrap();
    let raw = go.pprof_raw(file.path()).unwrap();
    let samples = pprof_raw::parse(&String::from_utf8_lossy(&raw)).unwrap();
    let mut ours: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for event in reader.events().map(Result::unwrap) {
        if event.event_type.name() == "CPUSample" {
            let frames = reader.stack(event.stack);
            let frames = frames.filter(|f| reader.text(f.function) != "runtime.goexit");
            let names = frames.map(|f| format!("{}:{}", reader.text(f.function), f.line));
            *ours.entry(names.collect()).or_default() += 1;
        }
    }
    let theirs: BTreeMap<Vec<String>, u64> = samples
        .into_iter()
        .map(|((frames, _), count)| {
            let names = frames.iter().map(|f| format!("{}:{}", f.function, f.line));
            (names.collect(), count)
        })
        .collect();
    assert_eq!(theirs, ours);
    assert!(ours.len() > 2);
}

/// The rows of Ps in an export of a trace with one event on this P.
fn p_rows(p: u32) -> usize {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(p)), Ticks(1));
    trace.event(EventType::HeapAlloc, Ticks(1), &[1], None);
    trace.frequency(1_000_000_000);
    let (bytes, mut json) = (trace.finish(), Vec::new());
    let mut reader = Reader::new(&bytes).unwrap();
    chrome::write(&mut reader, chrome::Options::default(), &mut json).unwrap();
    let json = String::from_utf8(json).unwrap();
    assert!(json.contains(&format!("\"Proc {p}\"")));
    json.matches("\"Proc ").count()
}

/// Guards S10.7.
#[test]
fn high_ps_have_rows_only_where_something_happens() {
    assert_eq!(p_rows(1_023), 1_024);
    assert_eq!(p_rows(1_024), 1_025);
    assert_eq!(p_rows(999_999), 1_025);
}

/// A run with a mark assist, within which a sweep begins and ends; then, if it is asked for, a
/// mark assist of nobody.
fn assists(nobody_assists: bool) -> Vec<u8> {
    use EventType as E;
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    let (later, none) = (Ticks(1000), Some(StackId::EMPTY));
    trace.batch(Some(ProcId(0)), Ticks(1));
    trace.event(E::GoCreate, later, &[1, 1], none);
    trace.event(E::GoStart, later, &[1, 1], None);
    trace.event(E::GCMarkAssistStart, later, &[], none);
    trace.event(E::GCSweepStart, later, &[], none);
    trace.event(E::GCSweepDone, later, &[0, 0], None);
    trace.event(E::GCMarkAssistDone, later, &[], None);
    trace.event(E::GoSched, later, &[], none);
    if nobody_assists {
        trace.event(E::GCMarkAssistStart, later, &[], none);
    }
    trace.event(E::GCStart, later, &[0], none);
    trace.event(E::GCDone, later, &[], None);
    trace.string(StringId(1), b"main.f");
    let frame = TraceFrame {
        pc: 1,
        function: StringId(1),
        file: StringId(1),
        line: 1,
    };
    trace.stack(StackId(1), &[frame]);
    trace.frequency(1_000_000_000);
    trace.finish()
}

/// Guards R64.5.
#[test]
fn a_sweep_does_not_end_a_mark_assist() {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let bytes = assists(false);
    let folder = tempfile::tempdir().unwrap();
    let tool = server::program(&go, folder.path());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    let (theirs, ours) = (
        server::json_trace(&tool, file.path()),
        export(&bytes, false),
    );
    same("an assist with a sweep", &theirs, &ours);
    assert!(ours.to_string().contains("\"MARK ASSIST\""));
}

/// Guards S16.12.
#[test]
fn a_mark_assist_of_nobody_is_not_shown() {
    let trace = export(&assists(true), false).to_string();
    assert_eq!(trace.matches("MARK ASSIST").count(), 1);
}

/// A trace that begins with so many goroutines, each of which takes 8 bytes of it if it is ready
/// to run, which is all that is ever said of it, and 13 if it waits.
fn goroutines(count: u64, are_waiting: bool) -> Vec<u8> {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(1));
    for id in 16_384..16_384 + count {
        trace.event(EventType::GoCreate, Ticks(1), &[id, 0], None);
        if are_waiting {
            trace.event(EventType::GoWaiting, Ticks(1), &[id], None);
        }
    }
    trace.frequency(1_000_000_000);
    trace.finish()
}

/// Events of a trace that are counters of goroutines.
fn counted(bytes: &[u8]) -> Result<u64, WriteError> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut json = Vec::new();
    chrome::write(&mut reader, chrome::Options::default(), &mut json)?;
    let json = String::from_utf8(json).unwrap();
    Ok(json.matches("\"name\":\"Goroutines\"").count() as u64)
}

/// Guards S10.4.
#[test]
fn goroutines_are_exported_however_many_do_nothing() {
    // Lists and tables that have just grown are the largest for what they hold.
    for count in [1_000, 28_000, 57_000, 65_000, 81_000, 115_000] {
        let (ready, waiting) = (goroutines(count, false), goroutines(count, true));
        assert_eq!(ready.len() as u64 / count, 8);
        assert_eq!(waiting.len() as u64 / count, 13);
        assert_eq!(counted(&ready).unwrap(), count);
        assert_eq!(counted(&waiting).unwrap(), 2 * count);
    }
}

/// Guards S10.4.
#[test]
fn ps_that_do_next_to_nothing_are_refused_where_memory_would_end() {
    let results = (0..10).map(|events| {
        let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
        for p in 20_000..50_000 {
            trace.batch(Some(ProcId(p)), Ticks(1));
            for _ in 0..=events {
                trace.event(EventType::HeapAlloc, Ticks(1), &[1], None);
            }
        }
        trace.frequency(1_000_000_000);
        let bytes = trace.finish();
        Reader::new(&bytes).ok()?;
        Some(counted(&bytes).map_err(|error| error.to_string()))
    });
    // Those that the reader does not refuse.
    let results: Vec<_> = results.flatten().collect();
    let refused: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    let why = "16 times the trace's size and 851968";
    assert!(
        !refused.is_empty() && refused.len() < results.len(),
        "{results:?}"
    );
    assert!(
        refused.iter().all(|error| error.contains(why)),
        "{refused:?}"
    );
}
