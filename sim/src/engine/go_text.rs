//! Go's own text in place of the model's: scenarios, strategies, verdicts and judges stay as they
//! are, and what the text does is done on the words of the run.
//!
//! The text runs in a process of its own, as a [`Runner`] has it, step by step and by schedule. To
//! ask it before each operation would cost two switches of processes each time. So it is asked
//! for whole runs: a request has the calls that each M makes and the order in which operations
//! come, as far as they are known, and the answer, a *log*, has all operations up to the end, with
//! what the process took for the rest of the order. As long as the strategy decides as the log
//! has it, the log is the run. Where it decides otherwise, or an M makes another call, the process
//! is asked again, with what is known by now. So a log is a guess that is never wrong unnoticed,
//! and a good guess makes it fast.
//!
//! The process keeps its words, the engine keeps the model's; each value in a log must be the
//! engine's own. If not, one of the two is wrong, and the run is a mistake of ours, no verdict.
//!
//! | child | what |
//! |---|---|
//! | `log` | what the process answers |
//! | `request` | what it is asked |
//! | `session` | a run as far as it has come |
//! | `finer` | operations that the text does and the model does not |
//! | `follow` | strategies for Go's text, and the one that follows a run of the model |
//!
//! Go: the text is that of `runtime/profbuf.go`, `cpuprof.go`, `proc.go` and `tracecpu.go` (see
//! `sigprof_model::backend::text`) of an installed toolchain, or of a tree of the user's.

mod finer;
mod follow;
mod log;
mod request;
mod session;

use std::cell::{Cell, RefCell};

use sigprof_model::backend::text::Function;
use sigprof_model::backend::{Atomic, Backend, Call, Note, Ordering, Throw, Words};

use super::backend::{Flag, Sim, Span, Word, fail};
use super::world::with;
use sigprof_model::law::{Law, Violation};
use sigprof_model::scenario::{self, Scenario};

pub use follow::{Follow, Sequential, Target};
pub use log::{Line, Log};
pub use request::{Request, Tail};

use log::{Entry, Kind, Operation, Who};
use session::Session;

/// All scenarios of the model, in which Go's text does what it has the words for.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    scenario::all::<GoText>()
}

/// A process that runs the text.
pub trait Runner {
    /// Runs a request, and returns its log.
    ///
    /// # Errors
    /// The process has gone, or answers nonsense; in words.
    fn run(&mut self, request: &Request) -> Result<Log, String> {
        let mut logs = self.run_all(std::slice::from_ref(request))?;
        logs.pop().ok_or_else(|| "want a log, found none".into())
    }

    /// Runs several, one after the other: a log for each.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_all(&mut self, requests: &[Request]) -> Result<Vec<Log>, String>;
}

/// The back-end that runs Go's text: the words are those of [`Sim`].
#[derive(Clone, Copy, Debug)]
pub struct GoText;

impl Backend for GoText {
    type U32 = Word;
    type U64 = Word;
    type Words = Span;
    type Note = Flag;

    fn throw(what: Throw) -> ! {
        Sim::throw(what)
    }

    fn enter(call: Call) {
        Sim::enter(call);
    }

    fn leave() {
        Sim::leave();
    }

