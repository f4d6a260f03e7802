//! The reduced search against a plain full one, which tries every choice: the same verdicts,
//! deadlocks included, on thousands of random programs.

use std::rc::Rc;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use sigprof_model::backend::{Atomic, Note, Ordering};
use sigprof_model::scenario::{Program, Thread};
use sigprof_sim::Seed;
use sigprof_sim::engine::Sim;
use sigprof_sim::engine::strategy::{Bounded, Dpor};

use super::{Notes, noting, verdicts, verdicts_within};

type Word = <Sim as sigprof_model::backend::Backend>::U32;
type Flag = <Sim as sigprof_model::backend::Backend>::Note;

/// An operation on one of a few words.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Load(usize),
    Store(usize, u32),
    Add(usize),
    Swap(usize, u32, u32),
    /// Adds to the word, if it is not this, by a weak swap in a loop; and may look at the other word
    /// between.
    AddWeakly(usize, u32, bool),
    /// Spins until the word is another than this.
    Await(usize, u32),
    Sleep,
    Wake,
    Clear,
}

/// Operations, each with its order.
type Body = Vec<(Operation, Ordering)>;

#[derive(Clone, Debug)]
struct Drawn {
    threads: Vec<Body>,
    /// The handler of the first thread, if it has one.
    handler: Option<Body>,
}

fn below(rng: &mut ChaCha8Rng, n: u32) -> u32 {
    rng.next_u32() % n
}

impl Operation {
    fn draw(rng: &mut ChaCha8Rng, words: u32) -> Self {
        let word = below(rng, words) as usize;
        let value = below(rng, 3);
        match below(rng, 19) {
            0..5 => Self::Load(word),
            5..9 => Self::Store(word, value),
            9 | 10 => Self::Add(word),
            11 | 12 => Self::Swap(word, below(rng, 2), value),
            15..18 => Self::AddWeakly(word, 1 + value, below(rng, 2) == 0),
            13 => Self::Await(word, below(rng, 2)),
            14 => Self::Sleep,
            _ if below(rng, 3) == 0 => Self::Clear,
            _ => Self::Wake,
        }
    }

    /// An order that it may have.
    fn draw_order(self, rng: &mut ChaCha8Rng) -> Ordering {
        use Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
        let orders = match self {
            Self::Load(_) | Self::Await(..) => [Relaxed, Relaxed, Acquire, Acquire, SeqCst],
            Self::Store(..) => [Relaxed, Relaxed, Release, Release, SeqCst],
            _ => [Relaxed, Acquire, Release, AcqRel, SeqCst],
        };
        orders[below(rng, 5) as usize]
    }
}

impl Drawn {
    /// A program of sequentially consistent operations.
    fn draw(seed: Seed) -> Self {
        let mut rng = seed.split("plan").rng();
        let count = 2 + below(&mut rng, 2);
        let words = 1 + below(&mut rng, 2);
        let length = if count == 2 { 4 } else { 2 };
        let thread = |rng: &mut ChaCha8Rng, length| {
            let length = 1 + below(rng, length);
            let operation = |_| (Operation::draw(rng, words), Ordering::SeqCst);
            (0..length).map(operation).collect()
        };
        let threads = (0..count).map(|_| thread(&mut rng, length)).collect();
        let has_handler = count == 2 && below(&mut rng, 3) == 0;
        let handler = has_handler.then(|| thread(&mut rng, 2));
        Self { threads, handler }
    }

    /// The same with an order for each operation.
    fn draw_weak(seed: Seed) -> Self {
        let mut drawn = Self::draw(seed);
        let mut rng = seed.split("orders").rng();
        let bodies = drawn.threads.iter_mut().chain(&mut drawn.handler);
        for (operation, order) in bodies.flatten() {
            *order = operation.draw_order(&mut rng);
        }
        drawn
    }

    /// Whether it has weak swaps, which stand in loops.
    fn loops(&self) -> bool {
        let mut all = self.threads.iter().chain(&self.handler).flatten();
        all.any(|(operation, _)| matches!(operation, Operation::AddWeakly(..)))
    }

