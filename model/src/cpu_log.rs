//! The samples on their way into a trace: where a handler writes them, and how the
//! tracer that starts, goes on and stops takes the place away again.
//!
//! The tracer owns the ring, or two of them, and reads through `cpuLogRead`. A handler
//! finds it through `cpuLogWrite`. It must not be asked to wait: it may have interrupted
//! the very code that would be waited for. So `signalLock` orders handlers among
//! themselves, nobody else ever takes it (R32), and the pointer is atomic.
//!
//! # One log (until Go 1.21)
//!
//! ```text
//!  tracer, world stopped        a handler
//!  -----------------------      ----------------------------
//!  cpuLogWrite = log            enabled?
//!  enabled = true               now
//!   ..                          signalLock
//!  cpuLogWrite = nil              cpuLogWrite: log or nil
//!  close, drain                   write
//!  enabled = false              signalUnlock
//! ```
//!
//! The world is stopped, but a handler on a thread without a P is not (R35): it may have
//! loaded the pointer, and write after the last drain (B6).
//!
//! # Two logs by generation (from Go 1.22 on)
//!
//! ```text
//!  tracer                       a handler of thread m
//!  -----------------------      ----------------------------
//!  gen = next, or 0             raise m's guard, unless raised
//!  wait for each m's guard      gen: 0, or which log
//!  drain gen's log              now
//!   ..                          signalLock, write, signalUnlock
//!  cpuLogWrite = nil, close     lower m's guard
//! ```
//!
//! As the trace starts, `enabled` comes before the generation, and as it stops after it: a handler
//! that finds it on still asks for the generation. In Go 1.22 there is no such flag; a handler that
//! asks whether tracing is on looks whether the generation is 0.
//!
//! Either the handler sees the new generation, or the tracer sees its guard: of two
//! stores, each followed by a load of the other's word, one is seen. This is the one
//! place that needs sequential consistency ([`Site::GuardRaised`]).
//!
//! # Laws
//!
//! [L1](Law::OneWriter) and [L13](Law::HandlerGoesOn): the lock, and who takes it.
//! [L11](Law::Drained), [L12](Law::NoneRetired), [L14](Law::OwnTrace): what stops. Go
//! 1.19 and 1.21 do not promise the last two (B6). Go from 1.22 on drains once, and when the
//! ring has wrapped it breaks L11 as the trace stops, and L14 as a generation ends: what is
//! left turns up in the next generation of that parity (B2): see [`crate::defects`].
//!
//! # Simpler than Go
//!
//! - Generations do not wrap.
//! - Threads are awaited one by one, in order. Go goes round all of them until none is left.
//! - `cpuLogRead` is never set to nil. Whoever drains after a trace has stopped finds its ring,
//!   which is empty.
//! - A drain does not say that it has seen the end, and nobody waits for the goroutine that
//!   drains: whoever runs it knows when a trace stops.
//! - Whoever starts a trace does not wait until the last one has been read (Go: `shutdown`).
//!
//! | child | what |
//! |---|---|
//! | `handler` | a handler takes a sample |
//! | `tracer` | start, go on, stop, drain |
//!
//! Go: `runtime/trace.go`, `traceCPUSample`, `StartTrace`, `StopTrace`, `traceReadCPU`;
//! from 1.22 on `runtime/trace2cpu.go`, `runtime/tracecpu.go` and `traceAdvance`.

mod handler;
mod tracer;

pub use handler::Sampled;
pub use tracer::{TraceError, Tracer};

use crate::backend::text::Function;
use crate::backend::{Atomic, Backend, Call, Words};
use crate::limits::Sizes;
use crate::prof_buf::ProfBuf;
use crate::prof_index::ProfIndex;
use crate::protocol::{Logs, Rules};
use crate::signal_lock::SignalLock;

#[cfg(doc)]
use crate::{law::Law, protocol::Site};

/// Logs for the parities of the generation; only the first is used where there is one.
const PARITIES: usize = 2;

/// The handlers' side, and what the tracer shares with them.
pub struct CpuLog<B: Backend, R: Rules> {
    rules: R,
    /// Whether it is worth a handler's while to look further. May be stale.
    enabled: B::U32,
    /// From Go 1.22 on; 0 for none.
    generation: B::U64,
    signal_lock: SignalLock<B, R>,
    /// By parity, the number of a log, from 1 on; 0 for nil.
    write: [B::U32; PARITIES],
    /// The same numbers for whoever drains (Go: `cpuLogRead`). Plain: set while no one does.
    read: B::Words,
    logs: Box<[Log<B, R>]>,
}

/// A ring, and how far it has been read.
struct Log<B: Backend, R: Rules> {
    buf: ProfBuf<B, R>,
    /// The reader's place. Plain, as in Go: one reader at a time, by the tracer's locks or, from Go
    /// 1.22 on, because the tracer waits for whoever drains as for a handler.
    next: B::Words,
    /// Whether a trace has made it ready. Plain: whoever finds the log sees what made it.
    is_made: B::Words,
}

