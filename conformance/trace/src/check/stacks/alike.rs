//! Are the two sides of one program?

use std::collections::HashMap;

use super::{Counts, Entry, Tally};
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
}
