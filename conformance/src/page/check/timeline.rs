//! The trace once more, as counts over time: how long goroutines ran on each thread, the samples
//! that came, and how much lay in the tracer's rings.
//!
//! Nothing is kept of an event that has gone by, and buckets are a fixed number, so that memory
//! does not grow with the trace: but for some bytes a generation, and a few for each thread.

use std::collections::HashMap;

use sigprof_wire::limits::{MAX_CPU_PROF_STACK, PROF_BUF_WORDS, trace_v1_record_words};
use sigprof_wire::v2::limits::record_words;

use super::buckets::{Fill, Lane, Row, Width};
use super::flames::{Counts, Flames};
use crate::check::rate::ThreadRate;
use crate::check::ring::Ring;
use crate::error::InputError;
use crate::trace::kind::GoState;
use crate::trace::stacks::GOEXIT;
use crate::trace::{Event, Kind, Reader, Ticks, v1};

/// Threads, or Ps, that have a row of their own. The others share one.
const LANES: usize = 64;

/// Counts over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    pub(super) width: Width,
    /// Whether a lane is a P: a v1 trace names threads only now and then.
    pub(super) is_by_proc: bool,
    /// The threads that have a lane.
    pub(super) names: Vec<u64>,
    /// Their lanes, and one for all others.
    pub(super) lanes: Vec<Lane>,
    /// Threads that share the last one.
    pub(super) others: usize,
    /// The ring of a v1 tracer; those of even and odd generations of a v2 one.
    pub(super) rings: Vec<Fill>,
    /// Number and beginning of each generation.
    pub(super) generations: Vec<(u64, i64)>,
    /// Moments at which a ring was read, as far as the bytes show them.
    pub(super) reads: Vec<i64>,
    /// Of generations with samples that came late, when the last of these was taken.
    pub(super) late: HashMap<u64, i64>,
    /// The last event.
    pub(super) span_ns: i64,
    /// Samples whose events went by.
    pub(super) samples: u64,
}

/// A place where goroutines run.
#[derive(Clone, Copy, Debug)]
struct Place {
    lane: usize,
    /// Since when one runs there.
    since: Option<i64>,
}

/// The fold over a trace's events.
struct Fold<'f> {
    line: Timeline,
    /// Samples that leaked, by the generation that has them.
    leaked: HashMap<u64, u64>,
    places: HashMap<u64, Place>,
    /// The next word of each v2 ring, if the trace shows where it began.
    words: [Option<u64>; 2],
    flames: Option<Stacks<'f>>,
    /// Samples of this generation that were taken before it, by their offsets: their events come
    /// when it begins.
    taken_before: HashMap<u64, i64>,
}

/// Stacks of a trace that has no profile, by the ids of one generation.
struct Stacks<'f> {
    flames: &'f mut Flames,
    table: u64,
    known: HashMap<u64, u32>,
}

impl Timeline {
    /// Goes through a trace. `threads` are those that the check saw, and `ring` is the ring as it
    /// found it; stacks go into `flames`, if they are asked for. A trace that cannot be read whole
    /// is read as far as it can be.
    ///
    /// # Errors
    /// What is wrong with the trace, where its reader does not keep going.
    pub(super) fn read(
        reader: &mut Reader,
        threads: &[ThreadRate],
        ring: &Ring,
        flames: Option<&mut Flames>,
    ) -> Result<Self, InputError> {
        let is_by_proc = reader.as_v1().is_some();
        let leaks = ring.replay.iter().flat_map(|replay| &replay.leaks);
        let mut fold = Fold {
            line: Timeline {
                is_by_proc,
                lanes: vec![Lane::default()],
                ..Timeline::default()
            },
            leaked: leaks.map(|leak| (leak.generation, leak.samples)).collect(),
            places: HashMap::new(),
            words: [known(ring, 0), known(ring, 1)],
            flames: flames.map(|flames| Stacks {
                flames,
                table: 0,
                known: HashMap::new(),
            }),
            taken_before: HashMap::new(),
        };
        if !is_by_proc {
            fold.line.rings = vec![Fill::default(), Fill::default()];
            let mut busiest = threads.to_vec();
            busiest.sort_by_key(|t| (std::cmp::Reverse((t.running_ns, t.samples)), t.thread));
            busiest.truncate(LANES);
            busiest.sort_by_key(|t| t.thread);
            for thread in busiest {
                fold.place(thread.thread, true);
            }
        }
        let mut table = None;
        loop {
            let event = match reader.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(_) if reader.options().keep_going => break,
                Err(error) => return Err(error),
            };
            // Their numbers may repeat.
            if event.generation.is_some() && table != Some(event.table) {
                table = Some(event.table);
                let number = event.generation.map_or(0, |generation| generation.0);
                fold.generation(reader, number, event.time.0);
            }
            fold.see(reader, &event);
        }
        if let Some(v1) = reader.as_v1() {
            fold.log(v1, |ticks| reader.nanos(Ticks(ticks)).0);
        }
        Ok(fold.end())
    }
}

