//! Selecting cases: which are run, and that their results depend on nothing else.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use sigprof::fixtures::Files;
use sigprof::oracle::Mode;
use sigprof::suite::area::Area;
use sigprof::suite::outcome::{CaseOutcome, Outcome, Status};
use sigprof::suite::{self, Case, CaseList, NothingSelected, Options};
use sigprof_sim::Seed;

fn files() -> Files {
    Files::embedded()
}

fn only(filters: &[&str]) -> Options {
    Options {
        filters: filters.iter().map(|&f| f.to_owned()).collect(),
        oracles: Mode::Off,
        ..Options::default()
    }
}

fn titles(options: &Options) -> Vec<String> {
    let files = files();
    let list = CaseList::new(&files, options).unwrap();
    list.cases().iter().map(Case::title).collect()
}

fn run(files: &Files, options: &Options) -> Outcome {
    let list = CaseList::new(files, options).unwrap();
    list.run(&AtomicBool::new(false), |_| ())
}

/// The part of an outcome that does not depend on the clock.
fn essence(outcome: &Outcome) -> Vec<(String, Status)> {
    let cases = outcome.cases.iter();
    cases
        .map(|case| (case.title(), case.status.clone()))
        .collect()
}

/// Guards S22.13.
#[test]
fn a_filter_selects_what_it_occurs_in_and_several_what_any_does() {
    let all = titles(&only(&[]));
    let seeds = titles(&only(&["seeds "]));
    assert_eq!(
        seeds.len(),
        all.iter().filter(|title| title.contains("seeds ")).count()
    );
    assert!(seeds.len() > 5 && seeds.len() < all.len());
    let both = titles(&only(&["seeds ", "defects "]));
    assert_eq!(both.len(), seeds.len() + titles(&only(&["defects "])).len());
    // Twice the same is once.
    assert_eq!(titles(&only(&["seeds ", "seeds seeds/b1"])), seeds);
}

/// Guards S22.13.
#[test]
fn a_whole_name_selects_one_case_where_it_is_the_beginning_of_others() {
    let all = titles(&only(&[]));
    let name = "mutants no_lock";
    assert!(all.iter().any(|title| title == name));
    assert_eq!(titles(&only(&[name])), [name]);
    for title in all.iter().step_by(17) {
        assert_eq!(titles(&only(&[title])), [&**title]);
    }
}

/// Guards S9.10.
#[test]
fn a_filter_that_fits_nothing_selects_nothing_even_beside_others() {
    let files = files();
    const NOTHING: &str = "no-such-case";
    for filters in [&[NOTHING][..], &["seeds", NOTHING], &[NOTHING, "seeds"]] {
        let options = only(filters);
        let nothing = CaseList::new(&files, &options).err();
        assert_eq!(nothing, Some(NothingSelected::Filter(NOTHING.into())));
    }
}

/// Guards S22.13.
#[test]
fn shards_have_every_case_once_and_each_has_something_of_large_areas() {
    let all = titles(&only(&[]));
    let mut shared = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let shard = Options {
            shard: Some(shard.parse().unwrap()),
            ..only(&[])
        };
        let part = titles(&shard);
        for area in ["model ", "mutants ", "invalid ", "origin "] {
            assert!(part.iter().any(|title| title.starts_with(area)), "{area}");
        }
        shared.extend(part);
    }
    assert_eq!(shared.len(), all.len());
    let unique: BTreeSet<_> = shared.into_iter().collect();
    assert_eq!(unique, all.into_iter().collect());
}

/// Guards S9.10.
#[test]
fn a_shard_without_cases_selects_nothing() {
    let options = Options {
        shard: Some("2/2".parse().unwrap()),
        ..only(&["seeds seeds/b1"])
    };
    let files = files();
    let nothing = CaseList::new(&files, &options).err().unwrap();
    assert_eq!(nothing.to_string(), "shard 2/2 of 1 cases has none");
}

/// Nobody is to lose an area without seeing it.
///
/// Guards S22.13.
#[test]
fn every_area_has_cases_and_no_two_have_one_name() {
    let cases = suite::all(&files());
    for area in Area::all() {
        assert!(
            cases.iter().any(|case| case.area == area),
            "{}",
            area.name()
        );
    }
    let titles: BTreeSet<_> = cases.iter().map(Case::title).collect();
    assert_eq!(titles.len(), cases.len());
}

