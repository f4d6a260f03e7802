//! The comparison of Go's text with the model, run by run.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use sigprof_model::protocol::Protocol;
use sigprof_model::scenario::{Program, Scenario};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::{Kind, Subject, program};
use sigprof_sim::engine::go_text::{self, Follow, Sequential, Tail};
use sigprof_sim::engine::grain::Grain;
use sigprof_sim::engine::shrink::shrink_while;
use sigprof_sim::engine::steps::{Did, Step};
use sigprof_sim::engine::strategy::Strategy;
use sigprof_sim::engine::{self, Engine, Run, Schedule};

use super::plain::plain_difference;
use super::{AHEAD, FINER, Text};

/// The runs of each scenario that are to be compared.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Runs of the search that is exhaustive but for what commutes, at the most; 0 for none.
    pub reduced: u64,
    /// Seeds of runs at random, with signals.
    pub random: Range<u64>,
    /// Nothing but this run, whose choices are counted as that strategy's.
    pub schedule: Option<(Kind, Schedule)>,
}

/// The comparison of a scenario.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// Runs that were compared.
    pub runs: u64,
    /// Whether these are all that the reduction keeps, and those at random.
    pub is_exhausted: bool,
    /// Operations of the text on shared words.
    pub operations: u64,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// A run in which the two differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The run: its strategy, and its number or seed.
    pub run: String,
    /// The strategy as whose the choices are counted, and these, shrunk.
    pub schedule: (Kind, Schedule),
    /// The difference, in a few words.
    pub what: String,
    /// The steps of the model and of the text up to there, side by side; either may be missing.
    pub rows: Vec<[String; 2]>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, shrunk: {}", self.run, self.what)?;
        let width = self.rows.iter().map(|[model, _]| model.len()).max();
        let width = width.unwrap_or(0).max("model".len());
        writeln!(f, "  {:width$}  Go's text", "model")?;
        for [model, text] in &self.rows {
            writeln!(f, "  {model:width$}  {text}")?;
        }
        Ok(())
    }
}

/// The scenarios that make sense for a protocol, on the model and on Go's text.
#[must_use]
pub fn scenarios(protocol: &Protocol) -> Vec<(Scenario, Scenario)> {
    let ours = engine::scenarios().into_iter();
    let theirs = go_text::scenarios();
    let pairs = ours.zip(theirs);
    pairs.filter(|(ours, _)| (ours.applies)(protocol)).collect()
}

/// Compares runs of a scenario, while `goes_on`, which is told how many there were.
///
/// # Errors
/// The text's program has failed; in words.
pub fn scenario(
    text: &Text,
    protocol: Protocol,
    (ours, theirs): &(Scenario, Scenario),
    plan: &Plan,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Compared, String> {
    let make = program(ours, protocol);
    let mut comparison = Comparison {
        text,
        model: &make,
        engine: Engine::with_steps(),
        make: &program(theirs, protocol),
        compared: Compared {
            scenario: ours.name,
            runs: 0,
            is_exhausted: true,
            operations: 0,
            difference: None,
        },
        waiting: Vec::new(),
        fault: None,
    };
    let comparison = text.running(|| {
        let mut engine = Engine::with_steps();
        if let Some((kind, schedule)) = &plan.schedule {
            let (run, _) = engine.run(&make, grain(*kind).replay(schedule));
            if run.verdict.is_none() || run.schedule.to_string() != schedule.to_string() {
                let why = format!(
                    "{}: schedule '{schedule}' does not fit: what can be done of it is '{}'",
                    ours.name, run.schedule
                );
                return Err(why);
            }
            comparison.compared.is_exhausted = false;
            comparison.run(&run, *kind, || "the run that was asked for".to_owned());
            return Ok(comparison);
        }
        let mut subject = Subject::new(&mut engine, &make);
        let mut runs = 0;
        comparison.compared.is_exhausted = plan.reduced > 0
            && subject.exhaust(Kind::Dpor, |run| {
                runs += 1;
                comparison.add(run.clone(), Kind::Dpor, runs);
                comparison.is_open() && runs < plan.reduced && goes_on(runs)
            });
        for seed in plan.random.clone() {
            if !comparison.is_open() || !goes_on(runs) {
                break;
            }
            let sequential = |strategy| -> Box<dyn Strategy> { Box::new(Sequential(strategy)) };
            let run = subject.run_with(Kind::Random, Seed(seed), sequential);
            comparison.add(run, Kind::Random, seed);
            runs += 1;
        }
        comparison.run_all();
        Ok(comparison)
    })?;
    comparison.fault.map_or(Ok(comparison.compared), Err)
}

/// The grain of a run of the model that a text can follow.
fn grain(kind: Kind) -> Grain {
    Grain {
        is_weak: false,
        is_fine: false,
        ..kind.grain()
    }
}

/// The text's side, and what has come of it so far.
struct Comparison<'a> {
    text: &'a Text,
    /// The program on the model, and on the text.
    model: &'a dyn Fn() -> Program,
    engine: Engine,
    make: &'a dyn Fn() -> Program,
    compared: Compared,
    /// Runs of the model that the text is to follow, each with its strategy and number or seed.
    waiting: Vec<(Run, Kind, u64)>,
    /// A failure of the program, and in which run.
    fault: Option<String>,
}

