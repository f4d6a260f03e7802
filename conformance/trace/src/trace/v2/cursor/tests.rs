//! Events that are read at once against the same events read number by number.

use sigprof_wire::v2::EventType;

use super::{Cursor, TYPES};
use crate::trace::v2::event::Event;
use crate::trace::v2::frontier::tests::Dice;
use crate::trace::v2::generation::{Batch, Generation, NONE};
use crate::trace::v2::varint::tests::write;
use crate::trace::v2::varint::{NO_EVENT, SEEN};

/// Batches of one thread.
#[derive(Default)]
struct Thread {
    bytes: Vec<u8>,
    generation: Generation,
}

impl Thread {
    /// Adds a batch with these bytes.
    fn add(&mut self, time: u64, data: &[u8]) {
        let at = self.bytes.len();
        self.bytes.extend(data);
        let number = u32::try_from(self.generation.batches.len()).unwrap();
        if let Some(last) = self.generation.batches.last_mut() {
            last.next = number;
        }
        let (end, next) = (self.bytes.len(), NONE);
        self.generation.batches.push(Batch {
            at,
            end,
            time,
            next,
        });
    }

    /// All events and how they end, and how many were read at once.
    fn read(&self, at_once: bool) -> (Vec<Event>, String, usize) {
        let (bytes, generation) = (&self.bytes[..], &self.generation);
        let mut cursor = Cursor::new(1, 0, &generation.batches);
        let (mut events, mut simple) = (Vec::new(), 0);
        loop {
            if at_once && cursor.advance_simply(bytes, &generation.scale) {
                simple += 1;
            } else {
                match cursor.advance(bytes, generation) {
                    Ok(true) => {}
                    end => return (events, format!("{end:?}"), simple),
                }
            }
            let mut event = Event::sync(0, 0, 0, 0);
            cursor.write(&mut event, 0, 1);
            events.push(event);
        }
    }

    /// Both ways of reading come to the same. How many events were read at once.
    #[track_caller]
    fn check(&self) -> usize {
        let (events, end, simple) = self.read(true);
        let (expected, expected_end, _) = self.read(false);
        assert_eq!(events, expected);
        assert_eq!(end, expected_end);
        simple
    }
}

fn event(out: &mut Vec<u8>, event_type: EventType, numbers: &[u64]) {
    out.push(event_type as u8);
    for &value in numbers {
        write(out, value);
    }
}

#[test]
fn events_that_are_read_at_once_are_the_same_wherever_a_batch_ends() {
    let timed = EventType::ALL
        .iter()
        .copied()
        .filter(|&e| TYPES[e as usize].1 < NO_EVENT);
    let timed: Vec<_> = timed.collect();
    let (mut dice, mut simple, mut broken) = (Dice::new(11), 0, 0);
    for _ in 0..3_000 {
        let mut thread = Thread::default();
        for _ in 0..=dice.below(3) {
            let mut data = Vec::new();
            for _ in 0..dice.below(12) {
                let event_type = timed[dice.index(timed.len())];
                let count = usize::from(TYPES[event_type as usize].1);
                let bits = [7, 14, 28, 40, 64][dice.index(5)];
                let numbers = [(); 5].map(|()| dice.below(u64::MAX >> (64 - bits)));
                event(&mut data, event_type, &numbers[..=count]);
            }
            if dice.below(3) == 0 {
                data.truncate(dice.index(data.len() + 1));
            }
            thread.add(dice.below(1 << 40), &data);
        }
        // What is behind goes on as numbers do, so that one that crosses the end is one, too.
        thread.bytes.extend([1; SEEN]);
        simple += thread.check();
        broken += usize::from(!thread.read(false).1.starts_with("Ok"));
    }
    assert!(simple > 5_000 && broken > 500, "{simple} {broken}");
}

/// A thread has the time of its batch again where deltas lead to 0, be it by one that is read at
/// once.
#[test]
fn the_time_of_a_batch_comes_again_behind_time_0() {
    let mut data = Vec::new();
    event(&mut data, EventType::ProcStop, &[u64::MAX]);
    event(&mut data, EventType::ProcStop, &[(1 << 63) - 2048]);
    // The last of a batch are not read at once.
    for delta in [1048, 7].into_iter().chain([1; 9]) {
        event(&mut data, EventType::ProcStop, &[delta]);
    }
    let mut thread = Thread::default();
    thread.generation.scale = crate::trace::v2::clock::Scale::of_frequency(1_000_000_000);
    thread.add(1000, &data);
    thread.bytes.extend([1; SEEN]);
    assert!(thread.check() > 1);
    let times: Vec<_> = thread.read(true).0.iter().map(|e| e.time).collect();
    assert_eq!(times[2..5], [0, 1007, 1008]);
}

#[test]
fn arguments_of_more_than_32_bits_are_kept() {
    let args = [7, 1 << 32, u64::from(u32::MAX), u64::MAX];
    let mut data = Vec::new();
    event(&mut data, EventType::UserLog, &[1, 2, 3, 4, 5]);
    let [a, b, c, d] = args;
    event(&mut data, EventType::UserLog, &[1, a, b, c, d]);
    let mut thread = Thread::default();
    thread.add(1, &data);
    thread.bytes.extend([1; SEEN]);
    thread.check();
    let got: Vec<_> = thread.read(true).0.iter().map(|e| e.args).collect();
    assert_eq!(got, [[2, 3, 4, 5], args]);
}
