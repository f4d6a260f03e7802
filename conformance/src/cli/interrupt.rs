//! Ctrl-C, TERM and HUP: heard by every command, in one place.
//!
//! A command that looks at the flag ends by itself, with its results so far: a read of a stream
//! that it waits in ends with an error (`stream`). Any other is ended here, be it in the middle of
//! a read. Files and folders that were only to help are
//! gone in both cases.

mod signals;
pub(super) mod stream;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sigprof::shown::{are, counted};

use super::{Stop, complain};

/// The exit code of a command that was interrupted.
pub(super) const CODE: u8 = 5;

/// The exit code after a second signal: what a shell takes for the end by SIGINT.
const AT_ONCE: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);
static STATE: Mutex<State> = Mutex::new(State {
    helpers: BTreeSet::new(),
    is_listening: false,
    is_over: false,
});

struct State {
    /// Files and folders that must not outlive the program.
    helpers: BTreeSet<PathBuf>,
    /// The command looks at the flag.
    is_listening: bool,
    /// The command is over, and only has to say how it went.
    is_over: bool,
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears the signals from now on.
pub(super) fn install() -> Result<(), Stop> {
    let failed = |error| Stop::Failed(format!("cannot wait for signals: {error}"));
    stream::prepare().map_err(failed)?;
    signals::hear(heard).map_err(failed)
}

fn heard(signal: &str) {
    // If the program ends here, nobody gets past this lock any more, to make a file, to begin
    // what must not be cut in two, or to end in another way.
    let state = state();
    let again = ASKED.swap(true, SeqCst);
    if !again && state.is_over {
        return;
    }
    if !again && state.is_listening {
        complain(&format!(
            "{signal}: what is running comes to its end; once more ends at once"
        ));
        stream::wake();
        return;
    }
    for path in &state.helpers {
        remove(path);
    }
    complain(&format!("interrupted ({signal})"));
    std::process::exit(if again { AT_ONCE } else { CODE.into() });
}

/// The flag that the first signal sets. Who asks for it looks at it, and ends by itself.
pub(super) fn listen() -> &'static AtomicBool {
    state().is_listening = true;
    &ASKED
}

/// Does what must not be cut in two: a first signal is heard when it is done.
pub(super) fn undivided<T>(work: impl FnOnce() -> Result<T, Stop>) -> Result<T, Stop> {
    let before = std::mem::replace(&mut state().is_listening, true);
    let done = work();
    state().is_listening = before;
    match done {
        Ok(_) if !before && is_asked() => Err(Stop::Interrupted(String::new())),
        done => done,
    }
}

/// Whether there was a signal.
pub(super) fn is_asked() -> bool {
    ASKED.load(SeqCst)
}

/// Whether there was a signal that is left to the command, which goes on.
#[cfg(unix)]
fn is_heard() -> bool {
    // If the program ends by it, this waits for that.
    is_asked() && state().is_listening
}

/// The flag for a command that goes through a stream, where a signal ends a read that waits.
pub(super) fn listen_to_stream() -> Option<&'static AtomicBool> {
    cfg!(unix).then(listen)
}

/// Takes whole lines until there was a signal, and then nothing more.
pub(super) struct Lines<W> {
    out: W,
    is_at_start: bool,
    count: u64,
}

impl<W: Write> Lines<W> {
    /// Of a stream, or of what is at hand.
    pub(super) fn new(out: W, is_stream: bool) -> Self {
        let _ = match is_stream {
            true => listen_to_stream(),
            false => Some(listen()),
        };
        Self {
            out,
            is_at_start: true,
            count: 0,
        }
    }

    /// That there was a signal, and how far this came until then.
    pub(super) fn is_complete(&self) -> Result<(), Stop> {
        match is_asked() {
            true => {
                let (lines, are) = (counted(self.count, "line"), are(self.count));
                Err(Stop::Interrupted(format!("{lines} {are} shown")))
            }
            false => Ok(()),
        }
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_at_start && is_asked() {
            return Err(io::Error::other("interrupted"));
        }
        let count = self.out.write(bytes)?;
        if let Some(last) = bytes[..count].last() {
            self.is_at_start = *last == b'\n';
        }
        let ends = bytes[..count].iter().filter(|&&byte| byte == b'\n');
        self.count += ends.count() as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The command is over: a first signal changes nothing any more.
pub(super) fn over() {
    state().is_over = true;
}

/// A file or folder that is only to help. It goes when this value does, or with the program.
/// The value is dropped first, and then the name: until then it is known to the handler.
#[derive(Debug)]
pub(super) struct Helper<T> {
    value: T,
    name: Name,
}

#[derive(Debug)]
struct Name(PathBuf);

impl<T> Helper<T> {
    /// Makes it: a signal comes before or after, but not in between.
    pub(super) fn make(
        make: impl FnOnce() -> io::Result<T>,
        path: impl Fn(&T) -> &Path,
    ) -> io::Result<Self> {
        let mut state = state();
        let value = make()?;
        let path = path(&value).to_owned();
        state.helpers.insert(path.clone());
        let name = Name(path);
        Ok(Self { value, name })
    }

    /// Makes something else of it, which may have no part in its name.
    pub(super) fn end<U>(self, end: impl FnOnce(T) -> U) -> U {
        let Self { value, name } = self;
        let ended = end(value);
        drop(name);
        ended
    }
}

impl<T> Deref for Helper<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        state().helpers.remove(&self.0);
    }
}

/// Removes it while somebody may still be writing into it.
fn remove(path: &Path) {
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let removed = match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        };
        if removed.is_ok() || !path.exists() {
            return;
        }
    }
}
