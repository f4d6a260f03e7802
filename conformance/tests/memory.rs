//! Memory stays below a small multiple of the input, whatever the input is (S10).
//!
//! The heap is measured where it is asked for, by an allocator that counts, so that the
//! numbers are the same on every machine of 64 bits. All in one test: another one's heap
//! would count too.

#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

#[path = "../../xtask/src/fixtures/profiles.rs"]
mod profiles;
#[path = "../../xtask/src/fixtures/traces.rs"]
mod traces;

#[path = "memory/checked.rs"]
mod checked;
#[path = "memory/exported.rs"]
mod exported;
#[path = "memory/held.rs"]
mod held;
#[path = "memory/hostile.rs"]
mod hostile;
#[path = "memory/hostile_profiles.rs"]
mod hostile_profiles;
#[path = "reader/pack.rs"]
mod pack;
#[path = "memory/simulated.rs"]
mod simulated;
#[path = "memory/v2.rs"]
mod v2;
#[expect(dead_code, reason = "other tests write more")]
#[path = "../../fuzz/targets/write.rs"]
mod write;

use std::alloc::System;
use std::hint::black_box;
use std::io::sink;
use std::time::Instant;

use cap::Cap;
use checked::{
    check_of_a_long_name, check_of_a_long_run, check_profile, check_profile_with, check_trace,
    check_trace_with, in_region, of_goroutine, with_label,
};
use pack::pack;
use sigprof::check::{Narrow, TraceSide};
use sigprof::corpus::printed;
use sigprof::export::chrome;
use sigprof::export::pprof::write_diff;
use sigprof::fixtures;
use sigprof::pprof;
use sigprof::trace::stat::Stat;
use sigprof::trace::v1 as trace;
use sigprof::trace::v1::dump;
use sigprof::trace::v1::{Event, Options, Reader, render};
use sigprof_sim::tracer::{ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes of heap for each byte of the input, for everything that a command does (S10.3).
const MULTIPLE: usize = 16;

/// And for any trace (S10.3).
const TRACE_ALWAYS: usize = 1 << 20;

/// Bytes for each byte of a trace of which all events are kept, which no command does of a
/// trace that it is given. An event has 2 bytes at the least and 88 in memory, in a list
/// with room for as many again.
const KEPT_MULTIPLE: usize = 105;

/// And for any profile: a message of 128 KiB, and frames.
const PROFILE_ALWAYS: usize = 8 << 20;

/// Bytes that any packed profile may unpack to.
const UNPACKED_ALWAYS: usize = 1 << 20;

/// Bytes of each input that is made here. A list of things of two bytes has then just
/// grown beyond 2^18 of them, and has as much room again.
const LEN: usize = 528_000;

/// The most heap that `work` has at once, beyond what there is before.
///
/// The allocator only knows the most that there ever was; so first there is ballast up
/// to that mark, which nothing touches.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    let ballast = Vec::<u8>::with_capacity(HEAP.max_allocated() - HEAP.allocated());
    black_box(&ballast);
    let before = HEAP.allocated();
    black_box(work());
    HEAP.max_allocated().saturating_sub(before)
}

struct Measured {
    what: String,
    len: usize,
    peak: usize,
    limit: usize,
    millis: u128,
}

fn measure<T>(what: &str, bytes: &[u8], limit: usize, work: impl FnOnce() -> T) -> Measured {
    let start = Instant::now();
    let peak = peak(work);
    Measured {
        what: what.to_owned(),
        len: bytes.len(),
        peak,
        limit,
        millis: start.elapsed().as_millis(),
    }
}

/// A command by name, an input size, and what it does with the bytes of its input, without the
/// input itself.
type Operation = (&'static str, usize, fn(&[u8]));

/// A damaged trace as far as it goes.
fn keep_going(bytes: &[u8]) -> Option<Reader<'_>> {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    Reader::with(bytes, options).ok()
}

/// The same in the reader of both formats.
fn of_any(bytes: &[u8]) -> Option<sigprof::trace::Reader<'_>> {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    sigprof::trace::Reader::with(bytes, options).ok()
}

/// The trace's side of a check, as far as it can be read.
fn side_of_any(bytes: &[u8]) -> Option<TraceSide> {
    let mut reader = of_any(bytes)?;
    TraceSide::read(&mut reader, &Narrow::default()).ok()
}

