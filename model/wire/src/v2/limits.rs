//! Limits of the v2 format, as Go's readers have them.

/// Bytes of a batch, at the most (Go: `internal/trace/tracev2/batch.go`, `MaxBatchSize`).
pub const MAX_BATCH_SIZE: u64 = 64 << 10;

/// Bytes of a string, at the most (Go: `tracev2.MaxEventTrailerDataSize`).
pub const MAX_STRING_LEN: u64 = 1 << 10;

/// Frames of a stack, at the most (Go: `tracev2.MaxFramesPerStack`).
pub const MAX_STACK_FRAMES: u64 = 128;

/// Arguments of a timed event besides its time, at the most.
pub const MAX_ARGS: usize = 4;

/// Header words of a sample on its way into a v2 trace: P, goroutine and thread (Go:
/// `runtime/tracecpu.go`, `traceInitReadCPU`; R43.1).
pub const CPU_HEADER_WORDS: u64 = 3;

/// Words of the record of a sample with `frames` PCs in a ring of a v2 tracer.
#[must_use]
pub const fn record_words(frames: u64) -> u64 {
    crate::limits::RECORD_PREFIX_WORDS + CPU_HEADER_WORDS + frames
}

/// Bytes of a varint, at the most; the tenth holds one bit.
pub const MAX_VARINT_LEN: usize = 10;

/// Bytes of a batch's header, at the most: two numbers of one byte, and four varints.
pub const MAX_BATCH_HEADER: usize = 2 + 4 * MAX_VARINT_LEN;

/// Bytes that the runtime takes for a batch's size, whatever it is (Go:
/// `runtime/tracebuf.go`, `traceBytesPerNumber`).
pub const PADDED_SIZE_LEN: usize = 10;
