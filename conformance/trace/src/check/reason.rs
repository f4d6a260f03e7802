//! The reasons for a difference. All that is said of one of a pair stands in `about`, side by side: its word in
//! JSON, the verdict's sentence, why it is so, and what to do about it.

mod about;
mod facts;

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::report::Report;
use super::told::told;
use super::verdict::Verdict;

told! {
    /// Why counts differ. They are told in this order.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum Reason {
        /// The tracer's ring was full when it was drained.
        RingCapacity,
        /// A ring of a v2 tracer wrapped at the end: what came after the wrap never left it.
        RingWrap,
        /// For a while no sample came, though goroutines ran.
        Gap,
        /// The trace could not be read whole.
        Damaged,
        /// Fewer samples came than were to be expected, and the files do not say why.
        Fewer,
        /// The profile is of another time than the trace.
        OtherTime,
        /// The profile's samples were taken before it began.
        Before,
        /// There was time for too few samples.
        TooFew,
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
}

impl Reason {
    /// Whether it is named before reasons that need less to have happened: the trace itself
    /// shows it (S8.3).
    pub(super) fn is_named_first(self) -> bool {
        matches!(
            self,
            Self::RingCapacity | Self::RingWrap | Self::Gap | Self::Damaged
        )
    }

    /// The verdict on samples that are missing for this reason.
    #[must_use]
    pub fn of_missing(self) -> Verdict {
        match self {
            Self::Window | Self::Shift | Self::Narrowing => Verdict::Consistent,
            Self::UnknownWindow | Self::Damaged | Self::Fewer | Self::OtherTime | Self::TooFew => {
                Verdict::CannotTell
            }
            Self::Before
            | Self::OldFormat
            | Self::NoTraceSamples
            | Self::NoProfileSamples
            | Self::NoCommonStack => Verdict::NoOverlap,
            Self::RingCapacity
            | Self::RingWrap
            | Self::Gap
            | Self::ProfileRing
            | Self::OutsideSelection => Verdict::Lost,
        }
    }

    /// The verdict on samples that are too many for this reason.
    #[must_use]
    pub fn of_surplus(self) -> Verdict {
        match self.of_missing() {
            Verdict::Lost => Verdict::Surplus,
            verdict => verdict,
        }
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
