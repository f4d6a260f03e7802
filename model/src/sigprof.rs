//! The handler of a profiling signal: whom it calls, in which order, and when it does nothing.
//!
//! ```text
//!  prof.hz = 0? -------------------------> off
//!  thread not armed? --------------------> off   (it may hold prof.signalLock)
//!  within an emulated atomic? -----------> count it, and no more
//!  trace back
//!  prof.hz = 0? -------------------------> off
//!  CpuProfile::add      prof.signalLock    labels of the current goroutine
//!  CpuLog::sample       trace.signalLock   id of the same
//! ```
//!
//! The two locks are taken one after the other, never one within the other; so a trace
//! that stops between them leaves the sample to the profile alone, and a profile that
//! stops after the second look leaves it to the trace alone: neither is a part of the
//! other (R23).
//!
//! That is why the order is the profile first, and the trace second: whoever stops the
//! trace and then the profile finds everything that the trace has in the profile, too, but
//! for what is counted there as lost ([L17](crate::law::Law::InProfile)).
//!
//! [L13](crate::law::Law::HandlerGoesOn): nothing here waits for what was interrupted.
//! [L16](crate::law::Law::SameGoroutine): both name the thread's current goroutine. Before
//! Go 1.19 was out, the tracer was told of the scheduler instead (B8).
//!
//! Go: `runtime/proc.go`, `sigprof`; `runtime/signal_unix.go`, `sigprofNonGo`.

use crate::backend::text::{Clock, Function};
use crate::backend::{Backend, Call, Within};
use crate::cpu_log::{CpuLog, Sampled};
use crate::cpu_profile::{CpuProfile, Extra, Profiled};
use crate::m::M;
use crate::prof_buf::Tag;
use crate::protocol::{Flaw, Reports, Rules};
use crate::sample::Place;

/// The code that a signal interrupted.
#[derive(Clone, Copy, Debug)]
pub struct Interrupted<'a> {
    /// The id of what ran: a goroutine's, or 0 for the thread's scheduler or none.
    pub gp: u64,
    /// The thread's current goroutine, if it has one.
    pub curg: Option<Goroutine>,
    /// The P, which a thread near a system call does not have.
    pub p: Option<u32>,
    /// Whether it was an atomic operation that is emulated by a lock (arm, mips).
    pub in_atomic: bool,
    /// The PCs, innermost first.
    pub stack: &'a [u64],
}

impl Interrupted<'_> {
    /// Tells another text of it: whether there is an M, its number; the goroutine that runs;
    /// whether one is current, its id, its labels or 0; the P from 1 on, or 0; whether it is in an
    /// atomic; the clocks; the stack.
    pub(crate) fn words<B: Backend>(&self, m: Option<&M<B>>, clock: Clock) -> Vec<u64> {
        let curg = self.curg;
        let place = [
            u64::from(m.is_some()),
            m.map_or(0, M::number),
            self.gp,
            u64::from(curg.is_some()),
            curg.map_or(0, |curg| curg.id),
            curg.and_then(|curg| curg.labels).map_or(0, Tag::get),
            self.p.map_or(0, |p| u64::from(p) + 1),
            self.in_atomic.into(),
        ];
        [&place[..], &clock.words(), self.stack].concat()
    }
}

/// A goroutine, as the handler knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goroutine {
    /// The goroutine's id.
    pub id: u64,
    /// The goroutine's labels, if it has any.
    pub labels: Option<Tag>,
}

/// The outcome of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// Nothing: the profiler is off.
    Off,
    /// Nothing: this thread is not armed, or no longer.
    ThreadOff,
    /// The signal is counted as lost within an atomic.
    InAtomic,
    /// Both were called.
    Sampled {
        /// The profiler's part of it.
        profiled: Profiled,
        /// The tracer's part of it.
        sampled: Sampled,
    },
}

/// The two clocks: the profiler's, in nanoseconds, and the tracer's, in ticks.
pub trait Clocks {
    /// The profiler's clock, in nanoseconds (Go: `nanotime`).
    fn nanotime(&self) -> u64;

    /// The tracer's clock, in ticks (Go: `cputicks`, or `traceClockNow`).
    fn ticks(&self) -> u64;

    /// Tells another text of them. Only programs that such a text runs need to.
    fn described(&self) -> Clock {
        Clock::Still([0; 2])
    }
}

impl Handled {
    /// Reads what another text says of a signal: what became of it, and of either sample. Why
    /// nothing was taken such a text does not say.
    fn parse(words: &[u64]) -> Self {
        match words {
            [1, ..] => Self::InAtomic,
            [2, profiled, time, _, dropped, sampled @ ..] => Self::Sampled {
                profiled: Profiled::parse(*profiled, *time, *dropped),
                sampled: Sampled::parse(sampled),
            },
            _ => Self::Off,
        }
    }
}

