//! Slices and arrows: they are shown when their end comes.

use std::io;

use sigprof_wire::v1::EventType;

use super::super::emit::{End, Start};
use super::super::json::Json;
use super::Chrome;
use super::state::{Assist, Name, Open, Row};
use crate::trace::v1::render::go_p;
use crate::trace::v1::{Event, Place};
use crate::trace::v1::{Slots, blocks, stw_kind};

/// A slice that is not a run of a goroutine: a GC cycle, a stop of the world, a sweep.
#[derive(Debug)]
pub(super) struct Slice {
    time: i64,
    row: u64,
    stack: u32,
    /// The type and the first argument of the event that it begins with.
    event_type: EventType,
    arg: u64,
}

/// Where a slice begins, and the lane if it is a run.
pub(super) type Begun = (u64, Option<u32>);

impl Chrome<'_, '_> {
    /// Begins a slice that is not a run.
    pub(super) fn begin(&mut self, event: &Event) {
        let slice = Slice {
            time: event.time,
            row: go_p(event.place).cast_unsigned(),
            stack: self.stack(event),
            event_type: event.event_type,
            arg: event.args[0],
        };
        self.open.insert(event.offset, slice);
    }

    /// Begins the slice of a run.
    pub(super) fn begin_run(&mut self, event: &Event, slots: Slots) {
        let is_labelled = event.event_type == EventType::GoStartLabel;
        let stack = self.stack(event);
        let run = &mut self.runs[slots.lane as usize];
        run.offset = event.offset;
        run.goroutine = event.goroutine_or_zero();
        run.slot = slots.own;
        run.label = event.args[2];
        run.assists.clear();
        let goroutine = self.goroutine(slots.own);
        goroutine.time = event.time;
        goroutine.row = Row::new(event.place, slots.lane);
        goroutine.stack = stack;
        goroutine.open = if is_labelled {
            Open::LabelledRun
        } else {
            Open::Run
        };
        if goroutine.is_assisting {
            self.begin_assist(event, slots, true);
        }
    }

    /// Begins the slice of a mark assist, in this run of its goroutine. Without a run there is
    /// nothing that could show it.
    pub(super) fn begin_assist(&mut self, event: &Event, slots: Slots, is_resumed: bool) {
        let stack = self.stack(event);
        let run = self.runs.get_mut(slots.lane as usize);
        if let Some(run) = run.filter(|run| slots.own != 0 && run.slot == slots.own) {
            if run.assists.len() == run.assists.capacity() {
                run.assists.reserve_exact(run.assists.len() / 4 + 1);
            }
            run.assists.push(Assist {
                time: event.time,
                stack,
                is_resumed,
                done: None,
            });
            self.assists += 1;
        }
    }

    /// The assist is over; which of the two ends counts shows when the run is.
    pub(super) fn assist_done(&mut self, event: &Event, slots: Slots) {
        let run = self.runs.get_mut(slots.lane as usize);
        let run = run.filter(|run| run.slot == slots.own);
        if let Some(assist) = run.and_then(|run| run.assists.last_mut()) {
            assist.done.get_or_insert(event.time);
        }
    }

    /// Begins an arrow to the next run of a goroutine.
    pub(super) fn begin_arrow(&mut self, event: &Event, slot: u32, lane: u32, open: Open) {
        let stack = self.stack(event);
        let goroutine = self.goroutine(slot);
        goroutine.time = event.time;
        goroutine.row = Row::new(event.place, lane);
        goroutine.stack = stack;
        goroutine.open = open;
    }

    /// Shows what ends with an event.
    pub(super) fn close(&mut self, event: &Event, slots: Slots) -> io::Result<()> {
        use EventType as E;
        match event.event_type {
            E::GoStart | E::GoStartLabel => self.close_arrow(event, slots.own),
            E::GoEnd | E::GoStop | E::GoSched | E::GoPreempt | E::GoSysBlock => {
                self.close_run_of(event, slots.own)
            }
            other if blocks(other) => self.close_run_of(event, slots.own),
            // What it was runnable for is not what starts it.
            E::GoWaiting | E::GoInSyscall => {
                self.goroutine(slots.own).open = Open::Nothing;
                Ok(())
            }
            E::GCDone | E::GCSTWDone | E::GCSweepDone => {
                let begun = event.link.and_then(|at| self.open.remove(&at.get()));
                let Some(slice) = begun else { return Ok(()) };
                let end = (event.time, self.stack(event));
                if event.event_type == E::GCSweepDone && event.args[0] != 0 {
                    let [swept, reclaimed, _] = event.args;
                    let args = [("Swept bytes", swept), ("Reclaimed bytes", reclaimed)];
                    return self.close_slice(&slice, end, &args);
                }
                self.close_slice(&slice, end, &[])
            }
            _ => Ok(()),
        }
    }

    fn close_slice(&mut self, slice: &Slice, end: End, args: &[(&str, u64)]) -> io::Result<()> {
        match slice.event_type {
            EventType::GCStart => self.out.json.begin(b"\"GC\"", b'X')?,
            EventType::GCSweepStart => self.out.json.begin(b"\"SWEEP\"", b'X')?,
            _ => {
                let kind = stw_kind(self.reader.version(), slice.arg);
                self.out
                    .json
                    .begin_text(&[b"STW (", kind.as_bytes(), b")"], b'X')?;
            }
        }
        self.end_slice((slice.time, slice.row, slice.stack), end, args)
    }

