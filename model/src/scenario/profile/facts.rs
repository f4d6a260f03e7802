//! Facts of a profile, on one thread.

use super::{HZ, Run};
use crate::backend::Backend;
use crate::prof_buf::Mode;
use crate::protocol::Protocol;
use crate::scenario::{Program, Scenario, shared};

fn alone<B: Backend>(protocol: Protocol, body: impl Fn(&Run<B>) + 'static) -> Program {
    let run = Run::<B>::started(protocol);
    shared::alone(&run, body, Run::judge)
}

/// Foreign stacks that are kept, and one that is lost; signals in atomics; twice.
fn foreign_stacks<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, |run| {
        for id in 1..=3 {
            run.foreign_signal(id);
        }
        run.signal(1, 4, true);
        run.signal(1, 5, false);
        run.read(Mode::NonBlocking);
        run.signal(1, 6, false);
        run.read(Mode::NonBlocking);
        run.foreign_signal(7);
        run.signal(1, 8, true);
        run.set_rate(0);
    })
}

/// Two profiles, one after the other; the first is said to be finished when it is not, and
/// nothing comes of that. A thread that nobody told stays armed in between, and takes part in
/// the second.
fn two_profiles<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, |run| {
        run.signal(1, 1, false);
        run.finish();
        run.foreign_signal(2);
        run.set_rate(0);
        run.signal(1, 3, false);
        run.foreign_signal(4);
        run.finish();
        run.signal(1, 5, false);
        run.set_rate(HZ);
        run.signal(1, 6, false);
        run.foreign_signal(7);
        run.set_rate(0);
    })
}

/// The rate is set in a profile, and when it has stopped and not been read: each time
/// nothing comes of it.
fn start_of_two_profiles<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, |run| {
        run.signal(1, 1, false);
        run.set_rate(HZ);
        run.signal(1, 2, false);
        run.set_rate(0);
        run.set_rate(HZ);
        run.signal(1, 3, false);
        run.set_rate(0);
    })
}

/// All scenarios of a profile that need one thread only.
pub(in crate::scenario) fn all<B: Backend>() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "foreign_stacks",
            "foreign threads' stacks, kept and lost, and signals in atomics",
            foreign_stacks::<B>,
        ),
        Scenario::new(
            "two_profiles",
            "two profiles, one after the other",
            two_profiles::<B>,
        ),
        Scenario::new(
            "start_of_two_profiles",
            "the rate is set while there is a profile",
            start_of_two_profiles::<B>,
        ),
    ]
}
