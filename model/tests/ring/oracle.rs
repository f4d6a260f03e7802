//! The ring against a plain queue: whatever is written and read in whatever order, the
//! same comes out, at the start of the counts and where they wrap.

use std::collections::VecDeque;

use proptest::prelude::*;
use sigprof_model::backend::Std;
use sigprof_model::prof_buf::{Mode, ProfBuf, Read, Reader, Tag};
use sigprof_model::prof_index::ProfIndex;
use sigprof_model::protocol::Protocol;

/// Words of a record that are no header and no stack: length and time.
const PREFIX: u64 = 2;

#[derive(Clone, Copy, Debug)]
enum Operation {
    /// A stack of that many words, with or without a tag.
    Write {
        stack: u8,
        tagged: bool,
    },
    Read,
}

/// The ring's behaviour, written another way: a queue of records, each with the count of words at
/// which it ends, and counts that never wrap.
struct Oracle {
    hdrsize: u64,
    ring: u64,
    tags: u64,
    records: VecDeque<Queued>,
    /// Words ever written and given back, tails that were skipped included.
    written: u64,
    given_back: u64,
    /// Records read, and not yet given back, and where they end.
    in_use: (u64, u64),
    dropped: Option<(u64, u64)>,
}

struct Queued {
    words: Vec<u64>,
    tag: u64,
    /// Where it begins, after what was skipped, and ends.
    start: u64,
    end: u64,
}

impl Oracle {
    /// Where a record would lie, from the count `from` on: in one piece.
    fn place(&self, from: u64, len: u64) -> (u64, u64) {
        let at = from % self.ring;
        let start = if at + len > self.ring {
            from + self.ring - at
        } else {
            from
        };
        (start, start + len)
    }

    fn has_room(&self, end: u64, records: u64) -> bool {
        let used = self.records.len() as u64 + self.in_use.0;
        end - self.given_back <= self.ring && used + records <= self.tags
    }

    fn len(&self, stack: u64) -> u64 {
        PREFIX + self.hdrsize + stack
    }

    fn push(&mut self, time: u64, hdr: &[u64], stack: &[u64], tag: u64) {
        let len = self.len(stack.len() as u64);
        let (start, end) = self.place(self.written, len);
        let words = [&[len, time], hdr, stack].concat();
        self.records.push_back(Queued {
            words,
            tag,
            start,
            end,
        });
        self.written = end;
    }

    fn write(&mut self, time: u64, hdr: &[u64], stack: &[u64], tag: u64) {
        let len = self.len(stack.len() as u64);
        let fits = match self.dropped {
            None => self.has_room(self.place(self.written, len).1, 1),
            Some(_) => {
                let (_, behind) = self.place(self.written, self.len(1));
                self.has_room(self.place(behind, len).1, 2)
            }
        };
        if !fits {
            let (_, count) = self.dropped.get_or_insert((time, 0));
            *count += 1;
            return;
        }
        if let Some((time, count)) = self.dropped.take() {
            let zeroes = vec![0; hdr.len()];
            self.push(time, &zeroes, &[count], 0);
        }
        self.push(time, hdr, stack, tag);
    }

    /// The records of one read: as long as they follow each other in the ring of words and
    /// in that of tags, whose place is `tag_at`.
    fn read(&mut self, tag_at: u64) -> (Vec<u64>, Vec<u64>) {
        if self.in_use.0 > 0 {
            self.given_back = self.in_use.1;
            self.in_use.0 = 0;
        }
        let (mut words, mut tags) = (Vec::new(), Vec::new());
        while let Some(next) = self.records.front() {
            let is_first = tags.is_empty();
            let follows = next.start == self.in_use.1 && next.start % self.ring != 0;
            let tag_ends = (tag_at + tags.len() as u64).is_multiple_of(self.tags);
            if !is_first && (!follows || tag_ends) {
                break;
            }
            let next = self.records.pop_front().expect("there is a front");
            words.extend(next.words);
            tags.push(next.tag);
            self.in_use = (tags.len() as u64, next.end);
        }
        if tags.is_empty()
            && let Some((time, count)) = self.dropped.take()
        {
            let zeroes = vec![0; usize::try_from(self.hdrsize).expect("small")];
            words = [&[self.len(1), time], &zeroes[..], &[count]].concat();
            tags = vec![0];
        }
        (words, tags)
    }
}

