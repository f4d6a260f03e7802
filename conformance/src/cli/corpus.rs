//! `sigprof corpus`: the fixtures for other people's parsers.

mod mistakes;
mod run;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use sigprof::corpus::expected::{Invalid, Valid};
use sigprof::corpus::{SCHEMA_VERSION, events, manifest};
use sigprof::fixtures::Files;
use sigprof::shown::counted;

use super::arguments::folder;
use super::{Format, Stop, interrupt, output, print, print_as, progress, shown, width};

/// Traces and profiles with what a parser must make of them: list them, write them to a
/// folder, run your parser on them, or see which mistakes of parsers they notice.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(ListArgs),
    Unpack(UnpackArgs),
    Run(run::RunArgs),
    Mistakes(mistakes::MistakesArgs),
}

/// List the cases.
#[derive(Debug, clap::Args)]
#[command(after_help = LIST)]
struct ListArgs {
    /// Only those of a manifest: go1.5 to go1.26 (the format of Go 1.26 and 1.27), v1, v2, v1-only,
    /// pprof; more than one: of any of them
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

const LIST: &str = "\
Examples:
  sigprof corpus list --invalid
  sigprof corpus list --format-version v2 --format json

Exit codes: 0 they are listed, 2 usage, 3 it cannot be written, 4 there is none.";

/// Write the corpus to a folder: valid, invalid, manifests, schemas, README.md, and SPEC.md with
/// the rules that the cases name.
#[derive(Debug, clap::Args)]
#[command(after_help = UNPACK)]
#[command(override_usage = "sigprof corpus unpack [OPTIONS] --output <DIR>")]
struct UnpackArgs {
    /// Where to write: a folder that is new or empty
    #[arg(short, long, value_name = "DIR", value_parser = folder())]
    #[arg(required_unless_present = "dir")]
    output: Option<PathBuf>,
    /// The same, as it was once given
    #[arg(hide = true, conflicts_with = "output", value_parser = folder())]
    dir: Option<PathBuf>,
    /// With the events of each valid case, as --level events wants them: events.jsonl
    #[arg(long)]
    events: bool,
}

const UNPACK: &str = "\
Examples:
  sigprof corpus unpack -o corpus
  sigprof corpus unpack --events -o corpus

Exit codes: 0 it was written, 2 usage, 3 it cannot be, or there is something in the folder.";

fn manifest_name(name: &str) -> Result<String, String> {
    let names = manifest::names();
    let minor = super::release::minor(name);
    let name = minor.as_deref().unwrap_or(name);
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(format!("want one of {}", names.join(", ")))
}

impl Args {
    pub(super) fn is_json(&self) -> bool {
        let format = match &self.command {
            Command::List(args) => args.format,
            Command::Unpack(_) => Format::Text,
            Command::Run(args) => args.format,
            Command::Mistakes(args) => args.format,
        };
        format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let files = Files::embedded();
    match &args.command {
        Command::List(args) => list(&files, args),
        Command::Unpack(args) => unpack(&files, args),
        Command::Run(args) => run::run(&files, args),
        Command::Mistakes(args) => mistakes::run(&files, args),
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
        Format::Text => width::list(cases.iter().map(|c| (&c.case, &c.about))),
        Format::Json => {
            let list = serde_json::json!({
                "schema_version": SCHEMA_VERSION,
                "sigprof_version": sigprof::VERSION,
                "cases": cases,
            });
            serde_json::to_string_pretty(&list).map_err(io::Error::from)? + "\n"
        }
    };
    print_as(args.format, &text)?;
    Ok(0)
}

fn unpack(files: &Files, args: &UnpackArgs) -> Result<u8, Stop> {
    let Some(dir) = args.output.as_ref().or(args.dir.as_ref()) else {
        return Err(Stop::Usage("want a folder".into()));
    };
    let failed = |e: io::Error| Stop::Failed(format!("{}: {e}", dir.display()));
    run::is_new(dir)?;
    let folder = output::folder(Some(dir)).map_err(failed)?;
    let what = "writing the corpus, which takes seconds";
    let count = progress::during(what, || write(files, folder.path(), args.events));
    let count = count.map_err(failed)?;
    let take = || -> io::Result<()> {
        for entry in fs::read_dir(folder.path())? {
            let entry = entry?;
            fs::rename(entry.path(), dir.join(entry.file_name()))?;
        }
        Ok(())
    };
    interrupt::undivided(|| take().map_err(failed))?;
    print(&format!(
        "{} in {}\n",
        counted(count as u64, "file"),
        shown(dir)
    ))?;
    Ok(0)
}

/// Writes the corpus, with the specification beside its README.
fn write(files: &Files, dir: &Path, with_events: bool) -> io::Result<usize> {
    const PARTS: [&str; 5] = ["README.md", "invalid/", "manifests/", "schemas/", "valid/"];
    let mut count = 0;
    let mut put = |path: &str, bytes: &[u8]| -> io::Result<()> {
        let to = dir.join(path);
        fs::create_dir_all(to.parent().unwrap_or(dir))?;
        count += 1;
        fs::write(to, bytes)
    };
    for path in files.paths() {
        let is_part = PARTS.iter().any(|part| path.starts_with(part));
        let bytes = files.file(path).unwrap_or_default();
        match path {
            "README.md" => put(path, readme(bytes).as_bytes())?,
            _ if is_part => put(path, bytes)?,
            _ => {}
        }
    }
    put("SPEC.md", sigprof::spec::TEXT.as_bytes())?;
    for case in files.valid().iter().filter(|_| with_events) {
        let lines = events::of(files.file(&format!("{case}/trace")).unwrap_or_default());
        let lines = lines.map_err(|e| io::Error::other(format!("{case}: {e}")))?;
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        put(&format!("{case}/events.jsonl"), text.as_bytes())?;
    }
    Ok(count)
}

/// The README with links to what is unpacked beside it.
fn readme(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("](../SPEC.md", "](SPEC.md")
}
