//! Could this have happened? Walks the ordered events with the state of every goroutine
//! and P, and finds what follows from their order: places, the stacks of first starts,
//! and which event each event answers.
//!
//! Source: Go `internal/trace/parser.go`, `postProcessTrace` (R63). A CPU sample is no
//! part of that state, whereas Go's reader notes its goroutine as known and then rejects
//! the goroutine's creation; unless that is asked for (S3).

mod step;

use std::collections::HashMap;

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::Status;
use super::goroutines::{At, Goroutines, Sampled};
use super::hash::IdHash;
use super::lane::Head;
use crate::bytes;
use crate::error::InputError;
use crate::heap;
use crate::trace::options::{Options, Strict, Warning, Warnings};
use crate::trace::v1::Place;
use step::{Step, begin, end, error};

/// An event in its place, and what the walk finds out about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// The type, of which the local ones are none (R62.6).
    pub(crate) event_type: EventType,
    /// Nanoseconds since the first event.
    pub(crate) time: i64,
    pub(crate) place: Place,
    pub(crate) stack: u64,
    /// Where the event stands that this one answers (Go: the event whose `Link` it is).
    pub(crate) link: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Processor {
    is_running: bool,
    goroutine: u64,
    stw: At,
    sweep: At,
}

/// A region that has begun: task, name and offset.
type Region = (u64, u64, u64);

/// The state of everything but goroutines and Ps.
#[derive(Debug, Default)]
pub(super) struct World {
    has_local_stw: bool,
    options: Options,
    is_1_5: bool,
    gc: At,
    stw: At,
    tasks: HashMap<u64, u64, IdHash>,
    regions: HashMap<u64, Vec<Region>, IdHash>,
    /// In all of these lists.
    regions_open: usize,
    sampled: Sampled,
    /// Where the regions begin that the last event has ended.
    pub(super) ended_regions: Vec<u64>,
    pub(super) warnings: Warnings,
}

impl World {
    pub(super) fn new(version: FormatVersion, options: Options) -> Self {
        Self {
            has_local_stw: version < FormatVersion::GO_1_10,
            is_1_5: version < FormatVersion::GO_1_7,
            options,
            ..Self::default()
        }
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let (tasks, regions) = (&self.tasks, &self.regions);
        heap::table(tasks.len(), tasks.capacity(), heap::STEP, 16)
            + heap::table(regions.len(), regions.capacity(), heap::STEP, 32)
            // A list has room for four at the least, and else for as many again.
            + size_of::<Region>() * (2 * (self.regions_open + heap::STEP) + 4 * regions.len())
            + self.sampled.heap()
    }

