//! The judge of profiles: what became of signals and what the profile says, and whether the two
//! agree.

use std::fmt;

use smallvec::SmallVec;

use super::{Became, PCS, Profile, Run};
use crate::backend::Backend;
use crate::cpu_profile::{Extra, Profiled};
use crate::law::{Law, Violation};
use crate::prof_buf::{Mode, Tag, Wrote};
use crate::scenario::ledger::Item;
use crate::scenario::{Outcome, Seen};
use crate::sigprof::Handled;

impl<B: Backend> Run<B> {
    /// Judges the profiles. The last has been stopped.
    pub(super) fn judge(&self) -> Result<Outcome, Violation> {
        /// No profile here needs more reads.
        const READS_MAX: usize = 20;
        let seen_end = self.items.borrow().contains(&Item::Eof);
        for _ in 0..READS_MAX {
            if self.read(Mode::NonBlocking) && !seen_end {
                break;
            }
        }
        self.end_profile();
        let profiles = self.finished.borrow();
        for (at, profile) in profiles.iter().enumerate() {
            judge_profile(profile, &profiles[at + 1..])?;
        }
        let signals = profiles.iter().map(|profile| profile.became.len());
        let mut outcome = Vec::with_capacity(signals.sum());
        for profile in profiles.iter() {
            judge_items(profile, &mut outcome)?;
        }
        Ok(Outcome(outcome))
    }
}

/// A profile has its end last, and no later one has its samples.
fn judge_profile(profile: &Profile, later: &[Profile]) -> Result<(), Violation> {
    for item in later.iter().flat_map(|later| &later.items) {
        if let Item::Record(record) = item
            && let [id] = *record.stack.as_slice()
            && profile.became.iter().any(|became| became.0 == id)
        {
            let how = format!("sample {id} is in a later profile");
            return Err(Violation::new(Law::OwnTrace, how));
        }
    }
    let mut items = profile.items.iter();
    if !items.any(|item| *item == Item::Eof) {
        return Err(Violation::new(Law::EofLast, "no end"));
    }
    let is_record = |item: &&Item| !matches!(item, Item::Eof | Item::Empty);
    match items.find(is_record) {
        None => Ok(()),
        Some(late) => Err(Violation::new(
            Law::EofLast,
            format!("{late:?} after the end"),
        )),
    }
}

/// Compares what became of the profile's signals with what the profile says of them.
fn judge_items(profile: &Profile, outcome: &mut Vec<Seen>) -> Result<(), Violation> {
    let conserved = |what: fmt::Arguments<'_>, want: u64, got: u64| {
        if want == got {
            return Ok(());
        }
        let how = format!("{what}: want {want}, got {got}");
        Err(Violation::new(Law::Conserved, how))
    };
    let records = profile.items.iter().filter_map(|item| match item {
        Item::Record(record) => Some(record),
        _ => None,
    });
    let mut records = records;
    match records.next() {
        Some(first) if first.stack.is_empty() && *first.header == [100] => {}
        first => {
            let how = format!("want the profile's header first, got {first:?}");
            return Err(Violation::new(Law::InOrder, how));
        }
    }
    let (mut lost_extra, mut lost_atomic) = (0, 0);
    let mut got: SmallVec<[_; 4]> = SmallVec::new();
    for record in records {
        match *record.stack.as_slice() {
            [pc, _] if pc == PCS.lost_external => lost_extra += record.header[0],
            [pc, _] if pc == PCS.lost_atomic => lost_atomic += record.header[0],
            [id] if *record.header == [1] => got.push((id, record.tag)),
            _ => return Err(Violation::new(Law::Whole, format!("{record:?}"))),
        }
    }
    let (mut want_extra, mut want_atomic) = (0, 0);
    for &(id, became) in &profile.became {
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
        let its = got.iter().filter(|got| got.0 == id).count();
        conserved(format_args!("sample {id}"), 1, its as u64)?;
        if let Some(at) = got.iter().position(|got| got.0 == id) {
            let (_, got) = got.remove(at);
            if got != tag {
                let how = format!("sample {id}: want {tag:?}, got {got:?}");
                return Err(Violation::new(Law::OwnTag, how));
            }
        }
        outcome.push(Seen::Read(id));
    }
    if let Some((id, _)) = got.first() {
        return Err(Violation::new(
            Law::Whole,
            format!("sample {id} was never taken"),
        ));
    }
    let extra = format_args!("foreign stacks without room");
    conserved(extra, want_extra, lost_extra)?;
    conserved(format_args!("signals in atomics"), want_atomic, lost_atomic)
}