    /// The rest of a slice whose name is there.
    fn end_slice(&mut self, start: Start, end: End, args: &[(&str, u64)]) -> io::Result<()> {
        self.out.slice(start, end)?;
        if !args.is_empty() {
            self.out.json.args(args)?;
        }
        self.out.json.end()
    }

    fn close_run_of(&mut self, event: &Event, slot: u32) -> io::Result<()> {
        let goroutine = self.goroutine(slot);
        if !matches!(goroutine.open, Open::Run | Open::LabelledRun) {
            return Ok(());
        }
        let row = goroutine.row;
        let end = (event.time, self.stack(event));
        match row.lane() {
            Some(lane) => self.close_run(lane, end),
            None => Ok(()),
        }
    }

    /// A run of a goroutine is over, and with it what shows its mark assists.
    fn close_run(&mut self, lane: u32, run: End) -> io::Result<()> {
        let Self {
            runs, goroutines, ..
        } = self;
        let under_way = &mut runs[lane as usize];
        let assists = std::mem::take(&mut under_way.assists);
        let goroutine = &mut goroutines[under_way.slot as usize];
        let open = std::mem::take(&mut goroutine.open);
        let row = go_p(goroutine.row.place(|lane| self.reader.lane_place(lane))).cast_unsigned();
        let start = (goroutine.time, row, goroutine.stack);
        if open == Open::LabelledRun {
            let label = self.reader.string(under_way.label);
            self.out.json.begin_text(&[label], b'X')?;
        } else {
            let name = self.names.get(goroutine.name);
            begin_run(&mut self.out.json, under_way.goroutine, name)?;
        }
        self.end_slice(start, run, &[])?;
        self.assists -= assists.len();
        for assist in assists {
            let done = assist.done.filter(|&done| {
                if assist.is_resumed {
                    done < run.0
                } else {
                    done <= run.0
                }
            });
            let name: &'static [u8] = match (assist.is_resumed, done) {
                (false, Some(_)) => b"\"MARK ASSIST\"",
                (false, None) => b"\"MARK ASSIST (unfinished)\"",
                (true, Some(_)) => b"\"MARK ASSIST (resumed)\"",
                (true, None) => b"\"MARK ASSIST (resumed, unfinished)\"",
            };
            // The end of an assist has no stack.
            let end = done.map_or(run, |time| (time, 0));
            self.out.json.begin(name, b'X')?;
            self.end_slice((assist.time, row, assist.stack), end, &[])?;
        }
        Ok(())
    }

    fn close_arrow(&mut self, event: &Event, slot: u32) -> io::Result<()> {
        let goroutine = *self.goroutine(slot);
        let name: &[u8] = match goroutine.open {
            Open::Created => b"\"go\"",
            Open::Unblocked => b"\"unblock\"",
            Open::Exited => b"\"sysexit\"",
            Open::Nothing | Open::Run | Open::LabelledRun => return Ok(()),
        };
        let place = goroutine.row.place(|lane| self.reader.lane_place(lane));
        let start = (goroutine.time, go_p(place).cast_unsigned(), goroutine.stack);
        // It begins where nothing is, which the viewer needs.
        if matches!(place, Place::Netpoll | Place::Timer | Place::Syscall) {
            self.out.json.begin(b"\"unblock\"", b'I')?;
            self.out.instant((start.0, start.1, 0))?;
            self.out.json.end()?;
        }
        let end = (event.time, go_p(event.place).cast_unsigned());
        self.out
            .arrow(start, end, |json, phase| json.begin(name, phase))
    }

    /// At the end of the trace: slices end, arrows lead nowhere.
    pub(super) fn close_all(&mut self) -> io::Result<()> {
        let slices = self.open.keys().map(|&offset| (offset, None));
        let runs = (0..).zip(&self.runs).filter(|(lane, run)| {
            let goroutine = self.goroutines.get(run.slot as usize);
            goroutine.is_some_and(|g| {
                matches!(g.open, Open::Run | Open::LabelledRun) && g.row.lane() == Some(*lane)
            })
        });
        let runs = runs.map(|(lane, run)| (run.offset, Some(lane)));
        let mut open: Vec<Begun> = Vec::with_capacity(self.open.len() + runs.clone().count());
        open.extend(slices.chain(runs));
        open.sort_unstable();
        let end = (self.last_time, 0);
        for (offset, lane) in open {
            match lane {
                Some(lane) => self.close_run(lane, end)?,
                None => {
                    if let Some(slice) = self.open.remove(&offset) {
                        self.close_slice(&slice, end, &[])?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Begins the slice of a run, which has the name of its goroutine.
fn begin_run(json: &mut Json<'_>, goroutine: u64, name: Option<&Name>) -> io::Result<()> {
    let Some(name) = name else {
        return json.begin(b"", b'X');
    };
    json.begin_name()?;
    json.put(b"G")?;
    json.digits(goroutine)?;
    json.put(b" ")?;
    if name.is_plain {
        json.raw(name.text)?;
    } else {
        json.escaped(name.text)?;
    }
    json.end_name(b'X')
}
