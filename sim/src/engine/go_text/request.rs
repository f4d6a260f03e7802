//! Requests to the process: a program, and its order as far as it is known.

use sigprof_model::backend::text::Function;

use super::follow::Target;
use super::log::Who;
use crate::engine::strategy::Tape;

/// A call of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) args: Vec<u64>,
}

/// The guess of the process for the order that is left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tail {
    /// The M that ran goes on if it can.
    #[default]
    Dull,
    /// As these draws have it.
    Tape(Tape),
    /// Whoever is to do the next of these.
    Follow(Vec<Target>),
}

/// A program, and its order.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) shows_lines: bool,
    pub(super) tail: Tail,
    /// By who acts.
    pub(super) scripts: Vec<Vec<Call>>,
    /// Of each M, whether it has a handler.
    pub(super) armed: Vec<bool>,
    pub(super) order: Vec<u8>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            shows_lines: false,
            tail: Tail::Dull,
            scripts: vec![Vec::new(); Who::COUNT],
            armed: Vec::new(),
            order: Vec::new(),
        }
    }
}

impl Request {
    /// Whether its log says lines.
    #[must_use]
    pub fn shows_lines(&self) -> bool {
        self.shows_lines
    }

    /// The bytes that the process reads: words of 64 bits, the lowest byte first, and the order
    /// behind them, a byte each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Words(Vec::with_capacity(1024));
        out.put(self.shows_lines.into());
        out.put(match &self.tail {
            Tail::Dull => 0,
            Tail::Tape(_) => 1,
            Tail::Follow(_) => 2,
        });
        out.script(&self.scripts[Who::SETUP.index()]);
        out.script(&self.scripts[Who::JUDGE.index()]);
        out.put(self.armed.len() as u64);
        for (m, &is_armed) in self.armed.iter().enumerate() {
            out.script(&self.scripts[Who::of(m, false).index()]);
            out.put(is_armed.into());
            out.script(&self.scripts[Who::of(m, true).index()]);
        }
        let (mut draws, mut signals, mut targets): (&[u32], &[u32], &[Target]) = (&[], &[], &[]);
        match &self.tail {
            Tail::Dull => {}
            Tail::Tape(tape) => (draws, signals) = (&tape.draws, &tape.signals),
            Tail::Follow(all) => targets = all,
        }
        for m in 0..self.armed.len() {
            // From 1 on, 0 for none.
            out.put(signals.get(m).map_or(0, |&at| u64::from(at) + 1));
        }
        out.put(draws.len() as u64);
        draws.iter().for_each(|&draw| out.put(draw.into()));
        out.put(targets.len() as u64);
        targets.iter().for_each(|target| out.put(target.packed()));
        out.0.extend(&self.order);
        out.0
    }
}

struct Words(Vec<u8>);

impl Words {
    fn put(&mut self, word: u64) {
        self.0.extend(word.to_le_bytes());
    }

    fn script(&mut self, calls: &[Call]) {
        self.put(calls.len() as u64);
        for call in calls {
            self.put(call.function as u64);
            self.put(call.args.len() as u64);
            for &arg in &call.args {
                self.put(arg);
            }
        }
    }
}
