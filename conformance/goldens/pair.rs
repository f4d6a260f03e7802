//! A trace and its profile in at most sixty lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use sigprof::check::words::{self, Layout};
use sigprof::check::{self, Narrow, check_collected};
use sigprof::corpus::expected::Valid;
use sigprof::corpus::ours;
use sigprof::corpus::samples::{TraceSample, TraceSide};
use sigprof::fixtures;
use sigprof::pprof;
use sigprof::pprof::Profile;
use sigprof::trace::v1::{Event, Place, Trace, render};
use sigprof::trace::{Reader, v1 as trace};

use crate::Golden;

/// Why reading a fixture does not fail: `sigprof conformance` has tried.
const READS: &str = "a real fixture that reads";

/// Samples shown from either end.
const SHOWN: usize = 3;

/// The folder of a case of that name.
fn folder(case: &str) -> String {
    let real = fixtures::real().into_iter();
    let mut named = real.filter(|folder| folder.rsplit('/').next() == Some(case));
    named.next().expect(case)
}

fn bytes(case: &str, name: &str) -> Vec<u8> {
    let path = format!("{}/{name}", folder(case));
    fixtures::file(&path).expect(&path).into_owned()
}

/// The outcome of `sigprof check`.
pub(crate) fn words(case: &str) -> Golden {
    let (trace, profile) = (bytes(case, "trace"), bytes(case, "profile.pb.gz"));
    let trace = trace::read(&trace).expect(READS);
    let profile = pprof::read(&profile).expect(READS);
    let report = check_collected(&trace, &profile, &Narrow::default()).expect(READS);
    let text = words::text(&report, Layout::default());
    ("sigprof check, as text".to_owned(), text)
}

/// The golden of a case with a pair: what the case is about, and what the readers and the check
/// say.
pub(crate) fn summary(case: &str) -> Golden {
    let (trace_bytes, profile) = (bytes(case, "trace"), bytes(case, "profile.pb.gz"));
    let trace = trace::read(&trace_bytes).expect(READS);
    let profile = pprof::read(&profile).expect(READS);
    let expected: Valid = fixtures::json(&format!("{}/expected.json", folder(case))).expect(READS);

    let mut out = format!("trace: go {}, {} bytes\n", trace.version, trace_bytes.len());
    let (ticks, span) = (trace.reader.ticks_per_second(), trace.span());
    let _ = writeln!(out, "clock: {ticks} ticks/s, {span} ns");
    events(&trace, &mut out);
    samples(&trace, &mut out);
    profile_lines(&profile, &mut out);
    for checked in &expected.pair {
        let narrow = checked.narrow();
        let report = check_collected(&trace, &profile, &narrow).expect(READS);
        let _ = writeln!(out, "check{}: {}", narrow.arguments(), report.summary);
    }
    (expected.about, out)
}

/// The golden of a v2 case: what it is about, and what the reader and, of a pair, the check
/// say.
pub(crate) fn summary_of_v2(case: &str) -> Golden {
    let trace_bytes = bytes(case, "trace");
    let expected: Valid = fixtures::json(&format!("{}/expected.json", folder(case))).expect(READS);
    let side = ours::trace(&trace_bytes).expect(READS);
    let mut out = format!("trace: {}, {} bytes", expected.format, trace_bytes.len());
    let _ = writeln!(
        out,
        ", {} generations",
        side.generations.unwrap_or_default()
    );
    let _ = writeln!(out, "events: {}", side.events);
    for (kind, count) in &side.kinds {
        let _ = writeln!(out, "  {count:>6} {kind}");
    }
    let count = |is_it: fn(&TraceSample) -> bool| side.samples.iter().filter(|s| is_it(s)).count();
    let (without_p, without_g) = (count(|s| s.p.is_none()), count(|s| s.g.is_none()));
    let total = side.samples.len();
    let _ = writeln!(
        out,
        "samples: {total}, without a P {without_p}, without a goroutine {without_g}"
    );
    for (at, sample) in side.samples.iter().enumerate() {
        if at < SHOWN || at + SHOWN >= total {
            sample_line_of_v2(&side, sample, &mut out);
        } else if at == SHOWN {
            let _ = writeln!(out, "  ...");
        }
    }
    if let Some(profile) = fixtures::file(&format!("{}/profile.pb.gz", folder(case))) {
        let profile = pprof::read(&profile).expect(READS);
        profile_lines(&profile, &mut out);
        for checked in &expected.pair {
            let narrow = checked.narrow();
            let mut reader = Reader::new(&trace_bytes).expect(READS);
            let side = check::TraceSide::read(&mut reader, &narrow).expect(READS);
            let report = side.check(profile.clone()).expect(READS);
            let _ = writeln!(out, "check{}: {}", narrow.arguments(), report.summary);
        }
    }
    (expected.about, out)
}

fn sample_line_of_v2(side: &TraceSide, sample: &TraceSample, out: &mut String) {
    let or_none = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
    let (p, g) = (or_none(sample.p), or_none(sample.g));
    let generation = or_none(sample.generation);
    let frames = &side.stacks[sample.stack];
    let leaf = frames.first().map(|f| format!("{}:{}", f.function, f.line));
    let _ = writeln!(
        out,
        "  {} ns p={p} g={g} generation {generation} {}, {} frames",
        sample.time_ns,
        leaf.unwrap_or_default(),
        frames.len()
    );
}

fn events(trace: &Trace, out: &mut String) {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for event in &trace.events {
        *counts.entry(event.event_type).or_default() += 1;
    }
    let _ = writeln!(out, "events: {}", trace.events.len());
    for (event_type, count) in counts {
        let _ = writeln!(
            out,
            "  {count:>6} {}",
            render::go_name(event_type, trace.version)
        );
    }
}

fn samples(trace: &Trace, out: &mut String) {
    let samples: Vec<_> = trace.samples().collect();
    let without_p = samples.iter().filter(|e| e.place == Place::NoP).count();
    let without_g = samples.iter().filter(|e| e.goroutine.is_none()).count();
    let total = samples.len();
    let _ = writeln!(
        out,
        "samples: {total}, without a P {without_p}, without a goroutine {without_g}"
    );
    for (at, sample) in samples.iter().enumerate() {
        if at < SHOWN || at + SHOWN >= total {
            sample_line(trace, sample, out);
        } else if at == SHOWN {
            let _ = writeln!(out, "  ...");
        }
    }
}

fn sample_line(trace: &Trace, sample: &Event, out: &mut String) {
    let frames: Vec<_> = trace.reader.stack(sample.stack).collect();
    let leaf = frames
        .first()
        .map(|f| format!("{}:{}", trace.reader.text(f.function), f.line));
    let leaf = leaf.unwrap_or_default();
    let p = render::go_p(sample.place);
    let g = sample.goroutine_or_zero();
    let count = frames.len();
    let _ = writeln!(
        out,
        "  {} ns p={p} g={g} {leaf}, {count} frames",
        sample.time
    );
}

fn profile_lines(profile: &Profile, out: &mut String) {
    let count: u64 = profile.samples.iter().map(|s| s.count).sum();
    let Profile {
        period, duration, ..
    } = profile;
    let _ = writeln!(
        out,
        "profile: {count} samples, one in {period} ns, {duration} ns"
    );
    let mut labels: BTreeMap<_, u64> = BTreeMap::new();
    for sample in &profile.samples {
        for label in &sample.labels {
            *labels.entry(label).or_default() += sample.count;
        }
    }
    for ((key, value), count) in labels {
        let _ = writeln!(out, "  {count:>6} {key}={value}");
    }
}
