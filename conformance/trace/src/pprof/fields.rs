//! The first pass over a profile: the syntax of each field, and where those stand that
//! others refer to. No list of messages is made, which would be many times the profile: a
//! message is decoded again when somebody needs it (S10.5).

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use prost::Message;

use super::proto;
use crate::bytes::Cursor;
use crate::error::{ErrorKind, InputError};
use crate::heap;

/// Bytes of a message, such as a sample, at the most; real ones have a few hundred. It takes
/// up to 24 times as much while it is looked at.
const MAX_MESSAGE: usize = 128 << 10;

/// Numbers of the fields.
pub(super) const SAMPLE_TYPE: u64 = 1;
pub(super) const SAMPLE: u64 = 2;
pub(super) const MAPPING: u64 = 3;
pub(super) const LOCATION: u64 = 4;
pub(super) const FUNCTION: u64 = 5;
const STRING: u64 = 6;

/// A field of the profile.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) offset: u64,
    pub(super) number: u64,
    wire_type: u64,
    whole: &'a [u8],
    /// The content of the field, if it has a length.
    pub(super) content: &'a [u8],
}

impl Field<'_> {
    /// The content as a message, whose syntax has been checked.
    pub(super) fn message<M: Message + Default>(&self) -> M {
        M::decode(self.content).unwrap_or_default()
    }
}

/// The next field; none at the end.
pub(super) fn next<'a>(
    bytes: &'a [u8],
    cursor: &mut Cursor<'a>,
) -> Result<Option<Field<'a>>, InputError> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let start = cursor.index();
    let key = cursor.varint("profile")?;
    let place = proto::field_name(key >> 3);
    let mut content: &[u8] = &[];
    match key & 7 {
        0 => {
            cursor.varint(place)?;
        }
        1 => {
            cursor.take(8, place)?;
        }
        2 => {
            let length = cursor.varint(place)?;
            content = cursor.take(length, place)?;
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
    Ok(Some(Field {
        offset: start as u64,
        number: key >> 3,
        wire_type: key & 7,
        whole: &bytes[start..cursor.index()],
        content,
    }))
}

/// Fields whose syntax has been checked.
pub(super) fn all<'a>(bytes: &'a [u8]) -> impl Iterator<Item = Field<'a>> {
    let mut cursor = Cursor::new(bytes, 0);
    std::iter::from_fn(move || next(bytes, &mut cursor).ok().flatten())
}

/// A location, and what its lines are among the frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Location {
    id: u64,
    pub(super) offset: u64,
    /// Where its frames begin among those of all locations; none before it was needed.
    pub(super) frames: Option<(u32, u32)>,
}

