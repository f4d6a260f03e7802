//! Lanes to one stream: every event after those that it depends on, and among
//! those that may come next the earliest.
//!
//! The clocks of CPUs may disagree, so times alone do not order a trace. Each
//! goroutine has a state, a sequence number and a status; an event waits at the
//! head of its lane until its goroutine's state is the one that the event starts
//! from. Go looks at every lane for every event; here a lane that has to wait is
//! filed under the state that it waits for, and comes back when that is reached.
//!
//! Source: Go `internal/trace/order.go`, `order1007` (R62; ties: S4).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::vec::IntoIter;

use sigprof_model::events::EventType;

use super::{Status, blocks, inconsistent};
use crate::error::InputError;
use crate::trace::{Event, Place};

/// Merges the lanes and puts the samples among them. Times are ticks.
pub(super) fn order(
    lanes: BTreeMap<Place, Vec<Event>>,
    mut samples: Vec<Event>,
) -> Result<Vec<Event>, InputError> {
    // Samples stand in the file in the order in which their handlers got the lock,
    // with the time before they waited for it (R30).
    samples.sort_by_key(|e| e.time);
    let lanes: Vec<_> = lanes.into_values().chain([samples]).collect();
    let mut events = Merge::new(lanes).run()?;
    check_time(&events)?;
    retime_syscall_exits(&mut events)?;
    events.sort_by_key(|e| e.time);
    Ok(events)
}

/// Times must agree with the order that the states give.
fn check_time(events: &[Event]) -> Result<(), InputError> {
    let pairs = events.iter().zip(events.iter().skip(1));
    for (before, event) in pairs {
        if event.time < before.time {
            let want = format!(
                "a time not before tick {} of the {} at {:#x}, which must come first",
                before.time,
                before.event_type.name(),
                before.offset,
            );
            return Err(inconsistent(event, want, format!("tick {}", event.time)).with_context(
                "Go reports this as \"time stamps out of order\"; clocks of CPUs that disagree do this",
            ));
        }
    }
    Ok(())
}

