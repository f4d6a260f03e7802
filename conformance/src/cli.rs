//! The command line: arguments, files, exit codes. What it shows is made elsewhere.

mod arguments;
mod called;
mod campaign;
mod check;
mod color;
mod conformance;
mod corpus;
mod dump;
mod ended;
mod events;
mod explain;
mod explore;
mod export;
mod fuzz;
mod go_text;
mod groups;
mod interrupt;
mod json;
mod later;
mod mutants;
mod open;
mod output;
mod packaged;
mod page;
mod progress;
mod release;
mod replay;
mod sim;
mod spec;
mod stat;
mod trace;
mod unused;
mod v2;
mod width;
mod zone;

use std::env;
use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use sigprof::again;
use sigprof::error::{InputError, WriteError, panic_words};
use sigprof::explain as explain_codes;
use sigprof::shown::{Guard, Shown, Style, lines};

use ended::{exit_code, names, refuse};
use later::Later;
use open::{Opened, open_pieces, open_profile, open_reader, open_trace_once, read_input};

/// Does a Go execution trace hold every CPU-profile sample that it should?
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = AFTER, max_term_width = HELP_WIDTH)]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
struct Everywhere {
    /// Whether there are colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    #[arg(hide_possible_values = true)]
    color: color::When,
    /// Show nothing but the outcome and errors: no progress, no warnings
    #[arg(short, long, global = true)]
    quiet: bool,
}

/// Help on a wider terminal has no longer lines.
const HELP_WIDTH: usize = 100;

const AFTER: &str = "\
Examples:
  sigprof check trace profile.pb.gz       does the trace have what the profile has?
  sigprof check trace                     does it have as many samples as there was time for?
  sigprof corpus run -- ./my-parser       what does your parser make of the traces?
  sigprof conformance                     all that can be judged, in seconds
  sigprof explore --revision go1.26       which laws does the protocol of Go 1.26 break?
  sigprof explain lost ring-wrap B2       what is this?

Exit codes:
  0  it conforms; nothing was found
  1  it does not; a law is broken
  2  the command line is wrong
  3  an input cannot be read, or a tool failed
  4  nothing was selected
  5  inconclusive: samples were lost or are too many, for a reason that the
     input shows, or trace and profile have nothing in common; or not all was
     run that was asked for, and nothing found; or it was interrupted

Ctrl-C, TERM and HUP end a command with what it has; a second one at once (130).";

#[derive(Debug, Subcommand)]
enum Command {
    Check(Later<check::Args>),
    Parse(Later<trace::ParseArgs>),
    Dump(Later<dump::Args>),
    Stat(Later<stat::Args>),
    Export(Later<export::Args>),
    Conformance(Later<conformance::Args>),
    Corpus(Later<corpus::Args>),
    Explore(Later<explore::Args>),
    Campaign(Later<campaign::Args>),
    GoText(Later<go_text::Args>),
    Fuzz(Later<fuzz::Args>),
    Replay(Later<replay::Args>),
    Mutants(Later<mutants::Args>),
    Sim(Later<sim::Args>),
    Explain(Later<explain::Args>),
    Spec(Later<spec::Args>),
    Completions(Later<packaged::CompletionsArgs>),
    Man(Later<packaged::ManArgs>),
}

/// Why a command ended before its end.
#[derive(Debug)]
enum Stop {
    /// The command line is wrong in a way that its syntax does not say: exit 2.
    Usage(String),
    /// An input cannot be read: exit 3.
    Input {
        path: PathBuf,
        error: Box<InputError>,
    },
    /// Nothing was selected: exit 4.
    NothingSelected(String),
    /// A tool failed, or a file cannot be written: exit 3.
    Failed(String),
    /// The output cannot be written: exit 3, but quietly if its reader has gone.
    Output(io::Error),
    /// Ctrl-C or the like came before the end, and how far the command came: exit 5.
    Interrupted(String),
}

impl Stop {
    /// Whether the output's reader has gone, as `head` does when it has seen enough.
    fn is_unread(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs the command that the process was asked for.
#[must_use]
pub fn main() -> ExitCode {
    color::set(color::asked(env::args_os().skip(1)));
    let parsed = command_of(env::args_os().nth(1)).try_get_matches();
    let names = parsed.as_ref().map_or(Vec::new(), names);
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
    let command = match parsed {
        Ok(Cli {
            everywhere,
            command,
        }) => {
            if everywhere.quiet {
                progress::be_quiet();
            }
            command
        }
        // Of an error the words that it quotes may be a file's name, which `*` has put there.
        Err(error) if error.use_stderr() => return refuse(error),
        Err(help) => help.exit(),
    };
    again::called(called::program());
    let is_json = command.is_json();
    let is_in_lines = matches!(command, Command::Parse(_));
    let result = interrupt::install().and_then(|()| or_failed(|| run(command)));
    if let (true, Err(stop)) = (is_json, &result) {
        json::print_error(stop, is_in_lines);
    }
    interrupt::over();
    exit_code(result, &names)
}

/// The command line as far as it takes to read one that begins with this word.
fn command_of(first: Option<OsString>) -> clap::Command {
    let first = first.and_then(|first| first.into_string().ok());
    match first.filter(|first| Command::has_subcommand(first)) {
        Some(name) => colored(later::only(name, Cli::command)),
        None => command(),
    }
}

/// As the command line has it, and before it is known whether it is right.
fn colored(command: clap::Command) -> clap::Command {
    command.color(color::asked(env::args_os().skip(1)).of_clap())
}

/// The command line, with its help as people see it.
fn command() -> clap::Command {
    let command = colored(Cli::command());
    let template = groups::template(&command, width::text());
    command.help_template(template)
}

fn run(command: Command) -> Result<u8, Stop> {
    match command {
        Command::Check(args) => check::run(&args),
        Command::Parse(args) => trace::parse(&args),
        Command::Dump(args) => dump::run(&args),
        Command::Stat(args) => stat::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Corpus(args) => corpus::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Explore(args) => explore::run(&args),
        Command::Campaign(args) => campaign::run(&args),
        Command::GoText(args) => go_text::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Spec(args) => spec::run(&args),
        Command::Completions(args) => packaged::completions(&args),
        Command::Man(args) => packaged::man(&args),
    }
}

/// Runs a command. A panic is a mistake of sigprof's own, on whatever thread: a tool that failed,
/// and no outcome. The panic itself has said where.
fn or_failed(run: impl FnOnce() -> Result<u8, Stop>) -> Result<u8, Stop> {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let why = panic_words(&*payload);
        Err(Stop::Failed(format!("sigprof itself failed: {why}")))
    })
}

