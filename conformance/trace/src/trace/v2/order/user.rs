//! Tasks and regions: where Go refuses what users do, and this reader goes on with a
//! warning (R79, S41).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sigprof_wire::v2::{BACKGROUND_TASK, NO_TASK};

use super::goroutines::not_there;
use super::names::{EMPTY, NameId};
use super::states::Region;
use super::{Order, Plain, Result, Step, World, fault, need_all};
use crate::bytes;
use crate::trace::options::Warning;
use crate::trace::v1::hash::IdHash;

/// Regions of a goroutine among which one that ends is looked for, from the innermost: in no time that
/// a trace could make long.
const LOOKED_FOR: usize = 1 << 12;

/// A task that has begun: its name and parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) name: NameId,
    pub(super) parent: u64,
}

/// Tasks that have begun.
pub(super) type Tasks = HashMap<u64, Task, IdHash>;

/// The least and the greatest id of the tasks that began in what was read. The runtime counts
/// up (Go: `runtime/trace/annotation.go`, `newID`), so a task between them began there, too:
/// that takes no set of those that have ended.
#[derive(Debug, Default)]
pub(super) struct Begun(Option<(u64, u64)>);

impl Begun {
    fn add(&mut self, id: u64) {
        let (least, greatest) = self.0.unwrap_or((id, id));
        self.0 = Some((least.min(id), greatest.max(id)));
    }

    fn has(&self, id: u64) -> bool {
        self.0
            .is_some_and(|(least, greatest)| (least..=greatest).contains(&id))
    }
}

impl Order {
    /// A task begins; the answer is its parent.
    #[inline(never)]
    pub(super) fn task_begin(&mut self, plain: Plain, world: &World) -> Step<u64> {
        need_all(plain.context, plain.bound)?;
        let [id, parent, name, _] = plain.args;
        // Only regions and logs have the background for a task: here 0 is none.
        let parent = match parent {
            BACKGROUND_TASK => NO_TASK,
            other => other,
        };
        let name = self.name(name, world);
        self.make_room()?;
        let Entry::Vacant(place) = self.tasks.entry(id) else {
            let got = format!("task {id}, which has begun already");
            return fault("a new task", got);
        };
        place.insert(Task {
            name: name?,
            parent,
        });
        self.begun.add(id);
        Ok(parent)
    }

    /// A task ends; the answer is what began.
    #[inline(never)]
    pub(super) fn task_end(&mut self, plain: Plain, offset: u64) -> Step<Task> {
        need_all(plain.context, plain.bound)?;
        let [id, ..] = plain.args;
        let known = self.tasks.remove(&id);
        if known.is_none() {
            self.warnings.add(Warning::UnknownTask {
                offset,
                goroutine: plain.context.goroutine,
                task: id,
                has_ended: self.begun.has(id),
            });
        }
        Ok(known.unwrap_or(Task {
            name: EMPTY,
            parent: NO_TASK,
        }))
    }

    fn name(&mut self, id: u64, world: &World) -> Result<NameId> {
        if let Some(known) = self.names.of_known_string(id) {
            return Ok(known);
        }
        let known = world.generation.strings.all_up_to();
        match world.generation.string(world.bytes, id) {
            Some(name) => Ok(self.names.of_string(id, known, name)),
            None => fault(format!("string {id}"), "none in this generation"),
        }
    }

    #[inline(never)]
    pub(super) fn region_begin(&mut self, plain: Plain, world: &World) -> Step {
        need_all(plain.context, plain.bound)?;
        let [task, name, ..] = plain.args;
        let name = self.name(name, world)?;
        let own = plain.context.goroutine;
        let Some(goroutine) = self.goroutines.get(own) else {
            return not_there(own);
        };
        goroutine.extra().regions.push(Region { task, name });
        Ok(())
    }

    #[inline(never)]
    pub(super) fn region_end(&mut self, plain: Plain, offset: u64, world: &World) -> Step {
        need_all(plain.context, plain.bound)?;
        let [task, name, ..] = plain.args;
        let own = plain.context.goroutine;
        let name = self.name(name, world)?;
        let ends = Region { task, name };
        let Some(goroutine) = self.goroutines.get(own) else {
            return not_there(own);
        };
        let regions = &mut goroutine.extra().regions;
        if regions.last() == Some(&ends) {
            regions.pop();
            return Ok(());
        }
        self.odd_end(own, ends, offset, world.is_strict)
    }

    /// A region ends that is not the innermost of its goroutine.
    #[cold]
    #[inline(never)]
    fn odd_end(&mut self, own: u64, ends: Region, offset: u64, is_strict: bool) -> Step {
        let Some(goroutine) = self.goroutines.get(own) else {
            return not_there(own);
        };
        let regions = &mut goroutine.extra().regions;
        let from = regions.len().saturating_sub(LOOKED_FOR);
        let at = regions[from..].iter().rposition(|&r| r == ends);
        let at = at.map(|at| from + at);
        let inner = regions.last().copied();
        let name = bytes::text(self.names.get(ends.name));
        let inner_name = inner.map(|r| bytes::text(self.names.get(r.name)));
        if is_strict && let (Some(inner), Some(inner_name)) = (inner, &inner_name) {
            let want = format!(
                "the end of region {inner_name:?} of task {}, the innermost of goroutine {own}",
                inner.task
            );
            return fault(want, format!("that of {name:?} of task {}", ends.task));
        }
        if let Some(at) = at {
            regions.remove(at);
        }
        self.warnings.add(Warning::Region {
            offset,
            goroutine: own,
            name,
            inner: inner_name,
            has_begun: at.is_some(),
        });
        Ok(())
    }

    /// Another generation begins. Names that nobody needs go if there are many.
    pub(super) fn sweep_names(&mut self) {
        if !self.names.next_generation() {
            return;
        }
        let old = self.names.start_over();
        for task in self.tasks.values_mut() {
            task.name = self.names.keep(&old, task.name);
        }
        for goroutine in self.goroutines.iter_mut() {
            for region in goroutine.regions() {
                region.name = self.names.keep(&old, region.name);
            }
        }
    }
}
