//! Values of words: weak memory, and who may use a plain word when.
//!
//! # Atomic words
//!
//! A word keeps its last [`HISTORY`] stores in the order in which they were made. A load
//! takes any of them, unless its M knows better: a store is out of reach as soon as a
//! later one happened before, or was seen by the M, or by anybody whose knowledge the M has.
//! So a word never goes back for anybody (coherence). A load that acquires a store that was
//! a release has from then on the knowledge of who made it; what reads and writes at once
//! takes the newest store, and carries its release on. `SeqCst` accesses have besides a
//! common order, that of the run: such a load is never older than the last such store.
//!
//! # How far this goes
//!
//! It is C++20's model with three limits. Stores become visible in the order of the run, so
//! that two stores are never in one order for one M and in another for a second, and a load
//! is never satisfied by a store that comes later (no load buffering). A swap that fails
//! looks at the newest store. Stores older than the last four are forgotten. Each limit leaves
//! behaviour out, none adds any: what is found here can happen.
//!
//! # Plain words
//!
//! Two uses of a plain word by different Ms, at least one of them a write, must be ordered
//! by what the Ms know. If not, it is a race, whatever order the run had them in; so a race
//! is found in each run in which nothing orders the two, not only where they collide.

mod kept;
mod names;

use super::clock::{Clock, Count, MS_MAX};
use kept::Kept;
use sigprof_model::backend::Ordering;
use sigprof_model::law::{Law, Violation};

/// Stores that a word remembers.
pub const HISTORY: usize = 4;

/// A store to a word.
#[derive(Clone, Copy)]
struct Store {
    value: u64,
    /// The knowledge that an acquirer gets, if it is a release or carries one on; else nothing.
    message: Clock,
    /// From which count of its own on each M has seen it.
    seen: Clock,
}

impl Store {
    const ZERO: Self = Self {
        value: 0,
        message: Clock::ZERO,
        seen: Clock::ZERO,
    };

    /// The value, for M `m` with that knowledge.
    #[inline(always)]
    fn loaded(&mut self, m: usize, clock: &mut Clock, order: Ordering) -> u64 {
        self.seen.lower(&Clock::only(m, clock.0[m]));
        if acquires(order) {
            clock.join(&self.message);
        }
        self.value
    }
}

/// An atomic word.
struct Word {
    name: &'static str,
    /// A ring of stores.
    stores: [Store; HISTORY],
    newest: usize,
    /// How many of them are stores of this run.
    kept: usize,
    /// Stores that were made since the last one with `SeqCst`, if there was one.
    since_strong: Option<usize>,
}

impl Word {
    /// That value, which everybody knows.
    #[inline]
    fn set_up(&mut self, value: u64) {
        (self.newest, self.kept, self.since_strong) = (0, 1, None);
        self.stores[0] = Store {
            value,
            ..Store::ZERO
        };
    }

    #[inline]
    fn at(&self, age: usize) -> usize {
        (self.newest + HISTORY - age) % HISTORY
    }

    #[inline]
    fn push(&mut self, store: Store, is_strong: bool) {
        self.newest = (self.newest + 1) % HISTORY;
        self.kept = (self.kept + 1).min(HISTORY);
        self.stores[self.newest] = store;
        if is_strong {
            self.since_strong = Some(0);
        } else if let Some(since) = &mut self.since_strong {
            *since += 1;
        }
    }
}

/// A plain word.
#[derive(Clone, Copy)]
struct Plain {
    value: u64,
    /// The M that wrote it last, and at which count.
    writer: u8,
    written: Count,
    /// At which count each M read it since.
    read: Clock,
}

/// A run of plain words with one name.
struct Span {
    name: &'static str,
    base: usize,
    len: usize,
    is_retired: bool,
    /// Whether it may be another than it was when the program was made.
    is_used: bool,
}

impl Span {
    #[inline]
    fn place(&self, at: usize) -> usize {
        if at >= self.len {
            out_of_range(at, self.len);
        }
        self.base + at
    }
}

/// Two Ms use a plain word with nothing that orders them, or somebody uses one that was
/// given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    Race { with: usize, wrote: bool },
    Retired,
}

/// All words of a run. They are kept from run to run, to be used again.
pub(super) struct Memory {
    words: Vec<Word>,
    used: usize,
    plain: Vec<Plain>,
    spans: Vec<Span>,
    clocks: [Clock; MS_MAX],
    kept: Kept,
}

#[inline]
fn acquires(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst
    )
}

#[inline]
fn releases(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Release | Ordering::AcqRel | Ordering::SeqCst
    )
}

impl Memory {
    /// No words yet.
    pub(super) const fn new() -> Self {
        Self {
            words: Vec::new(),
            used: 0,
            plain: Vec::new(),
            spans: Vec::new(),
            clocks: Clock::OF_EACH,
            kept: Kept::new(),
        }
    }