/// A path as it is shown to people.
fn shown(path: &Path) -> String {
    Shown(&path.to_string_lossy()).to_string()
}

/// The path that stands for standard input.
const STDIN: &str = "-";

/// How an outcome is shown where there are two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn bad_input(path: &Path, error: InputError) -> Stop {
    Stop::Input {
        path: path.to_owned(),
        error: Box::new(error),
    }
}

fn cannot_write(path: &Path) -> impl Fn(WriteError) -> Stop {
    move |error| match error {
        WriteError::Input(error) => bad_input(path, error),
        WriteError::Output(error) => Stop::Output(error),
    }
}

/// Kinds of output, which are guarded in different ways (S25.2, S25.3).
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Words for people, wherever they go.
    Text,
    /// JSON, the same texts in other words where it goes to a terminal.
    Json,
    /// The bytes of another format; to a terminal as text.
    Bytes,
}

impl From<Format> for Kind {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

/// Standard output, buffered and guarded: there is no other way to it. The guard gets much at a time,
/// and may make many pieces of it.
fn stdout(kind: Kind) -> BufWriter<Guard<BufWriter<io::StdoutLock<'static>>>> {
    const HELD: usize = 1 << 16;
    let style = match (kind, io::stdout().is_terminal()) {
        (Kind::Text, _) | (Kind::Bytes, true) => Style::Text,
        (Kind::Json, true) => Style::Json,
        (Kind::Json | Kind::Bytes, false) => Style::Off,
    };
    let out = BufWriter::with_capacity(HELD, io::stdout().lock());
    BufWriter::with_capacity(HELD, Guard::new(out, style))
}

/// A verdict stands, and is the exit code, whether or not somebody reads its words.
fn even_if_unread(shown: Result<(), Stop>) -> Result<(), Stop> {
    match shown {
        Err(stop) if stop.is_unread() => Ok(()),
        other => other,
    }
}

/// Writes a line to standard error, or more, of which only the first begins at the margin. That
/// nobody reads it changes no exit code.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", color::of_error(lines(line)));
}

/// The line below an output with codes, which says how to have them explained; empty without any.
fn explained<T: std::fmt::Display>(codes: impl IntoIterator<Item = T>) -> String {
    explain_codes::hint(codes).map_or(String::new(), |hint| format!("\n{hint}\n"))
}

/// Why a page, or another file that goes to standard output, leaves no place for JSON.
const ONE_OUTPUT: &str = "standard output has one place: want a file, or --format text";

/// Writes words for people to standard error, where something else has standard output.
fn tell(text: &str) {
    let _ = Guard::new(io::stderr(), Style::Text).write_all(text.as_bytes());
}

/// The end of a message on a filter that fits none of these names: those that are like it, and all
/// groups of them.
fn others(
    names: &[String],
    groups_are: &str,
    group: impl Fn(&String) -> String,
    filter: &str,
) -> String {
    let mut groups: Vec<_> = names.iter().map(group).collect();
    groups.dedup();
    let like = explain_codes::like(names.iter().cloned(), filter);
    format!("{like}; {groups_are} are {}", groups.join(", "))
}

/// Writes words for people to standard output.
fn print(text: &str) -> Result<(), Stop> {
    print_as(Kind::Text, text)
}

/// Writes a value as JSON to standard output.
fn print_json(value: &impl serde::Serialize) -> Result<(), Stop> {
    let mut out = stdout(Kind::Json);
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Writes a text of this kind to standard output.
fn print_as(kind: impl Into<Kind>, text: &str) -> Result<(), Stop> {
    let kind = kind.into();
    if let (Kind::Text, true) = (kind, color::is_on_output()) {
        return color::print(text);
    }
    let mut out = stdout(kind);
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S26.6.
    #[test]
    fn a_panic_of_a_command_is_a_failure_with_its_words() {
        let failed = or_failed(|| panic!("index {}", 7));
        assert!(
            matches!(&failed, Err(Stop::Failed(why)) if why == "sigprof itself failed: index 7"),
            "{failed:?}"
        );
        assert!(matches!(or_failed(|| Ok(5)), Ok(5)));
    }
}