impl Comparison<'_> {
    /// Whether there is a point in another run.
    fn is_open(&self) -> bool {
        self.compared.difference.is_none() && self.fault.is_none()
    }

    /// Has the text follow a run of the model, together with others.
    fn add(&mut self, model: Run, kind: Kind, number: u64) {
        if model.verdict.is_some() {
            self.waiting.push((model, kind, number));
        }
        if self.waiting.len() as u64 >= AHEAD {
            self.run_all();
        }
    }

    /// Has the text follow those that wait, up to the first difference.
    fn run_all(&mut self) {
        let names = Engine::word_names();
        let follow = |(run, _, _): &(Run, Kind, u64)| targets(run, &names);
        // A failure comes again in the run, and is one there.
        let _asked = go_text::look_ahead(self.waiting.iter().map(follow).collect());
        for (run, kind, number) in std::mem::take(&mut self.waiting) {
            if self.is_open() {
                self.run(&run, kind, || match kind {
                    Kind::Random => format!("seed {number} of random"),
                    _ => format!("run {number} of {kind}"),
                });
            }
        }
    }

    /// Has the text follow a run of the model.
    fn run(&mut self, model: &Run, kind: Kind, name: impl Fn() -> String) {
        if model.verdict.is_none() {
            return;
        }
        let text = self.follow(model, false);
        if let Some(fault) = go_text::take_fault() {
            self.fault = Some(format!("{}, {}: {fault}", self.compared.scenario, name()));
            return;
        }
        self.compared.runs += 1;
        self.compared.operations += text.operations as u64;
        if difference(model, &text, &[]).is_none() {
            return;
        }
        let (mut engine, make) = (Engine::with_steps(), self.model);
        let mut differs = |run: &Run| {
            let text = self.follow(run, false);
            let is_whole = go_text::take_fault().is_none() && run.verdict.is_some();
            is_whole && difference(run, &text, &[]).is_some()
        };
        let least = shrink_while(&mut engine, make, grain(kind), model.clone(), &mut differs);
        // Once more, for the places in Go's text.
        let text = self.follow(&least, true);
        let places = go_text::take_lines().into_iter();
        let places = places.map(|line| self.text.place(line)).collect();
        let lines = lines(&text, places);
        let difference = difference(&least, &text, &lines);
        let Some((what, rows)) = difference else {
            let scenario = self.compared.scenario;
            let why = format!("{scenario}, {}: a difference did not come again", name());
            self.fault = Some(why);
            return;
        };
        self.compared.difference = Some(Difference {
            run: name(),
            schedule: (kind, least.schedule),
            what,
            rows,
        });
    }

    fn follow(&mut self, model: &Run, shows_lines: bool) -> Run {
        let names = Engine::word_names();
        go_text::guess(targets(model, &names), shows_lines);
        let follow = Follow::new(&model.steps, &names);
        let strategy = Sequential(Box::new(follow));
        self.engine.run(self.make, Box::new(strategy)).0
    }
}

/// The guess of what the text does as it follows a run, in which words have these names.
fn targets(run: &Run, names: &[String]) -> Tail {
    let follow = Follow::new(&run.steps, names);
    Tail::Follow(follow.targets().to_vec())
}

