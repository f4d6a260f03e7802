//! The table of event types.

/// The numbers that an event of a type is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name, as Go prints it.
    pub name: &'static str,
    /// The names of the arguments; those of timed events without their time.
    pub args: &'static [&'static str],
    /// Bit n is set if argument n is the id of a string.
    pub strings: u8,
    /// Bit n is set if argument n is the id of a stack.
    pub stacks: u8,
    /// The argument with the stack of whoever emitted the event.
    pub stack: Option<u8>,
    /// Whether it is an event with a time.
    pub is_timed: bool,
}

const fn ends_with(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    if text.len() < end.len() {
        return false;
    }
    let mut i = 0;
    while i < end.len() {
        if text[text.len() - end.len() + i] != end[i] {
            return false;
        }
        i += 1;
    }
    true
}

impl Spec {
    #[expect(clippy::cast_possible_truncation, reason = "there are at most four")]
    const fn new(name: &'static str, args: &'static [&'static str], is_timed: bool) -> Self {
        let (mut strings, mut stacks, mut stack) = (0, 0, None);
        let mut i = 0;
        while i < args.len() && is_timed {
            if ends_with(args[i], "_string") {
                strings |= 1 << i;
            }
            if ends_with(args[i], "stack") {
                stacks |= 1 << i;
                if args[i].len() == "stack".len() {
                    stack = Some(i as u8);
                }
            }
            i += 1;
        }
        Self {
            name,
            args,
            strings,
            stacks,
            stack,
            is_timed,
        }
    }
}

macro_rules! event_types {
    ($($number:literal $name:ident $is_timed:literal ($($arg:literal)*) $doc:literal;)*) => {
        /// The type of an event, by its number on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum EventType {
            $(#[doc = $doc] $name = $number,)*
        }

        impl EventType {
            /// Every type, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The numbers that an event of this type is made of.
            #[must_use]
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$name => {
                        const SPEC: Spec = Spec::new(stringify!($name), &[$($arg),*], $is_timed);
                        &SPEC
                    })*
                }
            }
        }
    };
}

