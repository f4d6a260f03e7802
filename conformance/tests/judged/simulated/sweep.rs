//! The same judges on every seed; the everyday tests ask about one in so many.

use sigprof_wire::FormatVersion;

use super::{SEEDS, accepted, evidence, later, viewer};

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_19_prints_the_same_events_of_every_seed() {
    accepted::reads_traces("1.19", FormatVersion::GO_1_19, 0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_21_prints_the_same_events_of_every_seed() {
    accepted::reads_traces("1.21", FormatVersion::GO_1_21, 0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_19_has_the_same_samples_of_every_seed() {
    accepted::reads_profiles("1.19", 0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_21_has_the_same_samples_of_every_seed() {
    accepted::reads_profiles("1.21", 0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_27_reads_traces_and_profiles_of_every_seed() {
    accepted::go_1_27_reads(0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn the_viewer_shows_each_sample_with_a_p_of_every_seed() {
    viewer::shows_samples(0..SEEDS);
}

/// Each of 200 seeds in each revision: Go of that release, and the newest.
#[test]
#[ignore = "a sweep: just test-all"]
fn real_go_prints_the_same_events_of_every_run_in_generations() {
    later::are_read(0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn real_go_has_the_same_samples_of_every_run_in_generations() {
    later::profiles_are_read(0..SEEDS);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn every_run_in_generations_keeps_the_rules_and_the_check_is_never_wrong() {
    later::rules_are_kept(0..SEEDS);
    println!("{:?}", later::said(0..SEEDS));
}

/// Figures of the check's own: none of ten thousand, and every one.
#[test]
#[ignore = "a sweep: just test-all"]
fn ten_thousand_healthy_runs_raise_no_alarm_and_every_loss_does() {
    let (runs, alarms) = evidence::alarms(0..10_100);
    println!("{runs} healthy runs, {} alarms", alarms.len());
    assert!(runs >= 10_000, "{runs}");
    assert_eq!(alarms, Vec::<String>::new());
    let (losses, unseen) = evidence::unseen(0..100);
    println!("{losses} losses, {} unseen", unseen.len());
    assert_eq!(unseen, Vec::<String>::new());
}
