//! A run of the text as far as it has come, and the guess of the rest.

use sigprof_model::backend::text::Function;

use super::Runner;
use super::log::{Entry, Kind, Line, Log, Operation, Who};
use super::request::{Call, Request};

/// Runs of Go's text on this thread of the system, and the process that runs them.
pub(super) struct Session {
    runner: Box<dyn Runner>,
    pub(super) request: Request,
    log: Log,
    /// Places in the log, and calls made, of each that acts.
    places: [usize; Who::COUNT],
    calls: [usize; Who::COUNT],
    /// Whether Ms run, or have run.
    pub(super) has_begun: bool,
    /// Whether the log is not that of this run any more.
    pub(super) is_stale: bool,
    /// Requests so far.
    pub(super) asked: u64,
    pub(super) lines: Vec<Line>,
    pub(super) fault: Option<String>,
}

impl Session {
    pub(super) fn new(runner: Box<dyn Runner>) -> Self {
        Self {
            runner,
            request: Request::default(),
            log: Log::default(),
            places: [0; Who::COUNT],
            calls: [0; Who::COUNT],
            has_begun: false,
            is_stale: true,
            asked: 0,
            lines: Vec::new(),
            fault: None,
        }
    }

    /// Another run begins.
    pub(super) fn clear(&mut self) {
        self.places = [0; Who::COUNT];
        self.calls = [0; Who::COUNT];
        self.has_begun = false;
        self.request.order.clear();
        self.lines.clear();
    }

    /// Notes a call that is made, which may be another than was expected.
    pub(super) fn declare(&mut self, who: Who, function: Function, args: Vec<u64>) {
        let script = &mut self.request.scripts[who.index()];
        let at = self.calls[who.index()];
        self.calls[who.index()] += 1;
        let call = Call { function, args };
        if script.get(at) != Some(&call) {
            script.truncate(at);
            script.push(call);
            self.is_stale = true;
        }
    }

    /// Forgets calls that were expected and not made.
    pub(super) fn end_script(&mut self, who: Who) {
        let made = self.calls[who.index()];
        let script = &mut self.request.scripts[who.index()];
        if script.len() > made {
            script.truncate(made);
            self.is_stale = true;
        }
    }

    /// Something happened whose place in the order counts.
    pub(super) fn ordered(&mut self, what: u8) -> bool {
        let order = &mut self.request.order;
        let as_in_log = !self.is_stale && self.log.order.get(order.len()) == Some(&what);
        order.push(what);
        self.is_stale |= !as_in_log;
        as_in_log
    }

    /// An operation was done. What it came to in the log, if that is of this very run; it may be
    /// a newer one than that which had the operation.
    pub(super) fn done(&mut self, who: Who, operation: &Operation) -> Option<u64> {
        if let Some(m) = who.acts_in_order() {
            if operation.kind != Kind::Get {
                self.lines.push(operation.line);
            }
            if !self.ordered(m) {
                return None;
            }
        }
        let queue = who.in_log();
        let place = self.places[queue.index()].checked_sub(1)?;
        match self.log.entry(queue, place)? {
            Entry::Operation(done) => Some(done.result()),
            _ => None,
        }
    }

    /// The next entry of who acts.
    pub(super) fn next(&mut self, who: Who) -> Result<Entry, String> {
        if self.is_stale {
            self.ask(None)?;
        }
        let place = self.places[who.in_log().index()];
        let mut entry = self.log.entry(who.in_log(), place);
        if entry.is_none() {
            // The rest of the log is a guess, in which it does not come to that: another M
            // threw, or went on for ever.
            self.ask(who.acts_in_order())?;
            entry = self.log.entry(who.in_log(), place);
        }
        self.places[who.in_log().index()] += 1;
        entry.ok_or_else(|| format!("{who:?}: want its step {place}, found none"))
    }

    /// Asks for a log of what has happened so far, and of what may follow: first, if one is
    /// given, an operation of that M.
    fn ask(&mut self, next: Option<u8>) -> Result<(), String> {
        self.request.order.extend(next);
        let log = self.runner.run(&self.request);
        let order = &mut self.request.order;
        order.truncate(order.len() - usize::from(next.is_some()));
        self.log = log?;
        self.asked += 1;
        self.is_stale = false;
        if self.log.order.starts_with(order) {
            return Ok(());
        }
        let got = &self.log.order[..self.log.order.len().min(order.len())];
        Err(format!("want the order {order:?}, got {got:?}"))
    }
}
