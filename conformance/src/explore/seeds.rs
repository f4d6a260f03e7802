//! Kept regressions: `fixtures/seeds/<case>.toml`.
//!
//! A case is a run that showed something once, as small as it gets, and the law that it must
//! break to this day; or none, if what it showed was mended.

#[cfg(test)]
mod tests;

use std::fmt::{self, Write};

use serde::Deserialize;
use sigprof_model::law::Law;
use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::Schedule;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::engine::schedule::ScheduleError;
use toml::Spanned;

use super::finding::Finding;
use super::replay::{Replayed, Way, replay};
use super::target::{self, Variant};
use crate::error::{ErrorKind, InputError};

/// A kept run.
pub struct Case {
    /// A description of what it showed, in one line.
    pub about: String,
    /// The defect's name, if it has one.
    pub bug: Option<String>,
    /// The scenario that is run.
    pub scenario: Scenario,
    /// The revision or mutant that it is run on.
    pub under: Variant,
    /// The strategy whose numbering the schedule uses.
    pub kind: Kind,
    /// The seed that found it, before it was shrunk.
    pub seed: Option<Seed>,
    /// The choices of the run.
    pub schedule: Schedule,
    /// The law that it must break; `None` if it must break none.
    pub law: Option<Law>,
}

/// A kept run that is not what it was.
#[derive(Debug)]
pub struct Fault {
    /// The revision or mutant, or the part of the case, at fault.
    pub what: String,
    /// The result that was wanted.
    pub expected: String,
    /// The result that came.
    pub got: String,
    /// The law that the case is about.
    pub law: Option<Law>,
    /// The run that shows it.
    pub run: Replayed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: want {}, got {}", self.what, self.expected, self.got)
    }
}

/// A case as it is written in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    about: String,
    bug: Option<String>,
    scenario: Spanned<String>,
    revision: Option<Spanned<String>>,
    mutant: Option<Spanned<String>>,
    strategy: Spanned<String>,
    seed: Option<Spanned<String>>,
    schedule: Spanned<String>,
    law: Spanned<String>,
}

impl Case {
    /// Reads a case from its file's text.
    ///
    /// # Errors
    /// With the offset and the field, what was wanted and what was there.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let want = "about, scenario, revision or mutant, strategy, schedule and law, as TOML";
            let got = error.message().replace('\n', ", ");
            malformed("case", offset, want, got)
        })?;
        let scenario = field(
            "scenario",
            &raw.scenario,
            "the name of a scenario",
            target::scenario,
        )?;
        let under = match (&raw.revision, &raw.mutant) {
            (Some(revision), None) => {
                let want = "seed, go1.19, go1.21, go1.22, go1.26 or fixed";
                field("revision", revision, want, Variant::revision)?
            }
            (None, Some(mutant)) => {
                field("mutant", mutant, "the name of a mutant", Variant::mutant)?
            }
            (Some(_), Some(mutant)) => {
                let offset = mutant.span().start;
                return Err(malformed("case", offset, "revision or mutant", "both"));
            }
            (None, None) => return Err(malformed("case", 0, "revision or mutant", "neither")),
        };
        if !(scenario.applies)(&under.protocol()) {
            let offset = raw.scenario.span().start;
            let want = format!("one that makes sense for {under}");
            return Err(malformed("scenario", offset, want, scenario.name));
        }
        let kind = try_field("strategy", &raw.strategy, |text| {
            text.parse().map_err(|error| format!("{error}"))
        })?;
        let seed = match &raw.seed {
            None => None,
            Some(seed) => Some(try_field("seed", seed, |text| {
                text.parse().map_err(|error| format!("{error}"))
            })?),
        };
        let schedule = try_field("schedule", &raw.schedule, |text| {
            text.parse()
                .map_err(|error: ScheduleError| format!("{error}"))
        })?;
        let want = format!("L1 to L{}, or none", Law::ALL.len());
        let law = field("law", &raw.law, &want, law)?;
        Ok(Self {
            about: raw.about,
            bug: raw.bug,
            scenario,
            under,
            kind,
            seed,
            schedule,
            law,
        })
    }

    /// Runs it again.
    #[must_use]
    pub fn replay(&self) -> Replayed {
        self.replay_on(self.under.protocol())
    }

    /// Makes the same choices elsewhere, as far as they are there.
    #[must_use]
    pub fn replay_on(&self, protocol: Protocol) -> Replayed {
        let way = Way::Schedule(self.schedule.clone());
        replay(&self.scenario, protocol, self.kind, &way)
    }

    /// Whether it breaks what it must, and breaks nothing where that was mended: in `fixed`,
    /// and in the revision that a mutant is made of.
    ///
    /// # Errors
    /// What was wanted and what came.
    pub fn check(&self) -> Result<(), Box<Fault>> {
        let run = self.replay();
        let got = run.violation().map(|violation| violation.law);
        if got != self.law {
            let words = |law: Option<Law>| law.map_or("no law".into(), |law| law.to_string());
            let expected = format!("{} broken", words(self.law));
            let got = format!("{}{}", words(got), misfits(&run));
            return Err(self.fault(self.under.name(), expected, got, run));
        }
        if self.law.is_none() {
            return Ok(());
        }
        if !run.misfits.is_empty() {
            let got = format!("others{}", misfits(&run));
            return Err(self.fault("schedule", "choices that are there", got, run));
        }
        for name in ["fixed", self.under.base()] {
            let Some(protocol) = Protocol::named(name) else {
                continue;
            };
            if protocol == self.under.protocol() || !(self.scenario.applies)(&protocol) {
                continue;
            }
            let run = self.replay_on(protocol);
            if let Some(violation) = run.violation() {
                let got = violation.to_string();
                return Err(self.fault(name, "nothing broken", got, run));
            }
        }
        Ok(())
    }

    fn fault(
        &self,
        what: &str,
        expected: impl Into<String>,
        got: String,
        run: Replayed,
    ) -> Box<Fault> {
        Box::new(Fault {
            what: what.into(),
            expected: expected.into(),
            got,
            law: self.law,
            run,
        })
    }

    /// The command that runs it, wherever it is called.
    #[must_use]
    pub fn command(&self) -> String {
        super::replay::command(self.scenario.name, self.under, self.kind, &self.schedule)
    }

    /// Its name on the command line.
    #[must_use]
    pub fn title(&self) -> String {
        format!(
            "{}, scenario {}: {}",
            self.under, self.scenario.name, self.about
        )
    }
}

