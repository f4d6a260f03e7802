//! The whole trace as Chrome's JSON: Go 1.19's web server against `sigprof export`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sigprof::oracle::Go;

use crate::go::{self, Cost};

/// Requests of the server, and runs of ours.
const ROUNDS: usize = 3;

/// A clock tick of `/proc`: on Linux always a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Prints both, and the ratio. The server has parsed the trace before it is asked; ours
/// reads it anew each time, and so what Go's `Parse` takes is added to a request.
pub(crate) fn run(measure: &Path, ours: &Path, go: &Go) -> Result<(), String> {
    let trace = go::generate(go, 10, &[])?;
    let parse = go::build(go, "parse", Some("internal/trace"))?;
    let text = |e: std::io::Error| format!("go tool trace: {e}");
    let tool = go.root().join("pkg/tool/linux_amd64/trace");
    let mut command = Command::new(tool);
    command.env("BROWSER", "/bin/true").arg("-http=127.0.0.1:0");
    let command = command
        .arg(&trace)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(text)?;
    let stderr = child.stderr.take().ok_or("go tool trace has no stderr")?;
    let server = Server(child);
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let address = lines.find_map(|l| l.split_once("http://").map(|(_, a)| a.to_owned()));
    let address = address.ok_or("go tool trace says no address")?;

    let mut request = Duration::MAX;
    let (mut parsed, mut export) = (Cost::MOST, Cost::MOST);
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let before = cpu(server.0.id()).map_err(text)?;
        bytes = fetch(&address).map_err(text)?;
        request = request.min(cpu(server.0.id()).map_err(text)? - before);
        parsed = parsed.min(go::measure(measure, &[&parse, &trace])?);
        let args = ["export", "--format", "chrome", "-o", "/dev/null"].map(Path::new);
        let ours = go::measure(measure, &[&[ours], &args[..], &[&trace]].concat())?;
        export = export.min(ours);
    }
    let theirs = request + parsed.cpu;
    let ratio = theirs.as_secs_f64() / export.cpu.as_secs_f64();
    println!(
        "Chrome JSON of the trace of 10 MB ({:.0} MB)",
        bytes as f64 / 1e6
    );
    println!("  sigprof    {:>9.1} ms", export.cpu.as_secs_f64() * 1e3);
    println!(
        "  Go 1.19    {:>9.1} ms   time x {ratio:.1} (promised: 15): /jsontrace {:.0} ms, Parse {:.0} ms\n",
        theirs.as_secs_f64() * 1e3,
        request.as_secs_f64() * 1e3,
        parsed.cpu.as_secs_f64() * 1e3
    );
    Ok(())
}

/// Bytes of the answer.
fn fetch(address: &str) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(address.trim().trim_end_matches('/'))?;
    write!(stream, "GET /jsontrace HTTP/1.0\r\n\r\n")?;
    let (mut bytes, mut piece) = (0, vec![0; 1 << 20]);
    loop {
        match stream.read(&mut piece)? {
            0 => return Ok(bytes),
            n => bytes += n as u64,
        }
    }
}

/// The CPU time that a process has used so far.
fn cpu(pid: u32) -> std::io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // After the name, which may have spaces in it, user and system are fields 12 and 13.
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).flat_map(str::parse::<u32>).sum();
    Ok(TICK * ticks)
}
