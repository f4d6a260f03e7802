//! The reasons for a difference. All that is said of one stands here, side by side: its word in
//! JSON, the verdict's sentence, why it is so, and what to do about it.

mod facts;

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::narrow::Judged;
use super::report::Report;
use super::verdict::Verdict;
use super::words::{matched, missing, selection, surplus};
use facts::{after_overflow, profile_ring, ring, ring_wrap, window};

/// Why counts differ. They are told in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The tracer's ring was full when it was drained.
    RingCapacity,
    /// A ring of a v2 tracer wrapped at the end: what came after the wrap never left it.
    RingWrap,
    /// One side ran longer, and the difference has room for the samples.
    Window,
    /// The profile may have run at another time than the trace, and that has room for
    /// the samples.
    Shift,
    /// A side does not say how long it ran.
    UnknownWindow,
    /// The profiler's own ring overflowed: it says so itself. The trace may have what was lost
    /// (`surplus`), or not (`lost`).
    ProfileRing,
    /// The trace's format has no CPU samples (before Go 1.19).
    OldFormat,
    /// The trace has no sample.
    NoTraceSamples,
    /// The profile has no sample.
    NoProfileSamples,
    /// Not one stack occurs on both sides.
    NoCommonStack,
    /// The trace has the samples, but not in the goroutine or the region looked at.
    OutsideSelection,
    /// Only a part of one side was looked at.
    Narrowing,
}

/// All that is said of a reason.
struct About {
    /// The word for it in JSON and in the table.
    word: &'static str,
    /// The verdict on the pair in one sentence.
    sentence: fn(&Report) -> String,
    /// The facts that the bytes show, a paragraph each.
    why: fn(&Report) -> Vec<String>,
    /// Advice, a paragraph each.
    advice: fn(&Report) -> Vec<String>,
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

const WINDOW: About = About {
    word: "window",
    sentence: |r| match r.verdict {
        Verdict::Surplus => {
            format!(
                "surplus: the trace ran longer than the profile; {}",
                surplus(r)
            )
        }
        _ => format!(
            "lost: the profile ran longer than the trace; {}",
            missing(r)
        ),
    },
    why: window,
    advice: |r| {
        let mut lines = one(
            "Compare only what both saw. Or start the profile just before the trace, and stop it just \
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
            "lost: the profile may have run at another time than the trace; {}",
            missing(r)
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
        let (verdict, samples) = match r.verdict {
            Verdict::Surplus => ("surplus", surplus(r)),
            _ => ("lost", missing(r)),
        };
        format!("{verdict}: how long the profile ran is not known; {samples}")
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
    why: |_| one("The profiler did not run while the trace was taken, or the CPU was idle."),
    advice: |_| one(SAME_RUN),
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
            "no overlap: not one stack occurs on both sides (trace {trace} samples, profile {profile})"
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
                 (verdict surplus below)."
            }
            _ => {
                "Only the trace knows goroutines and regions, so more samples in the profile are \
                 no fault (verdict lost below)."
            }
        })
    },
    advice: |_| Vec::new(),
};

/// Advice where nothing is in common.
const SAME_RUN: &str = "Start the profile before the trace and stop it after, in the same run.";

impl Reason {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::RingCapacity,
        Self::RingWrap,
        Self::Window,
        Self::Shift,
        Self::UnknownWindow,
        Self::ProfileRing,
        Self::OldFormat,
        Self::NoTraceSamples,
        Self::NoProfileSamples,
        Self::NoCommonStack,
        Self::OutsideSelection,
        Self::Narrowing,
    ];

    const fn about(self) -> &'static About {
        match self {
            Self::RingCapacity => &RING_CAPACITY,
            Self::RingWrap => &RING_WRAP,
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

    /// Whether it is named before reasons that need less to have happened: the trace itself
    /// shows that the ring was full (S8.3).
    pub(super) fn is_named_first(self) -> bool {
        matches!(self, Self::RingCapacity | Self::RingWrap)
    }

    /// The verdict on the pair in one sentence, if this is the reason for it.
    pub(super) fn sentence(self, report: &Report) -> String {
        (self.about().sentence)(report)
    }

    /// The facts that the bytes show, a paragraph each.
    pub(super) fn why(self, report: &Report) -> Vec<String> {
        (self.about().why)(report)
    }

    /// Advice, a paragraph each.
    pub(super) fn advice(self, report: &Report) -> Vec<String> {
        (self.about().advice)(report)
    }
}

/// As in JSON: `ring-capacity`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.about().word)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.about().word)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let found = Self::ALL.into_iter().find(|r| r.about().word == word);
        found.ok_or_else(|| {
            de::Error::custom(format!("want a reason such as `window`, got `{word}`"))
        })
    }
}

fn one(line: &str) -> Vec<String> {
    vec![line.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for reason in Reason::ALL {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{reason}\""));
            assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason);
        }
        let error = serde_json::from_str::<Reason>("\"windows\"").unwrap_err();
        assert!(error.to_string().contains("got `windows`"), "{error}");
    }

    #[test]
    fn all_are_there_in_the_order_in_which_they_are_told() {
        assert!(Reason::ALL.is_sorted());
        assert_eq!(Reason::ALL.len(), Reason::Narrowing as usize + 1);
    }
}
