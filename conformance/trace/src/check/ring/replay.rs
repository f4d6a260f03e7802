//! The two rings of a v2 tracer, replayed from the samples of a trace.
//!
//! Generations take turns with two rings, by their numbers' parity. A ring is drained each 100 ms,
//! and at the generation's end by a single read, which goes no further than the ring's end: what
//! was written behind it, at the ring's beginning, stays there. It comes two generations later,
//! older than all else there; or never, if the trace ends before.
//!
//! ```text
//! ring of even generations  |......ssssssss|     8 samples up to the end, of generation 6
//!                           |lll___________|     3 that began anew: with generation 8, or lost
//! ```
//!
//! The samples stand in the trace in the order of the ring, and their stacks say how many words
//! each took. So where a ring wrapped, and how near to its end it was in the end, can be worked
//! out, if the trace holds the tracer's beginning.
//!
//! Source: Go `runtime/tracecpu.go`, `runtime/profbuf.go` (R43.1, R43.2, R43.7; B2).

use sigprof_wire::limits::{MAX_CPU_PROF_STACK, PROF_BUF_TAGS, PROF_BUF_WORDS};
use sigprof_wire::v2::limits::record_words;

use super::Drain;
use super::ends::{Leak, Replay, RingEnd};
use super::full::{Filling, Full};

/// The first events of generations that overlap come later than these began, by less than this.
const OVERLAP_NS: i64 = 30_000_000;

/// A generation whose events go by.
#[derive(Clone, Debug)]
struct Current {
    number: u64,
    start_ns: Option<i64>,
    /// Whether a clock says when it began; if not, that is the time of its first event.
    is_exact: bool,
    /// Of each sample, in the order of the file, when it was taken and how many frames it has.
    samples: Vec<(i64, u64)>,
    /// When its ring was drained first.
    drained_ns: Option<i64>,
}

/// The rings as generations go by.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Rings {
    current: Option<Current>,
    rings: [Position; 2],
    filling: [Filling; 2],
    full: Vec<Full>,
    leaks: Vec<Leak>,
    /// The last two generations: number and beginning.
    last: Option<(u64, i64)>,
    before: Option<(u64, i64)>,
}

/// Where a ring is written.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    /// Words from its beginning, if that is known.
    words: Option<u64>,
    /// Records since its list of labels began, if that is known.
    records: Option<u64>,
    /// When the last sample was taken.
    last_taken_ns: i64,
}

impl Position {
    fn free_words(&self) -> Option<u64> {
        self.words.map(|at| PROF_BUF_WORDS - at)
    }

    /// Adds a sample, and says how many words are gone with it.
    fn add(&mut self, taken_ns: i64, frames: u64) -> u64 {
        self.last_taken_ns = self.last_taken_ns.max(taken_ns);
        if let Some(records) = &mut self.records {
            *records += 1;
        }
        self.write(record_words(frames))
    }

    /// Writes a record. It lies in one piece, so that words before the ring's end may be left out.
    fn write(&mut self, words: u64) -> u64 {
        let Some(at) = &mut self.words else {
            return words;
        };
        let left_out = match PROF_BUF_WORDS - *at {
            free if free < words => free,
            _ => 0,
        };
        *at = if left_out > 0 || *at == PROF_BUF_WORDS {
            0
        } else {
            *at
        } + words;
        left_out + words
    }
}

impl Rings {
    /// The tracer began in this trace, with empty rings.
    pub(in crate::check) fn begin(&mut self) {
        if self.last.is_none() {
            self.rings.fill(Position {
                words: Some(0),
                records: Some(0),
                last_taken_ns: 0,
            });
        }
    }

    /// The next generation begins; `clock_ns` says when, if it has a clock. `drained_ns` is when its
    /// first sample was read.
    pub(in crate::check) fn generation(
        &mut self,
        number: u64,
        clock_ns: Option<i64>,
        samples: Vec<(i64, u64)>,
        drained_ns: Option<i64>,
    ) {
        self.add_current();
        self.current = Some(Current {
            number,
            start_ns: clock_ns,
            is_exact: clock_ns.is_some(),
            samples,
            drained_ns,
        });
    }

    /// An event that is no sample.
    pub(in crate::check) fn event(&mut self, time_ns: i64) {
        if let Some(current) = &mut self.current {
            current.start_ns.get_or_insert(time_ns);
        }
    }