/// The word at which a ring is known to begin: the check saw where, or that it does not show.
fn known(ring: &Ring, parity: u64) -> Option<u64> {
    let replay = ring.replay.as_ref()?;
    let leak = replay.leaks.iter().find(|l| l.taken_in % 2 == parity);
    let end = || replay.ends.iter().find(|e| e.generation % 2 == parity);
    let free = match leak {
        Some(leak) => leak.free_words,
        None => end().and_then(|end| end.free_words),
    };
    free.map(|_| 0)
}

impl Fold<'_> {
    fn grow(&mut self, time_ns: i64) {
        for _ in 0..self.line.width.grow(time_ns) {
            self.line.lanes.iter_mut().for_each(Row::double);
            self.line.rings.iter_mut().for_each(Row::double);
        }
    }

    /// The place of a thread or a P, with a lane of its own if it is one of the busiest.
    fn place(&mut self, id: u64, has_lane: bool) -> &mut Place {
        let line = &mut self.line;
        self.places.entry(id).or_insert_with(|| {
            let others = line.lanes.len() - 1;
            if has_lane && others < LANES {
                line.names.push(id);
                line.lanes.insert(others, Lane::default());
                return Place {
                    lane: others,
                    since: None,
                };
            }
            line.others += 1;
            Place {
                lane: LANES,
                since: None,
            }
        })
    }

    fn see(&mut self, reader: &Reader, event: &Event) {
        let time = event.time.0;
        self.line.span_ns = time;
        self.grow(time);
        let id = match self.line.is_by_proc {
            true => event.proc.map(|proc| proc.0),
            false => event.thread.map(|thread| thread.0),
        };
        let is_by_proc = self.line.is_by_proc;
        match event.kind {
            Kind::StackSample => self.sample(reader, event, id),
            Kind::GoTransition { from, to, .. } => {
                let runs = to == GoState::Running;
                let Some(id) = id.filter(|_| runs || from == GoState::Running) else {
                    return;
                };
                let place = self.place(id, is_by_proc);
                let lane = place.lane;
                let before = std::mem::replace(&mut place.since, runs.then_some(time));
                self.ran(lane, before, time);
            }
            _ => {}
        }
    }

    fn ran(&mut self, lane: usize, since: Option<i64>, until: i64) {
        let lane = lane.min(self.line.lanes.len() - 1);
        if let Some(since) = since {
            self.line.lanes[lane].run(self.line.width, since, until);
        }
    }

    fn sample(&mut self, reader: &Reader, event: &Event, id: Option<u64>) {
        self.line.samples += 1;
        let has_lane = self.line.is_by_proc;
        let others = self.line.lanes.len() - 1;
        let lane = match id {
            Some(id) => self.place(id, has_lane).lane,
            None => others,
        };
        let lane = lane.min(self.line.lanes.len() - 1);
        let taken = self.taken_before.get(&event.offset);
        let taken = taken.copied().unwrap_or(event.time.0);
        self.line.lanes[lane].sample(self.line.width, taken);
        if let Some(stacks) = &mut self.flames {
            stacks.add(reader, event);
        }
    }

    /// The next generation of a v2 trace begins, with all of its samples in the order of the ring.
    fn generation(&mut self, reader: &Reader, number: u64, first_ns: i64) {
        let Some(v2) = reader.as_v2() else { return };
        let nanos = |time| reader.nanos(Ticks(time)).0;
        let starts = v2.clocks().map_or(first_ns, |clocks| nanos(clocks.trace));
        if !self.line.generations.is_empty() {
            // The last read of the one before.
            self.line.reads.push(starts);
        }
        self.line.generations.push((number, starts));
        let begun = v2.sample_batches().iter();
        self.line.reads.extend(begun.map(|&time| nanos(time)));
        let parity = usize::from(number % 2 == 1);
        let samples = v2.logged_samples();
        if let Some(&leaked) = self.leaked.get(&number) {
            // What leaked lies at the ring's beginning.
            self.words[parity].get_or_insert(0);
            let nth = usize::try_from(leaked.saturating_sub(1)).unwrap_or(usize::MAX);
            let last = samples.get(nth).map(|sample| nanos(sample.time));
            self.line.late.extend(last.map(|last| (number, last)));
        }
        self.taken_before.clear();
        for sample in samples {
            let time = nanos(sample.time);
            if time < starts {
                self.taken_before.insert(sample.offset, time);
            }
            self.grow(time);
            let Some(at) = self.words[parity] else {
                continue;
            };
            let words = record_words(sample.frames);
            // A record lies in one piece.
            let next = if at + words > PROF_BUF_WORDS { 0 } else { at } + words;
            self.words[parity] = Some(next);
            self.line.rings[parity].set(self.line.width, time, next);
        }
    }

    /// The samples of a v1 trace in the order of the file: those whose signals came before the
    /// first of them was written lay in the ring together.
    fn log(&mut self, reader: &v1::Reader, nanos: impl Fn(i64) -> i64) {
        self.line.rings = vec![Fill::default()];
        let mut fill = 0;
        let mut began = None;
        for sample in reader.logged_samples() {
            if let Some(drained) = began.filter(|&drained| sample.taken > drained) {
                self.drained(nanos(drained));
                (fill, began) = (0, None);
            }
            began.get_or_insert(sample.logged);
            let frames = reader.stack(sample.stack).len() as u64;
            fill += trace_v1_record_words(frames.min(MAX_CPU_PROF_STACK));
            let time = nanos(sample.taken);
            self.grow(time);
            self.line.rings[0].set(self.line.width, time, fill.min(PROF_BUF_WORDS));
        }
        if let Some(drained) = began {
            self.drained(nanos(drained));
        }
    }

    fn drained(&mut self, time_ns: i64) {
        self.grow(time_ns);
        self.line.reads.push(time_ns);
        self.line.rings[0].set(self.line.width, time_ns, 0);
    }

    fn end(mut self) -> Timeline {
        let end = self.line.span_ns;
        let places: Vec<_> = self.places.values().copied().collect();
        for place in places {
            self.ran(place.lane, place.since, end);
        }
        self.line
    }
}

impl Stacks<'_> {
    fn add(&mut self, reader: &Reader, event: &Event) {
        if self.table != event.table {
            self.table = event.table;
            self.known.clear();
        }
        let one = Counts {
            trace: 1,
            ..Counts::default()
        };
        let id = event.stack.map_or(0, |stack| stack.id);
        if let Some(&known) = self.known.get(&id) {
            return self.flames.add_at(known, one);
        }
        let frames = reader.frames(event.stack);
        let mut names: Vec<_> = frames.map(|f| reader.text(f.function)).collect();
        names.reverse();
        let names = names.iter().map(String::as_str);
        let at = self.flames.add(names.filter(|&name| name != GOEXIT), one);
        self.known.insert(id, at);
    }
}
