//! Samples, and how they stand in the tracer's ring.
//!
//! ```text
//!  header   bit 63 .. 1            bit 0
//!          +----------------------+-----+
//!  word 0  |  id of the P         |  1  |      or 0b10 if there was none: never zero (R31)
//!          +----------------------+-----+
//!  word 1  |  id of the goroutine, or 0 |
//!          +----------------------------+
//!  word 2  |  procid of the M           |      from Go 1.22 on
//!          +----------------------------+
//! ```
//!
//! A header of zeroes is that of an overflow, so [L6](crate::law::Law::RealHeader) is
//! what keeps the two apart.
//!
//! Go: `runtime/trace.go`, `traceCPUSample` and `traceReadCPU`; from 1.22 on
//! `runtime/trace2cpu.go` and `runtime/tracecpu.go`.

use crate::backend::{Backend, Throw};
use crate::overflow::Dropped;
use crate::protocol::{Flaw, OverflowTest, Rules};
use sigprof_wire::limits::RECORD_PREFIX_WORDS;

/// Words of a header, at the most.
const HEADER_WORDS_MAX: usize = 3;

/// The place that a signal interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The P, which a thread near a system call does not have.
    pub p: Option<u32>,
    /// The goroutine's id; 0 for the scheduler, and where there is no goroutine.
    pub goid: u64,
    /// The thread's id in the operating system; 0 until Go 1.21.
    pub procid: u64,
}

/// A sample as a drain finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<'a> {
    /// When it was taken, on the tracer's clock.
    pub time: u64,
    /// The place that was interrupted.
    pub place: Place,
    /// The PCs, innermost first.
    pub stack: &'a [u64],
}

/// A record as a drain finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained<'a> {
    /// A sample, which becomes an event.
    Sample(Sample<'a>),
    /// The count of samples for which the ring had no room. Go passes over it in silence (R37).
    Overflow(Dropped),
}

impl Place {
    /// The header, and how many words of it count.
    pub(crate) fn header<R: Rules>(self, rules: R) -> ([u64; HEADER_WORDS_MAX], usize) {
        let p = match self.p {
            Some(id) if rules.has(Flaw::PWithoutMark) => id.into(),
            Some(id) => u64::from(id) << 1 | 0b1,
            None if rules.has(Flaw::NoMarkWithoutP) => 0,
            None => 0b10,
        };
        let missing = usize::from(rules.has(Flaw::ProcidMissing));
        let words = rules.protocol().header_words() - missing;
        ([p, self.goid, self.procid], words)
    }

    fn from_header<R: Rules>(header: &[u64], rules: R) -> Self {
        let word = |i: usize| header.get(i).copied().unwrap_or(0);
        let has_p = (word(0) & 0b1 != 0) != rules.has(Flaw::HasPInverted);
        #[expect(clippy::cast_possible_truncation, reason = "ids of Ps are small")]
        let p = has_p.then_some((word(0) >> 1) as u32);
        Self {
            p,
            goid: word(1),
            procid: word(2),
        }
    }
}

/// Takes a run of whole records apart. A record that cannot be one ends the run, as in
/// Go: what follows is lost.
///
/// Go also asks for a tag for each record; a [`read`](crate::prof_buf::ProfBuf::read) that
/// returns fewer would have thrown. And from 1.22 on it still asks for four words where five
/// are needed: a record of four, which nobody writes, would be out of bounds there.
pub fn decode<B: Backend, R: Rules>(rules: R, mut run: &[u64], mut sink: impl FnMut(Drained<'_>)) {
    #[expect(clippy::cast_possible_truncation, reason = "2 fits")]
    let prefix = RECORD_PREFIX_WORDS as usize;
    let protocol = rules.protocol();
    let fixed = prefix + protocol.header_words();
    while let [len, time, ..] = *run {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len < fixed || len > run.len() {
            return;
        }
        let (record, rest) = run.split_at(len);
        let (header, stack) = (&record[prefix..fixed], &record[fixed..]);
        let tested = match protocol.overflow_test {
            OverflowTest::BeforeAdvance => record,
            // B1: the record is gone when it is looked at.
            OverflowTest::AfterAdvance => rest,
        };
        run = rest;
        if let [count] = *stack {
            let Some(tested) = tested.get(prefix..fixed) else {
                B::throw(Throw::OutOfRange);
            };
            if tested.iter().all(|&word| word == 0) {
                #[expect(clippy::cast_possible_truncation, reason = "32 bits were counted")]
                let count = count as u32;
                sink(Drained::Overflow(Dropped { count, time }));
                continue;
            }
        }
        let place = Place::from_header(header, rules);
        sink(Drained::Sample(Sample { time, place, stack }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Std;
    use crate::protocol::Protocol;

    const GO: Protocol = Protocol::GO_1_21;

    /// Guards R31.1, R31.2.
    #[test]
    fn a_header_names_p_and_goroutine_and_is_never_zero() {
        let header = |p, goid| {
            let place = Place { p, goid, procid: 0 };
            let (header, words) = place.header(GO);
            header[..words].to_vec()
        };
        assert_eq!(header(Some(0), 0), [0b1, 0]);
        assert_eq!(header(Some(3), 7), [0b111, 7]);
        assert_eq!(header(None, 7), [0b10, 7]);
        assert_eq!(header(None, 0), [0b10, 0]);
    }

    /// Guards R43.1.
    #[test]
    fn from_1_22_on_a_header_names_the_thread() {
        let place = Place {
            p: Some(3),
            goid: 7,
            procid: 41,
        };
        assert_eq!(place.header(Protocol::GO_1_22), ([0b111, 7, 41], 3));
    }

    /// P, goroutine and stack of each sample, and `u64::MAX` with a count for what was lost.
    fn decoded(run: &[u64]) -> Vec<(Option<u32>, u64, Vec<u64>)> {
        let mut found = Vec::new();
        decode::<Std, _>(GO, run, |drained| {
            found.push(match drained {
                Drained::Sample(Sample { place, stack, .. }) => {
                    (place.p, place.goid, stack.to_vec())
                }
                Drained::Overflow(dropped) => (None, u64::MAX, vec![dropped.count.into()]),
            });
        });
        found
    }

    /// Guards R37.2, R37.3.
    #[test]
    fn a_header_of_zeroes_with_one_word_is_a_count() {
        let run = [
            5, 9, 0, 0, 30, 5, 9, 0b10, 0, 31, 6, 9, 0, 0, 32, 33, 5, 9, 0b111, 0, 34,
        ];
        let want = [
            (None, u64::MAX, vec![30]),
            (None, 0, vec![31]),
            (None, 0, vec![32, 33]),
            (Some(3), 0, vec![34]),
        ];
        assert_eq!(decoded(&run), want);
    }

    /// Guards R37.1.
    #[test]
    fn what_cannot_be_a_record_ends_the_run() {
        let sample = [5, 9, 0b1, 7, 50];
        let whole = (Some(0), 7, vec![50]);
        for bad in [&[3, 9, 0b1][..], &[6, 9, 0b1, 7, 50], &[0, 9, 0b1, 7]] {
            let run = [&sample[..], bad].concat();
            assert_eq!(decoded(&run), std::slice::from_ref(&whole), "{bad:?}");
        }
        let run = [&[3, 9, 0b1][..], &sample].concat();
        assert_eq!(decoded(&run), []);
    }
}
