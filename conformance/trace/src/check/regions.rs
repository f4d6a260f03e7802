//! Samples of goroutines while they are in a region of some name, found as events go by.
//!
//! A region that began before the trace did counts from the trace's beginning, so that only its
//! end shows that earlier samples lie in it; and its first and last moments belong to it, so
//! that a sample of the same moment may come before its beginning or after its end:
//!
//! ```text
//! time      1   2   3   3       3       3    4   5   5
//!           s   s   s   begin   s       end      s   end
//! sample    |   |   |-- same moment: in          |   `-- began before the trace:
//!           `---`-------------- in, as the second end shows ----------'
//! ```
//!
//! So samples of goroutines that live and are in no region are held, as counts, until their
//! goroutine ends.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::narrow::NothingSelected;
use super::source::{Seen, Tables, What};
use crate::bytes;
use crate::trace::GoId;
use crate::trace::v1::hash::IdHash;

/// Samples by goroutine and stack.
type Held = BTreeMap<(GoId, u32), u64>;

/// The regions of one name.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    name: String,
    is_there: bool,
    others: Others,
    /// Goroutines that are in the region, and how deep.
    open: BTreeMap<GoId, u64>,
    /// The moment of the last event.
    now: i64,
    /// Goroutines that left the region at this moment.
    left: BTreeSet<GoId>,
    /// Samples of this moment that are in no region yet.
    fresh: Held,
    /// Samples of earlier moments that are in no region yet.
    earlier: Held,
}

/// The names of other regions, while there is none of the name that is wanted.
#[derive(Clone, Debug, Default)]
struct Others {
    names: BTreeSet<String>,
    generation: u64,
    known: HashSet<u64, IdHash>,
}

impl Regions {
    /// Regions of a name.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_there: false,
            others: Others::default(),
            open: BTreeMap::new(),
            now: i64::MIN,
            left: BTreeSet::new(),
            fresh: Held::new(),
            earlier: Held::new(),
        }
    }

    /// Takes the beginning or end of a region, or of a goroutine; calls `select` with
    /// the earlier samples, by stack, that turn out to be in the region.
    pub(super) fn see(
        &mut self,
        seen: &Seen,
        tables: &impl Tables,
        mut select: impl FnMut(u32, u64),
    ) {
        if let What::RegionBegin { name } | What::RegionEnd { name } = seen.what
            && !self.is_it(seen.table, name, tables)
        {
            return;
        }
        let Some(goroutine) = seen.goroutine else {
            return;
        };
        self.goes_on(seen.time);
        match seen.what {
            What::RegionBegin { .. } => {
                self.found();
                *self.open.entry(goroutine).or_default() += 1;
                take(&mut self.fresh, goroutine, &mut select);
            }
            What::RegionEnd { .. } => {
                self.found();
                if !self.leave(goroutine) {
                    take(&mut self.earlier, goroutine, &mut select);
                    take(&mut self.fresh, goroutine, &mut select);
                }
                self.left.insert(goroutine);
            }
            What::GoEnd => {
                if self.open.remove(&goroutine).is_some() {
                    self.left.insert(goroutine);
                }
                take(&mut self.earlier, goroutine, |_, _| {});
                take(&mut self.fresh, goroutine, |_, _| {});
            }
            _ => {}
        }
    }

    /// Takes a sample with this stack: whether it is in the region. If not, that may yet show.
    pub(super) fn has_sample(&mut self, seen: &Seen, stack: u32) -> bool {
        let Some(goroutine) = seen.goroutine else {
            return false;
        };
        self.goes_on(seen.time);
        let is_in = self.open.contains_key(&goroutine) || self.left.contains(&goroutine);
        if !is_in {
            *self.fresh.entry((goroutine, stack)).or_default() += 1;
        }
        is_in
    }

    /// Why nothing is selected, if no goroutine was in such a region.
    pub(super) fn nothing(self) -> Option<NothingSelected> {
        let what = format!("the trace has no region {:?}", self.name);
        let names = self.others.names.into_iter();
        (!self.is_there).then(|| NothingSelected::new(what, names))
    }

    /// Whether a name is the one that is wanted; notes the others.
    fn is_it(&mut self, generation: u64, id: u64, tables: &impl Tables) -> bool {
        let name = tables.string(id);
        let is_it = bytes::is_name(name, &self.name);
        if !self.is_there {
            self.others.note(generation, id, name);
        }
        is_it
    }

    fn found(&mut self) {
        if !self.is_there {
            self.is_there = true;
            self.others = Others::default();
        }
    }

    /// Leaves the innermost region; false if it is in none.
    fn leave(&mut self, goroutine: GoId) -> bool {
        let Some(depth) = self.open.get_mut(&goroutine) else {
            return false;
        };
        *depth -= 1;
        if *depth == 0 {
            self.open.remove(&goroutine);
        }
        true
    }

    fn goes_on(&mut self, time: i64) {
        if time == self.now {
            return;
        }
        self.now = time;
        self.left.clear();
        while let Some((key, count)) = self.fresh.pop_first() {
            *self.earlier.entry(key).or_default() += count;
        }
    }
}

/// Takes the samples of a goroutine out of those that are held.
fn take(held: &mut Held, goroutine: GoId, mut each: impl FnMut(u32, u64)) {
    let of_it = (goroutine, 0)..=(goroutine, u32::MAX);
    while let Some((&key, &count)) = held.range(of_it.clone()).next() {
        held.remove(&key);
        each(key.1, count);
    }
}

