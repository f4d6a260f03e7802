//! A bound on the memory that a trace may take, and lists that grow by a quarter.
//!
//! The state that events build up is counted as it grows, and a trace that wants more than
//! its size allows is refused before it is given (S10.3, S10.4). Real traces stay far below:
//! what a program writes for a goroutine or a P is longer than the shortest that is read.

use crate::error::{ErrorKind, InputError};

/// Bytes for each byte of the trace.
pub(crate) const PER_BYTE: usize = 14;

/// And in any case: room for a thousand Ps that do next to nothing.
pub(crate) const ALWAYS: usize = 640 << 10;

/// The same of a trace and of what is held of it while it is exported.
const EXPORT_PER_BYTE: usize = 16;
const EXPORT_ALWAYS: usize = 832 << 10;

/// The bytes that are held beside the reader while a v2 trace is exported.
const BESIDE_PER_BYTE: usize = 6;
const BESIDE_ALWAYS: usize = 384 << 10;

/// Things of one kind that may come before memory is looked at again.
pub(crate) const STEP: usize = 256;

/// Appends, and where there is no room makes some for a quarter more, not for twice as many.
#[inline]
pub(crate) fn push<T>(list: &mut Vec<T>, value: T) {
    if list.len() == list.capacity() {
        make_room(list);
    }
    list.push(value);
}

/// Puts a value into a slot that is free, or a new one; which that is.
#[inline]
pub(crate) fn put<T>(slots: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "one takes an event")]
    let slot = free.pop().unwrap_or(slots.len() as u32);
    match slots.get_mut(slot as usize) {
        Some(place) => *place = value,
        None => push(slots, value),
    }
    slot
}

#[cold]
fn make_room<T>(list: &mut Vec<T>) {
    list.reserve_exact((list.len() / 4).max(16));
}

/// Bytes of a list that grows by [`push`], when `more` entries have been added.
pub(crate) fn list<T>(list: &Vec<T>, more: usize) -> usize {
    let len = list.len() + more;
    let capacity = if len > list.capacity() {
        len + len / 4
    } else {
        list.capacity()
    };
    capacity * size_of::<T>()
}

/// Bytes of a hash table with entries of this size, when `more` of them have been added.
/// While it grows the old one is there beside the new.
pub(crate) fn table(len: usize, capacity: usize, more: usize, entry: usize) -> usize {
    let of = |capacity: usize| match capacity {
        0 => 0,
        capacity => (capacity * 8 / 7).next_power_of_two() * (entry + 1) + 16,
    };
    let now = of(capacity);
    if len + more > capacity {
        now + of((len + more).max(2 * capacity))
    } else {
        now
    }
}

/// Bytes that a reader may take for a trace of `len` bytes.
pub(crate) fn most(len: usize) -> usize {
    budget((PER_BYTE, ALWAYS), len)
}

fn budget((per_byte, always): (usize, usize), len: usize) -> usize {
    len.saturating_mul(per_byte).saturating_add(always)
}

/// Refuses a trace of `len` bytes, at `offset`, if the bytes that it wants are too many.
pub(crate) fn check(len: usize, wanted: usize, offset: u64) -> Result<(), InputError> {
    within((PER_BYTE, ALWAYS), len, wanted, offset)
}

/// The same, with what is held beside the reader.
pub(crate) fn check_export(len: usize, wanted: usize, offset: u64) -> Result<(), InputError> {
    within((EXPORT_PER_BYTE, EXPORT_ALWAYS), len, wanted, offset)
}

/// The same of what is held beside the reader of a v2 trace of which so many bytes were read.
pub(crate) fn check_beside(len: usize, wanted: usize, offset: u64) -> Result<(), InputError> {
    within((BESIDE_PER_BYTE, BESIDE_ALWAYS), len, wanted, offset)
}

fn within(of: (usize, usize), len: usize, wanted: usize, offset: u64) -> Result<(), InputError> {
    if wanted <= budget(of, len) {
        return Ok(());
    }
    Err(refusal(of, len, wanted, offset))
}

/// The error for a trace that would take more than [`most`].
#[cold]
pub(crate) fn too_large(len: usize, wanted: usize, offset: u64) -> InputError {
    refusal((PER_BYTE, ALWAYS), len, wanted, offset)
}

fn refusal(of: (usize, usize), len: usize, wanted: usize, offset: u64) -> InputError {
    let (most, (per_byte, always)) = (budget(of, len), of);
    InputError::new(
        ErrorKind::TooLarge,
        offset,
        "trace",
        format!(
            "events that take at most {most} bytes of memory, {per_byte} times the trace's size and {always}"
        ),
        format!("ones that may take {wanted}"),
    )
}
