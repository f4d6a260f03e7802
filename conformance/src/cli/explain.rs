use serde_json::json;
use sigprof::explain::{self, Entry};
use sigprof::shown::Shown;

use super::{Format, Stop, print, print_json, width};

/// Say what a code means, why it matters, where it is in Go's source, and what shows it.
///
/// A code is a verdict or its reason (`lost`, `ring-wrap`), an exit code (`5`), a law (`L3`), a
/// defect of Go's (`B32`), a scenario or a mutant of the model, or a rule of SPEC.md (`R12.4`; `R12`
/// is all that begin so). Without one: all that there are.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Codes to be explained
    #[arg(value_name = "CODE|NAME")]
    name: Vec<String>,
    /// How to show it; `json` is one object (see SPEC.md, S16.21)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof explain                   all that can be explained
  sigprof explain lost ring-wrap    a verdict and its reason
  sigprof explain B32 L3            a defect of Go's, and the law that it breaks
  sigprof explain R12               the rules R12.1, R12.2 and so on

Exit codes: 0 all of it was explained, 2 nothing has that name.";

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let entries = explain::all();
    let mut found: Vec<&Entry> = Vec::new();
    for name in &args.name {
        let of_name = explain::find(&entries, name);
        if of_name.is_empty() {
            return Err(unknown(&entries, name));
        }
        found.extend(of_name);
    }
    if args.name.is_empty() {
        found = entries.iter().collect();
    }
    match args.format {
        Format::Json => print_json(&json!({
            "schema_version": explain::SCHEMA_VERSION,
            "sigprof_version": sigprof::VERSION,
            "codes": found,
        }))?,
        Format::Text if args.name.is_empty() => print(&explain::listed(&entries, width::text()))?,
        Format::Text => {
            let texts: Vec<_> = found
                .iter()
                .map(|of| explain::text(of, width::text()))
                .collect();
            print(&texts.join("\n"))?;
        }
    }
    Ok(0)
}

/// Nothing has that name: the names that are like it.
fn unknown(entries: &[Entry], name: &str) -> Stop {
    let names = entries.iter().map(|entry| entry.name.clone());
    let like = explain::like(names, name);
    Stop::Usage(format!(
        "nothing is called \"{}\"{like} (`sigprof explain` lists all names)",
        Shown(name)
    ))
}
