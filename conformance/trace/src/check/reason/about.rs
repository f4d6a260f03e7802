//! All that is said of each reason.

use super::super::narrow::Judged;
use super::super::report::Report;
use super::super::verdict::Verdict;
use super::super::words::{matched, missing, selection, surplus};
use super::Reason;
use super::facts::{
    after_overflow, before, fewer, gap, no_trace_samples, other_time, profile_ring, ran_together,
    ring, ring_wrap, was_busy, window,
};
use crate::shown::{are, counted};

/// All that is said of a reason.
pub(super) struct About {
    /// The word for it in JSON and in the table.
    pub(super) word: &'static str,
    /// The verdict on the pair in one sentence.
    pub(super) sentence: fn(&Report) -> String,
    /// The facts that the bytes show, a paragraph each.
    pub(super) why: fn(&Report) -> Vec<String>,
    /// Advice, a paragraph each.
    pub(super) advice: fn(&Report) -> Vec<String>,
}

const RING_CAPACITY: About = About {
    word: "ring-capacity",
    sentence: |r| format!("lost: the ring's capacity was reached; {}", missing(r)),
    why: ring,
    advice: after_overflow,
};

const RING_WRAP: About = About {
    word: "ring-wrap",
    sentence: |r| {
        format!(
            "lost: the tracer's ring wrapped before its last drain; {}",
            missing(r)
        )
    },
    why: ring_wrap,
    advice: |_| {
        one(
            "Trust the profile for totals. To lose none: stop the trace when the program is idle, or take \
             several short ones: a ring wraps after 131,072 words, some 1,900 samples with deep stacks.",
        )
    },
};

const GAP: About = About {
    word: "gap",
    sentence: |r| {
        format!(
            "lost: for a while no sample came, though goroutines ran; {}",
            missing(r)
        )
    },
    why: gap,
    advice: |_| {
        one(
            "Trust the profile for totals. If the program stops and starts profiles itself, or calls \
             runtime.SetCPUProfileRate, the profiler may have been off; if not, this is a bug in what \
             produced the trace.",
        )
    },
};

const DAMAGED: About = About {
    word: "damaged",
    sentence: |r| {
        format!(
            "cannot tell: the trace could not be read whole; {}",
            differences(r)
        )
    },
    why: |r| r.damage.clone(),
    advice: |_| {
        one(
            "What was read is compared; what is missing may be in the part that is gone. Take the pair \
             again, and stop the trace before the program ends.",
        )
    },
};

const FEWER: About = About {
    word: "fewer",
    sentence: |r| {
        format!(
            "cannot tell: the trace has fewer samples than were to be expected; {}",
            missing(r)
        )
    },
    why: fewer,
    advice: |r| {
        if ran_together(r) {
            return one(
                "Trust the profile for totals, and do not take the trace for whole. Take the pair again while the \
                 machine is idle: if as many are missing then, samples are lost between the signal and the file, \
                 by Go or by a tool that rewrote the trace.",
            );
        }
        one(SAME_WINDOW)
    },
};

const OTHER_TIME: About = About {
    word: "other-time",
    sentence: |r| match r.verdict {
        Verdict::NoOverlap => {
            "no overlap: the profile is of another time than the trace".to_owned()
        }
        _ => format!(
            "cannot tell: the two look like different times of the same program; {}, and {}",
            missing(r),
            surplus(r)
        ),
    },
    why: other_time,
    advice: |_| one(SAME_WINDOW),
};

const BEFORE: About = About {
    word: "before",
    sentence: |r| {
        format!(
            "no overlap: the profile's {} {} of before it began, and the trace has none",
            counted(r.profile_samples, "sample"),
            are(r.profile_samples)
        )
    },
    why: before,
    advice: |_| {
        one(
            "Do not call runtime.SetCPUProfileRate: after it, StartCPUProfile returns no error, gives \
             the samples of before, and the profiler may be off (golang/go#40094).",
        )
    },
};

