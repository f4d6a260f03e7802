//! Every mistake, with the cases that are there because of it.

use super::does;
use super::{Does, Mistake};

/// Makes the rows: a name, what goes wrong, where it is made, and the cases that must notice it.
macro_rules! mistakes {
    ($($name:literal: $about:literal, $does:expr, $cases:expr;)*) => {
        /// Mistakes of samples first, then of events and profiles, then of what is refused.
        pub const CATALOGUE: &[Mistake] = &[$(Mistake {
            name: $name,
            about: $about,
            cases: &$cases,
            does: $does,
        }),*];
    };
}

mistakes! {
    "names-latin-1": "names are read as Latin-1",
        Does::Names(does::latin_1),
        ["valid/stacks/names-go1.19", "valid/stacks/names-go1.22"];
    "names-utf-8-alone": "a trace with a name that is no UTF-8 is refused",
        Does::Names(does::utf_8_alone),
        ["valid/stacks/names-go1.19", "valid/stacks/names-go1.22"];
    "names-shortened": "bytes of a name that are no UTF-8 are left out",
        Does::Names(does::without_bad_bytes),
        ["valid/stacks/names-go1.19", "valid/stacks/names-go1.22"];
    "first-definition": "of two definitions of an id the first is taken",
        Does::FirstDefinition,
        ["valid/stacks/defined-twice-go1.19", "valid/generations/ids-again-go1.22"];
    "no-stack-dropped": "samples without a stack are left out",
        Does::Samples(does::without_stackless),
        ["valid/stacks/none-go1.19", "valid/stacks/none-go1.22"];
    "equal-merged": "samples that are equal are taken for one",
        Does::Samples(does::merged),
        ["valid/order/equal-samples-go1.19", "valid/order/equal-samples-go1.22"];
    "times-by-integers": "ticks become nanoseconds by a product and a quotient of integers",
        Does::Samples(does::by_integers),
        ["valid/order/odd-ticks-go1.19", "valid/order/odd-ticks-go1.22"];
    "times-single-precision": "times go through 32-bit floats",
        Does::Samples(does::single_precision),
        ["valid/basics/tiny", "valid/basics/hog-go1.27"];
    "times-in-microseconds": "times are cut off to microseconds",
        Does::Samples(does::microseconds),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "times-when-written": "a sample of v1 has the time at which the tracer wrote it down",
        Does::Samples(does::when_logged),
        ["valid/basics/hog"];
    "times-from-the-first": "times of v2 count from the first sample",
        Does::Samples(does::since_the_first),
        ["valid/basics/hog-go1.27"];
    "stacks-root-first": "stacks are root first",
        Does::Samples(does::root_first),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "stacks-leaf-alone": "stacks have their leaf alone",
        Does::Samples(does::leaf_alone),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "stacks-32-frames": "stacks have at most 32 frames",
        Does::Samples(does::shallow),
        ["valid/stacks/deep-go1.19"];
    "stacks-without-goexit": "frames of runtime.goexit are left out",
        Does::Samples(does::without_goexit),
        ["valid/basics/hog"];
    "no-p-is-0": "a sample without a P is taken for one of P 0",
        Does::Samples(does::p_zero),
        ["valid/attribution/no-p-g-zero-go1.19", "valid/attribution/threads-go1.27"];
    "no-p-dropped": "samples without a P are left out",
        Does::Samples(does::without_p_less),
        ["valid/attribution/no-p-g-zero-go1.19", "valid/attribution/threads-go1.27"];
    "no-goroutine-is-0": "a sample of no goroutine has the goroutine 0, which there is not",
        Does::Samples(does::g_zero),
        ["valid/attribution/p-zero-g-zero-go1.19"];
    "no-goroutine-dropped": "samples of no goroutine are left out",
        Does::Samples(does::without_g_less),
        ["valid/attribution/p-zero-g-zero-go1.19"];
    "thread-left-out": "samples of v2 have no thread",
        Does::Samples(does::without_m),
        ["valid/attribution/threads-go1.27"];
    "generations-by-place": "generations are counted from 1, whatever number they have",
        Does::Samples(does::generations_by_place),
        ["valid/generations/second-go1.27"];
    "first-generation-alone": "samples of later generations are left out",
        Does::Samples(does::first_generation),
        ["valid/generations/ids-again-go1.22", "valid/generations/tasks-go1.27"];
    "count-without-samples": "CPU samples are not counted as events",
        Does::Count(does::without_samples),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "count-one-more": "what is no event is counted as one",
        Does::Count(does::one_more),
        ["valid/basics/tiny", "valid/basics/modern-go1.27"];
    "cut-refused": "a trace of a program that never called Stop is refused",
        Does::Refuses(does::is_cut),
        ["valid/cut/never-stopped-go1.27"];
    "late-refused": "a trace whose first generation is not number 1 is refused",
        Does::Refuses(does::begins_late),
        ["valid/recorder/beside-go1.27", "valid/generations/second-go1.22"];
    "events-not-ordered": "events come batch by batch, as they stand in the file",
        Does::Events(does::in_file_order),
        ["valid/basics/busy", "valid/basics/modern-go1.22"];
    "events-samples-last": "CPU samples come behind all other events",
        Does::Events(does::samples_last),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "events-without-samples": "CPU samples are left out",
        Does::Events(does::samples_left_out),
        ["valid/basics/hog", "valid/basics/hog-go1.27"];
    "events-goroutine-after": "an event has the goroutine that runs after it",
        Does::Events(does::goroutine_after),
        ["valid/basics/busy", "valid/basics/modern-go1.27"];
    "events-last-generation": "the last generation is left out",
        Does::Events(does::last_generation_lost),
        ["valid/basics/modern-go1.27", "valid/cut/never-stopped-go1.27"];
    "profile-without-labels": "labels are left out",
        Does::Profile(does::without_labels),
        ["valid/basics/busy"];
    "profile-counts-of-one": "each sample counts once",
        Does::Profile(does::counts_of_one),
        ["valid/basics/hog"];
    "profile-nanoseconds": "nanoseconds are taken for counts",
        Does::Profile(does::nanoseconds),
        ["valid/basics/hog"];
    "profile-root-first": "stacks are root first",
        Does::Profile(does::profile_root_first),
        ["valid/basics/hog"];
    "accepts-any-header": "headers are not looked at",
        Does::Accepts("header"),
        ["invalid/header/go-1.20", "invalid/header/go-1.24"];
    "accepts-any-wire": "bytes that are no events are passed over",
        Does::Accepts("wire"),
        ["invalid/wire/event-zero", "invalid/wire/event-zero-go1.22"];
    "accepts-any-table": "tables are taken as they come",
        Does::Accepts("tables"),
        ["invalid/tables/string-twice", "invalid/tables/string-twice-go1.22"];
    "accepts-any-generation": "generations may begin and end anywhere",
        Does::Accepts("generations"),
        ["invalid/generations/number-back-go1.22"];
    "accepts-any-order": "sequence numbers are not looked at",
        Does::Accepts("order"),
        ["invalid/order/wrong-sequence", "invalid/order/wrong-sequence-go1.22"];
    "accepts-any-state": "events that cannot have happened are taken as they come",
        Does::Accepts("states"),
        ["invalid/states/stw-twice", "invalid/states/create-twice-go1.22"];
    "accepts-any-task": "tasks and regions are not looked at",
        Does::Accepts("user"),
        ["invalid/user/task-twice", "invalid/user/task-twice-go1.22"];
}
