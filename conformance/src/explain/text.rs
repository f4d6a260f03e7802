//! Explanations as text.

use std::fmt::Write;

use super::{Entry, Kind};
use crate::shown::wrap;

/// The explanation for people, in lines of so many characters.
#[must_use]
pub fn text(entry: &Entry, width: usize) -> String {
    let mut out = format!("{}: {}\n\n", entry.name, entry.kind);
    part("What", &entry.what, width, &mut out);
    part("It matters", &entry.why, width, &mut out);
    part("In Go", &entry.go, width, &mut out);
    for (i, command) in entry.shown_by.iter().enumerate() {
        let title = if i == 0 { "Shown by" } else { "" };
        let _ = writeln!(out, "  {title:<11}{command}");
    }
    if entry
        .shown_by
        .iter()
        .any(|command| command.contains(" fixtures/"))
    {
        let note =
            "fixtures/ is in a clone; elsewhere `sigprof corpus unpack -o fixtures` writes it";
        part("", &[note.to_owned()], width, &mut out);
    }
    part("See", &see(entry), width, &mut out);
    if let Some(steps) = &entry.steps {
        out.push('\n');
        for line in steps.lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
    }
    out
}

fn see(entry: &Entry) -> Vec<String> {
    if entry.see.is_empty() {
        return Vec::new();
    }
    vec![format!("sigprof explain {}", entry.see.join(" "))]
}

/// A title with its paragraphs beside it; nothing if there are none.
fn part(title: &str, paragraphs: &[String], width: usize, out: &mut String) {
    for (i, paragraph) in paragraphs.iter().enumerate() {
        let title = if i == 0 { title } else { "" };
        wrap(&format!("  {title:<11}"), &plain(paragraph), width, out);
    }
}

/// Markdown without the places that links lead to.
#[must_use]
pub fn plain(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        let parts = link.split_once("](");
        let parts = parts.and_then(|(name, to)| Some((name, to.split_once(')')?.1)));
        rest = match parts {
            Some((name, after)) if !name.contains(['[', '`', '\n']) || is_code(name) => {
                out.push_str(name);
                after
            }
            _ => match link.split_once(']') {
                // To an item of the code, by its name.
                Some((name, after)) if is_code(name) => {
                    out.push_str(name);
                    after
                }
                _ => {
                    out.push('[');
                    link
                }
            },
        };
    }
    out + rest
}

fn is_code(name: &str) -> bool {
    name.len() > 2 && name.starts_with('`') && name.ends_with('`')
}

/// Everything that can be explained, a line for each name; of rules the names alone.
#[must_use]
pub fn listed(entries: &[Entry], width: usize) -> String {
    let mut out = String::new();
    for kind in Kind::ALL {
        let entries: Vec<_> = entries.iter().filter(|entry| entry.kind == kind).collect();
        let _ = writeln!(out, "{kind}, one of {}:", entries.len());
        if kind == Kind::Rule {
            let names: Vec<_> = entries.iter().map(|entry| entry.name.clone()).collect();
            part("", &[names.join(" ")], width, &mut out);
            continue;
        }
        let widest = entries.iter().map(|entry| entry.name.len()).max();
        for entry in entries {
            let about = plain(entry.what.first().map_or("", String::as_str));
            let line = format!("  {:<w$}  {about}", entry.name, w = widest.unwrap_or(0));
            let _ = writeln!(out, "{}", cut(&line, width));
        }
        out.push('\n');
    }
    out
}

/// The beginning of a line that is too long.
fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let beginning: String = line.chars().take(width.saturating_sub(3)).collect();
    format!("{}...", beginning.trim_end())
}
