//! The signals of a run in their order: all of them, or those alone whose fate may still change.

use std::collections::VecDeque;

use crate::truth::{Fate, InProfile, InTrace, Signal};

/// Signals by their numbers, of which the first may have gone out.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// The number of the first that is held.
    first: usize,
    held: VecDeque<Signal>,
}

/// The parts of a run that are over: nothing changes any more for the samples in them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Over {
    /// The last generation that was read whole.
    pub(crate) read: u64,
    /// The last generation of a tracer that has stopped: what it has not read is never read.
    pub(crate) generations: u64,
    /// Traces that have stopped, until Go 1.21.
    pub(crate) traces: usize,
    /// Profiles that have been read to their end.
    pub(crate) profiles: usize,
}

impl Over {
    fn is_settled(&self, signal: &Signal) -> bool {
        if signal.fate != Fate::Handled {
            return true;
        }
        let in_trace = match (signal.in_trace, signal.read_in) {
            (_, Some(read_in)) => read_in <= self.read,
            (Some(InTrace::Late), None) => match signal.generation {
                Some(generation) => generation <= self.generations,
                None => signal.trace.is_none_or(|number| number < self.traces),
            },
            _ => true,
        };
        let is_late = signal.in_profile == Some(InProfile::Late);
        let is_over = || signal.profile.is_none_or(|number| number < self.profiles);
        in_trace && (!is_late || is_over())
    }
}

impl Signals {
    /// The number that the next one gets.
    pub(crate) fn next(&self) -> usize {
        self.first + self.held.len()
    }

    /// How many are held.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn push(&mut self, signal: Signal) {
        self.held.push_back(signal);
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Signal> {
        self.held.get_mut(number.checked_sub(self.first)?)
    }

    pub(crate) fn last_mut(&mut self) -> Option<&mut Signal> {
        self.held.back_mut()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Signal> {
        self.held.iter_mut()
    }

    /// Takes the first one if its fate is settled.
    pub(crate) fn next_settled(&mut self, over: &Over) -> Option<Signal> {
        if !over.is_settled(self.held.front()?) {
            return None;
        }
        self.first += 1;
        self.held.pop_front()
    }

    /// Takes all that are held.
    pub(crate) fn take(&mut self) -> Vec<Signal> {
        self.first += self.held.len();
        std::mem::take(&mut self.held).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Timer;

    fn handled(in_trace: InTrace, in_profile: InProfile) -> Signal {
        Signal {
            ns: 1,
            ticks: 1,
            timer: Timer::Thread,
            m: 0,
            p: None,
            g: 0,
            stack: 0,
            labels: None,
            fate: Fate::Handled,
            trace: Some(0),
            profile: Some(0),
            in_trace: Some(in_trace),
            in_profile: Some(in_profile),
            thread: None,
            generation: None,
            read_in: None,
        }
    }

    fn is_out(signal: &Signal, over: Over) -> bool {
        let mut signals = Signals::default();
        signals.push(signal.clone());
        let is_out = signals.next_settled(&over).is_some();
        assert_eq!(signals.held() == 0, is_out);
        is_out
    }

    /// Guards S20.14.
    #[test]
    fn a_signal_goes_out_when_nothing_more_can_become_of_it() {
        let nothing = Over::default();
        let delivered = handled(InTrace::Delivered, InProfile::Delivered);
        assert!(is_out(&delivered, nothing));
        let late = handled(InTrace::Delivered, InProfile::Late);
        assert!(!is_out(&late, nothing));
        let profiles = Over {
            profiles: 1,
            ..nothing
        };
        assert!(is_out(&late, profiles));
        let late = handled(InTrace::Late, InProfile::Delivered);
        assert!(!is_out(&late, profiles));
        assert!(is_out(
            &late,
            Over {
                traces: 1,
                ..nothing
            }
        ));
        let in_generation = Signal {
            generation: Some(3),
            ..late
        };
        let stopped = |generations| Over {
            generations,
            traces: 9,
            ..nothing
        };
        assert!(!is_out(&in_generation, stopped(2)));
        assert!(is_out(&in_generation, stopped(3)));
        let read = Signal {
            read_in: Some(5),
            in_trace: Some(InTrace::Leaked),
            ..in_generation
        };
        assert!(!is_out(
            &read,
            Over {
                read: 4,
                ..stopped(3)
            }
        ));
        assert!(is_out(
            &read,
            Over {
                read: 5,
                ..stopped(3)
            }
        ));
    }

    /// Guards S20.14.
    #[test]
    fn signals_go_out_in_their_order_and_keep_their_numbers() {
        let mut signals = Signals::default();
        signals.push(handled(InTrace::Delivered, InProfile::Delivered));
        signals.push(handled(InTrace::Late, InProfile::Delivered));
        signals.push(handled(InTrace::Delivered, InProfile::Delivered));
        let over = Over::default();
        assert!(signals.next_settled(&over).is_some());
        assert!(signals.next_settled(&over).is_none());
        assert_eq!((signals.next(), signals.held()), (3, 2));
        assert!(signals.get_mut(0).is_none());
        signals.get_mut(1).unwrap().in_trace = Some(InTrace::Delivered);
        assert!(signals.next_settled(&over).is_some());
        assert_eq!(signals.take().len(), 1);
        assert_eq!((signals.next(), signals.held()), (3, 0));
    }
}
