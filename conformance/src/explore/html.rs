//! A run as one page that needs nothing else: the table of [`table`], with the state of all words and
//! the history of one beside the step that is pointed at, and dull steps folded.

use askama::Template;
use sigprof_sim::engine::Step;
use sigprof_sim::engine::steps::{Did, Entered};

use super::fold;
use super::lines::Lines;
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
    /// Where Go's functions begin, of the release that is shown; none of what no release has.
    pub lines: Option<Lines>,
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
    /// The release of which lines are.
    release: Option<&'static str>,
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
    /// The call that it is in, if the line of its M before was in another.
    call: Option<Within>,
    is_handler: bool,
    row_class: String,
    class: String,
    word: String,
    /// The word's value afterwards.
    now: String,
    text: String,
    is_fatal: bool,
}

/// The call of Go's that lines are in.
struct Within {
    /// The calls around it, the outermost first, each with what stands between it and the next.
    around: String,
    function: &'static str,
    file: &'static str,
    /// The line at which it begins.
    line: Option<u32>,
}

impl Within {
    fn of(calls: &[Entered], lines: Option<Lines>) -> Option<Self> {
        let (last, around) = calls.split_last()?;
        Some(Self {
            around: around
                .iter()
                .map(|entered| format!("{} \u{203a} ", entered.call.function))
                .collect(),
            function: last.call.function,
            file: last.call.file,
            line: lines.and_then(|lines| lines.line(last.call)),
        })
    }
}

/// The page as HTML.
#[must_use]
pub fn page(head: &Head, run: &Replayed) -> String {
    let rows = table::rows(run);
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    let groups = groups(run, &rows, head.lines);
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
        release: head.lines.map(|lines| lines.release),
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

fn groups(run: &Replayed, rows: &[Row], lines: Option<Lines>) -> Vec<Group> {
    let folds = fold::folds(run, rows);
    let heads = fold::heads(run, &folds);
    folds
        .into_iter()
        .map(|fold| Group {
            is_dull: fold.is_dull,
            m: rows[fold.lines.start].m,
            about: if fold.is_dull {
                fold.about(run)
            } else {
                String::new()
            },
            lines: fold
                .lines
                .map(|at| {
                    let head = heads.get(at).copied().flatten();
                    let call = head.and_then(|calls| Within::of(calls, lines));
                    line(&rows[at], at, run, call)
                })
                .collect(),
        })
        .collect()
}

fn line(row: &Row, at: usize, run: &Replayed, call: Option<Within>) -> Line {
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
        call,
        is_handler: row.is_handler,
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
