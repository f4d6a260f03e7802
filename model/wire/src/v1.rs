//! The event types of the v1 trace format (Go 1.5 to 1.21): numbers, names and
//! arguments, no logic.
//!
//! Source: Go `internal/trace/parser.go`, `EventDescriptions`, and
//! `runtime/trace.go` (R38 to R42, R60).
//!
//! One event on the wire, from [`FormatVersion::GO_1_7`] on:
//!
//! ```text
//!  7 6 5         0
//! +---+-----------+  +--------+  +-- - - --+  +-- - - --+     +-- - - --+
//! | n |   type    |  | length |  | tick    |  | arg 0   | ... | stack   |
//! +---+-----------+  +--------+  | delta   |  +-- - - --+     +-- - - --+
//!                    n = 3 only  +-- - - --+
//! ```
//!
//! `n` counts the varints that follow, less one; with `n` = 3 the length of what
//! follows, in bytes, comes first. [`Batch`](EventType::Batch),
//! [`Frequency`](EventType::Frequency), [`Stack`](EventType::Stack),
//! [`TimerGoroutine`](EventType::TimerGoroutine) and [`String`](EventType::String)
//! have no tick delta.

use crate::FormatVersion;

/// The format's definition of an event type.
#[derive(Debug, PartialEq, Eq)]
pub struct EventSpec {
    /// The name, in Go 1.19's spelling.
    pub name: &'static str,
    /// The first format version that has it.
    pub since: FormatVersion,
    /// Names of the arguments, without the tick delta and the stack.
    pub args: &'static [&'static str],
    /// Names of the string arguments, which arguments or trailing bytes give.
    pub strings: &'static [&'static str],
    /// Whether a stack id is the last argument.
    pub has_stack: bool,
}

