//! Several pairs: of a folder, or of files, which are put together by their names.

use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::super::{progress, unused, width};
use super::json::{Told, VERSION, told};
use super::pairing::{By, Together, by_order, is, put_together};
use super::{
    Args, Checked, Format, STDIN, Stop, even_if_unread, explained, one, print, print_json, shown,
};

/// Folders within each other that are looked into.
const DEPTH: usize = 8;

/// The outcome of one of them.
#[derive(Debug, Serialize)]
struct Row {
    trace: Option<String>,
    profile: Option<String>,
    paired_by: Option<By>,
    exit_code: u8,
    /// None if there is an error.
    outcome: Option<Checked>,
    #[serde(flatten)]
    told: Told,
}

/// All outcomes, as JSON has them.
#[derive(Debug, Serialize)]
struct Outcomes<'a> {
    schema_version: u32,
    sigprof_version: &'static str,
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
        ("--min-age", args.min_age.is_some()),
        ("--max-bytes", args.max_bytes.is_some()),
    ];
    unused::refuse(&for_one, "is for one pair")?;
    let given: Vec<_> = [&args.trace]
        .into_iter()
        .chain(&args.profile)
        .chain(&args.more)
        .cloned()
        .collect();
    let mut files = Vec::new();
    for path in &given {
        collect(path, DEPTH, &mut files)?;
    }
    files.sort();
    files.dedup();
    let (mut together, others) = put_together(files.into_iter().map(|file| (is(&file), file)));
    by_order(&mut together, &given);
    if together.is_empty() {
        let why = format!("{} has no trace and no profile", shown(&args.trace));
        return Err(Stop::NothingSelected(why));
    }
    let rows: Vec<_> = progress::during("reading traces and profiles", || {
        let rows = together.into_iter().map(|files| check(&files, args));
        rows.collect::<Result<_, _>>()
    })?;
    let worst = rows.iter().map(|row| row.exit_code).max_by_key(|&code| {
        // A file that cannot be read is no outcome; a wrong pair is worse than one that says nothing.
        [0, 4, 5, 1, 3].iter().position(|&c| c == code)
    });
    let exit_code = worst.unwrap_or(0);
    even_if_unread(match args.format {
        Format::Text => print(&text(&rows, others.len())),
        Format::Json => print_json(&Outcomes {
            schema_version: sigprof::check::report::SCHEMA_VERSION,
            sigprof_version: VERSION,
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

/// Checks one pair: what is wrong with it is its outcome, and others are checked all the same.
fn check(files: &Together, args: &Args) -> Result<Row, Stop> {
    let path = |path: &Option<PathBuf>| path.as_deref().map(shown);
    let outcome = match &files.trace {
        Some(trace) => one(trace, files.profile.as_deref(), args, false),
        None => {
            return Ok(Row {
                trace: None,
                profile: path(&files.profile),
                paired_by: None,
                exit_code: 4,
                outcome: None,
                told: Told::alone(),
            });
        }
    };
    let (exit_code, outcome, told) = match outcome {
        Ok(checked) => (checked.exit_code(), Some(checked), Told::default()),
        Err(stop @ Stop::Interrupted(_)) => return Err(stop),
        Err(stop) => match told(&stop) {
            Some(told) => (told.exit_code, None, told),
            None => return Err(stop),
        },
    };
    Ok(Row {
        trace: path(&files.trace),
        profile: path(&files.profile),
        paired_by: files.by,
        exit_code,
        outcome,
        told,
    })
}

fn text(rows: &[Row], others: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["exit", "outcome", "trace", "profile"]);
    if let Some(width) = width::columns() {
        table.set_width(width.saturating_sub(1));
    }
    for row in rows {
        let outcome = match (&row.outcome, &row.told.error) {
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
    if let Some(how) = how(rows) {
        text += &format!("\n{how}\n");
    }
    if others > 0 {
        let plural = if others == 1 { " is" } else { "s are" };
        text += &format!("\n{others} other file{plural} neither a trace nor a profile.\n");
    }
    let checked = rows.iter().filter_map(|row| row.outcome.as_ref());
    text + &explained(checked.flat_map(Checked::codes))
}

/// How pairs were put together; none if there is none.
fn how(rows: &[Row]) -> Option<String> {
    let words = [
        (By::Name, "by their names"),
        (By::Folder, "as the only two of their folder"),
        (By::Order, "by the order in which they were given"),
    ];
    let counted = words.iter().filter_map(|&(by, words)| {
        let count = rows.iter().filter(|row| row.paired_by == Some(by)).count();
        (count > 0).then(|| format!("{count} {words}"))
    });
    let counted: Vec<_> = counted.collect();
    (!counted.is_empty()).then(|| format!("Pairs put together: {}.", counted.join(", ")))
}
