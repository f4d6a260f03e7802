//! Somebody's parser, run on one file: a command that gets the file's path as its last
//! argument, or the file as its input, and is not trusted. It may hang, print without end, crash, lie, or leave others
//! behind that do so.
//!
//! L1  When a run is over, nothing of it is left but what has left its process group.
//! L2  Of what it prints at most [`MAX_OUTPUT`] bytes are kept, and of standard error some lines.

mod group;
mod said;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use group::Group;
use said::Listener;
pub use said::{Runtime, Said};

/// As much as a parser may print; the largest object of the corpus has 250 KB.
pub const MAX_OUTPUT: usize = 16 << 20;

/// How often a parser is looked after.
const PATIENCE: Duration = Duration::from_millis(2);

/// For so long after its end others may still write what it has begun.
const GRACE: Duration = Duration::from_secs(1);

/// Somebody's parser, as a command.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The program and its arguments; the path of the file is added unless it is fed.
    pub command: Vec<OsString>,
    /// The time after which the command is killed.
    pub timeout: Duration,
    /// How it gets the file.
    pub feed: Feed,
}

/// How a parser gets its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// The path is its last argument, and standard input is empty.
    #[default]
    Path,
    /// The file is its standard input, and no argument is added.
    Stdin,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The command ended by itself.
    Exited {
        /// Its exit code or the signal that killed it.
        status: ExitStatus,
        /// The bytes on standard output.
        out: Vec<u8>,
        /// The text on standard error.
        said: Said,
    },
    /// The command took too long and was killed.
    TimedOut,
    /// The command printed more than [`MAX_OUTPUT`] and was killed.
    TooMuch,
    /// The command ended, but a process that it started and that has left its group holds its output.
    Held,
    /// The command was killed because nobody wants to know any more.
    Stopped,
}

/// Messages from the threads that read the pipes.
enum Piped {
    Out(Option<Vec<u8>>),
    Said(Said),
}

impl Decoder {
    /// Runs it on a file, until `stop` is set.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&self, file: &Path, stop: &AtomicBool) -> io::Result<Ended> {
        let deadline = Instant::now() + self.timeout;
        let no_program = || io::Error::new(io::ErrorKind::InvalidInput, "no command");
        let (program, arguments) = self.command.split_first().ok_or_else(no_program)?;
        let mut command = Command::new(program);
        command.args(arguments);
        match self.feed {
            Feed::Path => command.arg(file).stdin(Stdio::null()),
            Feed::Stdin => command.stdin(File::open(file)?),
        };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command)?;
        let (sender, pipes) = mpsc::channel();
        let is_over = Arc::new(AtomicBool::new(false));
        if let Some(pipe) = group.child().stdout.take() {
            collect(pipe, sender.clone());
        }
        if let Some(pipe) = group.child().stderr.take() {
            listen(pipe, sender, is_over.clone());
        }
        let ended = follow(group, &pipes, deadline, stop);
        is_over.store(true, Relaxed);
        ended
    }
}

fn follow(
    mut group: Group,
    pipes: &Receiver<Piped>,
    deadline: Instant,
    stop: &AtomicBool,
) -> io::Result<Ended> {
    let (mut out, mut said) = (None, None);
    // When it was first seen to have ended, and whether the rest of its group was killed.
    let mut end: Option<Instant> = None;
    let mut is_killed = false;
    loop {
        match pipes.recv_timeout(PATIENCE) {
            Ok(Piped::Out(None)) => return Ok(Ended::TooMuch),
            Ok(Piped::Out(Some(bytes))) => out = Some(bytes),
            Ok(Piped::Said(words)) => said = Some(words),
            Err(RecvTimeoutError::Timeout) => {}
            // Its pipes are closed, and it has not ended.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(PATIENCE),
        }
        let now = Instant::now();
        if end.is_none() && group.has_ended()? {
            end = Some(now);
        }
        match end {
            _ if stop.load(Relaxed) => return Ok(Ended::Stopped),
            None if now >= deadline => return Ok(Ended::TimedOut),
            Some(_) if out.is_some() && said.is_some() => break,
            Some(at) if !is_killed && now >= at + GRACE => {
                group.kill();
                is_killed = true;
            }
            Some(at) if now >= at + 2 * GRACE => break,
            _ => {}
        }
    }
    let Some(out) = out else {
        return Ok(Ended::Held);
    };
    Ok(Ended::Exited {
        status: group.end()?,
        out,
        said: said.unwrap_or_default(),
    })
}

/// All of a pipe, or nothing if it has more than [`MAX_OUTPUT`] bytes.
fn collect(pipe: impl Read + Send + 'static, sender: Sender<Piped>) {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let limit = MAX_OUTPUT as u64 + 1;
        // What came before an error is what there is.
        let _ = pipe.take(limit).read_to_end(&mut bytes);
        let bytes = Some(bytes).filter(|bytes| bytes.len() <= MAX_OUTPUT);
        // Nobody listens after the time is up.
        let _ = sender.send(Piped::Out(bytes));
    });
}

/// Reads a pipe to its end, or until the run is over, so that nobody waits for it.
fn listen(mut pipe: impl Read + Send + 'static, sender: Sender<Piped>, is_over: Arc<AtomicBool>) {
    thread::spawn(move || {
        let (mut listener, mut piece) = (Listener::default(), [0; 16 << 10]);
        while let Ok(count @ 1..) = pipe.read(&mut piece) {
            listener.hear(&piece[..count]);
            // Who has left the group, and writes on, finds the pipe closed.
            if is_over.load(Relaxed) {
                break;
            }
        }
        let _ = sender.send(Piped::Said(listener.end()));
    });
}
