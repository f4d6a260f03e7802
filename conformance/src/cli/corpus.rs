//! `sigprof corpus`: the fixtures for other people's parsers.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;
use sigprof::corpus::decoder::Decoder;
use sigprof::corpus::expected::{Input, Invalid, Valid};
use sigprof::corpus::report::Report;
use sigprof::corpus::run::{self, SelectError, Selection};
use sigprof::corpus::{SCHEMA_VERSION, manifest};
use sigprof::suite::fixture::Files;

use super::{Format, Stop, even_if_unread, interrupt, output, print};

/// Traces and profiles with what a parser must make of them: list them, write them to a
/// folder, or run your parser on them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(ListArgs),
    Unpack(UnpackArgs),
    Run(RunArgs),
}

/// List the cases.
#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those of a manifest: go1.5 to go1.21, v1-only, pprof; more than one: of any of them
    #[arg(long, value_name = "NAME", value_parser = manifest_name)]
    format_version: Vec<String>,
    /// Only those that must be read
    #[arg(long, conflicts_with = "invalid")]
    valid: bool,
    /// Only those that must be refused
    #[arg(long)]
    invalid: bool,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Write the corpus to a folder: valid, invalid, manifests, schemas, README.md.
#[derive(Debug, clap::Args)]
struct UnpackArgs {
    /// A folder that is new or empty
    dir: PathBuf,
}

/// Run your parser on every case.
///
/// It gets the path of a trace as its last argument, for each case anew. Of a valid one it
/// must print the CPU samples as JSON, the object `trace` of expected.json (fixtures/README.md;
/// `stacks` and `samples` are enough, in any order), and exit with 0; an invalid one it must
/// refuse with any other exit code. Exit codes: 0 if it does, 1 if not, 3 if it cannot be
/// started, 4 if no case was selected.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct RunArgs {
    /// Only cases of a manifest: go1.5 to go1.21, v1-only; more than one: of any of them.
    /// Without it, all but v1-only
    #[arg(long, value_name = "NAME", value_parser = manifest_name)]
    format_version: Vec<String>,
    /// Only cases whose name contains this; more than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// What to run it on; of a profile it prints the object `profile`
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Input::Trace)]
    input: Input,
    /// So many at a time; as many as there are CPUs if it is not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Seconds after which it is killed
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
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

fn manifest_name(name: &str) -> Result<String, String> {
    let names = manifest::names();
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(format!("want one of {}", names.join(", ")))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let files = Files::embedded();
    match &args.command {
        Command::List(args) => list(&files, args),
        Command::Unpack(args) => unpack(&files, args),
        Command::Run(args) => run_parser(&files, args),
    }
}

/// A case in the list.
#[derive(Serialize)]
struct Listed {
    case: String,
    manifests: Vec<String>,
    rules: Vec<String>,
    about: String,
}

fn list(files: &Files, args: &ListArgs) -> Result<u8, Stop> {
    let mut cases = Vec::new();
    for case in files.valid().into_iter().chain(files.invalid()) {
        let is_valid = case.starts_with("valid/");
        if (args.valid && !is_valid) || (args.invalid && is_valid) {
            continue;
        }
        let path = format!("{case}/expected.json");
        let (about, rules) = if is_valid {
            let valid: Valid = files.json(&path).map_err(|e| Stop::Failed(e.to_string()))?;
            (valid.about, valid.rules)
        } else {
            let invalid: Invalid = files.json(&path).map_err(|e| Stop::Failed(e.to_string()))?;
            (invalid.about, invalid.rules)
        };
        cases.push(Listed {
            case,
            manifests: Vec::new(),
            rules,
            about,
        });
    }
    for name in manifest::names() {
        let listed = manifest::listed(files, &name).map_err(Stop::Failed)?;
        for case in cases.iter_mut().filter(|c| listed.contains(&c.case)) {
            case.manifests.push(name.clone());
        }
    }
    let wanted = &args.format_version;
    cases.retain(|c| wanted.is_empty() || c.manifests.iter().any(|m| wanted.contains(m)));
    if cases.is_empty() {
        return Err(Stop::NothingSelected("no case is of this kind".into()));
    }
    let text = match args.format {
        Format::Text => {
            let widest = cases.iter().map(|c| c.case.len()).max().unwrap_or(0);
            let line = |c: &Listed| format!("{:widest$}  {}\n", c.case, c.about);
            cases.iter().map(line).collect()
        }
        Format::Json => {
            let list = serde_json::json!({ "schema_version": SCHEMA_VERSION, "cases": cases });
            serde_json::to_string_pretty(&list).map_err(std::io::Error::from)? + "\n"
        }
    };
    print(&text)?;
    Ok(0)
}

fn unpack(files: &Files, args: &UnpackArgs) -> Result<u8, Stop> {
    let failed = |e: std::io::Error| Stop::Failed(format!("{}: {e}", args.dir.display()));
    fs::create_dir_all(&args.dir).map_err(failed)?;
    if fs::read_dir(&args.dir).map_err(failed)?.next().is_some() {
        let why = "want a folder that is new or empty, got one with files in it";
        return Err(Stop::Failed(format!("{}: {why}", args.dir.display())));
    }
    let (folder, _helper) = output::folder(Some(&args.dir)).map_err(failed)?;
    let count = write(files, folder.path(), |_| true).map_err(failed)?;
    for entry in fs::read_dir(folder.path()).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        fs::rename(entry.path(), args.dir.join(entry.file_name())).map_err(failed)?;
    }
    print(&format!("{count} files in {}\n", args.dir.display()))?;
    Ok(0)
}

/// Writes the corpus, or a part of it.
fn write(files: &Files, dir: &Path, is_wanted: impl Fn(&str) -> bool) -> std::io::Result<usize> {
    const PARTS: [&str; 5] = ["README.md", "invalid/", "manifests/", "schemas/", "valid/"];
    let mut count = 0;
    for path in files.paths() {
        let is_part = PARTS.iter().any(|part| path.starts_with(part));
        if !is_part || !is_wanted(path) {
            continue;
        }
        let to = dir.join(path);
        fs::create_dir_all(to.parent().unwrap_or(dir))?;
        fs::write(to, files.file(path).unwrap_or_default())?;
        count += 1;
    }
    Ok(count)
}

fn run_parser(files: &Files, args: &RunArgs) -> Result<u8, Stop> {
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
    let (folder, _helper) = output::folder(None)?;
    write(files, folder.path(), |path| {
        cases.iter().any(|c| c.file == path)
    })?;
    let decoder = Decoder {
        command: args.command.clone(),
        timeout: Duration::from_secs(args.timeout.into()),
    };
    let cpus = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or_else(cpus, usize::from);
    let command = shown(&args.command);
    let outcomes = run::run(&cases, &decoder, folder.path(), jobs, interrupt::listen())
        .map_err(|e| Stop::Failed(format!("{command}: cannot be started: {e}")))?;
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
    let report = Report {
        outcomes: &outcomes,
        command: &command,
        options: &options,
    };
    let text = match args.format {
        Format::Text => report.text(),
        Format::Json => report.json().map_err(std::io::Error::from)? + "\n",
    };
    even_if_unread(print(&text))?;
    match report.exit_code() {
        0 if outcomes.len() < cases.len() => Err(Stop::Interrupted),
        code => Ok(code),
    }
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
