//! Copies between ordinary memory and words that threads share, 16 bytes at a time.
//!
//! A ring's words are used by one side at a time, as its protocol promises; but who calls
//! the ring can break the promise, and safe code must not be undefined then. So they are
//! atomics of relaxed order, and a compiler moves such words one by one: it merges none.
//! That is half as fast as it could be, for the processor moves two at once and tears
//! neither. Only assembly can say so, and a compiler takes it for what it is said to be:
//! here, *so many relaxed loads or stores, in any order*.
//!
//! | | does the same as |
//! |---|---|
//! | [`store_all`] | a relaxed store of each word |
//! | [`append_all`] | a relaxed load of each word |
//!
//! Why a move of 16 bytes tears no word: processors with AVX promise that an aligned one
//! is one access to memory. Of others the manuals only say that they may be several; that
//! none of these ends within an aligned word is what all x86-64 processors do, and what
//! Go's `memmove` (`runtime/stubs.go`: an indivisible write for each pointer) and the Java
//! VM's copies of arrays of `long` rest upon. Elsewhere, and under Miri, which knows no
//! assembly, words are moved one by one.
//!
//! Beside the engine's coroutines this is the only unsafe code of the workspace. Its tests show that the words
//! arrive; that none is torn they cannot show, for a processor hides even what could be
//! (stores in two halves were tried, and no reader saw one).

#[cfg_attr(all(target_arch = "x86_64", not(miri)), path = "x86_64.rs")]
#[cfg_attr(not(all(target_arch = "x86_64", not(miri))), path = "one_by_one.rs")]
mod line;

use std::sync::atomic::{AtomicU64, Ordering};

/// Words that are moved at once: a line of the cache.
const LINE: usize = 8;

/// Gives the words these values. Each is a relaxed store; they come in no order.
///
/// # Panics
/// If there are not as many words as values.
#[inline]
pub fn store_all(words: &[AtomicU64], values: &[u64]) {
    assert_eq!(words.len(), values.len(), "words and values");
    let (words, last_words) = words.as_chunks::<LINE>();
    let (values, last_values) = values.as_chunks::<LINE>();
    for (words, values) in words.iter().zip(values) {
        line::store(words, values);
    }
    for (word, &value) in last_words.iter().zip(last_values) {
        word.store(value, Ordering::Relaxed);
    }
}

/// Appends the words. Each is a relaxed load; they come in no order.
#[inline]
#[expect(unsafe_code, reason = "the new length of a vector")]
pub fn append_all(words: &[AtomicU64], out: &mut Vec<u64>) {
    out.reserve(words.len());
    let (words, last_words) = words.as_chunks::<LINE>();
    let spare = out.spare_capacity_mut().as_chunks_mut::<LINE>().0;
    debug_assert!(spare.len() >= words.len());
    for (words, values) in words.iter().zip(spare) {
        line::load(words, values);
    }
    // SAFETY: the capacity was reserved, so that a line of values stands behind the last
    // for each line of words.
    unsafe { out.set_len(out.len() + words.len() * LINE) }
    out.extend(last_words.iter().map(|word| word.load(Ordering::Relaxed)));
}

#[cfg(test)]
mod tests;
