//! A CPU profile as runtime/pprof writes it, from the records of the profiler's ring.
//!
//! ```text
//!  records, tags -> header: the rate | samples: merged by stack and tag -> locations -> profile.proto -> gzip
//!                   (R50)              (R51)                              (R52)
//! ```
//!
//! - The first record is the rate; its tag means nothing (R50).
//! - A record with count 0 and one word is an overflow: that many samples of
//!   `runtime/pprof.lostProfileEvent` (R51).
//! - Samples with the same words and the same *pointer* to labels are one; two equal sets of
//!   labels that lie in two places stay two samples. They come in the order in which they were
//!   first seen (R51).
//! - A run of words that are inlined calls of one function is one location, with a line for
//!   each; `runtime.goexit` is none (R52).
//!
//! One difference: a set of labels is written in the order of its list, as from Go 1.24 on;
//! until then it came in the random order of a map (R52).
//!
//! Go: `runtime/pprof/proto.go`, `addCPUData`, `build`, `appendLocsForStack`;
//! `runtime/pprof/map.go`.

mod locations;
mod proto;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use prost::Message;
use sigprof_model::prof_buf::Tag;

use crate::program::{Program, TEXT_START};
use locations::Locations;

/// Labels of a goroutine: keys with their values, in the order of the list.
pub type Labels = Vec<(String, String)>;

/// Words of a record before its stack: length, time, count (R51).
const PREFIX_WORDS: usize = 3;

/// Why there can be no profile: Go panics with these words in the goroutine that writes it
/// (R50).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A record is not whole.
    #[error("truncated profile")]
    Truncated,
    /// A record cannot be one, or the first is not a rate.
    #[error("malformed profile")]
    Malformed,
    /// There are not as many tags as records.
    #[error("mismatched profile records and tags")]
    Mismatched,
}

/// When a profile ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its start, in nanoseconds since 1970.
    pub start_unix_ns: i64,
    /// From there to its end.
    pub duration_ns: i64,
}

/// Puts a profile together.
#[derive(Clone, Debug)]
pub struct ProfileBuilder {
    lost_profile_event: u64,
    /// Nanoseconds between two samples; nothing before the first record.
    period_ns: Option<i64>,
    /// By stack and tag, the number of the entry.
    numbers: BTreeMap<(Vec<u64>, Option<Tag>), usize>,
    /// In the order in which they were first seen.
    entries: Vec<(Vec<u64>, Option<Tag>, i64)>,
}

impl ProfileBuilder {
    /// With the word that stands for what the ring could not hold.
    #[must_use]
    pub fn new(lost_profile_event: u64) -> Self {
        Self {
            lost_profile_event,
            period_ns: None,
            numbers: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    /// Adds what a read of the profiler's ring returned (Go: `addCPUData`).
    ///
    /// # Errors
    ///
    /// Where Go panics: the data is not what the runtime writes.
    pub fn add(&mut self, mut data: &[u64], tags: &[Option<Tag>]) -> Result<(), ProfileError> {
        let mut tags = tags.iter().copied();
        if self.period_ns.is_none() {
            let &[len, _, hz, ref rest @ ..] = data else {
                return Err(ProfileError::Truncated);
            };
            let hz = i64::try_from(hz).unwrap_or(0);
            if len != PREFIX_WORDS as u64 || hz == 0 {
                return Err(ProfileError::Malformed);
            }
            self.period_ns = Some(1_000_000_000 / hz);
            data = rest;
            tags.next();
        }
        while !data.is_empty() {
            let &[len, _, count, ..] = data else {
                return Err(ProfileError::Truncated);
            };
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            if len > data.len() {
                return Err(ProfileError::Truncated);
            }
            if len < PREFIX_WORDS {
                return Err(ProfileError::Malformed);
            }
            let tag = tags.next().ok_or(ProfileError::Mismatched)?;
            let (record, rest) = data.split_at(len);
            data = rest;
            match (count, &record[PREFIX_WORDS..]) {
                (0, &[lost]) => self.count(&[self.lost_profile_event], tag, lost),
                (_, stack) => self.count(stack, tag, count),
            }
        }
        match tags.next() {
            Some(_) => Err(ProfileError::Mismatched),
            None => Ok(()),
        }
    }

    fn count(&mut self, stack: &[u64], tag: Option<Tag>, count: u64) {
        let next = self.entries.len();
        let number = *self.numbers.entry((stack.to_vec(), tag)).or_insert(next);
        if number == next {
            self.entries.push((stack.to_vec(), tag, 0));
        }
        let sum = &mut self.entries[number].2;
        *sum = sum.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The profile, packed (Go: `build`). `labels` are those that a tag points to.
    ///
    /// # Errors
    ///
    /// [`ProfileError::Truncated`] if no record was added: not even the rate is known.
    pub fn build<'a>(
        &self,
        program: &Program,
        labels: impl Fn(Tag) -> &'a [(String, String)],
        span: Span,
    ) -> Result<Vec<u8>, ProfileError> {
        let period = self.period_ns.ok_or(ProfileError::Truncated)?;
        let mut strings = Strings::new();
        let [samples, count, cpu, nanoseconds] =
            ["samples", "count", "cpu", "nanoseconds"].map(|text| strings.number(text));
        let value_type = |r#type, unit| proto::ValueType { r#type, unit };
        let mut locations = Locations::new(program);
        let mut written = Vec::with_capacity(self.entries.len());
        for (stack, tag, count) in &self.entries {
            let labels = tag.map_or(&[][..], &labels);
            let label = labels.iter().map(|(key, value)| proto::Label {
                key: strings.number(key),
                str: strings.number(value),
            });
            let label = label.collect();
            written.push(proto::Sample {
                location_id: locations.of_stack(stack, &mut strings),
                value: vec![*count, count.saturating_mul(period)],
                label,
            });
        }
        let has_functions = locations.are_all_known();
        let (location, function) = locations.finish();
        let mapping = proto::Mapping {
            id: 1,
            memory_start: TEXT_START,
            memory_limit: program.text_end(),
            file_offset: 0,
            filename: strings.number("/src/app/app"),
            build_id: 0,
            has_functions,
        };
        let profile = proto::Profile {
            sample_type: vec![value_type(samples, count), value_type(cpu, nanoseconds)],
            sample: written,
            mapping: vec![mapping],
            location,
            function,
            string_table: strings.list,
            time_nanos: span.start_unix_ns,
            duration_nanos: span.duration_ns,
            period_type: Some(value_type(cpu, nanoseconds)),
            period,
        };
        Ok(pack(&profile.encode_to_vec()))
    }

    /// How many samples each stack and tag has, in the order of the profile.
    pub fn entries(&self) -> impl Iterator<Item = (&[u64], Option<Tag>, i64)> {
        let entries = self.entries.iter();
        entries.map(|(stack, tag, count)| (&stack[..], *tag, *count))
    }
}

/// Packs with gzip as Go does: fast, without a time.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let gzip = GzBuilder::new().mtime(0);
    let mut packer = gzip.write(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}

/// The string table; number 0 is the empty string.
struct Strings {
    numbers: BTreeMap<String, i64>,
    list: Vec<String>,
}

impl Strings {
    fn new() -> Self {
        Self {
            numbers: BTreeMap::from([(String::new(), 0)]),
            list: vec![String::new()],
        }
    }

    fn number(&mut self, text: &str) -> i64 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = i64::try_from(self.list.len()).unwrap_or(i64::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.list.push(text.to_owned());
        number
    }
}
