//! `sigprof sim`: a trace, a profile and the truth, from a seed.

mod staging;

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sigprof::again;
use sigprof::bytes;
use sigprof::shown::line;
use sigprof::truth::{self, Violation};
use sigprof_model::backend::{Throw, catch_throw};
use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Budget, Revision, SignalSink, Sink};
use sigprof_sim::stage::{self, Stage, Staged};
use sigprof_sim::truth::{Signal, Truth};
use sigprof_sim::workload::{self, Workload};

use super::arguments::{folder, seed, time};
use super::release::Releases;
use super::{Stop, bad_input, complain, explained, print, progress, read_input};

/// Simulate a Go program that is traced and profiled.
///
/// Writes DIR/trace, DIR/profile.pb.gz, DIR/truth.json, DIR/plan.toml and DIR/schedule, reads
/// them again and holds them to the truth. A run is a function of its seed, workload and revision:
/// the same bytes on every machine. Where a run has more than one trace or profile, the others
/// are trace.2, profile.2.pb.gz and so on; snapshots of flight recorders are snapshot, snapshot.2.
/// An older run in DIR is replaced as a whole, once the new one is complete; other files stay. Exit
/// 1 if a rule is broken, or the runtime crashes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A number; hex digits with `0x` before them.
    #[arg(long, value_parser = seed)]
    seed: Seed,
    /// The program's work, as TOML; drawn from the seed if neither this nor a stage is given.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["case", "stage"])]
    workload: Option<PathBuf>,
    /// The steps of each thread, with the engine in between, as TOML with `[[m]]`.
    #[arg(long, value_name = "FILE", conflicts_with = "case")]
    stage: Option<PathBuf>,
    /// Either of them, as these options were once called.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with_all = ["case", "workload", "stage"])]
    plan: Option<PathBuf>,
    /// A hard case, by name.
    #[arg(long, value_name = "NAME", value_parser = cases())]
    case: Option<String>,
    /// Release whose protocol is run: seed (before Go 1.19), go1.19 to go1.27, or fixed (the newest
    /// without its known defects).
    #[arg(long, value_name = "REVISION", default_value = "go1.19", value_parser = revision())]
    revision: Revision,
    /// How long a generation of the trace lasts, such as 110ms (from go1.22 on); of a drawn
    /// workload, or in place of what the workload says.
    #[arg(long, value_name = "TIME", value_parser = generation, conflicts_with_all = ["case", "stage"])]
    generation: Option<u64>,
    /// Where to write; made if it is not there.
    #[arg(short = 'o', long = "output", alias = "out", value_name = "DIR", value_parser = folder())]
    out: PathBuf,
    /// Do not read it again: for runs that are too large for memory.
    #[arg(long)]
    unjudged: bool,
}

const HELP: &str = "\
Examples:
  sigprof sim --seed 7 --revision go1.27 -o run
  sigprof sim --seed 0xdeadbeef --revision 1.26.6 --generation 110ms -o run
  sigprof sim --seed 7 --case leak --revision go1.27 -o hard
  sigprof check run/trace run/profile.pb.gz

Exit codes: 0 it keeps the rules of the truth, 1 it breaks one, or the runtime crashes,
2 usage, 3 a file cannot be read or written, 5 it was interrupted.";

/// The run or the stage that was asked for.
enum Subject {
    Run(Workload),
    Stage { text: String, stage: Stage },
}

/// The output of a run, but for the traces, which are files by now.
struct Made {
    traces: usize,
    profiles: Vec<Vec<u8>>,
    /// Of flight recorders.
    snapshots: Vec<Vec<u8>>,
    truth: Truth,
    signals: Signals,
    /// The schedule, which it takes to have the run again, besides seed, workload and revision.
    schedule: Option<String>,
}

/// The signals of a run.
enum Signals {
    /// In the truth itself.
    Held,
    /// Written as they came, as JSON with commas between them, and how many.
    Streamed(File, u64),
}

impl Made {
    fn signals(&self) -> u64 {
        match self.signals {
            Signals::Held => self.truth.signals.len() as u64,
            Signals::Streamed(_, count) => count,
        }
    }
}

fn cases() -> PossibleValuesParser {
    stage::cases()
        .map(|(case, _)| case)
        .collect::<Vec<_>>()
        .into()
}

fn revision() -> impl TypedValueParser<Value = Revision> {
    let names = Releases::among(Revision::names());
    names.try_map(|name| Revision::named(&name).ok_or("no such revision"))
}

fn generation(text: &str) -> Result<u64, String> {
    let time = time(text)?;
    let millis = u64::try_from(time.as_millis()).ok();
    let millis = millis.filter(|&millis| Duration::from_millis(millis) == time);
    millis.ok_or_else(|| "want whole milliseconds".to_owned())
}

