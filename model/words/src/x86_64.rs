//! A line of words by moves of 16 bytes, which every x86-64 processor has.

#![expect(
    unsafe_code,
    reason = "no compiler merges atomics; see the crate's text"
)]

use std::arch::asm;
use std::mem::MaybeUninit;
use std::sync::atomic::AtomicU64;

use super::LINE;

/// Moves a line of words from one address to another.
macro_rules! move_words {
    ($from:expr => $to:expr) => {
        asm!(
            "movups {a}, [{from}]",
            "movups {b}, [{from} + 16]",
            "movups {c}, [{from} + 32]",
            "movups {d}, [{from} + 48]",
            "movups [{to}], {a}",
            "movups [{to} + 16], {b}",
            "movups [{to} + 32], {c}",
            "movups [{to} + 48], {d}",
            from = in(reg) $from,
            to = in(reg) $to,
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            c = out(xmm_reg) _,
            d = out(xmm_reg) _,
            options(nostack, preserves_flags),
        )
    };
}

/// A relaxed store of each word.
#[inline]
pub(crate) fn store(words: &[AtomicU64; LINE], values: &[u64; LINE]) {
    // SAFETY: it does what eight ordinary loads of `values` and eight relaxed stores to
    // `words` do; both are references to so many, `words` to such as may be written
    // though shared, and no store is torn.
    unsafe { move_words!(values.as_ptr() => words.as_ptr()) }
}

/// A relaxed load of each word.
#[inline]
pub(crate) fn load(words: &[AtomicU64; LINE], values: &mut [MaybeUninit<u64>; LINE]) {
    // SAFETY: it does what eight relaxed loads of `words` and eight ordinary stores to
    // `values` do; both are references to so many, and no load is torn.
    unsafe { move_words!(words.as_ptr() => values.as_mut_ptr()) }
}
