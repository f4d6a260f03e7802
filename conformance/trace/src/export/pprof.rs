//! The CPU samples of a trace as a profile.
//!
//! The profile counts samples (`samples/count`) and estimates the time (`cpu/nanoseconds`):
//! a trace does not say at which rate its samples were taken, so that is the caller's to
//! know; Go's default is 100 a second.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use sigprof_wire::v1::EventType;

use crate::error::WriteError;
use crate::pprof::proto::{Function, Line, Location, Profile, Sample, ValueType};
use crate::trace::v1::{Frame, Reader, StackId};

/// Nanoseconds between two samples at Go's default rate.
pub const DEFAULT_PERIOD_NS: i64 = 10_000_000;

/// Writes the samples as a gzipped profile.
///
/// # Errors
/// What is wrong with the trace, or with the output. With
/// [`keep_going`](crate::trace::v1::Options::keep_going) the samples before the error have been
/// written.
pub fn write(reader: &Reader, period_ns: i64, out: &mut impl Write) -> Result<(), WriteError> {
    let mut counts: BTreeMap<Option<StackId>, i64> = BTreeMap::new();
    let mut span = 0;
    let mut result = Ok(());
    for event in reader {
        match event {
            Ok(event) => {
                span = event.time;
                if event.event_type == EventType::CPUSample {
                    *counts.entry(event.stack).or_default() += 1;
                }
            }
            Err(error) => result = Err(error),
        }
    }
    if let Err(error) = result.clone()
        && !reader.options().keep_going
    {
        return Err(error.into());
    }
    let mut builder = Builder::default();
    builder.string(b"");
    let sample_type = [(&b"samples"[..], &b"count"[..]), (b"cpu", b"nanoseconds")]
        .map(|(name, unit)| builder.value_type(name, unit));
    builder.profile.sample_type = sample_type.to_vec();
    builder.profile.period_type = Some(sample_type[1].clone());
    builder.profile.period = period_ns;
    builder.profile.duration_nanos = span;
    for (stack, count) in counts {
        let frames = reader.stack(stack);
        let location_id = frames
            .map(|frame| builder.location(reader, frame))
            .collect();
        builder.profile.sample.push(Sample {
            location_id,
            value: vec![count, count.saturating_mul(period_ns)],
            label: Vec::new(),
        });
    }
    pack(&builder.profile, out)?;
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
    functions: HashMap<(u64, u64), u64>,
    locations: HashMap<Frame, u64>,
}

impl Builder {
    fn string(&mut self, text: &[u8]) -> i64 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let number = i64::try_from(self.strings.len()).unwrap_or(i64::MAX);
        self.strings.insert(text.to_vec(), number);
        self.profile.string_table.push(text.to_vec());
        number
    }

    fn value_type(&mut self, name: &[u8], unit: &[u8]) -> ValueType {
        ValueType {
            r#type: self.string(name),
            unit: self.string(unit),
        }
    }

    fn location(&mut self, reader: &Reader, frame: Frame) -> u64 {
        if let Some(&known) = self.locations.get(&frame) {
            return known;
        }
        let id = self.locations.len() as u64 + 1;
        self.locations.insert(frame, id);
        let function_id = self.function(reader, frame);
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

    fn function(&mut self, reader: &Reader, frame: Frame) -> u64 {
        let key = (frame.function, frame.file);
        if let Some(&known) = self.functions.get(&key) {
            return known;
        }
        let id = self.functions.len() as u64 + 1;
        self.functions.insert(key, id);
        let function = Function {
            id,
            name: self.string(reader.string(frame.function)),
            filename: self.string(reader.string(frame.file)),
            ..Function::default()
        };
        self.profile.function.push(function);
        id
    }
}
