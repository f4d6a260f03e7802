//! The effect of a read, a write and a close in every state that the ring can be in.
//!
//! All states are found by trying everything in each, from the empty ring on, over a back-end
//! of one thread whose words can be looked at. A reader that falls asleep is left there, and
//! asked again once it has been woken.

mod glass;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sigprof_model::backend::Throw;
use sigprof_model::prof_buf::{Mode, ProfBuf, Read, Reader, Wrote};
use sigprof_model::prof_index::ProfIndex;
use sigprof_model::protocol::Protocol;

use crate::Golden;
use glass::{Asleep, Glass, look, put};

/// A record with a header and a stack of one word each.
const RECORD: u32 = 4;
/// Records that the ring has room for: their counts are even, so that half of it is a state.
const RECORDS: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Op {
    Write,
    Close,
    Read,
    AwaitOrGoOn,
}

impl Op {
    const ALL: [Self; 4] = [Self::Write, Self::Close, Self::Read, Self::AwaitOrGoOn];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sleep {
    Awake,
    Asleep,
    Woken,
}

/// The state of the ring, as far as it can be seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    unread: u32,
    /// Returned by the last read, and not yet given back.
    held: u32,
    is_pending: bool,
    is_eof: bool,
    extra: bool,
    sleeping: bool,
    sleep: Sleep,
}

impl State {
    fn now(reader: &Reader) -> Self {
        let (r, w) = (ProfIndex(look("r")), ProfIndex(look("w")));
        let records = |from: ProfIndex, to: ProfIndex| {
            let words = to.data_count().wrapping_sub(from.data_count());
            assert_eq!(words % RECORD, 0);
            words / RECORD
        };
        Self {
            unread: records(reader.next(), w),
            held: records(r, reader.next()),
            // The count is the lower half (model/src/overflow.rs).
            is_pending: look("overflow") & 0xffff_ffff > 0,
            is_eof: look("eof") > 0,
            extra: w.has(ProfIndex::WRITE_EXTRA),
            sleeping: w.has(ProfIndex::READER_SLEEPING),
            sleep: match (look("asleep"), look("woken")) {
                (0, _) => Sleep::Awake,
                (_, 0) => Sleep::Asleep,
                _ => Sleep::Woken,
            },
        }
    }

    /// A reader that sleeps does nothing, and a ring is closed once.
    fn allows(self, op: Op) -> bool {
        match op {
            Op::Write => true,
            Op::Close => !self.is_eof,
            Op::Read => self.sleep == Sleep::Awake,
            Op::AwaitOrGoOn => self.sleep != Sleep::Asleep,
        }
    }
}

struct Ring {
    buf: ProfBuf<Glass, Protocol>,
    reader: Reader,
}

impl Ring {
    fn after(protocol: Protocol, ops: &[Op]) -> Self {
        let words = (RECORD * RECORDS) as usize;
        let (buf, reader) = ProfBuf::new(protocol, 1, words, RECORDS as usize);
        let mut ring = Self { buf, reader };
        for &op in ops {
            ring.run(op);
        }
        ring
    }

    fn run(&mut self, op: Op) -> String {
        let run = || match op {
            Op::Write => match self.buf.write(None, 1, &[1], &[1]) {
                Wrote::Record => "written".to_owned(),
                Wrote::Dropped => "dropped".to_owned(),
            },
            Op::Close => {
                self.buf.close();
                "closed".to_owned()
            }
            Op::Read => outcome(&self.buf.read(&mut self.reader, Mode::NonBlocking)),
            Op::AwaitOrGoOn => {
                if look("asleep") > 0 {
                    put("asleep", 0);
                    put("woken", 0);
                }
                outcome(&self.buf.read(&mut self.reader, Mode::Blocking))
            }
        };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(outcome) => outcome,
            Err(why) if why.is::<Asleep>() => "sleeps".to_owned(),
            Err(why) => match why.downcast::<Throw>() {
                Ok(throw) => format!("throws: {}", throw.message()),
                Err(other) => resume_unwind(other),
            },
        }
    }
}

fn outcome(read: &Read<'_, Glass, Protocol>) -> String {
    match read {
        Read::Empty => "nothing".to_owned(),
        Read::Eof => "the end".to_owned(),
        Read::Records(records) => {
            let mut words = Vec::new();
            records.copy_to(&mut words);
            // Of a record: length, time, header, stack; the header of an overflow is zero.
            let headers: BTreeSet<_> = words.chunks(RECORD as usize).map(|r| r[2]).collect();
            match headers.into_iter().collect::<Vec<_>>()[..] {
                [0] => "the overflow",
                [1] => "records",
                _ => "both",
            }
            .to_owned()
        }
    }
}

type Column = fn(&State) -> String;

type Named = (&'static str, Column);
type Flag = (&'static str, fn(&State) -> bool);

const PENDING: Flag = ("pending", |s| s.is_pending);
const EOF: Flag = ("eof", |s| s.is_eof);
const EXTRA: Flag = ("extra", |s| s.extra);
const SLEEPING: Flag = ("sleeping", |s| s.sleeping);
const WOKEN: Flag = ("woken", |s| s.sleep == Sleep::Woken);

/// Operations, what they depend on, and what they can change.
struct Table {
    ops: &'static [(Op, &'static str)],
    causes: &'static [Named],
    effects: &'static [Flag],
}

