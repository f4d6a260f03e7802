//! Readers of the trace: the file of `trace.Start`, and a flight recorder (Go:
//! `runtime/trace/subscribe.go`, `recorder.go`, `flightrecorder.go`; R98).
//!
//! ```text
//!  ReadTrace -> writer, from a generation's begin to a generation's end
//!            -> flight recorder: [ active | ring of whole generations ] -> snapshots
//! ```

use std::collections::VecDeque;

use sigprof_wire::v2::EventType;

use super::Sink;
use crate::tracer::{TICK_NS, Ticks};
use crate::truth::{Generations, SnapshotTruth};

/// A generation as the recorder holds it.
#[derive(Debug, Default)]
struct Raw {
    number: u64,
    bytes: Vec<u8>,
    /// Of all its batches, in nanoseconds of the trace clock.
    min_time: Option<u64>,
}

/// The flight recorder.
#[derive(Debug)]
struct Recorder {
    min_age_ns: u64,
    max_bytes: u64,
    active: Raw,
    ring: VecDeque<Raw>,
}

impl Recorder {
    fn write(&mut self, piece: &[u8]) {
        if let Some(time) = batch_time(piece) {
            let time = time * TICK_NS;
            let earliest = self.active.min_time.map_or(time, |min| min.min(time));
            self.active.min_time = Some(earliest);
        }
        self.active.bytes.extend_from_slice(piece);
    }

    /// Keeps the newest generation, and older ones as long as neither bound is reached.
    fn end_generation(&mut self, number: u64, now: Ticks) {
        self.active.number = number;
        self.ring.push_back(std::mem::take(&mut self.active));
        let now = now.0 * TICK_NS;
        let (mut size, mut kept) = (0, 0);
        for raw in self.ring.iter().rev() {
            let is_new = kept == 0;
            let age = now.saturating_sub(self.oldest_time(kept));
            if !is_new && (size > self.max_bytes || age > self.min_age_ns) {
                break;
            }
            size += raw.bytes.len() as u64;
            kept += 1;
        }
        self.ring.drain(..self.ring.len() - kept);
    }

    /// When the oldest of the newest so many generations began.
    fn oldest_time(&self, kept: usize) -> u64 {
        let oldest = self.ring.len().checked_sub(kept);
        let oldest = oldest.and_then(|at| self.ring.get(at));
        oldest.and_then(|raw| raw.min_time).unwrap_or(0)
    }
}

/// The time of a batch, behind its generation and its thread.
fn batch_time(piece: &[u8]) -> Option<u64> {
    let mut rest = piece.strip_prefix(&[EventType::EventBatch as u8])?;
    let [_, _, time] = [(); 3].map(|()| varint(&mut rest));
    Some(time)
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, more)) = rest.split_first() {
        *rest = more;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    value
}

/// A file of `trace.Start`, by its number among the run's traces.
#[derive(Debug)]
struct File {
    number: usize,
    /// Whole generations that it has.
    has: Option<Generations>,
}

/// A reader of the trace, of which the tracer has one of each at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subscriber {
    /// The file of `trace.Start`.
    Writer,
    /// The flight recorder.
    Recorder,
}

/// Everybody who gets what is read.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    header: Vec<u8>,
    /// The writer and the recorder as the program wants them, and as the reader has them: it looks
    /// at the end of a generation.
    wanted: (Option<usize>, bool),
    has: (Option<usize>, bool),
    recorder: Option<Recorder>,
    files: Vec<File>,
    /// The last generation that was read whole.
    last_whole: u64,
    snapshots: Vec<Vec<u8>>,
    snapshot_truths: Vec<SnapshotTruth>,
}

impl Outputs {
    /// Whether the program wants it.
    pub(crate) fn wants(&self, who: Subscriber) -> bool {
        match who {
            Subscriber::Writer => self.wanted.0.is_some(),
            Subscriber::Recorder => self.wanted.1,
        }
    }