impl Others {
    fn note(&mut self, generation: u64, id: u64, name: &[u8]) {
        if self.generation != generation {
            self.generation = generation;
            self.known.clear();
        }
        if self.known.insert(id) {
            self.names.insert(bytes::text(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::v1::Frame;

    /// Strings whose bytes are their id; 8 is the region that is looked for.
    struct Strings;

    impl Tables for Strings {
        fn frames(&self, _: u64) -> impl Iterator<Item = Frame> {
            std::iter::empty()
        }

        fn string(&self, id: u64) -> &[u8] {
            match id {
                8 => b"work",
                _ => b"play",
            }
        }
    }

    fn seen(time: i64, goroutine: u64, what: What) -> Seen {
        Seen {
            time,
            goroutine: (goroutine != 0).then_some(GoId(goroutine)),
            changed: None,
            table: 0,
            thread: Some(7),
            proc: None,
            runs: None,
            what,
        }
    }

    /// The numbers of the samples that are in the region. A sample is `s` and its goroutine, a
    /// beginning `b`, an end `e`, the end of a goroutine `x`; of another region in capitals.
    fn selected(events: &[(i64, &str)]) -> Vec<u32> {
        let mut regions = Regions::new("work");
        let mut found = Vec::new();
        for (&(time, event), number) in events.iter().zip(0..) {
            let (kind, goroutine) = event.split_at(1);
            let what = match kind {
                "b" => What::RegionBegin { name: 8 },
                "e" => What::RegionEnd { name: 8 },
                "B" => What::RegionBegin { name: 9 },
                "E" => What::RegionEnd { name: 9 },
                "x" => What::GoEnd,
                _ => What::Sample { stack: 0 },
            };
            let event = seen(time, goroutine.parse().unwrap(), what);
            if kind == "s" {
                found.extend(regions.has_sample(&event, number).then_some(number));
            } else {
                regions.see(&event, &Strings, |stack, _| found.push(stack));
            }
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn a_region_has_what_its_goroutine_does_in_it() {
        let events = [
            (1, "s1"),
            (2, "b1"),
            (3, "s1"),
            (3, "s2"),
            (4, "e1"),
            (5, "s1"),
        ];
        assert_eq!(selected(&events), [2]);
        let other = events.map(|(time, event)| match event {
            "b1" => (time, "B1"),
            "e1" => (time, "E1"),
            other => (time, other),
        });
        assert!(selected(&other).is_empty());
    }

    #[test]
    fn the_first_and_the_last_moment_belong_to_a_region() {
        let events = [
            (2, "s1"),
            (2, "b1"),
            (4, "e1"),
            (4, "s1"),
            (4, "s2"),
            (5, "s1"),
        ];
        assert_eq!(selected(&events), [0, 3]);
        // Also where it ends with its goroutine.
        let ends = [(2, "b1"), (4, "x1"), (4, "s1"), (5, "s1")];
        assert_eq!(selected(&ends), [2]);
    }

    #[test]
    fn an_end_alone_takes_all_that_came_before() {
        let events = [
            (1, "s1"),
            (1, "s2"),
            (2, "s1"),
            (3, "s1"),
            (3, "e1"),
            (3, "s1"),
            (4, "s1"),
        ];
        assert_eq!(selected(&events), [0, 2, 3, 5]);
        // Not that of a goroutine that has ended, nor of another region.
        assert!(selected(&[(1, "s1"), (2, "x1"), (3, "e2")]).is_empty());
        assert!(selected(&[(1, "s1"), (3, "E1")]).is_empty());
    }

    #[test]
    fn regions_lie_in_each_other() {
        let events = [
            (1, "b1"),
            (2, "b1"),
            (3, "e1"),
            (4, "s1"),
            (5, "e1"),
            (6, "s1"),
        ];
        assert_eq!(selected(&events), [3]);
        let one_more = [(4, "s1"), (5, "b1"), (6, "e1"), (7, "s1"), (8, "e1")];
        assert_eq!(selected(&one_more), [0, 3]);
    }

    /// However many samples there were, and however often it entered a region.
    #[test]
    fn nothing_is_held_of_a_goroutine_that_has_ended() {
        let mut regions = Regions::new("work");
        for (time, g) in (1..1000).zip(1..) {
            let mut see = |what| regions.see(&seen(time, g, what), &Strings, |_, _| {});
            see(What::RegionBegin { name: 8 });
            see(What::RegionEnd { name: 8 });
            regions.has_sample(&seen(time + 1, g, What::Sample { stack: 0 }), 0);
            let end = seen(time + 2, g, What::GoEnd);
            regions.see(&end, &Strings, |_, _| {});
        }
        let Regions {
            open,
            left,
            fresh,
            earlier,
            ..
        } = regions;
        assert_eq!((open.len(), fresh.len(), earlier.len()), (0, 0, 0));
        assert!(left.len() <= 1);
    }

    #[test]
    fn other_regions_are_named_where_there_is_none_of_the_name() {
        let mut regions = Regions::new("work");
        let begin = |name| seen(1, 1, What::RegionBegin { name });
        regions.see(&begin(9), &Strings, |_, _| {});
        regions.see(&begin(7), &Strings, |_, _| {});
        let nothing = regions.clone().nothing().unwrap();
        assert_eq!(
            nothing.to_string(),
            "the trace has no region \"work\"; there are: play"
        );
        regions.see(&begin(8), &Strings, |_, _| {});
        assert_eq!(regions.nothing(), None);
    }
}