/// Every command that reads a trace.
const OF_TRACES: [Operation; 21] = [
    ("stat", MULTIPLE, |bytes| {
        let reader = sigprof::trace::Reader::new(bytes);
        let _ = reader.map(|mut reader| Stat::of(&mut reader));
    }),
    ("stat --keep-going", MULTIPLE, |bytes| {
        let _ = of_any(bytes).map(|mut reader| Stat::of(&mut reader));
    }),
    ("parse", MULTIPLE, |bytes| {
        shown(bytes, |reader, event| {
            render::text(reader, event, true, &mut sink()).unwrap();
        });
    }),
    ("parse --format go", MULTIPLE, |bytes| {
        shown(bytes, |reader, event| {
            render::go(reader, event, FormatVersion::GO_1_19, &mut sink()).unwrap();
        });
    }),
    ("parse --format json", MULTIPLE, |bytes| {
        shown(bytes, |reader, event| {
            render::json(reader, event, &mut sink()).unwrap();
        });
    }),
    ("parse --format samples", MULTIPLE, |bytes| {
        let reader = sigprof::trace::Reader::new(bytes);
        let _ = reader.map(|mut reader| printed::trace(&mut reader, &mut sink()));
    }),
    ("dump", MULTIPLE, |bytes| {
        drop(dump::dump(bytes, &mut sink()))
    }),
    ("dump of a stream", MULTIPLE, |bytes| {
        drop(dump::dump_stream(bytes, &mut sink()))
    }),
    ("export --format chrome", MULTIPLE, |bytes| {
        let options = chrome::Options { all: true };
        let _ = of_any(bytes).map(|mut reader| chrome::write(&mut reader, options, &mut sink()));
    }),
    ("export --format pprof", MULTIPLE, exported::pprof),
    ("export --format pprof --region", MULTIPLE, exported::region),
    ("export --format speedscope", MULTIPLE, exported::speedscope),
    ("export --format firefox", MULTIPLE, exported::firefox),
    ("export --format folded", MULTIPLE, exported::folded),
    ("check", MULTIPLE, |bytes| {
        check_trace(bytes, &Narrow::default());
    }),
    ("check without a profile", MULTIPLE, |bytes| {
        let alone = side_of_any(bytes).and_then(|side| side.alone(None).ok());
        let _ = black_box(alone).map(|alone| alone.text(100));
    }),
    ("check of what is damaged", MULTIPLE, |bytes| {
        let side = side_of_any(bytes);
        let _ = side.map(|side| black_box(side.check(pprof::Profile::default())));
    }),
    ("check of what is cut", MULTIPLE, |bytes| {
        let side = side_of_any(&bytes[..bytes.len() - bytes.len() / 8]);
        let _ = side.map(|side| black_box(side.check(pprof::Profile::default())));
    }),
    ("check --diff", MULTIPLE, |bytes| {
        check_trace_with(bytes, &Narrow::default(), |report| {
            write_diff(report, &mut sink()).unwrap();
        });
    }),
    ("check --goroutine", MULTIPLE, |bytes| {
        check_trace(bytes, &of_goroutine(1));
        check_trace(bytes, &of_goroutine(u64::MAX));
    }),
    ("check --region", MULTIPLE, |bytes| {
        check_trace(bytes, &in_region(""));
        check_trace(bytes, &in_region("nowhere"));
    }),
];

/// Every command that reads a profile.
const OF_PROFILES: [Operation; 5] = [
    (
        "parse --input profile --format samples",
        MULTIPLE,
        |bytes| {
            let profile = pprof::read(bytes).ok();
            let _ = profile.map(|profile| printed::profile(&profile, &mut sink()));
        },
    ),
    ("check", MULTIPLE, |bytes| {
        check_profile(bytes, &Narrow::default());
    }),
    ("check --diff", MULTIPLE, |bytes| {
        check_profile_with(bytes, &Narrow::default(), |report| {
            write_diff(report, &mut sink()).unwrap();
        });
    }),
    ("check --label", MULTIPLE, |bytes| {
        check_profile(bytes, &with_label("k", "v"));
        check_profile(bytes, &with_label("", "no such label"));
    }),
    // The trace has it all.
    ("check --goroutine", MULTIPLE, |bytes| {
        check_profile(bytes, &of_goroutine(1));
    }),
];

fn shown(bytes: &[u8], show: impl Fn(&Reader, &Event)) {
    let Some(reader) = keep_going(bytes) else {
        return;
    };
    for event in reader.events() {
        match event {
            Ok(event) => show(&reader, &event),
            Err(_) => return,
        }
    }
}

fn trace(all: &mut Vec<Measured>, what: &str, bytes: &[u8]) {
    commands(all, what, bytes, |_| true);
    let what = format!("all events of {what}");
    let limit = TRACE_ALWAYS + KEPT_MULTIPLE * bytes.len();
    all.push(measure(&what, bytes, limit, || drop(trace::read(bytes))));
}

