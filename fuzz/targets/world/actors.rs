//! Steps that a thread may take next.

use sigprof_wire::v2::EventType as E;

use super::{Thing, World, status};

impl World {
    /// A thread does something that it may.
    pub(crate) fn act(&mut self, thread: usize) {
        let own = self.threads[thread];
        if self.draw.once_in(30) && own.proc.is_none() {
            return self.steal(thread);
        }
        match (own.proc, own.goroutine) {
            (None, None) if self.draw.once_in(6) => self.call_from_c(thread),
            (None, None) => self.get_proc(thread),
            (Some(_), None) => self.start(thread),
            (proc, Some(id)) => {
                if self.goroutines[&id].status == status::G_SYSCALL {
                    self.in_syscall(thread, proc, id);
                } else if let Some(proc) = proc {
                    self.run(thread, proc, id);
                }
            }
        }
    }

    fn procs_that_are(&self, wanted: &[u64]) -> Vec<usize> {
        let all = self.procs.iter().enumerate();
        all.filter(|(_, p)| wanted.contains(&p.status))
            .map(|(i, _)| i)
            .collect()
    }

    fn goroutines_that_are(&self, wanted: u64) -> Vec<u64> {
        let all = self.goroutines.iter();
        all.filter(|(_, g)| g.status == wanted)
            .map(|(&id, _)| id)
            .collect()
    }

    fn count_proc(&mut self, proc: usize, status: u64) -> u64 {
        let own = &mut self.procs[proc];
        own.seq += 1;
        own.status = status;
        own.seq
    }

    fn count(&mut self, id: u64, status: u64) -> u64 {
        let own = self.goroutines.get_mut(&id).unwrap();
        own.seq += 1;
        own.status = status;
        own.seq
    }

    fn set(&mut self, id: u64, status: u64) {
        self.goroutines.get_mut(&id).unwrap().status = status;
    }

    fn add(&mut self, status: u64) -> u64 {
        let id = self.next_goroutine;
        self.next_goroutine += 1 + self.draw.below(3);
        self.goroutines.insert(id, Thing { status, seq: 0 });
        id
    }

    fn get_proc(&mut self, thread: usize) {
        let idle = self.procs_that_are(&[status::P_IDLE]);
        if let Some(proc) = self.draw.of(&idle) {
            let seq = self.count_proc(proc, status::P_RUNNING);
            self.threads[thread].proc = Some(proc);
            self.emit(thread, E::ProcStart, &[proc as u64, seq]);
        }
    }

    /// Takes the P of a thread that is in a system call, or was in one that is lost.
    fn steal(&mut self, thread: usize) {
        let all = self.procs_that_are(&[status::P_SYSCALL, status::P_ABANDONED]);
        let Some(proc) = self.draw.of(&all) else {
            return;
        };
        let seq = self.count_proc(proc, status::P_IDLE);
        let from = self.threads.iter().position(|t| t.proc == Some(proc));
        let from_id = match from {
            Some(from) => self.threads[from].id,
            None => self.lost_by.get(&proc).copied().unwrap_or_default(),
        };
        if let Some(from) = from {
            self.threads[from].proc = None;
        }
        self.emit(thread, E::ProcSteal, &[proc as u64, seq, from_id]);
    }

    fn call_from_c(&mut self, thread: usize) {
        let id = self.add(status::G_SYSCALL);
        self.threads[thread].goroutine = Some(id);
        self.emit(thread, E::GoCreateSyscall, &[id]);
    }

    fn start(&mut self, thread: usize) {
        let ready = self.goroutines_that_are(status::G_RUNNABLE);
        match self.draw.of(&ready) {
            Some(id) if !self.draw.once_in(8) => {
                let seq = self.count(id, status::G_RUNNING);
                self.threads[thread].goroutine = Some(id);
                self.emit(thread, E::GoStart, &[id, seq]);
            }
            _ if self.draw.once_in(2) => {
                let proc = self.threads[thread].proc.take().unwrap();
                self.procs[proc].status = status::P_IDLE;
                self.emit(thread, E::ProcStop, &[]);
            }
            _ => self.unblock(thread),
        }
    }

    fn unblock(&mut self, thread: usize) {
        let waiting = self.goroutines_that_are(status::G_WAITING);
        if let Some(id) = self.draw.of(&waiting) {
            let seq = self.count(id, status::G_RUNNABLE);
            let stack = self.stack();
            self.emit(thread, E::GoUnblock, &[id, seq, stack]);
        }
    }

    fn in_syscall(&mut self, thread: usize, proc: Option<usize>, id: u64) {
        match proc {
            Some(proc) if self.draw.once_in(5) => {
                self.goroutines.remove(&id);
                self.threads[thread].goroutine = None;
                self.threads[thread].proc = None;
                self.procs[proc].status = status::P_ABANDONED;
                self.lost_by.insert(proc, self.threads[thread].id);
                self.emit(thread, E::GoDestroySyscall, &[]);
            }
            Some(proc) if self.draw.once_in(2) => {
                self.procs[proc].status = status::P_RUNNING;
                self.set(id, status::G_RUNNING);
                self.emit(thread, E::GoSyscallEnd, &[]);
            }
            Some(_) => {}
            None if self.draw.once_in(5) => {
                self.goroutines.remove(&id);
                self.threads[thread].goroutine = None;
                self.emit(thread, E::GoDestroySyscall, &[]);
            }
            None => {
                self.set(id, status::G_RUNNABLE);
                self.threads[thread].goroutine = None;
                self.emit(thread, E::GoSyscallEndBlocked, &[]);
            }
        }
    }

