//! The fuzz targets: each does something with some bytes, and panics if a promise is broken. The
//! same code replays the corpus in `conformance/tests/fuzzed.rs`, without a fuzzer.

use sigprof::error::WriteError;
use sigprof::export::{chrome, pprof};
use sigprof::trace::stat::Stat;
use sigprof::trace::v1::dump as explain;
use sigprof::trace::{Event, Options, Reader, render};
use sigprof_model::events::{EventType, FormatVersion};
use sigprof_sim::tracer::{ProcId, RawEvent, Ticks, TraceWriter};

/// Bytes of output for each byte of input, at the most: more would be a way to fill a disk.
/// A stack of 1,000 frames may be named again and again, and so may a long string.
const SHOWN: usize = 64 << 10;

/// Reads a trace in every way, shows every event and exports it.
pub(crate) fn reader(bytes: &[u8]) {
    let whole = Reader::new(bytes).and_then(|reader| reader.verify());
    if whole.is_err() {
        return partly(bytes);
    }
    let reader = Reader::new(bytes).expect("it was read before");
    let stat = Stat::of(&reader).expect("it was read before");
    let mut out = Vec::new();
    let (mut events, mut last) = (0, i64::MIN);
    for event in &reader {
        let event = event.expect("it was read before");
        assert!(event.time >= last || event.time == i64::MIN, "{event:?}");
        assert!(event.offset < bytes.len() as u64, "{event:?}");
        last = event.time;
        events += 1;
        if out.len() < SHOWN {
            show(&reader, &event, &mut out);
        }
    }
    assert_eq!(stat.events, events);
    partly(bytes);
}

fn show(reader: &Reader, event: &Event, out: &mut Vec<u8>) {
    render::text(reader, event, false, out).expect("memory");
    render::go(reader, event, FormatVersion::GO_1_19, out).expect("memory");
    render::json(reader, event, out).expect("memory");
}

/// Reading a damaged trace gives its beginning, and then the error.
fn partly(bytes: &[u8]) {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let Ok(reader) = Reader::with(bytes, options) else {
        return;
    };
    let mut events = reader.events();
    let read = events.by_ref().take_while(Result::is_ok).count();
    assert!(events.next().is_none());
    let stat = Stat::of(&reader).expect("what is wrong is part of it");
    assert_eq!(stat.events, read as u64);
    let error = Reader::new(bytes).and_then(|r| r.verify()).err();
    assert_eq!(stat.error, error.map(|e| e.to_string()));
    if bytes.len() < 1 << 12 {
        let mut out = Vec::new();
        let chrome = chrome::write(&reader, chrome::Options { all: true }, &mut out);
        assert_eq!(chrome.is_err(), stat.error.is_some());
        assert!(out.ends_with(b"}\n"));
        let pprof = pprof::write(&reader, pprof::DEFAULT_PERIOD_NS, &mut out);
        assert_eq!(pprof.is_err(), stat.error.is_some());
    }
}

/// Explains a trace byte by byte, up to where that is possible.
pub(crate) fn dump(bytes: &[u8]) {
    let mut out = Vec::new();
    match explain::dump(bytes, &mut out) {
        Ok(()) => {}
        Err(WriteError::Input(error)) => {
            assert!(error.offset <= bytes.len() as u64, "{error}");
            // The dump does not ask what events mean: the reader ends there, or before.
            let read = Reader::new(bytes)
                .map(|_| ())
                .expect_err("the dump found an error");
            assert!(read.offset <= error.offset, "{read}, but {error}");
        }
        Err(WriteError::Output(error)) => panic!("{error}"),
    }
}

/// Writes events that need no state with the simulator's writer, which shares no code with
/// the reader, and finds them all.
pub(crate) fn round_trip(bytes: &[u8]) {
    const TYPES: [EventType; 6] = [
        EventType::HeapAlloc,
        EventType::HeapGoal,
        EventType::Gomaxprocs,
        EventType::UserTaskEnd,
        EventType::GCMarkAssistDone,
        EventType::GoSysExit,
    ];
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).expect("a v1 version");
    let mut wanted = Vec::new();
    let mut tick = 1;
    for &[what, a, b, c] in bytes.as_chunks::<4>().0 {
        let p = u32::from(what >> 3) % 5;
        trace.batch(Some(ProcId(p)), Ticks(tick));
        tick += u64::from(a) + 1;
        let value = u64::from(b) << (c % 57);
        let event_type = TYPES[usize::from(what & 7) % 5];
        let count = event_type.spec().args.len();
        let mut varints = vec![u64::from(a) + 1];
        varints.extend(&[value][..count]);
        varints.extend(event_type.spec().has_stack.then_some(0));
        wanted.push((trace.offset() as u64, tick - 1, event_type, value, count));
        // The long form, too, which an event may have at any length.
        let event = RawEvent::of(event_type, &varints);
        trace.raw_event(&if c & 0x80 == 0 {
            event
        } else {
            event.with_count_bits(3)
        });
    }
    trace.frequency(1_000_000_000);
    let bytes = trace.finish();
    let reader = match Reader::new(&bytes) {
        Ok(reader) => reader,
        Err(error) if wanted.is_empty() => return drop(error),
        Err(error) => panic!("{error}"),
    };
    let first = wanted.first().map_or(0, |w| w.1);
    let events: Vec<_> = reader.events().map(|e| e.expect("legal events")).collect();
    assert_eq!(events.len(), wanted.len());
    for (event, (offset, tick, event_type, value, count)) in events.iter().zip(wanted) {
        assert_eq!((event.offset, event.event_type), (offset, event_type));
        assert_eq!(event.time, i64::try_from(tick - first).expect("few"));
        let value = if count == 0 { 0 } else { value };
        assert_eq!(event.args[0], value);
    }
}
