//! Things that take time: collections, sweeps, help to mark, stops of the world (R79).

use sigprof_wire::v2::EventType;

use super::goroutines::{no_proc, not_there};
use super::{Bound, Event, Needs, Order, Result, Step, WAIT, World, fault, need, need_all};

/// How far the collector is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GcState {
    #[default]
    Undetermined,
    Off,
    Marking,
}

/// The collector's number and state.
#[derive(Debug, Default)]
pub(super) struct Gc {
    number: u64,
    state: GcState,
}

/// A range under way: the type of its beginning, and the id of what tells it from others.
type Running = (EventType, u64);

/// Ranges that are under way of a goroutine or a P.
#[derive(Debug, Default)]
pub(super) struct Open(Vec<Running>);

impl Open {
    fn begin(&mut self, new: Running) -> Result<()> {
        if self.0.contains(&new) {
            let got = format!("{}, which is under way already", new.0.name());
            return fault("something new", got);
        }
        self.0.push(new);
        Ok(())
    }

    fn is_active(&mut self, old: Running, is_first: bool) -> Result<()> {
        match (is_first, self.0.contains(&old)) {
            (true, _) => self.begin(old),
            (false, true) => Ok(()),
            (false, false) => fault(format!("{} to be under way", old.0.name()), "it is not"),
        }
    }

    /// The first of this type ends. Go puts the last in its place.
    fn end(&mut self, begin: EventType) -> Result<u64> {
        match self.0.iter().position(|open| open.0 == begin) {
            Some(at) => Ok(self.0.swap_remove(at).1),
            None => fault(format!("{} to be under way", begin.name()), "it is not"),
        }
    }
}

impl Order {
    pub(super) fn range(&mut self, event: &mut Event, bound: Bound, world: &World) -> Step {
        use EventType as E;
        let is_first = self.is_first();
        let [first, ..] = event.args;
        match event.event_type {
            E::GCActive | E::GCBegin | E::GCEnd => {
                return self.collect(event.event_type, first, is_first, event, bound);
            }
            E::GCSweepBegin => self.sweeping(event, bound)?.begin((E::GCSweepBegin, 0))?,
            E::GCSweepEnd => {
                self.sweeping(event, bound)?.end(E::GCSweepBegin)?;
            }
            E::GCSweepActive => match self.procs.get(first) {
                Some(proc) => proc.open.is_active((E::GCSweepBegin, 0), is_first)?,
                None => return no_proc(first),
            },
            E::GCMarkAssistActive => match self.goroutines.get(first) {
                Some(g) => {
                    let open = &mut g.extra().open;
                    open.is_active((E::GCMarkAssistBegin, 0), is_first)?;
                }
                None => return not_there(first),
            },
            E::GCMarkAssistBegin => self
                .running(event, bound)?
                .begin((E::GCMarkAssistBegin, 0))?,
            E::GCMarkAssistEnd => {
                self.running(event, bound)?.end(E::GCMarkAssistBegin)?;
            }
            E::STWBegin => self.running(event, bound)?.begin((E::STWBegin, first))?,
            E::STWEnd => {
                let reason = self.running(event, bound)?.end(E::STWBegin)?;
                // Ids mean something else in another generation.
                if !world.generation.strings.has(reason) {
                    let want = format!("string {reason}, the reason of the stop that ends");
                    return fault(want, "none in this generation");
                }
                event.args[0] = reason;
            }
            other => return fault("an event with a time", other.name()),
        }
        Ok(())
    }

    fn sweeping(&mut self, event: &Event, bound: Bound) -> Result<&mut Open> {
        need(event.context(), bound, [Needs::One, Needs::One, Needs::Any])?;
        match self.procs.get(event.proc) {
            Some(proc) => Ok(&mut proc.open),
            None => no_proc(event.proc),
        }
    }

    fn running(&mut self, event: &Event, bound: Bound) -> Result<&mut Open> {
        need_all(event.context(), bound)?;
        match self.goroutines.get(event.goroutine) {
            Some(goroutine) => Ok(&mut goroutine.extra().open),
            None => not_there(event.goroutine),
        }
    }

    /// Beginnings and ends of collections are numbered together, since they may come from
    /// different threads.
    fn collect(
        &mut self,
        event_type: EventType,
        number: u64,
        is_first: bool,
        event: &Event,
        bound: Bound,
    ) -> Step {
        let is_active = event_type == EventType::GCActive;
        let ends = event_type == EventType::GCEnd;
        if is_active && is_first {
            if self.gc.state != GcState::Undetermined {
                let got = "GCActive after another event of the collector";
                return fault("no such event before it in the first generation", got);
            }
            self.gc.number = number;
            self.gc.state = GcState::Marking;
            return Ok(());
        }
        if event_type == EventType::GCBegin && self.gc.state == GcState::Undetermined {
            self.gc.number = number;
            self.gc.state = GcState::Marking;
            return Ok(());
        }
        if number != self.gc.number.wrapping_add(1) {
            return WAIT;
        }
        let is_marking = self.gc.state == GcState::Marking;
        if is_marking != (is_active || ends) {
            let want = match is_active || ends {
                true => "a collection under way",
                false => "no collection under way",
            };
            return fault(want, format!("{} all the same", event_type.name()));
        }
        self.gc.number = number;
        if !is_active {
            let after = if ends { GcState::Off } else { GcState::Marking };
            self.gc.state = after;
        }
        need_all(event.context(), bound)?;
        Ok(())
    }
}
