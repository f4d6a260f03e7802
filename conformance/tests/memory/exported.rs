//! Exports of a trace's samples, and traces of which these hold the most.

use std::io::sink;

use sigprof::export::samples::Select;
use sigprof::export::{
    Options, firefox as fx, folded as lines, pprof as profile, speedscope as json,
};
use sigprof_wire::v2::{EventType as E, NO_THREAD};

use super::v2::filled;
use super::write::{batch, clocks, event, header, varint};
use super::{LEN, MULTIPLE, Measured, TRACE_ALWAYS, measure, of_any};

pub(crate) fn pprof(bytes: &[u8]) {
    let _ = of_any(bytes).map(|mut r| profile::write(&mut r, &Default::default(), &mut sink()));
}

pub(crate) fn region(bytes: &[u8]) {
    for name in ["", "nowhere"] {
        let options = profile::Options {
            select: Select {
                region: Some(name.into()),
                ..Select::default()
            },
            ..profile::Options::default()
        };
        let _ = of_any(bytes).map(|mut r| profile::write(&mut r, &options, &mut sink()));
    }
}

pub(crate) fn speedscope(bytes: &[u8]) {
    let _ = of_any(bytes).map(|mut r| json::write(&mut r, &Options::default(), &mut sink()));
}

pub(crate) fn firefox(bytes: &[u8]) {
    let _ = of_any(bytes).map(|mut r| fx::write(&mut r, &Options::default(), &mut sink()));
}

pub(crate) fn folded(bytes: &[u8]) {
    let _ = of_any(bytes).map(|mut r| lines::write(&mut r, &Select::default(), &mut sink()));
}

/// An export by the command that does it.
type Export = (&'static str, fn(&[u8]));

/// The exports of samples.
pub(crate) const ALL: [Export; 5] = [
    ("export --format pprof", pprof),
    ("export --format pprof --region", region),
    ("export --format speedscope", speedscope),
    ("export --format firefox", firefox),
    ("export --format folded", folded),
];

/// All exports of the traces of which they hold the most. Their lines would be long.
pub(crate) fn all() -> Vec<Measured> {
    let mut all = Vec::new();
    for (trace, bytes) in hostile() {
        let limit = TRACE_ALWAYS + MULTIPLE * bytes.len();
        for (command, run) in ALL {
            let what = format!("{command}, hostile v2 trace {trace}");
            all.push(measure(&what, &bytes, limit, || run(&bytes)));
        }
    }
    all
}

/// Samples of which no two are the same, in the fewest bytes.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let samples = |data: &mut Vec<u8>, _| event(data, E::CPUSamples, &[]);
    vec![
        (
            "samples of goroutines",
            filled(NO_THREAD, samples, |data, i| {
                event(data, E::CPUSample, &[0, 0, 0, i, 0]);
            }),
        ),
        (
            "samples of threads",
            filled(NO_THREAD, samples, |data, i| {
                event(data, E::CPUSample, &[0, i, 0, 0, 0]);
            }),
        ),
        (
            "samples of all kinds",
            filled(NO_THREAD, samples, |data, i| {
                event(data, E::CPUSample, &[0, i, i, i, 0]);
            }),
        ),
        ("threads with a deep stack", deep()),
    ]
}

/// As many threads as can be, each with a sample of a stack of 128 frames with long names.
fn deep() -> Vec<u8> {
    let mut out = header(26);
    clocks(&mut out, 26, 1, 1, 15_625_000);
    let mut data = Vec::new();
    event(&mut data, E::Strings, &[]);
    for id in 1..=60_u8 {
        event(&mut data, E::String, &[id.into(), 1024]);
        data.extend_from_slice(&[id; 1024]);
    }
    batch(&mut out, 1, NO_THREAD, 1, &data);
    let mut data = Vec::new();
    event(&mut data, E::Stacks, &[]);
    event(&mut data, E::Stack, &[1, 128]);
    for frame in 1..=128 {
        for number in [frame, frame % 60 + 1, 1, frame] {
            varint(&mut data, number);
        }
    }
    batch(&mut out, 1, NO_THREAD, 1, &data);
    let mut thread = 0;
    while out.len() < LEN {
        let mut data = Vec::new();
        event(&mut data, E::CPUSamples, &[]);
        while data.len() < 60_000 {
            thread += 1;
            event(&mut data, E::CPUSample, &[0, thread, 0, 0, 1]);
        }
        batch(&mut out, 1, NO_THREAD, 1, &data);
    }
    event(&mut out, E::EndOfGeneration, &[]);
    out
}
