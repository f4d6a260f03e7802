//! Records as they become a profile.

use super::*;
use crate::program::FunctionId;
use prost::Message;
use std::io::Read;

const LOST: u64 = 0x40_0005;

/// A tag for each place that labels can lie in.
fn tag(number: u64) -> Option<Tag> {
    Tag::new(number)
}

fn started() -> ProfileBuilder {
    let mut builder = ProfileBuilder::new(LOST);
    builder.add(&[3, 7, 100], &[tag(9)]).unwrap();
    builder
}

fn entries(builder: &ProfileBuilder) -> Vec<(Vec<u64>, Option<Tag>, i64)> {
    let entries = builder.entries();
    entries
        .map(|(stack, tag, count)| (stack.to_vec(), tag, count))
        .collect()
}

/// Unpacked and decoded.
fn built(
    builder: &ProfileBuilder,
    program: &Program,
    labels: &[(String, String)],
) -> proto::Profile {
    let span = Span {
        start_unix_ns: 1_000,
        duration_ns: 2_000,
    };
    let packed = builder.build(program, |_| labels, span).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut bytes)
        .unwrap();
    proto::Profile::decode(&bytes[..]).unwrap()
}

/// Guards R50.1, R50.2.
#[test]
fn the_first_record_is_the_rate_and_its_tag_means_nothing() {
    let builder = started();
    assert_eq!(builder.period_ns, Some(10_000_000));
    assert_eq!(entries(&builder), []);
}

/// Guards R51.1, R51.3, R51.4.
#[test]
fn samples_are_merged_by_stack_and_tag_in_the_order_of_their_first() {
    let mut builder = started();
    let data = [4, 1, 1, 70, 4, 2, 1, 60, 4, 3, 1, 70, 4, 4, 5, 70];
    builder.add(&data, &[tag(1), None, tag(1), tag(2)]).unwrap();
    assert_eq!(
        entries(&builder),
        [
            (vec![70], tag(1), 2),
            (vec![60], None, 1),
            (vec![70], tag(2), 5)
        ]
    );
}

/// Guards R51.2.
#[test]
fn an_overflow_counts_for_lost_profile_event() {
    let mut builder = started();
    builder.add(&[4, 1, 0, 300], &[None]).unwrap();
    assert_eq!(entries(&builder), [(vec![LOST], None, 300)]);
}

/// A count of zero with a longer stack is no overflow, and counts nothing.
///
/// Guards R51.2.
#[test]
fn only_one_word_makes_an_overflow() {
    let mut builder = started();
    builder.add(&[5, 1, 0, 300, 301], &[None]).unwrap();
    assert_eq!(entries(&builder), [(vec![300, 301], None, 0)]);
}

#[track_caller]
fn check_refused(data: &[u64], tags: &[Option<Tag>], want: ProfileError) {
    assert_eq!(started().add(data, tags), Err(want), "{data:?}");
}

/// Guards R50.1, R50.3.
#[test]
fn what_the_runtime_does_not_write_is_refused_in_gos_words() {
    check_refused(&[4, 1], &[None], ProfileError::Truncated);
    check_refused(&[5, 1, 1, 70], &[None], ProfileError::Truncated);
    check_refused(&[2, 1, 1], &[None], ProfileError::Malformed);
    check_refused(&[4, 1, 1, 70], &[], ProfileError::Mismatched);
    check_refused(&[4, 1, 1, 70], &[None, None], ProfileError::Mismatched);
    let mut none = ProfileBuilder::new(LOST);
    assert_eq!(none.add(&[3, 1], &[None]), Err(ProfileError::Truncated));
    assert_eq!(none.add(&[3, 1, 0], &[None]), Err(ProfileError::Malformed));
    assert_eq!(
        none.add(&[4, 1, 100, 7], &[None]),
        Err(ProfileError::Malformed)
    );
}

/// A program with two inlined calls in `main.outer`, which `runtime.goexit` called.
struct Inlined {
    program: Program,
    outer: FunctionId,
    /// The innermost call first.
    words: Vec<u64>,
    goexit: u64,
}

fn inlined() -> Inlined {
    let mut program = Program::new();
    let goexit = program.function("runtime.goexit", "asm.s");
    let outer = program.function("main.outer", "main.go");
    let [leaf, middle] = ["main.leaf", "main.middle"].map(|f| program.function(f, "main.go"));
    let words = program.inlined(&[(leaf, 3), (middle, 6)], outer, 9);
    let goexit = program.place(goexit, 1594);
    Inlined {
        program,
        outer,
        words,
        goexit,
    }
}

