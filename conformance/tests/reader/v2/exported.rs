//! `sigprof export --format chrome` of v2 traces, whole and cut.

use serde_json::Value;
use sigprof::error::WriteError;
use sigprof::export::chrome;
use sigprof::trace::{Options, Reader};

use super::fixtures;

/// The JSON of a trace that is read by this, and how that ends.
fn export(mut reader: Reader, all: bool) -> (Vec<u8>, Result<u64, WriteError>) {
    let mut json = Vec::new();
    let result = chrome::write(&mut reader, chrome::Options { all }, &mut json);
    (json, result)
}

fn samples(json: &[u8]) -> (usize, usize) {
    let trace: Value = serde_json::from_slice(json).unwrap();
    let events = trace["traceEvents"].as_array().unwrap().iter();
    let samples = events.filter(|e| e["name"] == "CPU profile sample");
    let rows: Vec<_> = samples.map(|e| e["tid"].as_u64().unwrap()).collect();
    let without = rows.iter().filter(|&&row| row == 1_000_005).count();
    (rows.len(), without)
}

/// Guards S1.3, S45.1.
#[test]
fn a_v2_trace_is_exported_alike_from_bytes_and_a_stream() {
    for folder in fixtures() {
        let bytes = std::fs::read(folder.join("trace")).unwrap();
        let (whole, result) = export(Reader::new(&bytes).unwrap(), false);
        result.unwrap();
        let stream = Reader::from_stream(&bytes[..], Options::default()).unwrap();
        let (streamed, result) = export(stream, false);
        result.unwrap();
        assert!(whole == streamed, "{}", folder.display());
    }
}

/// Guards S45.1, S45.5.
#[test]
fn samples_without_a_p_are_shown_if_they_are_asked_for() {
    let mut without_a_p = 0;
    for seed in 0..20 {
        let bytes = crate::fuzzed::targets::world::legal(seed, 26);
        let count = |all| {
            let (json, result) = export(Reader::new(&bytes).unwrap(), all);
            (samples(&json), result.unwrap())
        };
        let (((shown, none), left_out), ((all, without), left)) = (count(false), count(true));
        let mut reader = Reader::new(&bytes).unwrap();
        let (mut total, mut with) = (0, 0);
        while let Some(event) = reader.next_event().unwrap() {
            total += usize::from(event.is_sample());
            with += usize::from(event.is_sample() && event.proc.is_some());
        }
        assert_eq!((shown, none), (with, 0));
        assert_eq!((all, without), (total, total - with));
        assert_eq!((left_out, left), ((total - with) as u64, 0));
        without_a_p += without;
    }
    assert!(without_a_p > 0);
}

#[test]
fn the_json_of_a_cut_trace_is_closed_only_if_it_was_to_go_on() {
    let mut errors = 0;
    for folder in fixtures() {
        let bytes = std::fs::read(folder.join("trace")).unwrap();
        for nth in 1..20 {
            // The header of 16 bytes is always whole.
            let cut = &bytes[..(bytes.len() * nth / 20).max(16)];
            for keep_going in [false, true] {
                let options = Options {
                    keep_going,
                    ..Options::default()
                };
                let (json, result) = export(Reader::with(cut, options).unwrap(), true);
                let is_whole = serde_json::from_slice::<Value>(&json).is_ok();
                assert_eq!(
                    is_whole,
                    keep_going || result.is_ok(),
                    "{}",
                    folder.display()
                );
                errors += usize::from(result.is_err());
            }
        }
    }
    assert!(errors > 100, "{errors}");
}

/// Of what ran as a generation broke off nothing is shown as if it had gone on.
///
/// Guards S45.1.
#[test]
fn no_slice_goes_on_over_a_generation_that_was_lost() {
    for name in ["generations/tasks-go1.27", "basics/modern-go1.27"] {
        let mut bytes = super::fixture(name);
        let at = super::kept::batches(&bytes, 2)[4];
        bytes[at..at + 2].fill(0xff);
        let options = Options {
            keep_going: true,
            ..Options::default()
        };
        let (json, result) = export(Reader::with(&bytes, options).unwrap(), false);
        assert!(result.is_err());
        let trace: Value = serde_json::from_slice(&json).unwrap();
        let events = trace["traceEvents"].as_array().unwrap().iter();
        let is_run = |e: &&Value| {
            let name = e["name"].as_str().unwrap_or_default();
            e["ph"] == "X" && name.starts_with('G')
        };
        let number = |e: &Value, key: &str| e[key].as_f64().unwrap_or_default();
        let mut runs: Vec<_> = events
            .filter(is_run)
            .map(|e| {
                let (start, length) = (number(e, "ts"), number(e, "dur"));
                (e["tid"].as_u64().unwrap(), start, start + length)
            })
            .collect();
        assert!(runs.len() > 10, "{name}: {}", runs.len());
        runs.sort_by(|a, b| a.partial_cmp(b).unwrap());
        for pair in runs.windows(2) {
            let [(row, _, end), (next_row, start, _)] = *pair else {
                continue;
            };
            assert!(row != next_row || end <= start + 0.01, "{name}: {pair:?}");
        }
    }
}
