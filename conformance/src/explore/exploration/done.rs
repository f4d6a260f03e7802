//! The results of runs, piece by piece, and merged in order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sigprof_sim::Seed;
use sigprof_sim::engine::sketch::Sketch;
use sigprof_sim::engine::{Covered, Run};

use super::Piece;

/// Everything that was seen in runs of one scenario, whatever came of them.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Number of runs.
    pub runs: u64,
    /// A sketch of the different schedules.
    pub schedules: Sketch,
    /// The points that they reached, by word and use: whether another M went on there first, and
    /// whether a signal came.
    pub points: BTreeMap<(String, Cow<'static, str>), (bool, bool)>,
}

impl Seen {
    /// Counts a run.
    pub fn count(&mut self, run: &Run) {
        self.runs += 1;
        self.schedules.add(run.schedule.digest());
    }

    /// Adds the points that runs came to.
    pub fn cover(&mut self, covered: Vec<Covered>) {
        for point in covered {
            self.point(
                (point.word, point.used.into()),
                (point.was_left, point.was_signalled),
            );
        }
    }

    fn point(&mut self, point: (String, Cow<'static, str>), (left, signalled): (bool, bool)) {
        let mine = self.points.entry(point).or_default();
        mine.0 |= left;
        mine.1 |= signalled;
    }

    /// Adds what was seen in other runs.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.schedules.merge(&other.schedules);
        for (point, was) in other.points {
            self.point(point, was);
        }
    }

    /// How many points were come to, left, and signalled at.
    #[must_use]
    pub fn coverage(&self) -> (usize, usize, usize) {
        let left = self.points.values().filter(|(left, _)| *left).count();
        let signalled = self.points.values().filter(|(_, signalled)| *signalled);
        (self.points.len(), left, signalled.count())
    }
}

/// The results of the runs of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The runs, and where they went.
    pub seen: Seen,
    /// The first run that broke a law.
    pub found: Option<Found>,
    /// Whether all was done that was planned, or something was found.
    pub is_complete: bool,
    /// Whether there are no more runs, under the strategy's terms.
    pub is_exhausted: bool,
}

/// A run that broke a law.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its seed, if it has one.
    pub seed: Option<Seed>,
    /// The failing run.
    pub run: Run,
}

/// How far it is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Number of runs.
    pub runs: u64,
    /// Different schedules, about.
    pub schedules: u64,
    /// Points that were reached.
    pub points: usize,
    /// Points at which another M went on.
    pub left: usize,
    /// Points at which a signal came.
    pub signalled: usize,
    /// Scenarios in which something was found.
    pub found: usize,
}

impl Done {
    /// Adds what came of the next piece.
    fn merge(&mut self, next: Self) {
        self.seen.merge(next.seen);
        self.found = next.found;
        self.is_complete = next.is_complete;
        self.is_exhausted = next.is_exhausted;
    }
}

/// Results in the order of their pieces.
pub(super) struct Merged {
    done: Vec<Done>,
    next: Vec<u64>,
    waiting: Vec<BTreeMap<u64, Done>>,
}

impl Merged {
    pub(super) fn new(scenarios: usize) -> Self {
        Self {
            done: vec![Done::default(); scenarios],
            next: vec![0; scenarios],
            waiting: vec![BTreeMap::new(); scenarios],
        }
    }

    pub(super) fn add(&mut self, piece: Piece) {
        let scenario = piece.scenario;
        self.waiting[scenario].insert(piece.number, piece.done);
        while self.done[scenario].found.is_none()
            && let Some(done) = self.waiting[scenario].remove(&self.next[scenario])
        {
            self.next[scenario] += 1;
            self.done[scenario].merge(done);
        }
        if self.done[scenario].found.is_some() {
            self.waiting[scenario].clear();
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for done in &self.done {
            let (points, left, signalled) = done.seen.coverage();
            progress.runs += done.seen.runs;
            progress.schedules += done.seen.schedules.count();
            progress.points += points;
            progress.left += left;
            progress.signalled += signalled;
            progress.found += usize::from(done.found.is_some());
        }
        progress
    }

    /// Ends the merge. Results that were cut short may lack pieces before the last one.
    pub(super) fn finish(mut self, pieces: Option<u64>) -> Vec<Done> {
        for (scenario, waiting) in self.waiting.into_iter().enumerate() {
            let done = &mut self.done[scenario];
            for next in waiting.into_values() {
                if done.found.is_none() {
                    done.merge(next);
                    self.next[scenario] = 0;
                }
            }
            let has_all = pieces.is_none_or(|pieces| self.next[scenario] == pieces);
            done.is_complete = done.found.is_some() || done.is_complete && has_all;
        }
        self.done
    }
}