/// The handler of a signal on thread `m` of Go's; `None` where the goroutine is not known (it
/// happens on Windows), so that its thread is not known, either.
pub fn sigprof<B: Backend, R: Rules>(
    rules: R,
    profile: &CpuProfile<B, R>,
    log: &CpuLog<B, R>,
    m: Option<&M<B>>,
    clocks: &impl Clocks,
    at: Interrupted<'_>,
) -> Handled {
    let _call = Within::<B>::new(Call::of("sigprof", "runtime/proc.go"));
    let args = || at.words(m, clocks.described());
    if let Some(result) = B::instead(Function::Signal, args) {
        return Handled::parse(&result);
    }
    if !profile.is_on() {
        return Handled::Off;
    }
    let is_armed = m.is_none_or(M::is_armed);
    if !is_armed && !rules.has(Flaw::ArmedIgnored) {
        return Handled::ThreadOff;
    }
    if at.in_atomic && !rules.has(Flaw::InAtomicIgnored) {
        profile.lose_in_atomic();
        return Handled::InAtomic;
    }
    // Here Go traces back, which takes a while.
    if !profile.is_on() {
        return Handled::Off;
    }
    let labels = at.curg.and_then(|curg| curg.labels);
    let add = || profile.add(labels, || clocks.nanotime(), at.stack);
    let sample = || {
        let goid = match rules.protocol().reports {
            Reports::Gp => at.gp,
            Reports::Curg => at.curg.map_or(at.gp, |curg| curg.id),
        };
        let place = Place {
            p: at.p,
            goid,
            procid: 0,
        };
        log.sample(m, place, || clocks.ticks(), at.stack)
    };
    let (profiled, sampled) = if rules.has(Flaw::TraceFirst) {
        let sampled = sample();
        (add(), sampled)
    } else {
        (add(), sample())
    };
    Handled::Sampled { profiled, sampled }
}

/// The handler of a signal on a thread that is not Go's. It never reaches a trace (R27).
pub fn sigprof_non_go<B: Backend, R: Rules>(profile: &CpuProfile<B, R>, stack: &[u64]) -> Extra {
    let _call = Within::<B>::new(Call::of("sigprofNonGo", "runtime/signal_unix.go"));
    if let Some(result) = B::instead(Function::SignalNonGo, || stack.to_vec()) {
        return Extra::parse(&result);
    }
    if !profile.is_on() {
        return Extra::Off;
    }
    profile.add_non_go(stack)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::backend::Std;
    use crate::cpu_profile::{ProfileSizes, Profiler, SyntheticPcs};
    use crate::limits::Sizes;
    use crate::protocol::Protocol;

    const SIZES: Sizes = Sizes { words: 32, tags: 8 };

    /// Calls something when the tracer asks for its time.
    struct OnTicks<F>(F);

    impl<F: Fn()> Clocks for OnTicks<F> {
        fn nanotime(&self) -> u64 {
            5
        }

        fn ticks(&self) -> u64 {
            (self.0)();
            6
        }
    }

    const RULES: Protocol = Protocol::GO_1_21;

    fn profile() -> (CpuProfile<Std, Protocol>, Profiler) {
        let sizes = ProfileSizes {
            log: SIZES,
            extra: 9,
        };
        let pcs = SyntheticPcs {
            lost_external: 1,
            external: 2,
            lost_atomic: 3,
            system: 4,
        };
        CpuProfile::new(RULES, sizes, pcs, 1)
    }

    const AT: Interrupted<'static> = Interrupted {
        gp: 7,
        curg: None,
        p: Some(0),
        in_atomic: false,
        stack: &[8],
    };

    /// Not even counted is what comes while the rate is 0; and a thread whose own rate is 0
    /// leaves it at that, too.
    ///
    /// Guards R22.1, R22.2.
    #[test]
    fn without_a_rate_nothing_is_sampled_or_counted() {
        let (profile, mut profiler) = profile();
        let (log, mut tracer) = CpuLog::<Std, _>::new(RULES, SIZES, 1);
        log.start(&mut tracer).unwrap();
        let (m, other) = (M::new(41), M::new(42));
        let clocks = OnTicks(|| panic!("a sample is taken"));
        let signal = |m, in_atomic| {
            let at = Interrupted { in_atomic, ..AT };
            sigprof(RULES, &profile, &log, Some(m), &clocks, at)
        };
        for in_atomic in [false, true] {
            assert_eq!(signal(&m, in_atomic), Handled::Off);
        }
        profile.set_rate(&mut profiler, &m, 100, 1).unwrap();
        for in_atomic in [false, true] {
            assert_eq!(signal(&other, in_atomic), Handled::ThreadOff);
        }
        assert_eq!(signal(&m, true), Handled::InAtomic);
    }

    /// When the tracer's turn comes, another thread can take the profiler's lock.
    ///
    /// Guards R23.2.
    #[test]
    fn the_profilers_lock_is_free_when_the_tracer_is_called() {
        let (profile, mut profiler) = profile();
        let (log, mut tracer) = CpuLog::<Std, _>::new(RULES, SIZES, 1);
        let m = M::new(41);
        profile.set_rate(&mut profiler, &m, 100, 1).unwrap();
        log.start(&mut tracer).unwrap();
        // Not scoped: who waits for a lock that is never freed is left behind.
        let (done, results) = mpsc::channel();
        thread::spawn(move || {
            let clocks = OnTicks(|| {
                thread::scope(|scope| {
                    scope.spawn(|| profile.add_non_go(&[9]));
                });
            });
            let handled = sigprof(RULES, &profile, &log, Some(&m), &clocks, AT);
            done.send(matches!(handled, Handled::Sampled { .. }))
                .unwrap();
        });
        assert_eq!(results.recv_timeout(Duration::from_secs(20)), Ok(true));
    }
}
