//! The state of goroutines and of the runs that are under way.
//!
//! Nothing is held of an event but what its end will show: a time, a stack's number, a row. A
//! goroutine has one thing at a time whose end is to come, the arrow to its next run or that
//! run, and stands where the reader has it (see [`Slots`](crate::trace::v1::Slots)).

use std::collections::HashMap;

use super::super::emit::State;
use crate::heap;
use crate::trace::v1::Place;
use crate::trace::v1::hash::IdHash;

/// Something of a goroutine whose end is to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Open {
    #[default]
    Nothing,
    /// Arrows to the start of its next run, by what they begin with.
    Created,
    Unblocked,
    Exited,
    /// Its run, which has its name, or a label.
    Run,
    LabelledRun,
}

/// A goroutine. There may be as many as a sixth of the trace's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Goroutine {
    /// Where that began which is open.
    pub(super) time: i64,
    pub(super) row: Row,
    pub(super) stack: u32,
    /// The function that it started with, among [`Names`].
    pub(super) name: u32,
    pub(super) state: State,
    pub(super) open: Open,
    /// Whether a mark assist is not over.
    pub(super) is_assisting: bool,
}

const _: () = assert!(size_of::<Goroutine>() == 24);

/// A place in four bytes: the number of a lane, or one that no lane has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row(u32);

impl Row {
    const TIMER: Self = Self(u32::MAX - 1);
    const NETPOLL: Self = Self(u32::MAX - 2);
    const SYSCALL: Self = Self(u32::MAX - 3);

    /// The row of an event of this lane.
    pub(super) fn new(place: Place, lane: u32) -> Self {
        match place {
            Place::Timer => Self::TIMER,
            Place::Netpoll => Self::NETPOLL,
            Place::Syscall => Self::SYSCALL,
            Place::P(_) | Place::NoP | Place::Gc => Self(lane),
        }
    }

    /// The lane, if it is one's.
    pub(super) fn lane(self) -> Option<u32> {
        let others = [Self::TIMER, Self::NETPOLL, Self::SYSCALL];
        (!others.contains(&self)).then_some(self.0)
    }

    /// The place, where those of lanes are known.
    pub(super) fn place(self, of_lane: impl FnOnce(u32) -> Place) -> Place {
        match self {
            Self::TIMER => Place::Timer,
            Self::NETPOLL => Place::Netpoll,
            Self::SYSCALL => Place::Syscall,
            Self(lane) => of_lane(lane),
        }
    }
}

/// The last run on a lane; it is under way if its goroutine says so.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Where it begins in the trace.
    pub(super) offset: u64,
    pub(super) goroutine: u64,
    pub(super) slot: u32,
    /// The string that it shows in place of the goroutine's name.
    pub(super) label: u64,
    pub(super) assists: Vec<Assist>,
}

/// A mark assist in a run of its goroutine. It ends with the assist, or with the run.
#[derive(Debug)]
pub(super) struct Assist {
    pub(super) time: i64,
    pub(super) stack: u32,
    pub(super) is_resumed: bool,
    /// When the assist was over, if it was before the run.
    pub(super) done: Option<i64>,
}

/// Functions that goroutines start with.
#[derive(Debug)]
pub(super) struct Names<'r> {
    by_id: HashMap<u64, u32, IdHash>,
    /// The first stands for none.
    all: Vec<Name<'r>>,
}

/// A function that goroutines start with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'r> {
    pub(super) text: &'r [u8],
    /// Whether JSON has it as it is.
    pub(super) is_plain: bool,
    pub(super) is_system: bool,
}

impl<'r> Names<'r> {
    pub(super) fn new() -> Self {
        Self {
            by_id: HashMap::default(),
            all: vec![Name::of(b"")],
        }
    }

    /// The number of a function's name, from 1 on.
    pub(super) fn number(&mut self, id: u64, text: impl FnOnce() -> &'r [u8]) -> u32 {
        let all = &mut self.all;
        *self.by_id.entry(id).or_insert_with(|| {
            heap::push(all, Name::of(text()));
            u32::try_from(all.len() - 1).unwrap_or_default()
        })
    }

    /// The name with a number; none for 0.
    pub(super) fn get(&self, number: u32) -> Option<&Name<'r>> {
        let name = self.all.get(number as usize);
        name.filter(|_| number > 0)
    }

    /// Whether goroutines of this name are the runtime's own.
    pub(super) fn is_system(&self, number: u32) -> bool {
        self.get(number).is_some_and(|name| name.is_system)
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let by_id = &self.by_id;
        heap::table(by_id.len(), by_id.capacity(), heap::STEP, 16)
            + heap::list(&self.all, heap::STEP)
    }
}

impl<'r> Name<'r> {
    fn of(text: &'r [u8]) -> Self {
        let is_plain = |&b: &u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
        Self {
            text,
            is_plain: text.iter().all(is_plain),
            is_system: text != b"runtime.main" && text.starts_with(b"runtime."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_place_that_it_was_made_of() {
        for place in [Place::P(7), Place::Timer, Place::Netpoll, Place::Syscall] {
            let row = Row::new(place, 3);
            let of_lane = |lane| Place::P(u64::from(lane) + 4);
            assert_eq!(row.place(of_lane), place);
        }
    }

    #[test]
    fn a_name_has_one_number_and_none_is_none() {
        let mut names = Names::new();
        let (gc, empty) = (
            names.number(5, || b"runtime.bgsweep"),
            names.number(0, || b""),
        );
        assert_eq!(names.number(5, || unreachable!("known")), gc);
        assert!(names.is_system(gc) && !names.is_system(empty));
        assert!(names.get(empty).is_some() && names.get(0).is_none());
    }
}
