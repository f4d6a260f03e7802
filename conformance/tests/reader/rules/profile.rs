//! S11: which profiles are read, and which are refused.

use sigprof::pprof;
use sigprof_wire::FormatVersion;

use crate::pack::pack;

/// A message of strings and types of samples, and what else a test adds.
fn profile(kinds: &[u8], rest: &[u8]) -> Vec<u8> {
    let strings = b"\x32\0\x32\x07samples\x32\x05count";
    [strings, kinds, rest].concat()
}

/// The sample type `samples`/`count`.
const SAMPLES: &[u8] = b"\x0a\x04\x08\x01\x10\x02";

fn counts(bytes: &[u8]) -> Result<Vec<u64>, String> {
    let profile = pprof::read(bytes).map_err(|e| e.to_string())?;
    Ok(profile.samples.iter().map(|s| s.count).collect())
}

#[track_caller]
fn refused(bytes: &[u8], words: &str) {
    let error = counts(bytes).unwrap_err();
    assert!(error.contains(words), "{error}");
}

/// Guards S11.1.
#[test]
fn a_profile_is_packed_or_plain_or_in_several_members() {
    let bytes = profile(SAMPLES, b"\x12\x02\x10\x07");
    assert_eq!(counts(&bytes), Ok(vec![7]));
    assert_eq!(counts(&pack(&bytes)), Ok(vec![7]));
    let (head, tail) = bytes.split_at(9);
    assert_eq!(counts(&[pack(head), pack(tail)].concat()), Ok(vec![7]));
}

/// Guards S11.2.
#[test]
fn a_profile_counts_samples() {
    let sample = b"\x12\x02\x10\x07";
    refused(
        &profile(b"", sample),
        "want samples/count or cpu/nanoseconds, got none",
    );
    // `count`/`samples`.
    let other = b"\x0a\x04\x08\x02\x10\x01";
    refused(
        &profile(other, sample),
        "want samples/count or cpu/nanoseconds, got count/samples",
    );
}

/// Guards S11.3.
#[test]
fn a_sample_names_locations_that_are_there() {
    let location = b"\x22\x02\x08\x05";
    let sample = |id| [&location[..], &[0x12, 4, 0x08, id, 0x10, 7]].concat();
    assert_eq!(counts(&profile(SAMPLES, &sample(5))), Ok(vec![7]));
    refused(
        &profile(SAMPLES, &sample(6)),
        "want locations of the profile, got location 6",
    );
}

/// Guards S11.4.
#[test]
fn counts_add_up_to_less_than_2_to_the_63() {
    // 2^63 - 1, which takes nine bytes, and one more.
    let most = b"\x12\x0a\x10\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
    let count = |n: u8| [&most[..], &[0x12, 2, 0x10, n]].concat();
    let all = vec![i64::MAX.cast_unsigned(), 0];
    assert_eq!(counts(&profile(SAMPLES, &count(0))), Ok(all));
    refused(
        &profile(SAMPLES, &count(1)),
        "want counts that add up to less than 2^63",
    );
}

/// Guards S2.1.
#[test]
fn an_error_says_where_what_was_wanted_what_came_and_in_which_batch() {
    let mut builder = super::empty(FormatVersion::GO_1_19);
    let event = sigprof_sim::tracer::RawEvent::new(49, &[1, 1, 1, 1]);
    builder.writer().raw_event(&event);
    let bytes = builder.finish(super::SECOND);
    let error = sigprof::trace::v1::verify(&bytes).unwrap_err().to_string();
    assert_eq!(
        error,
        "0x13: CPUSample: want 5 arguments, got 4 (batch of P 0 at 0x10)"
    );
}
