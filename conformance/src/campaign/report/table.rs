//! The table of a report.

use std::collections::BTreeMap;

use comfy_table::Table;

use crate::campaign::merge::Total;
use crate::campaign::plan::Plan;
use crate::table::bare;

/// A line for each question, or for each task.
pub(super) fn of(plan: &Plan, totals: &[Total], is_all: bool) -> Table {
    let mut rows: BTreeMap<usize, (String, Row)> = BTreeMap::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (number, (task, total)) in plan.tasks.iter().zip(totals).enumerate() {
        let name = if is_all {
            task.to_string()
        } else {
            task.question()
        };
        let place = *places.entry(name.clone()).or_insert(number);
        let (_, row) = rows.entry(place).or_insert_with(|| (name, Row::default()));
        row.add(total);
    }
    let mut table = bare(
        [
            "question",
            "tasks",
            "runs",
            "schedules",
            "points",
            "left",
            "signalled",
            "outcome",
        ],
        1..7,
    );
    for (name, row) in rows.into_values() {
        let counts = [row.points, row.left, row.signalled];
        let [points, left, signalled] = counts.map(|count| count.to_string());
        table.add_row([
            name,
            row.tasks.to_string(),
            row.runs.to_string(),
            format!("~{}", row.schedules),
            points,
            left,
            signalled,
            row.outcome(),
        ]);
    }
    table
}

/// A line of the table.
#[derive(Default)]
struct Row {
    tasks: usize,
    runs: u64,
    schedules: u64,
    points: usize,
    left: usize,
    signalled: usize,
    /// Tasks in which each code fails.
    codes: BTreeMap<String, usize>,
    exhausted: Option<bool>,
}

impl Row {
    fn add(&mut self, total: &Total) {
        let (points, left, signalled) = total.seen.coverage();
        self.tasks += 1;
        self.runs += total.seen.runs;
        self.schedules += total.seen.schedules.count();
        self.points += points;
        self.left += left;
        self.signalled += signalled;
        for code in total.failures.keys() {
            *self.codes.entry(code.clone()).or_default() += 1;
        }
        if let Some(is_exhausted) = total.exhausted {
            self.exhausted = Some(self.exhausted.unwrap_or(true) && is_exhausted);
        }
    }

    fn outcome(&self) -> String {
        let codes = self.codes.iter().map(|(code, tasks)| match tasks {
            1 => code.clone(),
            _ => format!("{code} in {tasks}"),
        });
        let codes: Vec<_> = codes.collect();
        match self.exhausted {
            _ if !codes.is_empty() => format!("found {}", codes.join(", ")),
            Some(true) => "exhausted".to_owned(),
            Some(false) => "not exhausted".to_owned(),
            None => "nothing found".to_owned(),
        }
    }
}
