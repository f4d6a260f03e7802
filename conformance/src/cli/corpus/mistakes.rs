//! `sigprof corpus mistakes`: mistakes of parsers, and the cases that notice them.

use sigprof::corpus::SCHEMA_VERSION;
use sigprof::corpus::mistakes;
use sigprof::fixtures::Files;

use super::super::arguments::Jobs;
use super::super::{Format, Stop, others, print_as, progress};

/// Test the corpus: put mistakes of parsers into our own, and see which cases fail.
///
/// Each mistake names the cases that must notice it. A line has how many cases fail because of it,
/// and one that is there for it: if your parser fails just these, look at that mistake first.
///
/// Exit codes: 0 every mistake fails the cases that it names, 1 one does not, 4 none has that name.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MistakesArgs {
    /// Only mistakes whose name contains this; more than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    #[command(flatten)]
    jobs: Jobs,
    /// How to show them; json has what goes wrong, and all cases that fail
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

const EXAMPLES: &str = "\
Examples:
  sigprof corpus mistakes
  sigprof corpus mistakes --filter names --format json";

pub(super) fn run(files: &Files, args: &MistakesArgs) -> Result<u8, Stop> {
    let chosen = mistakes::select(&args.filter).map_err(|filter| {
        let all = mistakes::select(&[]).unwrap_or_default();
        let names: Vec<_> = all.iter().map(|mistake| mistake.name.to_owned()).collect();
        let others = others(&names, "names", String::clone, filter);
        Stop::NothingSelected(format!("no mistake has {filter:?} in its name{others}"))
    })?;
    let what = format!(
        "{} mistakes on the corpus, which take seconds",
        chosen.len()
    );
    let rows = progress::during(&what, || mistakes::run(files, &chosen, args.jobs.count()));
    let rows = rows.map_err(Stop::Failed)?;
    let text = match args.format {
        Format::Text => mistakes::table(&rows),
        Format::Json => {
            let rows = serde_json::json!({
                "schema_version": SCHEMA_VERSION,
                "sigprof_version": sigprof::VERSION,
                "mistakes": rows,
            });
            serde_json::to_string_pretty(&rows).map_err(std::io::Error::from)? + "\n"
        }
    };
    print_as(args.format, &text)?;
    Ok(u8::from(rows.iter().any(|row| !row.missed.is_empty())))
}
