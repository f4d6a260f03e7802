//! Other people's parsers on the corpus: Go's own, release by release, through what `sigprof corpus
//! run` asks of anybody. What each does otherwise stands in `conformance/adapters/known.toml`,
//! with the reason; a difference that is not there fails, and so does an entry that is none.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Deserialize;
use sigprof::corpus::decoder::{Decoder, Feed};
use sigprof::corpus::expected::Input;
use sigprof::corpus::report::Report;
use sigprof::corpus::run::{self, Job, Level, Outcome, Selection};
use sigprof::corpus::smoke;
use sigprof::fixtures::Files;

/// The runs, as `known.toml` has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    pub(crate) run: Vec<Run>,
}

/// A parser at a level, on cases of these formats, and what comes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The release of Go whose parser it is: `1.27`.
    pub(crate) go: String,
    /// `samples` or `events`.
    pub(crate) level: String,
    formats: Vec<String>,
    /// Cases that pass: with samples or events, without, by refusing.
    passed: [usize; 3],
    #[serde(default)]
    differs: Vec<Difference>,
}

/// A difference that some cases have in common.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    /// The kind of failure, in JSON's words: `wrong-samples`.
    kind: String,
    /// A part of `got` or of `note` of each.
    shows: String,
    /// The names of all such cases.
    cases: Vec<String>,
    /// The reason, as a sentence.
    reason: String,
}

/// The file as it is in this checkout.
pub(crate) fn known() -> Known {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/adapters/known.toml");
    let text = std::fs::read_to_string(path).expect("the file is in the checkout");
    toml::from_str(&text).expect("the file is well formed")
}

/// The outcome of a run.
pub(crate) struct Came {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) passed: [usize; 3],
}

impl Run {
    fn wanted(&self) -> Level {
        match &*self.level {
            "samples" => Level::Samples,
            "events" => Level::Events,
            other => panic!("no level: {other}"),
        }
    }

    /// Runs a program on the cases, as `sigprof corpus run` does, the smoke test first.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub(crate) fn on(&self, program: &Path) -> Result<Came, String> {
        let files = Files::embedded();
        let decoder = Decoder {
            command: vec![program.into(), (&*self.level).into()],
            timeout: Duration::from_secs(30),
            feed: Feed::Path,
        };
        let selection = Selection {
            input: Input::Trace,
            level: self.wanted(),
            formats: self.formats.clone(),
            filters: Vec::new(),
        };
        let stop = AtomicBool::new(false);
        let cases = run::select(&files, &selection).map_err(|e| e.to_string())?;
        smoke::test(&files, &selection, &cases, &decoder, &stop).map_err(|e| e.to_string())?;
        let job = Job {
            files: &files,
            level: selection.level,
            decoder: &decoder,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            keep: None,
        };
        let outcomes = run::run(&job, &cases, &stop, |_| ()).map_err(|e| e.to_string())?;
        let report = Report {
            outcomes: &outcomes,
            command: "",
            options: "",
            level: selection.level,
            selected: cases.len(),
            smoke: None,
        };
        let passed = report.passed();
        let passed = [passed.with_samples, passed.without_samples, passed.refused];
        Ok(Came { outcomes, passed })
    }

    /// The lines that say in what an outcome is not as the file has it.
    pub(crate) fn unlike(&self, came: &Came) -> Vec<String> {
        let mut lines = Vec::new();
        let known = self.differs.iter().enumerate();
        let known = known.flat_map(|(at, of)| of.cases.iter().map(move |case| (&**case, at)));
        let mut known: BTreeMap<&str, usize> = known.collect();
        for outcome in &came.outcomes {
            let Some(failure) = &outcome.failure else {
                continue;
            };
            let kind = serde_json::to_value(failure.kind).unwrap_or_default();
            let is_known = known.get(&*outcome.name).is_some_and(|&at| {
                let Difference {
                    kind: of, shows, ..
                } = &self.differs[at];
                kind == **of && (failure.got.contains(shows) || failure.note.contains(shows))
            });
            if is_known {
                known.remove(&*outcome.name);
                continue;
            }
            lines.push(format!(
                "{}: {kind}: want {}, got {} ({})",
                outcome.name, failure.want, failure.got, failure.note
            ));
        }
        for (case, at) in known {
            let Difference {
                kind,
                shows,
                reason,
                ..
            } = &self.differs[at];
            lines.push(format!(
                "{case}: a stale entry: {kind} with {shows} does not come. {reason}"
            ));
        }
        if came.passed != self.passed {
            lines.push(format!(
                "want passed {:?}, got {:?}",
                self.passed, came.passed
            ));
        }
        lines
    }
}