impl<B: Backend, R: Rules> CpuLog<B, R> {
    /// With rings for that many traces. Go makes them when a trace starts; they are made
    /// here, so that a handler of an earlier trace has something to hold on to.
    #[must_use]
    pub fn new(rules: R, sizes: Sizes, traces: usize) -> (Self, Tracer) {
        let protocol = rules.protocol();
        let logs_per_trace = match protocol.logs {
            Logs::One => 1,
            Logs::ByGeneration => PARITIES,
        };
        let new_log = |_| {
            let header = protocol.header_words();
            let (buf, _) = ProfBuf::new(rules, header, sizes.words, sizes.tags);
            let next = B::Words::new("rNext", 1);
            let is_made = B::Words::new("newProfBuf", 1);
            Log { buf, next, is_made }
        };
        let log = Self {
            rules,
            enabled: B::U32::new("enabled", 0),
            generation: B::U64::new("gen", 0),
            signal_lock: SignalLock::new("signalLock", rules),
            write: [(); PARITIES].map(|()| B::U32::new("cpuLogWrite", 0)),
            read: B::Words::new("cpuLogRead", PARITIES),
            logs: (0..traces * logs_per_trace).map(new_log).collect(),
        };
        B::instead(Function::NewCpuLog, || log.numbers());
        (log, Tracer::new(logs_per_trace))
    }

    /// Its words by number, for another text.
    fn numbers(&self) -> Vec<u64> {
        let [even, odd] = self.write.each_ref().map(Atomic::number);
        let words = [
            self.enabled.number(),
            self.generation.number(),
            self.signal_lock.number(),
            even,
            odd,
            self.read.number(),
        ];
        let logs = self.logs.iter();
        let logs = logs.flat_map(|log| [log.buf.number(), log.is_made.number()]);
        words.into_iter().chain(logs).collect()
    }

    /// A function of the tracer's that moved when generations came (Go 1.22 has `trace2cpu.go`).
    fn call(&self, function: &'static str) -> Call {
        match self.rules.protocol().logs {
            Logs::One => Call::of(function, "runtime/trace.go"),
            Logs::ByGeneration => Call::of(function, "runtime/tracecpu.go"),
        }
    }

    /// The index of the log that a generation uses: its parity, or 0 where there is one log.
    fn parity(&self, generation: u64) -> usize {
        match self.rules.protocol().logs {
            Logs::One => 0,
            Logs::ByGeneration => usize::from(generation % 2 == 1),
        }
    }
}

impl<B: Backend, R: Rules> Log<B, R> {
    fn next(&self) -> ProfIndex {
        ProfIndex(self.next.get(0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::backend::Std;
    use crate::m::M;
    use crate::prof_buf::{Mode, Read, Reader, Wrote};
    use crate::protocol::Protocol;
    use crate::sample::Place;

    type Log = CpuLog<Std, Protocol>;

    /// Room for three samples with one PC.
    const SIZES: Sizes = Sizes { words: 16, tags: 4 };

    fn started(protocol: Protocol) -> Log {
        let (log, mut tracer) = Log::new(protocol, SIZES, 1);
        log.start(&mut tracer).unwrap();
        log
    }

    fn wrote(log: &Log, pc: u64) -> Option<Wrote> {
        match log.sample(None, Place::default(), || 7, &[pc]) {
            Sampled::Written { wrote, .. } => Some(wrote),
            _ => None,
        }
    }

    /// A handler that waits for the lock has its time already.
    ///
    /// Guards R30.2.
    #[test]
    fn the_clock_is_read_before_the_lock() {
        let log = started(Protocol::GO_1_21);
        let (asked, clock) = mpsc::channel();
        thread::scope(|scope| {
            let _held = log.signal_lock.lock();
            let handler = || {
                let now = || asked.send(()).map_or(0, |()| 7);
                log.sample(None, Place::default(), now, &[1])
            };
            scope.spawn(handler);
            clock.recv_timeout(Duration::from_secs(60)).unwrap();
        });
    }

    /// Guards R32.3.
    #[test]
    fn samples_of_a_trace_have_no_tag() {
        let log = started(Protocol::GO_1_21);
        wrote(&log, 1);
        let mut reader = Reader::at(ProfIndex::default());
        let Read::Records(records) = log.logs[0].buf.read(&mut reader, Mode::NonBlocking) else {
            panic!("nothing was written");
        };
        assert_eq!(records.tags().collect::<Vec<_>>(), [None]);
    }

    /// Guards R37.1, R37.6.
    #[test]
    fn a_drain_frees_the_whole_ring() {
        let log = started(Protocol::GO_1_21);
        for _ in 0..3 {
            let fit: Vec<_> = (1..=4).map(|pc| wrote(&log, pc)).collect();
            let (record, dropped) = (Some(Wrote::Record), Some(Wrote::Dropped));
            assert_eq!(fit, [record, record, record, dropped]);
            let mut drained = 0;
            log.drain(&M::new(41), |_, _| drained += 1);
            assert_eq!(drained, 4);
        }
    }
}
