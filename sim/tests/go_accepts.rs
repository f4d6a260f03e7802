//! Real Go as the judge of the trace writer: `go tool trace -d` of Go 1.19 and 1.21
//! reads what it wrote, and every field of every event is compared with what was meant.
//!
//! `just oracles` installs the toolchains. Where one is missing its tests say so and
//! pass, unless `SIGPROF_ORACLES=required`.

#![expect(
    clippy::unwrap_used,
    reason = "test code, though clippy's allow-unwrap-in-tests does not see helpers as such"
)]

#[path = "go_accepts/go.rs"]
mod go;
#[path = "go_accepts/legal.rs"]
mod legal;

use std::collections::{BTreeMap, BTreeSet};

use go::Go;
use legal::{FRAMES, legal};
use sigprof_sim::tracer::{Frame, ProcId, RawEvent, StringId, TRACE_BUF_LEN, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

/// The format versions that this Go reads and the writer writes.
fn versions_of(go: &Go) -> impl Iterator<Item = FormatVersion> {
    let newest = go.format();
    FormatVersion::V1
        .into_iter()
        .filter(move |&version| version > FormatVersion::GO_1_5 && version <= newest)
}

/// Lines with how often each comes, so that neither order nor doubles are lost.
fn tally<'a>(lines: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    for line in lines {
        *tally.entry(line.as_str()).or_default() += 1;
    }
    tally
}

/// `Ts Name p=P g=G off=N args` without P and G, which the reader works out.
fn without_p_and_g(line: &str) -> String {
    let (head, tail) = line.split_once(" off=").expect("an event has an offset");
    let mut words = head.split(' ');
    let (at, name) = (words.next().unwrap(), words.next().unwrap());
    format!("{at} {name} off={tail}")
}

fn accepts_legal_traces(go_name: &str) {
    let Some(go) = Go::find(go_name) else { return };
    for version in versions_of(&go) {
        let legal = legal(version);
        let output = go.parse(&legal.bytes).unwrap_or_else(|error| {
            panic!("Go {go_name} refuses a trace of format {version}: {error}")
        });
        let got: Vec<_> = output.lines().map(without_p_and_g).collect();
        let want: Vec<_> = legal.lines.iter().map(|l| go.spelling(l)).collect();
        assert_eq!(
            tally(&got),
            tally(&want),
            "Go {go_name}, format {version}: left is what Go read"
        );
        println!("Go {go_name} read {} events of format {version}", got.len());
    }
}

#[test]
fn go_1_19_accepts_legal_traces() {
    accepts_legal_traces("1.19");
}

#[test]
fn go_1_21_accepts_legal_traces() {
    accepts_legal_traces("1.21");
}

/// The legal trace misses nothing but what the reader of real Go can never take.
#[test]
fn the_legal_trace_has_every_event_type() {
    for version in FormatVersion::V1.into_iter().skip(1) {
        let used = legal(version).types;
        let want: BTreeSet<_> = EventType::ALL
            .into_iter()
            .filter(|t| t.spec().since <= version && *t != EventType::GoSysExitLocal)
            .collect();
        assert_eq!(used, want, "format {version}");
    }
}

/// The stacks do not show in `-d`, but they do in the profile that Go makes of them.
fn reads_stacks(go_name: &str) {
    let Some(go) = Go::find(go_name) else { return };
    for version in versions_of(&go) {
        let profile = go.block_profile(&legal(version).bytes);
        for (function, file, line) in FRAMES {
            let want = format!("{function} {file}:{line}");
            assert!(
                profile.contains(&want),
                "Go {go_name}, format {version}: no {want} in\n{profile}"
            );
        }
    }
}

#[test]
fn go_1_19_reads_stacks() {
    reads_stacks("1.19");
}

#[test]
fn go_1_21_reads_stacks() {
    reads_stacks("1.21");
}

