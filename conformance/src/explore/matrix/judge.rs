//! The one judgement of what the strategies saw: is a mutant caught, is a defect found, is a
//! revision accused? `sigprof mutants` asks it, and so do the areas `model`, `defects` and
//! `mutants` of the suite.

mod complaint;

use sigprof_model::known::{self, Known};
use sigprof_model::law::Law;
use sigprof_model::mutants::{Fate, Mutant};
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::Kind;

use super::{Cell, Tried};
pub use complaint::{Complaint, Sighting};

/// Complaints about a mutant. `seed` is the first of those that were run.
pub(super) fn mutant(mutant: &Mutant, seed: Seed, cells: &[Cell]) -> Vec<Complaint> {
    let excused = |excuse| {
        let seen = cells.iter().flat_map(sightings);
        seen.map(|seen| Complaint::Caught { excuse, seen })
            .collect()
    };
    match mutant.fate {
        Fate::Breaks { law, scenario, .. } => {
            match cells.iter().find(|cell| cell.scenario == scenario) {
                None => vec![Complaint::NoHome {
                    scenario,
                    base: mutant.base,
                }],
                Some(home) => at_home(mutant, law, seed, home),
            }
        }
        Fate::Equivalent(_) => excused("equivalent"),
        Fate::OutOfReach(_) => excused("out of reach"),
    }
}

/// Complaints about a mutant in the scenario that it names: `law` has to be broken, with the
/// seeds from 0 on also what it breaks besides, and nothing else that is not expected.
fn at_home(mutant: &Mutant, law: Law, seed: Seed, home: &Cell) -> Vec<Complaint> {
    let scenario = home.scenario;
    let all: Vec<_> = sightings(home).collect();
    if all.is_empty() {
        return vec![Complaint::Survives { scenario, law }];
    }
    let is_expected = |law| mutant.also.contains(&law) || mutant.at_times.contains(&law);
    let others = all
        .iter()
        .filter(|seen| seen.catch.law != law && !is_expected(seen.catch.law))
        .map(|&seen| Complaint::OtherLaw { law, seen });
    let must = match seed {
        Seed(0) => mutant.also,
        _ => &[],
    };
    let missing = must
        .iter()
        .filter(|&&law| all.iter().all(|seen| seen.catch.law != law))
        .map(|&law| Complaint::NotBesides { scenario, law });
    others.chain(missing).collect()
}

/// Complaints about a revision in one scenario; an accusation once for each law, by the strategy
/// of those that saw it that leaves out the least.
#[must_use]
pub fn scenario(revision: &str, cell: &Cell) -> Vec<Complaint> {
    let known: Vec<_> = known::of(revision, cell.scenario).collect();
    let mut seen: Vec<_> = sightings(cell).collect();
    seen.reverse();
    seen.sort_by_key(|seen| seen.catch.law);
    seen.dedup_by_key(|seen| seen.catch.law);
    let accused = seen.iter().filter(|seen| {
        let law = seen.catch.law;
        !known.iter().any(|known| known.explains(law))
    });
    let mut complaints: Vec<_> = accused.copied().map(Complaint::Accused).collect();
    if let (Some(known), None) = (known.first(), seen.first()) {
        complaints.push(Complaint::NotFoundThere {
            scenario: cell.scenario,
            known,
        });
    }
    let endless = cell.tried.iter().filter(|tried| !tried.is_exhausted);
    complaints.extend(endless.filter(|tried| must_end(tried.kind)).map(|tried| {
        Complaint::Endless {
            scenario: cell.scenario,
            kind: tried.kind,
            runs: tried.runs,
        }
    }));
    complaints
}

/// Whether a strategy has to go through all the runs of every scenario that there are.
fn must_end(kind: Kind) -> bool {
    matches!(kind, Kind::Dpor | Kind::WeakDpor | Kind::Bounded(..=2))
}

/// The complaint about a defect, if none of these scenarios shows it.
#[must_use]
pub fn defect(known: &'static Known, cells: &[Cell]) -> Option<Complaint> {
    let seen = cells.iter().filter(|cell| {
        known.scenarios.contains(&cell.scenario)
            && sightings(cell).any(|seen| known.explains(seen.catch.law))
    });
    match seen.count() {
        0 => Some(Complaint::NotFound(known)),
        _ => None,
    }
}

/// Complaints about a revision in all scenarios.
pub(super) fn revision(name: &str, cells: &[Cell]) -> Vec<Complaint> {
    let there = cells.iter().flat_map(|cell| scenario(name, cell));
    let known = known::ALL.iter();
    let known = known.filter(|known| known.revisions.contains(&name));
    there
        .chain(known.filter_map(|known| defect(known, cells)))
        .collect()
}

