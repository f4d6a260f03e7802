//! Raw events to events: arguments checked, ticks added up, one lane a P, and the
//! tables of strings and stacks.
//!
//! Source: Go `internal/trace/parser.go`, `parseEvents`, `argNum` (R60, R61).

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use sigprof_model::events::{EventType, FormatVersion, STW_KINDS_1_10};
use sigprof_model::limits::{MAX_STACK_FRAMES, NO_P};

use super::blocks;
use super::wire::{Decoder, RawEvent};
use crate::error::{ErrorKind, InputError};
use crate::trace::{Event, Place};

/// What the bytes hold, before it is put in order. Times are ticks.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    /// Events by P, in the order of the file.
    pub(super) lanes: BTreeMap<Place, Vec<Event>>,
    /// CPU samples with the time of their signal, in the order of the file.
    pub(super) samples: Vec<Event>,
    pub(super) ticks_per_second: i64,
    pub(super) timer_goroutines: BTreeSet<u64>,
    pub(super) strings: BTreeMap<u64, &'a [u8]>,
}

/// Reads all events.
pub(super) fn collect<'a>(
    version: FormatVersion,
    decoder: &mut Decoder<'a>,
) -> Result<Collected<'a>, InputError> {
    let mut collector = Collector {
        version,
        batch: Batch::default(),
        last_goroutines: BTreeMap::new(),
        out: Collected::default(),
    };
    while let Some(raw) = decoder.next()? {
        collector.add(&raw)?;
    }
    let mut out = collector.out;
    // Merging holds every event a second time: a third of the memory at that point
    // would be room that nothing needs any more.
    out.lanes.values_mut().for_each(Vec::shrink_to_fit);
    let at_end = |want: &str, got: &str| {
        InputError::new(ErrorKind::Truncated, decoder.offset(), "trace", want, got)
    };
    if out.lanes.is_empty() && out.samples.is_empty() {
        return Err(at_end("events", "the end of the input without one"));
    }
    if out.ticks_per_second == 0 {
        return Err(
            at_end("a Frequency event", "the end of the input without one")
                .with_context("it stands behind the last event: was tracing stopped?"),
        );
    }
    Ok(out)
}

/// The place of an event in Go's terms: timers and system calls have rows of
/// their own (Go: end of `parseEvents`).
pub(super) fn move_to_places(events: &mut [Event], timer_goroutines: &BTreeSet<u64>) {
    for event in events {
        match event.event_type {
            EventType::GoUnblock if timer_goroutines.contains(&event.goroutine_or_zero()) => {
                event.place = Place::Timer;
            }
            EventType::GoSysExit => event.place = Place::Syscall,
            _ => {}
        }
    }
}

/// The batch that events belong to.
#[derive(Debug, Default)]
struct Batch {
    /// Where it begins, for error messages.
    offset: u64,
    /// The P as the wire has it.
    p: u64,
    /// The goroutine that runs there; 0 for none.
    goroutine: u64,
    /// The tick of the last event.
    ticks: i64,
}

struct Collector<'a> {
    version: FormatVersion,
    batch: Batch,
    /// The last goroutine of each P whose batch is over.
    last_goroutines: BTreeMap<u64, u64>,
    out: Collected<'a>,
}

impl<'a> Collector<'a> {
    fn add(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), InputError> {
        self.check_arg_count(raw)?;
        match raw.event_type {
            EventType::Batch => {
                let goroutine = self.batch.goroutine;
                self.last_goroutines.insert(self.batch.p, goroutine);
                let p = raw.args[0];
                self.batch = Batch {
                    offset: raw.offset,
                    p,
                    goroutine: self.last_goroutines.get(&p).copied().unwrap_or(0),
                    ticks: raw.args[1].cast_signed(),
                };
            }
            EventType::Frequency => self.frequency(raw)?,
            EventType::TimerGoroutine => {
                self.out.timer_goroutines.insert(raw.args[0]);
            }
            EventType::Stack => self.stack(raw)?,
            EventType::String => self.string(raw)?,
            _ => self.event(raw)?,
        }
        Ok(())
    }

    fn check_arg_count(&self, raw: &RawEvent) -> Result<(), InputError> {
        let want = match raw.event_type {
            EventType::Stack | EventType::String => return Ok(()),
            event_type => arg_count(event_type, self.version),
        };
        if raw.args.len() == want {
            return Ok(());
        }
        let noun = if want == 1 { "argument" } else { "arguments" };
        Err(self.error(raw, format!("{want} {noun}"), raw.args.len().to_string()))
    }

    fn frequency(&mut self, raw: &RawEvent) -> Result<(), InputError> {
        let ticks = raw.args[0].cast_signed();
        if ticks <= 0 {
            return Err(self
                .error(
                    raw,
                    "a number of ticks in a second above 0",
                    ticks.to_string(),
                )
                .with_context("Go reports this as \"time stamps out of order\""));
        }
        self.out.ticks_per_second = ticks;
        Ok(())
    }