const TOO_FEW: About = About {
    word: "too-few",
    sentence: |_| "cannot tell: there was time for too few samples".to_owned(),
    why: |_| Vec::new(),
    advice: |_| one("Take the trace for a longer time, or while the program works."),
};

const WINDOW: About = About {
    word: "window",
    sentence: |r| {
        let (is_missing, is_surplus) = differs(r);
        let longer = match (is_missing, is_surplus) {
            (true, true) => "trace and profile ran at different times",
            (false, true) => "the trace ran longer than the profile",
            _ => "the profile ran longer than the trace",
        };
        format!(
            "consistent: {longer}; {}, and there is room for them; nothing that can be seen is lost",
            differences(r)
        )
    },
    why: window,
    advice: |r| {
        let mut lines = one(
            "To compare to the last sample, start the profile just before the trace, and stop it just \
             after.",
        );
        if r.narrow == Default::default() {
            lines.extend(one(
                "Set a label and a region around work that does not start goroutines (pprof.Do, \
                 trace.WithRegion), and check with --label and --region.",
            ));
        }
        lines
    },
};

const SHIFT: About = About {
    word: "shift",
    sentence: |r| {
        format!(
            "consistent: the profile may have begun before the trace, or ended after it; {}, and there is \
             room for them; nothing that can be seen is lost",
            differences(r)
        )
    },
    // As of a window, which is told in its place.
    why: window,
    advice: |_| {
        one(
            "Start the profile before the trace and stop it after, so that the one encloses the other: a \
             pair that does not cannot be judged.",
        )
    },
};

const UNKNOWN_WINDOW: About = About {
    word: "unknown-window",
    sentence: |r| {
        let samples = differences(r);
        format!("cannot tell: how long the profile ran is not known; {samples}")
    },
    why: |_| Vec::new(),
    advice: |_| one("Take the profile from a Go program that was stopped properly."),
};

const PROFILE_RING: About = About {
    word: "profile-ring",
    sentence: |r| match r.verdict {
        Verdict::Surplus => format!(
            "surplus: the profiler's own ring overflowed; {}",
            surplus(r)
        ),
        // The counts agree, and yet samples are missing.
        _ => {
            let samples = match r.on_neither_side {
                1 => "1 sample that it lost is".to_owned(),
                n => format!("up to {n} samples that it lost are"),
            };
            format!(
                "lost: the profiler's own ring overflowed; {samples} on neither side, though the rest agrees"
            )
        }
    },
    why: profile_ring,
    advice: |r| {
        one(match r.verdict {
            Verdict::Surplus if r.on_neither_side > 0 => {
                "Trust the trace for these stacks, but neither side is whole; lower the profiling rate."
            }
            Verdict::Surplus => "Trust the trace for these stacks; lower the profiling rate.",
            _ => {
                "Neither side is whole: trust what both have, and no totals. Lower the profiling rate."
            }
        })
    },
};

const OLD_FORMAT: About = About {
    word: "old-format",
    sentence: |_| "no overlap: traces from before Go 1.19 have no CPU samples".to_owned(),
    why: |_| Vec::new(),
    advice: |_| one("Take the trace with Go 1.19 or later."),
};

const NO_TRACE_SAMPLES: About = About {
    word: "no-trace-samples",
    sentence: |r| {
        let n = r.profile_samples;
        format!("no overlap: the trace has no sample, the profile {n}")
    },
    why: no_trace_samples,
    advice: |r| {
        let mut lines = one(SAME_RUN);
        if was_busy(r) {
            lines.push(
                "If StartCPUProfile was called before, and returned no error: a call of \
                 runtime.SetCPUProfileRate ahead of it leaves the profiler off, and the profile has the \
                 samples of before (golang/go#40094)."
                    .to_owned(),
            );
        }
        lines
    },
};

