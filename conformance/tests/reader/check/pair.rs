//! A pair of a trace and a profile, put together sample by sample.

use sigprof::check::{Narrow, NothingSelected, Report, check_collected as check};
use sigprof::pprof::{Frame, Profile, Sample};
use sigprof::trace::v1 as trace;
use sigprof_sim::tracer::{self, CpuSample, GoId, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

/// Ticks, of a nanosecond each.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// The tick of the trace's last event; the first is 0.
pub(crate) const LAST: i64 = 10 * SECOND;

/// The goroutine that samples are of unless said otherwise.
pub(crate) const GOROUTINE: u64 = 1;

/// Between two samples.
const MILLI: i64 = SECOND / 1000;

/// Where the trace clock stands when the trace begins.
const FIRST_TICK: i64 = 1_000_000;

/// Functions of a stack, leaf first, with spaces between them.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    version: FormatVersion,
    /// Stack and goroutine of each sample.
    trace: Vec<(String, u64)>,
    profile: Profile,
    drained_at_end: bool,
    /// Whether the last sample is of the trace's last moment.
    is_sampled_to_the_end: bool,
    /// The tick of the goroutine's end.
    end: i64,
    /// Threads that take a P, one after the other.
    threads: u64,
    /// GOMAXPROCS as the trace says it; 0 if it does not.
    procs: u64,
    /// Tick, mode and name of each region.
    regions: Vec<(i64, u64, String)>,
    pub(crate) narrow: Narrow,
}

impl Default for Pair {
    /// No samples; the profile a millisecond shorter than the trace, whose last sample
    /// is of its last moment, so that nothing of the profile can lie outside.
    fn default() -> Self {
        Self {
            version: FormatVersion::GO_1_19,
            trace: Vec::new(),
            profile: Profile {
                period: 10 * MILLI,
                duration: LAST - MILLI,
                ..Profile::default()
            },
            drained_at_end: false,
            is_sampled_to_the_end: true,
            end: LAST,
            threads: 0,
            procs: 0,
            regions: Vec::new(),
            narrow: Narrow::default(),
        }
    }
}

/// A stack of that many frames.
pub(crate) fn deep(frames: u64) -> String {
    vec!["main.recurse"; usize::try_from(frames).unwrap()].join(" ")
}

impl Pair {
    pub(crate) fn trace(self, stack: &str, count: u64) -> Self {
        self.trace_of(GOROUTINE, stack, count)
    }

    pub(crate) fn trace_of(mut self, goroutine: u64, stack: &str, count: u64) -> Self {
        let samples = (0..count).map(|_| (stack.to_owned(), goroutine));
        self.trace.extend(samples);
        self
    }

    pub(crate) fn profile(self, stack: &str, count: u64) -> Self {
        self.profile_sample(stack, count, Vec::new())
    }

    pub(crate) fn both(self, stack: &str, count: u64) -> Self {
        self.trace(stack, count).profile(stack, count)
    }

    pub(crate) fn labelled(self, stack: &str, count: u64, (key, value): (&str, &str)) -> Self {
        self.profile_sample(stack, count, vec![(key.to_owned(), value.to_owned())])
    }

    fn profile_sample(mut self, stack: &str, count: u64, labels: Vec<(String, String)>) -> Self {
        let profile = &mut self.profile;
        let first = u32::try_from(profile.frames.len()).unwrap();
        profile
            .frames
            .extend(stack.split(' ').map(|function| Frame {
                function: function.into(),
                line: 7,
                file: "main.go".into(),
            }));
        let end = u32::try_from(profile.frames.len()).unwrap();
        profile.samples.push(Sample {
            offset: 0,
            count,
            frames: (first..end).collect(),
            labels: labels
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        });
        self
    }

    pub(crate) fn version(mut self, version: FormatVersion) -> Self {
        self.version = version;
        self
    }

    pub(crate) fn profile_ns(mut self, ns: i64) -> Self {
        self.profile.duration = ns;
        self
    }

