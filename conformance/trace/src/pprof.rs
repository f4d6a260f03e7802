//! CPU profiles in the pprof format: bytes in, samples with whole stacks out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/profile.pb.gz"))?;
//! let profile = sigprof_trace::pprof::read(&bytes)?;
//! for sample in &profile.samples {
//!     println!("{} times: {:?}", sample.count, profile.stack(sample).next());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | `proto` | the messages, as profile.proto has them |
//! | `fields` | what stands where: no list of messages is made |
//! | `resolve` | ids and string numbers to stacks with names, with a bound |
//! | `valid` | what Go refuses, too |
//!
//! Source: Go `runtime/pprof/proto.go` writes them (R51, R52);
//! `github.com/google/pprof/proto/profile.proto` defines them.

mod fields;
mod merged;
pub(crate) mod proto;
mod resolve;
mod valid;

use std::sync::Arc;

use crate::bytes::{self, Cursor};
use crate::error::{ErrorKind, InputError};
use crate::trace::header;
use crate::{foreign, gzip};
use fields::Fields;

/// One frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// The function's name.
    pub function: Arc<str>,
    /// The line in its file.
    pub line: i64,
    /// The source file.
    pub file: Arc<str>,
}

/// A stack with the number of times that it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes from the start of the unpacked profile.
    pub offset: u64,
    /// How often the stack was seen.
    pub count: u64,
    /// Leaf first, inlined frames expanded; places in [`Profile::frames`].
    pub frames: Box<[u32]>,
    /// Labels with text, as `pprof.Do` sets them.
    pub labels: Box<[(Arc<str>, Arc<str>)]>,
}

impl Sample {
    /// A copy of the labels.
    #[must_use]
    pub fn labels_as_text(&self) -> Vec<(String, String)> {
        let labels = self.labels.iter();
        let labels = labels.map(|(key, value)| (key.to_string(), value.to_string()));
        labels.collect()
    }

    /// Whether it has this label.
    #[must_use]
    pub fn has_label(&self, key: &str, value: &str) -> bool {
        self.labels
            .iter()
            .any(|(k, v)| (&**k, &**v) == (key, value))
    }
}

/// A CPU profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// In the order of the file.
    pub samples: Vec<Sample>,
    /// Every frame that occurs, once.
    pub frames: Vec<Frame>,
    /// Nanoseconds of CPU time between two samples; 0 if the profile does not say.
    pub period: i64,
    /// Nanoseconds from its start to its stop; 0 if the profile does not say.
    pub duration: i64,
    /// When it started, in nanoseconds since 1970; 0 if the profile does not say.
    pub time: i64,
}

impl Profile {
    /// The frames of a sample, leaf first.
    pub fn stack(&self, sample: &Sample) -> impl Iterator<Item = &Frame> {
        sample.frames.iter().map(|&at| &self.frames[at as usize])
    }
}

/// Reads a CPU profile, gzipped or not.
///
/// It takes at most 16 bytes for each byte of the unpacked profile, and 8 MiB (S10.3).
///
/// # Errors
/// Whatever is wrong with it, at its offset in the unpacked bytes. A profile
/// with neither the sample type `samples/count` nor `cpu/nanoseconds`, such as one of the
/// heap, is refused (S11).
pub fn read(bytes: &[u8]) -> Result<Profile, InputError> {
    if bytes.is_empty() {
        return Err(wrong_format("an empty file"));
    }
    not_another(bytes)?;
    let unpacked;
    let bytes = if gzip::is_gzip(bytes) {
        unpacked = gzip::unpack(bytes)?;
        if let Some(name) = foreign::packed_name(&unpacked) {
            return Err(wrong_format(name));
        }
        not_another(&unpacked)?;
        &unpacked
    } else {
        bytes
    };
    let mut fields = Fields::new(bytes)?;
    let profile = resolve::resolve(&mut fields)?;
    valid::check(&fields)?;
    merged::check(&fields)?;
    Ok(profile)
}

/// Whether these can be the first bytes of a profile: packed, or a field.
///
/// # Errors
/// `WrongFormat` for the first bytes of something else.
pub fn judge(first: &[u8]) -> Result<(), InputError> {
    not_another(first)?;
    let key = Cursor::new(first, 0).varint("profile").unwrap_or(0);
    let is_field = match key >> 3 {
        0 => false,
        // Messages and texts.
        1..=6 | 11 => key & 7 == 2,
        _ => matches!(key & 7, 0 | 1 | 2 | 5),
    };
    if is_field || gzip::is_gzip(first) {
        return Ok(());
    }
    Err(wrong_format(&format!("the bytes {first:02x?}")))
}

/// The first words of a CPU profile in the legacy format, 64 bits each and 32: none, and three more.
const LEGACY: [&[u8]; 2] = [
    &[0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
    &[0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
];

/// Refuses what people give by mistake.
fn not_another(bytes: &[u8]) -> Result<(), InputError> {
    if header::is_header(bytes) {
        return Err(wrong_format("a Go execution trace"));
    }
    if let Some(name) = foreign::name(bytes) {
        return Err(wrong_format(name));
    }
    if LEGACY.iter().any(|start| bytes.starts_with(start)) {
        let got = "a legacy profile, as gperftools writes it (convert it: go tool pprof -proto -output=profile.pb.gz PROGRAM FILE)";
        return Err(wrong_format(got));
    }
    // No profile looks like this: its first bytes are tags and small numbers.
    match bytes::first_line_of_text(bytes) {
        Some(line) => Err(wrong_format(&format!("text: {line:?}"))),
        None => Ok(()),
    }
}

fn wrong_format(got: &str) -> InputError {
    InputError::new(
        ErrorKind::WrongFormat,
        0,
        "profile",
        "a pprof CPU profile",
        got,
    )
}