    fn run(&mut self, thread: usize, proc: usize, id: u64) {
        let (stack, string) = (self.stack(), self.string());
        match self.draw.below(20) {
            0 => {
                let new = self.add(status::G_RUNNABLE);
                let own = self.stack();
                self.emit(thread, E::GoCreate, &[new, own, stack]);
            }
            1 if self.minor >= 23 => {
                let new = self.add(status::G_WAITING);
                self.emit(thread, E::GoCreateBlocked, &[new, stack, stack]);
            }
            2 | 3 => {
                self.set(id, status::G_WAITING);
                self.threads[thread].goroutine = None;
                self.emit(thread, E::GoBlock, &[string, stack]);
            }
            4 => {
                self.set(id, status::G_RUNNABLE);
                self.threads[thread].goroutine = None;
                self.emit(thread, E::GoStop, &[string, stack]);
            }
            5 if id != 1 => {
                self.goroutines.remove(&id);
                self.regions.remove(&id);
                self.threads[thread].goroutine = None;
                self.emit(thread, E::GoDestroy, &[]);
            }
            6 | 7 => self.unblock(thread),
            8 | 9 => {
                let seq = self.count_proc(proc, status::P_SYSCALL);
                self.set(id, status::G_SYSCALL);
                self.emit(thread, E::GoSyscallBegin, &[seq, stack]);
            }
            10 if self.minor >= 23 => self.switch(thread, id),
            11 => self.ranges(thread, string, stack),
            12 => self.collect(thread, stack),
            13 => {
                let value = self.draw.below(1 << 40);
                let of = [E::HeapAlloc, E::HeapGoal][self.draw.below(2) as usize];
                self.emit(thread, of, &[value]);
            }
            14 if self.minor >= 23 => {
                let value = self.draw.below(1 << 60);
                self.emit(thread, E::SpanAlloc, &[value, 1, 2]);
                self.emit(thread, E::HeapObjectFree, &[value]);
            }
            15 => self.emit(thread, E::GoLabel, &[string]),
            16 => {
                let value = self.string();
                self.emit(thread, E::UserLog, &[1, string, value, stack]);
            }
            17 => self.task(thread, string, stack),
            18 => self.emit(thread, E::ProcsChange, &[4, stack]),
            _ => self.region(thread, id, string, stack),
        }
    }

    fn switch(&mut self, thread: usize, id: u64) {
        let waiting = self.goroutines_that_are(status::G_WAITING);
        let Some(next) = self.draw.of(&waiting) else {
            return;
        };
        let seq = self.count(next, status::G_RUNNING);
        let ends = id != 1 && self.draw.once_in(3);
        let of = if ends {
            E::GoSwitchDestroy
        } else {
            E::GoSwitch
        };
        if ends {
            self.goroutines.remove(&id);
            self.regions.remove(&id);
        } else {
            self.set(id, status::G_WAITING);
        }
        self.threads[thread].goroutine = Some(next);
        self.emit(thread, of, &[next, seq]);
    }

    fn ranges(&mut self, thread: usize, string: u64, stack: u64) {
        self.emit(thread, E::STWBegin, &[string, stack]);
        self.emit(thread, E::GCSweepBegin, &[stack]);
        self.emit(thread, E::GCSweepEnd, &[string, stack]);
        self.emit(thread, E::STWEnd, &[]);
        self.emit(thread, E::GCMarkAssistBegin, &[stack]);
        self.emit(thread, E::GCMarkAssistEnd, &[]);
    }

    fn collect(&mut self, thread: usize, stack: u64) {
        let is_first = self.gc.is_none();
        let (number, is_marking) = self.gc.unwrap_or((10, false));
        self.gc = Some((number + 1, !is_marking));
        if is_marking {
            self.emit(thread, E::GCEnd, &[number + 1]);
        } else {
            self.emit(thread, E::GCBegin, &[number + 1, stack]);
        }
        if is_first {
            // Readers count from the first that they see: the second is later on all clocks.
            self.now += 50;
        }
    }

    fn task(&mut self, thread: usize, string: u64, stack: u64) {
        if self.draw.once_in(2) {
            let parent = self.draw.below(self.next_task);
            let task = self.next_task;
            self.next_task += 1;
            self.emit(thread, E::UserTaskBegin, &[task, parent, string, stack]);
        } else {
            let task = self.draw.below(self.next_task + 1);
            self.emit(thread, E::UserTaskEnd, &[task, stack]);
        }
    }

    fn region(&mut self, thread: usize, id: u64, string: u64, stack: u64) {
        if self.draw.once_in(2) {
            let task = self.draw.below(3);
            self.regions.entry(id).or_default().push((task, string));
            self.emit(thread, E::UserRegionBegin, &[task, string, stack]);
        } else if let Some((task, string)) = self.regions.get_mut(&id).and_then(Vec::pop) {
            self.emit(thread, E::UserRegionEnd, &[task, string, stack]);
        }
    }
}
