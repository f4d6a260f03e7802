//! `sigprof sim`: a trace, a profile and the truth, from a seed.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use sigprof::truth::{self, Violation};
use sigprof::{pprof, trace};
use sigprof_model::backend::Std;
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Made, Revision};
use sigprof_sim::workload::{self, Workload};

use super::{Stop, bad_input, complain, print, read_input};

/// Simulate a Go program that is traced and profiled.
///
/// Writes DIR/trace, DIR/profile.pb.gz, DIR/truth.json, DIR/plan.toml and DIR/schedule. A run
/// is a function of its seed, plan and revision: the same bytes on every machine. Where a run
/// has more than one trace or profile, the others are trace.2, profile.2.pb.gz and so on.
/// Then reads them again and holds them to the truth; exit 1 if a rule is broken.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `0x` and 16 hex digits, or a decimal number.
    #[arg(long)]
    seed: Seed,
    /// What the program does, as TOML; drawn from the seed if it is not given.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Which release's protocol: seed (before Go 1.19), go1.19, go1.21.
    #[arg(long, default_value = "go1.19", value_parser = revision)]
    revision: Revision,
    /// Where to write; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Do not read it again: for runs that are too large for memory.
    #[arg(long)]
    unjudged: bool,
}

fn revision(name: &str) -> Result<Revision, String> {
    Revision::named(name).ok_or_else(|| "want seed, go1.19 or go1.21".to_owned())
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let plan = match &args.plan {
        Some(path) => read_plan(path)?,
        None => workload::draw(args.seed),
    };
    fs::create_dir_all(&args.out)?;
    let Some(made) = simulate(args, &plan)? else {
        complain(&format!(
            "seed {}: Go's runtime crashes in revision {}",
            args.seed, args.revision.name
        ));
        return Ok(1);
    };
    write_all(args, &plan, &made)?;
    let violations = if args.unjudged {
        Vec::new()
    } else {
        judge(args, &made)?
    };
    print(&format!(
        "seed {} revision {} events {} signals {} violations {}\n",
        args.seed,
        args.revision.name,
        made.events,
        made.truth.signals.len(),
        violations.len(),
    ))?;
    for violation in &violations {
        print(&format!("{violation}\n"))?;
    }
    Ok(u8::from(!violations.is_empty()))
}

/// Reads what was written, and holds it to the truth.
fn judge(args: &Args, made: &Made) -> Result<Vec<Violation>, Stop> {
    let read_file = |name: String| {
        let path = args.out.join(name);
        read_input(&path).map(|bytes| (path, bytes))
    };
    let (path, bytes) = read_file("truth.json".into())?;
    let broken =
        |error: &dyn std::fmt::Display| Stop::Usage(format!("{}: {error}", path.display()));
    let truth = truth::read(&bytes).map_err(|e| broken(&e))?;
    let mut violations = Vec::new();
    for number in 0..made.truth.traces.len() {
        let (path, bytes) = read_file(numbered("trace", "", number))?;
        let trace = trace::read(&bytes).map_err(|e| bad_input(&path, e))?;
        violations.extend(truth::judge(&truth, Some((number, &trace)), None));
    }
    for (number, bytes) in made.profiles.iter().enumerate() {
        let path = args.out.join(numbered("profile", ".pb.gz", number));
        let profile = pprof::read(bytes).map_err(|e| bad_input(&path, e))?;
        violations.extend(truth::judge(&truth, None, Some((number, &profile))));
    }
    Ok(violations)
}

fn read_plan(path: &Path) -> Result<Workload, Stop> {
    let text = String::from_utf8_lossy(&read_input(path)?).into_owned();
    workload::parse(&text).map_err(|e| Stop::Usage(format!("{}: {e}", path.display())))
}

/// The pieces of the traces go to disk as they come. None if the runtime crashes.
fn simulate(args: &Args, plan: &Workload) -> Result<Option<Made>, Stop> {
    let mut files: Vec<BufWriter<File>> = Vec::new();
    let mut failure = None;
    let mut sink = |number: usize, piece: &[u8]| {
        let mut write = || -> std::io::Result<()> {
            while files.len() <= number {
                let path = args.out.join(numbered("trace", "", files.len()));
                files.push(BufWriter::new(File::create(path)?));
            }
            files[number].write_all(piece)
        };
        if let Err(error) = write() {
            failure.get_or_insert(error);
        }
    };
    let run = || machine::run::<Std>(args.seed, plan, args.revision, &mut sink);
    // What Go would throw is a panic of the back-end, and has said so (B1 in `seed`).
    let Ok(made) = panic::catch_unwind(AssertUnwindSafe(run)) else {
        return Ok(None);
    };
    let made = made.map_err(|e| Stop::Usage(e.to_string()))?;
    for file in &mut files {
        file.flush()?;
    }
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(Some(made)),
    }
}

fn write_all(args: &Args, plan: &Workload, made: &Made) -> Result<(), Stop> {
    for (number, profile) in made.profiles.iter().enumerate() {
        let name = numbered("profile", ".pb.gz", number);
        fs::write(args.out.join(name), profile)?;
    }
    let truth = BufWriter::new(File::create(args.out.join("truth.json"))?);
    serde_json::to_writer(truth, &made.truth).map_err(std::io::Error::from)?;
    fs::write(args.out.join("plan.toml"), plan.to_toml())?;
    // Nothing but the seed decides: this is all that it takes to have the run again.
    let schedule = format!(
        "{}\n{}\nsigprof sim --seed {} --plan plan.toml --revision {} --out DIR\n",
        args.seed, args.revision.name, args.seed, args.revision.name
    );
    fs::write(args.out.join("schedule"), schedule)?;
    Ok(())
}

/// `trace`, then `trace.2` and so on.
fn numbered(stem: &str, ending: &str, number: usize) -> String {
    match number {
        0 => format!("{stem}{ending}"),
        n => format!("{stem}.{}{ending}", n + 1),
    }
}
