//! The contestants: Go's ring, ours, a ring of mere words, and a mere copy.

use std::hint::black_box;

use rtrb::RingBuffer;
use sigprof_model::backend::Backend;
use sigprof_model::limits::Sizes;
use sigprof_model::prof_buf::{Mode, ProfBuf, Read};
use sigprof_model::protocol::Rules;

use crate::HEADER;
use crate::harness::go::Turns;
use crate::harness::{Contestant, timed};

/// A record as all contestants write it.
struct Record {
    header: [u64; HEADER],
    stack: Vec<u64>,
}

impl Record {
    fn new(frames: usize) -> Self {
        let stack = (0x40_0000..).take(frames).collect();
        Self {
            header: [1, 2],
            stack,
        }
    }

    /// Its words in a ring: length, time, header, stack.
    fn words(&self) -> Vec<u64> {
        let len = 2 + HEADER + self.stack.len();
        let prefix = [len as u64, 0];
        [&prefix[..], &self.header, &self.stack].concat()
    }
}

/// The ring of real Go, in a process of its own.
pub(crate) fn go(name: String, process: &mut Turns, frames: usize) -> Contestant<'_> {
    let Sizes { words, tags } = Sizes::GO;
    let turn = move |records: u32| {
        let numbers = [words, tags, HEADER, frames, records as usize];
        process.turn(&numbers).expect("the process of Go goes on")
    };
    Contestant {
        name,
        turn: Box::new(turn),
    }
}

/// The ring of this crate.
pub(crate) fn ours<B: Backend, R: Rules>(
    name: &str,
    rules: R,
    frames: usize,
) -> Contestant<'static> {
    let Sizes { words, tags } = Sizes::GO;
    let (buf, mut reader) = ProfBuf::<B, R>::new(rules, HEADER, words, tags);
    let record = Record::new(frames);
    let mut out = Vec::with_capacity(record.words().len());
    let turn = move |records| {
        let mut copied = 0;
        let took = timed(|| {
            for now in 0..u64::from(records) {
                let (header, stack) = black_box((&record.header[..], &record.stack[..]));
                buf.write(None, now, header, stack);
                if let Read::Records(read) = buf.read(&mut reader, Mode::NonBlocking) {
                    out.clear();
                    read.copy_to(black_box(&mut out));
                    copied += out.len();
                }
            }
        });
        assert_eq!(copied, record.words().len() * records as usize);
        assert_eq!(out[2..], record.words()[2..]);
        took
    };
    Contestant {
        name: name.to_owned(),
        turn: Box::new(turn),
    }
}

/// A ring of words, by slices: what is left without records, overflow, tags and sleep.
pub(crate) fn rtrb(frames: usize) -> Contestant<'static> {
    let (mut producer, mut consumer) = RingBuffer::new(Sizes::GO.words);
    let words = Record::new(frames).words();
    let mut out = vec![0; words.len()];
    let turn = move |records: u32| {
        let took = timed(|| {
            for _ in 0..records {
                let pushed = producer.push_entire_slice(black_box(&words[..]));
                let popped = consumer.pop_entire_slice(black_box(&mut out[..]));
                assert!(pushed.is_ok() && popped.is_ok());
            }
        });
        assert_eq!(out, words);
        took
    };
    Contestant {
        name: "rtrb, by slices".to_owned(),
        turn: Box::new(turn),
    }
}

/// The words into a ring's memory and out of it, and nothing else: no ring is faster.
pub(crate) fn copy(frames: usize) -> Contestant<'static> {
    let mut ring = vec![0; Sizes::GO.words];
    let words = Record::new(frames).words();
    let mut out = vec![0; words.len()];
    let mut at = 0;
    let turn = move |records: u32| {
        let took = timed(|| {
            for _ in 0..records {
                let words = black_box(&words[..]);
                if at + words.len() > ring.len() {
                    at = 0;
                }
                let place = at..at + words.len();
                at = place.end;
                ring[place.clone()].copy_from_slice(words);
                black_box(&mut out[..]).copy_from_slice(&black_box(&ring[..])[place]);
            }
        });
        assert_eq!(out, words);
        took
    };
    Contestant {
        name: "copy, in and out".to_owned(),
        turn: Box::new(turn),
    }
}
