//! All that can come of a scenario, where that is the point of it.

use std::collections::BTreeSet;

use sigprof_model::law::Law;
use sigprof_model::protocol::{Guard, Protocol};
use sigprof_model::scenario::{self, Outcome, Seen};

use super::search::{self, Search};

fn all(name: &str, protocol: Protocol) -> (BTreeSet<Outcome>, BTreeSet<Law>) {
    let all = scenario::all::<Search>();
    let scenario = all.iter().find(|scenario| scenario.name == name).unwrap();
    search::all(scenario, protocol)
}

/// A signal while the trace stops and then the profile: neither stream is a part of the
/// other, but of these two the trace is never alone (R23, L17).
///
/// Guards R23.1, R23.3, R35.
#[test]
fn a_trace_that_stops_first_is_never_alone() {
    const PROFILE: Seen = Seen::InProfile(1);
    const TRACE: Seen = Seen::InTrace(1);
    let off = vec![Seen::Skipped(1)];
    let wanted = [off, vec![], vec![PROFILE], vec![PROFILE, TRACE]];
    let wanted: BTreeSet<_> = wanted.map(Outcome).into();
    for (revision, protocol) in Protocol::REVISIONS {
        let (outcomes, laws) = all("trace_stops_then_profile", protocol);
        assert_eq!(outcomes, wanted, "{revision}");
        // Without a guard it may come too late for the trace (B6).
        let is_late = (protocol.guard == Guard::None).then_some(Law::NoneRetired);
        assert_eq!(laws, is_late.into_iter().collect(), "{revision}");
    }
}

/// B33: a stack that comes as the profile stops is lost, or it, or one that was flushed
/// already, is in the next profile.
///
/// Guards R27.5.
#[test]
fn a_foreign_stack_at_the_stop_is_lost_or_in_the_next_profile() {
    let name = "foreign_stack_in_the_next_profile";
    let (_, laws) = all(name, Protocol::GO_1_26);
    assert_eq!(laws, [Law::Conserved, Law::OwnTrace].into());
    let (_, laws) = all(name, Protocol::FIXED);
    assert_eq!(laws, BTreeSet::new());
}
