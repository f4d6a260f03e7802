//! Ids and string numbers to stacks with names.
//!
//! The tables of a profile let few bytes stand for many, again and again; so what
//! comes of them is bounded by the profile's size (S10).

use std::collections::HashMap;

use super::proto;
use super::{Frame, Profile, Sample};
use crate::error::{ErrorKind, InputError};

/// Frames that the stacks of a profile may expand to, for each byte of it; real
/// profiles need less than one. Without a bound a few bytes could name a long chain
/// of inlined frames again and again.
const MAX_FRAMES_PER_BYTE: usize = 8;

/// And this many in any case.
const FRAMES_ALWAYS_ALLOWED: usize = 1 << 20;

/// Bytes of text that frames and labels may expand to, for each byte of the profile;
/// real profiles need less than ten. Without a bound every line and every label could
/// name the same long string, each time in a few bytes.
const MAX_TEXT_PER_BYTE: usize = 64;

/// And this many in any case.
const TEXT_ALWAYS_ALLOWED: usize = 4 << 20;

/// Sample types that an error shows.
const TYPES_SHOWN: usize = 8;

/// And characters of each of their names.
const NAME_SHOWN: usize = 40;

/// Looks up everything that a sample refers to.
pub(super) fn resolve(
    message: &proto::Profile,
    offsets: &[u64],
    len: usize,
) -> Result<Profile, InputError> {
    let max_text = len
        .saturating_mul(MAX_TEXT_PER_BYTE)
        .max(TEXT_ALWAYS_ALLOWED);
    let mut tables = Tables::new(message, max_text);
    let count_index = tables.count_index()?;
    let max_frames = len
        .saturating_mul(MAX_FRAMES_PER_BYTE)
        .max(FRAMES_ALWAYS_ALLOWED);
    let mut frames = 0;
    let mut total = 0;
    let mut samples = Vec::with_capacity(message.sample.len());
    for (sample, &offset) in message.sample.iter().zip(offsets) {
        let sample = tables.sample(sample, count_index, offset, max_frames - frames)?;
        frames += sample.frames.len();
        total += i128::from(sample.count);
        if total > i128::from(i64::MAX) {
            let want = "counts that add up to less than 2^63";
            let got = total.to_string();
            return Err(InputError::new(
                ErrorKind::Malformed,
                offset,
                "sample",
                want,
                got,
            ));
        }
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
    /// Bytes of text that may still be copied out of the string table.
    text_left: usize,
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
    fn new(message: &'a proto::Profile, max_text: usize) -> Self {
        Self {
            message,
            functions: message.function.iter().map(|f| (f.id, f)).collect(),
            locations: message.location.iter().map(|l| (l.id, l)).collect(),
            frames: Vec::new(),
            frame_index: HashMap::new(),
            text_left: max_text,
        }
    }

    fn bytes(&self, index: i64) -> Result<&'a [u8], Bad> {
        let at = usize::try_from(index).ok();
        let text = at.and_then(|at| self.message.string_table.get(at));
        text.map(Vec::as_slice).ok_or(Bad::String(index))
    }

    fn string(&mut self, index: i64) -> Result<String, Bad> {
        let text = self.bytes(index)?;
        self.text_left = self
            .text_left
            .checked_sub(text.len())
            .ok_or(Bad::TooMuchText)?;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// Which of a sample's values is the count.
    fn count_index(&self) -> Result<usize, InputError> {
        let mut types = self.message.sample_type.iter();
        let is_count = |t: &proto::ValueType| {
            self.bytes(t.r#type) == Ok(b"samples") && self.bytes(t.unit) == Ok(b"count")
        };
        types.position(is_count).ok_or_else(|| {
            let name = |index| match self.bytes(index) {
                Ok(text) => {
                    let start = &text[..text.len().min(NAME_SHOWN)];
                    String::from_utf8_lossy(start).into_owned()
                }
                Err(_) => "?".to_owned(),
            };
            let types = self.message.sample_type.iter().take(TYPES_SHOWN);
            let types: Vec<_> = types
                .map(|t| format!("{}/{}", name(t.r#type), name(t.unit)))
                .collect();
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
            let location = location
                .ok_or_else(|| error("locations of the profile", format!("location {id}")))?;
            if frames.len() + location.line.len() >= max_frames {
                let want = format!(
                    "at most {max_frames} frames here, in proportion to the profile's size"
                );
                return Err(InputError {
                    kind: ErrorKind::TooLarge,
                    ..error(&want, "more".into())
                });
            }
            for line in &location.line {
                let frame = self.frame(line).map_err(|bad| {
                    let error = bad.error("sample", offset);
                    error.with_context(format!("function {} of location {id}", line.function_id))
                })?;
                frames.push(frame);
            }
            if location.line.is_empty() {
                frames.push(self.address(location.address));
            }
        }
        let labels = self.labels(sample);
        Ok(Sample {
            offset,
            count,
            frames,
            labels: labels.map_err(|bad| bad.error("sample", offset).with_context("a label"))?,
        })
    }

    fn labels(&mut self, sample: &proto::Sample) -> Result<Vec<(String, String)>, Bad> {
        let labels = sample.label.iter().filter(|l| l.str != 0);
        let pairs = labels.map(|l| Ok((self.string(l.key)?, self.string(l.str)?)));
        let mut pairs = pairs.collect::<Result<Vec<_>, Bad>>()?;
        pairs.sort();
        Ok(pairs)
    }

    fn frame(&mut self, line: &proto::Line) -> Result<u32, Bad> {
        let key = FrameKey::Line {
            function: line.function_id,
            line: line.line,
        };
        if let Some(&known) = self.frame_index.get(&key) {
            return Ok(known);
        }
        let function = self.functions.get(&line.function_id).copied();
        let function = function.ok_or(Bad::Function)?;
        let frame = Frame {
            function: self.string(function.name)?,
            line: line.line,
            file: self.string(function.filename)?,
        };
        Ok(self.intern(key, frame))
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

/// Why a frame or a label cannot be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bad {
    /// There is no function with that id.
    Function,
    /// There is no string at this place of the table.
    String(i64),
    /// Too much text for a profile of that size.
    TooMuchText,
}

impl Bad {
    fn error(self, place: &str, offset: u64) -> InputError {
        let (kind, want, got) = match self {
            Self::Function => {
                let want = "functions of the profile";
                (ErrorKind::Malformed, want, "another".to_owned())
            }
            Self::String(index) => {
                let want = "strings of the profile's table";
                (ErrorKind::Malformed, want, format!("string {index}"))
            }
            Self::TooMuchText => {
                let want = "names and labels in proportion to the profile's size";
                (ErrorKind::TooLarge, want, "more".to_owned())
            }
        };
        InputError::new(kind, offset, place, want, got)
    }
}
