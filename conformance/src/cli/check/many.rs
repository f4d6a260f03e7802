//! Several pairs: of a folder, or of files, which are put together by their names.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use sigprof::pprof;
use sigprof::trace::{header, input};
use sigprof_wire::limits::HEADER_LEN;

use super::super::unused;
use super::{Args, Checked, Format, STDIN, Stop, even_if_unread, one, print, print_json, shown};

/// Folders within each other that are looked into.
const DEPTH: usize = 8;

/// Words in names of traces and profiles that say which of both a file is.
const WORDS: [&str; 13] = [
    "trace",
    "traces",
    "profile",
    "profiles",
    "pprof",
    "prof",
    "cpuprofile",
    "cpuprof",
    "cpu",
    "pb",
    "gz",
    "out",
    "bin",
];

/// Kinds of files, told by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Trace,
    Profile,
    Other,
}

/// Files that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Together {
    trace: Option<PathBuf>,
    profile: Option<PathBuf>,
}

/// The outcome of one of them.
#[derive(Debug, Serialize)]
struct Row {
    trace: Option<String>,
    profile: Option<String>,
    exit_code: u8,
    /// None if there is an error.
    outcome: Option<Checked>,
    error: Option<String>,
}

/// All outcomes, as JSON has them.
#[derive(Debug, Serialize)]
struct Outcomes<'a> {
    schema_version: u32,
    exit_code: u8,
    pairs: &'a [Row],
    /// Files that are neither a trace nor a profile.
    others: Vec<String>,
}

/// Whether more than one pair is asked for.
pub(super) fn is_asked(args: &Args) -> bool {
    let are_folders = args.trace.is_dir() && args.profile.as_ref().is_none_or(|path| path.is_dir());
    are_folders || !args.more.is_empty()
}

/// Checks each pair; the worst exit code.
pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let for_one = [
        ("--html", args.html.is_some()),
        ("--diff", args.diff.is_some()),
        ("--all", args.all),
        ("--label", !args.label.is_empty()),
        ("--goroutine", args.goroutine.is_some()),
        ("--region", args.region.is_some()),
    ];
    unused::refuse(&for_one, "is for one pair")?;
    let mut files = Vec::new();
    for path in [&args.trace]
        .into_iter()
        .chain(&args.profile)
        .chain(&args.more)
    {
        collect(path, DEPTH, &mut files)?;
    }
    files.sort();
    files.dedup();
    let (together, others) = put_together(files.into_iter().map(|file| (is(&file), file)));
    if together.is_empty() {
        let why = format!("{} has no trace and no profile", shown(&args.trace));
        return Err(Stop::NothingSelected(why));
    }
    let rows: Vec<_> = together
        .into_iter()
        .map(|files| check(&files, args))
        .collect::<Result<_, _>>()?;
    let worst = rows.iter().map(|row| row.exit_code).max_by_key(|&code| {
        // A file that cannot be read is no outcome; a wrong pair is worse than one that says nothing.
        [0, 4, 5, 1, 3].iter().position(|&c| c == code)
    });
    let exit_code = worst.unwrap_or(0);
    even_if_unread(match args.format {
        Format::Text => print(&text(&rows, others.len())),
        Format::Json => print_json(&Outcomes {
            schema_version: sigprof::check::report::SCHEMA_VERSION,
            exit_code,
            pairs: &rows,
            others: others.iter().map(|path| shown(path)).collect(),
        }),
    })?;
    Ok(exit_code)
}

/// The files of a folder and of those within it; links to folders are left out.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    if path
        .metadata()
        .is_ok_and(|found| !found.is_dir() && !found.is_file())
        || path == Path::new(STDIN)
    {
        let why = format!(
            "of several files each is read twice: want files, and {} is none",
            shown(path)
        );
        return Err(Stop::Usage(why));
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let failed = |error| Stop::Failed(format!("cannot read {}: {error}", shown(path)));
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && depth > 0 {
            collect(&entry.path(), depth - 1, files)?;
        } else if !kind.is_dir() && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Says what a file is. One that cannot be opened is a trace that cannot be read, which its check
/// says.
fn is(path: &Path) -> Is {
    let mut first = Vec::new();
    let opened = File::open(path).map_err(input::OpenError::from);
    let read = opened.and_then(|file| {
        let mut file = file.take(1 << 16);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        first.extend_from_slice(&bytes[..bytes.len().min(HEADER_LEN)]);
        let mut unpacked = Vec::new();
        let from = input::unpacked(std::io::Cursor::new(bytes))?;
        // The rest of what is packed is cut off.
        let _ = from.take(HEADER_LEN as u64).read_to_end(&mut unpacked);
        Ok(unpacked)
    });
    match read {
        Ok(unpacked) if header::check(&unpacked).is_ok() => Is::Trace,
        _ if !first.is_empty() && pprof::judge(&first).is_ok() => Is::Profile,
        Err(input::OpenError::Io(_)) => Is::Trace,
        _ => Is::Other,
    }
}

/// Traces and profiles of one folder whose names are the same but for words that say which they
/// are, and a folder's only two; others alone.
fn put_together(files: impl Iterator<Item = (Is, PathBuf)>) -> (Vec<Together>, Vec<PathBuf>) {
    let mut folders: BTreeMap<PathBuf, [Vec<PathBuf>; 2]> = BTreeMap::new();
    let mut others = Vec::new();
    for (is, path) in files {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        match is {
            Is::Trace => folders.entry(folder).or_default()[0].push(path),
            Is::Profile => folders.entry(folder).or_default()[1].push(path),
            Is::Other => others.push(path),
        }
    }
    let mut together = Vec::new();
    for [traces, mut profiles] in folders.into_values() {
        let are_two = traces.len() == 1 && profiles.len() == 1;
        let is_once = |key: &str| {
            traces
                .iter()
                .filter(|trace| self::key(trace) == key)
                .count()
                == 1
        };
        for trace in &traces {
            let key = key(trace);
            let mut fits = profiles.iter().enumerate();
            let mut fits = fits
                .by_ref()
                .filter(|(_, profile)| self::key(profile) == key);
            let at = match (fits.next(), fits.next()) {
                (Some((at, _)), None) if is_once(&key) => Some(at),
                _ => are_two.then_some(0),
            };
            together.push(Together {
                trace: Some(trace.clone()),
                profile: at.map(|at| profiles.remove(at)),
            });
        }
        together.extend(profiles.into_iter().map(|profile| Together {
            trace: None,
            profile: Some(profile),
        }));
    }
    (together, others)
}

/// A file's name without the words that say whether it is a trace or a profile.
fn key(path: &Path) -> String {
    let name = path
        .file_name()
        .map(OsStr::to_string_lossy)
        .unwrap_or_default();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !WORDS.contains(&word.to_lowercase().as_str()));
    words.collect::<Vec<_>>().join("-")
}

