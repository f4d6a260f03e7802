//! The bytes of a trace: a file mapped into memory, or what came from a stream.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;
use sigprof_wire::limits::HEADER_LEN;

use super::header;
use crate::bytes::TEXT_LOOKED_AT;
use crate::error::InputError;
use crate::{foreign, gzip};

/// The bytes of an input, wherever they are.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use sigprof_trace::trace::Input;
/// let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/trace");
/// let (file, stream) = (Input::open(path)?, Input::from_stream(std::fs::File::open(path)?)?);
/// assert_eq!(*file, *stream);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Input(Bytes);

/// Why an input was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system, or the stream, does not give it.
    #[error(transparent)]
    Io(io::Error),
    /// Its first bytes are those of something else.
    #[error(transparent)]
    Input(#[from] InputError),
}

impl From<io::Error> for OpenError {
    /// An error of unpacking is one of the input.
    fn from(error: io::Error) -> Self {
        match error.downcast() {
            Ok(error) => Self::Input(error),
            Err(error) => Self::Io(error),
        }
    }
}

/// The bytes of a trace that comes from a stream: unpacked, if it is packed with gzip.
///
/// # Errors
/// Those of the stream; what is wrong with the header, and what is there instead of one.
pub fn unpacked<'a>(mut from: impl Read + 'a) -> Result<Box<dyn Read + 'a>, OpenError> {
    let first = first_of(&mut from, HEADER_LEN)?;
    if !gzip::is_gzip(&first) {
        header::check_stream(&first, &mut from)??;
        return Ok(Box::new(io::Cursor::new(first).chain(from)));
    }
    let mut from = gzip::Unpacked::new(io::Cursor::new(first).chain(from));
    let first = first_of(&mut from, HEADER_LEN)?;
    header::check_packed(&first, &mut from)??;
    Ok(Box::new(io::Cursor::new(first).chain(from)))
}

fn first_of(from: &mut impl Read, len: usize) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(len);
    from.take(len as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// A trace whose bytes are not at hand: that of a pipe or a device, and that of a packed file.
/// None for another file.
///
/// # Errors
/// As [`unpacked`], and those of the file system.
pub fn streamed(path: impl AsRef<Path>) -> Result<Option<Box<dyn Read>>, OpenError> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        let is_packed = gzip::is_gzip(&first_of(&mut file, 2)?);
        if !is_packed {
            return Ok(None);
        }
        file.rewind()?;
    }
    unpacked(file).map(Some)
}

#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Input {
    /// A file, mapped into memory: its pages are the operating system's, which may take
    /// them back, and a [`Reader`](super::Reader) gives them back as it goes. What cannot be
    /// mapped, such as a pipe, is read as a stream.
    ///
    /// Nobody may shorten the file meanwhile: the process would be killed by a signal
    /// (SIGBUS). Nobody should write to it either. The readers here take whatever they see:
    /// wrong events or an error come of it. But Rust promises nothing about a `&[u8]` whose bytes
    /// change, so whoever lends such bytes out (this type derefs to them, and so does
    /// [`Reader::string`](super::Reader::string)) must copy before it relies on what it saw
    /// there, as a check for UTF-8 does. For a file that others write to, use
    /// [`Input::from_stream`], which holds a copy.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        match Self::open_if(path, |_| Ok(())) {
            Ok(input) => Ok(input),
            Err(OpenError::Io(error)) => Err(error),
            Err(OpenError::Input(error)) => Err(io::Error::other(error)),
        }
    }

    /// A file as [`open`](Self::open) gives it; of a stream or a device, which may have no
    /// end, no more than 16 bytes (of text 64) are read if `judge` refuses these.
    ///
    /// # Errors
    /// Those of the file system and of `judge`.
    pub fn open_if(
        path: impl AsRef<Path>,
        judge: impl FnOnce(&[u8]) -> Result<(), InputError>,
    ) -> Result<Self, OpenError> {
        let file = File::open(path)?;
        let is_file = file.metadata()?.is_file();
        if !is_file {
            return Self::from_stream_if(file, judge);
        }
        // SAFETY: `Mmap::map` asks that nobody changes or shortens the file while it is mapped;
        // the map is shared (MAP_SHARED), so that a write of another process is seen at once,
        // and even a private one would not promise otherwise. We cannot see to that: it is
        // the caller's duty, and stands in the documentation above. What we do beyond it is to
        // keep a breach harmless in practice: nothing here writes through the map, bytes are
        // bounds-checked numbers to whoever reads them, each is decided upon where it was
        // loaded, and text is copied before it is checked (`bytes::text`; S26.8), so that no
        // `&str` ever points into the map. A test changes a file in the middle.
        #[expect(unsafe_code, reason = "mapping a file needs it")]
        let map = unsafe { Mmap::map(&file) };
        match map {
            Ok(map) => Ok(Self(Bytes::Mapped(map))),
            Err(_) => Self::from_stream_if(file, judge),
        }
    }

    /// Reads a stream to its end. All of it is held in memory, since the
    /// tables of a trace stand after the events that need them.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn from_stream(mut stream: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(Self(Bytes::Owned(bytes)))
    }

    /// The same, if `judge` takes the first 16 bytes, or of text the first 64; what is shorter is
    /// judged by whoever reads it.
    ///
    /// # Errors
    /// Those of the stream and of `judge`.
    pub fn from_stream_if(
        mut stream: impl Read,
        judge: impl FnOnce(&[u8]) -> Result<(), InputError>,
    ) -> Result<Self, OpenError> {
        let mut bytes = Vec::new();
        let mut first = stream.by_ref().take(HEADER_LEN as u64);
        if first.read_to_end(&mut bytes)? == HEADER_LEN {
            if foreign::is_text(&bytes) {
                // Its first line is shown, as of a file.
                first.set_limit((TEXT_LOOKED_AT - HEADER_LEN) as u64);
                first.read_to_end(&mut bytes)?;
            }
            judge(&bytes)?;
            stream.read_to_end(&mut bytes)?;
        }
        Ok(Self(Bytes::Owned(bytes)))
    }
}