/// Takes over `--generation`, and holds the workload to the revision.
fn set_generation(args: &Args, workload: &mut Workload) -> Result<(), Stop> {
    if let Some(generation_ms) = args.generation {
        workload.generation_ms = generation_ms;
    }
    let checked = workload.check_for(args.revision);
    checked.map_err(|e| Stop::Usage(e.to_string()))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let subject = read_subject(args)?;
    let is_new = !args.out.exists();
    fs::create_dir_all(&args.out)?;
    let made = progress::during("running the program", || staging::run(args, &subject));
    if is_new && !matches!(made, Ok(Some(_))) {
        // There is nothing in it.
        let _ = fs::remove_dir(&args.out);
    }
    let Some(made) = made? else {
        return Ok(1);
    };
    let violations = if args.unjudged {
        Vec::new()
    } else {
        progress::during("holding it to the truth", || judge(args, &made))?
    };
    let events: u64 = made.truth.traces.iter().map(|trace| trace.events).sum();
    print(&format!(
        "seed {} revision {} events {events} signals {} violations {}\n",
        again::seed(args.seed),
        args.revision.name,
        made.signals(),
        violations.len(),
    ))?;
    for violation in &violations {
        print(&format!("{}\n", line(&violation.to_string())))?;
    }
    print(&explained(
        violations.iter().map(|violation| violation.rule.spec()),
    ))?;
    Ok(u8::from(!violations.is_empty()))
}

fn read_subject(args: &Args) -> Result<Subject, Stop> {
    let staged = |text: String, name: &str| match stage::parse(&text) {
        Ok(stage) => match stage.check_for(args.revision) {
            Ok(()) => Ok(Subject::Stage { text, stage }),
            Err(error) => Err(Stop::Usage(format!("{name}: {error}"))),
        },
        Err(error) => Err(Stop::Usage(format!("{name}: {error}"))),
    };
    if let Some(name) = &args.case {
        return staged(stage::text(name).unwrap_or_default().to_owned(), name);
    }
    let given = args.workload.as_ref().or(args.stage.as_ref());
    let Some(path) = given.or(args.plan.as_ref()) else {
        let mut workload = workload::draw_for(args.seed, args.revision);
        set_generation(args, &mut workload)?;
        return Ok(Subject::Run(workload));
    };
    let text = bytes::text(&read_input(path)?);
    let name = path.display().to_string();
    let has_threads = || text.lines().any(|line| line.trim() == "[[m]]");
    if args.stage.is_some() || args.plan.is_some() && has_threads() {
        return staged(text, &name);
    }
    let parsed = workload::parse(&text);
    let mut workload = parsed.map_err(|e| Stop::Usage(format!("{name}: {e}")))?;
    set_generation(args, &mut workload)?;
    Ok(Subject::Run(workload))
}

/// Says what Go would throw (B1 in `seed`).
fn crashed(args: &Args, thrown: Throw) -> Option<Made> {
    complain(&format!(
        "seed {}: Go's runtime crashes in revision {}: {}",
        again::seed(args.seed),
        args.revision.name,
        thrown.message()
    ));
    None
}

/// Runs the one thread of a stage, which leaves nothing to chance; or a walk of this seed
/// through what its threads do. None if a law is broken.
fn staged(args: &Args, out: &Path, stage: &Stage) -> Result<Option<Made>, Stop> {
    if !stage.has_choices() {
        let run = || stage::run(stage, args.revision, args.seed);
        return match catch_throw(run) {
            Ok(staged) => staged_files(out, staged, None).map(Some),
            Err(thrown) => Ok(crashed(args, thrown)),
        };
    }
    match stage::walk(stage, args.revision, args.seed) {
        Err((violation, schedule)) => {
            complain(&format!("{violation}\nschedule {schedule}"));
            Ok(None)
        }
        Ok((staged, schedule)) => staged_files(out, staged, Some(schedule.to_string())).map(Some),
    }
}

fn staged_files(out: &Path, staged: Staged, schedule: Option<String>) -> Result<Made, Stop> {
    for (number, bytes) in staged.traces.iter().enumerate() {
        fs::write(out.join(numbered("trace", "", number)), bytes)?;
    }
    Ok(Made {
        traces: staged.traces.len(),
        profiles: staged.profiles,
        snapshots: staged.snapshots,
        truth: staged.truth,
        signals: Signals::Held,
        schedule,
    })
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
    for number in 0..made.traces {
        let (path, bytes) = read_file(numbered("trace", "", number))?;
        let found = truth::judge_trace_file(&truth, number, &bytes);
        violations.extend(found.map_err(|e| bad_input(&path, e))?);
    }
    for number in 0..made.snapshots.len() {
        let (path, bytes) = read_file(numbered("snapshot", "", number))?;
        let found = truth::judge_snapshot_file(&truth, number, &bytes);
        violations.extend(found.map_err(|e| bad_input(&path, e))?);
    }
    for (number, bytes) in made.profiles.iter().enumerate() {
        let path = args.out.join(numbered("profile", ".pb.gz", number));
        let found = truth::judge_profile_file(&truth, number, bytes);
        violations.extend(found.map_err(|e| bad_input(&path, e))?);
    }
    Ok(violations)
}

