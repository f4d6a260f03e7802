//! The CPU samples of a trace, each with what the trace knows of it: for whoever shows samples.
//!
//! One pass, in the order of the events. What a sample is labelled with is what was so when its
//! signal came, as far as the trace has said until then; a region of which only the end is in the
//! trace labels nothing. Which samples a region *selects* is the same as for a check (S8).

mod state;

use std::collections::BTreeSet;

use crate::bytes;
use crate::check::narrow::Selecting;
use crate::check::{Narrow, NothingSelected, Seen, seen};
use crate::error::InputError;
use crate::trace::{
    Event, Generation, GoId, Kind, Nanos, ProcId, Reader, Stacks, TaskId, ThreadId, Ticks,
};
use state::State;

/// The choice of samples; by default all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// Only samples from this time on, since the trace's first event.
    pub from: Option<Nanos>,
    /// Only samples before this time, since the trace's first event.
    pub to: Option<Nanos>,
    /// Only samples of this goroutine.
    pub goroutine: Option<GoId>,
    /// Only samples of goroutines while they are in a region of this name.
    pub region: Option<String>,
    /// Only samples of goroutines while they are in a region of this task.
    pub task: Option<Task>,
}

/// A task, or all of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The task with this id.
    Id(TaskId),
    /// The tasks with this name.
    Name(String),
}

/// A sample; its stack and texts are numbers in [`Stacks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Labelled {
    /// Time since the trace's first event.
    pub time: Nanos,
    /// The stack's number.
    pub stack: u32,
    /// All else that is known of it.
    pub labels: Labels,
}

/// The labels of a sample; `None` where the trace does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels {
    /// The goroutine that ran.
    pub goroutine: Option<GoId>,
    /// The function that the goroutine began with, as the number of a text.
    pub function: Option<u32>,
    /// The thread (M), as the operating system numbers it; of a v1 trace as the runtime does.
    pub thread: Option<ThreadId>,
    /// The P that it was on.
    pub proc: Option<ProcId>,
    /// The name of the innermost region that the goroutine was in.
    pub region: Option<u32>,
    /// The task of the innermost region that has one.
    pub task: Option<TaskId>,
    /// The name of that task.
    pub task_name: Option<u32>,
    /// The generation of a v2 trace.
    pub generation: Option<Generation>,
}

/// Why samples could not be written out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The trace cannot be read (further); what came before it may have been written.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] std::io::Error),
    /// No sample was selected.
    #[error(transparent)]
    Nothing(#[from] NothingSelected),
}

/// A taker of samples.
pub trait Take {
    /// Takes a sample, and numbers it. One that is not selected may be later.
    ///
    /// # Errors
    /// What keeps it from going on.
    fn sample(
        &mut self,
        reader: &Reader,
        stacks: &Stacks,
        sample: &Labelled,
        is_selected: bool,
    ) -> Result<u32, ExportError>;

    /// Selects so many more samples of those that have this number.
    fn select(&mut self, number: u32, count: u64);
}

/// The facts about a trace once its samples are taken.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Walked {
    /// Where the choice begins, since the trace's first event.
    pub start: Nanos,
    /// Where the choice ends: at the trace's last event, or before it.
    pub end: Nanos,
    /// When it starts, in nanoseconds since 1970: of traces of Go 1.25 and later.
    pub wall: Option<i64>,
    /// Why not all could be read, where that was to be kept going.
    pub damage: Option<InputError>,
}

