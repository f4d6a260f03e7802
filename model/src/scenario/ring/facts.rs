//! Facts of the ring, on one thread: no interleaving is needed to break them.

use std::rc::Rc;

use super::{FOUR, ONE, Ring, TWO, poll};
use crate::backend::Backend;
use crate::law::{Law, Violation};
use crate::overflow::Overflow;
use crate::prof_buf::Tag;
use crate::prof_index::ProfIndex;
use crate::protocol::Protocol;
use crate::scenario::{Outcome, Program, Scenario, Seen, Thread, shared};

/// Everything on one thread: a fact.
fn alone<B: Backend>(ring: &Rc<Ring<B>>, run: impl Fn(&Ring<B>) + 'static) -> Program {
    shared::alone(ring, run, Ring::judge)
}

/// Records of several lengths, written and read in turns, around the ring's end.
fn around_the_end<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, FOUR, 4);
    alone(&ring, |ring| {
        for (time, frames) in (1..).zip([1, 3, 2, 5, 1, 1, 4, 1, 5, 5]) {
            ring.write(time, frames, Tag::new(time % 3));
            if time % 2 == 0 {
                poll(ring, 2);
            }
        }
    })
}

/// A ring with room for a record only if its end, too short, is not charged.
fn end_is_charged<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, FOUR, 4);
    alone(&ring, |ring| {
        // Five words, given back; eight; three to the end, and six that do not fit.
        ring.write(1, 2, None);
        poll(ring, 2);
        ring.write(2, 5, None);
        ring.write(3, 3, None);
        poll(ring, 2);
    })
}

/// More drops than can be counted.
fn drops_without_end<B: Backend>(protocol: Protocol) -> Program {
    let overflow = Rc::new(Overflow::<B, _>::with_count(protocol, u32::MAX - 1, 7));
    let judged = overflow.clone();
    let body = move || {
        for now in 8..=10 {
            overflow.increment(now);
        }
    };
    let judge = move || {
        let taken = judged.take();
        if taken.map(|dropped| dropped.count) != Some(u32::MAX) {
            let how = format!("want {}, got {taken:?}", u32::MAX);
            return Err(Violation::new(Law::Conserved, how));
        }
        Ok(Outcome(vec![Seen::Lost(u32::MAX, 7)]))
    };
    Program::new(vec![Thread::new("alone", body)], judge).with_again(|| ())
}

/// As many records as tags while there are words to spare, again and again.
fn tags_run_out<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, FOUR, 2);
    alone(&ring, |ring| {
        for time in 1..=9 {
            ring.write(time, 1, Tag::new(time % 2));
            if time % 3 == 0 {
                poll(ring, 1);
            }
        }
    })
}

/// Runs of records that go around the end of the tags.
fn tags_wrap<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, FOUR, 2);
    alone(&ring, |ring| {
        ring.write(1, 1, Tag::new(1));
        poll(ring, 2);
        ring.write(2, 1, Tag::new(2));
        ring.write(3, 1, Tag::new(3));
        poll(ring, 2);
    })
}

/// Drops are reported where they happened, with the first time, and one record does not find room
/// where two are needed.
fn drops_in_place<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 4);
    alone(&ring, |ring| {
        for time in 1..=4 {
            ring.write(time, 1, None);
        }
        poll(ring, 2);
        ring.write(5, 1, Tag::new(5));
        poll(ring, 1);
        ring.write(6, 1, Tag::new(6));
        ring.write(7, 1, None);
        poll(ring, 3);
    })
}

/// Both counts wrap on the way.
fn counts_wrap<B: Backend>(protocol: Protocol) -> Program {
    let history = ProfIndex::default().advanced(u32::MAX - 10, (1 << 30) - 3);
    let ring = Ring::<B>::with_history(protocol, FOUR, 4, history);
    alone(&ring, |ring| {
        for time in 1..=8 {
            ring.write(time, 1 + time % 2, Tag::new(time % 3));
            if time % 2 == 0 {
                poll(ring, 1);
            }
        }
    })
}

/// A drop that nobody has read when the ring is closed.
fn drop_before_the_end<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, ONE, 2);
    alone(&ring, |ring| {
        ring.write(1, 1, None);
        ring.write(2, 1, None);
        ring.buf.close();
        poll(ring, 4);
    })
}

/// All scenarios of the ring that need one thread only.
pub(in crate::scenario) fn all<B: Backend>() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "drops_without_end",
            "more drops than can be counted",
            drops_without_end::<B>,
        ),
        Scenario::new(
            "around_the_end",
            "many lengths around the ring's end",
            around_the_end::<B>,
        ),
        Scenario::new(
            "end_is_charged",
            "a ring that is full but for its end",
            end_is_charged::<B>,
        ),
        Scenario::new(
            "tags_run_out",
            "fewer tags than records that fit",
            tags_run_out::<B>,
        ),
        Scenario::new(
            "tags_wrap",
            "a run around the end of the tags",
            tags_wrap::<B>,
        ),
        Scenario::new(
            "drops_in_place",
            "drops, and then room again",
            drops_in_place::<B>,
        ),
        Scenario::new("counts_wrap", "both counts wrap", counts_wrap::<B>),
        Scenario::new(
            "drop_before_the_end",
            "a drop, the end, and then reads",
            drop_before_the_end::<B>,
        ),
    ]
}
