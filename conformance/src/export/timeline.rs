//! Samples by thread and time.

use crate::trace::{Reader, Stacks};

use super::samples::{self, ExportError, Labelled, Select, Take, Walked};

/// A track of samples: a thread, or where the trace does not name it, the P.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Thread(u64),
    Proc(u64),
    Nobody,
}

impl Row {
    pub(super) fn name(self) -> String {
        match self {
            Self::Thread(id) => format!("thread {id}"),
            Self::Proc(id) => format!("P {id}"),
            Self::Nobody => "no P".into(),
        }
    }
}

/// A sample of a row. There may be very many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    row: u64,
    pub(super) time: i64,
    pub(super) stack: u32,
    kind: u8,
    is_selected: bool,
}

const _: () = assert!(size_of::<Sample>() == 24);

impl Sample {
    pub(super) fn row(&self) -> Row {
        match self.kind {
            0 => Row::Thread(self.row),
            1 => Row::Proc(self.row),
            _ => Row::Nobody,
        }
    }
}

/// The samples of a trace.
pub(super) struct Timeline {
    pub(super) stacks: Stacks,
    samples: Vec<Sample>,
    pub(super) walked: Walked,
}

impl Timeline {
    /// Reads a trace.
    pub(super) fn read(reader: &mut Reader, select: &Select) -> Result<Self, ExportError> {
        let (mut stacks, mut taken) = (Stacks::default(), Taken(Vec::new()));
        let walked = samples::walk(reader, select, &mut stacks, &mut taken)?;
        let mut samples = taken.0;
        samples.retain(|sample| sample.is_selected);
        samples.sort_unstable_by_key(|sample| (sample.row(), sample.time, sample.stack));
        Ok(Self {
            stacks,
            samples,
            walked,
        })
    }

    /// The samples of all rows.
    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The samples of each row, in the order of time; those of one moment in a fixed order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Row, &[Sample])> {
        let rows = self.samples.chunk_by(|a, b| a.row() == b.row());
        rows.map(|samples| (samples[0].row(), samples))
    }

    /// Ends as the trace did.
    pub(super) fn end(self) -> Result<(), ExportError> {
        self.walked.damage.map_or(Ok(()), |error| Err(error.into()))
    }
}

struct Taken(Vec<Sample>);

impl Take for Taken {
    fn sample(
        &mut self,
        _: &Reader,
        _: &Stacks,
        sample: &Labelled,
        is_selected: bool,
    ) -> Result<u32, ExportError> {
        let samples = &mut self.0;
        if samples.len() == samples.capacity() {
            // Not twice as much: it is a good part of what is held.
            samples.reserve_exact((samples.len() / 4).max(64));
        }
        let labels = &sample.labels;
        let (kind, row) = match (labels.thread, labels.proc) {
            (Some(thread), _) => (0, thread.0),
            (None, Some(proc)) => (1, proc.0),
            (None, None) => (2, 0),
        };
        let number = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        samples.push(Sample {
            row,
            time: sample.time.0,
            stack: sample.stack,
            kind,
            is_selected,
        });
        Ok(number)
    }

    fn select(&mut self, number: u32, _: u64) {
        self.0[number as usize].is_selected = true;
    }
}
