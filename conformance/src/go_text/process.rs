//! The program that runs Go's text, over pipes: a request, a log, and the next.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sigprof_sim::engine::go_text::{Log, Request, Runner};

/// The longest log that is taken, in bytes: a run has 20,000 operations at the most.
const LOG_MAX: u32 = 64 << 20;

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

    fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        let size = u32::try_from(request.len()).map_err(io::Error::other)?;
        let requests = self.requests.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let frame = [&size.to_le_bytes()[..], request].concat();
        requests.write_all(&frame)?;
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
    fn run(&mut self, request: &Request) -> Result<Log, String> {
        let log = self.ask(&request.to_bytes());
        let log = log.map_err(|error| format!("the program that runs Go's text: {error}"))?;
        Log::parse(log, request.shows_lines())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its input ends, and it with that.
        drop(self.requests.take());
        let _status = self.child.wait();
    }
}