    fn instead(function: Function, args: impl FnOnce() -> Vec<u64>) -> Option<Vec<u64>> {
        Some(call(function, args()))
    }
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
    /// Whether there is one: a look at this costs less.
    static IS_INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// Has Go's text run by this process from here on, on this thread of the system.
pub fn install(runner: Box<dyn Runner>) {
    SESSION.set(Some(Session::new(runner)));
    IS_INSTALLED.set(true);
}

/// Whether Go's text may be run.
#[inline]
pub(super) fn is_installed() -> bool {
    IS_INSTALLED.get()
}

/// The process gets no more requests.
pub fn uninstall() {
    SESSION.set(None);
    IS_INSTALLED.set(false);
}

/// Sets the guess of the process for the order that a request leaves open, in the next run; and
/// whether it says in which line of Go's text each operation stands.
pub fn guess(tail: Tail, shows_lines: bool) {
    in_session(|session| {
        // A guess of another kind is none of this run.
        session.is_stale |= tail != Tail::Dull || shows_lines;
        session.request.tail = tail;
        // Logs of runs to come have no lines.
        if shows_lines {
            session.forget_ahead();
        }
        session.request.shows_lines = shows_lines;
    });
}

/// Asks at once for runs that are to come: the first is the next, with the first of these guesses.
/// A run of which the program is another by then is asked for again.
///
/// # Errors
/// As [`Runner::run`].
pub fn look_ahead(tails: Vec<Tail>) -> Result<(), String> {
    in_session(|session| session.look_ahead(tails)).unwrap_or(Ok(()))
}

/// Requests so far.
#[must_use]
pub fn asked() -> u64 {
    in_session(|session| session.asked).unwrap_or(0)
}

/// The lines of Go's text at which the operations of the last run stand, in their order, if they
/// were asked for.
#[must_use]
pub fn take_lines() -> Vec<Line> {
    in_session(|session| std::mem::take(&mut session.lines)).unwrap_or_default()
}

/// The fault between the engine and the process, if there is one.
#[must_use]
pub fn take_fault() -> Option<String> {
    in_session(|session| session.fault.take()).flatten()
}

#[inline]
fn in_session<T>(act: impl FnOnce(&mut Session) -> T) -> Option<T> {
    if !is_installed() {
        return None;
    }
    SESSION.with_borrow_mut(|session| session.as_mut().map(act))
}

/// Another run begins.
pub(super) fn clear() {
    in_session(Session::clear);
    finer::clear();
}

/// Ms begin, and which of them have a handler.
pub(super) fn begin(ms: impl Iterator<Item = bool>) {
    in_session(|session| {
        session.end_script(Who::SETUP);
        session.has_begun = true;
        let armed: Vec<_> = ms.collect();
        if session.request.armed != armed {
            session.request.armed = armed;
            session.is_stale = true;
        }
    });
}

/// The signal of the M that runs has come.
pub(super) fn signal_came() {
    in_session(|session| {
        let m = who(session).m();
        session.ordered(Log::signal_of(m));
    });
}

/// Whoever acts makes no more calls.
pub(super) fn ended() {
    in_session(|session| {
        let who = who(session);
        session.end_script(who);
    });
}

fn who(session: &Session) -> Who {
    match with(|world| world.who_runs()) {
        Some((m, is_handler)) => Who::of(m, is_handler),
        None if session.has_begun => Who::JUDGE,
        None => Who::SETUP,
    }
}

/// Ends the run: the text, the process and the engine do not fit together.
#[cold]
fn mistaken(what: String) -> ! {
    in_session(|session| {
        session.is_stale = true;
        session.fault.get_or_insert_with(|| what.clone());
    });
    fail(Violation::new(Law::NoThrow, what))
}

/// Makes a call, and does what the text does, up to its return.
fn call(function: Function, args: Vec<u64>) -> Vec<u64> {
    let who = in_session(|session| {
        let who = who(session);
        session.declare(who, function, args);
        who
    });
    let Some(who) = who else {
        mistaken("no process runs Go's text".into());
    };
    loop {
        let entry = in_session(|session| session.next(who));
        match entry.unwrap_or_else(|| Err("the session has ended".into())) {
            Ok(Entry::Operation(operation)) => act(who, &operation),
            Ok(Entry::Result(words)) => return words,
            Ok(Entry::Threw(message)) => throw(&message),
            Err(why) => mistaken(why),
        }
    }
}

/// Throws as Go's text does, or panics.
fn throw(message: &str) -> ! {
    match Throw::with_message(message) {
        Some(what) => GoText::throw(what),
        None => fail(Violation::new(Law::NoThrow, message)),
    }
}

/// Does an operation of the text, when it is its turn, and compares.
fn act(who: Who, operation: &Operation) {
    // Go's atomics are sequentially consistent. A plain word of Go's orders nothing.
    let order = if operation.is_plain() {
        Ordering::Relaxed
    } else {
        Ordering::SeqCst
    };
    let word = Word(operation.word);
    let span = || Span {
        id: operation.word,
        len: usize::MAX,
    };
    let (a, b) = (operation.a, operation.b);
    finer::is_next(who, operation.is_finer);
    // What the engine has in place of what the text has; none where there is nothing to compare.
    let got = match operation.kind {
        Kind::Load => Some(Atomic::<u64>::load(&word, order)),
        Kind::Store => {
            Atomic::<u64>::store(&word, a, order);
            None
        }
        Kind::Swap => {
            let was_done = Atomic::<u64>::compare_and_swap(&word, a, b, order);
            Some(was_done.into())
        }
        Kind::Add => {
            Atomic::<u64>::fetch_add(&word, a, order);
            None
        }
        Kind::Spin => {
            Atomic::<u64>::yield_while(&word, a);
            None
        }
        Kind::Sleep => {
            Flag(word).sleep();
            None
        }
        Kind::Wake => Some((!Flag(word).wake()).into()),
        Kind::Clear => {
            Flag(word).clear();
            None
        }
        Kind::Get => Some(span().get(operation.at)),
        Kind::Set => {
            span().set(operation.at, a);
            None
        }
    };
    let want = in_session(|session| session.done(who, operation)).flatten();
    if let (Some(got), Some(want)) = (got, want)
        && got != want
    {
        mistaken(format!(
            "{operation}: want {want:#x} as the text has it, got {got:#x}"
        ));
    }
}
