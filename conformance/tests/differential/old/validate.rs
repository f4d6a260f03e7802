//! Could this have happened? Walks the ordered events with the state of every
//! goroutine and P.
//!
//! Source: Go `internal/trace/parser.go`, `postProcessTrace` (R63). A CPU sample is
//! no part of that state here, whereas Go's reader notes its goroutine as known and
//! then rejects the goroutine's creation (S3).

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU64;

use sigprof_model::events::{EventType, FormatVersion};

use super::{Status, blocks, inconsistent};
use crate::error::InputError;
use crate::trace::{Event, Place};

/// Checks the events, and fills in what follows from their order: the stack of a
/// goroutine's first start, and the places of GC cycles and network wake-ups.
pub(super) fn validate<'a>(
    version: FormatVersion,
    events: &mut [Event],
    string: impl Fn(u64) -> &'a [u8],
) -> Result<(), InputError> {
    let mut world = World {
        version,
        ..World::default()
    };
    world.goroutines.insert(0, Goroutine::running());
    for event in events {
        if event.event_type != EventType::CPUSample {
            world.step(event, &string)?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, Default)]
struct Goroutine {
    status: Status,
    /// The event that its next start, unblock or exit answers.
    last: Option<EventType>,
    /// The stack it was created with, until it starts.
    created_with: Option<u64>,
    in_mark_assist: bool,
}

impl Goroutine {
    fn running() -> Self {
        Self {
            status: Status::Running,
            ..Self::default()
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Processor {
    is_running: bool,
    goroutine: u64,
    in_stw: bool,
    in_sweep: bool,
}

/// A region that has begun: its task, and its name's string id.
type Region = (u64, u64);

struct World {
    version: FormatVersion,
    goroutines: HashMap<u64, Goroutine>,
    processors: HashMap<Place, Processor>,
    in_gc: bool,
    in_stw: bool,
    tasks: HashSet<u64>,
    /// Those that have begun, by goroutine. Go drops them when the goroutine ends; nobody
    /// could tell, for its id is never that of a new goroutine.
    regions: HashMap<u64, Vec<Region>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            version: FormatVersion::GO_1_7,
            goroutines: HashMap::new(),
            processors: HashMap::new(),
            in_gc: false,
            in_stw: false,
            tasks: HashSet::new(),
            regions: HashMap::new(),
        }
    }
}

/// The event under the eye, with the goroutine and the P that it is about.
struct Step<'e> {
    event: &'e mut Event,
    own: u64,
    g: Goroutine,
    p: Processor,
}

impl World {
    fn step<'a>(
        &mut self,
        event: &mut Event,
        string: &impl Fn(u64) -> &'a [u8],
    ) -> Result<(), InputError> {
        use EventType as E;
        let own = event.goroutine_or_zero();
        let place = event.place;
        let mut step = Step {
            own,
            g: self.goroutines.get(&own).copied().unwrap_or_default(),
            p: self.processors.get(&place).copied().unwrap_or_default(),
            event,
        };
        match step.event.event_type {
            E::ProcStart | E::ProcStop => step.processor()?,
            E::GCStart
            | E::GCDone
            | E::GCSTWStart
            | E::GCSTWDone
            | E::GCSweepStart
            | E::GCSweepDone => self.collector(&mut step)?,
            E::GCMarkAssistStart => {
                begin(step.event, "mark assist", &mut step.g.in_mark_assist)?;
            }
            // It may have begun before the trace did.
            E::GCMarkAssistDone => step.g.in_mark_assist = false,
            E::GoCreate => self.create(&step)?,
            E::GoUnblock => self.unblock(&mut step)?,
            E::UserTaskCreate | E::UserTaskEnd | E::UserRegion => self.user(&step, string)?,
            _ => step.goroutine()?,
        }
        let Step { g, p, .. } = step;
        self.goroutines.insert(own, g);
        self.processors.insert(place, p);
        Ok(())
    }

    fn collector(&mut self, step: &mut Step) -> Result<(), InputError> {
        use EventType as E;
        let Step { event, p, .. } = step;
        // Before 1.10 a stop of the world was an event of one P.
        let in_stw = if self.version < FormatVersion::GO_1_10 {
            &mut p.in_stw
        } else {
            &mut self.in_stw
        };
        match event.event_type {
            E::GCStart => {
                begin(event, "GC cycle", &mut self.in_gc)?;
                event.place = Place::Gc;
                Ok(())
            }
            E::GCDone => end(event, "GC cycle", &mut self.in_gc),
            E::GCSTWStart => begin(event, "stop of the world", in_stw),
            E::GCSTWDone => end(event, "stop of the world", in_stw),
            E::GCSweepStart => begin(event, "sweep", &mut p.in_sweep),
            E::GCSweepDone => end(event, "sweep", &mut p.in_sweep),
            _ => Ok(()),
        }
    }

    fn create(&mut self, step: &Step) -> Result<(), InputError> {
        step.check_running(true)?;
        let [id, stack, _] = step.event.args;
        if self.goroutines.contains_key(&id) {
            return Err(error(
                step.event,
                format!("a new goroutine, not {id}"),
                "one that exists",
            ));
        }
        let created = Goroutine {
            status: Status::Runnable,
            last: Some(EventType::GoCreate),
            created_with: Some(stack),
            in_mark_assist: false,
        };
        self.goroutines.insert(id, created);
        Ok(())
    }

    fn unblock(&mut self, step: &mut Step) -> Result<(), InputError> {
        step.check_status(Status::Running)?;
        let is_timer = step.event.place == Place::Timer;
        if !is_timer {
            step.check_on_p()?;
        }
        let id = step.event.args[0];
        let mut other = self.goroutines.get(&id).copied().unwrap_or_default();
        if other.status != Status::Waiting {
            let want = format!("goroutine {id} Waiting");
            return Err(error(step.event, want, format!("{:?}", other.status)));
        }
        if other.last == Some(EventType::GoBlockNet) && !is_timer {
            step.event.place = Place::Netpoll;
        }
        other.status = Status::Runnable;
        other.last = Some(EventType::GoUnblock);
        self.goroutines.insert(id, other);
        Ok(())
    }

    fn user<'a>(
        &mut self,
        step: &Step,
        string: &impl Fn(u64) -> &'a [u8],
    ) -> Result<(), InputError> {
        let [task, mode, name] = step.event.args;
        match step.event.event_type {
            EventType::UserTaskCreate if !self.tasks.insert(task) => {
                let want = format!("a new task, not {task}");
                Err(error(step.event, want, "one that has not ended"))
            }
            EventType::UserTaskEnd => {
                self.tasks.remove(&task);
                Ok(())
            }
            EventType::UserRegion => {
                let regions = self.regions.entry(step.own).or_default();
                match mode {
                    0 => regions.push((task, name)),
                    1 => {
                        // It may have begun before the trace did.
                        if let Some((begun_task, begun)) = regions.pop()
                            && (begun_task != task || string(begun) != string(name))
                        {
                            let show = |task, name| {
                                format!(
                                    "{:?} of task {task}",
                                    String::from_utf8_lossy(string(name))
                                )
                            };
                            let want = format!(
                                "the end of the innermost region, {}",
                                show(begun_task, begun)
                            );
                            return Err(error(
                                step.event,
                                want,
                                format!("that of {}", show(task, name)),
                            ));
                        }
                    }
                    _ => return Err(error(step.event, "mode 0 or 1", mode.to_string())),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Step<'_> {
    fn processor(&mut self) -> Result<(), InputError> {
        let starts = self.event.event_type == EventType::ProcStart;
        if self.p.is_running == starts {
            let (want, got) = if starts {
                ("a P that does not run", "one that runs")
            } else {
                ("a P that runs", "one that does not")
            };
            return Err(error(self.event, want, got));
        }
        if !starts && self.p.goroutine != 0 {
            let got = format!("goroutine {}", self.p.goroutine);
            return Err(error(self.event, "a P without a goroutine", got));
        }
        self.p.is_running = starts;
        Ok(())
    }

    /// Events that change the state of the goroutine they are about.
    fn goroutine(&mut self) -> Result<(), InputError> {
        use EventType as E;
        let event_type = self.event.event_type;
        match event_type {
            E::GoWaiting | E::GoInSyscall => {
                self.check_status(Status::Runnable)?;
                self.g.status = Status::Waiting;
                self.g.last = Some(event_type);
            }
            E::GoStart | E::GoStartLabel => self.start()?,
            E::GoEnd | E::GoStop => self.leave(Status::Dead)?,
            E::GoSched | E::GoPreempt => {
                self.leave(Status::Runnable)?;
                self.g.last = Some(event_type);
            }
            E::GoSysCall => {
                self.check_running(false)?;
                self.g.last = Some(event_type);
            }
            // The last event stays the GoSysCall.
            E::GoSysBlock => self.leave(Status::Waiting)?,
            E::GoSysExit => {
                self.check_status(Status::Waiting)?;
                self.g.status = Status::Runnable;
                self.g.last = Some(event_type);
            }
            other if blocks(other) => {
                self.leave(Status::Waiting)?;
                self.g.last = Some(event_type);
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), InputError> {
        self.check_status(Status::Runnable)?;
        if self.p.goroutine != 0 {
            let got = format!("goroutine {}", self.p.goroutine);
            return Err(error(self.event, "a P without a goroutine", got));
        }
        self.g.status = Status::Running;
        self.p.goroutine = self.own;
        if let Some(stack) = self.g.created_with.take() {
            self.event.stack = NonZeroU64::new(stack);
        }
        self.g.last = None;
        Ok(())
    }

    fn leave(&mut self, status: Status) -> Result<(), InputError> {
        self.check_running(false)?;
        self.g.status = status;
        self.p.goroutine = 0;
        Ok(())
    }

    fn check_running(&self, allow_g0: bool) -> Result<(), InputError> {
        self.check_status(Status::Running)?;
        self.check_on_p()?;
        if !allow_g0 && self.own == 0 {
            return Err(error(self.event, "a goroutine", "g0"));
        }
        Ok(())
    }

    fn check_status(&self, want: Status) -> Result<(), InputError> {
        if self.g.status == want {
            return Ok(());
        }
        let want = format!("goroutine {} {want:?}", self.own);
        Err(error(self.event, want, format!("{:?}", self.g.status)))
    }

    fn check_on_p(&self) -> Result<(), InputError> {
        if self.p.goroutine == self.own {
            return Ok(());
        }
        let want = format!("goroutine {} on its P", self.own);
        Err(error(
            self.event,
            want,
            format!("goroutine {}", self.p.goroutine),
        ))
    }
}

/// Something of which there is one at a time begins.
fn begin(event: &Event, what: &str, under_way: &mut bool) -> Result<(), InputError> {
    if std::mem::replace(under_way, true) {
        return Err(error(event, format!("no {what} under way"), "one"));
    }
    Ok(())
}

/// And it ends.
fn end(event: &Event, what: &str, under_way: &mut bool) -> Result<(), InputError> {
    if std::mem::replace(under_way, false) {
        return Ok(());
    }
    Err(error(event, format!("a {what} under way"), "none"))
}

fn error(event: &Event, want: impl Into<String>, got: impl Into<String>) -> InputError {
    let place = match event.place {
        Place::P(p) => format!("on P {p}, "),
        _ => String::new(),
    };
    inconsistent(event, want, got).with_context(format!("{place}at {} ns", event.time))
}
