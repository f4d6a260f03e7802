//! Stacks with their counts as a table: those that differ, by the functions that they go through;
//! or all of them, with their lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::super::report::{Report, StackReport};
use super::super::verdict::Verdict;
use super::Layout;
use crate::shown::{Shown, counted};

/// Rows that are shown if not all are asked for.
const ROWS: usize = 15;

/// Frames of a stack that are shown, from the leaf on.
const FRAMES: usize = 3;

/// A row: a stack, or all that go through the same functions.
struct Row<'r> {
    /// The one that differs most.
    first: &'r StackReport,
    trace: u64,
    profile: u64,
    stacks: usize,
    /// Whether there is something to be seen in it.
    differs: bool,
}

impl<'r> Row<'r> {
    fn of(first: &'r StackReport) -> Self {
        Self {
            first,
            trace: first.trace,
            profile: first.profile,
            stacks: 1,
            differs: first.verdict != Verdict::Match,
        }
    }
}

/// Writes the table, and how many stacks are not in it.
pub(super) fn write(report: &Report, layout: Layout, out: &mut String) {
    if layout.all {
        let rows: Vec<_> = report.stacks.iter().map(Row::of).collect();
        grid(&rows, layout, out);
        return;
    }
    let rows = by_function(&report.stacks);
    let (shown, equal): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.differs);
    let (shown, hidden) = shown.split_at(shown.len().min(ROWS));
    if !shown.is_empty() {
        grid(shown, layout, out);
    }
    if !hidden.is_empty() {
        let rows = counted(hidden.len() as u64, "more row");
        let _ = writeln!(out, "  and {rows} with smaller differences (--all)");
    }
    let stacks: usize = equal.iter().map(|row| row.stacks).sum();
    if stacks > 0 {
        let more = if shown.is_empty() { "" } else { "other " };
        let (plural, have) = if stacks == 1 {
            ("", "has")
        } else {
            ("s", "have")
        };
        let _ = writeln!(
            out,
            "  {stacks} {more}stack{plural} {have} as many samples on both sides (--all shows each)"
        );
    }
}

fn grid(rows: &[Row], layout: Layout, out: &mut String) {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["verdict", "trace", "profile", "stack, leaf first"]);
    for row in rows {
        table.add_row([
            row.first.verdict.to_string(),
            row.trace.to_string(),
            row.profile.to_string(),
            frames(row.first, layout.all),
        ]);
    }
    if let Some(width) = layout.width {
        table.set_width(width.saturating_sub(1));
    }
    for index in [1, 2] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        let _ = writeln!(out, " {}", line.trim_end());
    }
}

/// Stacks of one verdict that go through the same functions are one row. The largest difference
/// comes first.
fn by_function(stacks: &[StackReport]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut at: BTreeMap<(Verdict, Vec<u32>), usize> = BTreeMap::new();
    for stack in stacks {
        let key = (stack.verdict, stack.frames.functions().collect());
        let index = *at.entry(key).or_insert(rows.len());
        match rows.get_mut(index) {
            Some(row) => {
                row.trace += stack.trace;
                row.profile += stack.profile;
                row.stacks += 1;
            }
            None => rows.push(Row::of(stack)),
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.trace.abs_diff(row.profile)));
    rows
}

fn frames(stack: &StackReport, has_lines: bool) -> String {
    let shown = if has_lines {
        stack.frames.len()
    } else {
        FRAMES
    };
    let frames = stack.frames.iter().take(shown);
    let mut text: Vec<_> = match has_lines {
        true => frames
            .map(|f| format!("{}:{}", Shown(f.function), f.line))
            .collect(),
        false => frames.map(|f| Shown(f.function).to_string()).collect(),
    };
    match stack.frames.len() - text.len() {
        0 if text.is_empty() => text.push("(no stack)".into()),
        0 => {}
        n => text.push(format!("{n} more")),
    }
    text.join(" < ")
}
