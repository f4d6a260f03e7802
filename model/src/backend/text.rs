//! Calls of another text than the model's: Go's own files, which a back-end may run in place of
//! what is written here, on the same words.
//!
//! A call is a function and words: numbers of rings and of shared words, lengths, values. So is
//! what it returns. The words themselves stay the model's: each operation of the other text is
//! done on them, so that scenarios, their judges and whoever looks at a run notice no
//! difference.
//!
//! Go: `runtime/profbuf.go`, `cpuprof.go`, `proc.go`, `signal_unix.go`, `trace.go`, and from 1.22 on
//! `tracecpu.go` (`trace2cpu.go`), as far as [`Function`] names them.

use crate::overflow::Dropped;
use crate::sample::{Drained, Place, Sample};

/// A function of the other text, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Function {
    /// `newProfBuf`: numbers of `r`, `w`, `overflow`, `overflowTime`, `eof`, `wait`, `data` and
    /// `tags`, then words of a header, words, tags, and the index that it begins with.
    NewProfBuf = 0,
    /// `profBuf.write`: the ring's `w`, tag (0 for none), time, words of the header, the header,
    /// the stack; whether it was dropped.
    Write = 1,
    /// `profBuf.read`: the ring's `w`, whether it may sleep; see [`Returned`]. The text keeps
    /// `rNext` itself.
    Read = 2,
    /// `profBuf.close`: the ring's `w`.
    Close = 3,
    /// A counter of the program's own: its word, and what it begins with.
    NewCounter = 4,
    /// A reading of it, which makes it one more: its word; what it was.
    Count = 5,
    /// An atomic operation that is a lock and more: the lock's word.
    Operate = 6,
    /// The profiler: `prof.hz`, `prof.signalLock`, `cpuprof.log`, `extra`, `numExtra`, `lostExtra`,
    /// `lostAtomic`, the length of `extra`, the four PCs of
    /// [`SyntheticPcs`](crate::cpu_profile::SyntheticPcs), and the `w` of its rings.
    NewCpuProfile = 7,
    /// An M: `profilehz`, guard, `procid`.
    NewM = 8,
    /// `setThreadCPUProfiler`: the M's `profilehz`, and the rate.
    ArmM = 9,
    /// `SetCPUProfileRate`: the M's `profilehz`, rate, time; 1 if it was refused.
    SetRate = 10,
    /// `cpuprof.log` = nil, as the read that finds the end has it.
    FinishProfile = 11,
    /// `sigprof`: see [`Interrupted::words`](crate::sigprof::Interrupted).
    Signal = 12,
    /// `sigprofNonGo`: the stack; see [`Extra`](crate::cpu_profile::Extra).
    SignalNonGo = 13,
    /// The tracer: `enabled`, `gen`, `signalLock`, both of `cpuLogWrite`, `cpuLogRead`, and
    /// of each log `w` and the word that says it is made.
    NewCpuLog = 14,
    /// `StartTrace`: the generation.
    StartTrace = 15,
    /// `traceAdvance`: the generation that ends; see [`drained`].
    AdvanceTrace = 16,
    /// `StopTrace`: the generation that ends; see [`drained`].
    StopTrace = 17,
    /// `traceReadCPU`, while the trace goes on: the M's `profilehz`; see [`drained`].
    DrainTrace = 18,
    /// `traceCPUSample`, with what [`Signal`](Self::Signal) has.
    Sample = 19,
}

/// The clocks of a program, as another text can be told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// They stand still: nanoseconds and ticks.
    Still([u64; 2]),
    /// Both are readings of this counter.
    Counting(u64),
    /// They stand still, and whoever reads the first takes a lock meanwhile: its word.
    Locked(u64, [u64; 2]),
}

impl Clock {
    /// The four words of it.
    #[must_use]
    pub const fn words(self) -> [u64; 4] {
        match self {
            Self::Still([nanotime, ticks]) => [0, 0, nanotime, ticks],
            Self::Counting(word) => [1, word, 0, 0],
            Self::Locked(word, [nanotime, ticks]) => [2, word, nanotime, ticks],
        }
    }
}

/// Takes what was drained apart, and hands it on with its generation. A record that cannot be one
/// ends it.
pub fn drained(mut words: &[u64], mut sink: impl FnMut(u64, Drained<'_>)) {
    while let [kind, generation, time, rest @ ..] = words {
        let (generation, time) = (*generation, *time);
        match (kind, rest) {
            (0, [p, goid, procid, len, rest @ ..]) => {
                let len = usize::try_from(*len).unwrap_or(usize::MAX);
                let Some((stack, behind)) = rest.split_at_checked(len) else {
                    return;
                };
                words = behind;
                let place = Place {
                    p: p.checked_sub(1).and_then(|p| u32::try_from(p).ok()),
                    goid: *goid,
                    procid: *procid,
                };
                sink(generation, Drained::Sample(Sample { time, place, stack }));
            }
            (1, [count, rest @ ..]) => {
                words = rest;
                #[expect(clippy::cast_possible_truncation, reason = "32 bits were counted")]
                let count = *count as u32;
                sink(generation, Drained::Overflow(Dropped { count, time }));
            }
            _ => return,
        }
    }
}

/// The return of a read, the second word of its result; `rNext` is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Nothing for now.
    Nothing,
    /// A run: place of the first word, words, place of the first tag, records.
    Run([usize; 4]),
    /// An overflow: count and time.
    Overflow(u32, u64),
    /// The end of all.
    End,
}

impl Returned {
    /// Takes the result of a read apart: `rNext`, and what it returned. `None` if it is none.
    #[must_use]
    pub fn parse(words: &[u64]) -> Option<(u64, Self)> {
        let place = |&word: &u64| usize::try_from(word).ok();
        let returned = match words {
            [_, 0] => Self::Nothing,
            [_, 1, at, words, tag, records] => {
                Self::Run([place(at)?, place(words)?, place(tag)?, place(records)?])
            }
            [_, 2, count, time] => Self::Overflow(u32::try_from(*count).ok()?, *time),
            [_, 3] => Self::End,
            _ => return None,
        };
        Some((words[0], returned))
    }
}
