//! How far a command is, for who watches: on standard error, if that is a terminal and nobody asked
//! for quiet. What is over within a second shows nothing.

use std::fs::Metadata;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{complain, shown};

/// Between two lines of what takes minutes.
pub(super) const LINES: Duration = Duration::from_secs(10);

static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows nothing but outcomes and errors from now on.
pub(super) fn be_quiet() {
    IS_QUIET.store(true, Relaxed);
}

/// Whether warnings are not wanted.
pub(super) fn is_quiet() -> bool {
    IS_QUIET.load(Relaxed)
}

/// Whether somebody watches.
pub(super) fn is_watched() -> bool {
    !is_quiet() && io::stderr().is_terminal()
}

/// A bar of what is done, over so many, with the time that is left; of what nobody can say, how many
/// there were. A line below it has its message. Hidden if nobody watches.
pub(super) fn bar(what: &'static str, of: Option<u64>) -> ProgressBar {
    let template = match of {
        Some(_) => "{prefix} {wide_bar} {human_pos} of {human_len}, {elapsed}, {eta} more\n{msg}",
        None => "{spinner} {prefix}: {human_pos}, {elapsed}\n{msg}",
    };
    let target = match is_watched() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(of, target).with_prefix(what);
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How far something long is: a bar with words below it where somebody watches, a line now and then
/// elsewhere.
pub(super) struct Watch {
    bar: ProgressBar,
    start: Instant,
    told: Instant,
    /// Between two lines.
    pause: Duration,
}

impl Watch {
    /// One of so many, if that is known.
    pub(super) fn new(what: &'static str, of: Option<u64>, pause: Duration) -> Self {
        let start = Instant::now();
        Self {
            bar: bar(what, of),
            start,
            told: start,
            pause,
        }
    }

    /// Says how far it is, in words that know how many seconds it took.
    pub(super) fn tell(&mut self, at: u64, words: impl FnOnce(f64) -> String) {
        let seconds = self.start.elapsed().as_secs_f64();
        if !self.bar.is_hidden() {
            self.bar.set_position(at);
            self.bar.set_message(words(seconds.max(0.001)));
        } else if self.told.elapsed() >= self.pause {
            self.told = Instant::now();
            note(&format!("{seconds:.0} s: {}", words(seconds)));
        }
    }

    /// Does this while the bar is away: a line of an outcome, perhaps.
    pub(super) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Says something that is neither outcome nor error: a warning, or how far it is.
pub(super) fn note(line: &str) {
    if !is_quiet() {
        complain(line);
    }
}

/// Megabytes of a trace that a core of 2020 makes in a second, about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Speed {
    /// They are counted.
    Counts = 60,
    /// They are compared, or become another format.
    Compares = 15,
    /// Each event, or byte, becomes a line.
    Lines = 2,
}

/// The reading of a file in words: how much it is, and how long that may take if it is much.
pub(super) fn reading(path: &Path, speed: Speed) -> String {
    let speed = speed as u64 * 1_000_000;
    let file = path.metadata().ok().filter(Metadata::is_file);
    let much = match file.map(|found| found.len()) {
        Some(bytes) if bytes < speed => format!(" ({})", HumanBytes(bytes)),
        Some(bytes) => format!(" ({}, some {} s)", HumanBytes(bytes), bytes / speed),
        None => String::new(),
    };
    format!("reading {}{much}", shown(path))
}

/// The same of work whose output comes as it goes on: where it goes to a terminal, that shows how
/// far it is.
pub(super) fn beside_output<T>(what: &str, work: impl FnOnce() -> T) -> T {
    match io::stdout().is_terminal() {
        true => work(),
        false => during(what, work),
    }
}

/// Does the work, and shows what it is once it takes long.
pub(super) fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !is_watched() {
        return work();
    }
    let (over, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if wait.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            let _ = wait.recv();
            bar.finish_and_clear();
        });
        let done = work();
        drop(over);
        done
    })
}
