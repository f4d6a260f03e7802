//! The CPU samples of a trace as a profile.
//!
//! The profile counts samples (`samples/count`) and estimates the time (`cpu/nanoseconds`):
//! a trace does not say at which rate its samples were taken, so that is the caller's to
//! know; Go's default is 100 a second.

use std::hash::{BuildHasher, Hash, RandomState};
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use hashbrown::HashTable;
use prost::Message;

use crate::error::WriteError;
use crate::pprof::proto::{Function, Line, Location, Profile, Sample, ValueType};
use crate::trace::{Reader, Stacks};

/// Nanoseconds between two samples at Go's default rate.
pub const DEFAULT_PERIOD_NS: i64 = 10_000_000;

/// Texts that every profile has, in front of those of its stacks.
const TEXTS: [&str; 5] = ["", "samples", "count", "cpu", "nanoseconds"];

/// Writes the samples as a gzipped profile.
///
/// # Errors
/// What is wrong with the trace, or with the output. With
/// [`keep_going`](crate::trace::Options::keep_going) the samples before the error have been
/// written.
pub fn write(reader: &mut Reader, period_ns: i64, out: &mut impl Write) -> Result<(), WriteError> {
    let mut stacks = Stacks::default();
    let mut counts: Vec<i64> = Vec::new();
    let mut duration_nanos = 0;
    let mut result = Ok(());
    loop {
        match reader.next_event() {
            Ok(Some(event)) => {
                duration_nanos = event.time.0;
                if event.is_sample() {
                    let number = stacks.number(reader, event.stack) as usize;
                    counts.resize(counts.len().max(number + 1), 0);
                    counts[number] += 1;
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
    let header = Profile {
        duration_nanos,
        period: period_ns,
        ..Profile::default()
    };
    pack(&stacks, &counts, header, out)?;
    Ok(result?)
}

/// Writes a profile message by message: parts of a protobuf message are a message, too.
fn pack(stacks: &Stacks, counts: &[i64], header: Profile, out: &mut impl Write) -> io::Result<()> {
    let mut packed = GzEncoder::new(out, Compression::fast());
    let mut put = |part: &Profile| packed.write_all(&part.encode_to_vec());
    let types = [(1, 2), (3, 4)].map(|(r#type, unit)| ValueType { r#type, unit });
    put(&Profile {
        sample_type: types.to_vec(),
        ..Profile::default()
    })?;
    let mut locations = Interned::default();
    for (number, &count) in (0..).zip(counts) {
        let frames = stacks.frames(number).iter();
        let ids = frames.map(|&frame| locations.id(frame));
        let sample = Sample {
            location_id: ids.collect(),
            value: vec![count, count.saturating_mul(header.period)],
            label: Vec::new(),
        };
        put(&Profile {
            sample: vec![sample],
            ..Profile::default()
        })?;
    }
    let mut functions = Interned::default();
    for (id, frame) in (1..).zip(&locations.values) {
        let line = Line {
            function_id: functions.id((frame.function, frame.file)),
            line: frame.line,
        };
        let location = Location {
            id,
            address: frame.pc,
            line: vec![line],
        };
        put(&Profile {
            location: vec![location],
            ..Profile::default()
        })?;
    }
    let text = |number: u32| i64::from(number) + TEXTS.len() as i64;
    for (id, &(name, filename)) in (1..).zip(&functions.values) {
        let function = Function {
            id,
            name: text(name),
            filename: text(filename),
            ..Function::default()
        };
        put(&Profile {
            function: vec![function],
            ..Profile::default()
        })?;
    }
    let own = (0..).take(stacks.text_count());
    let own = own.map(|number| stacks.text(number));
    for text in TEXTS.map(str::as_bytes).into_iter().chain(own) {
        put(&Profile {
            string_table: vec![text.to_vec()],
            ..Profile::default()
        })?;
    }
    put(&Profile {
        period_type: Some(types[1].clone()),
        ..header
    })?;
    packed.finish()?.flush()
}

/// Values, each once, with ids from 1 on.
struct Interned<T> {
    values: Vec<T>,
    known: HashTable<u32>,
    hash: RandomState,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            known: HashTable::new(),
            hash: RandomState::new(),
        }
    }
}

impl<T: Eq + Hash> Interned<T> {
    /// The id of a value, which is new if it must be.
    fn id(&mut self, value: T) -> u64 {
        let values = &self.values;
        let hash = self.hash.hash_one(&value);
        let is_it = |&at: &u32| values[at as usize] == value;
        if let Some(&at) = self.known.find(hash, is_it) {
            return u64::from(at) + 1;
        }
        let at = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let hash_of = |&at: &u32| self.hash.hash_one(&values[at as usize]);
        self.known.insert_unique(hash, at, hash_of);
        self.values.push(value);
        u64::from(at) + 1
    }
}
