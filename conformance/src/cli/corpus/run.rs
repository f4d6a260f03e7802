//! `sigprof corpus run`: somebody's parser on every case.

use std::cell::Cell;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sigprof::again;
use sigprof::corpus::decoder::{Decoder, Feed};
use sigprof::corpus::expected::Input;
use sigprof::corpus::report::Report;
use sigprof::corpus::run::{self, Job, Level, SelectError, Selection};
use sigprof::corpus::smoke::{self, SmokeError};
use sigprof::fixtures::Files;

use super::super::arguments::{Jobs, folder, time};
use super::super::{Format, Stop, even_if_unread, interrupt, others, print_as, progress};
use super::manifest_name;

/// How long a parser has, and how that was given.
#[derive(Clone, Debug)]
struct Timeout {
    time: Duration,
    spelled: String,
}

const TIMEOUT: &str = "10s";

/// A time; a number alone is seconds.
fn timeout(text: &str) -> Result<Timeout, String> {
    let time = match text.parse::<u32>() {
        Ok(_) => time(&format!("{text}s")),
        Err(_) => time(text),
    };
    let spelled = text.to_owned();
    time.map(|time| Timeout { time, spelled })
}

/// Run your parser on every case.
///
/// It gets the path of a trace as its last argument (or with --stdin the trace itself as standard
/// input), for each case anew; the path says nothing about the case. Of a valid one it must print
/// the CPU samples as JSON, the object `trace` of expected.json (fixtures/README.md; `stacks` and
/// `samples` are enough, in any order), and exit with 0; an invalid one it must refuse with exit
/// code 3. All other exit codes, and crashes, are failures. With --level events it prints every
/// event instead, one JSON object a line: time_ns, kind, p, g and m. Before all cases comes a
/// smoke test: two plain files, and a text that no parser may accept.
///
/// Exit codes: 0 if it does all this, 1 if not, 3 if it cannot be started, 4 if no case was
/// selected, 5 if it was interrupted and nothing had failed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArgs {
    /// Only cases of a manifest: go1.5 to go1.26 (the format of Go 1.26 and 1.27), v1, v2, v1-only;
    /// more than one: of any of them
    #[arg(long, value_name = "NAME", value_parser = manifest_name)]
    format_version: Vec<String>,
    /// Only cases whose name contains this; more than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Kind of inputs to run it on; of a profile it prints the object `profile`
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Input::Trace)]
    input: Input,
    /// Output that is wanted of it
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Level::Samples)]
    level: Level,
    #[command(flatten)]
    jobs: Jobs,
    /// When it is killed, with all that it has started
    #[arg(long, value_name = "TIME", default_value = TIMEOUT, value_parser = timeout)]
    timeout: Timeout,
    /// Give it the file as standard input, and no path
    #[arg(long)]
    stdin: bool,
    /// Write what it printed of each case that fails into this folder, which is new or empty
    #[arg(short, long, alias = "keep", value_name = "DIR", value_parser = folder())]
    output: Option<PathBuf>,
    /// Run all cases even if the smoke test would fail
    #[arg(long)]
    no_smoke_test: bool,
    /// How to show the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Your parser and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
