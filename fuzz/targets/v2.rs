//! Bytes as a v2 trace: any are read or refused, and what is read is as promised.

use std::io::{Cursor, Read};

use serde::de::IgnoredAny;
use sigprof::check::{Narrow, TraceSide, words};
use sigprof::error::{InputError, WriteError};
use sigprof::export;
use sigprof::pprof;
use sigprof::trace;
use sigprof::trace::Strict;
use sigprof::trace::v2::is_v2;
use sigprof::trace::v2::print::Printer;
use sigprof::trace::v2::render::Renderer;
use sigprof::trace::v2::stat::of as stat_of;
use sigprof::trace::v2::{Event, Options, Reader, Release, dump as explain, wire as as_wire};
use sigprof_wire::v2::EventType;

use super::Input;
use super::mutate::mutate_often;
use super::profile::split;
use super::trace::{Full, stands_within};
use super::world::{Draw, World};

/// Frames of a stack, at the most (R73.3).
const MAX_FRAMES: usize = 128;

/// Bytes of shown events, of which each is looked at.
const SHOWN: usize = 2 << 10;

/// The release whose order and printer are asked for: mostly that of today, else as the last
/// byte says.
fn release(bytes: &[u8]) -> Release {
    let last = usize::from(bytes.last().copied().unwrap_or_default());
    Release::ALL.get(last & 15).copied().unwrap_or_default()
}

fn options(bytes: &[u8]) -> Options {
    Options {
        release: release(bytes),
        ..Options::default()
    }
}

fn kept_going(bytes: &[u8]) -> Options {
    Options {
        keep_going: true,
        ..options(bytes)
    }
}

/// All events, and how reading ended.
fn events(reader: Result<Reader, InputError>) -> (Vec<Event>, Option<InputError>) {
    match reader {
        Ok(mut reader) => rest(&mut reader),
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// The events that are left; after an error nothing comes.
fn rest(reader: &mut Reader) -> (Vec<Event>, Option<InputError>) {
    let mut events = Vec::new();
    loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, None),
            Err(error) => {
                assert_eq!(reader.next_event().ok().flatten(), None, "after {error}");
                return (events, Some(error));
            }
        }
    }
}

/// Times rise, each event stands in the bytes, and nothing comes after an error.
pub(crate) fn order(bytes: &[u8]) {
    let (events, error) = events(Reader::new(bytes, options(bytes)));
    if let Some(error) = &error {
        stands_within(error, bytes);
    }
    for pair in events.windows(2) {
        let [before, event] = pair else { continue };
        // The last time that there is has none after it.
        assert!(
            event.time > before.time || before.time == i64::MAX,
            "{event:?} after {before:?}"
        );
    }
    for event in &events {
        assert!(event.offset <= bytes.len() as u64, "{event:?}");
    }
}

/// Stacks and strings that events refer to are there.
pub(crate) fn tables(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes, kept_going(bytes)) else {
        return;
    };
    let mut length = 0;
    while let Ok(true) = reader.advance() {
        let event = *reader.event();
        length += event.kind().name().len();
        let mut count = 0;
        for frame in reader.frames(event.stack()) {
            length += reader.string(frame.function).len() + reader.string(frame.file).len();
            count += 1;
        }
        assert!(count <= MAX_FRAMES, "{count} frames");
        for batch in reader.experimental_batches() {
            let end = usize::try_from(batch.offset).expect("64 bits") + batch.len;
            assert!(end <= bytes.len(), "{batch:?}");
        }
    }
    std::hint::black_box(length);
}

/// A trace that Go's reader takes is read alike; of a broken one it gets a part of what ours
/// does.
pub(crate) fn strict(bytes: &[u8]) {
    let like_go = Options {
        strict: Some(Strict::Go1_27),
        ..options(bytes)
    };
    let (ours, error) = events(Reader::new(bytes, options(bytes)));
    let (theirs, refused) = events(Reader::new(bytes, like_go));
    assert!(ours.starts_with(&theirs), "other events");
    assert!(error.is_none() || refused.is_some(), "{error:?}");
    assert!(refused.is_some() || ours.len() == theirs.len());
}

/// Going on after an error loses nothing of what came before it, and the error is told.
pub(crate) fn keep_going(bytes: &[u8]) {
    let (mut whole, error) = events(Reader::new(bytes, options(bytes)));
    let Ok(mut reader) = Reader::new(bytes, kept_going(bytes)) else {
        return assert!(whole.is_empty() && error.is_some());
    };
    let (mut kept, last) = rest(&mut reader);
    // One is made ahead of an error.
    whole.retain(|e| e.event_type() != EventType::Sync);
    kept.retain(|e| e.event_type() != EventType::Sync);
    assert_eq!(kept.get(..whole.len()), Some(&*whole));
    let is_told = last.is_some() || reader.warnings().count() > 0;
    assert!(error.is_none() || is_told, "silent after {error:?}");
}

