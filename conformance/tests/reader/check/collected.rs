//! One pass over the events says what a look at all of them says: a plain second way, which
//! collects, sorts and searches lists, on random traces.

use std::collections::{BTreeMap, BTreeSet};

use sigprof::check::ring::Drain;
use sigprof::check::{Narrow, NothingSelected, Report, TraceSide, check_collected as check};
use sigprof::pprof::{self, Profile};
use sigprof::trace::Reader;
use sigprof::trace::v1::{self as trace, Event, Trace};
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::tracer::{self, CpuSample, GoId, ProcId, Ticks, TraceBuilder};
use sigprof_sim::workload;
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{
    MAX_CPU_PROF_STACK, PROF_BUF_TAGS, PROF_BUF_WORDS, trace_v1_record_words,
};
use sigprof_wire::v1::EventType;

/// Function and line of each frame.
type Stack = Vec<(String, i64)>;

/// When each goroutine was in a region of this name, ends included.
fn regions(trace: &Trace, name: &str) -> BTreeMap<u64, Vec<(i64, i64)>> {
    let mut open: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    let mut regions: BTreeMap<u64, Vec<(i64, i64)>> = BTreeMap::new();
    for event in trace.events.iter().filter(|e| e.goroutine.is_some()) {
        let g = event.goroutine_or_zero();
        let begun = open.entry(g).or_default();
        let times = match event.event_type {
            EventType::UserRegion if trace.reader.text(event.args[2]) != name => continue,
            EventType::UserRegion if event.args[1] == 0 => {
                begun.push(event.time);
                continue;
            }
            EventType::UserRegion => vec![begun.pop().unwrap_or(i64::MIN)],
            EventType::GoEnd => std::mem::take(begun),
            _ => continue,
        };
        let times = times.into_iter().map(|from| (from, event.time));
        regions.entry(g).or_default().extend(times);
    }
    for (g, begun) in open {
        let endless = begun.into_iter().map(|from| (from, i64::MAX));
        regions.entry(g).or_default().extend(endless);
    }
    regions.retain(|_, times| !times.is_empty());
    regions
}

/// Samples of the trace by stack, as narrowed; none if nothing is selected.
fn stacks(trace: &Trace, narrow: &Narrow) -> Option<BTreeMap<Stack, u64>> {
    let wanted = narrow.goroutine.map(|g| trace::GoId::new(g.0).unwrap());
    if wanted.is_some() && !trace.events.iter().any(|e| e.goroutine == wanted) {
        return None;
    }
    let regions = narrow.region.as_deref().map(|name| regions(trace, name));
    if regions.as_ref().is_some_and(BTreeMap::is_empty) {
        return None;
    }
    let is_in = |event: &&Event| {
        let times = regions
            .as_ref()
            .map(|r| r.get(&event.goroutine_or_zero()).cloned());
        let is_in_region = times.is_none_or(|times| {
            let mut times = times.into_iter().flatten();
            times.any(|(from, to)| from <= event.time && event.time <= to)
        });
        (wanted.is_none() || event.goroutine == wanted) && is_in_region
    };
    let mut counts = BTreeMap::new();
    for event in trace.samples().filter(is_in) {
        let frames = trace.reader.stack(event.stack);
        let frames = frames.map(|f| (trace.reader.text(f.function), f.line.cast_signed()));
        let frames = frames.filter(|(f, _)| !f.is_empty() && f != "runtime.goexit");
        *counts.entry(frames.collect()).or_default() += 1;
    }
    Some(counts)
}

