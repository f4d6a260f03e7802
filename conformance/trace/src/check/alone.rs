//! A trace without a profile: did as many samples come as were to come?

use std::fmt::Write;

use serde::Serialize;

use super::narrow::NothingSelected;
use super::rate::{Comes, Expected, Rate, ThreadRate};
use super::reason::Reason;
use super::report::SCHEMA_VERSION;
use super::ring::Ring;
use super::snapshot::Snapshot;
use super::verdict::Verdict;
use super::window::Windows;
use super::words::{came, seconds, snapshot};
use crate::shown::{are, counted};

/// Threads that the text shows.
const THREADS: usize = 10;

/// The outcome of a check of a trace alone (S8.26).
#[derive(Clone, Debug, Serialize)]
pub struct Alone {
    /// The schema's version, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The verdict: `consistent` or `cannot-tell`.
    pub verdict: Verdict,
    /// Why, if there is something to explain.
    pub reason: Option<Reason>,
    /// The same in one sentence.
    pub summary: String,
    /// The facts that the bytes show, a paragraph each.
    pub why: Vec<String>,
    /// Advice on it, a paragraph each.
    pub advice: Vec<String>,
    /// Notes beside it, a paragraph each.
    pub notes: Vec<String>,
    /// The samples of the trace.
    pub trace_samples: u64,
    /// How long the trace ran; all of a profile is null.
    pub windows: Windows,
    /// The state of the tracer's ring, as the trace shows it.
    pub ring: Ring,
    /// How fast samples came.
    pub rate: Rate,
    /// The samples that were to come, beside those that did.
    pub expected: Expected,
    /// The window that a flight recorder kept; none of another trace.
    pub snapshot: Option<Snapshot>,
    /// Damage because of which the trace could not be read whole.
    pub damage: Vec<String>,
}

impl Alone {
    /// The verdict on a trace with so many samples; `no_samples` is why it may have none.
    pub(super) fn new(
        trace_samples: u64,
        no_samples: Reason,
        windows: Windows,
        ring: Ring,
        rate: Rate,
        snapshot: Option<Snapshot>,
        damage: Vec<String>,
    ) -> Result<Self, NothingSelected> {
        let expected = rate.expected(Some(&windows));
        // With none there is no first and no last, between which they were to come.
        let was_time = rate.running_ns / expected.period_ns;
        if trace_samples == 0 && was_time < super::rate::ENOUGH && damage.is_empty() {
            return Err(NothingSelected::idle(snapshot.as_ref()));
        }
        let mut alone = Self {
            schema_version: SCHEMA_VERSION,
            verdict: Verdict::Consistent,
            reason: None,
            summary: String::new(),
            why: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
            trace_samples,
            windows,
            ring,
            rate,
            expected,
            snapshot,
            damage,
        };
        alone.judge(no_samples);
        alone.summary = alone.sentence();
        alone.why = alone.facts();
        alone.advice = alone.what_to_do();
        alone
            .advice
            .extend(alone.snapshot.as_ref().and_then(snapshot::advice));
        let window = alone.snapshot.iter();
        alone.notes = window.flat_map(snapshot::notes).collect();
        Ok(alone)
    }

    fn judge(&mut self, no_samples: Reason) {
        use Verdict::CannotTell;
        let full = self.full();
        let outcome = match self.expected.comes {
            _ if !self.damage.is_empty() => Some((CannotTell, Reason::Damaged)),
            _ if self.trace_samples == 0 => Some((CannotTell, no_samples)),
            Comes::Gap => Some((CannotTell, full.unwrap_or(Reason::Gap))),
            _ if full.is_some() => full.map(|full| (CannotTell, full)),
            _ if self.is_off().next().is_some() => Some((CannotTell, Reason::Gap)),
            Comes::TooFew => Some((CannotTell, Reason::TooFew)),
            Comes::Fewer | Comes::Missing => Some((CannotTell, Reason::Fewer)),
            Comes::AsExpected | Comes::Waited => None,
        };
        if let Some((verdict, reason)) = outcome {
            (self.verdict, self.reason) = (verdict, Some(reason));
        }
    }

    /// Where no sample came at its beginning or its end.
    fn is_off(&self) -> impl Iterator<Item = String> {
        came::off(&self.rate, &self.expected)
    }

    /// Why samples may have been dropped unseen.
    fn full(&self) -> Option<Reason> {
        if !self.ring.full.is_empty() {
            return Some(Reason::RingCapacity);
        }
        self.ring.wrapped().next().map(|_| Reason::RingWrap)
    }