/// The laws that were broken in a scenario, each once for each strategy.
fn sightings(cell: &Cell) -> impl Iterator<Item = Sighting> {
    let of = |tried: &Tried| {
        let (scenario, kind) = (cell.scenario, tried.kind);
        let caught = tried.caught.clone().into_iter();
        caught.map(move |catch| Sighting {
            scenario,
            kind,
            catch,
        })
    };
    cell.tried.iter().flat_map(of)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sigprof_model::mutants::Shows;

    use super::super::Catch;
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
            is_exhausted: true,
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
            also: &[],
            at_times: &[],
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
    fn check(complaints: &[Complaint], expected: &[&str]) {
        let words: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(words, expected);
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
                "caught for another law than it names, in write_read, by dpor in run 7: want L2 \
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
        let lock = Mutant {
            also: &[Law::Whole],
            ..breaks("lock", Law::Conserved, "two_handlers")
        };
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

    /// Seeds decide what a mutant breaks besides, but not that it breaks its own law.
    ///
    /// Guards S9.8, S22.10.
    #[test]
    fn with_other_seeds_what_may_come_besides_need_not_and_nothing_else_may() {
        let of = |mutant_that: &Mutant, seed, laws: &[Law]| {
            mutant(mutant_that, seed, &[cell("lock", laws)]).len()
        };
        let log = Mutant {
            also: &[Law::OwnTrace],
            ..breaks("log", Law::NoneRetired, "lock")
        };
        assert_eq!(of(&log, Seed(0), &[Law::NoneRetired]), 1);
        assert_eq!(of(&log, Seed(1), &[Law::NoneRetired]), 0);
        assert_eq!(of(&log, Seed(1), &[Law::NoneRetired, Law::OwnTrace]), 0);
        assert_eq!(of(&log, Seed(1), &[Law::NoneRetired, Law::Whole]), 1);
        let rate = Mutant {
            at_times: &[Law::Whole],
            ..breaks("rate", Law::Conserved, "lock")
        };
        for seed in [Seed(0), Seed(1)] {
            assert_eq!(of(&rate, seed, &[Law::Conserved]), 0);
            assert_eq!(of(&rate, seed, &[Law::Conserved, Law::Whole]), 0);
            assert_eq!(of(&rate, seed, &[Law::Conserved, Law::InOrder]), 1);
            assert_eq!(of(&rate, seed, &[]), 1);
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
                format!("{why}, but caught in lock, by dpor in run 7: L9 (no lost wake-up)");
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
        assert_eq!(found[0].to_string(), "overflow: B32 is not found");
        assert_eq!(found.len(), 1 + 4, "{found:?}");
    }
    /// Guards S22.6, S22.7.
    #[test]
    fn a_defect_is_found_by_its_law_in_a_scenario_of_its_own() {
        let b32 = known::ALL.iter().find(|known| known.id == "B32").unwrap();
        let is_found = |scenario, laws: &[Law]| defect(b32, &[cell(scenario, laws)]).is_none();
        assert!(is_found("overflow", &[Law::Woken, b32.law]));
        assert!(!is_found("overflow", &[Law::Woken]));
        assert!(!is_found("lock", &[b32.law]));
    }

    /// Guards S9.8, S22.6.
    #[test]
    fn a_search_that_must_come_to_its_end_and_does_not_is_a_complaint() {
        let of = |kind| {
            let mut cell = cell("lock", &[]);
            cell.tried[0].kind = kind;
            cell.tried[0].is_exhausted = false;
            scenario("fixed", &cell)
        };
        check(
            &of(Kind::Dpor),
            &["lock: dpor does not come to its end in 9 runs"],
        );
        check(
            &of(Kind::WeakDpor),
            &["lock: dpor-weak does not come to its end in 9 runs"],
        );
        check(
            &of(Kind::Bounded(2)),
            &["lock: bounded2 does not come to its end in 9 runs"],
        );
        check(&of(Kind::Bounded(3)), &[]);
        check(&of(Kind::Random), &[]);
    }

    /// Guards S22.6.
    #[test]
    fn an_accusation_comes_once_by_the_strategy_that_leaves_out_the_least() {
        let mut cell = cell("lock", &[Law::Woken]);
        let walks = Tried {
            kind: Kind::Random,
            ..cell.tried[0].clone()
        };
        cell.tried.insert(0, walks);
        let complaints = scenario("fixed", &cell);
        let [Complaint::Accused(seen)] = complaints[..] else {
            panic!("want one accusation, got {complaints:?}");
        };
        assert_eq!(seen.kind, Kind::Dpor);
    }
}
