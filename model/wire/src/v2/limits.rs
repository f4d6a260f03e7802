//! Limits of the v2 format, as Go's readers have them.

/// Bytes of a batch, at the most (Go: `internal/trace/tracev2/batch.go`, `MaxBatchSize`).
pub const MAX_BATCH_SIZE: u64 = 64 << 10;

/// Bytes of a string, at the most (Go: `tracev2.MaxEventTrailerDataSize`).
pub const MAX_STRING_LEN: u64 = 1 << 10;

/// Frames of a stack, at the most (Go: `tracev2.MaxFramesPerStack`).
pub const MAX_STACK_FRAMES: u64 = 128;

/// Arguments of a timed event besides its time, at the most.
pub const MAX_ARGS: usize = 4;

/// Bytes of a varint, at the most; the tenth holds one bit.
pub const MAX_VARINT_LEN: usize = 10;

/// Bytes of a batch's header, at the most: two numbers of one byte, and four varints.
pub const MAX_BATCH_HEADER: usize = 2 + 4 * MAX_VARINT_LEN;

/// Bytes that the runtime takes for a batch's size, whatever it is (Go:
/// `runtime/tracebuf.go`, `traceBytesPerNumber`).
pub const PADDED_SIZE_LEN: usize = 10;
