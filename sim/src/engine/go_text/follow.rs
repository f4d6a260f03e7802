//! Strategies for Go's text.

use super::finer;
use super::log::Who;
use crate::engine::clock::MS_MAX;
use crate::engine::steps::{Did, Step};
use crate::engine::strategy::{Access, Ended, Estimate, Event, Strategy, Tape, Turn, Use};
use crate::seed::Seed;

/// Another strategy, with what Go's text does not have taken from it: weak memory, as Go's
/// atomics are sequentially consistent, and switches at plain words.
pub struct Sequential(pub Box<dyn Strategy>);

impl Strategy for Sequential {
    fn begin(&mut self) -> bool {
        self.0.begin()
    }

    fn reseed(&mut self, seed: Seed, estimate: &Estimate) -> bool {
        self.0.reseed(seed, estimate)
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.0.choose(turn)
    }

    fn signal(&mut self, m: usize) -> bool {
        self.0.signal(m)
    }

    fn age(&mut self, _stores: usize) -> usize {
        0
    }

    fn tape(&self) -> Option<Tape> {
        self.0.tape()
    }

    fn sees_all(&self) -> bool {
        self.0.sees_all()
    }

    fn begins_apart(&self) -> bool {
        self.0.begins_apart()
    }

    fn has_weak_memory(&self) -> bool {
        false
    }

    fn switches_at_plain_words(&self) -> bool {
        false
    }

    fn did(&mut self, event: &Event) {
        self.0.did(event);
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.0.end(ended, pending);
    }
}

/// How an operation uses a word, for who follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Reads,
    Changes,
    Awaits,
}

impl Class {
    fn of(used: Use) -> Option<Self> {
        match used {
            Use::None => None,
            Use::Read => Some(Self::Reads),
            Use::Write | Use::WeakSwap => Some(Self::Changes),
            Use::Await(_) => Some(Self::Awaits),
        }
    }
}

/// An operation on a shared word that another run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    m: usize,
    class: Class,
    word: usize,
}

impl Target {
    /// The operations on shared words, and notes, of a run whose words have these names, in their
    /// order.
    pub fn all<'a>(steps: &'a [Step], words: &'a [String]) -> impl Iterator<Item = Self> + 'a {
        steps.iter().filter_map(|step| {
            let class = match step.did {
                Did::Load | Did::SwapFails => Class::Reads,
                Did::Store | Did::Swap | Did::Add | Did::Wake | Did::Clear => Class::Changes,
                Did::Spin | Did::Sleep => Class::Awaits,
                Did::Get | Did::Set | Did::Signal | Did::Return => return None,
            };
            let word = words.iter().position(|name| *name == step.word)?;
            let m = step.m;
            Some(Self { m, class, word })
        })
    }

    pub(super) fn packed(self) -> u64 {
        let class = match self.class {
            Class::Reads => 0,
            Class::Changes => 1,
            Class::Awaits => 2,
        };
        self.m as u64 | class << 8 | (self.word as u64) << 16
    }
}

/// Follows a run of the model: whoever is to do the next of its operations goes on until it has
/// done it. What the text does beside these, it does on the way.
///
/// A signal comes when the M has done as many of them as it had in the model, at its next point.
/// It stands within [`Sequential`], as all do.
#[derive(Debug, Default)]
pub struct Follow {
    targets: Vec<Target>,
    at: usize,
    /// Of each M, the number of targets, of all Ms, before which its signal comes.
    signals: [Option<usize>; MS_MAX],
    has_run: bool,
}

impl Follow {
    /// Follows the steps of a run.
    #[must_use]
    pub fn new(steps: &[Step], words: &[String]) -> Self {
        let mut signals = [None; MS_MAX];
        for (at, step) in steps.iter().enumerate() {
            if step.did == Did::Signal {
                let before = Target::all(&steps[..at], words).count();
                signals[step.m].get_or_insert(before);
            }
        }
        Self {
            targets: Target::all(steps, words).collect(),
            at: 0,
            signals,
            has_run: false,
        }
    }

    /// All that it follows.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }
}

impl Strategy for Follow {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_run, true)
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let next = self.targets.get(self.at).map(|target| target.m);
        Some(
            next.filter(|&m| turn.ready.has(m))
                .unwrap_or_else(|| turn.dull()),
        )
    }

    fn signal(&mut self, m: usize) -> bool {
        self.signals[m].is_some_and(|before| before <= self.at)
    }

    fn age(&mut self, _stores: usize) -> usize {
        0
    }

    fn sees_all(&self) -> bool {
        true
    }

    fn begins_apart(&self) -> bool {
        false
    }

    fn did(&mut self, event: &Event) {
        let Some(target) = self.targets.get(self.at) else {
            return;
        };
        if finer::is_finer(Who::of(event.m, event.is_handler)) {
            return;
        }
        let (m, word) = (event.m, event.access.word);
        if Class::of(event.access.used) == Some(target.class)
            && (m, word) == (target.m, target.word)
        {
            self.at += 1;
        }
    }
}