What it prints of a valid trace, and with --level events a line of it:
  {\"stacks\": [[{\"function\": \"main.f\", \"file\": \"/src/f.go\", \"line\": 7}]],
   \"samples\": [{\"time_ns\": 210, \"p\": 0, \"g\": 1, \"m\": 7, \"generation\": 1, \"stack\": 0}]}
  {\"time_ns\": 210, \"kind\": \"StackSample\", \"p\": 0, \"g\": 1, \"m\": 7, \"generation\": 1}
null is none: no P, no goroutine; before Go 1.22 no m and no generation. `sigprof corpus unpack` has
what each field means (README.md) and the rules that cases name (SPEC.md).

Examples:
  sigprof corpus run -- sigprof parse --format samples
  sigprof corpus run --level events -- sigprof parse --format events
  sigprof corpus run --input profile -- sigprof parse --format samples --input profile
  sigprof corpus run --stdin -- sigprof parse --format samples -
  sigprof corpus run --format-version go1.21 --filter rings/ -o out -- ./my-parser --json";

pub(super) fn run(files: &Files, args: &RunArgs) -> Result<u8, Stop> {
    if args.input == Input::Profile && !args.format_version.is_empty() {
        let why = "profiles have no format version: --input profile goes without";
        return Err(Stop::Usage(why.into()));
    }
    if args.input == Input::Profile && args.level == Level::Events {
        let why = "profiles have no events: --input profile goes without --level events";
        return Err(Stop::Usage(why.into()));
    }
    let selection = Selection {
        input: args.input,
        level: args.level,
        formats: args.format_version.clone(),
        filters: args.filter.clone(),
    };
    let cases = run::select(files, &selection).map_err(|error| match &error {
        SelectError::Filter(filter) => {
            let others = like(files, &selection, filter);
            Stop::NothingSelected(format!("{error}{others}"))
        }
        SelectError::Unread(why) => Stop::Failed(why.clone()),
    })?;
    if cases.is_empty() {
        return Err(Stop::NothingSelected("there is no such case".into()));
    }
    let decoder = Decoder {
        command: args.command.clone(),
        timeout: args.timeout.time,
        feed: match args.stdin {
            true => Feed::Stdin,
            false => Feed::Path,
        },
    };
    if let Some(output) = &args.output {
        is_new(output)?;
    }
    let stop = interrupt::listen();
    let words = args.command.iter();
    let words: Vec<_> = words
        .map(|word| again::quoted(&word.to_string_lossy()))
        .collect();
    let command = words.join(" ");
    let mut smoke = None;
    if !args.no_smoke_test {
        match smoke::test(files, &selection, &cases, &decoder, stop) {
            Ok(()) => {}
            Err(SmokeError::NotRun(why)) => {
                return Err(Stop::Failed(format!("{command}: {why}")));
            }
            Err(SmokeError::Unread(why)) => return Err(Stop::Failed(why)),
            Err(SmokeError::Fails(why)) => smoke = Some(why),
        }
    }
    let outcomes = match smoke {
        Some(_) => Vec::new(),
        None => {
            let job = Job {
                files,
                level: args.level,
                decoder: &decoder,
                jobs: args.jobs.count(),
                keep: args.output.as_deref(),
            };
            let bar = progress::bar("cases", Some(cases.len() as u64));
            let failed = Cell::new(0);
            let outcomes = run::run(&job, &cases, stop, |outcome| {
                failed.set(failed.get() + usize::from(outcome.failure.is_some()));
                bar.set_message(format!("{} failed", failed.get()));
                bar.inc(1);
            });
            bar.finish_and_clear();
            outcomes.map_err(|e| Stop::Failed(format!("{command}: cannot be run: {e}")))?
        }
    };
    let report = Report {
        outcomes: &outcomes,
        command: &command,
        options: &options(args),
        level: args.level,
        selected: cases.len(),
        smoke: smoke.as_deref(),
    };
    let text = match args.format {
        Format::Text => report.text(),
        Format::Json => report.json().map_err(std::io::Error::from)? + "\n",
    };
    even_if_unread(print_as(args.format, &text))?;
    Ok(report.exit_code())
}

/// The cases that are like one that a filter names, and the topics.
fn like(files: &Files, selection: &Selection, filter: &str) -> String {
    let all = Selection {
        filters: Vec::new(),
        ..selection.clone()
    };
    let cases = run::select(files, &all).unwrap_or_default();
    let names: Vec<_> = cases.into_iter().map(|case| case.name).collect();
    let topic = |name: &String| {
        name.rsplit_once('/')
            .map_or("", |(topic, _)| topic)
            .to_owned()
    };
    others(&names, "topics", topic, filter)
}

/// Refuses a folder in which there is something: what is kept would be mixed up with it.
pub(super) fn is_new(folder: &Path) -> Result<(), Stop> {
    let failed = |e: io::Error| Stop::Failed(format!("{}: {e}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    match std::fs::read_dir(folder).map_err(failed)?.next() {
        None => Ok(()),
        Some(_) => {
            let why = "want a folder that is new or empty, got one with files in it";
            Err(Stop::Failed(format!("{}: {why}", folder.display())))
        }
    }
}

/// The options that a command needs which repeats a case.
fn options(args: &RunArgs) -> String {
    let mut options = String::new();
    if args.input == Input::Profile {
        options += "--input profile ";
    }
    if args.level == Level::Events {
        options += "--level events ";
    }
    for name in &args.format_version {
        options += &format!("--format-version {name} ");
    }
    if args.timeout.spelled != TIMEOUT {
        options += &format!("--timeout {} ", args.timeout.spelled);
    }
    if args.stdin {
        options += "--stdin ";
    }
    if args.no_smoke_test {
        options += "--no-smoke-test ";
    }
    options
}