/// The places of a profile's fields.
pub(super) struct Fields<'a> {
    pub(super) bytes: &'a [u8],
    /// Numbers and the period's type, and nothing else.
    pub(super) header: proto::Profile,
    /// Where the fields of texts stand.
    strings: Vec<u64>,
    /// Offsets of functions, by id.
    functions: HashTable<(u64, u64)>,
    pub(super) locations: HashTable<Location>,
    hash: RandomState,
    pub(super) samples: usize,
    pub(super) sample_types: usize,
    /// The first id of mappings, locations and functions that is 0 or not the first.
    pub(super) bad_ids: [Option<(&'static str, u64)>; 3],
}

impl<'a> Fields<'a> {
    /// Goes through all fields, so that an error has an offset.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, InputError> {
        let mut fields = Self {
            bytes,
            header: proto::Profile::default(),
            strings: Vec::new(),
            functions: HashTable::new(),
            locations: HashTable::new(),
            hash: RandomState::new(),
            samples: 0,
            sample_types: 0,
            bad_ids: [None; 3],
        };
        let mut mappings = HashTable::new();
        let mut cursor = Cursor::new(bytes, 0);
        while let Some(field) = next(bytes, &mut cursor)? {
            fields.add(&field, &mut mappings)?;
        }
        Ok(fields)
    }

    fn add(&mut self, field: &Field, mappings: &mut HashTable<u64>) -> Result<(), InputError> {
        if field.number == STRING && field.wire_type == 2 {
            heap::push(&mut self.strings, field.offset);
            return Ok(());
        }
        check_syntax(field, &mut self.header)?;
        let hash = &self.hash;
        match field.number {
            SAMPLE_TYPE => self.sample_types += 1,
            SAMPLE => self.samples += 1,
            MAPPING => {
                let id = field.message::<proto::Mapping>().id;
                let entry = mappings.entry(hash.hash_one(id), |&m| m == id, |&m| hash.hash_one(m));
                if id == 0 || matches!(entry, Entry::Occupied(_)) {
                    self.bad_ids[0].get_or_insert(("mapping", id));
                }
                entry.or_insert(id);
            }
            LOCATION => {
                let id = field.message::<proto::Location>().id;
                let location = Location {
                    id,
                    offset: field.offset,
                    frames: None,
                };
                let entry = self.locations.entry(
                    hash.hash_one(id),
                    |l| l.id == id,
                    |l| hash.hash_one(l.id),
                );
                if id == 0 || matches!(entry, Entry::Occupied(_)) {
                    self.bad_ids[1].get_or_insert(("location", id));
                }
                entry.insert(location);
            }
            FUNCTION => {
                let id = field.message::<proto::Function>().id;
                let entry = self.functions.entry(
                    hash.hash_one(id),
                    |&(f, _)| f == id,
                    |&(f, _)| hash.hash_one(f),
                );
                if id == 0 || matches!(entry, Entry::Occupied(_)) {
                    self.bad_ids[2].get_or_insert(("function", id));
                }
                entry.insert((id, field.offset));
            }
            _ => {}
        }
        Ok(())
    }

    /// How many texts there are.
    pub(super) fn string_count(&self) -> usize {
        self.strings.len()
    }

    /// A text; none outside of the table.
    pub(super) fn string(&self, index: i64) -> Option<&'a [u8]> {
        let &offset = self.strings.get(usize::try_from(index).ok()?)?;
        self.field(offset).map(|field| field.content)
    }

    /// The function of an id.
    pub(super) fn function(&self, id: u64) -> Option<proto::Function> {
        let found = self
            .functions
            .find(self.hash.hash_one(id), |&(f, _)| f == id);
        found.map(|&(_, offset)| self.at(offset))
    }

    /// The location of an id.
    pub(super) fn location(&mut self, id: u64) -> Option<&mut Location> {
        self.locations
            .find_mut(self.hash.hash_one(id), |l| l.id == id)
    }

    /// The message at an offset.
    pub(super) fn at<M: Message + Default>(&self, offset: u64) -> M {
        self.field(offset).map_or_else(M::default, |f| f.message())
    }

    fn field(&self, offset: u64) -> Option<Field<'a>> {
        let at = usize::try_from(offset).ok()?;
        next(self.bytes, &mut Cursor::new(self.bytes, at)).ok()?
    }
}

/// Decodes a field once; what is repeated is thrown away.
fn check_syntax(field: &Field, header: &mut proto::Profile) -> Result<(), InputError> {
    let (place, offset) = (proto::field_name(field.number), field.offset);
    let is_known = matches!(field.number, SAMPLE_TYPE..=FUNCTION | 11);
    if is_known && field.content.len() > MAX_MESSAGE {
        let want = format!("a message of at most {MAX_MESSAGE} bytes");
        let got = field.content.len().to_string();
        return Err(InputError::new(
            ErrorKind::TooLarge,
            offset,
            place,
            want,
            got,
        ));
    }
    header.merge(field.whole).map_err(|error| {
        let want = format!("a {place} as profile.proto has it");
        let got = "bytes that are none";
        InputError::new(ErrorKind::Malformed, offset, place, want, got)
            .with_context(error.to_string())
    })?;
    header.sample_type.clear();
    header.sample.clear();
    header.mapping.clear();
    header.location.clear();
    header.function.clear();
    header.string_table.clear();
    Ok(())
}
