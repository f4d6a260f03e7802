//! The tracer's rings, replayed from traces of real Go that came to a ring's end.

use sigprof::trace::v2::{Options, Reader};
use sigprof_wire::limits::PROF_BUF_WORDS;

use crate::v2::fixture;

/// Words of a sample beside its frames: length, time, and P, goroutine and thread.
const HEADER: u64 = 5;

/// A ring, word by word.
#[derive(Clone, Copy, Debug, Default)]
struct Ring {
    /// Where the last sample ends.
    at: u64,
    /// Words of the last sample.
    last: u64,
    /// The generation in which a sample was read that went to the beginning, and how many of that
    /// generation were read before it.
    turned: Option<(u64, u64)>,
}

/// The rings of even and of odd generations at a trace's end.
fn replay(name: &str) -> [Ring; 2] {
    let bytes = fixture(name);
    let mut reader = Reader::new(&bytes, Options::default()).unwrap();
    let mut rings = [Ring::default(); 2];
    let mut before = (0, 0);
    while reader.advance().unwrap() {
        let event = *reader.event();
        if !event.is_sample() {
            continue;
        }
        if before.0 != event.generation {
            before = (event.generation, 0);
        }
        let ring = &mut rings[usize::from(event.generation % 2 == 1)];
        ring.last = HEADER + reader.frames(event.stack()).count() as u64;
        if ring.at + ring.last > PROF_BUF_WORDS {
            assert_eq!(ring.turned, None);
            (ring.at, ring.turned) = (0, Some(before));
        }
        ring.at += ring.last;
        before.1 += 1;
    }
    rings
}

/// Generation 11 ended when its ring did: what lay behind is what generation 13 begins with.
///
/// Guards R43.1, R43.2, R43.7.
#[test]
fn what_lies_behind_the_end_of_a_ring_is_read_two_generations_later() {
    let [even, odd] = replay("rings/wrap-leak-go1.27");
    assert_eq!(odd.turned, Some((13, 0)));
    assert_eq!(even.turned, None);
}

/// No other sample fits in front of the end, and none that went to the beginning is in the trace.
///
/// Guards R43.1, R43.2, R43.7.
#[test]
fn what_lies_behind_the_end_of_a_ring_is_lost_when_the_trace_stops() {
    let [even, odd] = replay("rings/wrap-loss-go1.27");
    assert_eq!((odd.turned, even.turned), (None, None));
    assert!(odd.at + odd.last > PROF_BUF_WORDS, "{odd:?}");
}