/// The places in Go's text of the steps of a run, by step; none where it is not known. Words that
/// are the model's alone, beside the text, have none, and then it is not known of any.
fn lines(text: &Run, lines: Vec<Option<String>>) -> Vec<Option<String>> {
    let has_line = |step: &&Step| !matches!(step.did, Did::Get | Did::Signal | Did::Return);
    if text.steps.iter().filter(has_line).count() != lines.len() {
        return Vec::new();
    }
    let mut lines = lines.into_iter();
    let steps = text.steps.iter();
    steps
        .map(|step| has_line(&step).then(|| lines.next()).flatten().flatten())
        .collect()
}

/// The first difference between a run of the model and one of the text.
fn difference(
    model: &Run,
    text: &Run,
    lines: &[Option<String>],
) -> Option<(String, Vec<[String; 2]>)> {
    let text_line = |at: usize, step: &Step| match lines.get(at) {
        Some(Some(place)) => format!("{:40} {place}", line_of(step)),
        _ => line_of(step),
    };
    let mut rows = Vec::new();
    let wanted: Vec<_> = model.steps.iter().filter(|step| is_shared(step)).collect();
    let mut wanted = wanted.into_iter().peekable();
    let steps = text.steps.iter().enumerate();
    let mut more = More::default();
    for (at, step) in steps.filter(|(_, step)| is_shared(step)) {
        let want = wanted.peek().copied();
        if want.is_some_and(|want| is_same(want, step)) {
            wanted.next();
            more.forget(step);
            rows.push([line_of(step), text_line(at, step)]);
        } else if more.may(step, want) {
            rows.push([String::new(), text_line(at, step)]);
        } else {
            rows.push([want.map(line_of).unwrap_or_default(), text_line(at, step)]);
            let what = match want {
                Some(_) => "another operation",
                None => "an operation more than the model's",
            };
            return Some((what.to_owned(), rows));
        }
    }
    if let Some(want) = wanted.next() {
        // A panic of Go's, perhaps, or a law that is broken there.
        let end = match &text.verdict {
            Some(Err(violation)) => violation.to_string(),
            _ => String::new(),
        };
        rows.push([line_of(want), end]);
        return Some(("an operation of the model is missing".to_owned(), rows));
    }
    if let Some((model, text)) = plain_difference(&model.steps, &text.steps) {
        rows.push([model, text]);
        return Some(("other plain words are set".to_owned(), rows));
    }
    let said = |run: &Run| match &run.verdict {
        Some(Ok(outcome)) => outcome.to_string(),
        Some(Err(violation)) => violation.to_string(),
        None => String::new(),
    };
    let (of_model, of_text) = (said(model), said(text));
    (of_model != of_text).then(|| {
        rows.push([of_model, of_text]);
        ("another outcome".to_owned(), rows)
    })
}

/// Whether the two are the same operation, in whatever calls.
fn is_same(one: &Step, other: &Step) -> bool {
    let of = |step: &Step| (step.m, step.is_handler, step.did, step.was, step.is);
    of(one) == of(other) && one.word == other.word
}

pub(super) fn is_shared(step: &Step) -> bool {
    !matches!(step.did, Did::Get | Did::Set | Did::Signal | Did::Return)
}

/// The loads that the text has done more than the model, by M and word, since the M last did what
/// the model does: one of each.
#[derive(Default)]
struct More<'a>(BTreeSet<(usize, bool, &'a str)>);

impl<'a> More<'a> {
    /// The M has done what the model does.
    fn forget(&mut self, step: &Step) {
        let of = (step.m, step.is_handler);
        self.0.retain(|(m, is_handler, _)| (*m, *is_handler) != of);
    }

    /// Whether the text may load that word here, where the model does something else.
    fn may(&mut self, step: &'a Step, want: Option<&Step>) -> bool {
        let base = base(&step.word);
        let is_named = FINER.iter().any(|(word, _)| *word == base);
        // Its own next load of the word, with another value, is no load more.
        let is_own = want.is_some_and(|want| {
            want.did == Did::Load && want.word == step.word && want.m == step.m
        });
        let is_load = step.did == Did::Load && is_named && !is_own;
        is_load && self.0.insert((step.m, step.is_handler, base))
    }
}

/// The name of a word without the number that tells several apart.
pub(super) fn base(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

pub(super) fn line_of(step: &Step) -> String {
    let handler = if step.is_handler { "'" } else { "" };
    format!("M{}{handler} {}", step.m, step.text())
}
