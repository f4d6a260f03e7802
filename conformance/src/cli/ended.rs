//! How a command ends: its exit code, and what is said of a command line that is wrong.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ContextValue;
use sigprof::shown::{Guard, Shown, Style, lines, wrap};

use super::{Stop, color, command, complain, interrupt, shown, width};

/// Says how a command ended, if not well.
pub(super) fn exit_code(result: Result<u8, Stop>, names: &[String]) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Stop::Usage(why)) => refuse(usage(names, &why)),
        Err(Stop::Input { path, error }) => {
            complain(&format!("error: {}: {error}", shown(&path)));
            ExitCode::from(3)
        }
        Err(Stop::NothingSelected(why)) => {
            let why = format!("nothing selected: {why}");
            complain(&in_lines(&why, width::text()));
            ExitCode::from(4)
        }
        Err(Stop::Failed(why)) => {
            complain(&format!("error: {}", why.trim_end()));
            ExitCode::from(3)
        }
        Err(Stop::Interrupted(came)) => {
            let separator = if came.is_empty() { "" } else { ": " };
            complain(&format!("interrupted{separator}{came}"));
            ExitCode::from(interrupt::CODE)
        }
        Err(stop) if stop.is_unread() => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => {
            complain(&format!("error: cannot write: {error}"));
            ExitCode::from(3)
        }
    }
}

/// The names of the command and of the one within it.
pub(super) fn names(matches: &clap::ArgMatches) -> Vec<String> {
    let mut names = Vec::new();
    let mut matches = Some(matches);
    while let Some((name, inner)) = matches.and_then(clap::ArgMatches::subcommand) {
        names.push(name.to_owned());
        matches = Some(inner);
    }
    names
}

/// An error of this command's line, in a way that its syntax does not say.
fn usage(names: &[String], why: &str) -> clap::Error {
    let kind = clap::error::ErrorKind::ArgumentConflict;
    let mut top = command();
    top.build();
    let inner = names
        .iter()
        .try_fold(&mut top, |of, name| of.find_subcommand_mut(name));
    let why = lines(why);
    match inner {
        Some(inner) => inner.error(kind, why),
        None => command().error(kind, why),
    }
}

/// Says what is wrong with the command line.
pub(super) fn refuse(mut error: clap::Error) -> ExitCode {
    let quoted: Vec<_> = error
        .context()
        .map(|(kind, value)| (kind, value.clone()))
        .collect();
    for (kind, value) in quoted {
        let one_line = |text: &String| Shown(text).to_string();
        let value = match value {
            ContextValue::String(text) => ContextValue::String(one_line(&text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(one_line).collect())
            }
            other => other,
        };
        error.insert(kind, value);
    }
    let mut text = Vec::new();
    let _ = Guard::new(&mut text, Style::Text).write_all(error.to_string().as_bytes());
    let text = with_short_lines(&String::from_utf8_lossy(&text), width::text());
    let _ = io::stderr().write_all(color::of_error(text).as_bytes());
    ExitCode::from(2)
}

/// A message that is too long for a line has several: what each of its parts says begins one.
fn in_lines(message: &str, width: usize) -> String {
    if message.chars().count() <= width {
        return message.to_owned();
    }
    let mut out = String::new();
    for part in message.split_inclusive("; ") {
        // Two more are before all but the first.
        wrap("", part, width.saturating_sub(2), &mut out);
    }
    out
}

/// The same text; a list of values that is too long for a line has several.
fn with_short_lines(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.starts_with("  [possible values: ") {
            true => wrap("  ", line, width, &mut out),
            false => out += &format!("{line}\n"),
        }
    }
    out
}