    fn sentence(&self) -> String {
        let Expected { expected, came, .. } = self.expected;
        let n = counted(self.trace_samples, "sample");
        match self.reason {
            None => format!(
                "consistent: {n}, and none that can be seen is missing; up to {expected} were to be \
                 expected, and {came} came while goroutines ran"
            ),
            Some(Reason::Gap) => {
                "cannot tell: for a while no sample came, though goroutines ran".to_owned()
            }
            Some(Reason::RingWrap) => {
                "cannot tell: a ring of the tracer may have wrapped before its last drain, and samples be missing"
                    .to_owned()
            }
            Some(Reason::RingCapacity) => {
                "cannot tell: the tracer's ring was full, and samples may be missing".to_owned()
            }
            Some(Reason::Fewer) => format!(
                "cannot tell: {} came while goroutines ran, where up to {expected} were to be expected",
                counted(came, "sample")
            ),
            Some(Reason::TooFew) => format!(
                "cannot tell: {n} {} too few to say whether any is missing",
                are(self.trace_samples)
            ),
            Some(Reason::Damaged) => {
                format!("cannot tell: the trace could not be read whole; what could be has {n}")
            }
            Some(Reason::OldFormat) => "cannot tell: traces from before Go 1.19 have no CPU samples".to_owned(),
            Some(_) => "cannot tell: goroutines ran, and there is no sample: was the CPU profiler on?".to_owned(),
        }
    }

    /// The outcome for people.
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        let mut out = format!("{}\n\n", self.summary);
        let ran = i64::try_from(self.rate.running_ns).unwrap_or(i64::MAX);
        let _ = writeln!(
            out,
            "  {:<11} {} in {}; goroutines ran for {} on {}",
            "Trace",
            counted(self.trace_samples, "sample"),
            seconds(self.windows.trace_ns),
            seconds(ran),
            counted(self.rate.threads.len() as u64, "thread"),
        );
        for (title, lines) in self.said() {
            super::words::paragraphs(title, &lines, width, &mut out);
        }
        self.threads(&mut out);
        out
    }

    /// All that is said of the outcome below its headline: titles, with a paragraph each line.
    #[must_use]
    pub fn said(&self) -> [(&'static str, Vec<String>); 3] {
        [
            ("Why", self.why.clone()),
            ("What to do", self.advice.clone()),
            ("Note", self.notes.clone()),
        ]
    }

    fn facts(&self) -> Vec<String> {
        let mut lines = self.damage.clone();
        if self.expected.comes != Comes::TooFew {
            lines.push(came::expected(&self.expected));
            lines.extend(came::calls(&self.rate, &self.expected));
        }
        lines.extend(came::gaps(&self.expected));
        lines.extend(came::wraps(&self.ring, &self.windows));
        lines.extend(came::leaks(&self.ring));
        lines.extend(self.is_off());
        lines
    }

    fn what_to_do(&self) -> Vec<String> {
        let take = "Take the CPU profile of the same time as well: with it, counts are compared stack by stack.";
        match self.reason {
            None => Vec::new(),
            Some(Reason::NoTraceSamples) => vec![
                "Start a CPU profile, too: samples are in a trace only while one runs.".to_owned(),
            ],
            Some(Reason::OldFormat) => vec!["Take the trace with Go 1.19 or later.".to_owned()],
            Some(_) => vec![take.to_owned()],
        }
    }

    /// The threads on which goroutines ran longest.
    fn threads(&self, out: &mut String) {
        let mut threads = self.rate.threads.clone();
        threads.sort_by_key(|t| (std::cmp::Reverse(t.running_ns), t.thread));
        if threads.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            "\n  {:>20} {:>10} {:>9} {:>9}",
            "thread", "ran", "expected", "samples"
        );
        for ThreadRate {
            thread,
            running_ns,
            samples,
        } in threads.iter().take(THREADS)
        {
            let ran = i64::try_from(*running_ns).unwrap_or(i64::MAX);
            let expected = running_ns / self.expected.period_ns;
            let _ = writeln!(
                out,
                "  {thread:>20} {:>10} {expected:>9} {samples:>9}",
                seconds(ran)
            );
        }
        if let more @ 1.. = threads.len().saturating_sub(THREADS) {
            let _ = writeln!(out, "  and {more} more, which ran for a shorter time");
        }
    }
}
