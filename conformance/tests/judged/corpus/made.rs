//! Simulated cases are what the simulator makes now, and say what really happened there.

use std::collections::BTreeSet;
use std::path::Path;

use sigprof::corpus::expected::Valid;
use sigprof::corpus::samples::{Frame, TraceSample, TraceSide};
use sigprof::corpus::{compare, manifest};
use sigprof::fixtures::{Files, Origin};
use sigprof::pprof;
use sigprof::trace::v1 as trace;
use sigprof::trace::v1::dump;
use sigprof::trace::v1::render;
use sigprof::truth::{TraceSamples, judge, judge_snapshot};
use sigprof_sim::truth::{InTrace, Signal, Truth, TruthFrame};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

#[path = "../../../../xtask/src/fixtures/simulated.rs"]
mod simulated;

use simulated::Part;

/// `cargo xtask fixtures` would change nothing.
///
/// Guards S20.1.
#[test]
fn simulated_cases_are_what_the_simulator_makes() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    let mut names = BTreeSet::new();
    for made in simulated::all() {
        let read = |file: &str| std::fs::read(fixtures.join(&made.name).join(file)).ok();
        assert!(
            read("trace") == Some(made.trace),
            "{}: another trace",
            made.name
        );
        assert!(
            read("profile.pb.gz") == made.profile,
            "{}: another profile",
            made.name
        );
        let origin = String::from_utf8(read("origin.toml").unwrap()).unwrap();
        let command = format!("command = \"{}\"\n", made.command);
        assert!(origin.contains(&command), "{}: {origin}", made.name);
        names.insert(format!("valid/{}", made.name));
    }
    let files = Files::embedded();
    let real: BTreeSet<_> = files.real().into_iter().collect();
    let mut all: BTreeSet<_> = files.valid().into_iter().collect();
    // What makes the others is held to them among the reader's tests.
    all.retain(|case| {
        let origin: Origin = files.toml(&format!("{case}/origin.toml")).unwrap();
        names.contains(case) || origin.command != "cargo xtask fixtures"
    });
    assert_eq!(all, &names | &real);
}

/// Whoever makes all real cases anew makes these.
///
/// Guards S22.1.
#[test]
fn real_cases_are_those_that_the_scripts_make() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts");
    let mut made = BTreeSet::new();
    for script in ["fixtures", "fixtures-v2"] {
        let text = std::fs::read_to_string(scripts.join(script)).unwrap();
        let (_, rows) = text.split_once("\ncases='\n").unwrap();
        let (rows, _) = rows.split_once("\n'\n").unwrap();
        let names = rows.lines().map(|row| row.split('|').next().unwrap());
        made.extend(names.map(|name| format!("valid/{}", name.trim())));
    }
    let real: BTreeSet<_> = Files::embedded().real().into_iter().collect();
    assert_eq!(made, real);
}

#[test]
fn simulated_cases_keep_the_rules_of_the_truth() {
    let mut judged = 0;
    for made in simulated::all() {
        let Some((truth, part)) = made.truth else {
            continue;
        };
        let json = serde_json::to_vec(&truth).unwrap();
        let truth = sigprof::truth::read(&json).unwrap();
        let trace = TraceSamples::read(&made.trace).unwrap();
        let profile = made.profile.map(|bytes| pprof::read(&bytes).unwrap());
        let broken = match part {
            Part::Trace(number) => judge(
                &truth,
                Some((number, &trace)),
                profile.as_ref().map(|p| (number, p)),
            ),
            Part::Snapshot(number) => judge_snapshot(&truth, number, &trace),
        };
        assert!(broken.is_empty(), "{}: {broken:?}", made.name);
        judged += 1;
    }
    assert!(judged > 30, "{judged}");
}

