//! The judge of traces: what handlers took and what drains found, and whether the two agree.

use super::{Found, FoundWhat, Run, Taken};
use crate::backend::Backend;
use crate::cpu_log::Sampled;
use crate::law::{Law, Violation};
use crate::prof_buf::Wrote;
use crate::protocol::Logs;
use crate::sample::Drained;
use crate::scenario::{Outcome, Seen};

impl<B: Backend> Run<B> {
    /// Judges when every trace has stopped. A sample that is left in a log breaks
    /// `left`.
    pub(super) fn judge(&self, left: Law) -> Result<Outcome, Violation> {
        let (mut taken, mut found, mut leftovers) = self.judged.take();
        taken.clear();
        found.clear();
        leftovers.clear();
        for of in &self.taken {
            taken.append(&mut of.borrow_mut());
        }
        for of in &self.found {
            found.append(&mut of.borrow_mut());
        }
        let sink = |generation, drained: Drained<'_>| {
            leftovers.push(Found::new(generation, &drained));
        };
        self.log.leftovers(sink);
        let result = self.judge_all(&taken, &found, &leftovers, left);
        self.judged.replace((taken, found, leftovers));
        result
    }

    fn judge_all(
        &self,
        taken: &[Taken],
        found: &[Found],
        leftovers: &[Found],
        left: Law,
    ) -> Result<Outcome, Violation> {
        let mut outcome = Vec::with_capacity(taken.len());
        for taken in taken {
            outcome.push(self.judge_taken(taken, found, leftovers, left)?);
        }
        for Found { what, .. } in found.iter().chain(leftovers) {
            if let FoundWhat::Sample { stack, place, .. } = what
                && !taken.iter().any(|taken| stack.starts_with(&[taken.id]))
            {
                let how = format!("{place:?} {stack:?} was never taken");
                return Err(Violation::new(Law::Whole, how));
            }
        }
        let is_dropped = |taken: &&Taken| {
            matches!(
                taken.sampled,
                Sampled::Written {
                    wrote: Wrote::Dropped,
                    ..
                }
            )
        };
        let dropped = taken.iter().filter(is_dropped).count() as u64;
        let lost = |found: &[Found]| -> u64 {
            let counts = found.iter().map(|found| match found.what {
                FoundWhat::Lost(count) => count,
                FoundWhat::Sample { .. } => 0,
            });
            counts.sum()
        };
        let (lost, left_lost) = (lost(found), lost(leftovers));
        if lost + left_lost != dropped {
            let how = format!("{dropped} dropped, {lost} counted, {left_lost} left to count");
            return Err(Violation::new(Law::Conserved, how));
        }
        if left_lost > 0 {
            return Err(Violation::new(
                left,
                format!("a count of {left_lost} is left"),
            ));
        }
        Ok(Outcome(outcome))
    }

    fn judge_taken(
        &self,
        taken: &Taken,
        found: &[Found],
        leftovers: &[Found],
        left: Law,
    ) -> Result<Seen, Violation> {
        let id = taken.id;
        let fail = |law, how: String| Err(Violation::new(law, format!("sample {id}: {how}")));
        let Sampled::Written {
            generation,
            time,
            wrote,
        } = taken.sampled
        else {
            return Ok(Seen::Skipped(id));
        };
        if wrote == Wrote::Dropped {
            return Ok(Seen::Dropped(id));
        }
        let is_it = |found: &&Found| match &found.what {
            FoundWhat::Sample { stack, .. } => stack.starts_with(&[id]),
            FoundWhat::Lost(_) => false,
        };
        let mut its = found.iter().filter(is_it);
        let Some(it) = its.next() else {
            if leftovers.iter().any(|found| is_it(&found)) {
                return fail(left, "is left in its log".into());
            }
            return fail(Law::Conserved, "neither drained nor left".into());
        };
        if its.next().is_some() {
            return fail(Law::InOrder, "drained twice".into());
        }
        let FoundWhat::Sample {
            time: got, place, ..
        } = it.what
        else {
            return fail(Law::RealHeader, "taken for an overflow".into());
        };
        if place != taken.place {
            return fail(
                Law::RealHeader,
                format!("want {:?}, got {place:?}", taken.place),
            );
        }
        if got != time {
            return fail(Law::Whole, format!("want time {time}, got {got}"));
        }
        let in_generation = match self.protocol.logs {
            Logs::One => 0,
            Logs::ByGeneration => it.generation,
        };
        if in_generation != generation {
            let how = format!("taken in {generation}, drained in {in_generation}");
            return fail(Law::OwnTrace, how);
        }
        self.judge_time(it, time)?;
        Ok(Seen::Read(id))
    }

    /// A sample is no older than what it was drained into.
    fn judge_time(&self, found: &Found, time: u64) -> Result<(), Violation> {
        let begun = self.begun.borrow();
        // Traces and generations are counted from 1 on; until Go 1.21 a drain that is not
        // the last does not say of which trace it is.
        let began = usize::try_from(found.generation.saturating_sub(1)).unwrap_or(0);
        let how = match begun.get(began) {
            Some(&began) if time >= began => return Ok(()),
            Some(began) => format!("taken at {time}, before {began}, when it began"),
            None => format!("drained in {}, which never began", found.generation),
        };
        Err(Violation::new(Law::OwnTrace, how))
    }
}
