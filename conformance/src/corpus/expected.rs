//! The format of `expected.json`: what a parser must make of a case.
//!
//! About, rules, the pair's verdicts and the error are written by hand; the rest by
//! `cargo xtask expected`, which leaves the parts written by hand as they are.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::events::Sum;
use super::samples::{ProfileSide, TraceSide};
use crate::check::{Narrow, Reason, Verdict};
use crate::error::{ErrorKind, InputError};
use crate::trace::GoId;

/// A case that must be read: `valid/<topic>/<case>/expected.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Valid {
    /// The schema's version, [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub schema_version: u32,
    /// A description of what it shows, in a sentence.
    pub about: String,
    /// The version of the trace's format: `go1.19`.
    pub format: String,
    /// The rules of SPEC.md that it shows.
    pub rules: Vec<String>,
    /// The samples of the trace.
    pub trace: TraceSide,
    /// The events of the trace: how many lines of the level `events`, and their hash.
    pub events: Sum,
    /// The samples of the profile, if the case has one.
    pub profile: Option<ProfileSide>,
    /// The checks of the pair, each with its verdict.
    pub pair: Vec<ExpectedCheck>,
}

/// A check of trace and profile, and its verdict (SPEC.md, S8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCheck {
    /// Only with this label: `key=value`.
    pub label: Option<String>,
    /// Only of this goroutine. Only that of `main.main` is always the same: 1.
    pub goroutine: Option<NonZeroU64>,
    /// Only in regions of this name.
    pub region: Option<String>,
    /// The verdict on the pair.
    pub verdict: Verdict,
    /// And its reason.
    pub reason: Option<Reason>,
}

impl ExpectedCheck {
    /// The part of the pair that it is about.
    #[must_use]
    pub fn narrow(&self) -> Narrow {
        let labels = self.label.iter().filter_map(|l| l.split_once('='));
        Narrow {
            labels: labels.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            goroutine: self.goroutine.map(|g| GoId(g.get())),
            region: self.region.clone(),
        }
    }
}

/// A case that must be refused: `invalid/<topic>/<case>/expected.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invalid {
    /// The schema's version, [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub schema_version: u32,
    /// A description of what is wrong with it, in a sentence.
    pub about: String,
    /// The version of the format that its header names, or `pprof`; null if it names none,
    /// and is wrong in all of them.
    pub format: Option<String>,
    /// The kind of file that parsers take it for.
    pub input: Input,
    /// The rules of SPEC.md that it breaks.
    pub rules: Vec<String>,
    /// The error that sigprof reports.
    pub error: ExpectedError,
    /// The answer of real Go's parsers, by release; of traces only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<BTreeMap<String, GoDoes>>,
}

/// The kind of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// An execution trace.
    Trace,
    /// A CPU profile.
    Profile,
}

impl Input {
    /// The name of its file in a folder of `invalid`.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Profile => "profile",
        }
    }
}

/// The error of sigprof's readers. Others need not have its words; offset and kind say
/// where and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// The kind of fault, in one word.
    pub kind: ErrorKind,
    /// Bytes from the start of the file (of a packed profile: of what it unpacks to, unless
    /// the packing itself is wrong).
    pub offset: u64,
    /// The event, message or field at that offset.
    pub place: String,
    /// The text that should have been there.
    pub want: String,
    /// The text that was there.
    pub got: String,
    /// The whole message, word for word.
    pub text: String,
}

impl From<&InputError> for ExpectedError {
    fn from(error: &InputError) -> Self {
        Self {
            kind: error.kind(),
            offset: error.offset(),
            place: error.place().to_owned(),
            want: error.want().to_owned(),
            got: error.got().to_owned(),
            text: error.to_string(),
        }
    }
}

/// The answer of real Go's parser to a trace that must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoDoes {
    /// The parser reports an error.
    Refuses,
    /// The parser reads the trace.
    Accepts,
    /// The parser panics.
    Panics,
}