/// Goes through a trace, and gives the samples of the choice away.
///
/// # Errors
/// What is wrong with the trace, unless it is to be read as far as it goes; that nothing was
/// selected; and those of the taker.
pub fn walk(
    reader: &mut Reader,
    select: &Select,
    stacks: &mut Stacks,
    take: &mut dyn Take,
) -> Result<Walked, ExportError> {
    let mut walk = Walk::new(select, stacks);
    let mut damage = None;
    loop {
        match reader.next_event() {
            Ok(Some(event)) => walk.see(reader, &event, stacks, take)?,
            Ok(None) => break,
            Err(error) if reader.options().keep_going => {
                damage = Some(error);
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    walk.end(damage)
}

struct Walk<'a> {
    select: &'a Select,
    selecting: Selecting,
    state: State,
    /// The number of the region's name, if samples are selected by one.
    region: Option<u32>,
    /// Samples of the trace, and those that were selected.
    seen: u64,
    selected: u64,
    has_task: bool,
    /// Names of tasks, until the task is there.
    tasks: BTreeSet<String>,
    /// Bytes that these names take.
    tasks_heap: usize,
    last: Nanos,
    wall: Option<i64>,
    count: usize,
}

impl<'a> Walk<'a> {
    fn new(select: &'a Select, stacks: &mut Stacks) -> Self {
        let narrow = Narrow {
            goroutine: select.goroutine,
            region: select.region.clone(),
            ..Narrow::default()
        };
        let region = select.region.as_ref();
        Self {
            select,
            selecting: Selecting::new(&narrow),
            state: State::default(),
            region: region.map(|name| stacks.number_of_bytes(name.as_bytes())),
            seen: 0,
            selected: 0,
            has_task: false,
            tasks: BTreeSet::new(),
            tasks_heap: 0,
            last: Nanos(0),
            wall: None,
            count: 0,
        }
    }

    fn see(
        &mut self,
        reader: &Reader,
        event: &Event,
        stacks: &mut Stacks,
        take: &mut dyn Take,
    ) -> Result<(), ExportError> {
        self.last = event.time;
        if self.wall.is_none() {
            self.wall = wall(reader);
        }
        let selected = &mut self.selected;
        let seen = seen(event);
        self.selecting.see(&seen, reader, |number, count| {
            *selected += count;
            take.select(number, count);
        });
        if event.is_sample() {
            self.seen += 1;
            return self.sample(reader, event, &seen, stacks, take);
        }
        if self.select.task.is_some() && !self.has_task {
            self.look_for_task(reader, event);
        }
        self.state.see(reader, event, stacks);
        self.count += 1;
        if self.count.is_multiple_of(crate::heap::STEP) {
            reader.check_beside(self.state.heap() + self.tasks_heap, event.offset)?;
        }
        Ok(())
    }

    fn sample(
        &mut self,
        reader: &Reader,
        event: &Event,
        seen: &Seen,
        stacks: &mut Stacks,
        take: &mut dyn Take,
    ) -> Result<(), ExportError> {
        let Select { from, to, .. } = *self.select;
        let is_within = from.is_none_or(|from| event.time >= from)
            && to.is_none_or(|to| event.time < to)
            && self.selecting.may_have(seen);
        if !is_within {
            return Ok(());
        }
        let stack = stacks.number(reader, event.stack);
        let mut labels = self.state.labels(event, stack, stacks);
        labels.region = labels.region.or(self.region);
        if !self.is_of_task(&labels, stacks) {
            return Ok(());
        }
        let sample = Labelled {
            time: event.time,
            stack,
            labels,
        };
        // Only samples of regions are looked at again.
        if self.region.is_none() {
            self.selected += 1;
            take.sample(reader, stacks, &sample, true)?;
            return Ok(());
        }
        let number = take.sample(reader, stacks, &sample, false)?;
        if self.selecting.has_sample(seen, number) {
            self.selected += 1;
            take.select(number, 1);
        }
        Ok(())
    }

    fn is_of_task(&self, labels: &Labels, stacks: &Stacks) -> bool {
        match (&self.select.task, labels.task) {
            (None, _) => true,
            (Some(Task::Id(id)), task) => task == Some(*id),
            (Some(Task::Name(name)), _) => {
                let of_it = labels.task_name.map(|text| stacks.text(text));
                of_it.is_some_and(|text| bytes::is_name(text, name))
            }
        }
    }

    fn look_for_task(&mut self, reader: &Reader, event: &Event) {
        let (task, name) = match event.kind {
            Kind::TaskBegin { task, name, .. } => (task, Some(name)),
            Kind::RegionBegin { task, .. } => (task, None),
            _ => return,
        };
        let name = name.map_or(&[][..], |name| reader.bytes_of(name));
        self.has_task = match &self.select.task {
            Some(Task::Id(id)) => *id == task,
            Some(Task::Name(wanted)) => bytes::is_name(name, wanted),
            None => true,
        };
        if self.has_task {
            self.tasks.clear();
            self.tasks_heap = 0;
        } else if !name.is_empty() {
            let name = bytes::text(name);
            let takes = name.capacity() + 2 * size_of::<String>();
            if self.tasks.insert(name) {
                self.tasks_heap += takes;
            }
        }
    }

    fn end(self, damage: Option<InputError>) -> Result<Walked, ExportError> {
        let Select { from, to, .. } = *self.select;
        let is_narrowed = *self.select != Select::default();
        if self.selected == 0 && is_narrowed && damage.is_none() {
            return Err(self.nothing().into());
        }
        let start = from.unwrap_or_default();
        let end = to.unwrap_or(self.last).min(self.last).max(start);
        Ok(Walked {
            start,
            end,
            wall: self.wall.map(|wall| wall.saturating_add(start.0)),
            damage,
        })
    }

    /// Why no sample was selected.
    fn nothing(self) -> NothingSelected {
        if let Some(nothing) = self.selecting.nothing() {
            return nothing;
        }
        if let Some(task) = self.select.task.as_ref().filter(|_| !self.has_task) {
            let what = match task {
                Task::Id(id) => format!("the trace has no task {id}"),
                Task::Name(name) => format!("the trace has no task {name:?}"),
            };
            return NothingSelected::new(what, self.tasks.into_iter());
        }
        NothingSelected {
            what: "no sample of the trace is all that was asked for".into(),
            there_are: format!("it has {} in {} s", self.seen, self.last.as_secs_f64()),
        }
    }
}

/// When the first event was, in nanoseconds since 1970.
fn wall(reader: &Reader) -> Option<i64> {
    let clocks = reader.as_v2()?.clocks()?;
    let since = i128::from(reader.nanos(Ticks(clocks.trace)).0);
    i64::try_from(clocks.wall_ns() - since).ok()
}