/// A stream that gives a few bytes at a time.
struct Drops<'a>(Cursor<&'a [u8]>, usize);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(out.len());
        self.0.read(&mut out[..len])
    }
}

/// A stream of these bytes, of which one says how many come at a time.
fn drops(bytes: &[u8]) -> Drops<'_> {
    let chunk = 1 + usize::from(bytes.get(20).copied().unwrap_or_default());
    Drops(Cursor::new(bytes), chunk * 3)
}

fn told(result: &Result<(), WriteError>) -> Option<String> {
    result.as_ref().err().map(ToString::to_string)
}

/// A stream is read as a file is.
pub(crate) fn stream(bytes: &[u8]) {
    if !is_v2(bytes) {
        // The error tells what stands there instead, as far as it is known by then.
        return;
    }
    let whole = events(Reader::new(bytes, options(bytes)));
    let streamed = events(Reader::of_stream(drops(bytes), options(bytes)));
    assert_eq!(whole, streamed);
}

/// Every event can be shown, for people and as Go does.
pub(crate) fn shown(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes, kept_going(bytes)) else {
        return;
    };
    let mut renderer = Renderer::default();
    let (mut text, mut go) = (Vec::with_capacity(SHOWN), Vec::with_capacity(SHOWN));
    let mut printer = Printer::new(&mut go, |_| 3600);
    while text.len() < SHOWN / 2 && matches!(reader.advance(), Ok(true)) {
        let before = text.len();
        renderer.text(&mut text, &reader, before & 1 == 1);
        assert!(text[before..].ends_with(b"\n"));
        printer.print(&reader).expect("memory");
    }
    printer.flush().expect("memory");
}

/// Every event can be shown as JSON.
pub(crate) fn json(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes, kept_going(bytes)) else {
        return;
    };
    let mut renderer = Renderer::default();
    let (mut json, mut events) = (Vec::with_capacity(SHOWN), 0);
    while json.len() < SHOWN / 2 && matches!(reader.advance(), Ok(true)) {
        renderer.json(&mut json, &reader);
        events += 1;
    }
    let values = serde_json::Deserializer::from_slice(&json).into_iter::<IgnoredAny>();
    let values: Result<Vec<_>, _> = values.collect();
    assert_eq!(values.expect("JSON").len(), events);
}

/// A trace is explained byte by byte, each once, up to where that is possible; and up to there
/// it has the events that the wire has.
pub(crate) fn dump(bytes: &[u8]) {
    if !is_v2(bytes) {
        return;
    }
    let mut out = Vec::with_capacity(8 * SHOWN);
    let result = explain::dump(bytes, &mut out);
    let mut streamed = Vec::with_capacity(out.len());
    let of_stream = explain::dump_stream(drops(bytes), &mut streamed);
    assert_eq!(out, streamed);
    assert_eq!(told(&result), told(&of_stream));
    let mut at = 0;
    for line in out.split(|&byte| byte == b'\n') {
        let mut columns = line.splitn(3, |&byte| byte == b'|');
        let (Some(offset), Some(shown)) = (columns.next(), columns.next()) else {
            continue;
        };
        assert_eq!(offset, format!("{at:#08x} ").as_bytes());
        let shown = String::from_utf8_lossy(shown);
        at += shown.split_whitespace().filter(|w| w.len() == 2).count();
    }
    match result {
        Ok(()) => assert_eq!(at, bytes.len()),
        Err(WriteError::Input(error)) => stands_within(&error, bytes),
        Err(WriteError::Output(error)) => panic!("{error}"),
    }
}

/// Events are shown as they stand in the file, and the first that is none is told.
pub(crate) fn wire(bytes: &[u8]) {
    let mut out = Vec::with_capacity(8 * SHOWN);
    let result = as_wire::write(bytes, release(bytes), &mut out);
    if is_v2(bytes) {
        let mut streamed = Vec::with_capacity(out.len());
        let of_stream = as_wire::write_stream(drops(bytes), release(bytes), &mut streamed);
        assert_eq!(out, streamed);
        assert_eq!(told(&result), told(&of_stream));
    }
    match result {
        Ok(()) => {}
        Err(WriteError::Input(error)) => stands_within(&error, bytes),
        Err(WriteError::Output(error)) => panic!("{error}"),
    }
    assert!(out.is_empty() || out.ends_with(b"\n"));
}

