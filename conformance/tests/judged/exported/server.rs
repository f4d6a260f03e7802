//! `go tool trace`'s web server, over loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;
use sigprof::oracle::Go;

/// A process that does not outlive the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server's program; where the toolchain has only its source, it is built in `folder`.
pub(crate) fn program(go: &Go, folder: &Path) -> PathBuf {
    let built = go.root().join("pkg/tool/linux_amd64/trace");
    if built.is_file() {
        return built;
    }
    let program = folder.join("trace");
    let mut command = go.command();
    command.env("GOFLAGS", "").args(["build", "-o"]);
    command.arg(&program).arg("cmd/trace").current_dir(folder);
    let out = command.output().unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    program
}

/// The server's JSON for the whole trace.
#[track_caller]
pub(crate) fn json_trace(tool: &Path, trace: &Path) -> Value {
    match try_json_trace(tool, trace) {
        Ok(json) => json,
        Err(why) => panic!("{}: {why}", trace.display()),
    }
}

/// The same of a trace that the server may refuse, or not be able to show.
pub(crate) fn try_json_trace(tool: &Path, trace: &Path) -> Result<Value, String> {
    let mut command = std::process::Command::new(tool);
    // A browser that does nothing, and a port that is free.
    command.env("BROWSER", "/bin/true").arg("-http=127.0.0.1:0");
    command
        .arg(trace)
        .stderr(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let _server = Server(child);
    let mut said = Vec::new();
    let address = stderr.find_map(|line| {
        let line = line.unwrap();
        let address = line.split_once("http://").map(|(_, rest)| rest.to_owned());
        said.push(line);
        address
    });
    let address = address.ok_or_else(|| format!("{said:?}"))?;
    // Nobody else reads what it says next.
    std::thread::spawn(move || stderr.for_each(drop));
    let address = address.trim().trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    // 1.0, so that the body is in one piece.
    write!(stream, "GET /jsontrace HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(|e| e.to_string())?;
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n");
    let body = &answer[end.ok_or("no answer")? + 4..];
    serde_json::from_slice(body).map_err(|e| {
        let end = String::from_utf8_lossy(&body[body.len().saturating_sub(200)..]);
        format!("{e}: ...{end}")
    })
}