/// Every drain of the ring, and the signal from which on a record of so many words might not
/// have fitted.
fn drains(trace: &Trace, largest: u64) -> Vec<Drain> {
    let mut drains: Vec<(Drain, i64)> = Vec::new();
    for sample in trace.reader.logged_samples() {
        let taken = trace.nanos(sample.taken);
        if drains.last().is_none_or(|&(_, began)| sample.taken > began) {
            let drain = Drain {
                records: 0,
                words: 0,
                first_taken_ns: taken,
                last_taken_ns: taken,
                full_from_ns: None,
                drained_ns: trace.nanos(sample.logged),
            };
            drains.push((drain, sample.logged));
        }
        let (drain, _) = drains.last_mut().unwrap();
        let pcs = trace.reader.stack(sample.stack).len() as u64;
        drain.records += 1;
        drain.words += trace_v1_record_words(pcs.min(MAX_CPU_PROF_STACK));
        drain.first_taken_ns = drain.first_taken_ns.min(taken);
        drain.last_taken_ns = drain.last_taken_ns.max(taken);
        let free = PROF_BUF_WORDS.saturating_sub(drain.words);
        if free < 2 * largest || drain.records >= PROF_BUF_TAGS {
            drain.full_from_ns.get_or_insert(taken);
        }
    }
    drains.into_iter().map(|(drain, _)| drain).collect()
}

fn of_report(report: &Report) -> BTreeMap<Stack, u64> {
    let stacks = report.stacks.iter().filter(|s| s.trace > 0);
    let stacks = stacks.map(|stack| {
        let frames = stack.frames.iter().map(|f| (f.function.to_owned(), f.line));
        (frames.collect(), stack.trace)
    });
    stacks.collect()
}

/// The report is what the second way finds, and the same whether events were collected.
#[track_caller]
fn agrees(trace: &Trace, profile: &Profile, narrow: &Narrow) -> bool {
    let collected = check(trace, profile, narrow);
    let mut reader = Reader::new(trace.reader.bytes()).unwrap();
    let side = TraceSide::read(&mut reader, narrow).unwrap();
    let streamed = side.check(profile.clone());
    let json = |r: &Result<Report, NothingSelected>| {
        let report = r.as_ref().map(|r| serde_json::to_string(r).unwrap());
        report.map_err(Clone::clone)
    };
    assert_eq!(json(&collected), json(&streamed), "{narrow:?}");
    let Ok(report) = streamed else {
        let is_empty = trace.samples().next().is_none() && profile.samples.is_empty();
        assert!(is_empty || stacks(trace, narrow).is_none(), "{narrow:?}");
        return false;
    };
    assert_eq!(
        Some(of_report(&report)),
        stacks(trace, narrow),
        "{narrow:?}"
    );
    let windows = report.windows;
    let args = |wanted| {
        let events = trace.events.iter().filter(move |e| e.event_type == wanted);
        events.map(|e| e.args[0])
    };
    let threads: BTreeSet<_> = args(EventType::ProcStart).collect();
    let procs = args(EventType::Gomaxprocs).max().unwrap_or(1);
    assert_eq!(windows.max_threads, procs.max(threads.len() as u64));
    assert_eq!(windows.trace_ns, trace.span());
    let times: Vec<_> = trace.samples().map(|e| e.time).collect();
    assert_eq!(windows.first_sample_ns, times.first().copied());
    assert_eq!(windows.last_sample_ns, times.last().copied());
    let mut drains = drains(trace, report.ring.largest_record_words);
    assert_eq!(report.ring.drains, drains.len() as u64);
    drains.retain(|drain| drain.full_from_ns.is_some());
    assert_eq!(report.ring.full, drains);
    true
}

/// The whole trace, some goroutines, some regions, and both.
fn narrows(trace: &Trace) -> Vec<Narrow> {
    let names = trace
        .events
        .iter()
        .filter(|e| e.event_type == EventType::UserRegion);
    let names: BTreeSet<_> = names.map(|e| trace.reader.text(e.args[2])).collect();
    let regions = names.into_iter().take(2).chain(["nowhere".to_owned()]);
    let regions: Vec<_> = std::iter::once(None).chain(regions.map(Some)).collect();
    let samples = trace.samples().filter_map(|e| e.goroutine);
    let goroutines: BTreeSet<_> = samples.collect();
    let goroutines = goroutines
        .into_iter()
        .take(2)
        .chain([sigprof::trace::v1::GoId::MAX]);
    let goroutines = std::iter::once(None).chain(goroutines.map(Some));
    let both = goroutines.flat_map(|goroutine| {
        regions.iter().map(move |region| Narrow {
            labels: Vec::new(),
            goroutine: goroutine.map(|g| sigprof::trace::GoId(g.get())),
            region: region.clone(),
        })
    });
    both.collect()
}