/// The numbers of a trace are those of its events, also for those who do not ask for a format.
pub(crate) fn stat(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes, Options::default()) else {
        return;
    };
    let mut both = trace::Reader::new(bytes).expect("as it was just now");
    let (mut events, mut samples) = (0, 0);
    let result = loop {
        match both.next_event() {
            Ok(Some(event)) => {
                events += 1;
                samples += u64::from(event.is_sample());
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    match (stat_of(&mut reader), result) {
        (Ok(stat), Ok(())) => {
            assert_eq!(stat.events, events);
            assert_eq!(stat.samples.total, samples);
            assert!(stat.to_string().starts_with("format of Go"));
        }
        (Err(error), Err(other)) => assert_eq!(error, other),
        (one, other) => panic!("{one:?}, but {other:?}"),
    }
}

/// The samples of a trace come back from the profile that they are exported as.
pub(crate) fn exported(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes, Options::default()) else {
        return;
    };
    let mut both = trace::Reader::new(bytes).expect("as it was just now");
    let mut out = Vec::new();
    let result = export::pprof::write(&mut both, &export::pprof::Options::default(), &mut out);
    let read = stat_of(&mut reader);
    assert_eq!(result.is_err(), read.is_err());
    if let Ok(stat) = read {
        let profile = pprof::read(&out).expect("a profile");
        let samples = profile.samples.iter().map(|s| s.count).sum::<u64>();
        assert_eq!(samples, stat.samples.total);
        super::trace::shown(bytes, samples);
    }
}

/// The JSON for viewers is whole, even if the trace is not.
pub(crate) fn chrome(bytes: &[u8]) {
    let Ok(mut reader) = trace::Reader::with(bytes, kept_going(bytes)) else {
        return;
    };
    let mut out = Full::default();
    let options = export::chrome::Options { all: true };
    match export::chrome::write(&mut reader, options, &mut out) {
        Err(WriteError::Output(error)) => {
            return assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        }
        Ok(_) => {}
        Err(WriteError::Input(error)) => stands_within(&error, bytes),
    }
    serde_json::from_slice::<IgnoredAny>(&out.0).expect("JSON");
}

/// A trace and a profile are compared, whatever they are; the order of samples does not matter.
pub(crate) fn pair(bytes: &[u8]) {
    let Some((trace, profile)) = split(bytes) else {
        return;
    };
    let (Ok(mut reader), Ok(profile)) = (trace::Reader::new(trace), pprof::read(profile)) else {
        return;
    };
    let narrow = Narrow::default();
    let Ok(side) = TraceSide::read(&mut reader, &narrow) else {
        return;
    };
    let mut other = profile.clone();
    other.samples.reverse();
    match (side.clone().check(profile), side.check(other)) {
        (Ok(one), Ok(other)) => {
            assert_eq!((one.verdict, one.reason), (other.verdict, other.reason));
            assert_eq!(one.summary, other.summary);
            let text = words::text(&one, words::Layout::default());
            assert!(text.starts_with(&one.summary));
            serde_json::to_vec(&one).expect("JSON");
        }
        (Err(error), Err(other)) => assert_eq!(error, other),
        (one, other) => panic!("{one:?}, but {other:?}"),
    }
}

/// Every legal trace is read whole, event by event; and one that somebody changed is read or
/// refused.
pub(crate) fn built(bytes: &[u8]) {
    let Some((&[kind, wrong], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let minor = [22, 23, 25, 26][usize::from(kind & 3)];
    let mut world = World::new(Draw::Bytes(rest.to_vec().into()), minor);
    world.generations();
    if wrong & 3 == 0 {
        let (read, error) = events(Reader::new(&world.out, Options::default()));
        assert_eq!(error, None);
        // A Sync before each generation, and at the end.
        let syncs = read
            .iter()
            .filter(|e| e.event_type() == EventType::Sync)
            .count() as u64;
        let count = read.len() as u64 - syncs;
        let (least, most) = (world.events, world.events + world.more);
        assert!(
            (least..=most).contains(&count),
            "{count}: {least} to {most}"
        );
        return;
    }
    let mut draws = sigprof_sim::Seed(wrong.into()).draws();
    let max = world.out.len() + 64;
    mutate_often(Input::TraceV2, &mut world.out, &[], max, &mut draws);
    order(&world.out);
}