/// Why a replay may have gone another way; empty if there is nothing to say.
#[must_use]
pub fn misfits(run: &Replayed) -> String {
    match run.misfits.as_slice() {
        [] => String::new(),
        misfits => {
            let places: Vec<_> = misfits.iter().map(ToString::to_string).collect();
            let places = places.join(", ");
            format!(" (the schedule does not fit: no such choice at {places})")
        }
    }
}

/// A case of a finding, to be kept.
#[must_use]
pub fn keep(finding: &Finding) -> String {
    // A string of JSON is one of TOML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = String::new();
    let law = finding.broken().map(|(law, _)| law);
    let known = law.and_then(|law| finding.under.known(finding.scenario, law));
    let about = known.map_or_else(
        || {
            finding
                .run
                .verdict
                .as_ref()
                .err()
                .map_or_else(String::new, |violation| violation.how.clone())
        },
        |known| known.what.to_owned(),
    );
    let _ = writeln!(out, "about = {}", quoted(&about));
    if let Some(known) = known {
        let _ = writeln!(out, "bug = {}", quoted(known.id));
    }
    let _ = writeln!(out, "scenario = {}", quoted(finding.scenario));
    let under = match finding.under {
        Variant::Revision(..) => "revision",
        Variant::Mutant(_) => "mutant",
    };
    let _ = writeln!(out, "{under} = {}", quoted(finding.under.name()));
    let _ = writeln!(out, "strategy = {}", quoted(&finding.kind.to_string()));
    if let Some(seed) = finding.seed {
        let _ = writeln!(out, "seed = {}", quoted(&seed.to_string()));
    }
    let _ = writeln!(
        out,
        "schedule = {}",
        quoted(&finding.run.schedule.to_string())
    );
    let law = law.map_or("none".into(), |law| format!("L{}", law.number()));
    let _ = writeln!(out, "law = {}", quoted(&law));
    out
}

fn law(text: &str) -> Option<Option<Law>> {
    if text == "none" {
        return Some(None);
    }
    let number: u8 = text.strip_prefix('L')?.parse().ok()?;
    let law = Law::ALL.into_iter().find(|law| law.number() == number);
    law.map(Some)
}

fn field<T>(
    name: &str,
    text: &Spanned<String>,
    want: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, InputError> {
    read(text.as_ref()).ok_or_else(|| {
        let got = format!("{:?}", text.as_ref());
        malformed(name, text.span().start, want, got)
    })
}

fn try_field<T>(
    name: &str,
    text: &Spanned<String>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, InputError> {
    read(text.as_ref()).map_err(|error| {
        // These say what they want themselves.
        let want = error
            .split_once("want ")
            .map_or(error.as_str(), |(_, want)| want);
        let got = format!("{:?}", text.as_ref());
        malformed(name, text.span().start, want, got)
    })
}

fn malformed(
    place: &str,
    offset: usize,
    want: impl Into<String>,
    got: impl Into<String>,
) -> InputError {
    InputError::new(ErrorKind::Malformed, offset as u64, place, want, got)
}
