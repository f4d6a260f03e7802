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

use super::same::Asked;
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

#[derive(Clone, Debug)]
struct Drawn {
    threads: Vec<Vec<Operation>>,
    /// The handler of the first thread, if it has one.
    handler: Option<Vec<Operation>>,
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
}

impl Drawn {
    fn draw(seed: Seed) -> Self {
        let mut rng = seed.split("plan").rng();
        let count = 2 + below(&mut rng, 2);
        let words = 1 + below(&mut rng, 2);
        let length = if count == 2 { 4 } else { 2 };
        let thread = |rng: &mut ChaCha8Rng, length| {
            let length = 1 + below(rng, length);
            (0..length).map(|_| Operation::draw(rng, words)).collect()
        };
        let threads = (0..count).map(|_| thread(&mut rng, length)).collect();
        let has_handler = count == 2 && below(&mut rng, 3) == 0;
        let handler = has_handler.then(|| thread(&mut rng, 2));
        Self { threads, handler }
    }

    /// Whether it has weak swaps, which stand in loops.
    fn loops(&self) -> bool {
        let mut all = self.threads.iter().chain(&self.handler).flatten();
        all.any(|operation| matches!(operation, Operation::AddWeakly(..)))
    }

    fn program(&self) -> Program {
        let words: Rc<[Word]> = ["x", "y"].map(|name| Atomic::<u32>::new(name, 0)).into();
        let flag = Rc::new(<Flag as Note>::new("flag"));
        let notes = Notes::new(self.threads.len() + 1);
        let body = |at: usize, operations: &[Operation]| {
            let (words, flag, notes) = (words.clone(), flag.clone(), notes.clone());
            let operations = operations.to_vec();
            move || {
                for operation in &operations {
                    if let Some(value) = operation.act(&words, &flag) {
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
    fn act(self, words: &[Word], flag: &Flag) -> Option<u64> {
        let order = Ordering::SeqCst;
        match self {
            Self::Load(word) => Some(Atomic::<u32>::load(&words[word], order).into()),
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
                    let seen: u32 = words[word].load(order);
                    if seen == end {
                        return Some(7);
                    }
                    if looks_beside {
                        beside = Atomic::<u32>::load(&words[1 - word], order);
                    }
                    if words[word].compare_and_swap_weak(seen, seen + 1, order) {
                        return Some(u64::from(16 * beside + seen));
                    }
                }
            }
            Self::Await(word, seen) => {
                words[word].yield_while(seen);
                Some(Atomic::<u32>::load(&words[word], order).into())
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
        let asked = verdicts(Box::new(Asked(Box::new(Dpor::new()))), &make);
        assert_eq!(asked, (got, reduced_runs), "seed {seed}: {drawn:?}");
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

#[test]
fn the_reduced_search_misses_nothing() {
    check(0..1000);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn the_reduced_search_misses_nothing_in_ten_thousand_programs() {
    check(0..10_000);
}
