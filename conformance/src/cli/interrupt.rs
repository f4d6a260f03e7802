//! Ctrl-C, TERM and HUP: heard by every command, in one place.
//!
//! A command that looks at the flag ends by itself, with its results so far. Any other is
//! ended here, be it in the middle of a read. Files and folders that were only to help are
//! gone in both cases.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Stop, complain};

/// The exit code of a command that was interrupted.
pub(super) const CODE: u8 = 5;

/// The exit code after a second signal: what a shell takes for the end by SIGINT.
const AT_ONCE: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);
static LISTENS: AtomicBool = AtomicBool::new(false);
static HELPERS: Mutex<Helpers> = Mutex::new(Helpers {
    paths: BTreeSet::new(),
    is_over: false,
});

struct Helpers {
    /// Files and folders that must not outlive the program.
    paths: BTreeSet<PathBuf>,
    /// The command is over, and only has to say how it went.
    is_over: bool,
}

fn helpers() -> MutexGuard<'static, Helpers> {
    HELPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears the signals from now on.
pub(super) fn install() -> Result<(), Stop> {
    ctrlc::set_handler(|| {
        let again = ASKED.swap(true, SeqCst);
        if !again && LISTENS.load(SeqCst) {
            complain("interrupted: what is running comes to its end; once more ends at once");
            return;
        }
        // Nobody gets past this lock any more, to make a file or to end in another way.
        let helpers = helpers();
        if helpers.is_over && !again {
            return;
        }
        for path in &helpers.paths {
            remove(path);
        }
        complain("interrupted");
        std::process::exit(if again { AT_ONCE } else { CODE.into() });
    })
    .map_err(|error| Stop::Failed(format!("cannot wait for Ctrl-C: {error}")))
}

/// The flag that the first signal sets. Who asks for it looks at it, and ends by itself.
pub(super) fn listen() -> &'static AtomicBool {
    LISTENS.store(true, SeqCst);
    &ASKED
}

/// Whether there was a signal.
pub(super) fn is_asked() -> bool {
    ASKED.load(SeqCst)
}

/// Takes whole lines until there was a signal, and then nothing more.
pub(super) struct Lines<W> {
    out: W,
    is_at_start: bool,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W) -> Self {
        let _ = listen();
        Self {
            out,
            is_at_start: true,
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
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The command is over: a first signal changes nothing any more.
pub(super) fn over() {
    helpers().is_over = true;
}

/// A file or folder that goes when this value does, or with the program.
#[derive(Debug)]
pub(super) struct Helper(PathBuf);

impl Helper {
    /// Makes it: a signal comes before or after, but not in between.
    pub(super) fn make<T>(
        make: impl FnOnce() -> std::io::Result<T>,
        path: impl Fn(&T) -> &Path,
    ) -> std::io::Result<(T, Self)> {
        let mut helpers = helpers();
        let made = make()?;
        let path = path(&made).to_owned();
        helpers.paths.insert(path.clone());
        Ok((made, Self(path)))
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        helpers().paths.remove(&self.0);
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
