//! Simulated cases are what the simulator makes now, and say what really happened there.

use std::collections::BTreeSet;
use std::path::Path;

use sigprof::corpus::compare;
use sigprof::corpus::expected::Valid;
use sigprof::corpus::samples::{Frame, TraceSample, TraceSide};
use sigprof::fixtures::{Files, Origin};
use sigprof::pprof;
use sigprof::trace::v1 as trace;
use sigprof::trace::v1::dump;
use sigprof::trace::v1::render;
use sigprof::truth::{TraceSamples, judge};
use sigprof_sim::truth::{InTrace, Signal, TruthFrame};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

#[path = "../../../../xtask/src/fixtures/simulated.rs"]
mod simulated;

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
        let (Some((truth, number)), Some(profile)) = (made.truth, made.profile) else {
            continue;
        };
        let json = serde_json::to_vec(&truth).unwrap();
        let truth = sigprof::truth::read(&json).unwrap();
        let trace = TraceSamples::read(&made.trace).unwrap();
        let profile = pprof::read(&profile).unwrap();
        let broken = judge(&truth, Some((number, &trace)), Some((number, &profile)));
        assert!(broken.is_empty(), "{}: {broken:?}", made.name);
        judged += 1;
    }
    assert!(judged > 30, "{judged}");
}

/// The samples of `expected.json` are the signals that the truth delivered: each with its
/// time, P, goroutine and stack. Of the trace itself only the clock is needed, to say ticks as
/// nanoseconds since its first event.
#[test]
fn expected_samples_are_the_signals_that_were_delivered() {
    let files = Files::embedded();
    let mut samples = 0;
    for made in simulated::all() {
        let Some((truth, number)) = made.truth else {
            continue;
        };
        let clock = trace::read(&made.trace).unwrap();
        let is_here =
            |s: &&Signal| s.trace == Some(number) && s.in_trace == Some(InTrace::Delivered);
        let sample = |signal: &Signal| TraceSample {
            time_ns: clock.nanos(signal.ticks.cast_signed()),
            p: signal.p.map(u64::from),
            g: Some(signal.g).filter(|&g| g != 0),
            m: None,
            generation: None,
            stack: signal.stack,
        };
        let delivered = TraceSide {
            stacks: truth.stacks.iter().map(|s| stack(s)).collect(),
            samples: truth.signals.iter().filter(is_here).map(sample).collect(),
            ..TraceSide::default()
        };
        let path = format!("valid/{}/expected.json", made.name);
        let expected: Valid = files.json(&path).unwrap();
        let name = &made.name;
        compare::trace(&delivered, &expected.trace).unwrap_or_else(|e| panic!("{name}: {e}"));
        samples += expected.trace.samples.len();
    }
    assert!(samples > 4000, "{samples}");
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