/// A `GoSysExit` is written when its thread has a P again, and says when it really
/// came out of the system call.
fn retime_syscall_exits(events: &mut [Event]) -> Result<(), InputError> {
    let mut blocked = HashMap::new();
    for event in events {
        match event.event_type {
            EventType::GoSysBlock | EventType::GoInSyscall => {
                blocked.insert(event.goroutine, event.time);
            }
            EventType::GoSysExit if event.args[2] != 0 => {
                let exit = event.args[2].cast_signed();
                // Go takes a block at tick 0 for none.
                let block = blocked.get(&event.goroutine).copied().filter(|&t| t != 0);
                let Some(block) = block else {
                    return Err(inconsistent(event, "a GoSysBlock before it", "none"));
                };
                if exit < block {
                    let want = format!("a time not before its GoSysBlock at tick {block}");
                    return Err(inconsistent(event, want, format!("tick {exit}"))
                        .with_context("Go reports this as \"time stamps out of order\""));
                }
                event.time = exit;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whose state an event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Goroutine(u64),
    Gc,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    seq: u64,
    status: Status,
}

/// How an event changes the sequence number.
#[derive(Clone, Copy, Debug)]
enum Next {
    Seq(u64),
    Same,
    Increment,
}

/// What an event needs and what it makes of it.
#[derive(Clone, Copy, Debug)]
struct Transition {
    subject: Subject,
    /// `None`: on the P of the event that it depends on, so the number does not matter.
    from_seq: Option<u64>,
    from: Status,
    to_seq: Next,
    to: Status,
}

impl Transition {
    /// That of an event; `None` if it may come at any time.
    fn of(event: &Event) -> Option<Self> {
        use EventType as E;
        use Status::{Dead, Runnable, Running, Waiting};
        let [first, second, _] = event.args;
        let own = event.goroutine_or_zero();
        let next = second.wrapping_add(1);
        let go = |g, from_seq, from, to_seq, to| {
            Some(Self {
                subject: Subject::Goroutine(g),
                from_seq,
                from,
                to_seq,
                to,
            })
        };
        match event.event_type {
            E::GoCreate => go(first, Some(0), Dead, Next::Seq(1), Runnable),
            E::GoWaiting | E::GoInSyscall => go(own, Some(1), Runnable, Next::Seq(2), Waiting),
            E::GoStart | E::GoStartLabel => {
                go(own, Some(second), Runnable, Next::Seq(next), Running)
            }
            E::GoStartLocal => go(own, None, Runnable, Next::Increment, Running),
            E::GoSysBlock => go(own, None, Running, Next::Same, Waiting),
            other if blocks(other) => go(own, None, Running, Next::Same, Waiting),
            E::GoSched | E::GoPreempt => go(own, None, Running, Next::Same, Runnable),
            E::GoUnblock | E::GoSysExit => {
                go(first, Some(second), Waiting, Next::Seq(next), Runnable)
            }
            E::GoUnblockLocal | E::GoSysExitLocal => {
                go(first, None, Waiting, Next::Increment, Runnable)
            }
            E::GCStart => Some(Self {
                subject: Subject::Gc,
                from_seq: Some(first),
                from: Dead,
                to_seq: Next::Seq(first.wrapping_add(1)),
                to: Dead,
            }),
            _ => None,
        }
    }

    fn is_ready(&self, state: State) -> bool {
        self.from == state.status && self.from_seq.is_none_or(|seq| seq == state.seq)
    }

    fn apply(&self, state: State) -> State {
        State {
            seq: match self.to_seq {
                Next::Seq(seq) => seq,
                Next::Same => state.seq,
                Next::Increment => state.seq.wrapping_add(1),
            },
            status: self.to,
        }
    }
}

/// The state that a lane waits for.
type Wanted = (Subject, Option<u64>, Status);

struct Lane {
    rest: IntoIter<Event>,
    head: Option<(Event, Option<Transition>)>,
}

struct Merge {
    lanes: Vec<Lane>,
    states: HashMap<Subject, State>,
    /// Lanes whose head may come next, the earliest on top, the lower lane first
    /// among equals.
    ready: BinaryHeap<Reverse<(i64, usize)>>,
    waiting: HashMap<Wanted, Vec<usize>>,
}

impl Merge {
    fn new(lanes: Vec<Vec<Event>>) -> Self {
        let lane = |events: Vec<Event>| Lane {
            rest: events.into_iter(),
            head: None,
        };
        let mut merge = Self {
            lanes: lanes.into_iter().map(lane).collect(),
            states: HashMap::new(),
            ready: BinaryHeap::new(),
            waiting: HashMap::new(),
        };
        for lane in 0..merge.lanes.len() {
            merge.advance(lane);
        }
        merge
    }

    fn run(mut self) -> Result<Vec<Event>, InputError> {
        let total = self.lanes.iter().map(|l| l.rest.len() + 1).sum();
        let mut events = Vec::with_capacity(total);
        while let Some(Reverse((_, lane))) = self.ready.pop() {
            let Some((mut event, transition)) = self.lanes[lane].head.take() else {
                continue;
            };
            if let Some(transition) = transition {
                self.transit(&event, transition)?;
            }
            // The local types only help to order.
            event.event_type = match event.event_type {
                EventType::GoStartLocal => EventType::GoStart,
                EventType::GoUnblockLocal => EventType::GoUnblock,
                EventType::GoSysExitLocal => EventType::GoSysExit,
                other => other,
            };
            events.push(event);
            self.advance(lane);
        }
        match self.lanes.iter().find_map(|l| l.head.as_ref()) {
            None => Ok(events),
            Some(stuck) => Err(self.no_order(stuck)),
        }
    }

    /// Puts the next event at the head of a lane, among the ready or the waiting.
    fn advance(&mut self, lane: usize) {
        let Some(event) = self.lanes[lane].rest.next() else {
            return;
        };
        let transition = Transition::of(&event);
        let time = event.time;
        self.lanes[lane].head = Some((event, transition));
        match transition {
            Some(t) if !t.is_ready(self.state(t.subject)) => {
                let wanted = (t.subject, t.from_seq, t.from);
                self.waiting.entry(wanted).or_default().push(lane);
            }
            _ => self.ready.push(Reverse((time, lane))),
        }
    }

    /// Changes the state, and wakes the lanes that waited for it.
    fn transit(&mut self, event: &Event, transition: Transition) -> Result<(), InputError> {
        let subject = transition.subject;
        let state = self.state(subject);
        if !transition.is_ready(state) {
            // Two lanes wanted the same state; Go panics here (S5).
            return Err(self
                .conflict(event, transition)
                .with_context("two Ps claim it; Go's reader panics on this"));
        }
        let next = transition.apply(state);
        self.states.insert(subject, next);
        let wanted = |seq| (subject, seq, next.status);
        for wanted in [wanted(Some(next.seq)), wanted(None)] {
            for lane in self.waiting.remove(&wanted).unwrap_or_default() {
                if let Some((event, _)) = &self.lanes[lane].head {
                    self.ready.push(Reverse((event.time, lane)));
                }
            }
        }
        Ok(())
    }

    fn state(&self, subject: Subject) -> State {
        self.states.get(&subject).copied().unwrap_or_default()
    }

    fn no_order(&self, (event, transition): &(Event, Option<Transition>)) -> InputError {
        let error = match transition {
            Some(transition) => self.conflict(event, *transition),
            None => inconsistent(event, "its turn", "none"),
        };
        error.with_context("Go reports this as \"no consistent ordering of events possible\"")
    }

    fn conflict(&self, event: &Event, transition: Transition) -> InputError {
        let State { seq, status } = self.state(transition.subject);
        let from = transition.from;
        match (transition.subject, transition.from_seq) {
            (Subject::Goroutine(0), None) if event.goroutine.is_none() => {
                inconsistent(event, "a goroutine that runs on its P", "none")
            }
            (Subject::Goroutine(g), None) => inconsistent(
                event,
                format!("goroutine {g} {from:?}"),
                format!("{status:?}"),
            ),
            (Subject::Goroutine(g), Some(want_seq)) => inconsistent(
                event,
                format!("goroutine {g} {from:?} at sequence number {want_seq}"),
                format!("{status:?} at {seq}"),
            ),
            (Subject::Gc, got) => inconsistent(
                event,
                format!("GC cycle {seq}, the next one"),
                format!("cycle {}", got.unwrap_or_default()),
            ),
        }
    }
}
