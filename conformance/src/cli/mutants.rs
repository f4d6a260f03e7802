use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

use sigprof::explore::matrix::{LEGEND, MatrixJob, Options};
use sigprof_model::mutants::Mutant;
use sigprof_sim::Seed;
use sigprof_sim::machine::Revision;

use super::arguments::{Jobs, folder, seed};
use super::explore::keep;
use super::{
    Format, Stop, even_if_unread, explained, interrupt, others, print, print_as, progress, width,
};

/// Test the tests: every mutant must be caught, and every release cleared of what it did not
/// do.
///
/// Runs every mutant of the catalogue, and every revision, through the strategies. A cell says
/// in which run the law that the mutant names was broken first in its scenario, by that
/// strategy; `-` that it was not; `L2: 1` that another law was broken there before. `elsewhere`
/// counts the other scenarios, of those that the release it is made of passes, in which
/// anything is broken.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Only mutants and revisions whose name contains this, or with this defect (B30); more
    /// than one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    #[command(flatten)]
    jobs: Jobs,
    /// Go ten times further, and through bounded2: minutes in place of seconds
    #[arg(long)]
    full: bool,
    /// The first seed of the strategies that have seeds
    #[arg(long, value_name = "SEED", default_value = "0", value_parser = seed)]
    seed: Seed,
    /// Leave out how long it took, so that equal outcomes are equal bytes
    #[arg(long)]
    no_times: bool,
    /// Write the tables that are reviewed into this folder: the whole matrix, without times
    #[arg(short, long, alias = "tables", value_name = "DIR", value_parser = folder())]
    #[arg(conflicts_with_all = ["filter", "full", "seed"])]
    output: Option<PathBuf>,
    /// How to show the outcome; `json` is one object (see SPEC.md, S16.9)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof mutants
  sigprof mutants --filter relaxed --filter go1.26
  sigprof mutants --format json --no-times

Exit codes: 0 all as it should be; 1 a mutant survives or is caught for another
law than it names, an equivalent one is caught, a defect of a release is not
found, a release is accused of what it did not do, or a search that must come
to its end does not; 2 usage; 4 nothing has that name; 5 nothing is wrong, but
it was interrupted.";

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let planned = |filters: &[String]| {
        MatrixJob::new(Options {
            filters: filters.to_vec(),
            jobs: args.jobs.count(),
            is_full: args.full,
            seed: args.seed,
        })
    };
    // Each must fit, else something that was meant would not be tried.
    for filter in &args.filter {
        if planned(std::slice::from_ref(filter)).is_empty() {
            let names = Mutant::all()
                .into_iter()
                .map(|mutant| mutant.name.to_owned());
            let names: Vec<_> = names
                .chain(Revision::names().into_iter().map(str::to_owned))
                .collect();
            let others = others(&names, "names", String::clone, filter);
            let why = format!("no mutant or revision has {filter:?} in its name{others}");
            return Err(Stop::NothingSelected(why));
        }
    }
    let job = planned(&args.filter);
    let stop = interrupt::listen();
    if args.format == Format::Text {
        even_if_unread(print(&format!("{}\n{LEGEND}", job.head())))?;
    }
    let bar = progress::bar("runs of mutants and revisions", Some(0));
    let matrix = job.run(stop, |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let text = match args.format {
        Format::Text => {
            // Names in a table are too many to be named again.
            let of_table = (!stop.load(Relaxed)).then_some("NAME");
            matrix.text(!args.no_times, width::columns()) + &explained(of_table)
        }
        Format::Json => format!("{:#}\n", matrix.json(!args.no_times)),
    };
    even_if_unread(print_as(args.format, &text))?;
    if let Some(folder) = &args.output {
        keep(folder, matrix.tables())?;
    }
    Ok(matrix.exit_code())
}
