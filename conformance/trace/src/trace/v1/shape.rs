//! The shape of each event type on the wire of a version, and the state that it needs to come next.
//!
//! Source: Go `internal/trace/parser.go`, `argNum`; `order.go`, `stateTransition`
//! (R60.11 to R60.14, R62).

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::{Status, blocks};

/// Arguments of an event on the wire, clock and stack included (Go: `argNum`).
pub(super) fn arg_count(event_type: EventType, version: FormatVersion) -> usize {
    let spec = event_type.spec();
    let is_1_5 = version < FormatVersion::GO_1_7;
    let added_later = match event_type {
        EventType::GCSweepDone if version < FormatVersion::GO_1_9 => 2,
        EventType::GCSTWStart if version < FormatVersion::GO_1_10 => 1,
        EventType::GCStart | EventType::GoStart | EventType::GoUnblock if is_1_5 => 1,
        _ => 0,
    };
    // Those without a clock had an argument before 1.7 that nobody used; the others had a
    // sequence number before their tick delta.
    let clock = usize::from(!has_no_clock(event_type)) + usize::from(is_1_5);
    spec.args.len() + usize::from(spec.has_stack) + clock - added_later
}

/// Whether events of a type stand outside of time.
fn has_no_clock(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::Batch | EventType::Frequency | EventType::TimerGoroutine
    )
}

/// How to decode an event whose syntax has been checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// The type; none for a number that the version does not have.
    pub(super) event_type: Option<EventType>,
    /// Varints of an event that needs nothing but to be counted; 0 for all others.
    pub(super) plain: u8,
    /// Whether it belongs to a lane: not so tables, samples and what has no clock.
    pub(super) in_lane: bool,
    /// Arguments between clock and stack.
    pub(super) args: u8,
    pub(super) has_stack: bool,
}

/// The shapes of all types of a version, by number.
#[derive(Clone, Debug)]
pub(crate) struct Shapes(pub(crate) [Shape; 64]);

impl Shapes {
    pub(super) fn of(version: FormatVersion) -> Self {
        use EventType as E;
        let clock = if version < FormatVersion::GO_1_7 {
            2
        } else {
            1
        };
        let mut shapes = [Shape::default(); 64];
        for event_type in EventType::ALL {
            if event_type.spec().since > version {
                continue;
            }
            let has_table = matches!(event_type, E::Stack | E::String);
            let in_lane = !has_table && !has_no_clock(event_type) && event_type != E::CPUSample;
            let is_plain =
                in_lane && !matches!(event_type, E::GCSTWStart | E::GoSysExit | E::FutileWakeup);
            let has_stack = event_type.spec().has_stack;
            let count = arg_count(event_type, version);
            let args = count.saturating_sub(clock + usize::from(has_stack));
            let small = |n: usize| u8::try_from(n).unwrap_or(0);
            shapes[event_type as usize] = Shape {
                event_type: Some(event_type),
                plain: if is_plain { small(count) } else { 0 },
                in_lane,
                args: small(args),
                has_stack,
            };
        }
        Self(shapes)
    }
}

/// The one whose state an event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Nobody: it may come at any time.
    Nobody,
    /// The goroutine that it belongs to.
    Own,
    /// The goroutine that its first argument names.
    First,
    /// The garbage collector.
    Gc,
}

/// The state that an event needs, and the state that follows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) whose: Whose,
    pub(super) from: Status,
    pub(super) to: Status,
    /// Whether the sequence number must be the one that the event wants.
    pub(super) needs_seq: bool,
    /// Whether the sequence number goes up by one.
    pub(super) counts: bool,
}

impl Rule {
    /// The rule of a type (Go: `stateTransition`).
    pub(super) const fn of(event_type: EventType) -> Self {
        use EventType as E;
        use Status::{Dead, Runnable, Running, Waiting};
        const fn rule(whose: Whose, from: Status, to: Status, seq: (bool, bool)) -> Rule {
            Rule {
                whose,
                from,
                to,
                needs_seq: seq.0,
                counts: seq.1,
            }
        }
        const NUMBERED: (bool, bool) = (true, true);
        const LOCAL: (bool, bool) = (false, true);
        const SAME: (bool, bool) = (false, false);
        match event_type {
            E::GoCreate => rule(Whose::First, Dead, Runnable, NUMBERED),
            E::GoWaiting | E::GoInSyscall => rule(Whose::Own, Runnable, Waiting, NUMBERED),
            E::GoStart | E::GoStartLabel => rule(Whose::Own, Runnable, Running, NUMBERED),
            E::GoStartLocal => rule(Whose::Own, Runnable, Running, LOCAL),
            E::GoSysBlock => rule(Whose::Own, Running, Waiting, SAME),
            E::GoSched | E::GoPreempt => rule(Whose::Own, Running, Runnable, SAME),
            E::GoUnblock | E::GoSysExit => rule(Whose::First, Waiting, Runnable, NUMBERED),
            E::GoUnblockLocal | E::GoSysExitLocal => rule(Whose::First, Waiting, Runnable, LOCAL),
            E::GCStart => rule(Whose::Gc, Dead, Dead, NUMBERED),
            other if blocks(other) => rule(Whose::Own, Running, Waiting, SAME),
            _ => rule(Whose::Nobody, Dead, Dead, SAME),
        }
    }

    /// The sequence number that an event with these arguments wants.
    pub(super) fn wanted_seq(event_type: EventType, args: &[u64; 3]) -> u64 {
        use EventType as E;
        match event_type {
            E::GoWaiting | E::GoInSyscall => 1,
            E::GoStart | E::GoStartLabel | E::GoUnblock | E::GoSysExit => args[1],
            E::GCStart => args[0],
            _ => 0,
        }
    }
}

/// The rules of all types, by number.
pub(super) const RULES: [Rule; 50] = {
    let mut rules = [Rule::of(EventType::Batch); 50];
    let mut at = 0;
    while at < EventType::ALL.len() {
        let event_type = EventType::ALL[at];
        rules[event_type as usize] = Rule::of(event_type);
        at += 1;
    }
    rules
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards R60.13.
    #[test]
    fn arguments_came_with_the_versions() {
        let count =
            |event_type, versions: [FormatVersion; 4]| versions.map(|v| arg_count(event_type, v));
        use FormatVersion as V;
        let versions = [V::GO_1_5, V::GO_1_7, V::GO_1_9, V::GO_1_10];
        assert_eq!(count(EventType::Batch, versions), [3, 2, 2, 2]);
        assert_eq!(count(EventType::Frequency, versions), [2, 1, 1, 1]);
        assert_eq!(count(EventType::GoStart, versions), [3, 3, 3, 3]);
        assert_eq!(count(EventType::GoEnd, versions), [2, 1, 1, 1]);
        assert_eq!(count(EventType::GCSweepDone, versions), [2, 1, 3, 3]);
        assert_eq!(count(EventType::GCSTWStart, versions), [2, 1, 1, 2]);
        assert_eq!(count(EventType::GoSysExit, versions), [5, 4, 4, 4]);
    }
}
