//! Locations: runs of words that one instruction stands for (Go: `pcDeck`,
//! `appendLocsForStack`; R52).

use std::collections::BTreeMap;

use super::{Strings, proto};
use crate::program::{PcInfo, Program};

/// The root of every goroutine, which has no location.
const GOEXIT: &str = "runtime.goexit";

/// The one mapping.
const MAPPING: u64 = 1;

/// Locations and functions as they are found.
pub(super) struct Locations<'a> {
    program: &'a Program,
    /// By its first word: its number, and how many words it has.
    cached: BTreeMap<u64, (u64, usize)>,
    locations: Vec<proto::Location>,
    functions: Vec<proto::Function>,
    /// By the string of the name.
    function_numbers: BTreeMap<i64, u64>,
    /// Words that may be one location.
    deck: Vec<(u64, Option<PcInfo<'a>>)>,
    are_all_known: bool,
}

impl<'a> Locations<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self {
            program,
            cached: BTreeMap::new(),
            locations: Vec::new(),
            functions: Vec::new(),
            function_numbers: BTreeMap::new(),
            deck: Vec::new(),
            are_all_known: true,
        }
    }

    /// Whether every word so far had a function and a line (Go: `lookupFailed`).
    pub(super) fn are_all_known(&self) -> bool {
        self.are_all_known
    }

    pub(super) fn finish(self) -> (Vec<proto::Location>, Vec<proto::Function>) {
        (self.locations, self.functions)
    }

    /// The numbers of a stack's locations, innermost first.
    pub(super) fn of_stack(&mut self, stack: &[u64], strings: &mut Strings) -> Vec<u64> {
        let stack = self.expand_last(stack);
        let mut rest = &stack[..];
        let mut numbers = Vec::new();
        while let [word, tail @ ..] = rest {
            // First of all the deck: a word may stand for an inlined call here, though it has a
            // location of its own elsewhere (B10).
            if !self.deck.is_empty() && self.try_add(*word) {
                rest = tail;
                continue;
            }
            numbers.extend(self.emit(strings));
            if let Some(&(number, words)) = self.cached.get(word) {
                numbers.push(number);
                rest = rest.get(words..).unwrap_or_default();
                continue;
            }
            let info = self.program.info(*word);
            if info.is_none_or(|info| info.function != GOEXIT) {
                self.deck.push((*word, info));
            }
            rest = tail;
        }
        numbers.extend(self.emit(strings));
        numbers
    }

    /// A stack that was cut off within inlined calls is made whole (Go:
    /// `runtime_expandFinalInlineFrame`).
    fn expand_last(&self, stack: &[u64]) -> Vec<u64> {
        let mut stack = stack.to_vec();
        while let Some(caller) = stack
            .last()
            .and_then(|&word| self.program.info(word)?.inlined_in)
        {
            stack.push(caller);
        }
        stack
    }

    /// Adds a word to the deck if it belongs there: the last of it is an inlined call, in the
    /// same function, by another than itself (Go: `tryAdd`).
    fn try_add(&mut self, word: u64) -> bool {
        let info = self.program.info(word);
        let Some((last, new)) = self.deck.last().and_then(|&(_, info)| info).zip(info) else {
            return false;
        };
        let is_inlined = last.inlined_in.is_some();
        let belongs = is_inlined && last.entry == new.entry && last.function != new.function;
        if belongs {
            self.deck.push((word, info));
        }
        belongs
    }

    /// Makes a location of the deck, if there is anything in it (Go: `emitLocation`).
    fn emit(&mut self, strings: &mut Strings) -> Option<u64> {
        let deck = std::mem::take(&mut self.deck);
        let &(word, _) = deck.first()?;
        let id = self.locations.len() as u64 + 1;
        self.cached.insert(word, (id, deck.len()));
        let mut line = Vec::with_capacity(deck.len());
        for &(_, info) in &deck {
            self.are_all_known &= info.is_some();
            let (name, file, at) = info.map_or(("", "", 0), |i| (i.function, i.file, i.line));
            line.push(proto::Line {
                function_id: self.function(name, file, strings),
                line: i64::try_from(at).unwrap_or(0),
            });
        }
        let address = word.wrapping_sub(1);
        let text = crate::program::TEXT_START..self.program.text_end();
        self.locations.push(proto::Location {
            id,
            mapping_id: if text.contains(&address) { MAPPING } else { 0 },
            address,
            line,
        });
        Some(id)
    }

    /// The number of a function; by its name, as in Go.
    fn function(&mut self, name: &str, file: &str, strings: &mut Strings) -> u64 {
        let name = strings.number(name);
        if let Some(&id) = self.function_numbers.get(&name) {
            return id;
        }
        let id = self.functions.len() as u64 + 1;
        self.function_numbers.insert(name, id);
        self.functions.push(proto::Function {
            id,
            name,
            system_name: name,
            filename: strings.number(file),
        });
        id
    }
}
