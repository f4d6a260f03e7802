//! The same judges on every seed; the everyday tests ask about one in so many.

use sigprof_wire::FormatVersion;

use super::{SEEDS, accepted, viewer};

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
