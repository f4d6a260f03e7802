//! A simulated run whose signals stream: those whose fate is settled are not held (S20.14).

use std::hint::black_box;

use sigprof_sim::Seed;
use sigprof_sim::machine::{Budget, Revision, run_streaming};
use sigprof_sim::workload;

use super::{Measured, measure, peak};

/// A run of so many milliseconds, to nowhere; how many signals it had.
fn run(millis: u64, revision: &str) -> u64 {
    let plan = format!(
        "procs = 4\nhz = 1000\nring_words = 16384\nstep_us = 50\ntraces = [[1, {millis}]]\n\
         profiles = [[2, {millis}]]\nops = {{ compute = 1, yield = 1 }}"
    );
    let mut signals = 0;
    let mut sink = |_: usize, piece: &[u8]| {
        black_box(piece);
    };
    let mut signal_sink = |_: &_| signals += 1;
    let plan = workload::parse(&plan).unwrap();
    let made = run_streaming(
        &Budget::RUN,
        Seed(1),
        &plan,
        Revision::named(revision).unwrap(),
        &mut sink,
        Some(&mut signal_sink),
    );
    assert!(made.unwrap().truth.signals.is_empty());
    signals
}

/// Runs of four times as many signals as others, which take less than twice as much.
pub(crate) fn runs() -> Vec<Measured> {
    let measured = ["go1.21", "go1.27"].map(|revision| {
        let (mut few, mut many) = (0, 0);
        // A list doubles as it grows.
        let limit = 2 * peak(|| few = run(3_000, revision));
        let what = format!("sim of {revision}, four times the signals");
        let measured = measure(&what, &[], limit, || many = run(12_000, revision));
        assert!(few > 5_000 && many > 3 * few, "{few}, {many}");
        measured
    });
    measured.into()
}