macro_rules! event_types {
    ($($(#[$doc:meta])* $number:literal $name:ident $since:ident $stack:literal [$($arg:literal)*] [$($string:literal)*];)*) => {
        /// An event type of the v1 format; its number is the low six bits on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventType {
            $($(#[$doc])* $name = $number,)*
        }

        impl EventType {
            /// Every event type, in the order of their numbers, from 1 on.
            pub const ALL: [Self; 49] = [$(Self::$name,)*];

            /// The format's definition of this type.
            #[must_use]
            pub const fn spec(self) -> &'static EventSpec {
                const SPECS: [EventSpec; 49] = [$(EventSpec {
                    name: stringify!($name),
                    since: FormatVersion::$since,
                    args: &[$($arg),*],
                    strings: &[$($string),*],
                    has_stack: $stack,
                },)*];
                &SPECS[self as usize - 1]
            }
        }
    };
}

event_types! {
    /// A batch of events of one P begins.
    1 Batch GO_1_5 false ["p" "ticks"] [];
    /// Ticks of the trace clock in a second.
    2 Frequency GO_1_5 false ["freq"] [];
    /// A stack: id, count, then PC, function, file and line of each frame.
    3 Stack GO_1_5 false ["id" "siz"] [];
    /// The value of GOMAXPROCS.
    4 Gomaxprocs GO_1_5 true ["procs"] [];
    /// A P starts on an M.
    5 ProcStart GO_1_5 false ["thread"] [];
    /// A P stops.
    6 ProcStop GO_1_5 false [] [];
    /// A GC cycle starts.
    7 GCStart GO_1_5 true ["seq"] [];
    /// A GC cycle ends.
    8 GCDone GO_1_5 false [] [];
    /// The world stops (from Go 1.21 on for any reason, and named `STWStart`).
    9 GCSTWStart GO_1_5 false ["kindid"] ["kind"];
    /// The world starts again (from Go 1.21 on named `STWDone`).
    10 GCSTWDone GO_1_5 false [] [];
    /// A P starts to sweep.
    11 GCSweepStart GO_1_5 true [] [];
    /// A P ends its sweep: bytes swept, bytes reclaimed.
    12 GCSweepDone GO_1_5 false ["swept" "reclaimed"] [];
    /// A goroutine is created: its id, the stack it starts with.
    13 GoCreate GO_1_5 true ["g" "stack"] [];
    /// A goroutine starts to run.
    14 GoStart GO_1_5 false ["g" "seq"] [];
    /// A goroutine ends.
    15 GoEnd GO_1_5 false [] [];
    /// A goroutine stops for good, as in `select {}`.
    16 GoStop GO_1_5 true [] [];
    /// A goroutine calls `runtime.Gosched`.
    17 GoSched GO_1_5 true [] [];
    /// A goroutine is preempted.
    18 GoPreempt GO_1_5 true [] [];
    /// A goroutine sleeps.
    19 GoSleep GO_1_5 true [] [];
    /// A goroutine blocks.
    20 GoBlock GO_1_5 true [] [];
    /// A goroutine is made runnable.
    21 GoUnblock GO_1_5 true ["g" "seq"] [];
    /// A goroutine blocks on a channel send.
    22 GoBlockSend GO_1_5 true [] [];
    /// A goroutine blocks on a channel receive.
    23 GoBlockRecv GO_1_5 true [] [];
    /// A goroutine blocks in a select.
    24 GoBlockSelect GO_1_5 true [] [];
    /// A goroutine blocks on a mutex.
    25 GoBlockSync GO_1_5 true [] [];
    /// A goroutine blocks on a condition variable.
    26 GoBlockCond GO_1_5 true [] [];
    /// A goroutine blocks on the network.
    27 GoBlockNet GO_1_5 true [] [];
    /// A goroutine enters a system call.
    28 GoSysCall GO_1_5 true [] [];
    /// A goroutine leaves a system call that blocked; `ts` is when it did.
    29 GoSysExit GO_1_5 false ["g" "seq" "ts"] [];
    /// A system call blocks: its P is taken away.
    30 GoSysBlock GO_1_5 false [] [];
    /// A goroutine was blocked when the trace began.
    31 GoWaiting GO_1_5 false ["g"] [];
    /// A goroutine was in a system call when the trace began.
    32 GoInSyscall GO_1_5 false ["g"] [];
    /// Live bytes of the heap.
    33 HeapAlloc GO_1_5 false ["mem"] [];
    /// Bytes at which the next GC cycle should end.
    34 HeapGoal GO_1_5 false ["mem"] [];
    /// The id of a timer goroutine (until Go 1.13).
    35 TimerGoroutine GO_1_5 false ["g"] [];
    /// The last wake-up of this goroutine was for nothing.
    36 FutileWakeup GO_1_5 false [] [];
    /// A string: id, length, bytes.
    37 String GO_1_7 false [] [];
    /// `GoStart` on the P of the event before it: no sequence number needed.
    38 GoStartLocal GO_1_7 false ["g"] [];
    /// `GoUnblock` on the P of the event before it.
    39 GoUnblockLocal GO_1_7 true ["g"] [];
    /// `GoSysExit` on the P of the event before it.
    40 GoSysExitLocal GO_1_7 false ["g" "ts"] [];
    /// `GoStart` of a goroutine with a label, such as a GC worker.
    41 GoStartLabel GO_1_8 false ["g" "seq" "labelid"] ["label"];
    /// A goroutine blocks on a GC assist.
    42 GoBlockGC GO_1_8 true [] [];
    /// A goroutine starts to assist the GC.
    43 GCMarkAssistStart GO_1_9 true [] [];
    /// A goroutine ends its assist.
    44 GCMarkAssistDone GO_1_9 false [] [];
    /// A task begins (`trace.NewTask`).
    45 UserTaskCreate GO_1_11 true ["taskid" "pid" "typeid"] ["name"];
    /// A task ends (`Task.End`).
    46 UserTaskEnd GO_1_11 true ["taskid"] [];
    /// `trace.StartRegion` (mode 0) and `Region.End` (mode 1).
    47 UserRegion GO_1_11 true ["taskid" "mode" "typeid"] ["name"];
    /// `trace.Log`; its message follows the arguments as length and bytes.
    48 UserLog GO_1_11 true ["id" "keyid"] ["category" "message"];
    /// A sample of the CPU profiler: time, P and goroutine as the signal handler saw them.
    49 CPUSample GO_1_19 true ["ts" "p" "g"] [];
}

impl EventType {
    /// The type with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The name, in Go 1.19's spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.spec().name
    }
}

/// Why the world was stopped, by the `kindid` of a 1.10 to 1.19 trace's
/// [`GCSTWStart`](EventType::GCSTWStart).
pub const STW_KINDS_1_10: [&str; 2] = ["mark termination", "sweep termination"];

/// Why the world was stopped, by the `kindid` of a 1.21 trace; a number past the
/// end reads as the first (Go 1.21: `internal/trace/parser.go`,
/// `stwReasonStringsGo121`).
pub const STW_KINDS_1_21: [&str; 17] = [
    "unknown",
    "GC mark termination",
    "GC sweep termination",
    "write heap dump",
    "goroutine profile",
    "goroutine profile cleanup",
    "all goroutines stack trace",
    "read mem stats",
    "AllThreadsSyscall",
    "GOMAXPROCS",
    "start trace",
    "stop trace",
    "CountPagesInUse (test)",
    "ReadMetricsSlow (test)",
    "ReadMemStatsSlow (test)",
    "PageCachePagesLeaked (test)",
    "ResetDebugLog (test)",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_places_in_the_table() {
        for (at, event_type) in EventType::ALL.into_iter().enumerate() {
            assert_eq!(event_type as usize, at + 1);
            assert_eq!(EventType::from_number(event_type as u8), Some(event_type));
        }
    }

    #[test]
    fn numbers_without_a_type_have_none() {
        assert_eq!(EventType::from_number(0), None);
        assert_eq!(EventType::from_number(50), None);
        assert_eq!(EventType::from_number(63), None);
    }
}
