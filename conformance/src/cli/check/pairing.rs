//! Files put together as pairs: by their names, as a folder's only two, or by their order.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sigprof::error::ErrorKind;
use sigprof::pprof;
use sigprof::trace::{header, input};
use sigprof_wire::limits::HEADER_LEN;

use super::{Stop, bad_input};

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
pub(super) enum Is {
    Trace,
    Profile,
    Other,
}

/// The rule by which two files belong together (S9.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum By {
    /// Their names are the same but for words that say which they are.
    Name,
    /// There is no third in their folder.
    Folder,
    /// They stand together on the command line.
    Order,
}

/// Files that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Together {
    pub(super) trace: Option<PathBuf>,
    pub(super) profile: Option<PathBuf>,
    /// None of a file that is left alone.
    pub(super) by: Option<By>,
}

/// Says what a file is. One that cannot be opened is a trace that cannot be read, which its check
/// says.
pub(super) fn is(path: &Path) -> Is {
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

/// The error of an input that is something else, with what both arguments are, where files say it.
pub(super) fn places(stop: Stop, trace: &Path, profile: Option<&Path>) -> Stop {
    let (Stop::Input { path, error }, Some(profile)) = (&stop, profile) else {
        return stop;
    };
    if error.kind() != ErrorKind::WrongFormat {
        return stop;
    }
    // A trace that was read is one, wherever it came from.
    let is_read = path != trace;
    let is = |path: &Path| path.is_file().then(|| is(path));
    let first = if is_read { Some(Is::Trace) } else { is(trace) };
    let hint = match (first, is(profile)) {
        (Some(Is::Profile), Some(Is::Trace)) => "swap the two arguments",
        (Some(Is::Profile), Some(Is::Profile)) => "both are profiles",
        (Some(Is::Trace), Some(Is::Trace)) => "both are traces",
        _ => return stop,
    };
    bad_input(path, (**error).clone().with_context(hint))
}

/// Traces and profiles of one folder whose names are the same but for words that say which they
/// are, and a folder's only two; others alone.
pub(super) fn put_together(
    files: impl Iterator<Item = (Is, PathBuf)>,
) -> (Vec<Together>, Vec<PathBuf>) {
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
            let of_trace = traces.iter().filter(|trace| self::key(trace) == key);
            of_trace.count() == 1
        };
        for trace in &traces {
            let key = key(trace);
            let mut fits = profiles.iter().enumerate();
            let mut fits = fits
                .by_ref()
                .filter(|(_, profile)| self::key(profile) == key);
            let found = match (fits.next(), fits.next()) {
                (Some((at, _)), None) if is_once(&key) => Some((at, By::Name)),
                _ => are_two.then_some((0, By::Folder)),
            };
            together.push(Together {
                trace: Some(trace.clone()),
                profile: found.map(|(at, _)| profiles.remove(at)),
                by: found.map(|(_, by)| by),
            });
        }
        together.extend(profiles.into_iter().map(|profile| Together {
            profile: Some(profile),
            ..Together::default()
        }));
    }
    (together, others)
}

/// Puts together what was left alone, if it was given as a trace and its profile, one after the
/// other, and so the next: all of it, or none.
pub(super) fn by_order(together: &mut Vec<Together>, given: &[PathBuf]) {
    let is_of = |side: &Option<PathBuf>, path: &PathBuf| side.as_ref() == Some(path);
    let alone = |path: &PathBuf| {
        let mut alone = together.iter().filter(|files| files.by.is_none());
        alone.find_map(|files| match files {
            files if is_of(&files.trace, path) => Some((Is::Trace, path.clone())),
            files if is_of(&files.profile, path) => Some((Is::Profile, path.clone())),
            _ => None,
        })
    };
    let left: Vec<_> = given.iter().filter_map(alone).collect();
    let pairs = left.chunks(2).map(|two| match two {
        [(Is::Trace, trace), (Is::Profile, profile)]
        | [(Is::Profile, profile), (Is::Trace, trace)] => Some((trace, profile)),
        _ => None,
    });
    let Some(pairs) = pairs.collect::<Option<Vec<_>>>() else {
        return;
    };
    for (trace, profile) in pairs {
        together.retain(|files| !is_of(&files.profile, profile));
        let of_trace = together.iter_mut().find(|files| is_of(&files.trace, trace));
        if let Some(files) = of_trace {
            files.profile = Some(profile.clone());
            files.by = Some(By::Order);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::shown;

    fn files(files: &[(Is, &str)]) -> Vec<[String; 2]> {
        let files = files.iter().map(|&(is, path)| (is, PathBuf::from(path)));
        names(&put_together(files).0)
    }

    /// Files of a command line, in its order.
    fn given(files: &[(Is, &str)]) -> Vec<[String; 2]> {
        let paths: Vec<_> = files.iter().map(|(_, path)| PathBuf::from(path)).collect();
        let files = files.iter().map(|&(is, path)| (is, PathBuf::from(path)));
        let (mut together, _) = put_together(files);
        by_order(&mut together, &paths);
        names(&together)
    }

    fn names(together: &[Together]) -> Vec<[String; 2]> {
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

    /// Guards S9.11.
    #[test]
    fn order_puts_together_what_names_do_not() {
        use Is::{Profile, Trace};
        let two = given(&[(Trace, "b"), (Profile, "q"), (Profile, "p"), (Trace, "a")]);
        assert_eq!(two, [["b", "q"], ["a", "p"]]);
        // Names come first.
        let named = given(&[
            (Trace, "x.trace"),
            (Profile, "1"),
            (Trace, "2"),
            (Profile, "x.pprof"),
        ]);
        assert_eq!(named, [["x.trace", "x.pprof"], ["2", "1"]]);
        // Two traces and then two profiles are no pairs, and a third is left over.
        let apart = given(&[(Trace, "a"), (Trace, "b"), (Profile, "p"), (Profile, "q")]);
        assert_eq!(apart, [["a", "-"], ["b", "-"], ["-", "p"], ["-", "q"]]);
        let odd = given(&[(Trace, "a"), (Profile, "p"), (Trace, "b")]);
        assert_eq!(odd, [["a", "-"], ["b", "-"], ["-", "p"]]);
    }
}
