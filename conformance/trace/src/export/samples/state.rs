//! The doings of goroutines: their functions, regions and tasks, and which thread a P is on.

use std::collections::HashMap;

use super::Labels;
use crate::heap;
use crate::trace::kind::{GoState, ProcState};
use crate::trace::stacks::GOEXIT;
use crate::trace::v1::hash::IdHash;
use crate::trace::{Event, GoId, Kind, Reader, StackId, Stacks};

/// The absence of a number.
const NONE: u32 = u32::MAX;

/// Regions that are looked at for one that ends and is not the innermost.
const MOST: usize = 1_000;

/// The goroutines that live, and their surroundings.
#[derive(Default)]
pub(super) struct State {
    goroutines: HashMap<u64, Goroutine, IdHash>,
    regions: Vec<Region>,
    /// Places of regions that are over.
    free: Vec<u32>,
    /// The names of tasks.
    tasks: HashMap<u64, u32, IdHash>,
    /// Threads by P, of a v1 trace.
    threads: HashMap<u64, u64, IdHash>,
    /// Generations that could not be read.
    lost: u64,
}

/// A goroutine: the function that it began with, and its innermost region.
#[derive(Clone, Copy)]
struct Goroutine {
    function: u32,
    region: u32,
}

/// A region that has begun.
#[derive(Clone, Copy)]
struct Region {
    task: u64,
    name: u32,
    task_name: u32,
    outer: u32,
}

impl State {
    /// Takes an event that is no sample.
    pub(super) fn see(&mut self, reader: &Reader, event: &Event, stacks: &mut Stacks) {
        match event.kind {
            Kind::GoTransition {
                goroutine,
                from,
                to,
                stack,
                ..
            } => self.go(reader, stacks, goroutine, (from, to), stack),
            Kind::RegionBegin { task, name } => {
                let name = stacks.number_of(reader, name);
                self.begin(event.goroutine, task.0, name);
            }
            Kind::RegionEnd { task, name } => {
                let name = stacks.number_of(reader, name);
                self.region_ends(event.goroutine, task.0, name);
            }
            Kind::TaskBegin { task, name, .. } => {
                let name = stacks.number_of(reader, name);
                self.tasks.insert(task.0, name);
            }
            Kind::TaskEnd { task, .. } => {
                self.tasks.remove(&task.0);
            }
            Kind::ProcTransition { proc, to, .. } if event.generation.is_none() => {
                match event.thread.filter(|_| to == ProcState::Running) {
                    Some(thread) => self.threads.insert(proc.0, thread.0),
                    None => self.threads.remove(&proc.0),
                };
            }
            Kind::Sync { .. } if reader.lost() != self.lost => {
                // Nobody knows what went on.
                *self = Self {
                    lost: reader.lost(),
                    ..Self::default()
                };
            }
            _ => {}
        }
    }

    fn go(
        &mut self,
        reader: &Reader,
        stacks: &mut Stacks,
        goroutine: GoId,
        (from, to): (GoState, GoState),
        stack: Option<StackId>,
    ) {
        if to == GoState::NotExist {
            if let Some(Goroutine { mut region, .. }) = self.goroutines.remove(&goroutine.0) {
                while region != NONE {
                    self.free.push(region);
                    region = self.regions[region as usize].outer;
                }
            }
            return;
        }
        if stack.is_none()
            || self
                .goroutines
                .get(&goroutine.0)
                .is_some_and(|g| g.function != NONE)
        {
            return;
        }
        // Of a new one the stack is where it begins.
        if let Some(function) = outermost(reader, stack, from == GoState::NotExist) {
            self.of(goroutine).function = stacks.number_of_bytes(reader.string(function));
        }
    }

    fn of(&mut self, goroutine: GoId) -> &mut Goroutine {
        self.goroutines.entry(goroutine.0).or_insert(Goroutine {
            function: NONE,
            region: NONE,
        })
    }

    fn begin(&mut self, goroutine: Option<GoId>, task: u64, name: u32) {
        let Some(goroutine) = goroutine else {
            return;
        };
        let region = Region {
            task,
            name,
            task_name: self.tasks.get(&task).copied().unwrap_or(NONE),
            outer: self.of(goroutine).region,
        };
        let place = heap::put(&mut self.regions, &mut self.free, region);
        self.of(goroutine).region = place;
    }

    /// A region ends, as a rule the innermost.
    fn region_ends(&mut self, goroutine: Option<GoId>, task: u64, name: u32) {
        let known = goroutine.and_then(|goroutine| self.goroutines.get_mut(&goroutine.0));
        let Some(goroutine) = known else {
            return;
        };
        let (mut inner, mut at) = (NONE, goroutine.region);
        for _ in 0..MOST {
            let Some(&region) = self.regions.get(at as usize) else {
                return;
            };
            if (region.task, region.name) == (task, name) {
                match inner {
                    NONE => goroutine.region = region.outer,
                    inner => self.regions[inner as usize].outer = region.outer,
                }
                self.free.push(at);
                return;
            }
            (inner, at) = (at, region.outer);
        }
    }

    /// The labels of a sample.
    pub(super) fn labels(&self, event: &Event, stack: u32, stacks: &Stacks) -> Labels {
        let known = event.goroutine.and_then(|g| self.goroutines.get(&g.0));
        let function = known.map(|g| g.function).filter(|&f| f != NONE);
        let function = function.or_else(|| event.goroutine.and_then(|_| root(stacks, stack)));
        let mut labels = Labels {
            goroutine: event.goroutine,
            function,
            thread: event.thread,
            proc: event.proc,
            generation: event.generation,
            ..Labels::default()
        };
        if event.generation.is_none() {
            let thread = event.proc.and_then(|proc| self.threads.get(&proc.0));
            labels.thread = thread.map(|&thread| crate::trace::ThreadId(thread));
        }
        let mut at = known.map_or(NONE, |g| g.region);
        for _ in 0..MOST {
            let Some(region) = self.regions.get(at as usize) else {
                break;
            };
            labels.region = labels.region.or(Some(region.name));
            if region.task != 0 {
                labels.task = Some(crate::trace::TaskId(region.task));
                labels.task_name = Some(region.task_name).filter(|&name| name != NONE);
                break;
            }
            at = region.outer;
        }
        labels
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        let table = |len, capacity, entry| heap::table(len, capacity, heap::STEP, entry);
        let (goroutines, tasks) = (&self.goroutines, &self.tasks);
        table(goroutines.len(), goroutines.capacity(), 16)
            + table(tasks.len(), tasks.capacity(), 16)
            + table(self.threads.len(), self.threads.capacity(), 16)
            + 2 * heap::list(&self.regions, heap::STEP)
            + 2 * heap::list(&self.free, heap::STEP)
    }
}

/// The outermost function of a stack, by the id of its name: of one that is not whole none, if it is
/// not the first.
fn outermost(reader: &Reader, stack: Option<StackId>, is_first: bool) -> Option<u64> {
    let (mut before, mut last) = (None, None);
    for frame in reader.frames(stack) {
        (before, last) = (last, Some(frame.function));
    }
    match reader.string(last?) == GOEXIT.as_bytes() {
        true => before,
        false => last.filter(|_| is_first),
    }
}

/// The function that a goroutine began with, by a stack of its own that was walked to its end.
fn root(stacks: &Stacks, stack: u32) -> Option<u32> {
    let frames = stacks.frames(stack);
    let is_whole = stacks.text(frames.last()?.function) == GOEXIT.as_bytes();
    let outermost = frames.len().checked_sub(2)?;
    is_whole.then(|| frames[outermost].function)
}
