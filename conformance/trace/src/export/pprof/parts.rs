//! A profile's messages on their way out: parts of a protobuf message are a message, too, and their
//! fields may come in any order.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;

use crate::pprof::proto::{Function, Line, Location, Mapping, Profile, Sample};

/// The one mapping.
const MAPPING: u64 = 1;

/// A profile that is being written, packed with gzip.
pub(super) struct Parts<'o>(GzEncoder<Gate<'o>>);

/// The way out. It is shut where a profile ends before it is whole: the gzip encoder ends its stream
/// when it goes, and what there is would look whole.
struct Gate<'o> {
    out: &'o mut dyn Write,
    is_shut: bool,
}

impl Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.is_shut {
            true => Ok(bytes.len()),
            false => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        self.0.get_mut().is_shut = true;
    }
}

impl<'o> Parts<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        let is_shut = false;
        Self(GzEncoder::new(Gate { out, is_shut }, Compression::fast()))
    }

    pub(super) fn put(&mut self, part: &Profile) -> io::Result<()> {
        self.0.write_all(&part.encode_to_vec())
    }

    pub(super) fn sample(&mut self, sample: Sample) -> io::Result<()> {
        self.put(&Profile {
            sample: vec![sample],
            ..Profile::default()
        })
    }

    /// A location: the function with this id and a line of it.
    pub(super) fn location(&mut self, id: u64, address: u64, line: Line) -> io::Result<()> {
        let location = Location {
            id,
            mapping_id: MAPPING,
            address,
            line: vec![line],
        };
        self.put(&Profile {
            location: vec![location],
            ..Profile::default()
        })
    }

    /// A function, its name and file by the numbers of their texts.
    pub(super) fn function(&mut self, id: u64, name: i64, filename: i64) -> io::Result<()> {
        let function = Function {
            id,
            name,
            filename,
            ..Function::default()
        };
        self.put(&Profile {
            function: vec![function],
            ..Profile::default()
        })
    }

    /// The next text. Protobuf's libraries refuse a profile with one that is not UTF-8, whole
    /// (S50.7).
    pub(super) fn text(&mut self, text: String) -> io::Result<()> {
        self.put(&Profile {
            string_table: vec![text.into_bytes()],
            ..Profile::default()
        })
    }

    /// The end of a whole profile.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.0.try_finish()?;
        // The encoder's own flush is over with its stream.
        self.0.get_mut().flush()
    }
}

/// The one mapping: all in it has its names. Without it pprof would look for the program (Go:
/// `runtime/pprof/proto.go`, `addMapping`).
pub(super) fn mapping() -> Mapping {
    Mapping {
        id: MAPPING,
        has_functions: true,
        has_filenames: true,
        has_line_numbers: true,
        ..Mapping::default()
    }
}
