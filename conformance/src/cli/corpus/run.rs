//! `sigprof corpus run`: somebody's parser on every case.

use std::ffi::OsString;
use std::time::Duration;

use sigprof::corpus::decoder::Decoder;
use sigprof::corpus::expected::Input;
use sigprof::corpus::report::Report;
use sigprof::corpus::run::{self, SelectError, Selection};
use sigprof::corpus::smoke::{self, SmokeError};
use sigprof::fixtures::Files;

use super::super::{Format, Stop, even_if_unread, interrupt, print_as};
use super::manifest_name;

/// Run your parser on every case.
///
/// It gets the path of a trace as its last argument, for each case anew; the path says nothing
/// about the case. Of a valid one it must print the CPU samples as JSON, the object `trace` of
/// expected.json (fixtures/README.md; `stacks` and `samples` are enough, in any order), and exit
/// with 0; an invalid one it must refuse with another exit code. A crash is no refusal. Before
/// all cases comes a smoke test: two plain files, and a text that no parser may accept.
///
/// Exit codes: 0 if it does all this, 1 if not, 3 if it cannot be started, 4 if no case was
/// selected, 5 if it was interrupted and nothing had failed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArgs {
    /// Only cases of a manifest: go1.5 to go1.26, v1, v2, v1-only; more than one: of any of them
    #[arg(long, value_name = "NAME", value_parser = manifest_name)]
    format_version: Vec<String>,
    /// Only cases whose name contains this; more than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Kind of inputs to run it on; of a profile it prints the object `profile`
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Input::Trace)]
    input: Input,
    /// So many at a time; as many as there are CPUs if it is not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Seconds after which it is killed, with all that it has started
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    /// Run all cases even if the smoke test would fail
    #[arg(long)]
    no_smoke_test: bool,
    /// How to show the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Your parser and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  sigprof corpus run -- sigprof parse --format samples
  sigprof corpus run --input profile -- sigprof parse --format samples --input profile
  sigprof corpus run --format-version go1.21 --filter rings/ -- ./my-parser --json";

pub(super) fn run(files: &Files, args: &RunArgs) -> Result<u8, Stop> {
    if args.input == Input::Profile && !args.format_version.is_empty() {
        let why = "profiles have no format version: --input profile goes without";
        return Err(Stop::Usage(why.into()));
    }
    let selection = Selection {
        input: args.input,
        formats: args.format_version.clone(),
        filters: args.filter.clone(),
    };
    let cases = run::select(files, &selection).map_err(|error| match error {
        SelectError::Filter(_) => Stop::NothingSelected(error.to_string()),
        SelectError::Unread(why) => Stop::Failed(why),
    })?;
    if cases.is_empty() {
        return Err(Stop::NothingSelected("there is no such case".into()));
    }
    let decoder = Decoder {
        command: args.command.clone(),
        timeout: Duration::from_secs(args.timeout.into()),
    };
    let stop = interrupt::listen();
    let command = shown(&args.command);
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
    let cpus = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or_else(cpus, usize::from);
    let outcomes = match smoke {
        Some(_) => Vec::new(),
        None => run::run(files, &cases, &decoder, jobs, stop)
            .map_err(|e| Stop::Failed(format!("{command}: cannot be started: {e}")))?,
    };
    let report = Report {
        outcomes: &outcomes,
        command: &command,
        options: &options(args),
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

/// The options that a command needs which repeats a case.
fn options(args: &RunArgs) -> String {
    let mut options = String::new();
    if args.input == Input::Profile {
        options += "--input profile ";
    }
    for name in &args.format_version {
        options += &format!("--format-version {name} ");
    }
    if args.timeout != 10 {
        options += &format!("--timeout {} ", args.timeout);
    }
    if args.no_smoke_test {
        options += "--no-smoke-test ";
    }
    options
}

/// A command as it can be typed again.
fn shown(command: &[OsString]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    let word = |word: &OsString| {
        let text = word.to_string_lossy().into_owned();
        if !text.is_empty() && text.chars().all(is_plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}
