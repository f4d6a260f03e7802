//! The web view of real Go shows each sample with a P, and none without (R64.5).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use sigprof::oracle::Go;
use sigprof::trace::v1::{self as trace, Place};

use super::{Run, every};

/// A web view that ends with this.
struct Viewer {
    child: Child,
    port: u16,
}

impl Viewer {
    fn of(go: &Go, trace: &std::path::Path) -> Self {
        // Free now; nobody else is likely to take it meanwhile.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let root = go.root().to_owned();
        // The tool itself, so that it is the child that is killed.
        let tool = root.join("pkg/tool/linux_amd64/trace");
        let mut command = std::process::Command::new(tool);
        command.env("GOROOT", root).env("BROWSER", "/bin/true");
        let mut child = command
            .arg(format!("-http=127.0.0.1:{port}"))
            .arg(trace)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.find(|line| line.as_ref().is_ok_and(|l| l.contains("listening on")));
        assert!(ready.is_some(), "the viewer ended");
        // Nobody else reads what it says next.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// P of each sample that is shown.
fn shown(json: &str) -> Vec<u64> {
    let view: serde_json::Value = serde_json::from_str(json).unwrap();
    let events = view["traceEvents"].as_array().unwrap().iter();
    let samples = events.filter(|event| event["name"] == "CPU profile sample");
    let mut ps: Vec<_> = samples
        .map(|event| event["tid"].as_u64().unwrap())
        .collect();
    ps.sort_unstable();
    ps
}

/// Guards R64.5.
#[test]
fn each_sample_with_a_p_is_shown_and_none_without() {
    shows_samples(every(20));
}

pub(super) fn shows_samples(seeds: impl Iterator<Item = u64>) {
    // Each reads its own format and older ones.
    let (Some(go_1_19), Some(go_1_21)) = (Go::find_or_skip("1.19"), Go::find_or_skip("1.21"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut without = 0;
    for seed in seeds {
        let run = Run::drawn(seed);
        let (paths, _) = run.write(folder.path());
        let Some(bytes) = run.traces.first() else {
            continue;
        };
        let trace = trace::read(bytes).unwrap();
        let mut want: Vec<_> = trace
            .samples()
            .filter_map(|event| match event.place {
                Place::P(p) => Some(p),
                _ => None,
            })
            .collect();
        want.sort_unstable();
        without += trace.samples().count() - want.len();
        let is_newer = bytes.starts_with(b"go 1.21");
        let go = if is_newer { &go_1_21 } else { &go_1_19 };
        let viewer = Viewer::of(go, &paths[0]);
        assert_eq!(shown(&viewer.get("/jsontrace")), want, "{}", run.name);
    }
    assert!(without > 0);
}
