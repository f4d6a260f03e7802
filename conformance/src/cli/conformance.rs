use std::io::IsTerminal;

use clap::ValueEnum;
use sigprof::oracle::{MODE_VARIABLE, Mode};
use sigprof::suite::fixture::Files;
use sigprof::suite::outcome::{CaseOutcome, Status};
use sigprof::suite::{self, Options};

use super::{Stop, even_if_unread, print};

/// Run the conformance suite on the fixtures that are part of this program.
///
/// Readers, dump and checks on traces and profiles of real Go, against what Go
/// itself made of them; bad input against the errors it must lead to; and, where Go
/// toolchains are installed (scripts/oracles), against Go as it is run now.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only cases whose name in the list contains this; more than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// List the cases and run none
    #[arg(long)]
    list: bool,
    /// What to do about real Go: `auto` skips where it is absent
    #[arg(long, value_enum, env = MODE_VARIABLE, default_value_t = Mode::Auto)]
    #[arg(hide_env_values = true)]
    oracles: Mode,
    /// How to show the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let options = Options {
        filters: args.filter.clone(),
        oracles: args.oracles,
    };
    let files = Files::embedded();
    let titles = suite::list(&files, &options);
    if titles.is_empty() {
        return Err(Stop::NothingSelected(
            "no case has that name (--list shows them)".into(),
        ));
    }
    if args.list {
        print(&(titles.join("\n") + "\n"))?;
        return Ok(0);
    }
    let mut done = 0;
    let outcome = suite::run(&files, &options, |case| {
        done += 1;
        progress(done, titles.len(), case);
    });
    let text = match args.format {
        Format::Text => outcome.text(),
        Format::Json => outcome.json().map_err(std::io::Error::from)? + "\n",
    };
    even_if_unread(print(&text))?;
    Ok(outcome.exit_code())
}

/// One line that is written over, and only where somebody watches.
fn progress(done: usize, of: usize, case: &CaseOutcome) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let CaseOutcome {
        area, name, status, ..
    } = case;
    match status {
        Status::Failed(_) => eprintln!("\r\x1b[Kfailed: {area} {name}"),
        _ if done < of => eprint!("\r\x1b[K{done} of {of}: {area} {name}"),
        _ => eprint!("\r\x1b[K"),
    }
}
