//! The samples of a trace of either format, as the rules compare them with the truth.

use super::Frame;
use crate::error::InputError;
use crate::trace::{Nanos, Reader, Ticks};

/// A sample that a trace has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSample {
    /// The time of its signal, since the first event.
    pub time: Nanos,
    /// The goroutine; 0 for g0 and for none.
    pub g: u64,
    /// The P, if there was one.
    pub p: Option<u64>,
    /// The stack, leaf first.
    pub stack: Vec<Frame>,
}

/// All samples of a trace, in the order in which its reader has them.
pub struct TraceSamples<'a> {
    /// The samples in that order.
    pub samples: Vec<TraceSample>,
    reader: Reader<'a>,
}

impl<'a> TraceSamples<'a> {
    /// Reads a trace to its end.
    ///
    /// # Errors
    /// What is wrong with it, at its offset.
    pub fn read(bytes: &'a [u8]) -> Result<Self, InputError> {
        let mut reader = Reader::new(bytes)?;
        let mut samples = Vec::new();
        while let Some(event) = reader.next_event()? {
            if !event.is_sample() {
                continue;
            }
            samples.push(TraceSample {
                time: event.time,
                g: event.goroutine.map_or(0, |g| g.0),
                p: event.proc.map(|p| p.0),
                stack: Frame::stack(&reader, event.stack),
            });
        }
        Ok(Self { samples, reader })
    }

    /// Ticks of the trace's clock as time since its first event.
    pub(super) fn nanos(&self, ticks: u64) -> Nanos {
        let ticks = Ticks(i64::try_from(ticks).unwrap_or(i64::MAX));
        self.reader.nanos(ticks)
    }
}