const NO_PROFILE_SAMPLES: About = About {
    word: "no-profile-samples",
    sentence: |r| {
        let n = r.trace_samples;
        format!("no overlap: the profile has no sample, the trace {n}")
    },
    why: |_| one("The trace's samples come from another profile than this one."),
    advice: |_| one(SAME_RUN),
};

const NO_COMMON_STACK: About = About {
    word: "no-common-stack",
    sentence: |r| {
        let (trace, profile) = (r.trace_samples, r.profile_samples);
        format!(
            "no overlap: not one stack occurs on both sides (trace {}, profile {profile})",
            counted(trace, "sample")
        )
    },
    why: |_| {
        one("The two come from different runs or times, or one was symbolised from another binary.")
    },
    advice: |_| one(SAME_RUN),
};

const OUTSIDE_SELECTION: About = About {
    word: "outside-selection",
    sentence: |r| {
        format!(
            "lost: the trace has the samples, but not {}; {} as narrowed",
            selection(r),
            missing(r)
        )
    },
    why: |_| {
        one(
            "Goroutines inherit labels from the one that starts them, but not its regions: labelled \
             work may run in other goroutines than the one that was looked at.",
        )
    },
    advice: |_| {
        one(
            "Narrow the trace to all goroutines that do the work, or leave out --goroutine and --region.",
        )
    },
};

const NARROWING: About = About {
    word: "narrowing",
    // It is never the reason for the pair's verdict.
    sentence: matched,
    why: |r| {
        one(match r.judged {
            Judged::TraceAtLeast => {
                "Only the profile knows labels, so more samples in the trace are no fault \
                 (verdict consistent below)."
            }
            _ => {
                "Only the trace knows goroutines and regions, so more samples in the profile are \
                 no fault (verdict consistent below)."
            }
        })
    },
    advice: |_| Vec::new(),
};

/// Whether samples are missing, and whether there are too many, where that counts.
fn differs(r: &Report) -> (bool, bool) {
    let (at_most, at_least) = (Judged::TraceAtMost, Judged::TraceAtLeast);
    (
        r.missing > 0 && r.judged != at_most,
        r.surplus > 0 && r.judged != at_least,
    )
}

/// The differences that count.
fn differences(r: &Report) -> String {
    match differs(r) {
        (true, true) => format!("{}, and {}", missing(r), surplus(r)),
        (false, true) => surplus(r),
        _ => missing(r),
    }
}

/// Advice where the windows say too little.
const SAME_WINDOW: &str = "Take both at the same time: start the profile just before the trace, and stop it just \
    after; of a server, ask for /debug/pprof/trace and /debug/pprof/profile at once, with the same seconds.";

/// Advice where nothing is in common.
const SAME_RUN: &str = "Start the profile before the trace and stop it after, in the same run.";

impl Reason {
    /// All that is said of it.
    pub(super) const fn about(self) -> &'static About {
        match self {
            Self::RingCapacity => &RING_CAPACITY,
            Self::RingWrap => &RING_WRAP,
            Self::Gap => &GAP,
            Self::Damaged => &DAMAGED,
            Self::Fewer => &FEWER,
            Self::OtherTime => &OTHER_TIME,
            Self::Before => &BEFORE,
            Self::TooFew => &TOO_FEW,
            Self::Window => &WINDOW,
            Self::Shift => &SHIFT,
            Self::UnknownWindow => &UNKNOWN_WINDOW,
            Self::ProfileRing => &PROFILE_RING,
            Self::OldFormat => &OLD_FORMAT,
            Self::NoTraceSamples => &NO_TRACE_SAMPLES,
            Self::NoProfileSamples => &NO_PROFILE_SAMPLES,
            Self::NoCommonStack => &NO_COMMON_STACK,
            Self::OutsideSelection => &OUTSIDE_SELECTION,
            Self::Narrowing => &NARROWING,
        }
    }
}

fn one(line: &str) -> Vec<String> {
    vec![line.to_owned()]
}