fn record(builder: &mut ProfileBuilder, stack: &[u64], tag: Option<Tag>) {
    let data = [&[3 + stack.len() as u64, 1, 1], stack].concat();
    builder.add(&data, &[tag]).unwrap();
}

/// The lines of each location of each sample, by function name.
fn lines(profile: &proto::Profile) -> Vec<Vec<Vec<(&str, i64)>>> {
    let name = |id: u64| {
        let function = profile.function.iter().find(|f| f.id == id).unwrap();
        let name = usize::try_from(function.name).unwrap();
        profile.string_table[name].as_str()
    };
    let location = |id: &u64| {
        let location = profile.location.iter().find(|l| l.id == *id).unwrap();
        let lines = location.line.iter();
        lines.map(|l| (name(l.function_id), l.line)).collect()
    };
    let samples = profile.sample.iter();
    samples
        .map(|s| s.location_id.iter().map(location).collect())
        .collect()
}

/// Guards R52.5, R52.6.
#[test]
fn inlined_calls_are_one_location_and_goexit_is_none() {
    let Inlined {
        program,
        words,
        goexit,
        ..
    } = inlined();
    let mut builder = started();
    record(&mut builder, &[&words[..], &[goexit]].concat(), None);
    let profile = built(&builder, &program, &[]);
    let whole = vec![("main.leaf", 3), ("main.middle", 6), ("main.outer", 9)];
    assert_eq!(lines(&profile), [[whole]]);
    assert_eq!(profile.location[0].address, words[0] - 1);
    assert!(profile.mapping[0].has_functions);
}

/// B10: a signal hits the very instruction that stands for an inlined call.
#[test]
fn a_word_that_was_a_leaf_before_still_joins_its_inlined_calls() {
    let Inlined {
        program,
        words,
        goexit,
        ..
    } = inlined();
    let mut builder = started();
    record(&mut builder, &[words[1], words[2], goexit], None);
    record(&mut builder, &[&words[..], &[goexit]].concat(), None);
    let profile = built(&builder, &program, &[]);
    let part = vec![("main.middle", 6), ("main.outer", 9)];
    let whole = vec![("main.leaf", 3), ("main.middle", 6), ("main.outer", 9)];
    assert_eq!(lines(&profile), [[part], [whole]]);
}

/// Guards R52.7.
#[test]
fn a_stack_that_ends_within_inlined_calls_is_made_whole() {
    let Inlined { program, words, .. } = inlined();
    let mut builder = started();
    record(&mut builder, &words[..1], None);
    let profile = built(&builder, &program, &[]);
    assert_eq!(lines(&profile)[0][0].len(), 3);
}

#[test]
fn recursion_is_not_inlining() {
    let Inlined {
        mut program, outer, ..
    } = inlined();
    let word = program.place(outer, 40);
    let mut builder = started();
    record(&mut builder, &[word, word, word], None);
    let profile = built(&builder, &program, &[]);
    assert_eq!(lines(&profile), [vec![vec![("main.outer", 40)]; 3]]);
    assert_eq!(profile.location.len(), 1);
}

/// Guards R52.9.
#[test]
fn what_has_no_name_has_a_location_without_one() {
    let Inlined { program, .. } = inlined();
    let mut builder = started();
    record(&mut builder, &[0x7f00_0000_0011], None);
    let profile = built(&builder, &program, &[]);
    assert_eq!(lines(&profile), [[[("", 0)]]]);
    assert_eq!(profile.location[0].address, 0x7f00_0000_0010);
    assert!(!profile.mapping[0].has_functions);
}

/// Guards R52.2.
#[test]
fn labels_times_and_values_are_written() {
    let Inlined { program, words, .. } = inlined();
    let labels = [("worker", "1"), ("tenant", "a")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let mut builder = started();
    record(&mut builder, &words, tag(1));
    record(&mut builder, &words, tag(1));
    let profile = built(&builder, &program, &labels);
    let text = |at: i64| profile.string_table[usize::try_from(at).unwrap()].as_str();
    let sample = &profile.sample[0];
    let written: Vec<_> = sample
        .label
        .iter()
        .map(|l| (text(l.key), text(l.str)))
        .collect();
    assert_eq!(written, [("worker", "1"), ("tenant", "a")]);
    assert_eq!(sample.value, [2, 20_000_000]);
    assert_eq!((profile.time_nanos, profile.duration_nanos), (1_000, 2_000));
    assert_eq!(profile.period, 10_000_000);
}

#[test]
fn a_profile_without_its_first_record_is_none() {
    let span = Span {
        start_unix_ns: 0,
        duration_ns: 0,
    };
    let builder = ProfileBuilder::new(LOST);
    let built = builder.build(&Program::new(), |_| &[], span);
    assert_eq!(built, Err(ProfileError::Truncated));
}
