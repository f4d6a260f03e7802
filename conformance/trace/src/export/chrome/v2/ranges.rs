//! Ranges of time: marking, sweeping, helping to mark, the stopped world.

use std::io;

use super::super::emit::{End, GC_ROW, Start};
use super::View;
use super::state::{Active, NOWHERE};
use crate::trace::kind::{Range, Text};
use crate::trace::v2::{Event, Reader};

impl View<'_> {
    pub(super) fn range_begin(&mut self, reader: &Reader, event: &Event, range: Range) {
        let (since, stack) = (self.now, self.stack(reader, event.stack()));
        self.range_from(reader, range, since, stack, false);
    }

    /// A range was under way when the generation began.
    pub(super) fn range_active(&mut self, reader: &Reader, event: &Event, range: Range) {
        let is_of_goroutine =
            matches!(range, Range::MarkAssist { .. } | Range::StopTheWorld { .. });
        // In later generations it is known of others.
        if is_of_goroutine || self.syncs < 2 {
            let stack = self.stack(reader, event.stack());
            self.range_from(reader, range, 0, stack, true);
        }
    }

    fn range_from(&mut self, reader: &Reader, range: Range, since: i64, stack: u32, is_old: bool) {
        let (goroutine, stops) = match range {
            Range::Mark => {
                self.mark = Some((since, stack));
                return;
            }
            Range::Sweep { proc } => {
                if let Some(proc) = proc {
                    self.procs.get(proc.0).sweep = Some((since, stack));
                }
                return;
            }
            Range::MarkAssist { goroutine } => (goroutine, None),
            Range::StopTheWorld { reason, goroutine } => {
                (goroutine, Some(self.reason(reader, reason)))
            }
        };
        let Some(slot) = goroutine.and_then(|g| self.goroutines.slot(g.0)) else {
            return;
        };
        let g = &self.goroutines.all[slot];
        let is_running = g.row != NOWHERE;
        // Without a run there is nothing that could show it: it waits for one.
        let from = if is_old { g.since } else { since };
        let range = Active {
            stops,
            since: is_running.then_some(from),
            stack: if is_old { 0 } else { stack },
        };
        self.goroutines.add_range(slot, range);
    }

    pub(super) fn range_end(
        &mut self,
        reader: &Reader,
        event: &Event,
        range: Range,
    ) -> io::Result<()> {
        let end = (self.now, self.stack(reader, event.stack()));
        match range {
            Range::Mark => {
                let begun = self.mark.take();
                begun.map_or(Ok(()), |(at, stack)| self.marked((at, GC_ROW, stack), end))
            }
            Range::Sweep { proc } => {
                let Some(proc) = proc else { return Ok(()) };
                let begun = self.procs.get(proc.0).sweep.take();
                begun.map_or(Ok(()), |(at, stack)| self.swept((at, proc.0, stack), end))
            }
            Range::MarkAssist { goroutine } => match goroutine {
                Some(goroutine) => self.end_range(goroutine.0, None, end),
                None => Ok(()),
            },
            Range::StopTheWorld { reason, goroutine } => {
                let stops = self.reason(reader, reason);
                match goroutine {
                    Some(goroutine) => self.end_range(goroutine.0, Some(stops), end),
                    None => Ok(()),
                }
            }
        }
    }

    /// The number of the text that says why.
    #[inline]
    pub(super) fn reason(&mut self, reader: &Reader, reason: Text) -> u32 {
        match reason {
            Text::Table(id) => self.frames.text(reader, &mut self.texts, id),
            other => self.texts.number(reader.text(other)),
        }
    }

    fn marked(&mut self, start: Start, end: End) -> io::Result<()> {
        self.out.json.begin(b"\"GC concurrent mark phase\"", b'X')?;
        self.out.slice(start, end)?;
        self.out.json.end()
    }

    fn swept(&mut self, start: Start, end: End) -> io::Result<()> {
        self.out.json.begin(b"\"GC incremental sweep\"", b'X')?;
        self.out.slice(start, end)?;
        self.out.json.end()
    }

    /// A range of a goroutine is over; it is shown if the goroutine runs.
    fn end_range(&mut self, id: u64, stops: Option<u32>, end: End) -> io::Result<()> {
        let Some(slot) = self.goroutines.slot(id) else {
            return Ok(());
        };
        let Some(range) = self.goroutines.take_range(slot, stops) else {
            return Ok(());
        };
        let row = self.goroutines.all[slot].row;
        match range.since {
            Some(since) if row != NOWHERE => {
                self.range_of_goroutine(stops, (since, self.row(row), range.stack), end)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn range_of_goroutine(
        &mut self,
        stops: Option<u32>,
        start: Start,
        end: End,
    ) -> io::Result<()> {
        let json = &mut self.out.json;
        json.begin_name()?;
        match stops {
            None => json.put(b"GC mark assist")?,
            Some(reason) => {
                json.put(b"stop-the-world (")?;
                json.raw(self.texts.get(reason))?;
                json.put(b")")?;
            }
        }
        json.end_name(b'X')?;
        self.out.slice(start, end)?;
        self.out.json.end()
    }

    /// Shows those of Ps and of the collector that are not over when the trace is.
    pub(super) fn finish_ranges(&mut self, end: i64) -> io::Result<()> {
        for at in 0..self.procs.all.len() {
            let proc = self.procs.all[at];
            if let Some((since, stack)) = proc.sweep {
                self.swept((since, proc.id, stack), (end, 0))?;
            }
        }
        match self.mark.take() {
            Some((since, stack)) => self.marked((since, GC_ROW, stack), (end, 0)),
            None => Ok(()),
        }
    }
}