    /// Whether the tracer runs for nobody else.
    pub(crate) fn is_alone(&self, who: Subscriber) -> bool {
        !self.wants(match who {
            Subscriber::Writer => Subscriber::Recorder,
            Subscriber::Recorder => Subscriber::Writer,
        })
    }

    /// A file begins; with what generation, its reader decides.
    pub(crate) fn want_file(&mut self, number: usize) {
        self.wanted.0 = Some(number);
        self.files.push(File { number, has: None });
    }

    pub(crate) fn want_recorder(&mut self, min_age_ns: u64, max_bytes: u64) {
        self.wanted.1 = true;
        self.recorder = Some(Recorder {
            min_age_ns,
            max_bytes,
            active: Raw::default(),
            ring: VecDeque::new(),
        });
    }

    /// The program wants it no more. A file gets the rest of its generation.
    pub(crate) fn remove(&mut self, who: Subscriber) {
        match who {
            Subscriber::Writer => self.wanted.0 = None,
            Subscriber::Recorder => {
                self.wanted.1 = false;
                self.has.1 = false;
                self.recorder = None;
            }
        }
    }

    /// A session of the tracer begins.
    pub(crate) fn begin(&mut self) {
        self.has = self.wanted;
        self.header.clear();
    }

    /// The session is over, and all of it has been read.
    pub(crate) fn end(&mut self) {
        self.has = (None, false);
        self.wanted = (None, false);
        self.recorder = None;
    }

    pub(crate) fn write(&mut self, piece: &[u8], sink: &mut Sink<'_>) {
        let is_header = self.header.is_empty();
        if is_header {
            self.header = piece.to_vec();
        }
        if let Some(number) = self.has.0 {
            sink(number, piece);
        }
        if let Some(recorder) = self.recorder.as_mut().filter(|_| self.has.1 && !is_header) {
            recorder.write(piece);
        }
    }

    /// A generation is over: it counts, and who is new begins.
    pub(crate) fn end_generation(&mut self, generation: u64, now: Ticks, sink: &mut Sink<'_>) {
        self.last_whole = generation;
        if let Some(number) = self.has.0
            && let Some(file) = self.files.iter_mut().find(|file| file.number == number)
        {
            let first = file.has.map_or(generation, |has| has.first);
            file.has = Some(Generations {
                first,
                last: generation,
            });
        }
        if let Some(recorder) = self.recorder.as_mut().filter(|_| self.has.1) {
            recorder.end_generation(generation, now);
        }
        let (had, _) = std::mem::replace(&mut self.has, self.wanted);
        if let Some(number) = self.has.0.filter(|_| self.has.0 != had) {
            sink(number, &self.header);
        }
    }

    /// Writes what the recorder has (Go: `FlightRecorder.WriteTo`, once it has advanced).
    pub(crate) fn snapshot(&mut self, now_ns: u64) {
        let Some(recorder) = &self.recorder else {
            return;
        };
        let mut bytes = self.header.clone();
        for raw in &recorder.ring {
            bytes.extend_from_slice(&raw.bytes);
        }
        let ends = (recorder.ring.front(), recorder.ring.back());
        let generations = match ends {
            (Some(first), Some(last)) => Some(Generations {
                first: first.number,
                last: last.number,
            }),
            _ => None,
        };
        self.snapshots.push(bytes);
        self.snapshot_truths.push(SnapshotTruth {
            taken_ns: now_ns,
            generations,
        });
    }

    /// The last generation that was read whole, be it that no file has it.
    pub(crate) fn last_whole(&self) -> u64 {
        self.last_whole
    }

    pub(crate) fn take_snapshots(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.snapshots)
    }

    pub(crate) fn take_snapshot_truths(&mut self) -> Vec<SnapshotTruth> {
        std::mem::take(&mut self.snapshot_truths)
    }

    /// Whole generations of each file, by its number.
    pub(crate) fn files(&self) -> impl Iterator<Item = (usize, Option<Generations>)> {
        self.files.iter().map(|file| (file.number, file.has))
    }
}