    /// Forgets the last run.
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.plain.clear();
        self.spans.clear();
    }

    /// Ms begin. What was there before happened before.
    pub(super) fn begin(&mut self) {
        self.clocks = Clock::OF_EACH;
    }

    pub(super) fn new_word(&mut self, name: &'static str, value: u64) -> usize {
        let id = self.used;
        self.used += 1;
        if id == self.words.len() {
            self.words.push(Word {
                name,
                stores: [Store::ZERO; HISTORY],
                newest: 0,
                kept: 1,
                since_strong: None,
            });
        }
        let word = &mut self.words[id];
        word.name = name;
        word.set_up(value);
        id
    }

    pub(super) fn new_span(&mut self, name: &'static str, len: usize) -> usize {
        let base = self.plain.len();
        let zero = Plain {
            value: 0,
            writer: 0,
            written: 0,
            read: Clock::ZERO,
        };
        self.plain.resize(base + len, zero);
        self.spans.push(Span {
            name,
            base,
            len,
            is_retired: false,
            is_used: false,
        });
        self.spans.len() - 1
    }

    /// The newest value of an atomic word.
    #[inline]
    pub(super) fn newest(&self, word: usize) -> u64 {
        let word = &self.words[word];
        word.stores[word.newest].value
    }

    /// Its value if nobody has stored to it: everybody knows that one, and it tells nothing.
    #[inline]
    pub(super) fn first(&self, word: usize) -> Option<u64> {
        let word = &self.words[word];
        (word.kept == 1).then_some(word.stores[0].value)
    }

    /// How many stores a load may take.
    #[inline]
    pub(super) fn reach(&self, m: usize, word: usize, order: Ordering) -> usize {
        let word = &self.words[word];
        let clock = &self.clocks[m];
        let strong = match (order, word.since_strong) {
            (Ordering::SeqCst, Some(since)) => since,
            _ => HISTORY,
        };
        for age in 0..word.kept - 1 {
            if age == strong || clock.knows_any(&word.stores[word.at(age)].seen) {
                return age + 1;
            }
        }
        word.kept
    }

    /// Loads the store of that age; 0 is the newest.
    #[inline]
    pub(super) fn load(&mut self, m: usize, word: usize, age: usize, order: Ordering) -> u64 {
        let word = &mut self.words[word];
        let at = word.at(age);
        word.stores[at].loaded(m, &mut self.clocks[m], order)
    }

    /// The same of the newest.
    #[inline(always)]
    pub(super) fn load_newest(&mut self, m: usize, word: usize, order: Ordering) -> u64 {
        let word = &mut self.words[word];
        word.stores[word.newest].loaded(m, &mut self.clocks[m], order)
    }

    #[inline]
    pub(super) fn store(&mut self, m: usize, word: usize, value: u64, order: Ordering) {
        self.push(m, word, value, Clock::ZERO, order);
    }

    /// Takes the newest store and makes another, at once. The one carries on what the
    /// other released.
    #[inline]
    pub(super) fn read_modify_write(&mut self, m: usize, word: usize, value: u64, order: Ordering) {
        self.load_newest(m, word, order);
        let of = &self.words[word];
        let carried = of.stores[of.newest].message;
        self.push(m, word, value, carried, order);
    }

    #[inline(always)]
    fn push(&mut self, m: usize, word: usize, value: u64, carried: Clock, order: Ordering) {
        let clock = &mut self.clocks[m];
        let seen = Clock::only(m, clock.0[m]);
        let mut message = carried;
        if releases(order) {
            message.join(clock);
            // What the M does from here on is not part of what it has released.
            clock.advance(m);
        }
        let store = Store {
            value,
            message,
            seen,
        };
        self.words[word].push(store, order == Ordering::SeqCst);
    }

    /// A store by who sets things up or judges: seen by all.
    pub(super) fn set_up(&mut self, word: usize, value: u64) {
        self.words[word].set_up(value);
    }

    /// The place of a plain word that is used.
    #[inline]
    fn used(&mut self, span: usize, at: usize) -> Result<usize, Misuse> {
        let span = &mut self.spans[span];
        span.is_used = true;
        let place = span.place(at);
        if span.is_retired {
            return Err(Misuse::Retired);
        }
        Ok(place)
    }

    /// A plain word, without a look at who uses it.
    pub(super) fn peek(&self, span: usize, at: usize) -> u64 {
        self.plain[self.spans[span].place(at)].value
    }

    /// Sets a plain word, likewise.
    pub(super) fn poke(&mut self, span: usize, at: usize, value: u64) {
        let span = &mut self.spans[span];
        span.is_used = true;
        self.plain[span.place(at)].value = value;
    }

    #[inline]
    pub(super) fn read(&mut self, m: usize, span: usize, at: usize) -> Result<u64, Misuse> {
        let place = self.used(span, at)?;
        let (plain, clock) = (&mut self.plain[place], &self.clocks[m]);
        if !clock.knows(plain.writer.into(), plain.written) {
            let with = plain.writer.into();
            return Err(Misuse::Race { with, wrote: true });
        }
        plain.read.0[m] = clock.0[m];
        Ok(plain.value)
    }

    #[inline]
    pub(super) fn write(
        &mut self,
        m: usize,
        span: usize,
        at: usize,
        value: u64,
    ) -> Result<(), Misuse> {
        let place = self.used(span, at)?;
        let (plain, clock) = (&mut self.plain[place], &self.clocks[m]);
        if !clock.knows(plain.writer.into(), plain.written) {
            let with = plain.writer.into();
            return Err(Misuse::Race { with, wrote: true });
        }
        if let Some(with) = clock.first_unknown(&plain.read) {
            return Err(Misuse::Race { with, wrote: false });
        }
        #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
        let writer = m as u8;
        (plain.value, plain.writer, plain.written) = (value, writer, clock.0[m]);
        plain.read = Clock::ZERO;
        Ok(())
    }

    /// Whoever uses these words from now on uses what was given up.
    pub(super) fn retire(&mut self, span: usize) {
        let span = &mut self.spans[span];
        (span.is_used, span.is_retired) = (true, true);
    }
}

/// Where Go's runtime would panic: the protocol's doing (a mutant's, say), and so a verdict.
#[cold]
fn out_of_range(at: usize, len: usize) -> ! {
    let how = format!("index {at} of {len}");
    std::panic::panic_any(Violation::new(Law::NoThrow, how))
}
