//! The samples of a trace of either format, as the rules compare them with the truth.

use sigprof_wire::v2::{NO_GOROUTINE, NO_PROC};

use super::Frame;
use crate::error::InputError;
use crate::trace::{Event, Nanos, Options, Reader, StackId, Ticks};

/// A sample that a trace has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSample {
    /// The time of its signal: since the first event in a v1 trace, on the trace's clock in a v2
    /// trace, as it was written.
    pub time: Nanos,
    /// The goroutine; 0 for g0 and for none.
    pub g: u64,
    /// The P, if there was one.
    pub p: Option<u64>,
    /// The thread, of a v2 trace.
    pub thread: Option<u64>,
    /// The generation that it stands in, of a v2 trace.
    pub generation: Option<u64>,
    /// The stack, leaf first.
    pub stack: Vec<Frame>,
}

/// All samples of a trace: those of v1 in the order in which its reader has them, those of v2 in
/// that of the file.
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
        let (read, error) = Self::collect(Reader::new(bytes)?);
        error.map_or(Ok(read), Err)
    }

    /// Reads a trace that ends anywhere, as far as it goes.
    ///
    /// # Errors
    /// What is wrong with its header.
    pub fn read_cut(bytes: &'a [u8]) -> Result<Self, InputError> {
        let options = Options {
            keep_going: true,
            ..Options::default()
        };
        Ok(Self::collect(Reader::with(bytes, options)?).0)
    }

    fn collect(mut reader: Reader<'a>) -> (Self, Option<InputError>) {
        let mut samples = Vec::new();
        // Where the tables of the last generation are of which samples were taken.
        let mut table = None;
        let error = loop {
            match reader.next_event() {
                Ok(None) => break None,
                Ok(Some(event)) if reader.as_v2().is_some() => {
                    if event.generation.is_some() && table != Some(event.table) {
                        table = Some(event.table);
                        of_generation(&reader, &event, &mut samples);
                    }
                }
                Ok(Some(event)) if event.is_sample() => samples.push(TraceSample {
                    time: event.time,
                    g: event.goroutine.map_or(0, |g| g.0),
                    p: event.proc.map(|p| p.0),
                    thread: None,
                    generation: None,
                    stack: Frame::stack(&reader, event.stack),
                }),
                Ok(Some(_)) => {}
                Err(error) => break Some(error),
            }
        };
        (Self { samples, reader }, error)
    }

    /// Whether the trace is in generations.
    pub(super) fn has_generations(&self) -> bool {
        self.reader.as_v2().is_some()
    }

    /// Ticks of a v1 trace's clock as time since its first event.
    pub(super) fn nanos(&self, ticks: u64) -> Nanos {
        let ticks = Ticks(i64::try_from(ticks).unwrap_or(i64::MAX));
        self.reader.nanos(ticks)
    }
}

/// The samples of an event's generation.
fn of_generation(reader: &Reader<'_>, event: &Event, samples: &mut Vec<TraceSample>) {
    let Some(v2) = reader.as_v2() else { return };
    samples.extend(v2.logged_samples().into_iter().map(|logged| TraceSample {
        time: Nanos(logged.time),
        g: if logged.goroutine == NO_GOROUTINE {
            0
        } else {
            logged.goroutine
        },
        p: (logged.proc != NO_PROC).then_some(logged.proc),
        thread: Some(logged.thread),
        generation: event.generation.map(|generation| generation.0),
        stack: Frame::stack(reader, stack_id(event.table, logged.stack)),
    }));
}

fn stack_id(table: u64, id: u64) -> Option<StackId> {
    (id != 0).then_some(StackId { table, id })
}
