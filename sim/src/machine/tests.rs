//! Runs of the machine as such; what they write is judged in `conformance/tests/simulated`.

use super::*;
use crate::workload::draw;
use sigprof_model::backend::Std;

/// All that a run makes.
fn bytes(seed: u64, revision: Revision) -> (Vec<u8>, Made) {
    let mut trace = Vec::new();
    let mut sink = |_, piece: &[u8]| trace.extend_from_slice(piece);
    let plan = draw(Seed(seed));
    let plan = Workload {
        one_frame: false,
        ..plan
    };
    let made = run::<Std>(Seed(seed), &plan, revision, &mut sink).unwrap();
    (trace, made)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for revision in Revision::ALL {
        let (first, again) = (bytes(7, revision), bytes(7, revision));
        assert!(first.0 == again.0, "{}", revision.name);
        assert!(first.1.profiles == again.1.profiles);
        assert!(first.1.truth == again.1.truth);
    }
    assert!(bytes(7, Revision::ALL[1]).0 != bytes(8, Revision::ALL[1]).0);
}

#[test]
fn every_run_comes_to_its_end() {
    for seed in 0..60 {
        let revision = Revision::ALL[usize::try_from(seed % 3).unwrap()];
        let plan = draw(Seed(seed));
        let (_, made) = bytes(seed, revision);
        assert_eq!(made.truth.traces.len(), plan.traces.len(), "{seed}");
        assert_eq!(made.profiles.len(), 1, "{seed}");
        assert!(
            made.profiles.iter().all(|profile| !profile.is_empty()),
            "{seed}"
        );
        let last = made.truth.traces.last().unwrap();
        assert!(last.ticks_per_second > 0 && last.events > 0, "{seed}");
    }
}
