//! The outcome of `check` as a page.

use std::path::{Path, PathBuf};

use sigprof::page::check::{Head, Outcome, page};
use sigprof::trace::Options;

use super::{Kind, Stop, bad_input, even_if_unread, open_reader, output, print_as};

/// A page that is asked for, and the files that it is about.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    path: &'a Path,
    trace: &'a Path,
    profile: Option<&'a PathBuf>,
}

impl<'a> Asked<'a> {
    /// Refuses what cannot be: a trace that can be read only once, an output that is an input.
    pub(super) fn new(
        path: &'a Path,
        trace: &'a Path,
        profile: Option<&'a PathBuf>,
    ) -> Result<Self, Stop> {
        // Anything else that is there is a pipe, or like one. What is not there is said later.
        let is_stdin = trace == Path::new(super::STDIN);
        let is_read_once = is_stdin || trace.metadata().is_ok_and(|found| !found.is_file());
        if is_read_once {
            let why = format!(
                "--html reads the trace twice: want a file, and {} is none; write it to a file first",
                super::shown(trace)
            );
            return Err(Stop::Usage(why));
        }
        for input in [Some(trace), profile.map(PathBuf::as_path)]
            .into_iter()
            .flatten()
        {
            output::is_no_input(path, input)?;
        }
        Ok(Self {
            path,
            trace,
            profile,
        })
    }

    /// Writes the page of an outcome.
    pub(super) fn write(&self, outcome: Outcome, options: Options) -> Result<(), Stop> {
        let head = Head {
            trace: self.trace.display().to_string(),
            profile: self.profile.map(|path| path.display().to_string()),
        };
        let mut reader = open_reader(self.trace, options)?;
        let page = page(&head, outcome, &mut reader);
        let page = page.map_err(|error| bad_input(self.trace, error))?;
        match self.path == Path::new(super::STDIN) {
            true => even_if_unread(print_as(Kind::Bytes, &page)),
            false => output::write_bytes(self.path, page.as_bytes()),
        }
    }
}
