//! Simulated runs of today's releases whose rings were full, and what the check says of them.

use sigprof::check::{Narrow, Reason, Report, Verdict, check};
use sigprof::pprof;
use sigprof::trace::Reader;
use sigprof::truth::Arrival;
use sigprof_sim::machine::Revision;
use sigprof_sim::workload;

use super::Run;

/// A run with many threads and a high rate: how many samples found its rings full, and the verdict.
fn loaded(seed: u64, revision: &str, procs: u64, is_deep: bool) -> (usize, Report) {
    let plan = format!(
        "procs = {procs}\ngoroutines = 64\nhz = 1000\nstep_us = 10000\ndeep = {is_deep}\n\
         traces = [[1, 2000]]\nprofiles = [[2, 2000]]\nops = {{ compute = 1 }}"
    );
    let revision = Revision::named(revision).unwrap();
    let run = Run::of(seed, &workload::parse(&plan).unwrap(), revision);
    let signals = &run.truth().signals;
    let dropped = signals
        .iter()
        .filter(|s| s.in_trace == Some(Arrival::Dropped));
    let profile = pprof::read(&run.made.profiles[0]).unwrap();
    let mut reader = Reader::new(&run.traces[0]).unwrap();
    let report = check(&mut reader, &profile, &Narrow::default()).unwrap();
    (dropped.count(), report)
}

/// Guards S8.3, S8.32, S8.33.
#[test]
fn rings_that_were_full_are_found_and_no_others() {
    let (mut full, mut fine, mut short) = (0, 0, 0);
    for seed in 0..4 {
        for (procs, is_deep) in [(4, true), (16, true), (64, false)] {
            let revision = ["go1.22", "go1.27"][usize::from(seed % 2 == 1)];
            let name = format!("seed {seed}, {revision}, {procs} Ps, deep: {is_deep}");
            let (dropped, report) = loaded(seed, revision, procs, is_deep);
            let outcome = (report.verdict, report.reason);
            if dropped > 0 {
                full += 1;
                short += usize::from(report.expected.short_gaps.is_some());
                let lost = (Verdict::Lost, Some(Reason::RingCapacity));
                assert_eq!(outcome, lost, "{name}: {dropped} of {}", report.summary);
                assert!(!report.ring.full.is_empty(), "{name}");
            } else {
                fine += 1;
                assert!(
                    report.ring.full.is_empty(),
                    "{name}: {:?}",
                    report.ring.full
                );
                assert_ne!(report.verdict, Verdict::Wrong, "{name}: {}", report.summary);
            }
        }
    }
    // Of both kinds, and some whose words do not say of each time how full the ring was.
    assert!(
        full >= 6 && fine >= 4 && short >= 1,
        "{full} {fine} {short}"
    );
}
