//! A part of either side: labels narrow the profile, goroutines and regions the
//! trace.
//!
//! Neither side knows the other's names, so that a narrowed pair can be judged one
//! way only, as Go's own test does (R65): a goroutine also runs without its label,
//! so that the trace must have *at least* what the profile has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sigprof_wire::v1::EventType;

use crate::bytes;
use crate::pprof::{Profile, Sample};
use crate::trace::v1::{Event, GoId, Trace};

/// Which samples to compare; by default all of them.
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

/// Which differences count.
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
    /// What was looked for.
    pub what: String,
    /// What there is instead.
    pub there_are: String,
}

impl NothingSelected {
    pub(super) fn no_samples() -> Self {
        Self {
            what: "neither the trace nor the profile has a sample".into(),
            there_are: "was the CPU profiler running, and was the CPU busy?".into(),
        }
    }

    fn new(what: String, present: impl IntoIterator<Item = String>) -> Self {
        const SHOWN: usize = 10;
        let present: BTreeSet<_> = present.into_iter().collect();
        let shown: Vec<_> = present.iter().take(SHOWN).map(String::as_str).collect();
        let more = match present.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let there_are = match shown.as_slice() {
            [] => "there is none at all".to_owned(),
            shown => format!("there are: {}{more}", shown.join(", ")),
        };
        Self { what, there_are }
    }
}

/// The trace's part of a [`Narrow`], looked up.
#[derive(Debug)]
pub(super) struct Selection {
    goroutine: Option<GoId>,
    /// When each goroutine was in the region; ends included.
    regions: Option<BTreeMap<GoId, Vec<(i64, i64)>>>,
}

impl Selection {
    /// Whether it leaves out a part of the trace.
    pub(super) fn is_narrow(&self) -> bool {
        self.goroutine.is_some() || self.regions.is_some()
    }

    pub(super) fn has_event(&self, event: &Event) -> bool {
        let in_goroutine = self.goroutine.is_none() || event.goroutine == self.goroutine;
        let in_region = self.regions.as_ref().is_none_or(|regions| {
            let times = event.goroutine.and_then(|g| regions.get(&g));
            times.is_some_and(|times| {
                times
                    .iter()
                    .any(|&(from, to)| (from..=to).contains(&event.time))
            })
        });
        in_goroutine && in_region
    }
}

impl Narrow {
    /// Which differences count.
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

    pub(super) fn select(
        &self,
        trace: &Trace,
        profile: &Profile,
    ) -> Result<Selection, NothingSelected> {
        if !profile.samples.iter().any(|s| self.has_labels(s)) && !self.labels.is_empty() {
            let wanted: Vec<_> = self
                .labels
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            let labels = profile.samples.iter().flat_map(|s| &s.labels);
            let labels = labels.map(|(key, value)| format!("{key}={value}"));
            let what = format!(
                "no sample of the profile has label {}",
                wanted.join(" and ")
            );
            return Err(NothingSelected::new(what, labels));
        }
        if let Some(goroutine) = self.goroutine
            && !trace.events.iter().any(|e| e.goroutine == Some(goroutine))
        {
            let with_samples = trace.samples().filter_map(|e| e.goroutine);
            let what = format!("the trace has no goroutine {goroutine}");
            return Err(NothingSelected::new(
                what,
                with_samples.map(|g| g.to_string()),
            ));
        }
        let regions = self.region.as_deref().map(|name| regions(trace, name));
        if let (Some(name), Some(regions)) = (&self.region, &regions)
            && regions.is_empty()
        {
            let events = trace.events.iter();
            let events = events.filter(|e| e.event_type == EventType::UserRegion);
            let what = format!("the trace has no region {name:?}");
            return Err(NothingSelected::new(
                what,
                events.map(|e| region_name(trace, e)),
            ));
        }
        Ok(Selection {
            goroutine: self.goroutine,
            regions,
        })
    }
}

fn region_name(trace: &Trace, event: &Event) -> String {
    let names = trace.string_args(event);
    bytes::text(names.first().copied().unwrap_or_default())
}

/// When each goroutine was in a region of this name. One that began before the trace
/// did counts from the trace's beginning, one that never ended to its end.
fn regions(trace: &Trace, name: &str) -> BTreeMap<GoId, Vec<(i64, i64)>> {
    let mut open: BTreeMap<GoId, Vec<i64>> = BTreeMap::new();
    let mut regions: BTreeMap<GoId, Vec<(i64, i64)>> = BTreeMap::new();
    for event in &trace.events {
        let Some(goroutine) = event.goroutine else {
            continue;
        };
        let begun = open.entry(goroutine).or_default();
        match event.event_type {
            EventType::UserRegion if region_name(trace, event) == name => {
                if event.args[1] == 0 {
                    begun.push(event.time);
                } else {
                    let from = begun.pop().unwrap_or(i64::MIN);
                    regions
                        .entry(goroutine)
                        .or_default()
                        .push((from, event.time));
                }
            }
            EventType::GoEnd => {
                let ended = begun.drain(..).map(|from| (from, event.time));
                regions.entry(goroutine).or_default().extend(ended);
            }
            _ => {}
        }
    }
    for (goroutine, begun) in open {
        let endless = begun.into_iter().map(|from| (from, i64::MAX));
        regions.entry(goroutine).or_default().extend(endless);
    }
    regions.retain(|_, times| !times.is_empty());
    regions
}
