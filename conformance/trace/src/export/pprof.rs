//! The CPU samples of a trace as a profile.
//!
//! The profile counts samples (`samples/count`) and estimates the time (`cpu/nanoseconds`):
//! a trace does not say at which rate its samples were taken, so that is the caller's to
//! know; Go's default is 100 a second.

use std::collections::HashMap;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;

use crate::error::WriteError;
use crate::pprof::proto::{Function, Line, Location, Profile, Sample, ValueType};
use crate::trace::{Frame, Generation, Reader, StackId};

/// Nanoseconds between two samples at Go's default rate.
pub const DEFAULT_PERIOD_NS: i64 = 10_000_000;

/// Writes the samples as a gzipped profile.
///
/// # Errors
/// What is wrong with the trace, or with the output. With
/// [`keep_going`](crate::trace::Options::keep_going) the samples before the error have been
/// written.
pub fn write(reader: &mut Reader, period_ns: i64, out: &mut impl Write) -> Result<(), WriteError> {
    let mut builder = Builder::new(period_ns);
    let mut result = Ok(());
    loop {
        match reader.next_event() {
            Ok(Some(event)) => {
                builder.profile.duration_nanos = event.time.0;
                if event.is_sample() {
                    builder.sample(reader, event.stack);
                }
            }
            Ok(None) => break,
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    if let Err(error) = result.clone()
        && !reader.options().keep_going
    {
        return Err(error.into());
    }
    pack(&builder.finish(period_ns), out)?;
    Ok(result?)
}

fn pack(profile: &Profile, out: &mut impl Write) -> io::Result<()> {
    let mut packed = GzEncoder::new(out, Compression::fast());
    packed.write_all(&profile.encode_to_vec())?;
    packed.finish()?.flush()
}

/// A profile under construction: everything once.
#[derive(Default)]
struct Builder {
    profile: Profile,
    strings: HashMap<Vec<u8>, i64>,
    functions: HashMap<(i64, i64), u64>,
    locations: HashMap<(u64, u64, u64), u64>,
    stacks: Vec<Counted>,
    ids: Ids,
}

/// A stack, as ids of locations, and its samples.
type Counted = (Vec<u64>, i64);

/// The meaning of ids, which ends with their generation.
#[derive(Default)]
struct Ids {
    generation: Generation,
    stacks: HashMap<u64, usize>,
    strings: HashMap<u64, i64>,
}

impl Builder {
    fn new(period_ns: i64) -> Self {
        let mut builder = Self::default();
        builder.string(b"");
        let sample_type = [(&b"samples"[..], &b"count"[..]), (b"cpu", b"nanoseconds")]
            .map(|(name, unit)| builder.value_type(name, unit));
        builder.profile.sample_type = sample_type.to_vec();
        builder.profile.period_type = Some(sample_type[1].clone());
        builder.profile.period = period_ns;
        builder
    }

    /// Counts a sample of the last event's generation.
    fn sample(&mut self, reader: &Reader, stack: Option<StackId>) {
        let generation = stack.map_or(self.ids.generation, |stack| stack.generation);
        if generation != self.ids.generation {
            self.ids = Ids {
                generation,
                ..Ids::default()
            };
            // The same stacks come again with other ids.
            self.merge();
        }
        let id = stack.map_or(0, |stack| stack.id);
        if let Some(&at) = self.ids.stacks.get(&id) {
            self.stacks[at].1 += 1;
            return;
        }
        self.ids.stacks.insert(id, self.stacks.len());
        let frames = reader.frames(stack);
        let locations = frames.map(|frame| self.location(reader, frame)).collect();
        self.stacks.push((locations, 1));
    }

    /// Puts equal stacks together.
    fn merge(&mut self) {
        self.stacks.sort_unstable();
        self.stacks.dedup_by(|later, first| {
            let is_equal = later.0 == first.0;
            first.1 += if is_equal { later.1 } else { 0 };
            is_equal
        });
    }

    fn finish(mut self, period_ns: i64) -> Profile {
        self.merge();
        let samples = self.stacks.into_iter().map(|(location_id, count)| Sample {
            location_id,
            value: vec![count, count.saturating_mul(period_ns)],
            label: Vec::new(),
        });
        self.profile.sample = samples.collect();
        self.profile
    }

    fn string(&mut self, text: &[u8]) -> i64 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let number = i64::try_from(self.strings.len()).unwrap_or(i64::MAX);
        self.strings.insert(text.to_vec(), number);
        self.profile.string_table.push(text.to_vec());
        number
    }

    /// A string of the trace; each is looked at once a generation, however many frames name it.
    fn name(&mut self, reader: &Reader, id: u64) -> i64 {
        if let Some(&known) = self.ids.strings.get(&id) {
            return known;
        }
        let number = self.string(reader.string(id));
        self.ids.strings.insert(id, number);
        number
    }

    fn value_type(&mut self, name: &[u8], unit: &[u8]) -> ValueType {
        ValueType {
            r#type: self.string(name),
            unit: self.string(unit),
        }
    }

    fn location(&mut self, reader: &Reader, frame: Frame) -> u64 {
        let (name, filename) = (
            self.name(reader, frame.function),
            self.name(reader, frame.file),
        );
        let function_id = self.function(name, filename);
        let key = (frame.pc, function_id, frame.line);
        if let Some(&known) = self.locations.get(&key) {
            return known;
        }
        let id = self.locations.len() as u64 + 1;
        self.locations.insert(key, id);
        self.profile.location.push(Location {
            id,
            address: frame.pc,
            line: vec![Line {
                function_id,
                line: frame.line.cast_signed(),
            }],
        });
        id
    }

    fn function(&mut self, name: i64, filename: i64) -> u64 {
        if let Some(&known) = self.functions.get(&(name, filename)) {
            return known;
        }
        let id = self.functions.len() as u64 + 1;
        self.functions.insert((name, filename), id);
        self.profile.function.push(Function {
            id,
            name,
            filename,
            ..Function::default()
        });
        id
    }
}
