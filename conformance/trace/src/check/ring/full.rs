//! Times at which a ring of a v2 tracer was full.
//!
//! A v2 trace does not say when its rings were drained. But a ring that fills up takes as many
//! words as it has, and then nothing, until a reader comes by and makes room:
//!
//! ```text
//! samples  ssssssssssssss . . . . . . ssssssss . . . sssssss . . . . .
//!          | 131,061 words |           70,287        60,761    = 131,048
//!          room for all              room up to the ring's end, and for the rest
//! ```
//!
//! So where samples that came one soon after the other are followed by nothing for long, and their
//! words are the ring's to within what a record needs, counted from the generation's beginning or
//! from the end of another such time, the ring was full.
//!
//! Source: Go `runtime/profbuf.go`, `canWriteRecord`, and `read`, which makes room for what it
//! handed out when it is called the next time (R4, R9; S8.33).

use sigprof_wire::limits::{MAX_CPU_PROF_STACK, PROF_BUF_TAGS, PROF_BUF_WORDS};
use sigprof_wire::v2::limits::record_words;

use super::Drain;

/// Of the times without a sample the longest are kept: a ring of which a read took a part only, as
/// it goes no further than the end, has two or three of them before it is full.
const MARKS: usize = 6;

/// They are long if they are more than that many times as long as all others.
const LONG: u64 = 8;

/// Words of the record that says how many samples found no room, which the next to find some
/// writes before its own, unless the reader took it.
const OVERFLOW_WORDS: u64 = record_words(1);

/// A ring that fills up, sample by sample. Times are nanoseconds since the trace's first event.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    /// Written to it so far.
    words: u64,
    records: u64,
    /// When the last sample was taken.
    last_taken_ns: i64,
    marks: Vec<Mark>,
    /// The longest time without a sample in this generation that is none of the longest.
    usual_ns: u64,
    /// The moment at which it was first read in this generation.
    drained_ns: Option<i64>,
    /// The time that its last generation ended with, if the ring was full, unless the rest comes later.
    at_end: Option<Full>,
}

/// A time at which a ring was full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    pub(super) drain: Drain,
    /// Words for which there was room in one piece, at the most.
    piece: u64,
}

impl Full {
    /// Whether one with so many frames had no room.
    pub(super) fn is_for(&self, frames: u64) -> bool {
        self.piece < record_words(frames) || self.drain.records == PROF_BUF_TAGS
    }
}

/// A moment at which it may have been empty, as no sample came for so long.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Its place from the ring's beginning, if that is known.
    at: Option<u64>,
    silence_ns: u64,
    words: u64,
    records: u64,
    taken_ns: i64,
}

impl Filling {
    /// A generation begins that writes to it: by now all has been read, but for what comes with
    /// this generation, if the ring wrapped. It is first read at `drained_ns`. The next record goes to
    /// `at`, if that is known.
    pub(super) fn begin(
        &mut self,
        start_ns: i64,
        at: Option<u64>,
        has_rest: bool,
        drained_ns: Option<i64>,
    ) -> Option<Full> {
        self.drained_ns = drained_ns;
        let found = self.at_end.take().filter(|_| !has_rest);
        if !has_rest {
            self.marks.clear();
            (self.usual_ns, self.last_taken_ns) = (0, start_ns);
            self.mark(u64::MAX, start_ns, at);
        }
        found
    }

    /// The rest of the generation before has come, and this one began then.
    pub(super) fn go_on(&mut self, start_ns: i64) {
        self.last_taken_ns = self.last_taken_ns.max(start_ns);
    }

    /// A sample of a record that takes so many words, with those that were left out before it.
    pub(super) fn add(&mut self, taken_ns: i64, words: u64) {
        self.words += words;
        self.records += 1;
        self.last_taken_ns = self.last_taken_ns.max(taken_ns);
    }

    /// Its generation ends.
    pub(super) fn end(&mut self, end_ns: i64, at: Option<u64>) {
        self.at_end = self.silent(end_ns, at);
    }

    /// The time that the trace ended with, if the ring was full. If it may as well have wrapped, and
    /// come to its end by chance, it was full if nobody read it before its last sample.
    pub(super) fn rest(self, may_have_wrapped: bool) -> Option<Full> {
        let is_unread = self.drained_ns.is_some_and(|at| at > self.last_taken_ns);
        self.at_end.filter(|_| is_unread || !may_have_wrapped)
    }

    fn mark(&mut self, silence_ns: u64, taken_ns: i64, at: Option<u64>) {
        self.marks.push(Mark {
            at,
            silence_ns,
            words: self.words,
            records: self.records,
            taken_ns,
        });
        if self.marks.len() > MARKS {
            let shortest = self.marks.iter().enumerate();
            let shortest = shortest.min_by_key(|(_, mark)| mark.silence_ns);
            let at = shortest.map_or(0, |(at, _)| at);
            self.usual_ns = self.usual_ns.max(self.marks.remove(at).silence_ns);
        }
    }