    fn add_current(&mut self) {
        let Some(current) = self.current.take() else {
            return;
        };
        let number = current.number;
        let first = || current.samples.first().map(|&(taken_ns, _)| taken_ns);
        let start_ns = current.start_ns.or_else(first).unwrap_or_default();
        (self.before, self.last) = (self.last, Some((number, start_ns)));
        let before = self.before.filter(|&(n, _)| n.wrapping_add(1) == number);
        // Of the generation before are samples of threads that waited as it was changed.
        let is_old = |taken_ns: i64| {
            let slack = if current.is_exact { 0 } else { OVERLAP_NS };
            let is_of_two_before = before.is_some_and(|(_, b)| taken_ns < b.saturating_add(slack));
            taken_ns < start_ns && is_of_two_before
        };
        let at = usize::from(number % 2 == 1);
        self.filling[1 - at].end(start_ns, self.rings[1 - at].words);
        let (ring, filling) = (&mut self.rings[at], &mut self.filling[at]);
        let has_rest = current.samples.first().is_some_and(|s| is_old(s.0));
        // Where it stands is not known after it was full: whether a record follows that says how many
        // found no room, the trace does not show.
        let mut note = |ring: &mut Position, found: Option<Full>| {
            if found.is_some() {
                (ring.words, ring.records) = (None, None);
            }
            self.full.extend(found);
        };
        let found = filling.begin(start_ns, ring.words, has_rest, current.drained_ns);
        note(ring, found);
        ring.last_taken_ns = ring.last_taken_ns.max(start_ns);
        let mut leak = None;
        let mut is_front = true;
        for &(taken_ns, frames) in &current.samples {
            if is_front && !is_old(taken_ns) {
                is_front = false;
                filling.go_on(start_ns);
            }
            if is_front {
                let leak = leak.get_or_insert(Leak {
                    generation: number,
                    taken_in: number.saturating_sub(2),
                    samples: 0,
                    first_taken_ns: taken_ns,
                    free_words: ring.free_words(),
                });
                leak.samples += 1;
                // The first lies at the ring's beginning.
                ring.words.get_or_insert(0);
            }
            let found = filling.silent(taken_ns, ring.words);
            note(ring, found);
            filling.add(taken_ns, ring.add(taken_ns, frames));
        }
        self.leaks.extend(leak);
    }

    /// When they were full, if records of so many frames come.
    pub(in crate::check) fn full(&self, frames: u64) -> Vec<Drain> {
        let full = self.full.iter().filter(|full| full.is_for(frames));
        let mut all: Vec<_> = full.map(|full| full.drain).collect();
        all.sort_by_key(|drain| drain.full_from_ns);
        all
    }

    /// The rings at the end of the trace; none if there was no generation.
    pub(in crate::check) fn end(&mut self, end_ns: i64) -> Option<Replay> {
        self.add_current();
        let (last, start_ns) = self.last?;
        let at = usize::from(last % 2 == 1);
        self.filling[at].end(end_ns, self.rings[at].words);
        let mut ends = vec![self.ring_end(last, end_ns)];
        if let Some((before, _)) = self.before {
            ends.push(self.ring_end(before, start_ns));
        }
        ends.dedup_by_key(|end| end.generation % 2);
        for end in &mut ends {
            let filling = &mut self.filling[usize::from(end.generation % 2 == 1)];
            let may_have_wrapped =
                end.lacks_room(record_words(MAX_CPU_PROF_STACK)) || end.has_full_labels();
            let found = std::mem::take(filling).rest(may_have_wrapped);
            if found.is_some() {
                (end.free_words, end.free_records) = (None, None);
            }
            self.full.extend(found);
        }
        Some(Replay {
            leaks: std::mem::take(&mut self.leaks),
            ends,
        })
    }

