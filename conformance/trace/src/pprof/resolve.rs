//! Ids and string numbers to stacks with names.
//!
//! The tables of a profile let few bytes stand for many, again and again; so what
//! comes of them is bounded by the profile's size (S10).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;

use super::fields::{self, Fields};
use super::proto;
use super::{Frame, Profile, Sample};
use crate::bytes;
use crate::error::{ErrorKind, InputError};
use crate::heap;

/// Labels of a sample.
type Labels = Box<[(Arc<str>, Arc<str>)]>;

/// Frames that the stacks of a profile may expand to, for each byte of it; real
/// profiles need less than one. Without a bound a few bytes could name a long chain
/// of inlined frames again and again.
const MAX_FRAMES_PER_BYTE: usize = 2;

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
pub(super) fn resolve(fields: &mut Fields) -> Result<Profile, InputError> {
    let len = fields.bytes.len();
    let max_text = len
        .saturating_mul(MAX_TEXT_PER_BYTE)
        .max(TEXT_ALWAYS_ALLOWED);
    let count = fields.samples;
    let header = &fields.header;
    let (period, duration, time) = (header.period, header.duration_nanos, header.time_nanos);
    let mut tables = Tables::new(fields, max_text);
    let counting = tables.counting()?;
    let max_frames = len
        .saturating_mul(MAX_FRAMES_PER_BYTE)
        .max(FRAMES_ALWAYS_ALLOWED);
    let mut frames = 0;
    let mut total = 0;
    // One with a count has four bytes at the least.
    let mut samples = Vec::with_capacity(count.min(len / 4));
    for field in fields::all(tables.fields.bytes).filter(|f| f.number == fields::SAMPLE) {
        let (sample, offset) = (field.message(), field.offset);
        let sample = tables.sample(&sample, counting, offset, max_frames - frames)?;
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
        period,
        duration,
        time,
    })
}

/// How a sample says how often its stack was seen.
#[derive(Clone, Copy, Debug)]
struct Counting {
    /// The place among its values.
    index: usize,
    /// The value there is this many times the count.
    nanos: i64,
}

/// The tables of what was looked up so far.
struct Tables<'f, 'a> {
    fields: &'f mut Fields<'a>,
    frames: Vec<Frame>,
    frame_index: HashTable<u32>,
    /// The hash of each frame.
    hashes: Vec<u64>,
    hash: RandomState,
    /// The frames of locations that were needed, one location after the other.
    lines: Vec<u32>,
    /// Texts that were needed, by number.
    texts: HashMap<i64, Arc<str>>,
    nothing: Arc<str>,
    /// Bytes of text that frames and labels may still name.
    text_left: usize,
}

impl<'f, 'a> Tables<'f, 'a> {
    fn new(fields: &'f mut Fields<'a>, max_text: usize) -> Self {
        Self {
            fields,
            frames: Vec::new(),
            frame_index: HashTable::new(),
            hashes: Vec::new(),
            hash: RandomState::new(),
            lines: Vec::new(),
            texts: HashMap::new(),
            nothing: Arc::from(""),
            text_left: max_text,
        }
    }