/// Guards S22.11.
#[test]
fn without_oracles_no_case_needs_go_and_else_each_fixture_is_judged() {
    let with_go = |options: &Options| {
        let files = files();
        let list = CaseList::new(&files, options).unwrap();
        list.cases()
            .iter()
            .filter(|case| case.area.go().is_some())
            .count()
    };
    assert_eq!(with_go(&only(&[])), 0);
    let auto = Options::default();
    assert!(with_go(&auto) >= 2 * 10, "{}", with_go(&auto));
}

/// Guards S22.14.
#[test]
fn what_comes_does_not_depend_on_threads() {
    let (files, filters) = (files(), ["defects ", "seeds ", "invalid ", "go1.26/o"]);
    let one = run(&files, &only(&filters));
    for jobs in [2, 7] {
        let options = Options {
            jobs,
            ..only(&filters)
        };
        assert_eq!(
            essence(&run(&files, &options)),
            essence(&one),
            "{jobs} threads"
        );
    }
    assert_eq!(one.exit_code(), 0, "{:?}", one.failures().next());
}

/// The areas that run the model: every case of theirs is for `sigprof conformance` (CI runs it),
/// every so many of these for the tests. The mutants among them are caught at home and elsewhere.
const SAMPLED: [Area; 3] = [Area::Model, Area::Defects, Area::Mutants];
const EVERY: usize = 20;

/// Whole titles, which select one case each.
fn selection(files: &Files) -> Vec<String> {
    let (sampled, mut cases): (Vec<_>, Vec<_>) = suite::all(files)
        .into_iter()
        .filter(|case| case.area.go().is_none())
        .partition(|case| SAMPLED.contains(&case.area));
    for area in SAMPLED {
        let of_area = sampled.iter().filter(|case| case.area == area);
        cases.extend(of_area.step_by(EVERY).cloned());
    }
    cases.iter().map(Case::title).collect()
}

/// The suite without Go, but of what runs the model only a part.
///
/// Guards S22.6, S22.7, S22.8, S22.9, S22.10.
#[test]
fn cases_that_need_no_go_pass() {
    let files = files();
    let options = Options {
        filters: selection(&files),
        jobs: 2,
        ..only(&[])
    };
    let outcome = run(&files, &options);
    let failures: Vec<_> = outcome
        .failures()
        .map(|(case, f)| format!("{}: {f}", case.title()))
        .collect();
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(outcome.counts().skipped, 0);
    assert_eq!(outcome.cases.len(), options.filters.len());
    for area in SAMPLED {
        let mut cases = outcome.cases.iter();
        assert!(
            cases.any(|case| case.area == area.name()),
            "{}",
            area.name()
        );
    }
}

/// Guards S22.14.
#[test]
fn another_seed_draws_other_runs_and_passes_too() {
    let options = Options {
        seed: Seed(0x5eed),
        jobs: 2,
        ..only(&["fuzz ", "sim go1.19/drawn", "model fixed/overflow"])
    };
    let outcome = run(&files(), &options);
    assert_eq!(outcome.exit_code(), 0, "{:?}", outcome.failures().next());
    assert!(outcome.cases[0].again.ends_with(" --seed 24301"));
}

#[test]
fn every_case_is_told_of_as_it_ends() {
    let (files, options) = (files(), only(&["tiny"]));
    let list = CaseList::new(&files, &options).unwrap();
    let mut told = Vec::new();
    let outcome = list.run(&AtomicBool::new(false), |case| told.push(case.title()));
    assert_eq!(
        told,
        outcome
            .cases
            .iter()
            .map(CaseOutcome::title)
            .collect::<Vec<_>>()
    );
    assert_eq!(told.len(), list.cases().len());
}

/// Guards S9.10.
#[test]
fn what_was_done_before_a_stop_is_kept_and_the_rest_is_not_taken_for_done() {
    let (files, options) = (files(), only(&["seeds "]));
    let list = CaseList::new(&files, &options).unwrap();
    let (stop, seen) = (AtomicBool::new(false), AtomicUsize::new(0));
    let outcome = list.run(&stop, |_| {
        seen.fetch_add(1, Relaxed);
        stop.store(true, Relaxed);
    });
    assert!(outcome.is_interrupted);
    assert!(!outcome.cases.is_empty() && outcome.cases.len() < list.cases().len());
    assert_eq!(outcome.exit_code(), 5);
}
