//! The program that runs Go's text, over pipes: a request, a log, and the next.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sigprof_sim::engine::go_text::{Log, Request, Runner};

/// The longest log that is taken, in bytes: a run has 20,000 operations at the most.
const LOG_MAX: u32 = 64 << 20;

/// Bytes of requests that are written at once: half of what a pipe of Linux has room for.
const AT_ONCE: usize = 32 << 10;

/// The program, which ends with this.
#[derive(Debug)]
pub struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    logs: BufReader<ChildStdout>,
}

impl Process {
    pub(super) fn start(path: &Path) -> io::Result<Self> {
        let mut child = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, logs) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
        Ok(Self {
            child,
            requests: Some(requests),
            logs: BufReader::with_capacity(1 << 16, logs),
        })
    }

    /// Writes requests, and reads as many logs.
    fn ask(&mut self, requests: &[Vec<u8>]) -> io::Result<Vec<Vec<u8>>> {
        let mut frames = Vec::new();
        for request in requests {
            let size = u32::try_from(request.len()).map_err(io::Error::other)?;
            frames.extend(size.to_le_bytes());
            frames.extend(request);
        }
        let pipe = self.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        pipe.write_all(&frames)?;
        requests.iter().map(|_| self.log()).collect()
    }

    fn log(&mut self) -> io::Result<Vec<u8>> {
        let mut size = [0; 4];
        self.logs.read_exact(&mut size)?;
        let size = u32::from_le_bytes(size);
        if size > LOG_MAX {
            let why = format!("a log of {size} bytes, want {LOG_MAX} at the most");
            return Err(io::Error::other(why));
        }
        let mut log = vec![0; size as usize];
        self.logs.read_exact(&mut log)?;
        Ok(log)
    }
}

impl Runner for Process {
    fn run_all(&mut self, requests: &[Request]) -> Result<Vec<Log>, String> {
        let mut logs = Vec::with_capacity(requests.len());
        let mut rest = requests;
        while !rest.is_empty() {
            // What a pipe has room for, so that the program can write while nobody reads; or one.
            let (mut bytes, mut size) = (Vec::new(), 0);
            for request in rest {
                let request = request.to_bytes();
                size += request.len();
                if size > AT_ONCE && !bytes.is_empty() {
                    break;
                }
                bytes.push(request);
            }
            let answers = self.ask(&bytes);
            let answers = answers.map_err(|e| format!("the program that runs Go's text: {e}"))?;
            let (asked, later) = rest.split_at(bytes.len());
            for (request, log) in asked.iter().zip(answers) {
                logs.push(Log::parse(log, request.shows_lines())?);
            }
            rest = later;
        }
        Ok(logs)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its input ends, and it with that.
        drop(self.requests.take());
        let _status = self.child.wait();
    }
}