/// Some commands that read a trace.
fn commands(all: &mut Vec<Measured>, what: &str, bytes: &[u8], has: impl Fn(&str) -> bool) {
    for (command, multiple, run) in OF_TRACES.into_iter().filter(|row| has(row.0)) {
        let limit = TRACE_ALWAYS + multiple * bytes.len();
        let what = format!("{command}, {what}");
        all.push(measure(&what, bytes, limit, || run(bytes)));
    }
}

fn profile(all: &mut Vec<Measured>, what: &str, bytes: &[u8]) {
    let unpacked = match bytes {
        [0x1f, 0x8b, ..] => sigprof::gzip::unpack(bytes).map_or(bytes.len(), |b| b.len()),
        _ => bytes.len(),
    };
    for (command, multiple, run) in OF_PROFILES {
        let limit = PROFILE_ALWAYS + multiple * unpacked;
        let what = format!("{command}, {what} of {unpacked} bytes");
        all.push(measure(&what, bytes, limit, || run(bytes)));
    }
}

/// Guards S10.1, S10.3, S10.4, S10.5, S10.6, S45.4, S50.6.
#[test]
fn heap_is_in_proportion_to_the_input() {
    let mut all = Vec::new();
    for folder in fixtures::real_v1() {
        let (t, p) = (format!("{folder}/trace"), format!("{folder}/profile.pb.gz"));
        trace(&mut all, &t, &fixtures::file(&t).unwrap());
        profile(&mut all, &p, &fixtures::file(&p).unwrap());
    }
    for (name, bytes) in traces::all() {
        trace(&mut all, &format!("invalid trace {name}"), &bytes);
    }
    for (name, bytes) in profiles::all() {
        profile(&mut all, &format!("invalid profile {name}"), &bytes);
    }
    for (name, bytes) in hostile::traces().into_iter().chain(held::traces()) {
        trace(&mut all, &format!("hostile trace {name}"), &bytes);
    }
    let (name, bytes) = hostile::names_in_a_deep_stack();
    trace(&mut all, &format!("hostile trace {name}"), &bytes);
    let bomb = pack(&b"\x12\0".repeat(UNPACKED_ALWAYS / 2));
    profile(&mut all, "bomb of samples", &bomb);
    for (name, bytes) in hostile_profiles::profiles() {
        profile(&mut all, &format!("hostile profile {name}"), &bytes);
        let packed = pack(&bytes);
        profile(
            &mut all,
            &format!("hostile profile {name}, packed"),
            &packed,
        );
    }
    all.extend(v2::all());
    all.push(dump_of_a_long_stream());
    all.extend(exported::all());
    all.push(json_of_a_deep_stack());
    all.push(check_of_a_long_name());
    all.extend(check_of_a_long_run());
    all.extend(simulated::runs());
    let mut failures = Vec::new();
    for Measured {
        what,
        len,
        peak,
        limit,
        millis,
    } in all
    {
        let per_byte = peak / len.max(1);
        let line = format!(
            "{what}: {len} bytes, {peak} of heap ({per_byte} a byte, at most {limit}), {millis} ms"
        );
        println!("{line}");
        if peak > limit {
            failures.push(line);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// A v1 trace of which a dump holds an event, but not the bytes that came before.
fn dump_of_a_long_stream() -> Measured {
    let mut bytes = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    bytes.batch(Some(ProcId(0)), Ticks(1));
    for _ in 0..LEN {
        bytes.event(EventType::HeapAlloc, Ticks(1), &[9_999], None);
    }
    bytes.frequency(1_000_000_000);
    let bytes = bytes.finish();
    let limit = bytes.len() / 4;
    measure("dump of a long stream", &bytes, limit, || {
        dump::dump_stream(&bytes[..], &mut sink()).unwrap();
    })
}

/// A stack of 1,000 frames whose function has a long name: as JSON it is long, but is
/// never held as a whole.
fn json_of_a_deep_stack() -> Measured {
    let mut bytes = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    bytes.batch(Some(ProcId(0)), Ticks(1));
    bytes.string(StringId(1), &vec![b'a'; LEN]);
    let frame = TraceFrame {
        pc: 1,
        function: StringId(1),
        file: StringId(1),
        line: 1,
    };
    bytes.stack(StackId(1), &[frame; 1000]);
    bytes.event(EventType::GCStart, Ticks(1), &[0], Some(StackId(1)));
    bytes.frequency(1_000_000_000);
    let bytes = bytes.finish();
    let trace = trace::read(&bytes).unwrap();
    assert_eq!(trace.reader.stack(trace.events[0].stack).len(), 1000);
    measure(
        "JSON of a deep stack",
        &bytes,
        TRACE_ALWAYS + MULTIPLE * bytes.len(),
        || {
            render::json(&trace.reader, &trace.events[0], &mut std::io::sink()).unwrap();
        },
    )
}
