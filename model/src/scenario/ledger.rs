//! The ledger of a ring: what was written and what was read, and whether the two agree.

use std::cell::RefCell;
use std::fmt;

use smallvec::SmallVec;

use super::{Outcome, Seen};
use crate::backend::Backend;
use crate::law::{Law, Violation};
use crate::prof_buf::{Read, Tag, Wrote};
use crate::protocol::Rules;

/// The words of a header or a stack: a few, and made in every run.
pub(super) type Words = SmallVec<[u64; 4]>;

/// A record, as it was written or as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) time: u64,
    pub(super) header: Words,
    pub(super) stack: Words,
    pub(super) tag: Option<Tag>,
}

/// A record that was written, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) record: Record,
    pub(super) wrote: Wrote,
}

/// An item that a read returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Record(Record),
    Lost {
        count: u64,
        time: u64,
        tag: Option<Tag>,
    },
    Empty,
    Eof,
}

impl Item {
    pub(super) fn seen(&self) -> Seen {
        match self {
            Self::Record(record) => Seen::Read(record.time),
            Self::Lost { count, time, .. } => {
                Seen::Lost(u32::try_from(*count).unwrap_or(u32::MAX), *time)
            }
            Self::Empty => Seen::Empty,
            Self::Eof => Seen::Eof,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen().fmt(f)
    }
}

/// The words and tags of a read: kept for their memory.
pub(super) type Scratch = (Vec<u64>, Vec<Option<Tag>>);

/// Adds the items of what a read returned; true at the end.
pub(super) fn take<B: Backend, R: Rules>(
    read: &Read<'_, B, R>,
    hdrsize: usize,
    scratch: &RefCell<Scratch>,
    items: &RefCell<Vec<Item>>,
) -> bool {
    match read {
        Read::Eof => items.borrow_mut().push(Item::Eof),
        Read::Empty => items.borrow_mut().push(Item::Empty),
        Read::Records(records) => {
            // Others may go on while words are read.
            let (mut run, mut tags) = scratch.take();
            run.clear();
            tags.clear();
            records.copy_to(&mut run);
            tags.extend(records.tags());
            take_apart(&run, &tags, hdrsize, &mut items.borrow_mut());
            scratch.replace((run, tags));
        }
    }
    matches!(read, Read::Eof)
}

/// Takes a run of whole records apart.
fn take_apart(run: &[u64], tags: &[Option<Tag>], hdrsize: usize, items: &mut Vec<Item>) {
    let (mut rest, mut tags) = (run, tags.iter());
    while let [len, time, ..] = *rest {
        let len = usize::try_from(len).unwrap_or(usize::MAX).min(rest.len());
        let (record, behind) = rest.split_at(len.max(2));
        rest = behind;
        let at = record.len().min(2 + hdrsize);
        let header = Words::from_slice(&record[2..at]);
        let stack = Words::from_slice(&record[at..]);
        let tag = tags.next().copied().flatten();
        items.push(
            if header.iter().all(|&word| word == 0) && stack.len() == 1 {
                let count = stack[0];
                Item::Lost { count, time, tag }
            } else {
                Item::Record(Record {
                    time,
                    header,
                    stack,
                    tag,
                })
            },
        );
    }
}

/// Judges what one writer wrote by what one reader read, to the end and beyond: `items`
/// has what was left in the ring as its last part.
pub(super) fn judge(written: &[Written], items: &[Item]) -> Result<(), Violation> {
    let mut next = 0;
    let mut is_over = false;
    for (at, item) in items.iter().enumerate() {
        if is_over && matches!(item, Item::Record(_) | Item::Lost { .. }) {
            return Err(Violation::new(
                Law::EofLast,
                format!("{item} after the end"),
            ));
        }
        match item {
            Item::Empty => {}
            Item::Eof => is_over = true,
            Item::Record(record) => {
                next += judge_record(&written[next..], record, &items[at + 1..], written)?;
            }
            Item::Lost { count, time, tag } => {
                next += judge_lost(&written[next..], *count, *time, *tag)?;
            }
        }
    }
    match written.get(next) {
        None => Ok(()),
        Some(lost) => Err(Violation::new(
            Law::Conserved,
            format!("{}: written, neither read nor counted", lost.record.time),
        )),
    }
}

/// How many writes the record stands for: one, the next.
fn judge_record(
    next: &[Written],
    record: &Record,
    later: &[Item],
    all: &[Written],
) -> Result<usize, Violation> {
    let Some(place) = next.iter().position(|w| w.record.time == record.time) else {
        let was = all.iter().any(|w| w.record == *record);
        let (law, how) = if was {
            (Law::InOrder, "a second time, or too late")
        } else {
            (Law::Whole, "never written")
        };
        return Err(Violation::new(law, format!("{record:?}: {how}")));
    };
    let is_later = |w: &Written| match w.wrote {
        Wrote::Record => later.contains(&Item::Record(w.record.clone())),
        Wrote::Dropped => later.iter().any(|item| matches!(item, Item::Lost { .. })),
    };
    if let Some(passed) = next[..place].first() {
        let law = if is_later(passed) {
            Law::InOrder
        } else {
            Law::Conserved
        };
        let how = format!("{} before {}", record.time, passed.record.time);
        return Err(Violation::new(law, how));
    }
    let wanted = &next[0].record;
    if wanted.tag != record.tag {
        let how = format!(
            "{}: want {:?}, got {:?}",
            record.time, wanted.tag, record.tag
        );
        return Err(Violation::new(Law::OwnTag, how));
    }
    if wanted != record || next[0].wrote == Wrote::Dropped {
        let how = format!("want {wanted:?}, got {record:?}");
        return Err(Violation::new(Law::Whole, how));
    }
    Ok(1)
}

/// How many writes an overflow stands for: the next, as many as it counts.
fn judge_lost(
    next: &[Written],
    count: u64,
    time: u64,
    tag: Option<Tag>,
) -> Result<usize, Violation> {
    let is_dropped = |w: &&Written| w.wrote == Wrote::Dropped;
    let here = next.iter().take_while(is_dropped).count() as u64;
    let anywhere = next.iter().filter(is_dropped).count() as u64;
    let fail = |law, how: &str| {
        let how = format!("lost {count}@{time}: {how}");
        Err(Violation::new(law, how))
    };
    if tag.is_some() {
        return fail(Law::OwnTag, "has a tag");
    }
    if count == 0 || count > anywhere {
        return fail(Law::Conserved, "so many were not dropped");
    }
    if count > here {
        return fail(Law::InOrder, "before records that are older");
    }
    let first = next[0].record.time;
    let beyond = usize::try_from(here).unwrap_or(usize::MAX);
    if next[beyond..].iter().any(|w| w.record.time == time) {
        return fail(Law::InOrder, "before what is older");
    }
    if time != first {
        return fail(Law::FirstDrop, &format!("the first was at {first}"));
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The outcome of a run: what was read, followed by what was left in the ring.
pub(super) fn outcome(read: &[Item], left: &[Item]) -> Outcome {
    let read = read.iter().map(Item::seen);
    let left = left.iter().map(|item| match item.seen() {
        Seen::Read(time) => Seen::Left(time),
        seen => seen,
    });
    Outcome(read.chain(left).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(time: u64) -> Record {
        Record {
            time,
            header: Words::from([1].as_slice()),
            stack: Words::from([time].as_slice()),
            tag: None,
        }
    }

    fn written(time: u64, wrote: Wrote) -> Written {
        let record = record(time);
        Written { record, wrote }
    }

    fn lost(count: u64, time: u64) -> Item {
        let tag = None;
        Item::Lost { count, time, tag }
    }

    /// The law that is broken, when 1 was kept, 2 and 3 were dropped and 4 was kept.
    fn broken(items: &[Item]) -> Option<Law> {
        let written = [
            written(1, Wrote::Record),
            written(2, Wrote::Dropped),
            written(3, Wrote::Dropped),
            written(4, Wrote::Record),
        ];
        judge(&written, items).err().map(|violation| violation.law)
    }

    #[test]
    fn what_was_written_is_read() {
        let [one, four] = [1, 4].map(|time| Item::Record(record(time)));
        let (one, four) = (&one, &four);
        let all = [one.clone(), lost(2, 2), four.clone()];
        assert_eq!(broken(&all), None);
        let in_parts = [
            one.clone(),
            lost(1, 2),
            Item::Empty,
            lost(1, 3),
            four.clone(),
            Item::Eof,
        ];
        assert_eq!(broken(&in_parts), None);
    }

    #[test]
    fn each_law_is_told_from_the_others() {
        let [one, four] = [1, 4].map(|time| Item::Record(record(time)));
        let two = lost(2, 2);
        let check = |items: &[&Item], law| {
            let items: Vec<_> = items.iter().map(|&item| item.clone()).collect();
            assert_eq!(broken(&items), Some(law), "{items:?}");
        };
        check(&[&one, &two], Law::Conserved);
        check(&[&one, &four], Law::Conserved);
        check(&[&two, &one, &four], Law::InOrder);
        check(&[&one, &four, &two], Law::InOrder);
        check(&[&one, &one, &two, &four], Law::InOrder);
        check(&[&one, &lost(2, 3), &four], Law::FirstDrop);
        check(&[&one, &lost(3, 2), &four], Law::Conserved);
        check(&[&one, &lost(0, 2), &four], Law::Conserved);
        check(&[&one, &two, &Item::Eof, &four], Law::EofLast);
        let torn = Item::Record(Record {
            stack: Words::from([9].as_slice()),
            ..record(4)
        });
        check(&[&one, &two, &torn], Law::Whole);
        let tagged = Item::Record(Record {
            tag: Tag::new(7),
            ..record(4)
        });
        check(&[&one, &two, &tagged], Law::OwnTag);
        let invented = Item::Record(record(5));
        check(&[&one, &two, &invented, &four], Law::Whole);
    }
}
