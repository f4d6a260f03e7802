use std::path::{Path, PathBuf};

use sigprof::VERSION;
use sigprof::again;
use sigprof::bytes;
use sigprof::explain;
use sigprof::explore::html::{self, Head};
use sigprof::explore::lines::Lines;
use sigprof::explore::replay::{Replayed, Way, replay};
use sigprof::explore::seeds::{self, Case};
use sigprof::explore::table;
use sigprof::explore::target::{self, Variant};
use sigprof::failure::rule_of;
use sigprof::shown::Shown;
use sigprof::spec;
use sigprof_model::known::Known;
use sigprof_model::law::Law;
use sigprof_model::scenario::Scenario;
use sigprof_sim::Seed;
use sigprof_sim::engine::Schedule;
use sigprof_sim::engine::explore::Kind as Strategy;
use sigprof_sim::engine::steps::Entered;

use super::arguments::seed;
use super::explore::{VariantArgs, scenarios};
use super::{
    Format, Kind, ONE_OUTPUT, STDIN, Stop, bad_input, even_if_unread, explained, output, print_as,
    read_input, tell, unused,
};

/// Show one run, step by step: who did what, in which order, and what was broken.
///
/// A column a thread (M), a line a step: the operation, its word, and the value that was read
/// or is there now. What a signal handler did is indented between SIGPROF and return. `-->`
/// marks a step before which another M was left, `==>` the fatal one; a load that took an old
/// value says so.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A kept run, as in fixtures/seeds; `-` for standard input
    #[arg(conflicts_with_all = ["scenario", "revision", "mutant", "strategy", "schedule", "seed"])]
    case: Option<PathBuf>,
    /// The scenario (`sigprof explore --list`)
    #[arg(long, value_name = "NAME", value_parser = scenarios(), hide_possible_values = true)]
    #[arg(required_unless_present = "case")]
    scenario: Option<String>,
    #[command(flatten)]
    under: VariantArgs,
    /// The strategy by which the choices are counted, or whose seed it is
    #[arg(long, value_name = "STRATEGY", default_value = "pct3")]
    strategy: Strategy,
    /// The choices that are not dull, `place:choice`, as `explore` prints them; `-` for none
    #[arg(long, value_name = "CHOICES", required_unless_present_any = ["case", "seed"])]
    schedule: Option<Schedule>,
    /// The run of a seed in place of a schedule (random and pct)
    #[arg(long, value_name = "SEED", value_parser = seed, conflicts_with = "schedule")]
    seed: Option<Seed>,
    /// Put steps under the functions of Go's that they are in, and fold dull ones: steps on words
    /// that no other thread touches, or that look again at what has not changed
    #[arg(long)]
    calls: bool,
    /// Write it as a page, too: one file that needs nothing else; `-` for standard output, and what
    /// is told goes to standard error
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How to show it; `json` is one object (see SPEC.md, S16.8)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof replay fixtures/seeds/b30.toml
  sigprof replay fixtures/seeds/b30.toml --html b30.html
  sigprof replay --scenario overflow --revision go1.26 --strategy pct3 --seed 1
  sigprof replay --scenario lock --strategy dpor --schedule '-'

Exit codes: 0 nothing is broken, and nothing was expected to be; 1 a law is
broken; 2 usage; 3 the case cannot be read, or the page not be written; 4 the
scenario makes no sense there; 5 the run does not show what it should: the
schedule does not fit any more, or the case's law is not broken.";

/// The parts of a run that are asked for.
struct Asked {
    title: String,
    command: String,
    scenario: Scenario,
    under: Variant,
    kind: Strategy,
    way: Way,
    /// The law that is to be broken; none in a case that is to break none.
    law: Option<Option<Law>>,
}

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    if args.format == Format::Json {
        unused::refuse(
            &[("--calls", args.calls)],
            "is for text; JSON has all calls",
        )?;
    }
    if let (Some(page), Some(case)) = (&args.html, &args.case) {
        output::is_no_input(page, case)?;
    }
    let is_page = args.html.as_deref() == Some(Path::new(STDIN));
    if is_page && args.format == Format::Json {
        return Err(Stop::Usage(ONE_OUTPUT.into()));
    }
    let asked = match &args.case {
        Some(path) => of_case(path)?,
        None => of_options(args)?,
    };
    let shown = replay(
        &asked.scenario,
        asked.under.protocol(),
        asked.kind,
        &asked.way,
    );
    let (code, note) = judge(&asked, &shown);
    if let Some(path) = &args.html {
        let known = known(&asked, &shown).map(|known| {
            let text = format!(
                "{}: {}. {} It is a defect of Go's own, of {}.",
                known.id, known.what, known.why, known.releases,
            );
            ("Known as", text)
        });
        let law = shown.violation().map(|violation| violation.law);
        let meaning = law.and_then(|law| spec::rule(&rule_of(law)));
        let meaning = meaning.map(|rule| ("In words", rule.text.to_owned()));
        let codes = codes_of(&asked, &shown);
        let more = explain::hint(codes).map(|hint| ("More", hint));
        let but = note.clone().map(|note| ("But", note));
        let head = Head {
            title: asked.title.clone(),
            command: asked.command.clone(),
            notes: known
                .into_iter()
                .chain(meaning)
                .chain(more)
                .chain(but)
                .collect(),
            lines: Lines::named(asked.under.name()),
        };
        let page = html::page(&head, &shown);
        match is_page {
            true => even_if_unread(print_as(Kind::Bytes, &page))?,
            false => output::write_bytes(path, page.as_bytes())?,
        }
    }
    let text = match args.format {
        Format::Text => text(&asked, &shown, &note, args.calls),
        Format::Json => format!("{:#}\n", json(&asked, &shown, code, &note)),
    };
    if is_page {
        tell(&text);
    } else {
        even_if_unread(print_as(args.format, &text))?;
    }
    Ok(code)
}