#[test]
fn one_pass_finds_what_lies_in_simulated_runs() {
    let (mut compared, mut narrowed) = (0, 0);
    for seed in 0..60 {
        let mut traces: Vec<Vec<u8>> = Vec::new();
        let mut sink = |number: usize, piece: &[u8]| {
            traces.resize(traces.len().max(number + 1), Vec::new());
            traces[number].extend_from_slice(piece);
        };
        let plan = workload::draw(Seed(seed));
        let revision = Revision::named("go1.19").unwrap();
        let made = machine::run(Seed(seed), &plan, revision, &mut sink).unwrap();
        let profile = made
            .profiles
            .first()
            .map(|bytes| pprof::read(bytes).unwrap());
        let trace = trace::read(&traces[0]).unwrap();
        for narrow in narrows(&trace) {
            let is_narrow = narrow.region.is_some();
            let agreed = agrees(&trace, &profile.clone().unwrap_or_default(), &narrow);
            compared += u32::from(agreed);
            narrowed += u32::from(agreed && is_narrow);
        }
    }
    assert!(compared > 100 && narrowed > 20, "{compared}, {narrowed}");
}

/// Three goroutines on a P each, in regions that begin before the trace, end with it or lie in
/// each other; of ten events some are of one moment.
fn crowded(seed: u64) -> Vec<u8> {
    let mut draws = Seed(seed).split("crowded").draws();
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    for number in 0..3_u32 {
        let (g, p) = (u64::from(number) + 1, Some(ProcId(number)));
        builder.batch(p, Ticks(99));
        builder.event(Ticks(100), EventType::GoCreate, &[g, 0], &[]);
        builder.event(Ticks(101), EventType::GoStart, &[g, 1], &[]);
        let (mut at, mut begun) = (101, Vec::new());
        for _ in 0..draws.below(12) {
            at += 1 + draws.below(12) as u64;
            // An end of the innermost, or one alone; or a beginning.
            let name = ["work", "play"][draws.below(2)];
            let (mode, name) = match draws.below(2) {
                0 => (1, begun.pop().unwrap_or(name)),
                _ => (0, name),
            };
            if mode == 0 {
                begun.push(name);
            }
            let name = builder.string(name);
            builder.event(Ticks(at), EventType::UserRegion, &[0, mode, name.0], &[]);
        }
        if draws.below(2) == 0 {
            builder.event(Ticks(at + 2), EventType::GoEnd, &[], &[]);
        }
    }
    builder.batch(None, Ticks(99));
    for at in 0..60 {
        let stack = ["a", "b", "c"][draws.below(3)];
        let stack = builder.stack(&[tracer::Frame::new(1, stack, "main.go", 7)]);
        let sample = CpuSample {
            ts: Ticks(100 + draws.below(160) as u64),
            p: None,
            g: Some(GoId(1 + draws.below(3) as u64)),
            stack,
        };
        builder.cpu_sample(Ticks(300 + at), sample);
    }
    // Ten ticks are one nanosecond.
    builder.finish(10_000_000_000)
}

/// Guards S8.12.
#[test]
fn one_pass_finds_what_lies_in_crowded_regions() {
    let mut narrowed = 0;
    for seed in 0..400 {
        let bytes = crowded(seed);
        let trace = trace::read(&bytes).unwrap_or_else(|e| panic!("{seed}: {e}"));
        for narrow in narrows(&trace) {
            let is_narrow = narrow.region.is_some();
            narrowed += u32::from(agrees(&trace, &Profile::default(), &narrow) && is_narrow);
        }
    }
    assert!(narrowed > 1000, "{narrowed}");
}
