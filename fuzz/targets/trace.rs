//! Bytes as a trace: any are read or refused, and what is read is as promised.

use std::io::Read;

use serde::de::IgnoredAny;
use sigprof::check::{Narrow, Reason, TraceSide};
use sigprof::error::{InputError, WriteError};
use sigprof::export::{chrome as chrome_json, firefox, folded, pprof as exported, speedscope};
use sigprof::trace::header;
use sigprof::trace::v1::dump as explain;
use sigprof::trace::v1::stat::of as stat_of;
use sigprof::trace::v1::{Event, Options, Reader, render};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

/// Bytes of output, at the most: few bytes of input may ask for many of these.
const SHOWN: usize = 16 << 10;

/// And of shown events, of which each is looked at.
const EVENTS_SHOWN: usize = 2 << 10;

/// Frames of a stack, at the most (Go: `internal/trace`, `parseEvents`).
const MAX_FRAMES: usize = 1000;

/// An error stands within the bytes, or at their end.
pub(super) fn stands_within(error: &InputError, bytes: &[u8]) {
    assert!(error.offset() <= bytes.len() as u64, "{error}");
}

fn damaged(bytes: &[u8]) -> Option<Reader<'_>> {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    Reader::with(bytes, options).ok()
}

/// The first pass alone: syntax and tables.
pub(crate) fn header_index(bytes: &[u8]) {
    let reader = match Reader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return stands_within(&error, bytes),
    };
    assert!(reader.ticks_per_second() > 0);
    for id in reader.stack_ids() {
        let stack = reader.stack(Some(id));
        let frames = stack.len();
        assert!((1..=MAX_FRAMES).contains(&frames), "{frames}");
        assert_eq!(stack.count(), frames);
    }
    for sample in reader.logged_samples() {
        assert!(sample.offset < bytes.len() as u64, "{sample:?}");
    }
}

/// Events come in order of time, each from its own place; after an error nothing comes.
pub(crate) fn order(bytes: &[u8]) {
    if let Ok(reader) = Reader::new(bytes) {
        ordered(&reader);
    }
}

/// The same; how many there are if there is no error.
pub(super) fn ordered(reader: &Reader) -> Option<u64> {
    let (mut count, mut last) = (0, i64::MIN);
    let mut events = reader.events();
    while let Some(event) = events.next() {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                stands_within(&error, reader.bytes());
                assert!(events.next().is_none(), "events after {error}");
                return None;
            }
        };
        // What does not fit into nanoseconds is the least number, as in Go (R62).
        assert!(
            event.time >= last || event.time == i64::MIN,
            "{event:?} after {last}"
        );
        assert!(event.offset < reader.bytes().len() as u64, "{event:?}");
        last = event.time;
        count += 1;
    }
    Some(count)
}

/// The numbers of a trace are those of its events.
pub(crate) fn stat(bytes: &[u8]) {
    let Ok(reader) = Reader::new(bytes) else {
        return;
    };
    match stat_of(&reader) {
        Ok(stat) => {
            assert_eq!(stat.events, reader.events().flatten().count() as u64);
            assert_eq!(stat.error, None);
            assert!(stat.samples.total <= stat.events);
            assert!(stat.to_string().starts_with("format of Go"));
        }
        Err(error) => assert_eq!(reader.verify(), Err(error)),
    }
}

/// Every event can be shown, for people and as Go does.
pub(crate) fn events_shown(bytes: &[u8]) {
    let Some(reader) = damaged(bytes) else { return };
    let mut text = Vec::with_capacity(EVENTS_SHOWN);
    for event in reader.events().map_while(Result::ok) {
        if text.len() > EVENTS_SHOWN / 2 {
            break;
        }
        render::text(&reader, &event, false, &mut text).expect("memory");
        render::go(&reader, &event, FormatVersion::GO_1_19, &mut text).expect("memory");
    }
}

/// Every event can be shown as JSON.
pub(crate) fn events_json(bytes: &[u8]) {
    let Some(reader) = damaged(bytes) else { return };
    let mut json = Vec::with_capacity(EVENTS_SHOWN);
    for event in reader.events().map_while(Result::ok) {
        if json.len() > EVENTS_SHOWN / 2 {
            break;
        }
        render::json(&reader, &event, &mut json).expect("memory");
    }
    let values = serde_json::Deserializer::from_slice(&json).into_iter::<IgnoredAny>();
    for value in values {
        value.expect("JSON");
    }
}

/// The part of a damaged trace that is read is its beginning, and then comes the error.
pub(crate) fn keep_going(bytes: &[u8]) {
    let Some(reader) = damaged(bytes) else { return };
    let mut events = reader.events();
    match Reader::new(bytes) {
        Ok(strict) => {
            assert_eq!(reader.damage(), None);
            assert!(strict.events().eq(events), "other events");
        }
        Err(error) => {
            assert_eq!(reader.damage(), Some(&error));
            let last = events.find_map(Result::err);
            assert_eq!(last, Some(error));
            assert!(events.next().is_none(), "events after an error");
        }
    }
}

