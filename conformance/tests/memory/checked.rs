//! The pair check of what is measured.

use std::hint::black_box;
use std::sync::LazyLock;

use sigprof::check::{Narrow, Report, TraceSide};
use sigprof::pprof;
use sigprof::trace::v1::stat::of as stat_of;
use sigprof::trace::{GoId, Reader};
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::tracer::{CpuSample, ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_sim::workload;
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{LEN, MULTIPLE, Measured, TRACE_ALWAYS, measure, peak};

/// A trace against an empty profile, as the command does it.
pub(crate) fn check_trace(bytes: &[u8], narrow: &Narrow) {
    check_trace_with(bytes, narrow, |_| {});
}

/// The same, and what is done with its report.
pub(crate) fn check_trace_with(bytes: &[u8], narrow: &Narrow, with: impl Fn(&Report)) {
    let reader = Reader::new(bytes).ok();
    let Some(side) = reader.and_then(|mut r| TraceSide::read(&mut r, narrow).ok()) else {
        return;
    };
    let _ = black_box(side.check(pprof::Profile::default())).inspect(with);
}

/// A profile against a trace without samples.
pub(crate) fn check_profile(bytes: &[u8], narrow: &Narrow) {
    check_profile_with(bytes, narrow, |_| {});
}

/// The same, and what is done with its report.
pub(crate) fn check_profile_with(bytes: &[u8], narrow: &Narrow, with: impl Fn(&Report)) {
    let side = TraceSide::read(&mut Reader::new(&TRACE).unwrap(), narrow).unwrap();
    if let Ok(profile) = pprof::read(bytes) {
        let _ = black_box(side.check(profile)).inspect(with);
    }
}

pub(crate) fn of_goroutine(id: u64) -> Narrow {
    Narrow {
        goroutine: Some(GoId(id)),
        ..Narrow::default()
    }
}

pub(crate) fn in_region(name: &str) -> Narrow {
    Narrow {
        region: Some(name.to_owned()),
        ..Narrow::default()
    }
}

pub(crate) fn with_label(key: &str, value: &str) -> Narrow {
    Narrow {
        labels: vec![(key.to_owned(), value.to_owned())],
        ..Narrow::default()
    }
}

/// Goroutine 1 runs on a P.
static TRACE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    bytes.batch(Some(ProcId(0)), Ticks(1));
    bytes.event(EventType::GoCreate, Ticks(1), &[1, 0], None);
    bytes.event(EventType::GoStart, Ticks(1), &[1, 1], None);
    bytes.frequency(1_000_000_000);
    bytes.finish()
});

/// One long function name in many frames, each in a sampled stack of its own: the check
/// holds the name once.
pub(crate) fn check_of_a_long_name() -> Measured {
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
    let mut reader = Reader::new(&bytes).unwrap();
    let limit = TRACE_ALWAYS + MULTIPLE * bytes.len();
    measure("check of a long name", &bytes, limit, || {
        let side = TraceSide::read(&mut reader, &Narrow::default()).unwrap();
        let report = side.check(pprof::Profile::default()).unwrap();
        assert_eq!(report.stacks.len(), 5_000);
    })
}

/// A program that runs for long. The check holds what the reader does, which `stat` shows, and
/// its stacks: nothing for an event or a sample.
pub(crate) fn check_of_a_long_run() -> [Measured; 2] {
    let plan = workload::parse(
        "procs = 4\ngoroutines = 20\nhz = 1000\nstep_us = 20\ntraces = [[1, 4000]]\n\
         profiles = [[2, 3900]]\n\
         ops = { compute = 2, yield = 4, renew = 1, sleep = 4, syscall = 3, region = 4 }",
    );
    let mut trace = Vec::new();
    let mut sink = |_: usize, piece: &[u8]| trace.extend_from_slice(piece);
    let revision = Revision::named("go1.19").unwrap();
    machine::run(Seed(1), &plan.unwrap(), revision, &mut sink).unwrap();
    assert!(trace.len() > 4 << 20, "{}", trace.len());
    let stat = || stat_of(&sigprof::trace::v1::Reader::new(&trace).unwrap()).unwrap();
    let samples = stat().samples.total;
    assert!(samples > 10_000, "{samples}");
    let limit = peak(stat) + (64 << 10);
    [
        ("check of a long run", Narrow::default()),
        ("check --region of a long run", in_region("")),
    ]
    .map(|(what, narrow)| measure(what, &trace, limit, || check_trace(&trace, &narrow)))
}
