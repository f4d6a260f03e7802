//! A part of either side: labels narrow the profile, goroutines and regions the
//! trace.
//!
//! Neither side knows the other's names, so that a narrowed pair can be judged one
//! way only, as Go's own test does (R65): a goroutine also runs without its label,
//! so that the trace must have *at least* what the profile has.

mod select;

use std::collections::BTreeSet;

use serde::Serialize;

pub(crate) use select::Selecting;

use super::snapshot::Snapshot;
use super::words;
use crate::pprof::Sample;
use crate::trace::GoId;

/// The choice of samples to compare; by default all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Narrow {
    /// Only the profile's samples that have all of these labels.
    pub labels: Vec<(String, String)>,
    /// Only the trace's samples of this goroutine.
    pub goroutine: Option<GoId>,
    /// Only the trace's samples of goroutines while they are in a region of this name.
    pub region: Option<String>,
}

impl Narrow {
    /// As the command line has it, with a space before each; empty if all is compared.
    #[must_use]
    pub fn arguments(&self) -> String {
        let labels = self.labels.iter();
        let labels = labels.map(|(key, value)| format!(" --label {key}={value}"));
        let goroutine = self.goroutine.map(|g| format!(" --goroutine {g}"));
        let region = self.region.iter().map(|name| format!(" --region {name}"));
        labels.chain(goroutine).chain(region).collect()
    }
}

/// The differences that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The counts must be equal.
    BothWays,
    /// The profile is narrowed: the trace must have at least as many.
    TraceAtLeast,
    /// Only the trace is narrowed: it must have at most as many.
    TraceAtMost,
}

/// There is nothing to compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {there_are}")]
pub struct NothingSelected {
    /// A sentence about what was looked for.
    pub what: String,
    /// A sentence about what there is instead.
    pub there_are: String,
}

impl NothingSelected {
    pub(super) fn no_samples() -> Self {
        Self {
            what: "neither the trace nor the profile has a sample".into(),
            there_are: "was the CPU profiler running, and was the CPU busy?".into(),
        }
    }

    pub(super) fn idle(snapshot: Option<&Snapshot>) -> Self {
        let window = snapshot.map_or(String::new(), |snapshot| {
            format!(" in its {}", words::snapshot::window(snapshot))
        });
        Self {
            what: format!(
                "the trace has no sample, and goroutines ran for too short a time{window} to expect one"
            ),
            there_are: "take a longer trace, of a program that works, while a CPU profile runs"
                .into(),
        }
    }

    /// Names some of those that there are, each of them given once.
    pub(crate) fn new(what: String, present: impl Iterator<Item = String>) -> Self {
        const SHOWN: usize = 10;
        let mut first = BTreeSet::new();
        let mut count = 0_usize;
        for text in present {
            count += 1;
            first.insert(text);
            if first.len() > SHOWN {
                first.pop_last();
            }
        }
        let more = match count - first.len() {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let first: Vec<_> = first.into_iter().collect();
        let there_are = if first.is_empty() {
            "there is none at all".to_owned()
        } else {
            format!("there are: {}{more}", first.join(", "))
        };
        Self { what, there_are }
    }
}

impl Narrow {
    /// The differences that count.
    #[must_use]
    pub fn judged(&self) -> Judged {
        match (
            self.labels.is_empty(),
            self.goroutine.is_none() && self.region.is_none(),
        ) {
            (true, true) => Judged::BothWays,
            (false, _) => Judged::TraceAtLeast,
            (true, false) => Judged::TraceAtMost,
        }
    }

    pub(super) fn has_labels(&self, sample: &Sample) -> bool {
        self.labels
            .iter()
            .all(|(key, value)| sample.has_label(key, value))
    }

    /// Whether only a part of the trace is looked at.
    pub(super) fn narrows_trace(&self) -> bool {
        self.goroutine.is_some() || self.region.is_some()
    }

    /// Why nothing is selected, if no sample has the labels.
    pub(super) fn without_label(&self, samples: &[Sample]) -> Option<NothingSelected> {
        if self.labels.is_empty() || samples.iter().any(|s| self.has_labels(s)) {
            return None;
        }
        let wanted = self
            .labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        let wanted: Vec<_> = wanted.collect();
        let wanted = wanted.join(" and ");
        let what = format!("no sample of the profile has label {wanted}");
        let labels = samples.iter().flat_map(|s| &s.labels);
        let mut labels: Vec<_> = labels.map(|(key, value)| (&**key, &**value)).collect();
        // As they are shown, but few of them are made.
        labels.sort_unstable_by(|a, b| shown(a).cmp(shown(b)));
        labels.dedup_by(|a, b| shown(a).eq(shown(b)));
        let labels = labels
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"));
        Some(NothingSelected::new(what, labels))
    }
}

/// The bytes of a label as it is shown.
fn shown<'a>((key, value): &(&'a str, &'a str)) -> impl Iterator<Item = u8> + use<'a> {
    key.bytes().chain(*b"=").chain(value.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(names: &[&str]) -> String {
        let names = names.iter().map(|&name| name.to_owned());
        NothingSelected::new(String::new(), names).there_are
    }

    #[test]
    fn the_first_ten_are_named_in_order() {
        assert_eq!(nothing(&[]), "there is none at all");
        assert_eq!(nothing(&["b", "a"]), "there are: a, b");
        let many = ["9", "8", "7", "6", "5", "4", "3", "2", "11", "10", "1", "0"];
        assert_eq!(
            nothing(&many),
            "there are: 0, 1, 10, 11, 2, 3, 4, 5, 6, 7 and 2 more"
        );
    }

    /// `a-=` stands before `a=`.
    #[test]
    fn labels_are_in_the_order_of_their_text_and_named_once() {
        let sample = |labels: &[(&str, &str)]| Sample {
            offset: 0,
            count: 1,
            frames: Box::default(),
            labels: labels.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
        };
        let narrow = Narrow {
            labels: vec![("k".into(), "v".into())],
            ..Narrow::default()
        };
        let samples = [
            sample(&[("a", "x"), ("a-", "x")]),
            sample(&[("a", "x"), ("b=c", "d"), ("b", "c=d")]),
        ];
        let nothing = narrow.without_label(&samples).unwrap();
        assert_eq!(nothing.there_are, "there are: a-=x, a=x, b=c=d");
        let has_it = [sample(&[("k", "v")])];
        assert_eq!(narrow.without_label(&has_it), None);
    }
}
