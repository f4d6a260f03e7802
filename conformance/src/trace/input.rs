//! The bytes of a trace: a file mapped into memory, or what came from a stream.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// The bytes of an input, wherever they are.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use sigprof::trace::Input;
/// let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/real/go1.19/tiny/trace");
/// let (file, stream) = (Input::open(path)?, Input::from_stream(std::fs::File::open(path)?)?);
/// assert_eq!(*file, *stream);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Input(Bytes);

#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Input {
    /// A file, mapped into memory: its pages are the operating system's, which may take
    /// them back. What cannot be mapped, such as a pipe, is read as a stream.
    ///
    /// Nobody may shorten the file meanwhile: the process would be killed by a signal
    /// (SIGBUS). That it is written to, or grows, does no harm beyond wrong events.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(path)?;
        let is_file = file.metadata()?.is_file();
        if !is_file {
            return Self::from_stream(file);
        }
        // SAFETY: The map is read-only and private to this value. What `Mmap::map` asks for
        // is that nobody changes the file meanwhile: the bytes are read as plain bytes by
        // code that takes any (a test changes a file in the middle), so a change leads
        // to wrong events or an error. Shortening is the documented duty of the caller.
        #[expect(unsafe_code, reason = "mapping a file needs it")]
        let map = unsafe { Mmap::map(&file) };
        match map {
            Ok(map) => Ok(Self(Bytes::Mapped(map))),
            Err(_) => Self::from_stream(file),
        }
    }

    /// What comes from a stream up to its end; all of it is held in memory, since the
    /// tables of a trace stand behind the events that need them.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn from_stream(mut stream: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(Self(Bytes::Owned(bytes)))
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
