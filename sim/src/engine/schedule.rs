//! A schedule: every choice of a run, in order.
//!
//! A choice is the number of what was taken among what could be taken, counted from 0 on:
//!
//! | at | 0 | 1, 2, .. |
//! |---|---|---|
//! | a turn: who goes on | the M that ran, if it can | the others that can, by their number |
//! | a point with a signal pending | it does not come yet | it comes here |
//! | a load of a word with several stores in reach | the newest | the next older ones |
//!
//! So 0 is always the dull choice, and a schedule is mostly zeroes. It is written as the
//! places of the others, `place:choice`, one after the other: `7:1 12:2`. What is beyond
//! the last is 0; the empty schedule, written `-`, lets each M run until it must wait.
//! Where nothing can be chosen there is no choice and no place.

use std::fmt;
use std::str::FromStr;

use smallvec::SmallVec;

/// Choices of a schedule that needs no heap.
const INLINE: usize = 48;

/// Choices that a schedule may have: no run has as many.
const PLACES_MAX: usize = 1 << 24;

/// The choices of a run. Equal schedules are equal runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule(SmallVec<[u8; INLINE]>);

impl Schedule {
    /// From all choices, in order.
    #[must_use]
    pub fn new(choices: &[u8]) -> Self {
        let dull = choices.iter().rev().take_while(|&&choice| choice == 0);
        let forced = &choices[..choices.len() - dull.count()];
        Self(SmallVec::from_slice(forced))
    }

    /// Up to the last one that is not 0.
    #[must_use]
    pub fn choices(&self) -> &[u8] {
        &self.0
    }

    /// How many are not 0: what somebody had to force.
    #[must_use]
    pub fn forced(&self) -> usize {
        self.0.iter().filter(|&&choice| choice != 0).count()
    }

    /// A digest (64-bit FNV-1a), the same on every machine.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.0.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &choice| {
            (hash ^ u64::from(choice)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("-");
        }
        let forced = self
            .0
            .iter()
            .enumerate()
            .filter(|&(_, &choice)| choice != 0);
        for (i, (place, choice)) in forced.enumerate() {
            let gap = if i == 0 { "" } else { " " };
            write!(f, "{gap}{place}:{choice}")?;
        }
        Ok(())
    }
}

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "bad schedule at {word:?}: want `place:choice` with rising places and choices from 1 to 255, as in `7:1 12:2`, or `-`"
)]
pub struct ScheduleError {
    word: String,
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        if text.trim() == "-" {
            return Ok(Self::default());
        }
        let mut choices = SmallVec::new();
        let bad = |word: &str| ScheduleError {
            word: word.to_owned(),
        };
        for word in text.split_whitespace() {
            let (place, choice) = word.split_once(':').ok_or_else(|| bad(word))?;
            let place: usize = place.parse().map_err(|_| bad(word))?;
            let choice: u8 = choice.parse().map_err(|_| bad(word))?;
            if choice == 0 || place < choices.len() || place >= PLACES_MAX {
                return Err(bad(word));
            }
            choices.resize(place, 0);
            choices.push(choice);
        }
        if choices.is_empty() {
            return Err(bad(text));
        }
        Ok(Self(choices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_was_forced_is_written() {
        let schedule = Schedule::new(&[0, 1, 0, 0, 2, 0]);
        assert_eq!(schedule.to_string(), "1:1 4:2");
        assert_eq!(schedule.forced(), 2);
        assert_eq!(Schedule::new(&[0, 0]).to_string(), "-");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "7",
            "7:0",
            "7:256",
            "7:1 7:1",
            "7:1 3:1",
            "a:1",
            "99999999999:1",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_prints(choices: Vec<u8>) {
            let schedule = Schedule::new(&choices);
            prop_assert_eq!(schedule.to_string().parse(), Ok(schedule));
        }
    }
}
