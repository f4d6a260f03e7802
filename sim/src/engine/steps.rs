//! Steps of a run, one by one, for people.

use std::sync::Arc;

use sigprof_model::backend::Call;
use sigprof_model::prof_index::ProfIndex;

use super::clock::MS_MAX;

/// An operation on a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Did {
    /// A look at a word.
    Load,
    /// A word got a value.
    Store,
    /// A word got a value if it had another, and it had.
    Swap,
    /// The swap did not happen.
    SwapFails,
    /// Something was added to a word.
    Add,
    /// A word that was spun on has changed.
    Spin,
    /// A sleeper was woken.
    Sleep,
    /// Somebody woke a sleeper, or will be found to have.
    Wake,
    /// A note was made ready for another sleep.
    Clear,
    /// A look at a plain word.
    Get,
    /// A plain word got a value.
    Set,
    /// The signal came: what follows is the handler's.
    Signal,
    /// The handler is done.
    Return,
}

impl Did {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Store => "store",
            Self::Swap | Self::SwapFails => "swap",
            Self::Add => "add",
            Self::Spin => "spin",
            Self::Sleep => "sleep",
            Self::Wake => "wake",
            Self::Clear => "clear",
            Self::Get => "get",
            Self::Set => "set",
            Self::Signal => "SIGPROF",
            Self::Return => "return",
        }
    }
}

/// A call of Go's that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The number of calls that were entered before it, in the whole run: no two have the same.
    pub number: usize,
    /// The function that was called.
    pub call: Call,
}

/// A step of an M or of its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The M that took the step.
    pub m: usize,
    /// Whether it is the handler's.
    pub is_handler: bool,
    /// The calls that it is in, the outermost first; of a handler its own alone.
    pub calls: Arc<[Entered]>,
    /// The operation of the step.
    pub did: Did,
    /// The word, the note, or the plain word with its place; empty if there is none.
    pub word: String,
    /// The word before, or what was read; for a plain word the value.
    pub was: u64,
    /// The word afterwards. A load that took an old store has the newest value here.
    pub is: u64,
}

impl Step {
    /// In a line: `swap w -> 1/4`.
    #[must_use]
    pub fn text(&self) -> String {
        let name = self.did.name();
        let word = self.word.as_str();
        let (was, is) = (self.value(self.was), self.value(self.is));
        match self.did {
            Did::Load if self.was != self.is => format!("{name} {word} -> {was} (old: it is {is})"),
            Did::Load | Did::Get => format!("{name} {word} -> {was}"),
            Did::SwapFails => format!("{name} {word} fails, is {was}"),
            Did::Add => format!("{name} {word} {was} -> {is}"),
            Did::Spin => format!("{name} {word} until {was}"),
            Did::Sleep | Did::Clear => format!("{name} {word}"),
            Did::Wake if self.was != 0 => format!("{name} {word}, which was woken before"),
            Did::Wake => format!("{name} {word}"),
            Did::Store | Did::Swap | Did::Set => format!("{name} {word} {is}"),
            Did::Signal => name.to_owned(),
            Did::Return => name.to_owned(),
        }
    }

    /// A value in the terms of its word.
    fn value(&self, value: u64) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
        let low = value as u32;
        let name = self.word.split('[').next().unwrap_or_default();
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
        match base {
            "w" | "r" | "rNext" => {
                let index = ProfIndex(value);
                let sleeps = index.has(ProfIndex::READER_SLEEPING);
                let extra = index.has(ProfIndex::WRITE_EXTRA);
                format!(
                    "{}/{}{}{}",
                    index.tag_count(),
                    index.data_count(),
                    if sleeps { " sleeping" } else { "" },
                    if extra { " extra" } else { "" },
                )
            }
            "overflow" if value != 0 => format!("{low} (generation {})", value >> 32),
            _ => value.to_string(),
        }
    }
}

/// Where a step was done.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    Word(usize),
    Plain(usize, usize),
}

struct Raw {
    m: usize,
    is_handler: bool,
    calls: Arc<[Entered]>,
    did: Did,
    place: Place,
    was: u64,
    is: u64,
}

/// The steps of a run that goes on.
#[derive(Default)]
pub(super) struct Steps {
    raw: Vec<Raw>,
    /// Of each M the calls that it is in, and whether its handler entered them.
    within: [Vec<(Entered, bool)>; MS_MAX],
    entered: usize,
}

impl Steps {
    pub(super) fn enter(&mut self, m: usize, is_handler: bool, call: Call) {
        let number = self.entered;
        self.entered += 1;
        self.within[m].push((Entered { number, call }, is_handler));
    }

    pub(super) fn leave(&mut self, m: usize) {
        self.within[m].pop();
    }

    fn calls(&self, m: usize, is_handler: bool) -> Arc<[Entered]> {
        let own = self.within[m].iter().filter(|(_, is)| *is == is_handler);
        own.map(|(entered, _)| *entered).collect()
    }

    pub(super) fn push(
        &mut self,
        m: usize,
        is_handler: bool,
        did: Did,
        word: Option<usize>,
        (was, is): (u64, u64),
    ) {
        let calls = self.calls(m, is_handler);
        self.raw.push(Raw {
            m,
            is_handler,
            calls,
            did,
            place: word.map_or(Place::Nowhere, Place::Word),
            was,
            is,
        });
    }

    pub(super) fn push_plain(
        &mut self,
        m: usize,
        is_handler: bool,
        did: Did,
        (span, at): (usize, usize),
        value: u64,
    ) {
        let calls = self.calls(m, is_handler);
        self.raw.push(Raw {
            m,
            is_handler,
            calls,
            did,
            place: Place::Plain(span, at),
            was: value,
            is: value,
        });
    }

    pub(super) fn named(self, words: &[String], spans: &[String]) -> Vec<Step> {
        let named = |raw: Raw| Step {
            m: raw.m,
            is_handler: raw.is_handler,
            calls: raw.calls,
            did: raw.did,
            word: match raw.place {
                Place::Nowhere => String::new(),
                Place::Word(word) => words[word].clone(),
                Place::Plain(span, at) => format!("{}[{at}]", spans[span]),
            },
            was: raw.was,
            is: raw.is,
        };
        self.raw.into_iter().map(named).collect()
    }
}
