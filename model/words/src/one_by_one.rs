//! A line of words where there is nothing better than one by one.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use super::LINE;

/// A relaxed store of each word.
pub(crate) fn store(words: &[AtomicU64; LINE], values: &[u64; LINE]) {
    for (word, &value) in words.iter().zip(values) {
        word.store(value, Ordering::Relaxed);
    }
}

/// A relaxed load of each word.
pub(crate) fn load(words: &[AtomicU64; LINE], values: &mut [MaybeUninit<u64>; LINE]) {
    for (word, value) in words.iter().zip(values) {
        value.write(word.load(Ordering::Relaxed));
    }
}
