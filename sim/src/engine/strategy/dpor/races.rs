//! Races to reverse: steps of different Ms on one word that nothing between orders.

use super::words::Word;
use super::{Access, Clock, Dpor, Event, MS_MAX, Ms, Node, Turn, Use};

impl Dpor {
    /// Depths of the steps that this one, at its depth, comes behind: the last change of its word,
    /// and if it is a change itself, the looks since.
    pub(super) fn rivals(&self, depth: usize, event: &Event) -> impl Iterator<Item = usize> {
        let word = self.words.get(event.access.word);
        let (last, reads) = word.map_or((None, &[][..]), Word::last);
        let reads = if event.access.used.is_change() {
            reads
        } else {
            &[]
        };
        let all = last.into_iter().chain(reads).map(|step| step.depth);
        all.filter(move |&rival| rival != depth)
    }

    pub(super) fn join_rivals(&self, depth: usize, event: &Event, clock: &mut Clock) {
        for rival in self.rivals(depth, event) {
            if let Some(place) = self.place(rival) {
                for (mine, theirs) in clock.iter_mut().zip(place.clock_with_swap()) {
                    *mine = (*mine).max(*theirs);
                }
            }
        }
    }

    /// Tells the places of this step's rivals that it might have come first.
    pub(super) fn reverse_races(
        &mut self,
        depth: usize,
        event: &Event,
        before: &Clock,
        clock: &Clock,
    ) {
        let mut rivals = std::mem::take(&mut self.rivals);
        rivals.clear();
        match event.access.used {
            Use::Await(seen) => rivals.extend(self.last_chance(event, seen)),
            _ => rivals.extend(self.rivals(depth, event)),
        }
        for &rival in &rivals {
            let Some(place) = self.place(rival) else {
                continue;
            };
            let (q, number) = (place.chosen, place.number);
            if q != event.m && before[q] < number {
                self.want_reversed(rival, depth, event.m, clock);
            }
        }
        self.rivals = rivals;
    }

    /// All that this run can show was seen before. It goes on to its end, which costs less than to break it
    /// off, and nothing more is told of it.
    pub(super) fn finish(&mut self, turn: &Turn<'_>) {
        self.is_finishing = true;
        if !self.swaps.failed.is_empty() {
            // Some may wait for those who do not go on.
            self.waits_are_over(Ms::below(MS_MAX), turn.pending);
        }
    }

    /// Waits that are not over might have been possible before.
    pub(super) fn waits_are_over(&mut self, waiting: Ms, pending: &[Access; MS_MAX]) {
        for m in waiting.iter() {
            let access = pending[m];
            if let Use::Await(seen) = access.used {
                let event = Event {
                    m,
                    is_handler: false,
                    access,
                    was: seen,
                    is: seen,
                };
                let before = self.clocks[m];
                let mut clock = before;
                clock[m] += 1;
                self.reverse_races(self.nodes.len(), &event, &before, &clock);
            }
        }
    }

    /// The last change of its word before which a wait was possible.
    fn last_chance(&self, event: &Event, seen: u64) -> Option<usize> {
        let word = self.words.get(event.access.word)?;
        let was = |depth: usize| Some(self.place(depth)?.event?.was);
        let mut rivals = word.writes.iter().rev().map(|step| step.depth);
        rivals.find(|&depth| was(depth).is_some_and(|was| was != seen))
    }

    /// Wants a run in which the step of `m` at `depth` comes before the one at `rival`: at that
    /// place one of those must be tried that can begin such a run.
    fn want_reversed(&mut self, rival: usize, depth: usize, m: usize, clock: &Clock) {
        let Some(place) = self.place(rival) else {
            return;
        };
        let (q, number) = (place.chosen, place.number);
        let wanted = place.wanted;
        // The first step of each M among those between that do not come behind the rival.
        let mut first: Clock = [0; MS_MAX];
        let mut initials = Ms::default();
        let has_no_predecessor = |m: usize, clock: &Clock, first: &Clock| {
            (0..MS_MAX).all(|of| of == m || first[of] == 0 || clock[of] < first[of])
        };
        for node in &self.nodes[rival + 1..depth.min(self.nodes.len())] {
            let Node::Place(between) = node else {
                continue;
            };
            let of = between.chosen;
            let knows = between.clock_with_swap();
            if knows[q] >= number || first[of] != 0 {
                continue;
            }
            if has_no_predecessor(of, knows, &first) {
                initials = initials.with(of);
            }
            first[of] = between.number;
        }
        if first[m] == 0 && has_no_predecessor(m, clock, &first) {
            initials = initials.with(m);
        }
        if initials.0 & wanted.0 != 0 {
            return;
        }
        let choice = if initials.has(m) { m } else { initials.first() };
        if let Some(place) = self.place_mut(rival)
            && !initials.is_empty()
        {
            place.wanted = place.wanted.with(choice);
        }
    }
}
