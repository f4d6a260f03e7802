//! Are the two sides of one program, and does one of them lack samples of all stacks alike?

use std::collections::HashMap;

use super::{Counts, Entry, Kind, Kinds, Tally};
use crate::trace::v1::hash::IdHash;

impl Tally {
    /// Whether half of the samples of both sides, or more, are in the same functions, as they are
    /// if the two are of one program.
    pub(in crate::check) fn is_alike(&self) -> bool {
        let mut leaves: HashMap<u32, Counts, IdHash> = HashMap::default();
        let mut total = Counts::default();
        for Entry { stack, counts } in &self.entries {
            let Some(&leaf) = stack.first() else { continue };
            let of = leaves.entry(self.names.function_of(leaf)).or_default();
            for sum in [of, &mut total] {
                sum.trace += counts.trace;
                sum.profile += counts.profile;
            }
        }
        let scaled = |count: u64, of: u64| u128::from(count) * u128::from(of);
        let common = leaves.values().map(|of| {
            let (trace, profile) = (of.trace, of.profile);
            scaled(trace, total.profile).min(scaled(profile, total.trace))
        });
        let all = scaled(total.trace, total.profile);
        all > 0 && common.sum::<u128>() * 2 >= all
    }

    /// Whether the trace has of each stack the same share of the profile's samples, as far as chance
    /// allows, and of none more (S8.29): the sum of the squares of the differences, each divided by its
    /// variance, is one for each stack on average, and chance adds no more than three of
    /// its deviations. Of fewer than four stacks nothing is said.
    pub(in crate::check) fn is_thinned(&self) -> bool {
        let kinds = Kinds::new(&self.names);
        let real = self.entries.iter().filter(|entry| {
            let is_there = entry.counts.profile + entry.counts.trace > 0;
            is_there && kinds.of(&self.names, &entry.stack) == Kind::Real
        });
        let (mut total, mut stacks) = (Counts::default(), 0_u64);
        for Entry { counts, .. } in real.clone() {
            total.trace += counts.trace;
            total.profile += counts.profile;
            stacks += 1;
            if counts.trace > counts.profile {
                return false;
            }
        }
        if stacks < 4 || total.trace == 0 || total.trace == total.profile {
            return false;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum of squares need not be exact"
        )]
        let float = |count: u64| count as f64;
        let share = float(total.trace) / float(total.profile);
        let sum: f64 = real
            .map(|Entry { counts, .. }| {
                let of = float(counts.profile);
                let away = float(counts.trace) - of * share;
                away * away / (of * share * (1.0 - share))
            })
            .sum();
        sum <= float(stacks) + 3.0 * (2.0 * float(stacks)).sqrt()
    }
}