/// Go takes what fills several of the runtime's buffers, in front of the footer and in it.
fn reads_many_buffers(go_name: &str) {
    const EVENTS: u64 = 30_000;
    const STACKS: u64 = 200;
    let Some(go) = Go::find(go_name) else { return };
    for version in versions_of(&go) {
        let mut trace = TraceBuilder::new(version).unwrap();
        trace.batch(None, Ticks(1));
        for at in 1..=EVENTS {
            trace.event(Ticks(1000 * at), EventType::HeapAlloc, &[at], &[]);
        }
        for line in 0..STACKS {
            let name = format!("{line:01024}");
            trace.stack(&[Frame::new(line, &name, &name[1..], line)]);
        }
        let bytes = trace.finish(1_000_000_000);
        assert!(bytes.len() > 6 * TRACE_BUF_LEN, "{} bytes", bytes.len());
        let got = go.parse(&bytes).unwrap();
        assert_eq!(got.lines().count() as u64, EVENTS, "format {version}");
        for (at, line) in (1..=EVENTS).zip(got.lines()) {
            let time = 1000 * (at - 1);
            assert!(
                line.starts_with(&format!("{time} HeapAlloc p=-1 ")),
                "{line}"
            );
            assert!(line.ends_with(&format!(" mem={at}")), "{line}");
        }
    }
}

#[test]
fn go_1_19_reads_many_buffers() {
    reads_many_buffers("1.19");
}

#[test]
fn go_1_21_reads_many_buffers() {
    reads_many_buffers("1.21");
}

/// A trace of format 1.19, which `breakage` breaks, is refused with `want`.
fn check_refusal(breakage: impl FnOnce(&mut TraceBuilder), want: &str) {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(100));
    trace.event(Ticks(110), EventType::GoCreate, &[1, 0], &[]);
    trace.event(Ticks(120), EventType::GoStart, &[1, 1], &[]);
    breakage(&mut trace);
    let bytes = trace.finish(1_000_000_000);
    for go in ["1.19", "1.21"].into_iter().filter_map(Go::find) {
        let error = go.parse(&bytes).expect_err(want);
        assert!(error.contains(want), "want {want:?}, got {error:?}");
    }
}

#[test]
fn go_refuses_a_wrong_number_of_arguments() {
    let event = RawEvent::of(EventType::GoStart, &[1, 1]);
    check_refusal(
        |trace| trace.writer().raw_event(&event),
        "GoStart has wrong number of arguments at offset 0x1d: want 3, got 2",
    );
}

#[test]
fn go_refuses_a_string_id_twice() {
    check_refusal(
        |trace| {
            trace.string("a");
            trace.writer().raw_string(StringId(1), 1, b"b");
        },
        "has duplicate id 1",
    );
}

#[test]
fn go_refuses_a_length_that_ends_inside_a_varint() {
    let event = RawEvent::of(EventType::GoSysExit, &[1, 1, 2, 300]).with_length_off_by(-1);
    check_refusal(
        |trace| trace.writer().raw_event(&event),
        "event has wrong length at offset 0x1d: want 4, got 5",
    );
}

#[test]
fn go_refuses_a_type_that_does_not_exist() {
    check_refusal(
        |trace| trace.writer().raw_event(&RawEvent::new(63, &[1])),
        "unknown event type 63 at offset 0x1d",
    );
}

/// Go's reader books `GoSysExitLocal` on the goroutine that the P ran last, and
/// `GoSysBlock` has just made that none. No runtime since Go 1.7 writes the event.
#[test]
fn go_refuses_every_local_exit_from_a_system_call() {
    check_refusal(
        |trace| {
            trace.event(Ticks(130), EventType::GoSysCall, &[], &[]);
            trace.event(Ticks(140), EventType::GoSysBlock, &[], &[]);
            trace.event(Ticks(150), EventType::GoSysExitLocal, &[1, 145], &[]);
        },
        "g 0 is not waiting during syscall exit",
    );
}

#[test]
fn go_1_19_refuses_a_newer_format() {
    let Some(go) = Go::find("1.19") else { return };
    let error = go.parse(&legal(FormatVersion::GO_1_21).bytes).unwrap_err();
    assert!(
        error.contains("unsupported trace file version 1.21"),
        "{error}"
    );
}