    pub(crate) fn period_ns(mut self, ns: i64) -> Self {
        self.profile.period = ns;
        self
    }

    /// Nobody drains the ring before the trace ends; all samples are of its first half,
    /// so that a full ring has time to drop more.
    pub(crate) fn drained_at_end(mut self) -> Self {
        self.drained_at_end = true;
        self.sampled_early()
    }

    /// The last sample comes just after the others.
    pub(crate) fn sampled_early(mut self) -> Self {
        self.is_sampled_to_the_end = false;
        self
    }

    pub(crate) fn goroutine_ends(mut self, end: i64) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn threads(mut self, threads: u64) -> Self {
        self.threads = threads;
        self
    }

    pub(crate) fn procs(mut self, procs: u64) -> Self {
        self.procs = procs;
        self
    }

    pub(crate) fn region(self, name: &str, from: i64, to: i64) -> Self {
        self.open_region(name, from).region_end(name, to)
    }

    pub(crate) fn open_region(mut self, name: &str, from: i64) -> Self {
        self.regions.push((from, 0, name.to_owned()));
        self
    }

    pub(crate) fn region_end(mut self, name: &str, to: i64) -> Self {
        self.regions.push((to, 1, name.to_owned()));
        self
    }

    pub(crate) fn check(&self) -> Report {
        self.try_check().unwrap()
    }

    pub(crate) fn try_check(&self) -> Result<Report, NothingSelected> {
        let bytes = self.trace_bytes();
        let trace = trace::read(&bytes).unwrap();
        assert_eq!(trace.span(), LAST);
        check(&trace, &self.profile, &self.narrow)
    }

    fn trace_bytes(&self) -> Vec<u8> {
        let at = |tick: i64| Ticks((FIRST_TICK + tick).cast_unsigned());
        let p = ProcId(0);
        let mut builder = TraceBuilder::new(self.version).unwrap();
        // An event at the tick of its batch would move one on.
        builder.batch(Some(p), at(-1));
        builder.event(at(0), EventType::GoCreate, &[GOROUTINE, 0], &[]);
        builder.event(at(1), EventType::GoStart, &[GOROUTINE, 1], &[]);
        if self.procs > 0 {
            builder.event(at(2), EventType::Gomaxprocs, &[self.procs], &[]);
        }
        for (tick, mode, name) in &self.regions {
            let name = builder.string(name);
            let tick = at((*tick).clamp(2, LAST - 1));
            builder.event(tick, EventType::UserRegion, &[0, *mode, name.0], &[]);
        }
        builder.event(at(self.end), EventType::GoEnd, &[], &[]);
        if self.end < LAST {
            builder.event(at(LAST), EventType::HeapAlloc, &[1], &[]);
        }
        builder.batch(Some(ProcId(1)), at(1));
        for (tick, thread) in (2..).step_by(2).zip(0..self.threads) {
            builder.event(at(tick), EventType::ProcStart, &[thread], &[]);
            builder.event(at(tick + 1), EventType::ProcStop, &[], &[]);
        }
        builder.batch(Some(p), at(-1));
        let count = i64::try_from(self.trace.len()).unwrap();
        let step = MILLI.min(LAST / 2 / (count + 1));
        for (i, (stack, goroutine)) in (1..).zip(&self.trace) {
            let is_last = i == count && self.is_sampled_to_the_end;
            let taken = if is_last { LAST } else { i * step };
            let frame = |function| tracer::Frame::new(1, function, "main.go", 7);
            let frames: Vec<_> = stack.split(' ').map(frame).collect();
            let sample = CpuSample {
                ts: at(taken),
                p: Some(p),
                g: Some(GoId(*goroutine)),
                stack: builder.stack(&frames),
            };
            let logged = if self.drained_at_end { LAST } else { taken + 1 };
            builder.cpu_sample(at(logged), sample);
        }
        builder.finish(SECOND.cast_unsigned())
    }
}
