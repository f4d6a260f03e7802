//! Arbitrary bytes, arbitrary events and arbitrary legal traces: nothing panics, what is
//! read can be shown, and what was legally written comes back event by event (S5, S10).

#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

mod legal;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sigprof::check::{Narrow, check_collected as check};
use sigprof::error::InputError;
use sigprof::pprof;
use sigprof::trace::v1::dump;
use sigprof::trace::v1::{self as trace, render};
use sigprof_sim::tracer::{ProcId, RawEvent, StringId, Ticks, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

/// Cases of each property: all of them together take a few seconds.
const CASES: u32 = 2000;

/// Events or bytes of one case, at the most.
const SIZE: usize = 300;

/// Far more than any input of this size needs, on any machine.
const QUICK: Duration = Duration::from_secs(2);

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Reads, explains and shows the bytes in every way.
fn exercise(bytes: &[u8]) -> Result<usize, InputError> {
    let start = Instant::now();
    let mut out = Vec::new();
    // Whatever comes of it: the dump knows less than the reader.
    let _ = dump::dump(bytes, &mut out);
    let result = trace::read(bytes);
    if let Ok(trace) = &result {
        for event in &trace.events {
            render::text(&trace.reader, event, true, &mut out).unwrap();
            render::go(&trace.reader, event, FormatVersion::GO_1_19, &mut out).unwrap();
            render::json(&trace.reader, event, &mut out).unwrap();
        }
        let _ = check(trace, &pprof::Profile::default(), &Narrow::default());
    }
    assert!(start.elapsed() < QUICK, "{:?}", start.elapsed());
    let result = result.map(|trace| trace.events.len());
    if let Err(error) = &result {
        assert!(error.offset() <= bytes.len() as u64, "{error}");
    }
    result
}

/// A version with the arguments of today.
fn version() -> impl Strategy<Value = FormatVersion> {
    prop::sample::select(vec![
        FormatVersion::GO_1_11,
        FormatVersion::GO_1_19,
        FormatVersion::GO_1_21,
    ])
}

/// A number that is mostly one of few, so that events meet.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..4u64, 2 => 0..2000u64, 1 => any::<u64>()]
}

#[derive(Clone, Debug)]
struct AnyEvent {
    event_type: EventType,
    p: u32,
    args: Vec<u64>,
    text: Vec<u8>,
}

fn any_event() -> impl Strategy<Value = AnyEvent> {
    (
        prop::sample::select(EventType::ALL.to_vec()),
        0..3u32,
        prop::collection::vec(number(), 10),
        prop::collection::vec(any::<u8>(), 1..4),
    )
        .prop_map(|(event_type, p, args, text)| AnyEvent {
            event_type,
            p,
            args,
            text,
        })
}

/// Well-formed events with arguments that may mean nothing.
fn write(version: FormatVersion, events: &[AnyEvent]) -> Vec<u8> {
    use EventType as E;
    let mut trace = TraceWriter::new(version).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(1));
    for (id, event) in (1..).zip(events) {
        let AnyEvent {
            event_type,
            p,
            args,
            text,
        } = event;
        let spec = event_type.spec();
        match event_type {
            E::Batch => trace.batch(Some(ProcId(*p)), Ticks(args[0])),
            E::String => trace.raw_string(StringId(id), text.len() as u64, text),
            E::Frequency => trace.frequency(args[0].max(1) >> 1),
            E::TimerGoroutine => trace.raw_event(&RawEvent::of(E::TimerGoroutine, &args[..1])),
            E::Stack => {
                let frames = args[1].min(2);
                let mut varints = vec![args[0], frames];
                varints.extend(
                    args.iter()
                        .skip(2)
                        .take(4 * usize::try_from(frames).unwrap()),
                );
                trace.raw_event(&RawEvent::of(E::Stack, &varints));
            }
            _ if spec.since > version => {}
            _ => {
                let count = 1 + spec.args.len() + usize::from(spec.has_stack);
                trace.raw_event(&RawEvent::of(*event_type, &args[..count]));
                if *event_type == E::UserLog {
                    trace.raw_bytes(&[u8::try_from(text.len()).unwrap()]);
                    trace.raw_bytes(text);
                }
            }
        }
    }
    trace.frequency(1_000_000_000);
    trace.finish()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_behind_a_header_are_read_or_refused(
        version in version(),
        bytes in prop::collection::vec(any::<u8>(), 0..SIZE),
    ) {
        let header = TraceWriter::new(version).unwrap().finish();
        let _ = exercise(&[header, bytes].concat());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..SIZE)) {
        let _ = exercise(&bytes);
        if let Err(error) = pprof::read(&bytes) {
            prop_assert!(error.offset() <= bytes.len() as u64, "{error}");
        }
    }

    /// Fewer events, so that some sequences can have happened.
    #[test]
    fn any_few_events_are_read_or_refused(
        version in version(),
        events in prop::collection::vec(any_event(), 0..8),
    ) {
        let _ = exercise(&write(version, &events));
    }

    #[test]
    fn any_events_are_read_or_refused(
        version in version(),
        events in prop::collection::vec(any_event(), 0..SIZE),
    ) {
        let _ = exercise(&write(version, &events));
    }

    #[test]
    fn a_legal_trace_comes_back_event_by_event(
        version in prop::sample::select(vec![FormatVersion::GO_1_19, FormatVersion::GO_1_21]),
        procs in 1..=4usize,
        steps in prop::collection::vec(legal::step(), 1..SIZE),
    ) {
        let (bytes, wanted) = legal::trace(version, procs, &steps);
        let read = trace::read(&bytes).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let without_answers = |e: &trace::Event| trace::Event { link: None, ..e.clone() };
        let events: Vec<_> = read.events.iter().map(without_answers).collect();
        prop_assert_eq!(&events, &wanted);
        prop_assert_eq!(exercise(&bytes), Ok(wanted.len()));
    }
}

/// The properties above would hold for a generator that never gets anywhere.
#[test]
fn legal_traces_have_every_kind_of_step() {
    let steps: Vec<_> = (0..4000u32)
        .map(|i| legal::Step::nth(i.wrapping_mul(0x9e37_79b1)))
        .collect();
    let (_, events) = legal::trace(FormatVersion::GO_1_19, 4, &steps);
    for wanted in legal::TYPES {
        let count = events.iter().filter(|e| e.event_type == wanted).count();
        assert!(count > 10, "{} only {count} times", wanted.name());
    }
}