    fn program(&self) -> Program {
        let words: Rc<[Word]> = ["x", "y"].map(|name| Atomic::<u32>::new(name, 0)).into();
        let flag = Rc::new(<Flag as Note>::new("flag"));
        let notes = Notes::new(self.threads.len() + 1);
        let body = |at: usize, operations: &Body| {
            let (words, flag, notes) = (words.clone(), flag.clone(), notes.clone());
            let operations = operations.clone();
            move || {
                for (operation, order) in operations {
                    if let Some(value) = operation.act(order, &words, &flag) {
                        notes.note(at, value);
                    }
                }
            }
        };
        let mut threads = Vec::new();
        for (at, operations) in self.threads.iter().enumerate() {
            let mut thread = Thread::new("thread", body(at, operations));
            if let (0, Some(handler)) = (at, &self.handler) {
                thread = thread.with_handler(body(self.threads.len(), handler));
            }
            threads.push(thread);
        }
        noting(threads, notes)
    }
}

impl Operation {
    /// Does it; what was seen, if anything.
    fn act(self, order: Ordering, words: &[Word], flag: &Flag) -> Option<u64> {
        let look = look_of(order);
        match self {
            Self::Load(word) => Some(Atomic::<u32>::load(&words[word], look).into()),
            Self::Store(word, value) => {
                words[word].store(value, order);
                None
            }
            Self::Add(word) => Some(words[word].fetch_add(1_u32, order).into()),
            Self::Swap(word, current, new) => {
                Some(words[word].compare_and_swap(current, new, order).into())
            }
            Self::AddWeakly(word, end, looks_beside) => {
                let mut beside = 0;
                loop {
                    let seen: u32 = words[word].load(look);
                    if seen == end {
                        return Some(7);
                    }
                    if looks_beside {
                        beside = Atomic::<u32>::load(&words[1 - word], look);
                    }
                    if words[word].compare_and_swap_weak(seen, seen + 1, order) {
                        return Some(u64::from(16 * beside + seen));
                    }
                }
            }
            Self::Await(word, seen) => {
                words[word].yield_while(seen);
                Some(Atomic::<u32>::load(&words[word], look).into())
            }
            Self::Sleep => {
                flag.sleep();
                None
            }
            Self::Wake => Some(flag.wake().into()),
            Self::Clear => {
                flag.clear();
                None
            }
        }
    }
}

/// The order of a look that goes with a change of this order.
fn look_of(order: Ordering) -> Ordering {
    match order {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        order => order,
    }
}

/// Runs of the full search of one program, at the most: a few programs with loops have more.
const RUNS_MAX: u64 = 200_000;

fn check(seeds: std::ops::Range<u64>) {
    let (mut reduced, mut full, mut deadlocks, mut signals, mut loops) = (0, 0, 0, 0, 0);
    let (mut skipped, count) = (0, seeds.end - seeds.start);
    for seed in seeds {
        let drawn = Drawn::draw(Seed(seed));
        let make = || drawn.program();
        let plain = Box::new(Bounded::new(usize::MAX, false));
        let Some((want, runs)) = verdicts_within(RUNS_MAX, plain, &make) else {
            skipped += 1;
            continue;
        };
        let (got, reduced_runs) = verdicts(Box::new(Dpor::new()), &make);
        assert_eq!(got, want, "seed {seed}: {drawn:?}");
        full += runs;
        reduced += reduced_runs;
        deadlocks += usize::from(want.iter().any(Result::is_err));
        signals += usize::from(drawn.handler.is_some());
        loops += usize::from(drawn.loops());
    }
    // If not, the programs do not try much.
    assert!(
        deadlocks > 100 && signals > 100 && loops > 300,
        "{deadlocks} {signals} {loops}"
    );
    assert!(skipped * 50 < count, "{skipped} of {count} are too long");
    assert!(reduced * 4 < full, "{reduced} of {full} runs");
    println!("{full} runs, {reduced} of the reduced search, {skipped} programs too long");
}

fn check_weak(seeds: std::ops::Range<u64>) {
    let (mut reduced, mut full, mut skipped) = (0, 0, 0);
    for seed in seeds {
        let drawn = Drawn::draw_weak(Seed(seed));
        let make = || drawn.program();
        let plain = Box::new(Bounded::new(usize::MAX, true));
        let Some((want, runs)) = verdicts_within(RUNS_MAX, plain, &make) else {
            skipped += 1;
            continue;
        };
        let (got, reduced_runs) = verdicts(Box::new(Dpor::weak()), &make);
        assert_eq!(got, want, "seed {seed}: {drawn:?}");
        full += runs;
        reduced += reduced_runs;
    }
    println!("{full} runs, {reduced} of the reduced search, {skipped} programs too long");
}

#[test]
fn weak_misses_nothing() {
    check_weak(0..1000);
}

#[test]
fn the_reduced_search_misses_nothing() {
    check(0..1000);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn the_reduced_search_misses_nothing_in_ten_thousand_programs() {
    check(0..10_000);
}
