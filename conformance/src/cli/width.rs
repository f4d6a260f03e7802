//! How wide text may be: as wide as the terminal that gets it. What goes elsewhere has its lines whole,
//! so that `grep` finds them.

use std::env;
use std::io::{self, IsTerminal};

use sigprof::shown::wrap;

use super::HELP_WIDTH;

/// Columns of the terminal that standard output is, or of COLUMNS in its place; none if it is none.
pub(super) fn columns() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let said = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let said = said.filter(|&columns: &u16| columns > 0);
    let is = || terminal_size::terminal_size().map(|(width, _)| width.0);
    said.or_else(is)
}

/// Columns of running text, which is nowhere wider than help.
pub(super) fn text() -> usize {
    columns().map_or(HELP_WIDTH, |columns| HELP_WIDTH.min(columns.into()))
}

/// Names with what they are, a line each; on a terminal more, below each other.
pub(super) fn list<A: AsRef<str>, B: AsRef<str>>(rows: impl IntoIterator<Item = (A, B)>) -> String {
    list_within(&rows.into_iter().collect::<Vec<_>>(), columns())
}

fn list_within<A: AsRef<str>, B: AsRef<str>>(rows: &[(A, B)], columns: Option<u16>) -> String {
    let widest = rows.iter().map(|(name, _)| name.as_ref().len()).max();
    let mut widest = widest.unwrap_or(0);
    let columns = columns.map_or(usize::MAX, usize::from);
    // Beside names that are too long there is no room for anything.
    if widest > columns / 2 {
        widest = 4;
    }
    let mut out = String::new();
    for (name, about) in rows {
        let (name, about) = (name.as_ref(), about.as_ref());
        let first = match name.len() > widest {
            true => {
                out += &format!("{name}\n");
                format!("{:widest$}  ", "")
            }
            false => format!("{name:widest$}  "),
        };
        wrap(&first, about, columns, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S76.4.
    #[test]
    fn a_list_has_a_line_for_each_name_or_fits_the_terminal() {
        let rows = [("one", "a b c d e f"), ("seventeen", "g h")];
        let check = |columns, want| assert_eq!(list_within(&rows, columns), want);
        check(None, "one        a b c d e f\nseventeen  g h\n");
        check(
            Some(20),
            "one        a b c d e\n           f\nseventeen  g h\n",
        );
        check(Some(12), "one   a b c\n      d e f\nseventeen\n      g h\n");
    }
}
