//! Traces of Go 1.22 and later: one generation is in memory at a time, and whatever it has
//! takes no more than a multiple of its bytes.

use std::io::sink;

use sigprof::check::{Narrow, TraceSide};
use sigprof::corpus::printed;
use sigprof::export::chrome;
use sigprof::trace::v2::print::Printer;
use sigprof::trace::v2::render::Renderer;
use sigprof::trace::v2::stat::of as stat_of;
use sigprof::trace::v2::{Options, Reader, dump, wire};
use sigprof_wire::v2::{EventType as E, NO_THREAD};

use super::write::{batch, clocks, event, header, varint};
use super::{LEN, MULTIPLE, Measured, TRACE_ALWAYS, exported, measure, of_any};

/// For the lines of events, of which the longest have 128 frames of 2,048 bytes each, and
/// those that are kept since they come again.
const LINES: usize = 8 << 20;

/// Bytes of heap for each byte of a generation that comes from a stream, which is held.
const STREAM_MULTIPLE: usize = MULTIPLE + 2;

/// Adds generations of about so many bytes each, to which `add` adds again and again.
fn generations(count: u64, len: usize, add: impl Fn(&mut Vec<u8>, u64, u64)) -> Vec<u8> {
    let mut out = header(26);
    for generation in 1..=count {
        let start = out.len();
        clocks(&mut out, 26, generation, 1, 15_625_000);
        let mut i = 0;
        while out.len() < start + len {
            i += 1;
            add(&mut out, generation, i);
        }
        event(&mut out, E::EndOfGeneration, &[]);
    }
    out
}

/// One generation, with batches of one thread that begin as said and are filled by `add`.
pub(crate) fn filled(
    thread: u64,
    begin: impl Fn(&mut Vec<u8>, u64),
    add: impl Fn(&mut Vec<u8>, u64),
) -> Vec<u8> {
    let add_batch = |out: &mut Vec<u8>, generation, number| {
        let mut data = Vec::new();
        begin(&mut data, number);
        // Ids count on from batch to batch.
        for i in 0..10_000.min(LEN as u64) {
            if data.len() > 65_000 {
                break;
            }
            add(&mut data, (number - 1) * 10_000 + i + 9);
        }
        batch(out, generation, thread, 1, &data);
    };
    generations(1, LEN, add_batch)
}

/// A P and a goroutine run on thread 7.
fn running(data: &mut Vec<u8>, number: u64) {
    if number == 1 {
        event(data, E::ProcStatus, &[1, 0, 1]);
        event(data, E::GoStatus, &[1, 1, 7, 2]);
    }
}

/// Traces that need the least bytes for the most memory.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let one =
        |name, add: fn(&mut Vec<u8>, u64)| (name, generations(1, LEN, |out, _, i| add(out, i)));
    let events = |name, add: fn(&mut Vec<u8>, u64)| (name, filled(7, running, add));
    let table = |name, kind: E, add: fn(&mut Vec<u8>, u64)| {
        (
            name,
            filled(NO_THREAD, |data, _| event(data, kind, &[]), add),
        )
    };
    let small = |out: &mut Vec<u8>, thread, data: &[u8]| {
        event(out, E::EventBatch, &[1, thread, 0, data.len() as u64]);
        out.extend_from_slice(data);
    };
    vec![
        (
            "empty batches",
            generations(1, LEN, |out, _, _| small(out, 1, &[])),
        ),
        (
            "a thread a batch",
            generations(1, LEN, |out, _, i| small(out, i, &[])),
        ),
        (
            "a thread an event",
            generations(1, LEN, |out, _, i| {
                let mut data = Vec::new();
                event(&mut data, E::ProcStatus, &[0, i, 2]);
                small(out, i, &data);
            }),
        ),
        (
            "threads that wait",
            generations(1, LEN, |out, _, i| {
                small(out, i, &[E::GoUnblock as u8, 0, 9, 1, 0]);
            }),
        ),
        one("batches of an experiment", |out, _| {
            event(out, E::ExperimentalBatch, &[1, 1, 0, 0, 0]);
        }),
        events("events", |data, _| event(data, E::HeapAlloc, &[0, 1])),
        events("goroutines", |data, i| {
            event(data, E::GoCreate, &[0, i, 0, 0])
        }),
        events("goroutines anywhere", |data, i| {
            event(data, E::GoStatus, &[0, i * 7919 % 2_097_143 + 9, 0, 1]);
        }),
        events("goroutines on threads", |data, i| {
            event(data, E::GoStatus, &[0, i, i, 3]);
        }),
        events("Ps", |data, i| event(data, E::ProcStatus, &[0, i, 2])),
        events("tasks", |data, i| {
            event(data, E::UserTaskBegin, &[0, i, 0, 0, 0])
        }),
        events("regions", |data, _| {
            event(data, E::UserRegionBegin, &[0, 0, 0, 0])
        }),
        table("strings", E::Strings, |data, i| {
            event(data, E::String, &[i, 0])
        }),
        table("far strings", E::Strings, |data, i| {
            event(data, E::String, &[i * 7919 % 2_097_143 + 1, 0]);
        }),
        table("stacks", E::Stacks, |data, i| {
            event(data, E::Stack, &[i, 0])
        }),
        table("stacks of a frame", E::Stacks, |data, i| {
            event(data, E::Stack, &[i, 1, i, 0, 0, 1]);
        }),
        table("samples", E::CPUSamples, |data, i| {
            event(data, E::CPUSample, &[0, i % 100, 0, 0, 0]);
        }),
        ("a long stack", long_stack()),
    ]
}