    fn string(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), InputError> {
        let id = raw.args[0];
        let text = raw.text.unwrap_or_default();
        match self.out.strings.insert(id, text) {
            None => Ok(()),
            Some(_) => Err(self.error(raw, "a new id", format!("{id} a second time"))),
        }
    }

    fn stack(&mut self, raw: &RawEvent) -> Result<(), InputError> {
        let &[_, count, ref frames @ ..] = raw.args else {
            return Err(self.error(raw, "at least 2 arguments", raw.args.len().to_string()));
        };
        if count > MAX_STACK_FRAMES {
            return Err(self.error(
                raw,
                format!("at most {MAX_STACK_FRAMES} frames"),
                count.to_string(),
            ));
        }
        if frames.len() as u64 != 4 * count {
            return Err(self.error(
                raw,
                format!("{} arguments for {count} frames", 2 + 4 * count),
                raw.args.len().to_string(),
            ));
        }
        Ok(())
    }

    /// An event with a tick delta.
    fn event(&mut self, raw: &RawEvent<'a, '_>) -> Result<(), InputError> {
        let (&delta, mut args) = raw.args.split_first().unwrap_or((&0, &[]));
        self.batch.ticks = self.batch.ticks.wrapping_add(delta.cast_signed());
        let mut stack = 0;
        if raw.event_type.spec().has_stack
            && let Some((&last, rest)) = args.split_last()
        {
            (stack, args) = (last, rest);
        }
        let mut event = Event {
            offset: raw.offset,
            time: self.batch.ticks,
            event_type: raw.event_type,
            place: place(self.batch.p),
            goroutine: NonZeroU64::new(self.batch.goroutine),
            stack: NonZeroU64::new(stack),
            args: [0; 3],
            answers: None,
        };
        event.args[..args.len()].copy_from_slice(args);
        if raw.event_type == EventType::CPUSample {
            self.sample(event);
            return Ok(());
        }
        self.attribute(raw, &mut event)?;
        self.out.lanes.entry(event.place).or_default().push(event);
        Ok(())
    }

    /// A sample takes time, P and goroutine from its arguments, and leaves those of
    /// the batch alone (R61).
    fn sample(&mut self, mut event: Event) {
        let [taken, p, goroutine] = event.args;
        event.time = taken.cast_signed();
        event.place = place(p);
        event.goroutine = NonZeroU64::new(goroutine);
        event.args[0] = 0;
        self.out.samples.push(event);
    }

    /// Which goroutine an event is about, and which one runs after it.
    fn attribute(&mut self, raw: &RawEvent, event: &mut Event) -> Result<(), InputError> {
        use EventType as E;
        match event.event_type {
            E::GoStart | E::GoStartLocal | E::GoStartLabel => {
                self.batch.goroutine = event.args[0];
                event.goroutine = NonZeroU64::new(event.args[0]);
            }
            E::GCSTWStart => {
                event.goroutine = None;
                let kinds = STW_KINDS_1_10.len() as u64;
                if self.version < FormatVersion::GO_1_21 && event.args[0] >= kinds {
                    let got = event.args[0].to_string();
                    return Err(self.error(raw, format!("a kind below {kinds}"), got));
                }
            }
            E::GCStart | E::GCDone | E::GCSTWDone => event.goroutine = None,
            E::GoEnd | E::GoStop | E::GoSched | E::GoPreempt | E::GoSysBlock => {
                self.batch.goroutine = 0;
            }
            other if blocks(other) => self.batch.goroutine = 0,
            E::GoSysExit | E::GoWaiting | E::GoInSyscall => {
                event.goroutine = NonZeroU64::new(event.args[0]);
            }
            _ => {}
        }
        Ok(())
    }

    fn error(&self, raw: &RawEvent, want: impl Into<String>, got: impl Into<String>) -> InputError {
        let Batch { offset, p, .. } = self.batch;
        let p = p.cast_signed();
        InputError::new(
            ErrorKind::Malformed,
            raw.offset,
            raw.event_type.name(),
            want,
            got,
        )
        .with_context(match offset {
            0 => "before the first batch".to_owned(),
            _ => format!("batch of P {p} at {offset:#x}"),
        })
    }
}

fn place(p: u64) -> Place {
    match p {
        NO_P => Place::NoP,
        p => Place::P(p),
    }
}

/// Arguments of an event on the wire, tick delta and stack included (Go: `argNum`).
fn arg_count(event_type: EventType, version: FormatVersion) -> usize {
    let spec = event_type.spec();
    let has_delta = !matches!(
        event_type,
        EventType::Batch | EventType::Frequency | EventType::TimerGoroutine
    );
    let added_later = match event_type {
        EventType::GCSweepDone if version < FormatVersion::GO_1_9 => 2,
        EventType::GCSTWStart if version < FormatVersion::GO_1_10 => 1,
        _ => 0,
    };
    spec.args.len() + usize::from(spec.has_stack) + usize::from(has_delta) - added_later
}
