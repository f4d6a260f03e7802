//! CPU profiles in the pprof format: bytes in, samples with whole stacks out.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/real/go1.19/tiny/profile.pb.gz"))?;
//! let profile = sigprof::pprof::read(&bytes)?;
//! for sample in &profile.samples {
//!     println!("{} times: {:?}", sample.count, profile.stack(sample).next());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`gzip`] | unpacking, with a bound |
//! | `proto` | the messages, as profile.proto has them |
//!
//! Source: Go `runtime/pprof/proto.go` writes them (R51, R52);
//! `github.com/google/pprof/proto/profile.proto` defines them.

pub mod gzip;
mod proto;

use std::collections::HashMap;

use prost::Message;

use crate::bytes::Cursor;
use crate::error::{ErrorKind, InputError};

/// One frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// The function's name.
    pub function: String,
    /// The line in its file.
    pub line: i64,
    /// The source file.
    pub file: String,
}

/// A stack with the number of times that it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Bytes from the start of the unpacked profile.
    pub offset: u64,
    /// How often.
    pub count: u64,
    /// Leaf first, inlined frames expanded; places in [`Profile::frames`].
    pub frames: Vec<u32>,
    /// Labels with text, as `pprof.Do` sets them.
    pub labels: Vec<(String, String)>,
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
/// Memory stays below a small multiple of the input (S10).
///
/// # Errors
/// Whatever is wrong with it, at its offset in the unpacked bytes. A profile
/// without the sample type `samples/count`, such as one of the heap, is refused
/// (S11).
pub fn read(bytes: &[u8]) -> Result<Profile, InputError> {
    if bytes.starts_with(b"go 1.") {
        return Err(wrong_format(
            "a Go execution trace (swap the two arguments)",
        ));
    }
    if bytes.is_empty() {
        return Err(wrong_format("an empty file"));
    }
    let unpacked;
    let bytes = if gzip::is_gzip(bytes) {
        unpacked = gzip::unpack(bytes)?;
        &unpacked
    } else {
        bytes
    };
    let (message, offsets) = decode(bytes)?;
    resolve(&message, &offsets, bytes.len())
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

/// Decodes field by field, so that an error has an offset; returns where each
/// sample stands.
fn decode(bytes: &[u8]) -> Result<(proto::Profile, Vec<u64>), InputError> {
    let mut message = proto::Profile::default();
    let mut offsets = Vec::new();
    let mut cursor = Cursor::new(bytes, 0);
    while !cursor.is_empty() {
        let start = cursor.index();
        let key = cursor.varint("profile")?;
        let place = proto::field_name(key >> 3);
        match key & 7 {
            0 => {
                cursor.varint(place)?;
            }
            1 => {
                cursor.take(8, place)?;
            }
            2 => {
                let length = cursor.varint(place)?;
                cursor.take(length, place)?;
            }
            5 => {
                cursor.take(4, place)?;
            }
            other => {
                return Err(InputError::new(
                    ErrorKind::Malformed,
                    start as u64,
                    place,
                    "wire type 0, 1, 2 or 5",
                    other.to_string(),
                )
                .with_context("is this a pprof profile?"));
            }
        }
        let field = &bytes[start..cursor.index()];
        message.merge(field).map_err(|error| {
            let want = format!("a {place} as profile.proto has it");
            InputError::new(
                ErrorKind::Malformed,
                start as u64,
                place,
                want,
                error.to_string(),
            )
        })?;
        if message.sample.len() > offsets.len() {
            offsets.push(start as u64);
        }
    }
    Ok((message, offsets))
}

/// Frames that the stacks of a profile may expand to, for each byte of it; real
/// profiles need less than one. Without a bound a few bytes could name a long chain
/// of inlined frames again and again.
const MAX_FRAMES_PER_BYTE: usize = 8;

/// And this many in any case.
const FRAMES_ALWAYS_ALLOWED: usize = 1 << 20;

fn resolve(message: &proto::Profile, offsets: &[u64], len: usize) -> Result<Profile, InputError> {
    let mut tables = Tables::new(message);
    let count_index = tables.count_index()?;
    let max_frames = len
        .saturating_mul(MAX_FRAMES_PER_BYTE)
        .max(FRAMES_ALWAYS_ALLOWED);
    let mut frames = 0;
    let mut samples = Vec::with_capacity(message.sample.len());
    for (sample, &offset) in message.sample.iter().zip(offsets) {
        let sample = tables.sample(sample, count_index, offset, max_frames - frames)?;
        frames += sample.frames.len();
        samples.push(sample);
    }
    Ok(Profile {
        samples,
        frames: tables.frames,
        period: message.period,
        duration: message.duration_nanos,
        time: message.time_nanos,
    })
}

/// The profile's tables by id.
struct Tables<'a> {
    message: &'a proto::Profile,
    functions: HashMap<u64, &'a proto::Function>,
    locations: HashMap<u64, &'a proto::Location>,
    frames: Vec<Frame>,
    frame_index: HashMap<FrameKey, u32>,
}

