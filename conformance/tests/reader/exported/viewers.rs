//! Samples in the formats of viewers.

use serde_json::Value;
use sigprof::export::samples::Select;
use sigprof::export::{Options, firefox, folded, speedscope};
use sigprof::trace::Reader;
use sigprof_sim::tracer::{CpuSample, Frame, ProcId, StackId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{CASES, fixture, many, selected};

fn lines(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    folded::write(
        &mut Reader::new(bytes).unwrap(),
        &Select::default(),
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// Guards S54.1, S54.2.
#[test]
fn no_name_forges_a_frame_or_a_line() {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    let long = "x".repeat(5_000);
    let names = ["a;b\nmain.g 7", "\u{202e}", "", &long];
    let frames = (1..)
        .zip(names)
        .map(|(pc, name)| Frame::new(pc, name, "f.go", pc));
    let frames: Vec<_> = frames.collect();
    let stack = trace.stack(&frames);
    trace.batch(Some(ProcId(0)), Ticks(1));
    trace.event(Ticks(1), EventType::Gomaxprocs, &[1], &[]);
    for (at, stack) in (10..).zip([stack, StackId::EMPTY, stack]) {
        let sample = CpuSample {
            ts: Ticks(at),
            p: None,
            g: None,
            stack,
        };
        trace.cpu_sample(Ticks(at), sample);
    }
    let cut = "x".repeat(1_024);
    assert_eq!(
        lines(&trace.finish(1_000_000_000)),
        format!("[no stack] 1\n{cut};[unknown];\\u{{202e}};a:b\\u{{a}}main.g 7 2\n")
    );
}

/// Guards S54.1.
#[test]
fn folded_stacks_are_sorted_and_each_once() {
    for case in CASES {
        let bytes = fixture(case);
        let text = lines(&bytes);
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.rsplit_once(' ').unwrap())
            .collect();
        let sum: u64 = lines.iter().map(|(_, n)| n.parse::<u64>().unwrap()).sum();
        assert_eq!(sum, selected(&bytes, Select::default()), "{case}");
        let stacks = lines
            .iter()
            .map(|(stack, _)| stack.split(';').collect::<Vec<_>>());
        assert!(stacks.is_sorted_by(|a, b| a < b), "{case}: {text}");
    }
}

fn json(bytes: &[u8], period_ns: i64) -> Value {
    let options = Options {
        period_ns,
        ..Options::default()
    };
    let mut out = Vec::new();
    speedscope::write(&mut Reader::new(bytes).unwrap(), &options, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// Guards S52.1, S52.2.
#[test]
fn a_sample_of_speedscope_weighs_a_period_and_ends_at_its_time() {
    let bytes = fixture("basics/hog-go1.27");
    // So short that no two meet.
    let period = 1_000;
    let file = json(&bytes, period);
    let mut ends = Vec::new();
    for profile in file["profiles"].as_array().unwrap() {
        let mut now = profile["startValue"].as_i64().unwrap();
        let stacks = profile["samples"].as_array().unwrap();
        let weights = profile["weights"].as_array().unwrap();
        assert_eq!(stacks.len(), weights.len());
        for (stack, weight) in stacks.iter().zip(weights) {
            now += weight.as_i64().unwrap();
            if stack.as_array().is_some_and(|stack| !stack.is_empty()) {
                assert_eq!(weight, period);
                ends.push(now);
            }
        }
        assert_eq!(now, profile["endValue"].as_i64().unwrap());
    }
    let mut reader = Reader::new(&bytes).unwrap();
    let mut times = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        times.extend(event.is_sample().then_some(event.time.0));
    }
    ends.sort_unstable();
    assert_eq!(ends, times);
}

/// Guards S52.3.
#[test]
fn profiles_are_of_threads_or_where_there_are_none_of_ps() {
    let names = |case: &str| {
        let file = json(&fixture(case), 1_000);
        let profiles = file["profiles"].as_array().unwrap().iter();
        let names: Vec<_> = profiles
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        names
    };
    let threads = ["thread 21210", "thread 21213", "thread 21214"];
    assert_eq!(names("basics/hog-go1.27"), threads);
    assert_eq!(json(&many(3), 1)["profiles"][0]["name"], "no P");
    // A trace without a sample has a profile all the same, as there must be one.
    assert_eq!(names("events/every-event-go1.11").len(), 1);
}

/// Guards S53.1, S53.2.
#[test]
fn firefox_has_each_sample_at_its_time() {
    for case in CASES {
        let bytes = fixture(case);
        let mut out = Vec::new();
        firefox::write(
            &mut Reader::new(&bytes).unwrap(),
            &Options::default(),
            &mut out,
        )
        .unwrap();
        let file: Value = serde_json::from_slice(&out).unwrap();
        let mut times = Vec::new();
        for thread in file["threads"].as_array().unwrap() {
            let samples = &thread["samples"];
            assert_eq!(samples["weightType"], "samples");
            let deltas = samples["timeDeltas"].as_array().unwrap().iter();
            let mut now = 0.0;
            times.extend(deltas.map(|delta| {
                now += delta.as_f64().unwrap();
                now
            }));
        }
        let mut reader = Reader::new(&bytes).unwrap();
        let mut expected = Vec::new();
        while let Some(event) = reader.next_event().unwrap() {
            expected.extend(event.is_sample().then_some(event.time.0 as f64 / 1e6));
        }
        times.sort_by(f64::total_cmp);
        assert_eq!(times.len(), expected.len(), "{case}");
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-3;
        assert!(times.iter().zip(&expected).all(is_near), "{case}");
    }
}

/// Threads that need a byte or two each, with a deep stack of long names.
///
/// Guards S53.3.
#[test]
fn stacks_of_threads_that_would_be_out_of_proportion_are_refused() {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    let frames = (1..=60).map(|pc| Frame::new(pc, &"long".repeat(50), "f.go", pc));
    let frames: Vec<_> = frames.collect();
    let stack = trace.stack(&frames);
    for p in 0..900 {
        trace.batch(Some(ProcId(p)), Ticks(1));
        trace.event(Ticks(1), EventType::HeapAlloc, &[1], &[]);
        let sample = CpuSample {
            ts: Ticks(10),
            p: Some(ProcId(p)),
            g: None,
            stack,
        };
        trace.cpu_sample(Ticks(10), sample);
    }
    let bytes = trace.finish(1_000_000_000);
    let (mut reader, mut out) = (Reader::new(&bytes).unwrap(), Vec::new());
    let error = firefox::write(&mut reader, &Options::default(), &mut out).unwrap_err();
    assert!(error.to_string().contains("stacks of threads"), "{error}");
    assert!(out.is_empty());
    lines(&bytes);
}