/// Checks one pair: what is wrong with it is its outcome, and others are checked all the same.
fn check(files: &Together, args: &Args) -> Result<Row, Stop> {
    let path = |path: &Option<PathBuf>| path.as_deref().map(shown);
    let (exit_code, outcome, error) = match &files.trace {
        None => (4, None, Some("no trace goes with it".to_owned())),
        Some(trace) => match one(trace, files.profile.as_deref(), args, false) {
            Ok(checked) => (checked.exit_code(), Some(checked), None),
            Err(Stop::Input { path, error }) => {
                (3, None, Some(format!("{}: {error}", shown(&path))))
            }
            Err(Stop::Failed(why)) => (3, None, Some(why)),
            Err(Stop::NothingSelected(why)) => (4, None, Some(format!("nothing selected: {why}"))),
            Err(stop) => return Err(stop),
        },
    };
    Ok(Row {
        trace: path(&files.trace),
        profile: path(&files.profile),
        exit_code,
        outcome,
        error,
    })
}

fn text(rows: &[Row], others: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["exit", "outcome", "trace", "profile"]);
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_width(width.0.saturating_sub(1));
    }
    for row in rows {
        let outcome = match (&row.outcome, &row.error) {
            (Some(checked), _) => checked.summary(),
            (None, error) => error.as_deref().unwrap_or_default(),
        };
        table.add_row([
            row.exit_code.to_string(),
            outcome.to_owned(),
            row.trace.clone().unwrap_or("-".into()),
            row.profile.clone().unwrap_or("-".into()),
        ]);
    }
    let table = table.to_string();
    let mut text: String = table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if others > 0 {
        let plural = if others == 1 { " is" } else { "s are" };
        text += &format!("\n{others} other file{plural} neither a trace nor a profile.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(Is, &str)]) -> Vec<[String; 2]> {
        let files = files.iter().map(|&(is, path)| (is, PathBuf::from(path)));
        let (together, _) = put_together(files);
        let name = |path: &Option<PathBuf>| path.as_deref().map_or("-".into(), shown);
        together
            .iter()
            .map(|pair| [name(&pair.trace), name(&pair.profile)])
            .collect()
    }

    #[test]
    fn names_say_which_files_belong_together() {
        use Is::{Profile, Trace};
        let pairs = files(&[
            (Profile, "d/api-1.cpu.pb.gz"),
            (Profile, "d/api-2.cpu.pb.gz"),
            (Trace, "d/api-1.trace"),
            (Trace, "d/api-2.trace.gz"),
            (Trace, "d/api-3.trace"),
            (Profile, "e/profile.pb.gz"),
            (Trace, "e/trace"),
        ]);
        let want = [
            ["d/api-1.trace", "d/api-1.cpu.pb.gz"],
            ["d/api-2.trace.gz", "d/api-2.cpu.pb.gz"],
            ["d/api-3.trace", "-"],
            ["e/trace", "e/profile.pb.gz"],
        ];
        assert_eq!(pairs, want);
    }

    /// Whatever they are called.
    #[test]
    fn a_folders_only_two_belong_together_and_more_are_not_guessed() {
        use Is::{Profile, Trace};
        assert_eq!(files(&[(Profile, "a"), (Trace, "b")]), [["b", "a"]]);
        let many = files(&[(Profile, "a"), (Trace, "b"), (Trace, "c")]);
        assert_eq!(many, [["b", "-"], ["c", "-"], ["-", "a"]]);
        let twice = files(&[(Profile, "x.prof"), (Trace, "x.out"), (Trace, "x.trace")]);
        assert_eq!(twice, [["x.out", "-"], ["x.trace", "-"], ["-", "x.prof"]]);
    }
}
