//! A run of the text as far as it has come, and the guess of the rest.

use std::collections::VecDeque;

use sigprof_model::backend::text::Function;

use super::Runner;
use super::log::{Entry, Kind, Line, Log, Operation, Who};
use super::request::{Call, Request, Tail};

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
    /// Logs of runs to come, and whether they are of the program as it is known now.
    ahead: VecDeque<Log>,
    is_ahead_right: bool,
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
            ahead: VecDeque::new(),
            is_ahead_right: false,
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
        if let Some(log) = self.ahead.pop_front()
            && self.is_ahead_right
        {
            (self.log, self.is_stale) = (log, false);
        }
    }

    /// Forgets runs that were to come: another is done before them.
    pub(super) fn forget_ahead(&mut self) {
        self.ahead.clear();
    }

    /// Asks for runs that are to come.
    pub(super) fn look_ahead(&mut self, tails: Vec<Tail>) -> Result<(), String> {
        let request = |tail| Request {
            tail,
            shows_lines: false,
            order: Vec::new(),
            ..self.request.clone()
        };
        let requests: Vec<_> = tails.into_iter().map(request).collect();
        if requests.is_empty() {
            return Ok(());
        }
        let logs = self.runner.run_all(&requests)?;
        self.asked += 1;
        self.ahead = logs.into();
        self.is_ahead_right = true;
        Ok(())
    }

    /// Notes a call that is made, which may be another than was expected.
    pub(super) fn declare(&mut self, who: Who, function: Function, args: Vec<u64>) {
        let script = &mut self.request.scripts[who.index()];
        let at = self.calls[who.index()];
        self.calls[who.index()] += 1;
        let call = Call { function, args };
        if script.get(at) != Some(&call) {
            // Nothing comes after the judge, so that logs without its last calls are right so far.
            let is_more = who == Who::JUDGE && at == script.len();
            script.truncate(at);
            script.push(call);
            self.is_stale = true;
            self.is_ahead_right &= is_more;
        }
    }

    /// Forgets calls that were expected and not made. Those of the judge do no harm: nothing comes
    /// after them, and the next run may need them. Nor does a run in which nobody has made any: it is
    /// one of the model, which the text is to follow later.
    pub(super) fn end_script(&mut self, who: Who) {
        let is_of_text = self.calls.iter().any(|&made| made > 0);
        if who == Who::JUDGE || !is_of_text {
            return;
        }
        let made = self.calls[who.index()];
        let script = &mut self.request.scripts[who.index()];
        if script.len() > made {
            script.truncate(made);
            (self.is_stale, self.is_ahead_right) = (true, false);
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
        let same = order.iter().zip(&self.log.order);
        let at = same.take_while(|(want, got)| want == got).count();
        let (want, got) = (order.get(at), self.log.order.get(at));
        Err(format!(
            "step {at} of {}: want {want:?} in the order, got {got:?}",
            order.len()
        ))
    }
}
