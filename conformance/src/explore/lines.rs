//! Where the functions begin by which the model's text goes, in Go's own files (S58.2).
//!
//! A revision of the protocol is that of several releases, in which lines differ: these are of the
//! newest that was at hand. `judged/facts` looks them up in Go's source, where that is installed.

use sigprof_model::backend::Call;

/// A release whose lines are known.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// The revision of the protocol.
    pub revision: &'static str,
    /// The release, as its file VERSION has it.
    pub release: &'static str,
    /// Its column of the table.
    column: usize,
}

impl Lines {
    /// The lines of a revision; none of what no release has.
    #[must_use]
    pub fn named(revision: &str) -> Option<Self> {
        ALL.into_iter().find(|lines| lines.revision == revision)
    }

    /// The functions of the release, each with its file, and the line of its `func`.
    pub fn of(self) -> impl Iterator<Item = (&'static str, &'static str, u32)> {
        let all = FUNCTIONS.iter();
        let all = all.map(move |(function, file, lines)| (*function, *file, lines[self.column]));
        all.filter(|(.., line)| *line > 0)
    }

    /// The line at which a function begins.
    #[must_use]
    pub fn line(self, call: Call) -> Option<u32> {
        let is_it = |(function, file, _): &(&str, &str, u32)| {
            (*function, *file) == (call.function, call.file)
        };
        self.of().find(is_it).map(|(.., line)| line)
    }
}

/// All releases whose lines are known.
pub const ALL: [Lines; 4] = [
    Lines {
        revision: "go1.19",
        release: "go1.19.8",
        column: 0,
    },
    Lines {
        revision: "go1.21",
        release: "go1.21.13",
        column: 1,
    },
    Lines {
        revision: "go1.22",
        release: "go1.25.5",
        column: 2,
    },
    Lines {
        revision: "go1.26",
        release: "go1.27.3",
        column: 3,
    },
];

/// Functions, each with its file, and the line of its `func` in each of these releases: 0 where it is
/// not there.
const FUNCTIONS: [(&str, &str, [u32; ALL.len()]); 23] = [
    ("sigprof", "runtime/proc.go", [4510, 4891, 5592, 5799]),
    (
        "setcpuprofilerate",
        "runtime/proc.go",
        [4633, 5009, 5712, 5919],
    ),
    (
        "sigprofNonGo",
        "runtime/signal_unix.go",
        [504, 515, 515, 521],
    ),
    (
        "(*cpuProfile).add",
        "runtime/cpuprof.go",
        [107, 106, 106, 106],
    ),
    (
        "(*cpuProfile).addNonGo",
        "runtime/cpuprof.go",
        [139, 138, 138, 138],
    ),
    (
        "(*cpuProfile).addExtra",
        "runtime/cpuprof.go",
        [168, 167, 167, 167],
    ),
    ("SetCPUProfileRate", "runtime/cpuprof.go", [69, 68, 68, 68]),
    (
        "runtime_pprof_readProfile",
        "runtime/cpuprof.go",
        [227, 226, 243, 243],
    ),
    (
        "(*profBuf).read",
        "runtime/profbuf.go",
        [431, 431, 429, 455],
    ),
    (
        "(*profBuf).write",
        "runtime/profbuf.go",
        [303, 303, 303, 307],
    ),
    (
        "(*profBuf).canWriteRecord",
        "runtime/profbuf.go",
        [237, 237, 237, 241],
    ),
    (
        "(*profBuf).canWriteTwoRecords",
        "runtime/profbuf.go",
        [263, 263, 263, 267],
    ),
    (
        "(*profBuf).takeOverflow",
        "runtime/profbuf.go",
        [159, 159, 159, 163],
    ),
    (
        "(*profBuf).incrementOverflow",
        "runtime/profbuf.go",
        [180, 180, 180, 184],
    ),
    (
        "(*profBuf).close",
        "runtime/profbuf.go",
        [396, 396, 394, 415],
    ),
    (
        "(*profBuf).wakeupExtra",
        "runtime/profbuf.go",
        [407, 407, 405, 426],
    ),
    ("StartTrace", "runtime/trace.go", [203, 278, 156, 318]),
    ("StopTrace", "runtime/trace.go", [316, 412, 324, 457]),
    ("traceCPUSample", "runtime/trace.go", [682, 849, 0, 0]),
    ("traceReadCPU", "runtime/trace.go", [723, 890, 0, 0]),
    ("traceAdvance", "runtime/trace.go", [0, 0, 337, 470]),
    ("traceCPUSample", "runtime/tracecpu.go", [0, 0, 213, 213]),
    ("traceReadCPU", "runtime/tracecpu.go", [0, 0, 118, 118]),
];
