//! Memory stays below a small multiple of the input, whatever the input is (S10).
//!
//! The heap is measured where it is asked for, by an allocator that counts, so that the
//! numbers are the same on every machine of 64 bits. All in one test: another one's heap
//! would count too.

#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

#[path = "../../sim/examples/fixtures/profiles.rs"]
mod profiles;
#[path = "../../sim/examples/fixtures/traces.rs"]
mod traces;

#[path = "memory/hostile.rs"]
mod hostile;

use std::alloc::System;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use cap::Cap;
use flate2::Compression;
use flate2::write::GzEncoder;
use sigprof::check::{Narrow, check};
use sigprof::suite::fixture;
use sigprof::trace::render;
use sigprof::{pprof, trace};
use sigprof_model::events::{EventType, FormatVersion};
use sigprof_sim::tracer::{CpuSample, ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter};

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes of heap for each byte of a trace of which all events are kept. An event has 2
/// bytes at the least and 88 in memory, in a list with room for as many again. More than
/// that only if each is of a P of its own. Real traces take up to 41.
const TRACE_MULTIPLE: usize = 105;

/// The same of one that is only read: most for a P, which has at least 7 bytes, and about
/// 400 in memory. Real traces take up to 16.
const READ_MULTIPLE: usize = 80;

/// And for any trace: the arguments of one event, 4,002 at the most.
const TRACE_ALWAYS: usize = 64 << 10;

/// Bytes of heap for each byte of an unpacked profile. A sample has 2 bytes at the
/// least; as a message it takes 72, in a list with room for as many again, and its
/// place and result take 8, with the same room, and 64: 112. Where samples are larger,
/// text takes up to 64 and frames up to 64. Real profiles take up to 10.
const PROFILE_MULTIPLE: usize = 160;

/// And for any profile: 4 MiB of text, 1 Mi frames of 4 bytes with room for as many
/// again, and what unpacking needs.
const PROFILE_ALWAYS: usize = 13 << 20;

/// Bytes that a packed profile may unpack to, for each of its own (`pprof::gzip`).
const UNPACKED_MULTIPLE: usize = 64;

/// And in any case.
const UNPACKED_ALWAYS: usize = 1 << 20;

/// Bytes of each input that is made here. A list of things of two bytes has then just
/// grown beyond 2^16 of them, and has as much room again.
const LEN: usize = 132_000;

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

fn trace(what: &str, bytes: &[u8]) -> Measured {
    let limit = TRACE_ALWAYS + TRACE_MULTIPLE * bytes.len();
    measure(what, bytes, limit, || drop(trace::read(bytes)))
}

/// Of a trace whose events go by.
fn stream(what: &str, bytes: &[u8]) -> Measured {
    let limit = TRACE_ALWAYS + READ_MULTIPLE * bytes.len();
    let what = format!("{what}, event by event");
    measure(&what, bytes, limit, || drop(trace::verify(bytes)))
}

fn profile(what: &str, bytes: &[u8]) -> Measured {
    let unpacked = match bytes {
        [0x1f, 0x8b, ..] => (UNPACKED_MULTIPLE * bytes.len()).max(UNPACKED_ALWAYS),
        _ => bytes.len(),
    };
    let limit = PROFILE_ALWAYS + PROFILE_MULTIPLE * unpacked;
    measure(what, bytes, limit, || drop(pprof::read(bytes)))
}

/// Guards S10.1.
#[test]
fn heap_is_in_proportion_to_the_input() {
    let mut all = Vec::new();
    for folder in fixture::real() {
        let (t, p) = (format!("{folder}/trace"), format!("{folder}/profile.pb.gz"));
        all.push(trace(&t, &fixture::file(&t).unwrap()));
        all.push(stream(&t, &fixture::file(&t).unwrap()));
        all.push(profile(&p, &fixture::file(&p).unwrap()));
    }
    for (name, bytes) in traces::all() {
        all.push(trace(&format!("invalid trace {name}"), &bytes));
    }
    for (name, bytes) in profiles::all() {
        all.push(profile(&format!("invalid profile {name}"), &bytes));
    }
    for (name, bytes) in hostile::traces() {
        all.push(trace(&format!("hostile trace {name}"), &bytes));
        all.push(stream(&format!("hostile trace {name}"), &bytes));
    }
    let bomb = pack(&b"\x12\0".repeat(UNPACKED_ALWAYS / 2));
    all.push(profile("bomb of samples", &bomb));
    for (name, bytes) in hostile::profiles() {
        all.push(profile(&format!("hostile profile {name}"), &bytes));
        let packed = pack(&bytes);
        all.push(profile(&format!("hostile profile {name}, packed"), &packed));
    }
    all.push(json_of_a_deep_stack());
    all.push(check_of_a_long_name());
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

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
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
    assert_eq!(trace.stack(trace.events[0].stack).len(), 1000);
    measure(
        "JSON of a deep stack",
        &bytes,
        TRACE_ALWAYS + TRACE_MULTIPLE * bytes.len(),
        || {
            render::json(&trace, &trace.events[0], &mut std::io::sink()).unwrap();
        },
    )
}

/// One long function name in many frames, each in a sampled stack of its own: the check
/// holds the name once.
fn check_of_a_long_name() -> Measured {
    let mut bytes = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    bytes.batch(Some(ProcId(0)), Ticks(1));
    bytes.string(StringId(1), &vec![b'a'; LEN / 4]);
    for line in 1..=5_000 {
        let frame = TraceFrame {
            pc: 1,
            function: StringId(1),
            file: StringId(1),
            line,
        };
        bytes.stack(StackId(line), &[frame]);
        let sample = CpuSample {
            ts: Ticks(line),
            p: None,
            g: None,
            stack: StackId(line),
        };
        bytes.cpu_sample(Ticks(1), sample);
    }
    bytes.frequency(1_000_000_000);
    let bytes = bytes.finish();
    let trace = trace::read(&bytes).unwrap();
    let profile = pprof::Profile::default();
    let limit = TRACE_ALWAYS + TRACE_MULTIPLE * bytes.len();
    measure("check of a long name", &bytes, limit, || {
        let report = check(&trace, &profile, &Narrow::default()).unwrap();
        assert_eq!(report.stacks.len(), 5_000);
    })
}
