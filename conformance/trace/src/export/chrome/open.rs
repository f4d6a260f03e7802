//! Slices and arrows: they are shown when their end comes.

use std::io::{self, Write};

use sigprof_wire::v1::EventType;

use super::Chrome;
use crate::trace::v1::render::go_p;
use crate::trace::v1::{Event, Place};

/// Something whose end is to come.
#[derive(Debug)]
pub(super) enum Open {
    Slice(Slice),
    Arrow(Arrow),
}

/// The name of a slice, as a string of JSON.
#[derive(Debug)]
pub(super) enum Name {
    Fixed(&'static [u8]),
    /// The name of the goroutine.
    Goroutine,
    Own(Vec<u8>),
}

/// A slice that has begun.
#[derive(Debug)]
pub(super) struct Slice {
    name: Name,
    time: i64,
    row: u64,
    stack: u64,
    /// The goroutine whose mark assist ends with the slice at the latest.
    goroutine: u64,
}

/// An arrow that has begun.
#[derive(Debug)]
pub(super) struct Arrow {
    name: &'static [u8],
    time: i64,
    row: u64,
    stack: u64,
    /// Whether it begins where nothing is, which the viewer needs.
    is_bare: bool,
}

/// A mark assist in a run of its goroutine. It ends with the assist, or with the run.
#[derive(Debug)]
pub(super) struct Assist {
    slice: Slice,
    is_resumed: bool,
    /// When the assist was over, if it was before the run.
    done: Option<i64>,
}

/// The end of a slice: its time, the number of its stack.
type End = (i64, u64);

impl<W: Write> Chrome<'_, '_, W> {
    fn slice(&mut self, event: &Event, name: Name) -> Slice {
        Slice {
            name,
            time: event.time,
            row: go_p(event.place).cast_unsigned(),
            stack: self.stack(event),
            goroutine: event.goroutine_or_zero(),
        }
    }

    /// Begins a slice.
    pub(super) fn begin(&mut self, event: &Event, name: Name) {
        let slice = self.slice(event, name);
        self.open.insert(event.offset, Open::Slice(slice));
    }

    /// Begins the slice of a mark assist, in this run of its goroutine.
    pub(super) fn begin_assist(&mut self, event: &Event, is_resumed: bool) {
        let slice = self.slice(event, Name::Goroutine);
        let goroutine = self.goroutines.entry(slice.goroutine).or_default();
        goroutine.assists.push(Assist {
            slice,
            is_resumed,
            done: None,
        });
    }

    /// The assist is over; which of the two ends counts shows when the run is.
    pub(super) fn assist_done(&mut self, event: &Event) {
        let goroutine = self.goroutines.entry(event.goroutine_or_zero());
        if let Some(assist) = goroutine.or_default().assists.last_mut() {
            assist.done.get_or_insert(event.time);
        }
    }

    pub(super) fn begin_arrow(&mut self, event: &Event, name: &'static [u8]) {
        let arrow = Arrow {
            name,
            time: event.time,
            row: go_p(event.place).cast_unsigned(),
            stack: self.stack(event),
            is_bare: matches!(event.place, Place::Netpoll | Place::Timer | Place::Syscall),
        };
        self.open.insert(event.offset, Open::Arrow(arrow));
    }

    /// Shows what ends with an event.
    pub(super) fn close(&mut self, open: Open, event: &Event) -> io::Result<()> {
        match open {
            Open::Arrow(arrow) => self.close_arrow(&arrow, event),
            Open::Slice(slice) => {
                let end = (event.time, self.stack(event));
                if event.event_type == EventType::GCSweepDone && event.args[0] != 0 {
                    let [swept, reclaimed, _] = event.args;
                    let args = [("Swept bytes", swept), ("Reclaimed bytes", reclaimed)];
                    return self.close_slice(&slice, end, &args);
                }
                self.close_slice(&slice, end, &[])?;
                self.close_assists(slice.goroutine, end)
            }
        }
    }

    /// A run of a goroutine is over, and with it what shows its mark assists.
    fn close_assists(&mut self, goroutine: u64, run: End) -> io::Result<()> {
        let goroutine = self.goroutines.get_mut(&goroutine);
        let assists = goroutine.map(|g| std::mem::take(&mut g.assists));
        for mut assist in assists.unwrap_or_default() {
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
            assist.slice.name = Name::Fixed(name);
            // The end of an assist has no stack.
            let end = done.map_or(run, |time| (time, 0));
            self.close_slice(&assist.slice, end, &[])?;
        }
        Ok(())
    }

    fn close_slice(&mut self, slice: &Slice, end: End, args: &[(&str, u64)]) -> io::Result<()> {
        let name = match &slice.name {
            Name::Fixed(name) => name,
            Name::Own(name) => &name[..],
            Name::Goroutine => match self.goroutines.get(&slice.goroutine) {
                Some(goroutine) => &goroutine.name[..],
                None => &[],
            },
        };
        self.json.begin(name, "X")?;
        self.json.time("ts", slice.time)?;
        self.json.duration(slice.time, end.0)?;
        self.json.row(slice.row)?;
        self.json.number_but_0("sf", slice.stack)?;
        self.json.number_but_0("esf", end.1)?;
        if !args.is_empty() {
            self.json.args(args)?;
        }
        self.json.end()
    }

    fn close_arrow(&mut self, arrow: &Arrow, event: &Event) -> io::Result<()> {
        if arrow.is_bare {
            self.json.begin(b"\"unblock\"", "I")?;
            self.json.raw(b",\"s\":\"t\"")?;
            self.json.time("ts", arrow.time)?;
            self.json.row(arrow.row)?;
            self.json.end()?;
        }
        self.arrows += 1;
        let end = (event.time, go_p(event.place).cast_unsigned(), 0);
        for (phase, (time, row, stack)) in [("s", (arrow.time, arrow.row, arrow.stack)), ("t", end)]
        {
            self.json.begin(arrow.name, phase)?;
            self.json.time("ts", time)?;
            self.json.row(row)?;
            self.json.number("id", self.arrows)?;
            self.json.number_but_0("sf", stack)?;
            self.json.end()?;
        }
        Ok(())
    }

    /// At the end of the trace: slices end, arrows lead nowhere.
    pub(super) fn close_all(&mut self) -> io::Result<()> {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_unstable_by_key(|&(offset, _)| offset);
        for (_, open) in open {
            if let Open::Slice(slice) = open {
                let end = (self.last_time, 0);
                self.close_slice(&slice, end, &[])?;
                self.close_assists(slice.goroutine, end)?;
            }
        }
        Ok(())
    }
}
