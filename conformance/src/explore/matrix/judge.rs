//! What is wrong with a row.

use sigprof_model::known;
use sigprof_model::law::Law;
use sigprof_model::mutants::{Fate, Mutant};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::Kind;

use super::{Catch, Cell};

/// Laws that a mutant breaks at home besides the one that it names, each for a reason. One
/// that is not broken any more by the runs of the seeds from 0 on is a complaint; other seeds
/// need not come to it.
///
/// The catalogue names what comes of a mistake in order. The engine looks for races, too, and
/// where two Ms are in one place at once, that is what it sees first.
const ALSO: &[(&str, &[Law])] = &[
    // Tags that are not there yet are read; or records come out before their time.
    ("one_fits_is_enough", &[Law::Whole, Law::Conserved]),
    ("no_lock", &[Law::Whole]),
    ("guard_not_nested", &[Law::Whole]),
    // The sample is found in the wrong generation before anybody sees that its ring was gone.
    ("other_log", &[Law::OwnTrace]),
    ("rate_under_lock_ignored", &[Law::Whole]),
    ("armed_before_header", &[Law::Whole]),
];

/// Laws that only some seeds break besides: none is demanded.
const AT_TIMES: &[(&str, &[Law])] = &[
    // What comes after the stop is read half, or lands in the next profile, as B33 may.
    ("non_go_ignores_the_rate", &[Law::Whole, Law::OwnTrace]),
];