/// A trace of either format is judged without a profile, as far as it can be read; that it is
/// damaged is told.
pub(crate) fn alone(bytes: &[u8]) {
    let options = sigprof::trace::Options {
        keep_going: true,
        ..sigprof::trace::Options::default()
    };
    let Ok(mut reader) = sigprof::trace::Reader::with(bytes, options) else {
        return;
    };
    let Ok(side) = TraceSide::read(&mut reader, &Narrow::default()) else {
        return;
    };
    let damage = side.damage().to_vec();
    let Ok(alone) = side.alone(None) else { return };
    assert_eq!(alone.damage, damage);
    if !damage.is_empty() {
        assert_eq!(alone.reason, Some(Reason::Damaged));
    }
    assert!(alone.text(100).starts_with(&alone.summary));
    serde_json::to_vec(&alone).expect("JSON");
}

/// A trace is explained byte by byte, up to where that is possible.
pub(crate) fn dump(bytes: &[u8]) {
    let mut out = Vec::with_capacity(SHOWN / 2);
    let result = explain::dump(bytes, &mut out);
    if header::read(bytes).is_ok() {
        as_a_stream(bytes, &out, &result);
    }
    match result {
        Ok(()) => {}
        Err(WriteError::Input(error)) => {
            stands_within(&error, bytes);
            // The dump does not ask what events mean: the reader ends there, or before.
            let read = Reader::new(bytes).map(|_| ());
            let read = read.expect_err("the dump found an error");
            assert!(read.offset() <= error.offset(), "{read}, but {error}");
        }
        Err(WriteError::Output(error)) => panic!("{error}"),
    }
}

/// A stream is explained as it is.
fn as_a_stream(bytes: &[u8], out: &[u8], result: &Result<(), WriteError>) {
    let mut streamed = Vec::with_capacity(out.len());
    // Half of it comes first, so that what is cut there is in the middle of an event.
    let (one, two) = bytes.split_at(bytes.len() / 2);
    let of_stream = explain::dump_stream(one.chain(two), &mut streamed);
    assert_eq!(out, streamed);
    let told = |result: &Result<(), WriteError>| result.as_ref().err().map(ToString::to_string);
    assert_eq!(told(result), told(&of_stream));
}

/// An output that is full after some bytes.
#[derive(Default)]
pub(super) struct Full(pub(super) Vec<u8>);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > SHOWN {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The JSON of a trace is whole, even if the trace is not.
pub(crate) fn chrome(bytes: &[u8]) {
    let Some(reader) = damaged(bytes) else { return };
    let mut out = Full(Vec::with_capacity(SHOWN / 2));
    let options = chrome_json::Options { all: true };
    let both = sigprof::trace::Reader::with(bytes, reader.options());
    let mut both = both.expect("as it was just now");
    match chrome_json::write(&mut both, options, &mut out) {
        Err(WriteError::Output(error)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
            return;
        }
        Ok(_) => assert!(reader.damage().is_none() && reader.verify().is_ok()),
        Err(WriteError::Input(error)) => {
            let found = reader.damage().cloned();
            let found = found.or_else(|| reader.verify().err());
            assert_eq!(found, Some(error));
        }
    }
    serde_json::from_slice::<IgnoredAny>(&out.0).expect("JSON");
}

/// The samples of a trace come back from the profile that they are exported as.
pub(crate) fn exported_profile(bytes: &[u8]) {
    let Ok(reader) = Reader::new(bytes) else {
        return;
    };
    let mut out = Vec::new();
    let mut both = sigprof::trace::Reader::new(bytes).expect("as it was just now");
    let result = exported::write(&mut both, &exported::Options::default(), &mut out);
    assert_eq!(result.is_err(), reader.verify().is_err());
    if result.is_ok() {
        let profile = sigprof::pprof::read(&out).expect("a profile");
        let is_sample = |e: &Event| e.event_type == EventType::CPUSample;
        let samples = reader.events().flatten().filter(is_sample).count() as u64;
        assert_eq!(
            profile.samples.iter().map(|s| s.count).sum::<u64>(),
            samples
        );
        shown(bytes, samples);
    }
}

/// The viewers' formats have all samples of a trace, too, or refuse it as too large.
pub(crate) fn shown(bytes: &[u8], samples: u64) {
    let reader = || sigprof::trace::Reader::new(bytes).expect("as it was just now");
    let (mut lines, mut json) = (Vec::new(), Vec::new());
    folded::write(&mut reader(), &Default::default(), &mut lines).expect("lines");
    let lines = String::from_utf8(lines).expect("text");
    let counts = lines
        .lines()
        .map(|line| line.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()));
    assert_eq!(counts.sum::<Option<u64>>(), Some(samples));
    speedscope::write(&mut reader(), &Default::default(), &mut json).expect("JSON");
    serde_json::from_slice::<IgnoredAny>(&json).expect("JSON");
    json.clear();
    match firefox::write(&mut reader(), &Default::default(), &mut json) {
        Ok(()) => drop(serde_json::from_slice::<IgnoredAny>(&json).expect("JSON")),
        Err(error) => assert!(error.to_string().contains("stacks of threads"), "{error}"),
    }
}
