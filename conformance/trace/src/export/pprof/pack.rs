//! The samples of a trace as the messages of a profile.

use std::hash::{BuildHasher, Hash, RandomState};
use std::io::{self, Write};

use hashbrown::HashTable;

use super::Label as Key;
use super::parts::{Parts, mapping};
use crate::bytes;
use crate::export::samples::Labels;
use crate::heap;
use crate::pprof::proto::{Label, Line, Profile, Sample, ValueType};
use crate::trace::Stacks;
use crate::trace::stacks::NumberedFrame;

/// Texts that every profile has, in front of those of its stacks.
const TEXTS: [&str; 14] = [
    "",
    "samples",
    "count",
    "cpu",
    "nanoseconds",
    // The unit of numbers that are names: without any pprof takes the key for one, and leaves a
    // number 0 out (S50.3).
    "id",
    Key::Goroutine.key(),
    Key::Function.key(),
    Key::Thread.key(),
    Key::Proc.key(),
    Key::Region.key(),
    Key::Task.key(),
    "task_id",
    Key::Generation.key(),
];

/// The number of a text of [`TEXTS`].
fn number_of(text: &str) -> i64 {
    let at = TEXTS.iter().position(|&known| known == text);
    at.map_or(0, |at| at as i64)
}

/// A profile of a trace's samples that is being written.
pub(super) struct Packer<'o> {
    parts: Parts<'o>,
    period: i64,
    locations: Interned<NumberedFrame>,
}

impl<'o> Packer<'o> {
    pub(super) fn new(period: i64, out: &'o mut dyn Write) -> Self {
        Self {
            parts: Parts::new(out),
            period,
            locations: Interned::default(),
        }
    }

    /// Writes so many samples with this stack and these labels.
    pub(super) fn sample(
        &mut self,
        stacks: &Stacks,
        stack: u32,
        labels: &Labels,
        count: u64,
    ) -> io::Result<()> {
        let ids = stacks
            .shown_frames(stack)
            .iter()
            .map(|&frame| u64::from(self.locations.number(frame)) + 1);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let value = vec![count, count.saturating_mul(self.period)];
        self.parts.sample(Sample {
            location_id: ids.collect(),
            value,
            label: label_messages(labels),
        })
    }

    /// Writes all that samples refer to, and the end.
    pub(super) fn end<'t>(
        mut self,
        header: Profile,
        texts: impl Iterator<Item = &'t [u8]>,
    ) -> io::Result<()> {
        let types = [(1, 2), (3, 4)].map(|(r#type, unit)| ValueType { r#type, unit });
        self.parts.put(&Profile {
            sample_type: types.to_vec(),
            mapping: vec![mapping()],
            ..Profile::default()
        })?;
        let mut functions = Interned::default();
        let locations = std::mem::take(&mut self.locations);
        for (id, frame) in (1..).zip(locations.values()) {
            let line = Line {
                function_id: u64::from(functions.number((frame.function, frame.file))) + 1,
                line: frame.line,
            };
            self.parts.location(id, frame.pc, line)?;
        }
        for (id, &(name, filename)) in (1..).zip(functions.values()) {
            self.parts.function(id, text(name), text(filename))?;
        }
        let texts = texts.map(bytes::text);
        for text in TEXTS.map(str::to_owned).into_iter().chain(texts) {
            self.parts.text(text)?;
        }
        self.parts.put(&Profile {
            period_type: Some(types[1].clone()),
            period: self.period,
            ..header
        })?;
        self.parts.end()
    }
}

/// The number of a stack's text.
fn text(number: u32) -> i64 {
    i64::from(number) + TEXTS.len() as i64
}

fn label_messages(labels: &Labels) -> Vec<Label> {
    let number = |key, number: Option<u64>| {
        number.map(|number| Label {
            key: number_of(key),
            num: number.cast_signed(),
            num_unit: number_of("id"),
            ..Label::default()
        })
    };
    let text = |key, number: Option<u32>| {
        number.map(|number| Label {
            key: number_of(key),
            str: text(number),
            ..Label::default()
        })
    };
    let all = [
        number(Key::Goroutine.key(), labels.goroutine.map(|g| g.0)),
        text(Key::Function.key(), labels.function),
        number(Key::Thread.key(), labels.thread.map(|thread| thread.0)),
        number(Key::Proc.key(), labels.proc.map(|proc| proc.0)),
        text(Key::Region.key(), labels.region),
        text(Key::Task.key(), labels.task_name),
        number("task_id", labels.task.map(|task| task.0)),
        number(Key::Generation.key(), labels.generation.map(|g| g.0)),
    ];
    all.into_iter().flatten().collect()
}

/// Values, each once, with numbers from 0 on.
pub(super) struct Interned<T> {
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
    /// The number of a value, which is new if it must be.
    pub(super) fn number(&mut self, value: T) -> u32 {
        let values = &self.values;
        let hash = self.hash.hash_one(&value);
        let is_it = |&at: &u32| values[at as usize] == value;
        if let Some(&at) = self.known.find(hash, is_it) {
            return at;
        }
        let at = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let hash_of = |&at: &u32| self.hash.hash_one(&values[at as usize]);
        self.known.insert_unique(hash, at, hash_of);
        heap::push(&mut self.values, value);
        at
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.known.clear();
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        2 * heap::list(&self.values, heap::STEP)
            + heap::table(self.known.len(), self.known.capacity(), heap::STEP, 4)
    }
}