/// The samples of `expected.json` are the signals that the truth delivered: each with its
/// time, P, goroutine and stack, from Go 1.22 on its thread and generation, too. Of the trace itself
/// only the clock is needed: ticks as nanoseconds since the first event, or on its own clock.
#[test]
fn expected_samples_are_the_signals_that_were_delivered() {
    let files = Files::embedded();
    let (mut samples, mut of_v2) = (0, 0);
    for made in simulated::all() {
        let Some((truth, part)) = made.truth else {
            continue;
        };
        let path = format!("valid/{}/expected.json", made.name);
        let expected: Valid = files.json(&path).unwrap();
        let is_v2 = manifest::is_v2(&expected.format);
        let clock = (!is_v2).then(|| trace::read(&made.trace).unwrap());
        let nanos = |ticks: u64| match &clock {
            Some(clock) => clock.nanos(ticks.cast_signed()),
            None => nanos_of_v2(ticks),
        };
        let sample = |signal: &Signal| TraceSample {
            time_ns: nanos(signal.ticks),
            p: signal.p.map(u64::from),
            g: Some(signal.g).filter(|&g| g != 0),
            m: signal.thread.filter(|_| is_v2).map(u64::cast_signed),
            generation: signal.read_in,
            stack: signal.stack,
        };
        let is_here = |s: &&Signal| is_in(s, &truth, part);
        let mut delivered = TraceSide {
            stacks: truth.stacks.iter().map(|s| stack(s)).collect(),
            samples: truth.signals.iter().filter(is_here).map(sample).collect(),
            ..TraceSide::default()
        };
        let name = &made.name;
        if is_v2 {
            let leaked = |s: &&Signal| is_here(s) && s.in_trace == Some(InTrace::Leaked);
            let leaked = truth.signals.iter().filter(leaked);
            let leaked: BTreeSet<_> = leaked.map(|s| nanos(s.ticks)).collect();
            move_on(&mut delivered.samples, &expected.trace, &leaked);
            of_v2 += expected.trace.samples.len();
        }
        compare::trace(&delivered, &expected.trace).unwrap_or_else(|e| panic!("{name}: {e}"));
        samples += expected.trace.samples.len();
    }
    assert!(samples > 4000 && of_v2 > 40, "{samples} {of_v2}");
}

/// Whether a signal's sample stands in this file.
fn is_in(signal: &Signal, truth: &Truth, part: Part) -> bool {
    match part {
        Part::Trace(number) => {
            let arrived = [Some(InTrace::Delivered), Some(InTrace::Leaked)];
            signal.trace == Some(number) && arrived.contains(&signal.in_trace)
        }
        Part::Snapshot(number) => {
            let has = truth.snapshots[number].generations.unwrap();
            let read_in = signal.read_in.unwrap_or(0);
            (has.first..=has.last).contains(&read_in)
        }
    }
}

/// A tick of the simulator's clock from Go 1.22 on, as of most of Go's.
fn nanos_of_v2(ticks: u64) -> i64 {
    (ticks * 64).cast_signed()
}

/// R76.1: a sample that is not later than the event before gets one nanosecond more than that; one
/// that leaked (of these times) can so be much later.
fn move_on(samples: &mut [TraceSample], expected: &TraceSide, leaked: &BTreeSet<i64>) {
    const FEW_NS: i64 = 10;
    let mut later: Vec<_> = expected.samples.iter().collect();
    later.sort_by_key(|s| (s.generation, s.time_ns));
    samples.sort_by_key(|s| (s.generation, s.time_ns));
    for (sample, expected) in samples.iter_mut().zip(later) {
        let by = expected.time_ns - sample.time_ns;
        if by > 0 && (by <= FEW_NS || leaked.contains(&sample.time_ns)) {
            sample.time_ns = expected.time_ns;
        }
    }
}

fn stack(frames: &[TruthFrame]) -> Vec<Frame> {
    let frames = frames.iter().map(|frame| Frame {
        function: frame.function.clone(),
        file: frame.file.clone(),
        line: frame.line.cast_signed(),
    });
    frames.collect()
}

/// But for two: `GoSysExitLocal`, which Go's reader cannot take, and the `Local` types, which
/// read as what they stand for.
#[test]
fn every_event_type_of_a_version_is_in_its_trace() {
    for version in FormatVersion::V1 {
        let path = format!("valid/events/every-event-go{version}/trace");
        let bytes = sigprof::fixtures::file(&path).unwrap();
        let mut dump = Vec::new();
        dump::dump(&bytes, &mut dump).unwrap();
        let dump = String::from_utf8(dump).unwrap();
        for event_type in EventType::ALL {
            let wanted =
                event_type.spec().since <= version && event_type != EventType::GoSysExitLocal;
            let name = render::go_name(event_type, version);
            let has_it = dump
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word == name);
            assert_eq!(has_it, wanted, "{name} in go{version}");
        }
    }
}
