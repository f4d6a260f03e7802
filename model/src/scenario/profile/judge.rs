//! What became of signals and what the profile says, and whether the two agree.

use std::cell::RefCell;

use super::{Became, PCS, Run};
use crate::backend::Backend;
use crate::cpu_profile::{Extra, Profiled};
use crate::law::{Law, Violation};
use crate::prof_buf::{Mode, Tag, Wrote};
use crate::scenario::ledger::Item;
use crate::scenario::{Outcome, Seen};
use crate::sigprof::Handled;

impl<B: Backend> Run<B> {
    /// Judges a profile that has been stopped.
    pub(super) fn judge(&self) -> Result<Outcome, Violation> {
        /// No profile here needs more reads.
        const READS_MAX: usize = 20;
        let seen_end = self.items.borrow().contains(&Item::Eof);
        for _ in 0..READS_MAX {
            if self.read(Mode::NonBlocking) && !seen_end {
                break;
            }
        }
        let items = self.items.borrow();
        let end = items.iter().position(|item| *item == Item::Eof);
        let Some(end) = end else {
            return Err(Violation::new(Law::EofLast, "no end"));
        };
        let is_record = |item: &&Item| !matches!(item, Item::Eof | Item::Empty);
        if let Some(late) = items[end..].iter().find(is_record) {
            return Err(Violation::new(
                Law::EofLast,
                format!("{late:?} after the end"),
            ));
        }
        self.judge_items(&items[..end])
    }

    fn judge_items(&self, items: &[Item]) -> Result<Outcome, Violation> {
        let conserved = |what: &str, want: u64, got: u64| {
            if want == got {
                return Ok(());
            }
            let how = format!("{what}: want {want}, got {got}");
            Err(Violation::new(Law::Conserved, how))
        };
        let records = items.iter().filter_map(|item| match item {
            Item::Record(record) => Some(record),
            _ => None,
        });
        let mut records = records;
        match records.next() {
            Some(first) if first.stack.is_empty() && first.header == [100] => {}
            first => {
                let how = format!("want the profile's header first, got {first:?}");
                return Err(Violation::new(Law::InOrder, how));
            }
        }
        let (mut lost_extra, mut lost_atomic) = (0, 0);
        let mut got = Vec::new();
        for record in records {
            match *record.stack.as_slice() {
                [pc, _] if pc == PCS.lost_external => lost_extra += record.header[0],
                [pc, _] if pc == PCS.lost_atomic => lost_atomic += record.header[0],
                [id] if record.header == [1] => got.push((id, record.tag)),
                _ => return Err(Violation::new(Law::Whole, format!("{record:?}"))),
            }
        }
        let mut outcome = Vec::new();
        let (mut want_extra, mut want_atomic) = (0, 0);
        let became = self.became.iter().flat_map(RefCell::take);
        for (id, became) in became {
            let tag = match became {
                Became::Extra(Extra::Lost) => {
                    want_extra += 1;
                    None
                }
                Became::Handled(Handled::InAtomic) => {
                    want_atomic += 1;
                    None
                }
                Became::Extra(Extra::Kept) => Some(None),
                Became::Handled(Handled::Sampled {
                    profiled:
                        Profiled::Written {
                            wrote: Wrote::Record,
                            ..
                        },
                    ..
                }) => Some(Tag::new(id)),
                Became::Extra(Extra::Off) | Became::Handled(_) => None,
            };
            let Some(tag) = tag else {
                outcome.push(Seen::Skipped(id));
                continue;
            };
            let its: Vec<_> = got.iter().filter(|got| got.0 == id).collect();
            conserved(&format!("sample {id}"), 1, its.len() as u64)?;
            if its[0].1 != tag {
                let how = format!("sample {id}: want {tag:?}, got {:?}", its[0].1);
                return Err(Violation::new(Law::OwnTag, how));
            }
            got.retain(|got| got.0 != id);
            outcome.push(Seen::Read(id));
        }
        if let Some((id, _)) = got.first() {
            return Err(Violation::new(
                Law::Whole,
                format!("sample {id} was never taken"),
            ));
        }
        conserved("foreign stacks without room", want_extra, lost_extra)?;
        conserved("signals in atomics", want_atomic, lost_atomic)?;
        Ok(Outcome(outcome))
    }
}
