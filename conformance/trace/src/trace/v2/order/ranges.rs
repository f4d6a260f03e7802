//! Things that take time: collections, sweeps, help to mark, stops of the world (R79).

use sigprof_wire::v2::EventType;

use super::{Context, Head, Needs, Order, Result, Step, World, fault, need, need_all};

/// How far the collector is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GcState {
    #[default]
    Undetermined,
    Off,
    Marking,
}

/// The collector.
#[derive(Debug, Default)]
pub(super) struct Gc {
    number: u64,
    state: GcState,
}

/// What is under way: the type of its beginning, and the id of what tells it from others.
type Running = (EventType, u64);

/// What is under way of a goroutine or a P.
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
    pub(super) fn range(&mut self, head: &Head, context: Context, world: &World) -> Result<Step> {
        use EventType as E;
        let is_first = world.generation.number == self.first_generation;
        let [first, ..] = head.args;
        let mut args = head.args;
        match head.event_type {
            E::GCActive | E::GCBegin | E::GCEnd => {
                if self.collect(head.event_type, first, is_first, context)? == Step::Wait {
                    return Ok(Step::Wait);
                }
            }
            E::GCSweepBegin => self.sweeping(context)?.begin((E::GCSweepBegin, 0))?,
            E::GCSweepEnd => {
                self.sweeping(context)?.end(E::GCSweepBegin)?;
            }
            E::GCSweepActive => match self.procs.get(first) {
                Some(proc) => proc.open.is_active((E::GCSweepBegin, 0), is_first)?,
                None => return fault("a P that is there", format!("P {first}")),
            },
            E::GCMarkAssistActive => match self.goroutines.get(first) {
                Some(g) => {
                    let open = &mut g.extra().open;
                    open.is_active((E::GCMarkAssistBegin, 0), is_first)?;
                }
                None => return fault("a goroutine that is there", format!("goroutine {first}")),
            },
            E::GCMarkAssistBegin => self.running(context)?.begin((E::GCMarkAssistBegin, 0))?,
            E::GCMarkAssistEnd => {
                self.running(context)?.end(E::GCMarkAssistBegin)?;
            }
            E::STWBegin => self.running(context)?.begin((E::STWBegin, first))?,
            E::STWEnd => {
                let reason = self.running(context)?.end(E::STWBegin)?;
                // Ids mean something else in another generation.
                if !world.generation.strings.has(reason) {
                    let want = format!("string {reason}, the reason of the stop that ends");
                    return fault(want, "none in this generation");
                }
                args[0] = reason;
            }
            other => return fault("an event with a time", other.name()),
        }
        self.happened_with(head, args, context, world)
    }

    fn sweeping(&mut self, context: Context) -> Result<&mut Open> {
        need(context, Needs::One, Needs::One, Needs::Any)?;
        match self.procs.get(context.proc) {
            Some(proc) => Ok(&mut proc.open),
            None => fault("a P that is there", format!("P {}", context.proc)),
        }
    }

    fn running(&mut self, context: Context) -> Result<&mut Open> {
        need_all(context)?;
        match self.goroutines.get(context.goroutine) {
            Some(goroutine) => Ok(&mut goroutine.extra().open),
            None => {
                let got = format!("goroutine {}", context.goroutine);
                fault("a goroutine that is there", got)
            }
        }
    }

    /// Beginnings and ends of collections are numbered together, since they may come from
    /// different threads.
    fn collect(
        &mut self,
        event_type: EventType,
        number: u64,
        is_first: bool,
        context: Context,
    ) -> Result<Step> {
        let is_active = event_type == EventType::GCActive;
        let ends = event_type == EventType::GCEnd;
        if is_active && is_first {
            if self.gc.state != GcState::Undetermined {
                let got = "GCActive after another event of the collector";
                return fault("no such event before it in the first generation", got);
            }
            self.gc.number = number;
            self.gc.state = GcState::Marking;
            return Ok(Step::Done);
        }
        if event_type == EventType::GCBegin && self.gc.state == GcState::Undetermined {
            self.gc.number = number;
            self.gc.state = GcState::Marking;
            return Ok(Step::Done);
        }
        if number != self.gc.number.wrapping_add(1) {
            return Ok(Step::Wait);
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
        need_all(context)?;
        Ok(Step::Done)
    }
}