/// A stack as long as can be, of names as long as can be, in a few events.
fn long_stack() -> Vec<u8> {
    let mut out = header(26);
    clocks(&mut out, 26, 1, 1, 15_625_000);
    let mut data = Vec::new();
    event(&mut data, E::Strings, &[]);
    event(&mut data, E::String, &[1, 1024]);
    data.extend_from_slice(&[1; 1024]);
    batch(&mut out, 1, NO_THREAD, 1, &data);
    let mut data = Vec::new();
    event(&mut data, E::Stacks, &[]);
    event(&mut data, E::Stack, &[1, 128]);
    for frame in 1..=128 {
        for number in [frame, 1, 1, frame] {
            varint(&mut data, number);
        }
    }
    batch(&mut out, 1, NO_THREAD, 1, &data);
    let mut data = Vec::new();
    running(&mut data, 1);
    for _ in 0..9 {
        event(&mut data, E::GCSweepBegin, &[1, 1]);
        event(&mut data, E::GCSweepEnd, &[1, 1, 1]);
    }
    batch(&mut out, 1, 7, 1, &data);
    event(&mut out, E::EndOfGeneration, &[]);
    out
}

fn stat(reader: Reader) {
    let mut reader = reader;
    // What it refuses, it refuses; others are read to their end.
    let _ = stat_of(&mut reader);
}

/// Reads a trace that is whole.
fn whole(mut reader: Reader, generations: u64) {
    let stat = stat_of(&mut reader).unwrap();
    assert_eq!(stat.generations, Some(generations));
}

/// Reads up to the end, or to what is wrong.
fn each(mut reader: Reader, mut show: impl FnMut(&Reader)) {
    while let Ok(true) = reader.advance() {
        show(&reader);
    }
}

fn open(bytes: &[u8]) -> Reader<'_> {
    Reader::new(bytes, Options::default()).unwrap()
}

fn stream(bytes: &[u8]) -> Reader<'_> {
    Reader::of_stream(bytes, Options::default()).unwrap()
}

fn lines(reader: Reader, mut add: impl FnMut(&mut Renderer, &mut Vec<u8>, &Reader)) {
    let (mut renderer, mut out) = (Renderer::default(), Vec::new());
    each(reader, |reader| {
        out.clear();
        add(&mut renderer, &mut out, reader);
    });
}

