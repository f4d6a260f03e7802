//! A run as one page that needs nothing else: the table of [`table`], with the state of all words and
//! the history of one beside the step that is pointed at, and dull steps folded.

use std::collections::HashMap;

use askama::Template;
use sigprof_sim::engine::Step;
use sigprof_sim::engine::steps::Did;

use super::replay::{End, Replayed};
use super::table::{self, Row};
use crate::page::{House, render, words};
use crate::shown::Shown;

const HOUSE: House = House {
    styles: &[include_str!("html/page.css")],
    scripts: &[include_str!("html/page.js")],
    has_others: false,
};

/// The head of a page, above the table.
#[derive(Clone, Debug)]
pub struct Head {
    /// The title, which says what ran.
    pub title: String,
    /// The command that shows it again.
    pub command: String,
    /// Words below the verdict, each with its title.
    pub notes: Vec<(&'static str, String)>,
}

/// A page as its template sees it.
#[derive(Template)]
#[template(path = "replay.html")]
struct Page<'a> {
    house: House,
    title: Shown<'a>,
    command: Shown<'a>,
    notes: Vec<(&'static str, String)>,
    verdict: String,
    is_broken: bool,
    names: Vec<Shown<'a>>,
    sums: Sums,
    groups: Vec<Group>,
}

struct Sums {
    steps: usize,
    switches: usize,
    old: usize,
    signals: usize,
    dull: usize,
}

/// Lines that stand or are folded together.
struct Group {
    is_dull: bool,
    m: usize,
    /// Words that stand for folded lines.
    about: String,
    lines: Vec<Line>,
}

/// A line of the table.
struct Line {
    number: usize,
    m: usize,
    row_class: String,
    class: String,
    word: String,
    /// The word's value afterwards.
    now: String,
    text: String,
    is_fatal: bool,
}

/// Dull lines, one after the other, that are folded: fewer are as short as what stands for them.
const FOLDED: usize = 3;

/// The page as HTML.
#[must_use]
pub fn page(head: &Head, run: &Replayed) -> String {
    let rows = table::rows(run);
    let dull = dull(run, &rows);
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    let groups = groups(run, &rows, &dull);
    let folded = groups.iter().filter(|group| group.is_dull);
    render(&Page {
        house: HOUSE,
        title: Shown(&head.title),
        command: Shown(&head.command),
        notes: head
            .notes
            .iter()
            .map(|(title, text)| (*title, words(text)))
            .collect(),
        verdict: words(&table::verdict(run)),
        is_broken: run.verdict.is_err(),
        names: run.names.iter().map(|name| Shown(name)).collect(),
        sums: Sums {
            steps: run.steps.len(),
            switches: count(|row| row.is_switch),
            old: count(|row| row.is_old),
            signals: run
                .steps
                .iter()
                .filter(|step| step.did == Did::Signal)
                .count(),
            dull: folded.map(|group| group.lines.len()).sum(),
        },
        groups,
    })
}

/// Whether each line is dull: it concerns a word that no other M touches, or looks once more at a
/// word that has not changed since its M last did.
fn dull(run: &Replayed, rows: &[Row]) -> Vec<bool> {
    let mut users: HashMap<&str, usize> = HashMap::new();
    let mut is_shared: HashMap<&str, bool> = HashMap::new();
    for step in &run.steps {
        let first = *users.entry(&step.word).or_insert(step.m);
        *is_shared.entry(&step.word).or_default() |= first != step.m;
    }
    // What each M knows of a word.
    let mut known: HashMap<(usize, &str), u64> = HashMap::new();
    let steps = run.steps.iter().map(Some).chain(std::iter::repeat(None));
    let lines = rows.iter().zip(steps).map(|(row, step)| {
        let Some(step) = step.filter(|step| !step.word.is_empty()) else {
            return false;
        };
        let before = known.insert((step.m, &step.word), step.is);
        let is_look = matches!(step.did, Did::Load | Did::Get);
        let is_again = is_look && before == Some(step.is) && step.was == step.is;
        // Where one M is alone all words are its own.
        let is_own = run.names.len() > 1 && !is_shared[step.word.as_str()];
        (is_own || is_again) && !row.is_fatal && !row.is_old && !row.is_switch
    });
    lines.collect()
}

fn groups(run: &Replayed, rows: &[Row], dull: &[bool]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let line = line(row, at, run);
        match groups.last_mut() {
            Some(last) if last.is_dull == dull[at] && (!dull[at] || last.m == row.m) => {
                last.lines.push(line);
            }
            _ => groups.push(Group {
                is_dull: dull[at],
                m: row.m,
                about: String::new(),
                lines: vec![line],
            }),
        }
    }
    for group in &mut groups {
        group.is_dull = group.is_dull && group.lines.len() >= FOLDED;
        let mut words: Vec<_> = group.lines.iter().map(|line| line.word.as_str()).collect();
        words.dedup();
        let shown = words.iter().take(4).copied().collect::<Vec<_>>().join(", ");
        let more = if words.len() > 4 { ", …" } else { "" };
        group.about = format!("{} steps: {shown}{more}", group.lines.len());
    }
    groups
}

fn line(row: &Row, at: usize, run: &Replayed) -> Line {
    let step = run.steps.get(at);
    let word = step.map_or("", |step| step.word.as_str());
    let mut classes = vec!["step"];
    classes.extend(row.is_handler.then_some("handler"));
    classes.extend(row.is_old.then_some("old"));
    classes.extend(word.is_empty().then_some("frame"));
    let is_signal = step.is_some_and(|step| step.did == Did::Signal);
    classes.extend(is_signal.then_some("signal"));
    let mut of_row = Vec::new();
    of_row.extend(row.is_switch.then_some("switch"));
    of_row.extend(row.is_fatal.then_some("fatal"));
    Line {
        number: at + 1,
        m: row.m,
        row_class: of_row.join(" "),
        class: classes.join(" "),
        word: Shown(word).text().into_owned(),
        now: step.map(now).unwrap_or_default(),
        text: Shown(&row.text).text().into_owned(),
        is_fatal: row.is_fatal && run.end == End::AtStep,
    }
}

/// The value of a step's word afterwards, as the step's own text has it.
fn now(step: &Step) -> String {
    let text = step.text();
    let behind = |mark: &str| {
        let value = text.rsplit_once(mark).map_or("", |(_, value)| value);
        value.trim_end_matches(')').to_owned()
    };
    match step.did {
        Did::Load if step.was != step.is => behind("it is "),
        Did::Load | Did::Get | Did::Add => behind("-> "),
        Did::SwapFails => behind("is "),
        Did::Spin => behind("until "),
        Did::Store | Did::Swap | Did::Set => {
            let name = format!("{} {} ", step.did.name(), step.word);
            text.strip_prefix(&name).unwrap_or_default().to_owned()
        }
        Did::Sleep | Did::Wake | Did::Clear | Did::Signal | Did::Return => String::new(),
    }
}
