//! Tables of states, each made by the code that they are about as it goes through them: whoever
//! changes a rule sees which cells change.

pub(crate) mod protocol;
pub(crate) mod reader;
pub(crate) mod ring;
pub(crate) mod verdicts;

use std::fmt::Write;

/// Rows with columns that stand below each other, the first row above a line.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell: &String| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, &width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(out, "{}", cells.join("  ").trim_end());
        if number == 0 {
            let lines: Vec<_> = widths.iter().map(|&width| "-".repeat(width)).collect();
            let _ = writeln!(out, "{}", lines.join("  "));
        }
    }
    out
}