    fn bytes(&self, index: i64) -> Result<&'a [u8], Bad> {
        self.fields.string(index).ok_or(Bad::String(index))
    }

    /// A text, of which there is one copy, however often it is named.
    fn string(&mut self, index: i64) -> Result<Arc<str>, Bad> {
        let text = self.bytes(index)?;
        let known = self.texts.entry(index);
        let known = known.or_insert_with(|| bytes::text(text).into());
        Ok(known.clone())
    }

    /// Counts texts that are named once more.
    fn name(&mut self, indexes: [i64; 2]) -> Result<(), Bad> {
        for index in indexes {
            let left = self.text_left.checked_sub(self.bytes(index)?.len());
            self.text_left = left.ok_or(Bad::TooMuchText)?;
        }
        Ok(())
    }

    /// The place of the count among a sample's values: of itself, or as nanoseconds.
    fn counting(&self) -> Result<Counting, InputError> {
        let types = || {
            fields::all(self.fields.bytes)
                .filter(|f| f.number == fields::SAMPLE_TYPE)
                .map(|f| f.message::<proto::ValueType>())
        };
        let find = |name: &[u8], unit: &[u8]| {
            types().position(|t| self.bytes(t.r#type) == Ok(name) && self.bytes(t.unit) == Ok(unit))
        };
        if let Some(index) = find(b"samples", b"count") {
            return Ok(Counting { index, nanos: 1 });
        }
        let nanos = self.fields.header.period;
        match find(b"cpu", b"nanoseconds") {
            Some(index) if nanos > 0 => return Ok(Counting { index, nanos }),
            Some(_) => {
                let want = "a period above 0, by which cpu/nanoseconds can be divided";
                let got = nanos.to_string();
                return Err(InputError::new(
                    ErrorKind::WrongFormat,
                    0,
                    "period",
                    want,
                    got,
                ));
            }
            None => {}
        }
        let name = |index| match self.bytes(index) {
            Ok(text) => {
                let start = &text[..text.len().min(NAME_SHOWN)];
                bytes::text(start)
            }
            Err(_) => "?".to_owned(),
        };
        let types: Vec<_> = types()
            .take(TYPES_SHOWN)
            .map(|t| format!("{}/{}", name(t.r#type), name(t.unit)))
            .collect();
        let got = match types.as_slice() {
            [] => "none".to_owned(),
            types => types.join(", "),
        };
        let want = "samples/count or cpu/nanoseconds";
        Err(
            InputError::new(ErrorKind::WrongFormat, 0, "sample_type", want, got)
                .with_context("is this a CPU profile?"),
        )
    }

    fn sample(
        &mut self,
        sample: &proto::Sample,
        counting: Counting,
        offset: u64,
        max_frames: usize,
    ) -> Result<Sample, InputError> {
        let error = |want: &str, got: String| {
            InputError::new(ErrorKind::Malformed, offset, "sample", want, got)
        };
        let Counting { index, nanos } = counting;
        let value = sample.value.get(index).copied();
        let count = match value {
            Some(value) if value >= 0 && value % nanos == 0 => (value / nanos).unsigned_abs(),
            Some(value) if value < 0 => {
                let got = format!("{value}: is this the difference of two profiles?");
                return Err(error("a count from 0 on", got));
            }
            Some(value) => {
                let want = format!("a multiple of the period, {nanos} ns");
                return Err(error(&want, format!("{value} ns")));
            }
            None => return Err(error("a count from 0 on", "none".to_owned())),
        };
        let mut frames = Vec::with_capacity(sample.location_id.len());
        for &id in &sample.location_id {
            let location = self.fields.location(id).copied();
            let location = location
                .ok_or_else(|| error("locations of the profile", format!("location {id}")))?;
            let (start, len) = match location.frames {
                Some(known) => known,
                None => self.location(id, location.offset, offset)?,
            };
            // One that has no lines is a frame all the same.
            let (start, len) = (start as usize, len as usize);
            if frames.len() + len >= max_frames {
                let want = format!(
                    "at most {max_frames} frames here, in proportion to the profile's size"
                );
                return Err(error(&want, "more".into()).with_kind(ErrorKind::TooLarge));
            }
            frames.extend_from_slice(&self.lines[start..start + len]);
        }
        let labels = self.labels(sample);
        Ok(Sample {
            offset,
            count,
            frames: frames.into(),
            labels: labels.map_err(|bad| bad.error("sample", offset).with_context("a label"))?,
        })
    }

    /// Looks up the frames of a location that is needed for the first time.
    fn location(&mut self, id: u64, at: u64, offset: u64) -> Result<(u32, u32), InputError> {
        let location: proto::Location = self.fields.at(at);
        let start = number(self.lines.len());
        for line in &location.line {
            let frame = self.frame(line).map_err(|bad| {
                let error = bad.error("sample", offset);
                error.with_context(format!("function {} of location {id}", line.function_id))
            })?;
            heap::push(&mut self.lines, frame);
        }
        if location.line.is_empty() {
            let text: Arc<str> = format!("{:#x}", location.address).into();
            let key = (location.address, 0_i64, None::<i64>);
            let nothing = self.nothing.clone();
            let frame = self.intern(self.hash.hash_one(key), text, 0, nothing, |a, b| a == b);
            heap::push(&mut self.lines, frame);
        }
        let found = (start, number(self.lines.len()) - start);
        if let Some(location) = self.fields.location(id) {
            location.frames = Some(found);
        }
        Ok(found)
    }

    fn labels(&mut self, sample: &proto::Sample) -> Result<Labels, Bad> {
        let labels = sample.label.iter().filter(|l| l.str != 0);
        let pairs = labels.map(|l| {
            self.name([l.key, l.str])?;
            Ok((self.string(l.key)?, self.string(l.str)?))
        });
        let mut pairs = pairs.collect::<Result<Vec<_>, Bad>>()?;
        pairs.sort();
        Ok(pairs.into())
    }

    fn frame(&mut self, line: &proto::Line) -> Result<u32, Bad> {
        let function = self.fields.function(line.function_id);
        let function = function.ok_or(Bad::Function)?;
        let name = self.string(function.name)?;
        let file = self.string(function.filename)?;
        let key = (
            function.name.cast_unsigned(),
            line.line,
            Some(function.filename),
        );
        let known = self.frames.len();
        let at = self.intern(self.hash.hash_one(key), name, line.line, file, Arc::ptr_eq);
        if self.frames.len() > known {
            self.name([function.name, function.filename])?;
        }
        Ok(at)
    }

    /// The number of a frame, which is new if no other has these texts.
    fn intern(
        &mut self,
        hash: u64,
        function: Arc<str>,
        line: i64,
        file: Arc<str>,
        same: impl Fn(&Arc<str>, &Arc<str>) -> bool,
    ) -> u32 {
        let (frames, hashes) = (&self.frames, &self.hashes);
        let is_it = |&at: &u32| {
            let frame = &frames[at as usize];
            frame.line == line && same(&frame.function, &function) && same(&frame.file, &file)
        };
        if let Some(&known) = self.frame_index.find(hash, is_it) {
            return known;
        }
        let at = number(self.frames.len());
        self.frame_index
            .insert_unique(hash, at, |&at| hashes[at as usize]);
        heap::push(&mut self.hashes, hash);
        let frame = Frame {
            function,
            line,
            file,
        };
        heap::push(&mut self.frames, frame);
        at
    }
}

/// Frames are fewer than the bytes of their profile, or than the bound on them.
fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
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
