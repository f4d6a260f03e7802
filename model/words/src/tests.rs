//! Against the copy one by one: every length, at every alignment, and nothing beside.

use super::*;

/// Longer than any stack of a record.
const LONGEST: usize = 70;
const AROUND: u64 = u64::MAX;

fn values(len: usize) -> Vec<u64> {
    (1..).map(|n: u64| n << 32 | n).take(len).collect()
}

#[test]
fn all_are_stored_and_none_beside() {
    for len in 0..=LONGEST {
        for at in 0..4 {
            let words = Vec::from_iter((0..LONGEST + 8).map(|_| AtomicU64::new(AROUND)));
            store_all(&words[at..at + len], &values(len));
            let mut want = vec![AROUND; words.len()];
            want[at..at + len].copy_from_slice(&values(len));
            let got = Vec::from_iter(words.into_iter().map(AtomicU64::into_inner));
            assert_eq!(got, want, "{len} words at {at}");
        }
    }
}

#[test]
fn all_are_appended_behind_what_is_there() {
    for len in 0..=LONGEST {
        for (at, there) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 9)] {
            let words = Vec::from_iter((0..LONGEST + 8).map(|_| AtomicU64::new(AROUND)));
            for (word, value) in words[at..].iter().zip(values(len)) {
                word.store(value, Ordering::Relaxed);
            }
            let mut out = vec![7; there];
            append_all(&words[at..at + len], &mut out);
            let want = [vec![7; there], values(len)].concat();
            assert_eq!(out, want, "{len} words at {at} behind {there}");
        }
    }
}

#[test]
#[should_panic(expected = "words and values")]
fn as_many_words_as_values() {
    store_all(&[const { AtomicU64::new(0) }; 8], &[0; 9]);
}