const TABLES: [Table; 3] = [
    Table {
        ops: &[(Op::Read, "read"), (Op::AwaitOrGoOn, "read that may sleep")],
        causes: &[
            ("unread", |s| some(s.unread > 0)),
            ("pending", |s| some(s.is_pending)),
            ("eof", |s| words(s, &[EOF])),
            ("flags", |s| words(s, &[EXTRA, SLEEPING])),
        ],
        effects: &[PENDING, EXTRA, SLEEPING],
    },
    Table {
        ops: &[(Op::Write, "write")],
        causes: &[
            ("pending", |s| some(s.is_pending)),
            ("room for", |s| match RECORDS - s.unread - s.held {
                0 => "none".to_owned(),
                1 => "one".to_owned(),
                _ => "two".to_owned(),
            }),
            ("reader", reader),
            ("makes unread", |s| match s.unread + 1 < RECORDS / 2 {
                true => "< half".to_owned(),
                false => ">= half".to_owned(),
            }),
        ],
        effects: &[PENDING, EXTRA, SLEEPING, WOKEN],
    },
    Table {
        ops: &[(Op::Close, "close")],
        causes: &[("reader", reader)],
        effects: &[EOF, EXTRA, SLEEPING, WOKEN],
    },
];

fn reader(state: &State) -> String {
    format!("{:?}", state.sleep).to_lowercase()
}

fn some(is: bool) -> String {
    if is { "some" } else { "none" }.to_owned()
}

/// The words of the flags that are set, or `-`.
fn words(state: &State, flags: &[Flag]) -> String {
    let words = flags.iter().filter(|(_, is)| is(state));
    let words: Vec<_> = words.map(|(word, _)| *word).collect();
    match words[..] {
        [] => "-".to_owned(),
        _ => words.join(" "),
    }
}

/// Every state that can be reached, each operation in it, what it says, and what comes after.
fn steps(protocol: Protocol) -> Vec<(State, Op, String, State)> {
    let mut seen = BTreeSet::from([State::now(&Ring::after(protocol, &[]).reader)]);
    let mut open = VecDeque::from([Vec::new()]);
    let mut steps = Vec::new();
    while let Some(ops) = open.pop_front() {
        for op in Op::ALL {
            let mut ring = Ring::after(protocol, &ops);
            let before = State::now(&ring.reader);
            if !before.allows(op) {
                continue;
            }
            let outcome = ring.run(op);
            let after = State::now(&ring.reader);
            // Behind a throw there is nothing.
            if !outcome.starts_with("throws") && seen.insert(after) {
                open.push_back([&ops[..], &[op]].concat());
            }
            steps.push((before, op, outcome, after));
        }
    }
    steps
}

fn tables(protocol: Protocol) -> [String; 3] {
    let steps = steps(protocol);
    TABLES.map(
        |Table {
             ops,
             causes,
             effects,
         }| {
            // By what it depends on: for each operation, what came of it.
            let mut rows: BTreeMap<Vec<String>, Vec<BTreeSet<String>>> = BTreeMap::new();
            for (before, op, outcome, after) in &steps {
                let Some(at) = ops.iter().position(|(of, _)| of == op) else {
                    continue;
                };
                let key = causes.iter().map(|(_, column)| column(before)).collect();
                let row = rows
                    .entry(key)
                    .or_insert_with(|| vec![BTreeSet::new(); ops.len()]);
                row[at].insert(match outcome.starts_with("throws") {
                    true => outcome.clone(),
                    false => format!("{outcome}; {}", words(after, effects)),
                });
            }
            let head = causes.iter().map(|(name, _)| *name);
            let head = head.chain(ops.iter().map(|(_, name)| *name));
            let mut table = vec![head.map(str::to_owned).collect()];
            for (mut row, outcomes) in rows {
                for outcomes in outcomes {
                    let mut outcomes = outcomes.into_iter();
                    row.extend(outcomes.next());
                    assert_eq!(
                        outcomes.next(),
                        None,
                        "{row:?}: it depends on something else"
                    );
                }
                table.push(row);
            }
            super::table(&table)
        },
    )
}

/// The tables of each revision, where they differ from those of the one before.
pub(crate) fn table(_: &str) -> Golden {
    let mut groups: Vec<(Vec<&str>, [String; 3])> = Vec::new();
    for (name, protocol) in Protocol::REVISIONS {
        let tables = tables(protocol);
        match groups.last_mut() {
            Some((names, last)) if *last == tables => names.push(name),
            _ => groups.push((vec![name], tables)),
        }
    }
    let mut text = "A cell: what comes of it; what of this table is so behind it.\n".to_owned();
    let mut last: Option<&[String; 3]> = None;
    for (names, tables) in &groups {
        let _ = writeln!(text, "\n# {}", names.join(", "));
        for (at, table) in tables.iter().enumerate() {
            let is_same = last.is_some_and(|last| last[at] == *table);
            if !is_same {
                let _ = write!(text, "\n{table}");
            }
        }
        last = Some(tables);
    }
    let about = "what a read, a write and a close do in every state that the ring can be in";
    (about.to_owned(), text)
}
