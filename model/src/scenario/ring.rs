//! One ring, one writer, one reader.

pub(super) mod facts;
mod planned;
pub(super) mod signal;

use std::cell::RefCell;
use std::rc::Rc;

use smallvec::smallvec;

use super::ledger::{self, Item, Record, Scratch, Words, Written};
use super::plan::HDRSIZE;
use super::shared::{Shared, judged};
use super::{Outcome, Program, Scenario, Thread};
use crate::backend::Backend;
use crate::law::{Law, Violation};
use crate::prof_buf::{Mode, ProfBuf, Reader, Tag};
use crate::prof_index::ProfIndex;
use crate::protocol::Protocol;
pub(super) use planned::planned;

/// Room for one record with one PC.
const ONE: usize = 4;
/// Room for two of them.
const TWO: usize = 8;
/// Room for four of them.
const FOUR: usize = 16;

/// A ring with its ledger.
struct Ring<B: Backend> {
    buf: ProfBuf<B, Protocol>,
    written: RefCell<Vec<Written>>,
    items: RefCell<Vec<Item>>,
    reader: RefCell<Option<Reader>>,
    /// Where the reader begins.
    start: ProfIndex,
    scratch: RefCell<Scratch>,
}

/// Nothing was written, and nothing read.
impl<B: Backend> Shared for Ring<B> {
    type Before = ();

    fn before(&self) {}

    fn again(&self, (): &()) {
        self.written.borrow_mut().clear();
        self.items.borrow_mut().clear();
        self.reader.replace(Some(Reader::at(self.start)));
    }
}

impl<B: Backend> Ring<B> {
    fn new(protocol: Protocol, words: usize, tags: usize) -> Rc<Self> {
        Self::with_history(protocol, words, tags, ProfIndex::default())
    }

    fn with_history(protocol: Protocol, words: usize, tags: usize, history: ProfIndex) -> Rc<Self> {
        let (buf, reader) = ProfBuf::with_history(protocol, HDRSIZE, words, tags, history);
        Rc::new(Self {
            buf,
            written: RefCell::default(),
            items: RefCell::default(),
            start: reader.next(),
            reader: RefCell::new(Some(reader)),
            scratch: RefCell::default(),
        })
    }

    /// Writes a record with that many PCs.
    fn write(&self, time: u64, frames: u64, tag: Option<Tag>) {
        let mut stack = Words::new();
        for frame in 1..=frames {
            stack.push(10 * time + frame);
        }
        let record = Record {
            time,
            header: smallvec![100 + time],
            stack,
            tag,
        };
        let wrote = self.buf.write(tag, time, &record.header, &record.stack);
        self.written.borrow_mut().push(Written { record, wrote });
    }

    /// Reads once; true at the end.
    fn read(&self, mode: Mode) -> bool {
        let Some(mut reader) = self.reader.take() else {
            return true;
        };
        let read = self.buf.read(&mut reader, mode);
        let is_over = ledger::take(&read, HDRSIZE, &self.scratch, &self.items);
        self.reader.replace(Some(reader));
        is_over
    }

    fn read_to_end(&self) {
        while !self.read(Mode::Blocking) {}
    }

    /// Reads what is left, and judges.
    fn judge(&self) -> Result<Outcome, Violation> {
        /// No ring here holds more runs.
        const READS_MAX: usize = 20;
        let seen = self.items.borrow().len();
        let is_done = || {
            let before = self.items.borrow().len();
            let is_over = self.read(Mode::NonBlocking);
            let is_done = is_over || self.items.borrow()[before] == Item::Empty;
            if is_done {
                // A look that only makes sure is not an outcome.
                self.items.borrow_mut().truncate(before);
            }
            is_done
        };
        if !(0..READS_MAX).any(|_| is_done()) {
            return Err(Violation::new(Law::Whole, "reads go on and on"));
        }
        let items = self.items.borrow();
        ledger::judge(&self.written.borrow(), &items)?;
        Ok(ledger::outcome(&items[..seen], &items[seen..]))
    }
}

