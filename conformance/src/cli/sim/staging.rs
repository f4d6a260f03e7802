//! A run is written as a whole before it takes the place of another.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::super::{Stop, interrupt, output};
use super::{Args, Made, Subject, simulate, staged, write_all};

/// Without it a folder has no run.
const LAST: &str = "truth.json";

/// Runs the subject into a folder of its own below `--out`, and moves the files when all are whole.
/// None if the runtime crashes; then, and after an error, an older run is as it was.
pub(super) fn run(args: &Args, subject: &Subject) -> Result<Option<Made>, Stop> {
    let folder = output::folder(Some(&args.out))?;
    let made = match subject {
        Subject::Run(workload) => simulate(args, folder.path(), workload)?,
        Subject::Stage { stage, .. } => staged(args, folder.path(), stage)?,
    };
    let Some(made) = made else {
        return Ok(None);
    };
    write_all(args, folder.path(), subject, &made)?;
    interrupt::undivided(|| take_all(folder.path(), &args.out))?;
    Ok(Some(made))
}

/// Moves all files. No name stands for several files at once, so this may fail halfway: then
/// there is no truth that would be taken for that of both halves.
fn take_all(from: &Path, to: &Path) -> Result<(), Stop> {
    let failed = |error: Stop| {
        let why = match error {
            Stop::Output(error) => error.to_string(),
            other => return other,
        };
        let to = to.display();
        Stop::Failed(format!(
            "{why}: {to} may have files of two runs, and has no {LAST}"
        ))
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(from)? {
        names.push(entry?.file_name());
    }
    names.sort();
    names.retain(|name| name != LAST);
    let take = |name: &OsString| output::take(&from.join(name), &to.join(name));
    let last = OsString::from(LAST);
    let take_them = || {
        remove(&to.join(&last))?;
        names.iter().try_for_each(take)?;
        for entry in fs::read_dir(to)? {
            let name = entry?.file_name();
            if !names.contains(&name) && name.to_str().is_some_and(is_of_a_run) {
                remove(&to.join(&name))?;
            }
        }
        take(&last)
    };
    take_them().map_err(failed)
}

/// Removes a file or a link, if it is there.
fn remove(path: &Path) -> Result<(), Stop> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() || found.is_symlink() => Ok(fs::remove_file(path)?),
        _ => Ok(()),
    }
}

/// Whether a run with more traces or profiles has a file of this name.
fn is_of_a_run(name: &str) -> bool {
    let number = match name.strip_suffix(".pb.gz") {
        Some(stem) => stem.strip_prefix("profile"),
        None => name
            .strip_prefix("trace")
            .or_else(|| name.strip_prefix("snapshot")),
    };
    let is_number = |text: &str| {
        text.parse::<usize>()
            .is_ok_and(|n| n.to_string() == text && n > 1)
    };
    number.is_some_and(|n| n.is_empty() || n.strip_prefix('.').is_some_and(is_number))
}
