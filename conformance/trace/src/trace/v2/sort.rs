//! The order that Go's `slices.SortFunc` gives to equal keys.
//!
//! Go's sort is not stable, but it is fixed: which of several samples of the same time comes
//! first follows from where they stood (R76.2). So this is the same algorithm, a quicksort
//! that defeats patterns (Orson Peters, 2021), with the choices that Go made: up to 12
//! elements by insertion; pivots by median, of medians from 50 on; elements are scattered
//! after a bad split by an xorshift that starts from the length; heap sort after too many.
//!
//! Source: Go `slices/zsortanyfunc.go`, `slices/sort.go` (1.22 to 1.27).

/// Up to this many elements are sorted by insertion.
const INSERTION: usize = 12;

/// From this many on a pivot is the median of three medians.
const NINTHER: usize = 50;

/// From this many on elements out of order are shifted to where they belong.
const SHIFTING: usize = 50;

/// Sorts as Go does; `old_shifts` as up to Go 1.23.
pub(super) fn by_time<T: Copy>(data: &mut [T], time: impl Fn(&T) -> i64, old_shifts: bool) {
    // Ordered ones stay as they are in any case.
    if data.is_sorted_by_key(&time) {
        return;
    }
    by_time_always(data, time, old_shifts);
}

/// The same without a look at what is ordered already.
pub(super) fn by_time_always<T: Copy>(data: &mut [T], time: impl Fn(&T) -> i64, old_shifts: bool) {
    let end = data.len();
    let limit = usize::BITS - end.leading_zeros();
    let mut sorter = Sorter {
        data,
        time,
        old_shifts,
    };
    sorter.sort(0, end, limit);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Unknown,
    Rising,
    Falling,
}

struct Sorter<'d, T, F> {
    data: &'d mut [T],
    time: F,
    old_shifts: bool,
}