fn of(list: &[(&str, &'static [Law])], mutant: &Mutant) -> &'static [Law] {
    let found = list.iter().find(|(name, _)| *name == mutant.name);
    found.map_or(&[], |(_, laws)| laws)
}

/// `seed` is the first of those that were run.
pub(super) fn mutant(mutant: &Mutant, seed: Seed, cells: &[Cell]) -> Vec<String> {
    match mutant.fate {
        Fate::Breaks { law, scenario, .. } => {
            let home = cells.iter().find(|cell| cell.scenario == scenario);
            let (also, at_times) = (of(ALSO, mutant), of(AT_TIMES, mutant));
            let (must, may) = match seed {
                Seed(0) => (also, at_times.to_vec()),
                _ => (&[][..], [also, at_times].concat()),
            };
            home.map_or_else(
                || {
                    let base = mutant.base;
                    vec![format!(
                        "{scenario} says nothing: {base} breaks it, or it does not apply"
                    )]
                },
                |home| at_home(law, must, &may, home),
            )
        }
        Fate::Equivalent(_) => excused("equivalent", cells),
        Fate::OutOfReach(_) => excused("out of reach", cells),
    }
}

/// What is wrong with a law that must be broken, with those that must be besides, and may.
fn at_home(law: Law, must: &[Law], may: &[Law], home: &Cell) -> Vec<String> {
    let caught: Vec<_> = caught(home).collect();
    let mut complaints = Vec::new();
    if caught.is_empty() {
        complaints.push(format!("survives in {}: want {law} broken", home.scenario));
        return complaints;
    }
    let is_broken = |law: Law| caught.iter().any(|(_, catch)| catch.law == law);
    for (kind, catch) in &caught {
        if catch.law != law && !must.contains(&catch.law) && !may.contains(&catch.law) {
            complaints.push(format!(
                "caught in {} for another law than it names, by {kind} in run {}: want {law}, got {}",
                home.scenario, catch.run, catch.law
            ));
        }
    }
    for law in must.iter().filter(|&&law| !is_broken(law)) {
        complaints.push(format!(
            "{}: {law} is expected besides, and not broken",
            home.scenario
        ));
    }
    complaints
}

fn excused(why: &str, cells: &[Cell]) -> Vec<String> {
    let caught = cells
        .iter()
        .flat_map(|cell| caught(cell).map(move |found| (cell, found)));
    caught
        .map(|(cell, (kind, Catch { law, run, .. }))| {
            format!(
                "{why}, but {kind} catches it in {} in run {run}: {law}",
                cell.scenario
            )
        })
        .collect()
}

pub(super) fn revision(name: &str, cells: &[Cell]) -> Vec<String> {
    let mut complaints = Vec::new();
    for cell in cells {
        let known: Vec<_> = known::of(name, cell.scenario).collect();
        for (kind, Catch { law, run, .. }) in caught(cell) {
            if !known.iter().any(|known| known.explains(*law)) {
                complaints.push(format!(
                    "accused in {}, by {kind} in run {run}: {law} is not known to be broken there",
                    cell.scenario
                ));
            }
        }
        if caught(cell).next().is_none() {
            let missing = known.iter().map(|known| known.id).collect::<Vec<_>>();
            if !missing.is_empty() {
                let missing = missing.join(" or ");
                complaints.push(format!("{}: {missing} is not found", cell.scenario));
            }
        }
    }
    for known in known::ALL
        .iter()
        .filter(|known| known.revisions.contains(&name))
    {
        let at = cells
            .iter()
            .filter(|cell| known.scenarios.contains(&cell.scenario));
        let mut caught = at.flat_map(caught);
        if !caught.any(|(_, catch)| known.explains(catch.law)) {
            complaints.push(format!("{} is not found: {}", known.id, known.what));
        }
    }
    complaints
}

fn caught(cell: &Cell) -> impl Iterator<Item = (Kind, &Catch)> {
    let tried = cell.tried.iter();
    tried.flat_map(|tried| tried.caught.iter().map(|catch| (tried.kind, catch)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sigprof_model::mutants::Shows;

    use super::super::Tried;
    use super::*;

    fn cell(scenario: &'static str, laws: &[Law]) -> Cell {
        let caught = laws.iter().map(|&law| Catch {
            law,
            run: 7,
            time: Duration::ZERO,
        });
        let tried = Tried {
            kind: Kind::Dpor,
            runs: 9,
            caught: caught.collect(),
            is_exhausted: false,
        };
        Cell {
            scenario,
            tried: vec![tried],
        }
    }

    /// A mutant of that name with this fate, whatever the catalogue has.
    fn with(name: &'static str, fate: Fate) -> Mutant {
        let mutant = Mutant::all()[0];
        Mutant {
            name,
            base: "fixed",
            fate,
            ..mutant
        }
    }

    fn breaks(name: &'static str, law: Law, scenario: &'static str) -> Mutant {
        let shows = Shows::InOrder;
        let fate = Fate::Breaks {
            law,
            scenario,
            shows,
        };
        with(name, fate)
    }

    #[track_caller]
    fn check(complaints: &[String], expected: &[&str]) {
        assert_eq!(complaints, expected);
    }

    /// Guards S9.8, S22.10.
    #[test]
    fn a_mutant_is_caught_for_its_law_and_for_no_other() {
        let ring = breaks("ring", Law::Whole, "write_read");
        check(
            &mutant(&ring, Seed(0), &[cell("write_read", &[Law::Whole])]),
            &[],
        );
        check(
            &mutant(&ring, Seed(0), &[cell("write_read", &[])]),
            &["survives in write_read: want L2 (no torn or invented record) broken"],
        );
        check(
            &mutant(&ring, Seed(0), &[cell("write_read", &[Law::InOrder])]),
            &[
                "caught in write_read for another law than it names, by dpor in run 7: want L2 \
               (no torn or invented record), got L3 (no reordered or duplicated record)",
            ],
        );
        check(
            &mutant(&ring, Seed(0), &[]),
            &["write_read says nothing: fixed breaks it, or it does not apply"],
        );
    }

    /// Guards S9.8, S22.10.
    #[test]
    fn what_is_expected_besides_must_come() {
        let lock = breaks("no_lock", Law::Conserved, "two_handlers");
        let home = |laws: &[Law]| mutant(&lock, Seed(0), &[cell("two_handlers", laws)]);
        check(&home(&[Law::Whole, Law::Conserved]), &[]);
        check(
            &home(&[Law::Conserved]),
            &[
                "two_handlers: L2 (no torn or invented record) is expected besides, and not \
               broken",
            ],
        );
    }

    /// Guards S9.8, S22.10.
    /// Which laws a mutant breaks besides depends on seeds; that it breaks its own does not.
    ///
    /// Guards S9.8, S22.10.
    #[test]
    fn with_other_seeds_what_may_come_besides_need_not_and_nothing_else_may() {
        let of = |name, law, seed, laws: &[Law]| {
            let mutant_of_that_name = breaks(name, law, "lock");
            mutant(&mutant_of_that_name, seed, &[cell("lock", laws)]).len()
        };
        let log = |seed, laws: &[Law]| of("other_log", Law::NoneRetired, seed, laws);
        assert_eq!(log(Seed(0), &[Law::NoneRetired]), 1);
        assert_eq!(log(Seed(1), &[Law::NoneRetired]), 0);
        assert_eq!(log(Seed(1), &[Law::NoneRetired, Law::OwnTrace]), 0);
        assert_eq!(log(Seed(1), &[Law::NoneRetired, Law::Whole]), 1);
        let rate = |seed, laws: &[Law]| of("non_go_ignores_the_rate", Law::Conserved, seed, laws);
        for seed in [Seed(0), Seed(1)] {
            assert_eq!(rate(seed, &[Law::Conserved]), 0);
            assert_eq!(rate(seed, &[Law::Conserved, Law::Whole]), 0);
            assert_eq!(rate(seed, &[Law::Conserved, Law::InOrder]), 1);
            assert_eq!(rate(seed, &[]), 1);
        }
    }

    #[test]
    fn what_is_excused_must_not_be_caught() {
        for (fate, why) in [
            (Fate::Equivalent("why"), "equivalent"),
            (Fate::OutOfReach("why"), "out of reach"),
        ] {
            let excused = with("excused", fate);
            check(&mutant(&excused, Seed(0), &[cell("lock", &[])]), &[]);
            let complaint =
                format!("{why}, but dpor catches it in lock in run 7: L9 (no lost wake-up)");
            check(
                &mutant(&excused, Seed(0), &[cell("lock", &[Law::Woken])]),
                &[&complaint],
            );
        }
    }

    /// Guards S9.8, S22.10.
    #[test]
    fn a_revision_breaks_what_is_known_and_nothing_else() {
        check(&revision("fixed", &[cell("lock", &[])]), &[]);
        check(
            &revision("fixed", &[cell("lock", &[Law::Woken])]),
            &[
                "accused in lock, by dpor in run 7: L9 (no lost wake-up) is not known to be \
               broken there",
            ],
        );
        let found = revision("go1.26", &[cell("overflow", &[])]);
        assert_eq!(found[0], "overflow: B32 is not found");
        assert_eq!(found.len(), 1 + 4, "{found:?}");
    }
}