/// A writer and a reader.
fn writer_and_reader<B: Backend>(
    ring: &Rc<Ring<B>>,
    write: impl Fn(&Ring<B>) + 'static,
    read: impl Fn(&Ring<B>) + 'static,
) -> Program {
    let (writer, reader) = (ring.clone(), ring.clone());
    let threads = vec![
        Thread::new("writer", move || write(&writer)),
        Thread::new("reader", move || read(&reader)),
    ];
    judged(ring, threads, Ring::judge)
}

fn poll<B: Backend>(ring: &Ring<B>, times: usize) {
    for _ in 0..times {
        ring.read(Mode::NonBlocking);
    }
}

fn write_read<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, Tag::new(7));
            ring.write(2, 1, None);
        },
        |ring| poll(ring, 2),
    )
}

fn give_back<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, Tag::new(7));
            ring.write(2, 1, Tag::new(8));
            ring.write(3, 1, None);
        },
        |ring| poll(ring, 2),
    )
}

fn rewind<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    // Five words, and three that are too few for another.
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 2, None);
            ring.write(2, 2, None);
        },
        |ring| poll(ring, 2),
    )
}

fn overflow<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, ONE, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, None);
            ring.write(2, 1, None);
        },
        |ring| poll(ring, 2),
    )
}

fn overflow_of_two<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| {
            for time in 1..=4 {
                ring.write(time, 1, Tag::new(time));
            }
        },
        |ring| poll(ring, 2),
    )
}

fn overflow_again<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| {
            for time in 1..=5 {
                ring.write(time, 1, None);
            }
        },
        |ring| poll(ring, 2),
    )
}

fn close_wakes<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(&ring, |ring| ring.buf.close(), Ring::read_to_end)
}

fn record_then_close<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, None);
            ring.buf.close();
        },
        Ring::read_to_end,
    )
}

fn overflow_then_close<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, ONE, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, None);
            ring.write(2, 1, None);
            ring.buf.close();
        },
        Ring::read_to_end,
    )
}

/// Too large for the ring: an overflow, and nothing else.
fn drop_then_close<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, ONE, 2);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 2, None);
            ring.buf.close();
        },
        Ring::read_to_end,
    )
}

fn half_wakes<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, TWO, 2);
    writer_and_reader(
        &ring,
        |ring| ring.write(1, 1, None),
        |ring| {
            ring.read(Mode::Blocking);
        },
    )
}

fn second_quarter_wakes<B: Backend>(protocol: Protocol) -> Program {
    let ring = Ring::<B>::new(protocol, FOUR, 4);
    writer_and_reader(
        &ring,
        |ring| {
            ring.write(1, 1, None);
            ring.write(2, 1, None);
        },
        |ring| {
            ring.read(Mode::Blocking);
        },
    )
}

/// All scenarios of the ring that need interleavings.
pub(super) fn all<B: Backend>() -> Vec<Scenario> {
    vec![
        Scenario::new("write_read", "two records, two reads", write_read::<B>),
        Scenario::new(
            "give_back",
            "three records into room for two: what a read returned is used again",
            give_back::<B>,
        ),
        Scenario::new(
            "rewind",
            "a record that goes to the ring's start",
            rewind::<B>,
        ),
        Scenario::new(
            "overflow",
            "two records into room for one: writer or reader takes the overflow",
            overflow::<B>,
        ),
        Scenario::new(
            "overflow_of_two",
            "four records into room for two",
            overflow_of_two::<B>,
        ),
        Scenario::new(
            "overflow_again",
            "five into room for two: the same count in a later generation",
            overflow_again::<B>,
        ),
        Scenario::new(
            "close_wakes",
            "the end, for a reader that sleeps",
            close_wakes::<B>,
        ),
        Scenario::new(
            "record_then_close",
            "a record and the end",
            record_then_close::<B>,
        ),
        Scenario::new(
            "drop_then_close",
            "a drop and the end",
            drop_then_close::<B>,
        ),
        Scenario::new(
            "overflow_then_close",
            "two records into room for one, and the end",
            overflow_then_close::<B>,
        ),
        Scenario::new(
            "half_wakes",
            "one record that fills half of the ring",
            half_wakes::<B>,
        ),
        Scenario::new(
            "second_quarter_wakes",
            "two records that fill half of the ring",
            second_quarter_wakes::<B>,
        ),
    ]
}