/// The pieces of the traces and the signals go to disk as they come. None if the runtime crashes.
fn simulate(args: &Args, out: &Path, workload: &Workload) -> Result<Option<Made>, Stop> {
    let mut files: Vec<BufWriter<File>> = Vec::new();
    let failure = RefCell::new(None);
    let note = |written: io::Result<()>| {
        if let Err(error) = written {
            failure.borrow_mut().get_or_insert(error);
        }
    };
    let mut sink = |number: usize, piece: &[u8]| {
        let mut write = || -> io::Result<()> {
            while files.len() <= number {
                let path = out.join(numbered("trace", "", files.len()));
                files.push(BufWriter::new(File::create(path)?));
            }
            files[number].write_all(piece)
        };
        note(write());
    };
    // Without a name, so that it is gone whatever comes.
    let mut signals = BufWriter::new(tempfile::tempfile_in(out)?);
    let mut count = 0;
    let mut signal_sink = |signal: &Signal| {
        let mut write = || -> io::Result<()> {
            if count > 0 {
                signals.write_all(b",")?;
            }
            count += 1;
            Ok(serde_json::to_writer(&mut signals, signal)?)
        };
        note(write());
    };
    let (budget, seed, revision) = (&Budget::RUN, args.seed, args.revision);
    let (sink, signal_sink): (&mut Sink<'_>, &mut SignalSink<'_>) = (&mut sink, &mut signal_sink);
    let run = || machine::run_streaming(budget, seed, workload, revision, sink, Some(signal_sink));
    let made = match catch_throw(run) {
        Ok(made) => made,
        Err(thrown) => return Ok(crashed(args, thrown)),
    };
    let made = made.map_err(|e| Stop::Usage(e.to_string()))?;
    for file in &mut files {
        file.flush()?;
    }
    let written = signals.into_inner().map_err(io::IntoInnerError::into_error);
    match failure.take() {
        Some(error) => Err(error.into()),
        None => Ok(Some(Made {
            traces: files.len(),
            profiles: made.profiles,
            snapshots: made.snapshots,
            truth: made.truth,
            signals: Signals::Streamed(written?, count),
            schedule: None,
        })),
    }
}

/// Writes truth.json; signals that were streamed come last in it, as those that are held do.
fn write_truth(path: &Path, made: &Made) -> Result<(), Stop> {
    const END: &[u8] = b"]}";
    let mut out = BufWriter::new(File::create(path)?);
    match &made.signals {
        Signals::Held => {
            serde_json::to_writer(&mut out, &made.truth).map_err(io::Error::from)?;
        }
        Signals::Streamed(signals, _) => {
            let rest = serde_json::to_vec(&made.truth).map_err(io::Error::from)?;
            let head = rest.strip_suffix(END).unwrap_or(&rest);
            out.write_all(head)?;
            let mut signals = signals;
            signals.seek(SeekFrom::Start(0))?;
            io::copy(&mut signals, &mut out)?;
            out.write_all(END)?;
        }
    }
    Ok(out.flush()?)
}

fn write_all(args: &Args, out: &Path, subject: &Subject, made: &Made) -> Result<(), Stop> {
    for (number, profile) in made.profiles.iter().enumerate() {
        let name = numbered("profile", ".pb.gz", number);
        fs::write(out.join(name), profile)?;
    }
    for (number, snapshot) in made.snapshots.iter().enumerate() {
        fs::write(out.join(numbered("snapshot", "", number)), snapshot)?;
    }
    write_truth(&out.join("truth.json"), made)?;
    let (option, text) = match subject {
        Subject::Run(workload) => ("workload", workload.to_toml()),
        Subject::Stage { text, .. } => ("stage", text.clone()),
    };
    fs::write(out.join("plan.toml"), text)?;
    let (seed, revision) = (args.seed, args.revision.name);
    let mut schedule =
        format!("{seed}\nsigprof sim --seed {seed} --{option} plan.toml --revision {revision}\n");
    if let Some(choices) = &made.schedule {
        // Seed, stage and revision give these again; they say what the engine chose.
        schedule += &format!("{choices}\n");
    }
    fs::write(out.join("schedule"), schedule)?;
    Ok(())
}

/// `trace`, then `trace.2` and so on.
fn numbered(stem: &str, ending: &str, number: usize) -> String {
    match number {
        0 => format!("{stem}{ending}"),
        n => format!("{stem}.{}{ending}", n + 1),
    }
}
