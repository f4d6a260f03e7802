//! Somebody's parser, run on one file: a command that gets the file's path as its last
//! argument, and is not trusted. It may hang, print without end, crash or lie.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// As much as a parser may print; the largest object of the corpus has 250 KB.
pub const MAX_OUTPUT: usize = 16 << 20;

/// As much of what it says on standard error is kept.
const MAX_COMPLAINT: usize = 4 << 10;

/// How often a parser that has closed its output is looked after.
const PATIENCE: Duration = Duration::from_millis(2);

/// A command.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The program and its arguments; the path of the file is added.
    pub command: Vec<OsString>,
    /// It is killed after this time.
    pub timeout: Duration,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself.
    Exited {
        /// Its exit code or the signal that killed it.
        status: ExitStatus,
        /// What it printed.
        out: Vec<u8>,
        /// The last line that it wrote to standard error.
        complaint: String,
    },
    /// It took too long and was killed.
    TimedOut,
    /// It printed more than [`MAX_OUTPUT`] and was killed.
    TooMuch,
}

impl Decoder {
    /// Runs it on a file.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&self, file: &Path) -> io::Result<Ended> {
        let deadline = Instant::now() + self.timeout;
        let no_program = || io::Error::new(io::ErrorKind::InvalidInput, "no command");
        let (program, arguments) = self.command.split_first().ok_or_else(no_program)?;
        let mut child = Command::new(program)
            .args(arguments)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().map(|pipe| collect(pipe, MAX_OUTPUT));
        let complaint = child.stderr.take().map(drain);
        let ended = follow(&mut child, out, complaint, deadline);
        if !matches!(ended, Ok(Ended::Exited { .. })) {
            // It may have ended by itself meanwhile; then there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
        ended
    }
}

fn follow(
    child: &mut Child,
    out: Option<Receiver<Option<Vec<u8>>>>,
    complaint: Option<Receiver<String>>,
    deadline: Instant,
) -> io::Result<Ended> {
    let left = || deadline.saturating_duration_since(Instant::now());
    let out = match out.map(|out| out.recv_timeout(left())) {
        Some(Ok(Some(out))) => out,
        Some(Ok(None)) => return Ok(Ended::TooMuch),
        Some(Err(RecvTimeoutError::Timeout)) => return Ok(Ended::TimedOut),
        Some(Err(RecvTimeoutError::Disconnected)) | None => Vec::new(),
    };
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if left().is_zero() => return Ok(Ended::TimedOut),
            None => thread::sleep(PATIENCE),
        }
    };
    // A child of its own may keep the pipe open.
    let complaint = complaint.and_then(|c| c.recv_timeout(Duration::from_secs(1)).ok());
    Ok(Ended::Exited {
        status,
        out,
        complaint: complaint.unwrap_or_default(),
    })
}

/// All of a pipe, or nothing if it has more than so many bytes.
fn collect(pipe: impl Read + Send + 'static, most: usize) -> Receiver<Option<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let limit = most as u64 + 1;
        // What came before an error is what there is.
        let _ = pipe.take(limit).read_to_end(&mut bytes);
        // Nobody listens after the time is up.
        let _ = sender.send(Some(bytes).filter(|bytes| bytes.len() <= most));
    });
    receiver
}

/// The last line of a pipe that has something in it; the pipe is read to its end, so that
/// nobody waits for it.
fn drain(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (mut last, mut piece) = (Vec::new(), [0; MAX_COMPLAINT]);
        while let Ok(count @ 1..) = pipe.read(&mut piece) {
            last.extend(&piece[..count]);
            let surplus = last.len().saturating_sub(MAX_COMPLAINT);
            last.drain(..surplus);
        }
        let text = String::from_utf8_lossy(&last).into_owned();
        let mut lines = text.lines().map(str::trim).rev();
        let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
        let _ = sender.send(line.to_owned());
    });
    receiver
}
