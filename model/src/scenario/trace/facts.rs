//! Facts of a trace's log, on one thread.

use super::{Run, TWO, started};
use crate::backend::Backend;
use crate::law::Law;
use crate::limits::Sizes;
use crate::protocol::{Logs, Protocol};
use crate::sample::Place;
use crate::scenario::{Program, Scenario, shared};

/// Room for four samples with one PC, or a few more.
const FOUR: Sizes = Sizes { words: 32, tags: 8 };

fn alone<B: Backend>(
    protocol: Protocol,
    sizes: Sizes,
    body: impl Fn(&Run<B>) + 'static,
) -> Program {
    let run = started::<B>(protocol, sizes);
    shared::alone(&run, body, |run| run.judge(Law::Drained))
}

/// Every kind of header: with and without P, of goroutine 0, with one PC or two.
fn headers<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, FOUR, |run| {
        let mut id = 0;
        for p in [Some(0), None, Some(3)] {
            for goid in [0, 7] {
                id += 1;
                let place = Place { p, goid, procid: 0 };
                run.sample_at(0, id, place, &[id]);
                run.drain(0);
                id += 1;
                run.sample_at(0, id, place, &[id, 99]);
                run.drain(0);
            }
        }
        run.stop();
    })
}

/// The last drain of a ring that goes on at its start.
fn last_drain_of_a_wrapped_ring<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, Sizes { tags: 8, ..TWO }, |run| {
        run.sample(0, 1);
        run.drain(0);
        run.drain(0);
        for id in 2..=4 {
            run.sample(0, id);
        }
        run.stop();
    })
}

/// An overflow as the last record, as the first, and alone.
fn overflow_among_samples<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, TWO, |run| {
        for id in 1..=4 {
            run.sample(0, id);
        }
        run.drain(0);
        run.drain(0);
        run.sample(0, 5);
        run.drain(0);
        run.drain(0);
        for id in 6..=9 {
            run.sample(0, id);
        }
        run.stop();
    })
}

/// A count that is taken by the writer, and stands before the sample that follows it.
fn overflow_before_a_sample<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, FOUR, |run| {
        for id in 1..=6 {
            run.sample_at(
                0,
                id,
                Place {
                    p: Some(1),
                    goid: id,
                    procid: 0,
                },
                &[id, 1, 2, 3],
            );
        }
        run.drain(0);
        run.drain(0);
        run.sample(0, 7);
        run.stop();
    })
}

/// Two traces, one after the other.
fn two_traces<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, TWO, |run| {
        run.sample(0, 1);
        run.stop();
        run.sample(0, 2);
        run.start();
        run.sample(0, 3);
        run.stop();
    })
}

/// A trace is started while one is on: it goes on as it was.
fn start_of_two<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, TWO, |run| {
        run.sample(0, 1);
        run.start();
        run.sample(0, 2);
        run.stop();
    })
}

/// A trace is stopped twice.
fn stop_of_none<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, TWO, |run| {
        run.sample(0, 1);
        run.stop();
        run.stop();
        run.sample(0, 2);
    })
}

/// The next generation begins in no trace, and then a trace does.
fn advance_of_none<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, TWO, |run| {
        run.sample(0, 1);
        run.stop();
        run.advance();
        run.sample(0, 2);
        run.start();
        run.sample(0, 3);
        run.stop();
    })
}

/// A ring that goes on at its start when its generation ends, and is used again two
/// generations later.
fn advance_with_a_wrapped_ring<B: Backend>(protocol: Protocol) -> Program {
    alone::<B>(protocol, Sizes { tags: 8, ..TWO }, |run| {
        run.sample(0, 1);
        run.drain(0);
        run.drain(0);
        run.sample(0, 2);
        run.sample(0, 3);
        run.advance();
        run.advance();
        run.drain(0);
        run.stop();
    })
}

/// All scenarios of a trace's log that need one thread only.
pub(in crate::scenario) fn all<B: Backend>() -> Vec<Scenario> {
    let by_generation = |protocol: &Protocol| protocol.logs == Logs::ByGeneration;
    vec![
        Scenario::new("headers", "every kind of header", headers::<B>),
        Scenario::new(
            "last_drain_of_a_wrapped_ring",
            "a trace stops when its ring goes on at its start",
            last_drain_of_a_wrapped_ring::<B>,
        ),
        Scenario::new(
            "overflow_among_samples",
            "overflows as the last record, and alone",
            overflow_among_samples::<B>,
        ),
        Scenario::new(
            "overflow_before_a_sample",
            "an overflow as the first record",
            overflow_before_a_sample::<B>,
        ),
        Scenario::new(
            "two_traces",
            "two traces, one after the other",
            two_traces::<B>,
        ),
        Scenario::new(
            "start_of_two",
            "a trace starts while one is on",
            start_of_two::<B>,
        ),
        Scenario::new(
            "stop_of_none",
            "a trace stops, and then none does",
            stop_of_none::<B>,
        ),
        Scenario::new(
            "advance_of_none",
            "the next generation begins when no trace is on",
            advance_of_none::<B>,
        )
        .only(by_generation),
        Scenario::new(
            "advance_with_a_wrapped_ring",
            "a generation ends when its ring goes on at its start",
            advance_with_a_wrapped_ring::<B>,
        )
        .only(by_generation),
    ]
}