    /// Nothing came from the last sample until now: the ring may be empty again, if that is long;
    /// and was full, if so many words came before.
    pub(super) fn silent(&mut self, now_ns: i64, at: Option<u64>) -> Option<Full> {
        let silence = now_ns.saturating_sub(self.last_taken_ns);
        let silence = silence.max(0).unsigned_abs();
        if silence <= self.usual_ns {
            return None;
        }
        let words = self.words;
        self.marks.retain(|m| words - m.words <= PROF_BUF_WORDS);
        let long = self.usual_ns.saturating_mul(LONG);
        let marks = self.marks.iter().rev();
        let mut marks = marks.filter(|mark| mark.silence_ns.min(silence) > long);
        let full = marks.find_map(|mark| {
            let drain = Drain {
                records: self.records - mark.records,
                words: words - mark.words,
                first_taken_ns: mark.taken_ns,
                last_taken_ns: self.last_taken_ns,
                full_from_ns: Some(self.last_taken_ns),
                drained_ns: now_ns,
            };
            let piece = piece(drain.words, mark.at.zip(at));
            let full = Full { drain, piece };
            full.is_for(MAX_CPU_PROF_STACK).then_some(full)
        });
        self.mark(silence, now_ns, at);
        full
    }
}

/// Words for which there is room in one piece, at the most, in a ring of which so many are used: from
/// a place to another, if these are known.
fn piece(used: u64, places: Option<(u64, u64)>) -> u64 {
    let free = PROF_BUF_WORDS.saturating_sub(used);
    match places {
        // Behind what is used, or before it.
        Some((from, to)) if from < to => from.max(PROF_BUF_WORDS - to),
        Some(_) => free,
        // Behind it and before it; and what was left out at the ring's end, or is of the overflow.
        None => free.saturating_sub(OVERFLOW_WORDS) / 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: i64 = 1_000_000;

    /// A sample of 64 frames each millisecond, of which so many are left out, 1 ms each; and when the
    /// ring was found full, in milliseconds, with how many samples.
    fn found(parts: &[(i64, i64)], drained: i64) -> Vec<(i64, i64, u64)> {
        let mut filling = Filling::default();
        let mut all = Vec::from_iter(filling.begin(0, None, false, Some(drained * MILLI)));
        let mut now = 0;
        for &(samples, silent) in parts {
            for _ in 0..samples {
                now += MILLI;
                all.extend(filling.silent(now, None));
                filling.add(now, record_words(64));
            }
            now += silent * MILLI;
        }
        filling.end(now, None);
        all.extend(filling.rest(true));
        let millis = |Full { drain, .. }: Full| {
            let from = drain.full_from_ns.unwrap_or(0);
            (from / MILLI, drain.drained_ns / MILLI, drain.records)
        };
        all.into_iter().map(millis).collect()
    }

    /// 1,899 records of 69 words are 131,031 of 131,072.
    ///
    /// Guards S8.33.
    #[test]
    fn words_as_many_as_the_ring_has_and_then_nothing_are_a_full_ring() {
        assert_eq!(found(&[(1899, 50), (9, 0)], 1), [(1899, 1950, 1899)]);
        // More have no room, and where there are some fewer, others have.
        for count in [1900, 1895, 1000, 3798] {
            assert_eq!(found(&[(count, 50), (9, 0)], 1), [], "{count}");
        }
        // No longer than the others' times.
        assert_eq!(found(&[(1899, 6), (9, 0)], 1), []);
        // Room for a part, as one read goes no further than the end, and for the rest.
        let parts = [(1899, 50), (1000, 20), (899, 50), (1899, 70), (1, 0)];
        let expected = [(1899, 1950, 1899), (3868, 3919, 1899), (5817, 5888, 1899)];
        assert_eq!(found(&parts, 1), expected);
    }

    /// Guards S8.33.
    #[test]
    fn a_ring_that_ends_with_the_trace_was_full_unless_somebody_had_read() {
        assert_eq!(found(&[(1899, 50)], 1940), [(1899, 1949, 1899)]);
        assert_eq!(found(&[(1899, 50)], 1000), []);
    }

    /// Processes that are held back each 100 ms are silent as often as that.
    ///
    /// Guards S8.33.
    #[test]
    fn times_that_come_again_and_again_are_no_full_ring() {
        let parts = [(100, 90); 100];
        assert_eq!(found(&parts, 1), []);
    }

    /// Guards S8.33.
    #[test]
    fn a_record_needs_its_words_in_one_piece() {
        let used = 1899 * record_words(64);
        assert_eq!(PROF_BUF_WORDS - used, 41);
        assert_eq!(piece(used, None), 11);
        assert_eq!(piece(used, Some((0, used))), 41);
        assert_eq!(piece(used, Some((30, used + 30))), 30);
        assert_eq!(piece(used, Some((50, 9))), 41);
        assert_eq!(piece(5, Some((50, 55))), PROF_BUF_WORDS - 55);
    }

    /// Samples that come with the next generation of the ring were not lost at the end of this.
    ///
    /// Guards S8.33.
    #[test]
    fn what_comes_late_had_room() {
        for has_rest in [false, true] {
            let mut filling = Filling::default();
            filling.begin(0, None, false, None);
            for now in 1..=1899 {
                assert!(filling.silent(now * MILLI, None).is_none());
                filling.add(now * MILLI, record_words(64));
            }
            filling.end(2000 * MILLI, None);
            let found = filling.begin(3000 * MILLI, None, has_rest, None);
            assert_eq!(found.is_some(), !has_rest);
        }
    }

    /// Guards S8.33.
    #[test]
    fn times_may_be_any() {
        let mut filling = Filling::default();
        filling.begin(i64::MAX, None, false, None);
        for time in [i64::MIN, i64::MAX, 0, i64::MIN] {
            filling.silent(time, None);
            filling.add(time, 7);
            filling.end(time, None);
        }
        assert!(filling.begin(i64::MIN, None, false, Some(0)).is_none());
    }
}
