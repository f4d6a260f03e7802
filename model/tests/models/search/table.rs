//! An interleaving, for people: a column a thread, a line a step.

use std::fmt;

use sigprof_model::law::Violation;
use sigprof_model::prof_index::ProfIndex;

/// A step of a thread or of its handler.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) thread: usize,
    pub(super) is_handler: bool,
    pub(super) location: String,
    pub(super) what: String,
}

/// The steps that led to a violation.
#[derive(Debug)]
pub(crate) struct Interleaving {
    pub(super) threads: Vec<&'static str>,
    pub(super) steps: Vec<Step>,
    pub(crate) violation: Violation,
}

/// An operation, with `{}` where values stand: they are shown as the location has them.
pub(super) fn describe(name: &str, was: u64, becomes: Option<u64>) -> String {
    match (name, becomes) {
        ("load", _) => format!("load -> {was}"),
        ("swap", None) => format!("swap fails, is {was}"),
        ("wake" | "clear", _) => name.to_owned(),
        (name, becomes) => format!("{name} {}", becomes.unwrap_or(was)),
    }
}

/// A value in the terms of its location.
fn value(location: &str, value: u64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let low = value as u32;
    match location {
        "w" | "r" => {
            let index = ProfIndex(value);
            let mut text = format!("{}/{}", index.tag_count(), index.data_count());
            for (flag, name) in [
                (ProfIndex::READER_SLEEPING, " sleeping"),
                (ProfIndex::WRITE_EXTRA, " extra"),
            ] {
                text += if index.has(flag) { name } else { "" };
            }
            text
        }
        "overflow" if value != 0 => format!("{low} (generation {})", value >> 32),
        _ => value.to_string(),
    }
}

impl Step {
    fn text(&self) -> String {
        let base = self.location.trim_end_matches(|c: char| c.is_ascii_digit());
        let words = self.what.split(' ').map(|word| match word.parse() {
            Ok(number) => value(base, number),
            Err(_) => word.to_owned(),
        });
        let mut words = words.collect::<Vec<_>>();
        words.insert(1, self.location.clone());
        let indent = if self.is_handler { "| " } else { "" };
        format!("{indent}{}", words.join(" "))
    }
}

impl Interleaving {
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }
}

impl fmt::Display for Interleaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const GAP: usize = 3;
        let texts: Vec<_> = self.steps.iter().map(Step::text).collect();
        let width = |thread| {
            let steps = self.steps.iter().zip(&texts);
            let of_thread = steps.filter(|(step, _)| step.thread == thread);
            let widths = of_thread.map(|(_, text)| text.len());
            widths.max().unwrap_or(0).max(self.threads[thread].len()) + GAP
        };
        let widths: Vec<_> = (0..self.threads.len()).map(width).collect();
        let mut head = String::new();
        for (name, width) in self.threads.iter().zip(&widths) {
            head += &format!("{name:width$}");
        }
        writeln!(f, "{}", head.trim_end())?;
        for (step, text) in self.steps.iter().zip(&texts) {
            let before: usize = widths[..step.thread].iter().sum();
            writeln!(f, "{:before$}{text}", "")?;
        }
        writeln!(f, "=> {}", self.violation)
    }
}