    /// Checks an event, and completes what is seen of it.
    #[inline]
    pub(super) fn step<'a>(
        &mut self,
        head: &Head,
        seen: &mut Seen,
        goroutines: &mut Goroutines,
        p: &mut Processor,
        string: impl Fn(u64) -> &'a [u8],
    ) -> Result<(), InputError> {
        use EventType as E;
        if !self.ended_regions.is_empty() {
            self.ended_regions.clear();
        }
        match seen.event_type {
            E::CPUSample => self.sample(head, goroutines),
            E::GoCreate => self.create(head, seen, goroutines, p)?,
            E::GoUnblock => unblock(head, seen, goroutines, p)?,
            E::GCStart | E::GCDone | E::GCSTWStart | E::GCSTWDone => {
                self.collector(head, seen, p)?;
            }
            E::UserTaskCreate | E::UserTaskEnd | E::UserRegion => self.user(head, seen, string)?,
            _ => {
                let g = goroutines.at(head.own);
                let mut step = Step { head, seen, g, p };
                step.run(self.is_1_5)?;
                if seen.event_type == E::GoEnd && !self.regions.is_empty() {
                    self.end_regions(head.own_id);
                }
            }
        }
        Ok(())
    }

    /// Go 1.19 takes the goroutine for known from now on (B4).
    fn sample(&mut self, head: &Head, goroutines: &Goroutines) {
        if !goroutines.was_created(head.own_id) {
            self.sampled.insert(head.own_id);
        }
    }

    fn end_regions(&mut self, goroutine: u64) {
        let ended = self.regions.remove(&goroutine).unwrap_or_default();
        self.regions_open -= ended.len();
        self.ended_regions.extend(ended.iter().map(|r| r.2));
    }

    fn collector(
        &mut self,
        head: &Head,
        seen: &mut Seen,
        p: &mut Processor,
    ) -> Result<(), InputError> {
        use EventType as E;
        // Before 1.10 a stop of the world was an event of one P.
        let stw = if self.has_local_stw {
            &mut p.stw
        } else {
            &mut self.stw
        };
        match seen.event_type {
            E::GCStart => {
                begin(head, seen, "GC cycle", &mut self.gc)?;
                seen.place = Place::Gc;
                Ok(())
            }
            E::GCDone => end(head, seen, "GC cycle", &mut self.gc),
            E::GCSTWStart => begin(head, seen, "stop of the world", stw),
            _ => end(head, seen, "stop of the world", stw),
        }
    }

    fn create(
        &mut self,
        head: &Head,
        seen: &mut Seen,
        goroutines: &mut Goroutines,
        p: &mut Processor,
    ) -> Result<(), InputError> {
        let g = goroutines.at(head.own);
        Step { head, seen, g, p }.check_running(true)?;
        let [id, stack, _] = head.args;
        let is_sampled = self.sampled.contains(id);
        let refuse = is_sampled && self.options.strict == Some(Strict::Go1_19);
        if goroutines.was_created(id) || refuse {
            let want = format!("a new goroutine, not {id}");
            let error = error(head, seen, want, "one that exists");
            return Err(if refuse {
                let why = "a CPU sample named it before; Go reports this as \"already exists\"";
                error.with_context(why)
            } else {
                error
            });
        }
        if is_sampled {
            self.sampled.remove(id);
            self.warnings.add(Warning::SampledBeforeCreated {
                offset: head.offset,
                goroutine: id,
            });
        }
        let slot = goroutines.slot(id);
        let created = goroutines.at(slot);
        created.is_known = true;
        created.status = Status::Runnable;
        created.last = Some(EventType::GoCreate);
        created.last_at = head.offset;
        created.created_with = stack;
        created.is_new = true;
        created.assist_at = None;
        Ok(())
    }

    fn user<'a>(
        &mut self,
        head: &Head,
        seen: &mut Seen,
        string: impl Fn(u64) -> &'a [u8],
    ) -> Result<(), InputError> {
        let [task, mode, name] = head.args;
        match (seen.event_type, mode) {
            (EventType::UserTaskCreate, _) => {
                if self.tasks.insert(task, head.offset).is_some() {
                    let want = format!("a new task, not {task}");
                    return Err(error(head, seen, want, "one that has not ended"));
                }
            }
            (EventType::UserTaskEnd, _) => seen.link = self.tasks.remove(&task),
            (_, 0) => {
                let regions = self.regions.entry(head.own_id).or_default();
                regions.push((task, name, head.offset));
                self.regions_open += 1;
            }
            (_, 1) => {
                // It may have begun before the trace did.
                let regions = self.regions.get_mut(&head.own_id);
                let Some((begun_task, begun, at)) = regions.and_then(Vec::pop) else {
                    return Ok(());
                };
                self.regions_open -= 1;
                let is_same =
                    begun_task == task && (begun == name || string(begun) == string(name));
                if !is_same {
                    let show = |task, name| {
                        let name = bytes::text(string(name));
                        format!("{name:?} of task {task}")
                    };
                    let begun = show(begun_task, begun);
                    let want = format!("the end of the innermost region, {begun}");
                    let got = format!("that of {}", show(task, name));
                    return Err(error(head, seen, want, got));
                }
                seen.link = Some(at);
            }
            _ => return Err(error(head, seen, "mode 0 or 1", mode.to_string())),
        }
        Ok(())
    }
}

fn unblock(
    head: &Head,
    seen: &mut Seen,
    goroutines: &mut Goroutines,
    p: &mut Processor,
) -> Result<(), InputError> {
    let is_timer = seen.place == Place::Timer;
    let g = goroutines.at(head.own);
    let step = Step { head, seen, g, p };
    step.check_status(Status::Running)?;
    if !is_timer {
        step.check_on_p()?;
    }
    let id = head.args[0];
    // A `GoUnblock` changes the state of the goroutine that it names.
    let other = goroutines.at(head.subject);
    if other.status != Status::Waiting {
        let want = format!("goroutine {id} Waiting");
        return Err(error(head, seen, want, format!("{:?}", other.status)));
    }
    if other.last == Some(EventType::GoBlockNet) && !is_timer {
        seen.place = Place::Netpoll;
    }
    seen.link = other.last.map(|_| other.last_at);
    other.status = Status::Runnable;
    other.last = Some(EventType::GoUnblock);
    other.last_at = head.offset;
    Ok(())
}
