//! Colours: of what decides, and of nothing that a file or a pipe gets.

use std::ffi::OsStr;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use sigprof::shown::{Guard, Style as Shown};

use super::Stop;

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal that has them, unless NO_COLOR is set
    Auto,
    /// Always, wherever it is printed
    Always,
    /// Never, wherever it is printed
    Never,
}

impl When {
    fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }

    /// As clap has it.
    pub(super) fn of_clap(self) -> clap::ColorChoice {
        match self {
            Self::Auto => clap::ColorChoice::Auto,
            Self::Always => clap::ColorChoice::Always,
            Self::Never => clap::ColorChoice::Never,
        }
    }
}

/// The command line's word on colours, before it is known whether it is right: errors and help
/// have colours as well.
pub(super) fn asked(arguments: impl Iterator<Item = impl AsRef<OsStr>>) -> When {
    let mut asked = When::Auto;
    let mut is_value = false;
    for argument in arguments {
        let argument = argument.as_ref().to_string_lossy();
        if argument == "--" {
            break;
        }
        let value = match is_value {
            true => Some(&*argument),
            false => argument.strip_prefix("--color="),
        };
        is_value = argument == "--color";
        if let Some(when) = value.and_then(|value| When::from_str(value, false).ok()) {
            asked = when;
        }
    }
    asked
}

/// From now on.
pub(super) fn set(when: When) {
    when.choice().write_global();
}

fn is_on(stream: &impl anstream::stream::RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// Whether what goes to standard output has colours.
pub(super) fn is_on_output() -> bool {
    is_on(&io::stdout())
}

/// Prints a text in colours: it is guarded first, so that it has none of its own.
pub(super) fn print(text: &str) -> Result<(), Stop> {
    let mut guarded = Vec::new();
    Guard::new(&mut guarded, Shown::Text).write_all(text.as_bytes())?;
    let text = String::from_utf8_lossy(&guarded);
    let mut out = io::stdout().lock();
    out.write_all(painted(&text).as_bytes())?;
    Ok(out.flush()?)
}

/// A line for standard error.
pub(super) fn of_error(text: String) -> String {
    match is_on(&io::stderr()) {
        true => painted(&text),
        false => text,
    }
}

/// Beginnings of lines, and how they are painted.
const BEGINNINGS: [(&[&str], AnsiColor); 4] = [
    (&["match:", "consistent:"], AnsiColor::Green),
    (
        &[
            "lost:",
            "surplus:",
            "cannot tell:",
            "no overlap:",
            "synthetic:",
            "warning:",
            "interrupted:",
            "nothing selected:",
        ],
        AnsiColor::Yellow,
    ),
    (&["wrong:", "error:", "FAILED", "FOUND"], AnsiColor::Red),
    (&["  again", "explained by:"], AnsiColor::Cyan),
];

/// A text with its lines' beginnings in colours. It has none of its own: it was guarded before.
fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let found = BEGINNINGS.iter().find_map(|(words, color)| {
            let word = words.iter().find(|word| line.starts_with(**word))?;
            Some((*word, *color))
        });
        match found {
            Some((word, color)) => {
                let style = Style::new().bold().fg_color(Some(color.into()));
                out += &format!("{style}{word}{style:#}{}", &line[word.len()..]);
            }
            None => out += line,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_painted_and_the_rest_is_as_it_was() {
        let text = "lost: 3 of 7\n\n  match  1\n";
        let got = painted(text);
        assert_eq!(
            got,
            "\u{1b}[1m\u{1b}[33mlost:\u{1b}[0m 3 of 7\n\n  match  1\n"
        );
    }

    #[test]
    fn colours_are_asked_for_before_all_else() {
        let check = |arguments: &[&str], want| assert_eq!(asked(arguments.iter()), want);
        check(&["check", "--color", "never"], When::Never);
        check(&["--color=always", "chek"], When::Always);
        check(&["corpus", "run", "--", "x", "--color=always"], When::Auto);
        check(&["--color", "often"], When::Auto);
    }
}