/// What makes two frames the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum FrameKey {
    Line {
        function: u64,
        line: i64,
    },
    /// Not symbolised: C code, or a stripped binary.
    Address(u64),
}

impl<'a> Tables<'a> {
    fn new(message: &'a proto::Profile) -> Self {
        Self {
            message,
            functions: message.function.iter().map(|f| (f.id, f)).collect(),
            locations: message.location.iter().map(|l| (l.id, l)).collect(),
            frames: Vec::new(),
            frame_index: HashMap::new(),
        }
    }

    fn string(&self, index: i64) -> Option<String> {
        let index = usize::try_from(index).ok()?;
        let text = self.message.string_table.get(index)?;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// Which of a sample's values is the count.
    fn count_index(&self) -> Result<usize, InputError> {
        let name = |index| self.string(index).unwrap_or_else(|| "?".into());
        let types = self.message.sample_type.iter();
        let types: Vec<_> = types
            .map(|t| format!("{}/{}", name(t.r#type), name(t.unit)))
            .collect();
        let index = types.iter().position(|t| t == "samples/count");
        index.ok_or_else(|| {
            let got = match types.as_slice() {
                [] => "none".to_owned(),
                types => types.join(", "),
            };
            let want = "samples/count";
            InputError::new(ErrorKind::WrongFormat, 0, "sample_type", want, got)
                .with_context("is this a CPU profile?")
        })
    }

    fn sample(
        &mut self,
        sample: &proto::Sample,
        count_index: usize,
        offset: u64,
        max_frames: usize,
    ) -> Result<Sample, InputError> {
        let error = |want: &str, got: String| {
            InputError::new(ErrorKind::Malformed, offset, "sample", want, got)
        };
        let value = sample.value.get(count_index).copied();
        let count = value.and_then(|v| u64::try_from(v).ok()).ok_or_else(|| {
            let got = value.map_or("none".to_owned(), |v| v.to_string());
            error("a count from 0 on", got)
        })?;
        let mut frames = Vec::new();
        for id in &sample.location_id {
            let location = self.locations.get(id).copied();
            let location = location.ok_or_else(|| error("a known location", id.to_string()))?;
            if frames.len() + location.line.len() >= max_frames {
                let want = "stacks in proportion to the profile's size";
                return Err(InputError {
                    kind: ErrorKind::TooLarge,
                    ..error(want, "inlined frames without end".into())
                });
            }
            for line in &location.line {
                let frame = self.frame(line).ok_or_else(|| {
                    let got = format!("function {}", line.function_id);
                    error("a known function with a name", got)
                })?;
                frames.push(frame);
            }
            if location.line.is_empty() {
                frames.push(self.address(location.address));
            }
        }
        Ok(Sample {
            offset,
            count,
            frames,
            labels: self.labels(sample).ok_or_else(|| {
                error("labels whose strings are in the table", "others".to_owned())
            })?,
        })
    }

    fn labels(&self, sample: &proto::Sample) -> Option<Vec<(String, String)>> {
        let labels = sample.label.iter().filter(|l| l.str != 0);
        let pairs = labels.map(|l| self.string(l.key).zip(self.string(l.str)));
        let mut pairs = pairs.collect::<Option<Vec<_>>>()?;
        pairs.sort();
        Some(pairs)
    }

    fn frame(&mut self, line: &proto::Line) -> Option<u32> {
        let key = FrameKey::Line {
            function: line.function_id,
            line: line.line,
        };
        if let Some(&known) = self.frame_index.get(&key) {
            return Some(known);
        }
        let function = self.functions.get(&line.function_id)?;
        let frame = Frame {
            function: self.string(function.name)?,
            line: line.line,
            file: self.string(function.filename)?,
        };
        Some(self.intern(key, frame))
    }

    fn address(&mut self, address: u64) -> u32 {
        let key = FrameKey::Address(address);
        let known = self.frame_index.get(&key).copied();
        known.unwrap_or_else(|| {
            let frame = Frame {
                function: format!("{address:#x}"),
                line: 0,
                file: String::new(),
            };
            self.intern(key, frame)
        })
    }

    fn intern(&mut self, key: FrameKey, frame: Frame) -> u32 {
        let at = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        self.frames.push(frame);
        self.frame_index.insert(key, at);
        at
    }
}
