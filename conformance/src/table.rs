//! Tables that fit the terminal.

use std::ops::Range;

use comfy_table::{Cell, CellAlignment, Row, Table, presets};

use crate::shown::wrap;

/// A table with this header and no lines drawn; these columns are numbers.
pub(crate) fn bare(head: impl Into<Row>, numbers: Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(head);
    for index in numbers {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table as text. If it is wider than there are columns, each row is its first cell, with the
/// others below it under their names.
pub(crate) fn fitted(table: &Table, columns: Option<u16>) -> String {
    let text = table.trim_fmt();
    let columns = columns.map_or(usize::MAX, usize::from);
    if text.lines().all(|line| line.chars().count() <= columns) {
        return text;
    }
    let heads: Vec<_> = table.header().map_or(Vec::new(), cells);
    let mut out = String::new();
    for row in table.row_iter() {
        let cells = cells(row);
        let named = heads.iter().zip(&cells).skip(1);
        let named = named.filter(|(_, cell)| !cell.is_empty());
        let named: Vec<_> = named
            .map(|(head, cell)| format!("{head}: {cell}"))
            .collect();
        out += &format!(" {}\n", cells.first().map_or("", String::as_str));
        wrap("    ", &named.join("; "), columns, &mut out);
    }
    out.trim_end().to_owned()
}

fn cells(row: &Row) -> Vec<String> {
    row.cell_iter().map(Cell::content).collect()
}

#[cfg(test)]
mod tests {
    use comfy_table::presets;

    use super::*;

    /// Guards S76.4.
    #[test]
    fn a_table_that_is_too_wide_has_its_cells_below_each_other() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["mutant", "law", "dpor"]);
        table.add_row(["overflow_looked_relaxed", "L5", "17"]);
        let rows = |columns| fitted(&table, columns).lines().count();
        assert_eq!((rows(None), rows(Some(80))), (2, 2));
        let narrow = fitted(&table, Some(25));
        assert_eq!(narrow, " overflow_looked_relaxed\n    law: L5; dpor: 17");
    }
}
