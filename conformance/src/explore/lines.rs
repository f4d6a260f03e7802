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
    /// Functions, each with its file, and the line of its `func`.
    pub of: &'static [(&'static str, &'static str, u32)],
}

impl Lines {
    /// The lines of a revision; none of what no release has.
    #[must_use]
    pub fn named(revision: &str) -> Option<&'static Self> {
        ALL.iter().find(|lines| lines.revision == revision)
    }

    /// The line at which a function begins.
    #[must_use]
    pub fn line(&self, call: Call) -> Option<u32> {
        let mut all = self.of.iter();
        let (.., line) =
            all.find(|(function, file, _)| (*function, *file) == (call.function, call.file))?;
        Some(*line)
    }
}

/// All releases whose lines are known.
pub const ALL: [Lines; 4] = [
    Lines {
        revision: "go1.19",
        release: "go1.19.8",
        of: &[
            ("sigprof", "runtime/proc.go", 4510),
            ("sigprofNonGo", "runtime/signal_unix.go", 504),
            ("(*profBuf).read", "runtime/profbuf.go", 431),
            ("(*profBuf).write", "runtime/profbuf.go", 303),
            ("(*profBuf).canWriteRecord", "runtime/profbuf.go", 237),
            ("(*profBuf).canWriteTwoRecords", "runtime/profbuf.go", 263),
            ("(*profBuf).takeOverflow", "runtime/profbuf.go", 159),
            ("(*profBuf).incrementOverflow", "runtime/profbuf.go", 180),
            ("(*profBuf).close", "runtime/profbuf.go", 396),
            ("(*profBuf).wakeupExtra", "runtime/profbuf.go", 407),
            ("StartTrace", "runtime/trace.go", 203),
            ("StopTrace", "runtime/trace.go", 316),
            ("(*cpuProfile).add", "runtime/cpuprof.go", 107),
            ("(*cpuProfile).addNonGo", "runtime/cpuprof.go", 139),
            ("(*cpuProfile).addExtra", "runtime/cpuprof.go", 168),
            ("SetCPUProfileRate", "runtime/cpuprof.go", 69),
            ("setcpuprofilerate", "runtime/proc.go", 4633),
            ("runtime_pprof_readProfile", "runtime/cpuprof.go", 227),
            ("traceCPUSample", "runtime/trace.go", 682),
            ("traceReadCPU", "runtime/trace.go", 723),
        ],
    },
    Lines {
        revision: "go1.21",
        release: "go1.21.13",
        of: &[
            ("sigprof", "runtime/proc.go", 4891),
            ("sigprofNonGo", "runtime/signal_unix.go", 515),
            ("(*profBuf).read", "runtime/profbuf.go", 431),
            ("(*profBuf).write", "runtime/profbuf.go", 303),
            ("(*profBuf).canWriteRecord", "runtime/profbuf.go", 237),
            ("(*profBuf).canWriteTwoRecords", "runtime/profbuf.go", 263),
            ("(*profBuf).takeOverflow", "runtime/profbuf.go", 159),
            ("(*profBuf).incrementOverflow", "runtime/profbuf.go", 180),
            ("(*profBuf).close", "runtime/profbuf.go", 396),
            ("(*profBuf).wakeupExtra", "runtime/profbuf.go", 407),
            ("StartTrace", "runtime/trace.go", 278),
            ("StopTrace", "runtime/trace.go", 412),
            ("(*cpuProfile).add", "runtime/cpuprof.go", 106),
            ("(*cpuProfile).addNonGo", "runtime/cpuprof.go", 138),
            ("(*cpuProfile).addExtra", "runtime/cpuprof.go", 167),
            ("SetCPUProfileRate", "runtime/cpuprof.go", 68),
            ("setcpuprofilerate", "runtime/proc.go", 5009),
            ("runtime_pprof_readProfile", "runtime/cpuprof.go", 226),
            ("traceCPUSample", "runtime/trace.go", 849),
            ("traceReadCPU", "runtime/trace.go", 890),
        ],
    },
    Lines {
        revision: "go1.22",
        release: "go1.25.5",
        of: &[
            ("sigprof", "runtime/proc.go", 5592),
            ("sigprofNonGo", "runtime/signal_unix.go", 515),
            ("(*profBuf).read", "runtime/profbuf.go", 429),
            ("(*profBuf).write", "runtime/profbuf.go", 303),
            ("(*profBuf).canWriteRecord", "runtime/profbuf.go", 237),
            ("(*profBuf).canWriteTwoRecords", "runtime/profbuf.go", 263),
            ("(*profBuf).takeOverflow", "runtime/profbuf.go", 159),
            ("(*profBuf).incrementOverflow", "runtime/profbuf.go", 180),
            ("(*profBuf).close", "runtime/profbuf.go", 394),
            ("(*profBuf).wakeupExtra", "runtime/profbuf.go", 405),
            ("StartTrace", "runtime/trace.go", 156),
            ("traceAdvance", "runtime/trace.go", 337),
            ("StopTrace", "runtime/trace.go", 324),
            ("(*cpuProfile).add", "runtime/cpuprof.go", 106),
            ("(*cpuProfile).addNonGo", "runtime/cpuprof.go", 138),
            ("(*cpuProfile).addExtra", "runtime/cpuprof.go", 167),
            ("SetCPUProfileRate", "runtime/cpuprof.go", 68),
            ("setcpuprofilerate", "runtime/proc.go", 5712),
            ("runtime_pprof_readProfile", "runtime/cpuprof.go", 243),
            ("traceCPUSample", "runtime/tracecpu.go", 213),
            ("traceReadCPU", "runtime/tracecpu.go", 118),
        ],
    },
    Lines {
        revision: "go1.26",
        release: "go1.27.3",
        of: &[
            ("sigprof", "runtime/proc.go", 5799),
            ("sigprofNonGo", "runtime/signal_unix.go", 521),
            ("(*profBuf).read", "runtime/profbuf.go", 455),
            ("(*profBuf).write", "runtime/profbuf.go", 307),
            ("(*profBuf).canWriteRecord", "runtime/profbuf.go", 241),
            ("(*profBuf).canWriteTwoRecords", "runtime/profbuf.go", 267),
            ("(*profBuf).takeOverflow", "runtime/profbuf.go", 163),
            ("(*profBuf).incrementOverflow", "runtime/profbuf.go", 184),
            ("(*profBuf).close", "runtime/profbuf.go", 415),
            ("(*profBuf).wakeupExtra", "runtime/profbuf.go", 426),
            ("StartTrace", "runtime/trace.go", 318),
            ("traceAdvance", "runtime/trace.go", 470),
            ("StopTrace", "runtime/trace.go", 457),
            ("(*cpuProfile).add", "runtime/cpuprof.go", 106),
            ("(*cpuProfile).addNonGo", "runtime/cpuprof.go", 138),
            ("(*cpuProfile).addExtra", "runtime/cpuprof.go", 167),
            ("SetCPUProfileRate", "runtime/cpuprof.go", 68),
            ("setcpuprofilerate", "runtime/proc.go", 5919),
            ("runtime_pprof_readProfile", "runtime/cpuprof.go", 243),
            ("traceCPUSample", "runtime/tracecpu.go", 213),
            ("traceReadCPU", "runtime/tracecpu.go", 118),
        ],
    },
];