/// All that is done with v2 traces.
pub(crate) fn all() -> Vec<Measured> {
    let mut all = Vec::new();
    for (name, bytes) in hostile() {
        let len = bytes.len();
        let limit = TRACE_ALWAYS + MULTIPLE * len;
        let mut add = |what: &str, limit, work: &dyn Fn()| {
            let what = format!("{what}, hostile v2 trace {name}");
            all.push(measure(&what, &bytes, limit, work));
        };
        add("stat", limit, &|| stat(open(&bytes)));
        let of_stream = TRACE_ALWAYS + STREAM_MULTIPLE * len;
        add("stat of a stream", of_stream, &|| stat(stream(&bytes)));
        add("export --format chrome", limit, &|| {
            let options = chrome::Options { all: true };
            let mut reader = of_any(&bytes).unwrap();
            drop(chrome::write(&mut reader, options, &mut sink()));
        });
        for (name, run) in exported::ALL {
            add(name, limit, &|| run(&bytes));
        }
        let both = || sigprof::trace::Reader::new(&bytes).unwrap();
        add("check", limit, &|| {
            drop(TraceSide::read(&mut both(), &Narrow::default()));
        });
        add("samples", limit, &|| {
            drop(printed::trace(&mut both(), &mut sink()));
        });
        add("dump", limit, &|| drop(dump::dump(&bytes, &mut sink())));
        add("wire", limit, &|| {
            drop(wire::write(&bytes, Default::default(), &mut sink()))
        });
        add("dump of a stream", of_stream, &|| {
            drop(dump::dump_stream(&bytes[..], &mut sink()));
        });
        add("wire of a stream", of_stream, &|| {
            drop(wire::write_stream(
                &bytes[..],
                Default::default(),
                &mut sink(),
            ));
        });
        let limit = limit + LINES;
        add("text", limit, &|| {
            lines(open(&bytes), |r, out, at| r.text(out, at, true))
        });
        add("json", limit, &|| {
            lines(open(&bytes), |r, out, at| r.json(out, at))
        });
        add("go", limit, &|| {
            let mut out = sink();
            let mut printer = Printer::new(&mut out, |_| 0);
            each(open(&bytes), |reader| printer.print(reader).unwrap());
        });
    }
    all.extend(one_generation_at_a_time());
    all.extend(passed_over());
    all
}

/// Streams that go on for long behind text: as text, or with more of the generation that it broke. Nothing
/// of that is held.
fn passed_over() -> Vec<Measured> {
    let text = b"1 connection from a browser, 11 from programs\n";
    let mut more = Vec::new();
    event(&mut more, E::ProcStatus, &[0, 1, 2]);
    more.resize(60_000, 0);
    let mut batches = Vec::new();
    batch(&mut batches, 1, 7, 1, &more);
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let measured = [("text", &text[..]), ("its generation", &batches)].map(|(what, goes_on)| {
        let mut bytes = generations(1, 0, |_, _, _| {});
        // Behind its end a generation is over.
        bytes.pop();
        bytes.extend(b"listening on :8080\n");
        bytes.extend(goes_on.iter().cycle().take(16 << 20));
        let what = format!("a stream that goes on as {what} behind text, with --keep-going");
        measure(&what, &bytes, 1 << 20, || {
            let mut reader = Reader::of_stream(&bytes[..], options).unwrap();
            let stat = stat_of(&mut reader).unwrap();
            assert!(stat.error.unwrap().contains("text: "));
        })
    });
    measured.into()
}

/// Of a trace with sixteen generations no more is held than of one with two, be it by a
/// sixteenth: samples, tables and batches of a generation go with it.
fn one_generation_at_a_time() -> Vec<Measured> {
    let trace = |count| {
        generations(count, LEN, |out, generation, i| {
            let mut data = vec![E::CPUSamples as u8];
            (0..99).for_each(|_| event(&mut data, E::CPUSample, &[i, 7, 0, 1, 0]));
            batch(out, generation, NO_THREAD, i, &data);
            let mut data = vec![E::Strings as u8];
            (0..99).for_each(|n| event(&mut data, E::String, &[i * 99 + n, 0]));
            batch(out, generation, NO_THREAD, i, &data);
            let mut data = Vec::new();
            event(&mut data, E::ProcStatus, &[0, i, 2]);
            batch(out, generation, i, i, &data);
        })
    };
    let (few, many) = (trace(2), trace(16));
    assert!(many.len() > 7 * few.len());
    type Open = for<'b> fn(&'b [u8]) -> Reader<'b>;
    let readers: [(&str, Open); 2] = [("bytes", open), ("a stream", stream)];
    let mut all = Vec::new();
    type Show = fn(&[u8]);
    let streams: [(&str, Show); 2] = [
        ("dump", |b| dump::dump_stream(b, &mut sink()).unwrap()),
        ("wire", |b| {
            wire::write_stream(b, Default::default(), &mut sink()).unwrap()
        }),
    ];
    for (what, show) in streams {
        let least = measure("2 generations", &few, usize::MAX, || show(&few));
        let limit = least.peak + least.peak / 16;
        let what = format!("{what} of a stream of 16 generations");
        all.push(measure(&what, &many, limit, || show(&many)));
    }
    for (what, reader) in readers {
        let least = measure("2 generations", &few, usize::MAX, || whole(reader(&few), 2));
        let limit = least.peak + least.peak / 16;
        let what = format!("16 generations from {what}");
        all.push(measure(&what, &many, limit, || whole(reader(&many), 16)));
    }
    all
}
