//! How far a command is, for who watches: on standard error, if that is a terminal and nobody asked
//! for quiet. What is over within a second shows nothing.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::complain;

static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows nothing but outcomes and errors from now on.
pub(super) fn be_quiet() {
    IS_QUIET.store(true, Relaxed);
}

/// Whether somebody watches.
pub(super) fn is_watched() -> bool {
    !IS_QUIET.load(Relaxed) && io::stderr().is_terminal()
}

/// A bar over so many, with the time that is left; of what nobody can say, how many there were.
pub(super) fn bar(of: Option<u64>) -> ProgressBar {
    let (bar, template) = match of {
        Some(of) => (
            ProgressBar::new(of),
            "{wide_bar} {human_pos} of {human_len}, {elapsed}, {eta} more",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {human_pos}, {elapsed}",
        ),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Says something that is neither outcome nor error: a warning, or how far it is.
pub(super) fn note(line: &str) {
    if !IS_QUIET.load(Relaxed) {
        complain(line);
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
