//! An interleaving, for people: a column a thread, a line a step, and notes beside them.

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

/// The part of an interleaving that people are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// Only operations on these words are shown, or all if there are none. Where one thread does
    /// everything, the others say nothing.
    pub(crate) only: &'a [&'a str],
    /// A step, as it is shown, and what to say of it: each means the first such step after that of
    /// the note before. The last note stands where it goes wrong.
    pub(crate) notes: &'a [(&'a str, &'a str)],
}

impl Shown<'_> {
    /// Everything, and nothing to say of it.
    pub(crate) const ALL: Self = Self {
        only: &[],
        notes: &[],
    };
}

/// A line: steps of a thread that are the same, and follow each other.
struct Line {
    thread: usize,
    text: String,
    times: usize,
}

impl Line {
    fn text(&self) -> String {
        match self.times {
            1 => self.text.clone(),
            times => format!("{} ({times} times)", self.text),
        }
    }
}

impl Interleaving {
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The interleaving as a table, with one column for each thread.
    ///
    /// # Panics
    ///
    /// If a note says something of a step that is not there.
    pub(crate) fn show(&self, shown: Shown<'_>) -> String {
        const GAP: usize = 3;
        let lines = self.lines(shown.only);
        let width = |thread| {
            let of_thread = lines.iter().filter(|line| line.thread == thread);
            let widths = of_thread.map(|line| line.text().len());
            let name: &str = self.threads[thread];
            widths.max().unwrap_or(0).max(name.len()) + GAP
        };
        let widths: Vec<_> = (0..self.threads.len()).map(width).collect();
        let all: usize = widths.iter().sum();

        let mut text = String::new();
        for (name, width) in self.threads.iter().zip(&widths) {
            text += &format!("{name:width$}");
        }
        text.truncate(text.trim_end().len());
        text += "\n";
        let mut notes = shown.notes.iter().peekable();
        for line in &lines {
            let before: usize = widths[..line.thread].iter().sum();
            let step = format!("{:before$}{}", "", line.text());
            let note = notes.next_if(|(of, _)| *of == line.text);
            text += &match note {
                None => step,
                Some((_, note)) if notes.peek().is_none() => format!("{step:all$}<== {note}"),
                Some((_, note)) => format!("{step:all$}<-- {note}"),
            };
            text += "\n";
        }
        assert_eq!(notes.next(), None, "no such step in\n{text}");
        text + &format!("=> {}\n", self.violation)
    }

    fn lines(&self, only: &[&str]) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for step in &self.steps {
            let location = step.location.as_str();
            if !only.is_empty() && !only.contains(&location) {
                continue;
            }
            let (thread, text) = (step.thread, step.text());
            match lines.last_mut() {
                Some(last) if last.thread == thread && last.text == text => last.times += 1,
                _ => lines.push(Line {
                    thread,
                    text,
                    times: 1,
                }),
            }
        }
        lines
    }
}