fn of_case(path: &Path) -> Result<Asked, Stop> {
    let bytes = read_input(path)?;
    let text = bytes::text(&bytes);
    let case = Case::parse(&text).map_err(|error| bad_input(path, error))?;
    Ok(Asked {
        title: case.title(),
        command: match path == Path::new(STDIN) {
            true => case.command(),
            false => again::command(&format!("replay {}", again::path(path))),
        },
        scenario: case.scenario,
        under: case.under,
        kind: case.kind,
        way: Way::Schedule(case.schedule),
        law: Some(case.law),
    })
}

fn of_options(args: &Args) -> Result<Asked, Stop> {
    let under = args.under.under()?;
    let name = args.scenario.as_deref().unwrap_or_default();
    let scenario = target::scenario(name);
    let scenario = scenario.ok_or_else(|| Stop::Usage("want one scenario, not all".into()))?;
    if !(scenario.applies)(&under.protocol()) {
        let why = format!("{name} makes no sense for {under}");
        return Err(Stop::NothingSelected(why));
    }
    let (way, how) = match (&args.schedule, args.seed) {
        (_, Some(_)) if !args.strategy.is_seeded() => {
            let why = format!("{} has no seeds; give it a --schedule", args.strategy);
            return Err(Stop::Usage(why));
        }
        (_, Some(seed)) => (Way::Seed(seed), format!("--seed {}", again::seed(seed))),
        (schedule, None) => {
            let schedule = schedule.clone().unwrap_or_default();
            let how = format!("--schedule '{schedule}'");
            (Way::Schedule(schedule), how)
        }
    };
    let (option, strategy) = (under.option(), args.strategy);
    Ok(Asked {
        title: format!("{under}, scenario {name}: {}", scenario.about),
        command: again::command(&format!(
            "replay --scenario {name} {option} --strategy {strategy} {how}"
        )),
        scenario,
        under,
        kind: strategy,
        way,
        law: None,
    })
}

/// The exit code, and what is to be said of it.
fn judge(asked: &Asked, shown: &Replayed) -> (u8, Option<String>) {
    let got = shown.violation().map(|violation| violation.law);
    let misfits = seeds::misfits(shown);
    match (asked.law, got) {
        (Some(Some(want)), got) if got != Some(want) => {
            let note = format!("it does not show any more that {want} is broken{misfits}");
            (5, Some(note))
        }
        (_, Some(_)) => {
            let note = (!misfits.is_empty()).then(|| format!("it is another run{misfits}"));
            (1, note)
        }
        (_, None) if !misfits.is_empty() => (5, Some(format!("it is another run{misfits}"))),
        (_, None) => (0, None),
    }
}

/// The defect of Go's that the run shows, if it is a known one.
fn known(asked: &Asked, shown: &Replayed) -> Option<&'static Known> {
    let law = shown.violation()?.law;
    asked.under.known(asked.scenario.name, law)
}

/// The defect and the law that the run shows.
fn codes_of(asked: &Asked, shown: &Replayed) -> impl Iterator<Item = String> + use<> {
    let law = shown.violation().map(|violation| violation.law.code());
    let known = known(asked, shown).map(|known| known.id.to_owned());
    known.into_iter().chain(law)
}

fn text(asked: &Asked, shown: &Replayed, note: &Option<String>, by_calls: bool) -> String {
    let table = if by_calls {
        table::text_of_calls(shown)
    } else {
        table::text(shown)
    };
    let mut out = format!("replay {}\n\n{table}", Shown(&asked.title));
    out += &format!("\n{}\n", table::verdict(shown));
    if let Some(known) = known(asked, shown) {
        out += &format!("known as {}: {}\n", known.id, known.what);
    }
    if let Some(note) = note {
        out += &format!("but {note}\n");
    }
    out + &explained(codes_of(asked, shown))
}

fn json(asked: &Asked, shown: &Replayed, code: u8, note: &Option<String>) -> serde_json::Value {
    let steps = shown.steps.iter().zip(table::rows(shown)).zip(1..);
    let steps = steps.map(|((step, row), number)| {
        serde_json::json!({
            "step": number,
            "m": step.m,
            "handler": step.is_handler,
            "calls": calls(&step.calls),
            "did": step.did.name(),
            "word": step.word,
            "was": step.was,
            "is": step.is,
            "old": row.is_old,
            "switch": row.is_switch,
            "fatal": row.is_fatal,
            "text": row.text,
        })
    });
    let violation = shown.violation();
    serde_json::json!({
        "schema_version": 1,
        "sigprof_version": VERSION,
        "exit_code": code,
        "replay": asked.title,
        "again": asked.command,
        "under": asked.under.name(),
        "scenario": asked.scenario.name,
        "strategy": asked.kind.to_string(),
        "schedule": shown.schedule.to_string(),
        "ms": shown.names,
        "law": violation.map(|violation| format!("L{}", violation.law.number())),
        "how": violation.map(|violation| violation.how.as_str()),
        "verdict": table::verdict(shown),
        "note": note,
        "misfits": shown.misfits,
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn calls(calls: &[Entered]) -> serde_json::Value {
    let calls = calls.iter().map(|entered| {
        serde_json::json!({
            "number": entered.number,
            "function": entered.call.function,
            "file": entered.call.file,
        })
    });
    calls.collect()
}