impl<T: Copy, F: Fn(&T) -> i64> Sorter<'_, T, F> {
    #[inline]
    fn less(&self, a: usize, b: usize) -> bool {
        (self.time)(&self.data[a]) < (self.time)(&self.data[b])
    }

    #[inline]
    fn swap(&mut self, a: usize, b: usize) {
        self.data.swap(a, b);
    }

    /// Sorts from `from` to before `to`.
    fn sort(&mut self, mut from: usize, mut to: usize, mut limit: u32) {
        let (mut was_balanced, mut was_split) = (true, true);
        while to - from > INSERTION {
            if limit == 0 {
                return self.heap(from, to);
            }
            if !was_balanced {
                self.scatter(from, to);
                limit -= 1;
            }
            let (mut pivot, mut looks) = self.pivot(from, to);
            if looks == Looks::Falling {
                self.data[from..to].reverse();
                pivot = (to - 1) - (pivot - from);
                looks = Looks::Rising;
            }
            let looks_done = was_balanced && was_split && looks == Looks::Rising;
            if looks_done && self.shift_few(from, to) {
                return;
            }
            // Many equal ones: those that equal the pivot are where they belong.
            if from > 0 && !self.less(from - 1, pivot) {
                from = self.split_equal(from, to, pivot);
                continue;
            }
            let length = to - from;
            let middle;
            (middle, was_split) = self.split(from, to, pivot);
            let (left, right) = (middle - from, to - middle);
            was_balanced = left.min(right) >= length / 8;
            if left < right {
                self.sort(from, middle, limit);
                from = middle + 1;
            } else {
                self.sort(middle + 1, to, limit);
                to = middle;
            }
        }
        self.insertion(from, to);
    }

    fn insertion(&mut self, from: usize, to: usize) {
        for i in from + 1..to {
            let mut j = i;
            while j > from && self.less(j, j - 1) {
                self.swap(j, j - 1);
                j -= 1;
            }
        }
    }

    fn heap(&mut self, from: usize, to: usize) {
        let count = to - from;
        for root in (0..=(count - 1) / 2).rev() {
            self.sift_down(from, root, count);
        }
        for last in (0..count).rev() {
            self.swap(from, from + last);
            self.sift_down(from, 0, last);
        }
    }

    fn sift_down(&mut self, from: usize, mut root: usize, count: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= count {
                return;
            }
            if child + 1 < count && self.less(from + child, from + child + 1) {
                child += 1;
            }
            if !self.less(from + root, from + child) {
                return;
            }
            self.swap(from + root, from + child);
            root = child;
        }
    }

    /// Elements below the pivot come to the left of it. Where it is then, and whether they
    /// were there before.
    fn split(&mut self, from: usize, to: usize, pivot: usize) -> (usize, bool) {
        self.swap(from, pivot);
        let (mut left, mut right) = (from + 1, to - 1);
        let mut swaps = 0;
        loop {
            while left <= right && self.less(left, from) {
                left += 1;
            }
            while left <= right && !self.less(right, from) {
                right -= 1;
            }
            if left > right {
                self.swap(right, from);
                return (right, swaps == 0);
            }
            self.swap(left, right);
            swaps += 1;
            left += 1;
            right -= 1;
        }
    }

    /// Elements that equal the pivot come to the left. Where the greater ones begin.
    fn split_equal(&mut self, from: usize, to: usize, pivot: usize) -> usize {
        self.swap(from, pivot);
        let (mut left, mut right) = (from + 1, to - 1);
        loop {
            while left <= right && !self.less(from, left) {
                left += 1;
            }
            while left <= right && self.less(from, right) {
                right -= 1;
            }
            if left > right {
                return left;
            }
            self.swap(left, right);
            left += 1;
            right -= 1;
        }
    }

    /// Shifts up to five elements to where they belong. Whether all are in order then.
    fn shift_few(&mut self, from: usize, to: usize) -> bool {
        let mut i = from + 1;
        for _ in 0..5 {
            while i < to && !self.less(i, i - 1) {
                i += 1;
            }
            if i == to {
                return true;
            }
            if to - from < SHIFTING {
                return false;
            }
            self.swap(i, i - 1);
            if i - from >= 2 {
                let mut j = i - 1;
                // Not `from`: so it is in Go.
                while j >= 1 && self.less(j, j - 1) {
                    self.swap(j, j - 1);
                    j -= 1;
                }
            }
            if to - i >= 2 {
                let mut j = i + 1;
                while j < to && self.less(j, j - 1) {
                    self.swap(j, j - 1);
                    j += 1;
                }
            }
        }
        false
    }

    /// Swaps three elements around the middle with others.
    fn scatter(&mut self, from: usize, to: usize) {
        let length = to - from;
        let mut random = length as u64;
        let mask = length.next_power_of_two() as u64;
        // Go takes the next one up for a power of two, too.
        let mask = if mask == length as u64 {
            2 * mask
        } else {
            mask
        } - 1;
        let middle = from + length / 4 * 2;
        for index in middle - 1..=middle + 1 {
            random ^= random << 13;
            if self.old_shifts {
                random ^= random >> 17;
                random ^= random << 5;
            } else {
                random ^= random >> 7;
                random ^= random << 17;
            }
            #[expect(clippy::cast_possible_truncation, reason = "at most twice a length")]
            let mut other = (random & mask) as usize;
            if other >= length {
                other -= length;
            }
            self.swap(index, from + other);
        }
    }

    fn pivot(&mut self, from: usize, to: usize) -> (usize, Looks) {
        let quarter = (to - from) / 4;
        let mut swaps = 0;
        let mut at = [1, 2, 3].map(|n| from + n * quarter);
        if to - from >= NINTHER {
            at = at.map(|i| self.median(i - 1, i, i + 1, &mut swaps));
        }
        let [a, b, c] = at;
        let pivot = self.median(a, b, c, &mut swaps);
        let looks = match swaps {
            0 => Looks::Rising,
            12 => Looks::Falling,
            _ => Looks::Unknown,
        };
        (pivot, looks)
    }

    fn median(&self, mut a: usize, mut b: usize, mut c: usize, swaps: &mut u32) -> usize {
        let mut order = |x: &mut usize, y: &mut usize| {
            if self.less(*y, *x) {
                *swaps += 1;
                std::mem::swap(x, y);
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order that a release gives to pairs of key and place, as Go printed it for the
    /// same keys (`i * i % modulus`).
    #[track_caller]
    fn check(count: usize, modulus: u64, old_shifts: bool) -> u64 {
        let mut pairs: Vec<_> = (0..count as u64)
            .map(|i| ((i * i % modulus).cast_signed(), i))
            .collect();
        by_time(&mut pairs, |pair| pair.0, old_shifts);
        assert!(pairs.is_sorted_by_key(|pair| pair.0));
        let mut places: Vec<_> = pairs.iter().map(|pair| pair.1).collect();
        let hash = places
            .iter()
            .fold(0, |h: u64, &p| h.wrapping_mul(31).wrapping_add(p));
        places.sort_unstable();
        assert!(places.into_iter().eq(0..count as u64));
        hash
    }

    #[test]
    fn nothing_is_lost_whatever_the_length() {
        for count in 0..200 {
            for modulus in [1, 2, 7, 64, 1000] {
                check(count, modulus, true);
                check(count, modulus, false);
            }
        }
    }
}
