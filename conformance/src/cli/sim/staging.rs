//! A run is written as a whole before it takes the place of another.

use std::fs;
use std::path::Path;

use super::super::{Stop, output};
use super::{Args, Made, Plan, simulate, stage, write_all};

/// Runs the plan into a folder of its own below `--out`, and moves the files when all are whole.
/// None if the runtime crashes; then, and after an error, an older run is as it was.
pub(super) fn run(args: &Args, plan: &Plan) -> Result<Option<Made>, Stop> {
    let (folder, _helper) = output::folder(Some(&args.out))?;
    let made = match plan {
        Plan::Run(workload) => simulate(args, folder.path(), workload)?,
        Plan::Stage { plan, .. } => stage(args, folder.path(), plan)?,
    };
    let Some(made) = made else {
        return Ok(None);
    };
    write_all(args, folder.path(), plan, &made)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        names.push(entry?.file_name());
    }
    names.sort();
    for name in &names {
        output::take(&folder.path().join(name), &args.out.join(name))?;
    }
    for entry in fs::read_dir(&args.out)? {
        let name = entry?.file_name();
        if !names.contains(&name) && name.to_str().is_some_and(is_of_a_run) {
            remove(&args.out.join(name))?;
        }
    }
    Ok(Some(made))
}

fn remove(path: &Path) -> Result<(), Stop> {
    match fs::symlink_metadata(path)?.is_dir() {
        true => Ok(()),
        false => Ok(fs::remove_file(path)?),
    }
}

/// Whether a run with more traces or profiles has a file of this name.
fn is_of_a_run(name: &str) -> bool {
    let number = match name.strip_suffix(".pb.gz") {
        Some(stem) => stem.strip_prefix("profile"),
        None => name.strip_prefix("trace"),
    };
    let is_number = |text: &str| {
        text.parse::<usize>()
            .is_ok_and(|n| n.to_string() == text && n > 1)
    };
    number.is_some_and(|n| n.is_empty() || n.strip_prefix('.').is_some_and(is_number))
}
