//! Events that have been read and are handed out one by one.

use sigprof_wire::v2::EventType;

use crate::trace::v2::event::Event;

/// Events that are read ahead, at the most; with the one before them.
const ROOM: usize = 64;

/// Events of one generation in their order, behind the last of those before: whoever asks for
/// the event at the end of the trace gets that one.
#[derive(Debug)]
pub(super) struct Ahead {
    events: Box<[Event; ROOM]>,
    /// The place of the event that was handed out last.
    at: usize,
    count: usize,
    counts: Counts,
    /// Whether events of threads are counted, and not kept.
    is_counting: bool,
}

/// Events that were counted, by type.
pub(in crate::trace::v2) type Counts = [u64; 256];

impl Default for Ahead {
    fn default() -> Self {
        Self {
            events: Box::new([Event::sync(0, 0, 0, 0); ROOM]),
            at: 0,
            count: 1,
            counts: [0; 256],
            is_counting: false,
        }
    }
}

impl Ahead {
    /// Goes on to the next event, if there is one.
    #[inline]
    pub(super) fn next(&mut self) -> bool {
        let has_next = self.at + 1 < self.count;
        self.at += usize::from(has_next);
        has_next
    }

    /// The event that was handed out last.
    #[inline]
    pub(super) fn event(&self) -> &Event {
        &self.events[self.at % ROOM]
    }

    /// The event that was handed out last and all others; the last of them is that now.
    pub(super) fn rest(&mut self) -> &[Event] {
        let from = self.at;
        self.at = self.count - 1;
        self.events.get(from..self.count).unwrap_or_default()
    }

    /// All but the last have been handed out: more will come.
    pub(super) fn start(&mut self) {
        self.events[0] = *self.event();
        (self.at, self.count) = (0, 1);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 1
    }

    /// From now on events of threads are counted, and not kept.
    pub(super) fn count(&mut self) {
        self.is_counting = true;
    }

    pub(super) fn is_counting(&self) -> bool {
        self.is_counting
    }

    /// Events that were counted and not kept.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The places of the next events.
    pub(super) fn places<const COUNTED: bool>(&mut self) -> Places<'_, COUNTED> {
        Places {
            events: self.events.get_mut(self.count..).unwrap_or_default(),
            counts: &mut self.counts,
        }
    }

    /// So many places are left.
    pub(super) fn fill(&mut self, left: usize) {
        self.count = ROOM - left;
    }

    pub(super) fn push(&mut self, event: Event) {
        let mut places = self.places::<false>();
        places.push(event);
        let left = places.left();
        self.fill(left);
    }
}

/// Places of events that have yet to happen. If they are counted, all have the first place.
pub(super) struct Places<'e, const COUNTED: bool> {
    events: &'e mut [Event],
    counts: &'e mut Counts,
}

impl<const COUNTED: bool> Places<'_, COUNTED> {
    /// How many there are.
    #[inline(always)]
    pub(super) fn left(&self) -> usize {
        self.events.len()
    }

    /// The place of the next event, which counts when it has happened; none if another event of
    /// the trace may have no place.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<&mut Event> {
        match self.events {
            [event, _, _, ..] => Some(event),
            _ => None,
        }
    }

    /// An event of this type has happened; if it is kept, in the next place.
    #[inline(always)]
    pub(super) fn happened(&mut self, event_type: EventType) {
        if COUNTED {
            self.counts[event_type as usize] += 1;
        } else {
            self.events = std::mem::take(&mut self.events)
                .get_mut(1..)
                .unwrap_or_default();
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, event: Event) {
        if let [place, ..] = self.events {
            *place = event;
            self.happened(event.event_type);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_handed_out_in_turn_and_the_last_stays() {
        let mut ahead = Ahead::default();
        let mut number = 0;
        for count in [1, 5, ROOM] {
            ahead.start();
            assert!(ahead.is_empty());
            let mut pushed = 0;
            while pushed < count && ahead.places::<false>().next().is_some() {
                pushed += 1;
                ahead.push(Event::sync(0, 0, 0, number + pushed as u64));
            }
            assert!(!ahead.is_empty());
            for _ in 0..pushed {
                assert!(ahead.next());
                number += 1;
                assert_eq!(ahead.event(), &Event::sync(0, 0, 0, number));
            }
            assert!(!ahead.next());
            assert_eq!(ahead.event(), &Event::sync(0, 0, 0, number));
        }
        ahead.start();
        assert!(!ahead.next());
        assert_eq!(ahead.event(), &Event::sync(0, 0, 0, number));
    }

    #[test]
    fn there_is_room_for_what_comes_of_one_event_more() {
        let mut ahead = Ahead::default();
        let mut pushed = 1;
        while ahead.places::<false>().next().is_some() {
            for _ in 0..3 {
                ahead.push(Event::sync(0, 0, 0, 0));
                pushed += 1;
            }
        }
        assert_eq!(ahead.count, pushed);
    }
}
