//! The entries of batches that are not events: strings, stacks, samples and clocks.

use sigprof_wire::v2::limits::{MAX_STACK_FRAMES, MAX_STRING_LEN};
use sigprof_wire::v2::{EventType, HEADER_WITH_SYNC};

use super::Loader;
use crate::error::InputError;
use crate::heap;
use crate::shown::counted;
use crate::trace::v2::clock::{Scale, Snapshot};
use crate::trace::v2::samples::Sample;
use crate::trace::v2::source::Source;
use crate::trace::v2::tables::Span;

impl Loader<'_> {
    /// The entries of a batch begin with a byte that says so.
    fn begins(
        &self,
        source: &Source,
        bytes: &[u8],
        at: &mut usize,
        want: EventType,
    ) -> Result<(), InputError> {
        let byte = bytes[*at];
        if byte == want as u8 {
            *at += 1;
            return Ok(());
        }
        let found = EventType::of(byte).map_or("nothing", EventType::name);
        let got = format!("byte {byte} ({found})");
        let place = format!("batch of {}s", want.name());
        let want = format!("a {} (byte {})", want.name(), want as u8);
        Err(self.malformed(source, *at, place, want, got))
    }

    pub(super) fn strings(
        &mut self,
        source: &Source,
        bytes: &[u8],
        mut at: usize,
    ) -> Result<(), InputError> {
        while at < bytes.len() {
            let start = at;
            self.begins(source, bytes, &mut at, EventType::String)?;
            let id = self.varint(source, bytes, &mut at, "String id")?;
            let len = self.varint(source, bytes, &mut at, "String length")?;
            if len > MAX_STRING_LEN {
                let want = format!("a string of at most {MAX_STRING_LEN} bytes");
                return Err(self.malformed(source, start, "String", want, len));
            }
            #[expect(clippy::cast_possible_truncation, reason = "it is small")]
            let len = len as usize;
            if bytes.len() - at < len {
                let got = format!("{} before the end of the batch", bytes.len() - at);
                return Err(self.malformed(source, at, "String", counted(len as u64, "byte"), got));
            }
            if !self.generation.strings.insert(id, Span { at, len }.pack()) {
                let want = "an id above 0 that no other string has";
                return Err(self.malformed(source, start, "String", want, id));
            }
            at += len;
        }
        Ok(())
    }

    pub(super) fn stacks(
        &mut self,
        source: &Source,
        bytes: &[u8],
        mut at: usize,
    ) -> Result<(), InputError> {
        while at < bytes.len() {
            let start = at;
            self.begins(source, bytes, &mut at, EventType::Stack)?;
            let id = self.varint(source, bytes, &mut at, "Stack id")?;
            let frames = self.varint(source, bytes, &mut at, "Stack frames")?;
            if frames > MAX_STACK_FRAMES {
                let want = format!("at most {MAX_STACK_FRAMES} frames");
                return Err(self.malformed(source, start, "Stack", want, frames));
            }
            let first = at;
            for _ in 0..4 * frames {
                self.varint(source, bytes, &mut at, "Stack frame")?;
            }
            #[expect(clippy::cast_possible_truncation, reason = "it is small")]
            let len = frames as usize;
            let span = Span { at: first, len };
            if !self.generation.stacks.insert(id, span.pack()) {
                let want = "an id above 0 that no other stack has";
                return Err(self.malformed(source, start, "Stack", want, id));
            }
        }
        Ok(())
    }

    pub(super) fn samples(
        &mut self,
        source: &Source,
        bytes: &[u8],
        mut at: usize,
    ) -> Result<(), InputError> {
        while at < bytes.len() {
            let start = at;
            self.begins(source, bytes, &mut at, EventType::CPUSample)?;
            let time = self.varint(source, bytes, &mut at, "CPUSample time")?;
            for place in ["m", "p", "g", "stack"] {
                let place = format_args!("CPUSample {place}");
                self.varint_at(source, bytes, &mut at, place)?;
            }
            let (time, at) = (time.cast_signed(), start);
            heap::push(&mut self.generation.samples, Sample { time, at });
        }
        Ok(())
    }

    pub(super) fn frequency(
        &mut self,
        source: &Source,
        bytes: &[u8],
        at: &mut usize,
    ) -> Result<(), InputError> {
        if self.has_frequency {
            let (want, got) = ("one in a generation", "another");
            return Err(self.malformed(source, *at - 1, "Frequency", want, got));
        }
        let units = self.varint(source, bytes, at, "Frequency")?;
        self.generation.scale = Scale::of_frequency(units);
        self.has_frequency = true;
        Ok(())
    }

    pub(super) fn sync(
        &mut self,
        source: &Source,
        bytes: &[u8],
        mut at: usize,
        time: u64,
    ) -> Result<(), InputError> {
        let mut snap = None;
        while at < bytes.len() {
            let start = at;
            at += 1;
            match EventType::of(bytes[start]) {
                Some(EventType::Frequency) => self.frequency(source, bytes, &mut at)?,
                Some(EventType::ClockSnapshot) if self.header >= HEADER_WITH_SYNC => {
                    if self.generation.snapshot.is_some() {
                        let (want, got) = ("one in a generation", "another");
                        return Err(self.malformed(source, start, "ClockSnapshot", want, got));
                    }
                    let mut number = || self.varint(source, bytes, &mut at, "ClockSnapshot");
                    let delta = number()?;
                    let (mono, seconds, nanos) = (number()?, number()?, number()?);
                    snap = Some(time.wrapping_add(delta));
                    self.generation.snapshot = Some(Snapshot {
                        trace: 0,
                        mono,
                        seconds,
                        nanos,
                    });
                }
                found => {
                    let found = found.map_or("nothing", EventType::name);
                    let got = format!("byte {} ({found})", bytes[start]);
                    let want = if self.header < HEADER_WITH_SYNC {
                        "nothing behind the Frequency"
                    } else {
                        "a Frequency or a ClockSnapshot"
                    };
                    return Err(self.malformed(source, start, "Sync", want, got));
                }
            }
        }
        if let (Some(snapshot), Some(units)) = (&mut self.generation.snapshot, snap) {
            // Units for now: the frequency may be in another batch.
            snapshot.trace = units.cast_signed();
        }
        Ok(())
    }
}