    fn ring_end(&self, generation: u64, ended_ns: i64) -> RingEnd {
        let ring = &self.rings[usize::from(generation % 2 == 1)];
        RingEnd {
            generation,
            free_words: ring.free_words(),
            free_records: ring
                .records
                .map(|records| PROF_BUF_TAGS - records % PROF_BUF_TAGS),
            last_taken_ns: ring.last_taken_ns,
            ended_ns: ended_ns.max(ring.last_taken_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Words of a record whose stack is as deep as can be.
    const LARGEST: u64 = record_words(64);

    /// Generations of a second each with so many samples of 64 frames all the time, in each of which
    /// the clock is read.
    fn generations(begins: bool, counts: &[usize]) -> Replay {
        let mut rings = Rings::default();
        for (number, &count) in (1..).zip(counts) {
            let start = number * SECOND;
            let count = i64::try_from(count).unwrap();
            let samples = (0..count).map(|i| (start + i * SECOND / count, 64));
            let samples = samples.collect();
            rings.generation(number.unsigned_abs(), Some(start), samples, None);
            if begins && number == 1 {
                rings.begin();
            }
        }
        let end = SECOND * (1 + i64::try_from(counts.len()).unwrap());
        rings.end(end).unwrap()
    }

    #[track_caller]
    fn check(counts: &[usize], wrapped: &[u64]) {
        let replay = generations(true, counts);
        assert!(replay.is_known());
        let found: Vec<_> = replay.wrapped(LARGEST).map(|end| end.generation).collect();
        assert_eq!(found, wrapped, "{replay:?}");
    }

    /// 1,899 records of 69 words take 131,031 of 131,072.
    ///
    /// Guards S8.17.
    #[test]
    fn a_ring_without_room_for_the_next_record_may_have_wrapped() {
        check(&[1899], &[1]);
        check(&[1898], &[]);
        check(&[1900], &[]);
        check(&[1000, 0, 899], &[3]);
        check(&[1899, 10], &[1]);
        check(&[10, 1899], &[2]);
        // A ring that was left that way before is written to again.
        check(&[1899, 10, 1], &[]);
    }

    /// Guards S8.17.
    #[test]
    fn a_record_may_end_where_its_ring_does() {
        // 1,898 of 69 words and one of so many leave as much as the largest takes, a word less, or
        // nothing, which is a ring that begins anew with the next.
        for (last, wraps) in [(41, false), (42, true), (110, true), (111, false)] {
            let mut rings = Rings::default();
            let largest = (0..1898).map(|i| (SECOND + i, 64));
            let last = (SECOND + 5_000, last - record_words(0));
            rings.generation(1, Some(SECOND), largest.chain([last]).collect(), None);
            rings.begin();
            let replay = rings.end(2 * SECOND).unwrap();
            assert_eq!(replay.wrapped(LARGEST).count() > 0, wraps, "{replay:?}");
        }
    }

    /// Guards S8.17.
    #[test]
    fn a_list_of_labels_that_is_full_ends_a_read_as_well() {
        let mut rings = Rings::default();
        let samples = (0..1 << 14).map(|i| (SECOND + i, 1)).collect();
        rings.generation(1, Some(SECOND), samples, None);
        rings.begin();
        let replay = rings.end(2 * SECOND).unwrap();
        assert_eq!(replay.wrapped(LARGEST).count(), 1, "{replay:?}");
    }

    /// Guards S8.18.
    #[test]
    fn without_the_tracers_beginning_nothing_is_known_until_samples_leak() {
        let replay = generations(false, &[1899]);
        assert!(!replay.is_known());
        assert_eq!(replay.wrapped(LARGEST).count(), 0);

        let mut rings = Rings::default();
        rings.generation(5, Some(5 * SECOND), vec![], None);
        rings.generation(6, Some(6 * SECOND), vec![], None);
        let of_5 = (0..3).map(|i| (5 * SECOND + i, 64));
        // One of generation 6, whose thread waited as the number was changed, is no leak.
        let of_5 = of_5.chain([(7 * SECOND - 20_000_000, 64)]);
        let of_7 = (0..1895).map(|i| (7 * SECOND + i, 64));
        rings.generation(7, Some(7 * SECOND), of_5.chain(of_7).collect(), None);
        let replay = rings.end(8 * SECOND).unwrap();
        let leak = Leak {
            generation: 7,
            taken_in: 5,
            samples: 3,
            first_taken_ns: 5 * SECOND,
            free_words: None,
        };
        assert_eq!(replay.leaks, [leak]);
        let found: Vec<_> = replay.wrapped(LARGEST).map(|end| end.generation).collect();
        assert_eq!(found, [7]);
    }

    /// Guards S8.18.
    #[test]
    fn times_may_be_any() {
        let mut rings = Rings::default();
        for (number, clock) in [(1, i64::MAX), (2, i64::MIN), (3, i64::MAX), (4, 0)] {
            rings.generation(
                number,
                Some(clock),
                vec![(i64::MIN, 1), (i64::MAX, 1)],
                None,
            );
            rings.event(clock);
        }
        assert!(rings.end(0).is_some());
    }

    /// Guards S8.18.
    #[test]
    fn without_a_clock_a_sample_is_old_if_it_is_older_than_the_generation_before() {
        let mut rings = Rings::default();
        for number in 1..4 {
            let samples = match number {
                // Taken as the generation began, and two before.
                3 => vec![(SECOND / 2, 9), (3 * SECOND - 20_000_000, 9)],
                _ => vec![],
            };
            rings.generation(number, None, samples, None);
            rings.event(i64::try_from(number).unwrap() * SECOND);
        }
        let replay = rings.end(4 * SECOND).unwrap();
        let counts: Vec<_> = replay.leaks.iter().map(|l| l.samples).collect();
        assert_eq!(counts, [1]);
    }
}
