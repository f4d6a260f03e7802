//! Steps of goroutines, Ps and the collector: always something that can happen next.

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{Goroutine, Own, STEP, STRINGS, State, World};

const BLOCKS: [E; 9] = [
    E::GoSleep,
    E::GoBlock,
    E::GoBlockSend,
    E::GoBlockRecv,
    E::GoBlockSelect,
    E::GoBlockSync,
    E::GoBlockCond,
    E::GoBlockNet,
    E::GoBlockGC,
];

/// Turns it over, and returns what it was before.
fn toggle(is: &mut bool) -> bool {
    std::mem::replace(is, !*is)
}

impl World<'_> {
    pub(super) fn step(&mut self, p: usize) {
        let running = self.ps[p].running;
        match (self.choices.byte() % 24, running) {
            (0 | 1, _) => self.create(p),
            (2..=5, None) => self.start(p),
            (2, Some(g)) => self.leave(p, g, E::GoSched),
            (3, Some(g)) => self.leave(p, g, E::GoPreempt),
            (4 | 5, Some(g)) => {
                let last = if self.version < FormatVersion::GO_1_8 {
                    8
                } else {
                    9
                };
                let event_type = BLOCKS[self.choices.below(last)];
                self.leave(p, g, event_type);
            }
            (6, Some(g)) => self.end(p, g),
            (7 | 8, _) => self.unblock(p),
            (9, Some(g)) => {
                self.emit(p, E::GoSysCall, &[]);
                self.now += STEP;
                self.leave(p, g, E::GoSysBlock);
            }
            (10 | 11, _) => self.exit(p),
            (12, _) => self.sample(p),
            (13, _) => self.collect(p),
            (14, _) => self.stop_world(p),
            (15, _) => self.sweep(p),
            (16, _) => self.assist(p),
            (17, _) => self.region(p),
            (18, _) => self.task(p),
            (19, None) => self.thread(p),
            (20, _) => self.was_there(p),
            (21, _) => self.log(p),
            (22, _) if self.is_wild => self.wrong(p),
            (23, _) => self.emit(p, E::Gomaxprocs, &[4]),
            _ => {
                let mem = self.choices.number();
                self.emit(p, E::HeapGoal, &[mem]);
            }
        }
    }

    fn create(&mut self, p: usize) {
        let id = self.own.len() as u64;
        self.own.push(Own::default());
        let stack = self.stack();
        self.emit(p, E::GoCreate, &[id, stack]);
        let (state, seq) = (State::Ready, 1);
        self.goroutines.push(Goroutine {
            id,
            state,
            seq,
            has_run: false,
        });
    }

    fn start(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Ready) else {
            return self.create(p);
        };
        let Goroutine { id, seq, .. } = self.goroutines[at];
        self.ps[p].running = Some(id);
        match self.choices.below(4) {
            0 | 1 => self.emit(p, E::GoStartLocal, &[id]),
            2 if self.version >= FormatVersion::GO_1_8 => {
                self.emit(p, E::GoStartLabel, &[id, seq, 1]);
            }
            _ => self.emit(p, E::GoStart, &[id, seq]),
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq, g.has_run) = (State::Running, seq + 1, true);
    }

    fn leave(&mut self, p: usize, id: u64, event_type: E) {
        self.emit(p, event_type, &[]);
        self.ps[p].running = None;
        let state = match event_type {
            E::GoSched | E::GoPreempt => State::Ready,
            E::GoSysBlock => State::Syscall(self.now),
            _ => State::Blocked,
        };
        self.set(id, state);
    }

    fn set(&mut self, id: u64, state: State) {
        if let Some(g) = self.goroutines.iter_mut().find(|g| g.id == id) {
            g.state = state;
        }
    }

    fn end(&mut self, p: usize, id: u64) {
        let event_type = [E::GoEnd, E::GoStop][self.choices.below(2)];
        self.emit(p, event_type, &[]);
        self.ps[p].running = None;
        self.goroutines.retain(|g| g.id != id);
    }

    fn unblock(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Blocked) else {
            return;
        };
        let Goroutine { id, seq, .. } = self.goroutines[at];
        if self.choices.below(2) == 0 {
            self.emit(p, E::GoUnblockLocal, &[id]);
        } else {
            self.emit(p, E::GoUnblock, &[id, seq]);
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (State::Ready, seq + 1);
    }

    fn exit(&mut self, p: usize) {
        let Some(at) = self.find(|g| matches!(g.state, State::Syscall(_))) else {
            return;
        };
        let Goroutine { id, seq, state, .. } = self.goroutines[at];
        let State::Syscall(since) = state else { return };
        let ts = match self.choices.below(4) {
            0 => 0,
            1 => since + 1,
            _ => self.now - 1,
        };
        // No tracer writes the local type, which readers take for one of who runs on the P.
        self.emit(p, E::GoSysExit, &[id, seq, ts]);
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (State::Ready, seq + 1);
    }

    fn sample(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_19 {
            return;
        }
        let (p_arg, g) = match self.choices.below(4) {
            0 => (u64::MAX, 0),
            1 => (p as u64, self.choices.number()),
            _ => (p as u64, self.ps[p].running.unwrap_or(0)),
        };
        // The first event stays the first.
        let taken = self.now - u64::from(self.choices.byte()) % STEP;
        self.emit(p, E::CPUSample, &[taken, p_arg, g]);
    }

    fn collect(&mut self, p: usize) {
        let (seq, is_on) = self.gc;
        if is_on {
            self.emit(p, E::GCDone, &[]);
        } else {
            self.emit(p, E::GCStart, &[seq]);
        }
        self.gc = (seq + u64::from(!is_on), !is_on);
    }

    fn stop_world(&mut self, p: usize) {
        let is_local = self.version < FormatVersion::GO_1_10;
        let is_stopped = if is_local {
            &mut self.ps[p].has_stopped_world
        } else {
            &mut self.has_stopped_world
        };
        let was = toggle(is_stopped);
        match (was, is_local) {
            (true, _) => self.emit(p, E::GCSTWDone, &[]),
            (false, true) => self.emit(p, E::GCSTWStart, &[]),
            (false, false) => {
                let kind = self.choices.below(2) as u64;
                self.emit(p, E::GCSTWStart, &[kind]);
            }
        }
    }

    fn sweep(&mut self, p: usize) {
        let was = toggle(&mut self.ps[p].is_sweeping);
        match (was, self.version < FormatVersion::GO_1_9) {
            (false, _) => self.emit(p, E::GCSweepStart, &[]),
            (true, true) => self.emit(p, E::GCSweepDone, &[]),
            (true, false) => self.emit(p, E::GCSweepDone, &[7, 8]),
        }
    }

    fn assist(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_9 {
            return;
        }
        let g = self.running_or_g0(p);
        let was = toggle(&mut self.own[g].is_assisting);
        self.emit(
            p,
            [E::GCMarkAssistStart, E::GCMarkAssistDone][usize::from(was)],
            &[],
        );
    }

    fn region(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_11 {
            return;
        }
        let g = self.running_or_g0(p);
        let open = self.own[g].regions.last().copied();
        match (self.choices.below(3), open) {
            (2, None) => self.emit(p, E::UserRegion, &[9, 1, 1]),
            (2, Some((task, name))) => {
                self.own[g].regions.pop();
                self.emit(p, E::UserRegion, &[task, 1, name]);
            }
            _ => {
                let task = self.choices.below(3) as u64;
                let name = 1 + self.choices.below(STRINGS.into()) as u64;
                self.own[g].regions.push((task, name));
                self.emit(p, E::UserRegion, &[task, 0, name]);
            }
        }
    }

    fn task(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_11 {
            return;
        }
        if self.choices.below(2) == 0 {
            self.tasks_made += 1;
            self.tasks.push(self.tasks_made);
            self.emit(p, E::UserTaskCreate, &[self.tasks_made, 0, 1]);
        } else {
            // It may have begun before the trace.
            let task = self.tasks.pop().unwrap_or(1 << 40);
            self.emit(p, E::UserTaskEnd, &[task]);
        }
    }

    fn log(&mut self, p: usize) {
        if self.version >= FormatVersion::GO_1_11 {
            self.emit(p, E::UserLog, &[1, 1]);
        }
    }

    fn thread(&mut self, p: usize) {
        let had = toggle(&mut self.ps[p].has_thread);
        if had {
            self.emit(p, E::ProcStop, &[]);
        } else {
            self.emit(p, E::ProcStart, &[p as u64 + 3]);
        }
    }

    /// A goroutine that waited, or was in a system call, when the trace began.
    fn was_there(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Ready && !g.has_run && g.seq == 1) else {
            return;
        };
        let id = self.goroutines[at].id;
        let (event_type, state) = match self.choices.below(2) {
            0 => (E::GoWaiting, State::Blocked),
            _ => (E::GoInSyscall, State::Syscall(self.now)),
        };
        self.emit(p, event_type, &[id]);
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (state, 2);
    }
}