fn read(buf: &ProfBuf<Std, Protocol>, reader: &mut Reader) -> (Vec<u64>, Vec<u64>) {
    match buf.read(reader, Mode::NonBlocking) {
        Read::Records(records) => {
            let mut words = Vec::new();
            records.copy_to(&mut words);
            (
                words,
                records.tags().map(|t| t.map_or(0, Tag::get)).collect(),
            )
        }
        Read::Empty => (vec![], vec![]),
        Read::Eof => panic!("nobody closed the ring"),
    }
}

/// Runs both, and compares what each read returns.
fn same(hdrsize: u8, words: u8, tags: u8, history: ProfIndex, operations: &[Operation]) {
    let protocol = Protocol::FIXED;
    let hdrsize = usize::from(hdrsize);
    let (buf, mut reader) =
        ProfBuf::with_history(protocol, hdrsize, words.into(), tags.into(), history);
    let ring = u64::from(words).max(hdrsize as u64 + 3).next_power_of_two();
    let start = u64::from(history.data_count()) + (1 << 32);
    let mut oracle = Oracle {
        hdrsize: hdrsize as u64,
        ring,
        tags: u64::from(tags).next_power_of_two(),
        records: VecDeque::new(),
        written: start,
        given_back: start,
        in_use: (0, start),
        dropped: None,
    };
    let mut records_read = u64::from(history.tag_count());
    for (time, &operation) in (1..).zip(operations) {
        match operation {
            Operation::Write { stack, tagged } => {
                let hdr = vec![time + 1000; hdrsize];
                let stack: Vec<_> = (0..u64::from(stack)).map(|i| time + i).collect();
                let tag = if tagged { time } else { 0 };
                buf.write(Tag::new(tag), time, &hdr, &stack);
                oracle.write(time, &hdr, &stack, tag);
            }
            Operation::Read => {
                let in_ring = oracle.records.len();
                let (want, got) = (oracle.read(records_read), read(&buf, &mut reader));
                assert_eq!(got, want, "read at {time} of {operations:?}");
                records_read += (in_ring - oracle.records.len()) as u64;
            }
        }
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (0..12_u8, any::<bool>()).prop_map(|(stack, tagged)| Operation::Write { stack, tagged }),
        2 => Just(Operation::Read),
    ]
}

/// Counts at the start, and so near their end that a few records bring them around.
fn history() -> impl Strategy<Value = ProfIndex> {
    let near_end = (0..64_u32, 0..16_u32);
    prop_oneof![
        Just(ProfIndex::default()),
        near_end.prop_map(|(data, tags)| {
            ProfIndex::default().advanced(u32::MAX - data, (1 << 30) - 1 - tags)
        }),
    ]
}

/// Miri takes a thousand times as long.
const CASES: u32 = if cfg!(miri) { 16 } else { 2_000 };

/// Under Miri a failure is not kept in a file: there is no folder to look for one in.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(CASES);
    if cfg!(miri) {
        config.failure_persistence = None;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    /// Guards R3.2, R4.1, R4.2, R6.2, R6.3.
    #[test]
    fn the_ring_is_a_queue(
        hdrsize in 1..4_u8,
        words in 0..40_u8,
        tags in 1..6_u8,
        history in history(),
        operations in prop::collection::vec(operation(), 1..60),
    ) {
        same(hdrsize, words, tags, history, &operations);
    }
}

/// The same on quickcheck, which tries other sequences: bytes, of which two bits say what
/// to do and the others how.
#[test]
fn the_ring_is_a_queue_for_any_bytes() {
    fn property(words: u8, tags: u8, bytes: Vec<u8>) -> bool {
        let operation = |byte: u8| match byte & 3 {
            0 | 1 => Operation::Read,
            _ => Operation::Write {
                stack: byte >> 4,
                tagged: byte & 4 != 0,
            },
        };
        let operations: Vec<_> = bytes.into_iter().map(operation).collect();
        same(
            2,
            words,
            tags.clamp(1, 8),
            ProfIndex::default(),
            &operations,
        );
        true
    }
    quickcheck::QuickCheck::new()
        .tests(CASES.into())
        .quickcheck(property as fn(u8, u8, Vec<u8>) -> bool);
}
