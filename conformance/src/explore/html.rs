//! A run as one page that needs nothing else: the table of [`table`], with the
//! history of a word where one points at it.

use std::fmt::Write;

use super::replay::{End, Replayed};
use super::table::{self, Row};
use crate::shown::Shown;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The head of a page, above the table.
#[derive(Clone, Debug)]
pub struct Head {
    /// The title, which says what ran.
    pub title: String,
    /// The command that shows it again.
    pub command: String,
}

/// The page as HTML.
#[must_use]
pub fn page(head: &Head, run: &Replayed) -> String {
    let title = escaped(&head.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let class = match run.verdict {
        Ok(_) => "verdict ok",
        Err(_) => "verdict broken",
    };
    let verdict = escaped(&table::verdict(run));
    let _ = writeln!(
        out,
        "<p class=\"{class}\"><a href=\"#end\">{verdict}</a></p>"
    );
    let rows = table::rows(run);
    let switches = rows.iter().filter(|row| row.is_switch).count();
    let old = rows.iter().filter(|row| row.is_old).count();
    let _ = writeln!(
        out,
        "<p class=\"sum\">{} steps, {switches} switches, {old} old values read. Point at a step \
         to see what its word went through.</p>\n<p class=\"again\"><code>{}</code></p>",
        run.steps.len(),
        escaped(&head.command)
    );
    body(&mut out, run, &rows);
    let _ = writeln!(
        out,
        "<p id=\"end\" class=\"{class}\">{verdict}</p>\n\
         <div id=\"history\" hidden></div>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
    );
    out
}

fn body(out: &mut String, run: &Replayed, rows: &[Row]) {
    out.push_str("<table>\n<thead><tr><th class=\"n\">step</th>");
    for (m, name) in run.names.iter().enumerate() {
        let _ = write!(out, "<th>M{m} <b>{}</b></th>", escaped(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (at, row) in rows.iter().enumerate() {
        let number = at + 1;
        let mut classes = Vec::new();
        classes.extend(row.is_switch.then_some("switch"));
        classes.extend(row.is_fatal.then_some("fatal"));
        let _ = write!(
            out,
            "<tr id=\"s{number}\" class=\"{}\"><td class=\"n\">{number}</td>",
            classes.join(" ")
        );
        for m in 0..run.names.len() {
            if m == row.m {
                cell(out, run, row, at);
            } else {
                out.push_str("<td></td>");
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn cell(out: &mut String, run: &Replayed, row: &Row, at: usize) {
    let mut classes = vec!["step"];
    classes.extend(row.is_handler.then_some("handler"));
    classes.extend(row.is_old.then_some("old"));
    let word = run.steps.get(at).map_or("", |step| step.word.as_str());
    let mut attributes = String::new();
    if word.is_empty() {
        classes.push("frame");
    } else {
        let _ = write!(
            attributes,
            " data-word=\"{}\" tabindex=\"0\"",
            escaped(word)
        );
    }
    let text = escaped(&row.text);
    let fatal = match (row.is_fatal, run.end) {
        (true, End::AtStep) => " <span class=\"mark\">fatal</span>",
        _ => "",
    };
    let _ = write!(
        out,
        "<td class=\"{}\"{attributes}>{text}{fatal}</td>",
        classes.join(" ")
    );
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in Shown(text).text().chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
