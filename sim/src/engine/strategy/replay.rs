//! One run again.

use super::{Strategy, Turn};
use crate::engine::grain::Grain;
use crate::engine::schedule::Schedule;

/// Makes the choices of a schedule, and dull ones beyond its end.
///
/// A choice that is not there any more, because the program has changed or the schedule
/// was cut, is taken for the last one that is; [`misfits`](Self::misfits) says how many.
#[derive(Debug)]
pub struct Replay {
    choices: Vec<u8>,
    place: usize,
    has_run: bool,
    misfits: usize,
    grain: Grain,
}

impl Grain {
    /// The grain of a strategy.
    #[must_use]
    pub fn of(strategy: &dyn Strategy) -> Self {
        Self {
            is_weak: strategy.has_weak_memory(),
            is_fine: strategy.switches_at_plain_words(),
            begins_apart: strategy.begins_apart(),
        }
    }

    /// A replay of choices.
    #[must_use]
    pub fn replay(self, schedule: &Schedule) -> Box<dyn Strategy> {
        let mut replay = Replay::new(schedule, self);
        replay.begin();
        Box::new(replay)
    }
}

impl Replay {
    /// Of a run whose choices are counted like this.
    #[must_use]
    pub fn new(schedule: &Schedule, grain: Grain) -> Self {
        Self {
            choices: schedule.choices().to_vec(),
            place: 0,
            has_run: false,
            misfits: 0,
            grain,
        }
    }

    /// Choices that were not there.
    #[must_use]
    pub fn misfits(&self) -> usize {
        self.misfits
    }

    fn next(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.place).copied().unwrap_or(0);
        self.place += 1;
        let choice = usize::from(choice);
        if choice < count {
            return choice;
        }
        self.misfits += 1;
        count - 1
    }
}

impl Strategy for Replay {
    fn begin(&mut self) -> bool {
        self.place = 0;
        !std::mem::replace(&mut self.has_run, true)
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let choice = self.next(turn.ready.len());
        let dull = turn.dull();
        Some(match choice {
            0 => dull,
            n => turn.ready.without(dull).nth(n - 1),
        })
    }

    fn signal(&mut self, _m: usize) -> bool {
        self.next(2) == 1
    }

    fn age(&mut self, stores: usize) -> usize {
        self.next(stores)
    }

    fn begins_apart(&self) -> bool {
        self.grain.begins_apart
    }

    fn has_weak_memory(&self) -> bool {
        self.grain.is_weak
    }

    fn switches_at_plain_words(&self) -> bool {
        self.grain.is_fine
    }
}
