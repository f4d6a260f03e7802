//! The program that runs Go's text, over pipes: a request, a log, and the next.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use sigprof_sim::engine::go_text::{Log, Request, Runner};

/// The longest log that is taken, in bytes: a run has 20,000 operations at the most.
const LOG_MAX: u32 = 16 << 20;

/// Bytes that a pipe holds.
const PIPE: usize = 1 << 16;

/// Time in which an answer must come: a run takes far below a millisecond, but the machine may
/// be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program, which ends with this.
///
/// Threads write requests and read logs, so that neither side waits for the other's pipe.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    requests: Sender<Vec<u8>>,
    logs: Receiver<io::Result<Vec<Vec<u8>>>>,
    /// Logs that have come, and are not asked for yet, the last first.
    came: Vec<Vec<u8>>,
    /// Why it is of no use any more: the logs behind a failure are of other requests.
    failed: Option<String>,
}

impl Process {
    pub(super) fn start(path: &Path) -> io::Result<Self> {
        let mut command = Command::new(path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // What it has to say is in its logs; a crash of its own says more than anybody reads.
        command.stderr(Stdio::null());
        #[cfg(unix)]
        {
            // A signal from the terminal is ours: we end it, once we have said what we have.
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (pipe, answers) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
        let (requests, to_write) = mpsc::channel();
        let (to_read, logs) = mpsc::channel();
        thread::spawn(move || write(pipe, &to_write));
        thread::spawn(move || read(answers, &to_read));
        Ok(Self {
            child,
            requests,
            logs,
            came: Vec::new(),
            failed: None,
        })
    }

    fn log(&mut self) -> Result<Vec<u8>, String> {
        if let Some(log) = self.came.pop() {
            return Ok(log);
        }
        let why = match self.logs.recv_timeout(PATIENCE) {
            Ok(Ok(mut logs)) => {
                logs.reverse();
                self.came = logs;
                return self.log();
            }
            Ok(Err(error)) => match self.child.try_wait() {
                Ok(Some(status)) => format!("it ended, {status}"),
                _ => error.to_string(),
            },
            Err(RecvTimeoutError::Timeout) => format!(
                "it did not come to its next point in {} s: does the text loop without one?",
                PATIENCE.as_secs()
            ),
            Err(RecvTimeoutError::Disconnected) => "it has ended".to_owned(),
        };
        Err(format!("the program that runs Go's text: {why}"))
    }
}

/// Writes requests until there are no more.
fn write(mut pipe: ChildStdin, requests: &Receiver<Vec<u8>>) {
    for request in requests {
        // Who reads the answers notices that there are none.
        if pipe.write_all(&request).is_err() {
            return;
        }
    }
}

/// Reads logs until there are no more, or nobody wants them: at once all that have come, as to wake
/// who waits takes longer than a run.
fn read(pipe: ChildStdout, logs: &Sender<io::Result<Vec<Vec<u8>>>>) {
    let mut pipe = BufReader::with_capacity(PIPE, pipe);
    loop {
        let first = log(&mut pipe);
        let all = first.and_then(|first| {
            let mut all = vec![first];
            while is_whole(pipe.buffer()) {
                all.push(log(&mut pipe)?);
            }
            Ok(all)
        });
        let is_last = all.is_err();
        if logs.send(all).is_err() || is_last {
            return;
        }
    }
}

/// Whether there is a whole log in these bytes.
fn is_whole(bytes: &[u8]) -> bool {
    let size = bytes.first_chunk().map(|&size| u32::from_le_bytes(size));
    size.is_some_and(|size| bytes.len() - 4 >= size as usize)
}

fn log(pipe: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut size = [0; 4];
    pipe.read_exact(&mut size)?;
    let size = u32::from_le_bytes(size);
    if size > LOG_MAX {
        let why = format!("a log of {size} bytes, want {LOG_MAX} at the most");
        return Err(io::Error::other(why));
    }
    let mut log = vec![0; size as usize];
    pipe.read_exact(&mut log)?;
    Ok(log)
}

impl Runner for Process {
    fn run_all(&mut self, requests: &[Request]) -> Result<Vec<Log>, String> {
        if let Some(why) = &self.failed {
            return Err(why.clone());
        }
        let mut bytes = Vec::new();
        for request in requests {
            let request = request.to_bytes();
            let size = u32::try_from(request.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&size.to_le_bytes());
            bytes.extend_from_slice(&request);
        }
        // If it has gone, no answer comes.
        let _sent = self.requests.send(bytes);
        let logs = requests
            .iter()
            .map(|request| Log::parse(self.log()?, request.shows_lines()));
        let logs: Result<Vec<_>, String> = logs.collect();
        self.failed = logs.as_ref().err().cloned();
        logs
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be in a loop, or write to nobody.
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}