impl Input {
    /// Tells the operating system that these bytes are not needed for now: their pages
    /// leave the process, and come back from the file if somebody looks again.
    #[cfg(unix)]
    fn give_back(&self, from: usize, to: usize) {
        let Bytes::Mapped(map) = &self.0 else { return };
        if map.len() < SMALL {
            return;
        }
        // What is near was mapped with them.
        let from = from.saturating_sub(NEAR);
        let to = to.saturating_add(NEAR).min(map.len());
        // SAFETY: The map is of a file, shared and read-only, so that its pages have
        // nothing that is not in the file: whoever looks again sees what the file has then, which
        // is the same unless somebody wrote to it (see `open`). That is what the call is unsafe
        // for; a private map that was written to would lose its own changes.
        // The range lies within the map.
        #[expect(unsafe_code, reason = "half of the memory that a large trace takes")]
        unsafe {
            let advice = memmap2::UncheckedAdvice::DontNeed;
            // Advice that is not taken changes nothing.
            let _ = map.unchecked_advise_range(advice, from, to.saturating_sub(from));
        }
    }

    /// Other systems take no such advice of a map of a file.
    #[cfg(not(unix))]
    fn give_back(&self, _from: usize, _to: usize) {}
}

/// Bytes of a file that may stay in memory as a whole.
#[cfg(unix)]
const SMALL: usize = 16 << 20;

/// Bytes that the operating system maps around one that is looked at.
#[cfg(unix)]
const NEAR: usize = 64 << 10;

/// The bytes of a trace, and the input that takes them back, if there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages<'a> {
    pub(crate) bytes: &'a [u8],
    input: Option<&'a Input>,
}

impl<'a> Pages<'a> {
    /// Bytes that stay where they are.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, input: None }
    }

    /// Bytes of an input, which can take them back.
    pub(crate) fn mapped(input: &'a Input) -> Self {
        Self {
            bytes: input,
            input: Some(input),
        }
    }

    /// Gives back the pages before `at`, from where they were given back before: a few
    /// MiB at once.
    pub(crate) fn give_back_to(self, before: &mut usize, at: usize) {
        if at.saturating_sub(*before) >= super::v1::GIVE_BACK {
            self.give_back(*before, at);
            *before = at;
        }
    }

    /// These bytes are not needed for now.
    #[inline(never)]
    pub(crate) fn give_back(self, from: usize, to: usize) {
        if let Some(input) = self.input {
            input.give_back(from, to);
        }
    }
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}