event_types! {
    1 EventBatch false ("gen" "m" "time" "size") "The head of a batch.";
    2 Stacks false () "A batch of stacks begins.";
    3 Stack false ("id" "nframes") "A stack, with as many frames of four numbers.";
    4 Strings false () "A batch of strings begins.";
    5 String false ("id") "A string, with its length and bytes.";
    6 CPUSamples false () "A batch of CPU samples begins.";
    7 CPUSample false ("time" "m" "p" "g" "stack") "A CPU sample.";
    8 Frequency false ("freq") "Units of the trace clock in a second.";
    9 ProcsChange true ("procs_value" "stack") "How many Ps there are.";
    10 ProcStart true ("p" "p_seq") "A thread got a P.";
    11 ProcStop true () "A thread gave its P up.";
    12 ProcSteal true ("p" "p_seq" "m") "A thread took a P from another, which is in a system call.";
    13 ProcStatus true ("p" "pstatus") "The state of a P at its first use in a generation.";
    14 GoCreate true ("new_g" "new_stack" "stack") "A goroutine was made.";
    15 GoCreateSyscall true ("new_g") "A thread of C calls Go.";
    16 GoStart true ("g" "g_seq") "A goroutine goes on.";
    17 GoDestroy true () "A goroutine ended.";
    18 GoDestroySyscall true () "A call from C ended.";
    19 GoStop true ("reason_string" "stack") "A goroutine gave way.";
    20 GoBlock true ("reason_string" "stack") "A goroutine waits.";
    21 GoUnblock true ("g" "g_seq" "stack") "A goroutine was woken.";
    22 GoSyscallBegin true ("p_seq" "stack") "A system call begins.";
    23 GoSyscallEnd true () "A system call ended, and the P was kept.";
    24 GoSyscallEndBlocked true () "A system call ended, and the P was lost.";
    25 GoStatus true ("g" "m" "gstatus") "The state of a goroutine at its first use in a generation.";
    26 STWBegin true ("kind_string" "stack") "The world stops.";
    27 STWEnd true () "The world goes on.";
    28 GCActive true ("gc_seq") "A collection is under way.";
    29 GCBegin true ("gc_seq" "stack") "A collection begins to mark.";
    30 GCEnd true ("gc_seq") "A collection has marked.";
    31 GCSweepActive true ("p") "A P is sweeping.";
    32 GCSweepBegin true ("stack") "A P begins to sweep.";
    33 GCSweepEnd true ("swept_value" "reclaimed_value") "A P has swept.";
    34 GCMarkAssistActive true ("g") "A goroutine is helping to mark.";
    35 GCMarkAssistBegin true ("stack") "A goroutine begins to help to mark.";
    36 GCMarkAssistEnd true () "A goroutine has helped to mark.";
    37 HeapAlloc true ("heapalloc_value") "Bytes of the heap in use.";
    38 HeapGoal true ("heapgoal_value") "Bytes at which the next collection begins.";
    39 GoLabel true ("label_string") "A goroutine's label.";
    40 UserTaskBegin true ("task" "parent_task" "name_string" "stack") "A task begins.";
    41 UserTaskEnd true ("task" "stack") "A task ended.";
    42 UserRegionBegin true ("task" "name_string" "stack") "A region begins.";
    43 UserRegionEnd true ("task" "name_string" "stack") "A region ended.";
    44 UserLog true ("task" "key_string" "value_string" "stack") "A message.";
    45 GoSwitch true ("g" "g_seq") "A coroutine switches to another (from 1.23 on).";
    46 GoSwitchDestroy true ("g" "g_seq") "A coroutine switches to another and ends (1.23).";
    47 GoCreateBlocked true ("new_g" "new_stack" "stack") "A goroutine was made that waits (1.23).";
    48 GoStatusStack true ("g" "m" "gstatus" "stack") "A goroutine's state with its stack (1.23).";
    49 ExperimentalBatch false ("exp" "gen" "m" "time") "The head of a batch of an experiment (1.23).";
    50 Sync false () "A batch about clocks begins (1.25).";
    51 ClockSnapshot false ("dt" "mono" "sec" "nsec") "Several clocks read at once (1.25).";
    52 EndOfGeneration false () "A generation ends (1.26).";
    128 Span true ("id" "npages_value" "kindclass") "A span is there (1.23, as all that follow).";
    129 SpanAlloc true ("id" "npages_value" "kindclass") "A span was allocated.";
    130 SpanFree true ("id") "A span was freed.";
    131 HeapObject true ("id" "type") "An object is there.";
    132 HeapObjectAlloc true ("id" "type") "An object was allocated.";
    133 HeapObjectFree true ("id") "An object was freed.";
    134 GoroutineStack true ("id" "order") "A goroutine's stack is there.";
    135 GoroutineStackAlloc true ("id" "order") "A goroutine's stack was allocated.";
    136 GoroutineStackFree true ("id") "A goroutine's stack was freed.";
}

/// Every type by its number.
static BY_NUMBER: [Option<EventType>; 256] = {
    let mut table = [None; 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        table[EventType::ALL[i] as usize] = Some(EventType::ALL[i]);
        i += 1;
    }
    table
};

impl EventType {
    /// The type with a number, if there is one.
    #[inline]
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        BY_NUMBER[usize::from(number)]
    }

    /// The name, as Go prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Whether it belongs to an experiment.
    #[must_use]
    pub const fn is_experimental(self) -> bool {
        self as u8 >= Self::Span as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_leads_to_its_type() {
        for number in 0..=255 {
            let found = EventType::of(number);
            assert_eq!(
                found.is_some(),
                matches!(number, 1..=52 | 128..=136),
                "{number}"
            );
            assert!(found.is_none_or(|e| e as u8 == number));
        }
    }

    #[test]
    fn ids_of_strings_and_stacks_are_known_by_the_names() {
        let spec = EventType::GoCreate.spec();
        assert_eq!((spec.strings, spec.stacks, spec.stack), (0, 0b110, Some(2)));
        let spec = EventType::UserLog.spec();
        assert_eq!(
            (spec.strings, spec.stacks, spec.stack),
            (0b110, 0b1000, Some(3))
        );
        let spec = EventType::CPUSample.spec();
        assert_eq!((spec.is_timed, spec.stacks), (false, 0));
    }
}
