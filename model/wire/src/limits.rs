//! Sizes and limits, each with its source in Go.

/// Words (8 bytes each) in the sample ring of the tracer and in that of the
/// profiler (Go: `runtime/cpuprof.go`, `profBufWordCount`; R2).
pub const PROF_BUF_WORDS: u64 = 1 << 17;

/// Tag slots in such a ring, one a record (Go: `runtime/cpuprof.go`,
/// `profBufTagCount`; R2).
pub const PROF_BUF_TAGS: u64 = 1 << 14;

/// Words of a record before its header: its length and its time (R1).
pub const RECORD_PREFIX_WORDS: u64 = 2;

/// Header words of a sample on its way into a v1 trace: P and goroutine (R1, R31).
pub const TRACE_V1_HEADER_WORDS: u64 = 2;

/// PCs in the stack of a sample, at the most (Go: `runtime/cpuprof.go`,
/// `maxCPUProfStack`; R24).
pub const MAX_CPU_PROF_STACK: u64 = 64;

/// Bytes of a trace's header, `go 1.N trace` and zeroes (R60).
pub const HEADER_LEN: usize = 16;

/// Bytes of a varint, at the most (R60).
pub const MAX_VARINT_LEN: usize = 10;

/// Bytes of a string of a v1 trace, at the most (Go: `internal/trace/parser.go`,
/// `readTrace`; R60).
pub const MAX_STRING_LEN: u64 = 1_000_000;

/// Frames of a stack of a v1 trace, at the most (Go: `internal/trace/parser.go`,
/// `parseEvents`; R60).
pub const MAX_STACK_FRAMES: u64 = 1000;

/// The P of a sample that was taken on a thread without one, as the wire has it
/// (Go: `runtime/trace.go`, `traceReadCPU`; R37).
pub const NO_P: u64 = u64::MAX;

/// Words of the record of a sample with `frames` PCs in the ring of a v1 tracer (R1).
#[must_use]
pub const fn trace_v1_record_words(frames: u64) -> u64 {
    RECORD_PREFIX_WORDS + TRACE_V1_HEADER_WORDS + frames
}

const _: () = assert!(PROF_BUF_WORDS.is_power_of_two() && PROF_BUF_TAGS.is_power_of_two());
// With full stacks 1,927 samples fill the ring (measured with real Go 1.19).
const _: () = assert!(PROF_BUF_WORDS / trace_v1_record_words(MAX_CPU_PROF_STACK) == 1927);
