//! The command line: arguments, files, exit codes. What it shows is made elsewhere.

mod check;
mod conformance;
mod corpus;
mod explore;
mod export;
mod fuzz;
mod mutants;
mod replay;
mod sim;
mod stat;
mod trace;
mod v2;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use sigprof::error::{ErrorKind, InputError, WriteError};
use sigprof::trace::Input;

/// Does a Go execution trace hold every CPU-profile sample that it should?
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = EXIT_CODES, max_term_width = HELP_WIDTH)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Help on a wider terminal has no longer lines.
const HELP_WIDTH: usize = 100;

const EXIT_CODES: &str = "\
Exit codes:
  0  it conforms; nothing was found
  1  it does not; a law is broken
  2  the command line is wrong
  3  an input cannot be read, or a tool failed
  4  nothing was selected
  5  inconclusive: samples were lost or are too many, for a reason that the
     input shows, or trace and profile have nothing in common; or not all was
     run that was asked for, and nothing found";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Parse(trace::ParseArgs),
    Dump(trace::DumpArgs),
    Stat(stat::Args),
    Export(export::Args),
    Conformance(conformance::Args),
    Corpus(corpus::Args),
    Explore(explore::Args),
    Fuzz(fuzz::Args),
    Replay(replay::Args),
    Mutants(mutants::Args),
    Sim(sim::Args),
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

pub(crate) fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Parse(args) => trace::parse(&args),
        Command::Dump(args) => trace::dump(&args),
        Command::Stat(args) => stat::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Corpus(args) => corpus::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Explore(args) => explore::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Sim(args) => sim::run(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Stop::Usage(why)) => {
            let kind = clap::error::ErrorKind::ArgumentConflict;
            let _ = Cli::command().error(kind, why.trim_end()).print();
            ExitCode::from(2)
        }
        Err(Stop::Input { path, error }) => {
            complain(&format!("error: {}: {error}", path.display()));
            ExitCode::from(3)
        }
        Err(Stop::NothingSelected(why)) => {
            complain(&format!("nothing selected: {why}"));
            ExitCode::from(4)
        }
        Err(Stop::Failed(why)) => {
            complain(&format!("error: {}", why.trim_end()));
            ExitCode::from(3)
        }
        Err(stop) if stop.is_unread() => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            complain(&format!("error: cannot write: {error}"));
            ExitCode::from(3)
        }
    }
}

/// How an outcome is shown where there are two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// What stands for standard input in place of a file.
const STDIN: &str = "-";

/// The bytes of a file, or of standard input.
fn read_input(path: &Path) -> Result<Vec<u8>, Stop> {
    open_input(path).map(|input| input.to_vec())
}

/// The same, mapped into memory if that can be.
fn open_input(path: &Path) -> Result<Input, Stop> {
    let result = if path == Path::new(STDIN) {
        Input::from_stream(io::stdin().lock())
    } else if path.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Input::open(path)
    };
    result.map_err(|e| {
        bad_input(
            path,
            InputError::new(
                ErrorKind::WrongFormat,
                0,
                "file",
                "one that can be read",
                e.to_string(),
            ),
        )
    })
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

/// Standard output, buffered.
fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// A verdict stands, and is the exit code, whether or not somebody reads its words.
fn even_if_unread(shown: Result<(), Stop>) -> Result<(), Stop> {
    match shown {
        Err(stop) if stop.is_unread() => Ok(()),
        other => other,
    }
}

/// Writes a line to standard error. That nobody reads it changes no exit code.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes text to standard output.
fn print(text: &str) -> Result<(), Stop> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
