//! The bytes of a trace, wherever they come from: all at once, or as they are asked for.
//!
//! Everything above looks at a window: `bytes()[i]` is the byte at offset `base() + i`. A
//! stream's window begins at the generation that is being read and grows to its end; that
//! of a file is the file.

use std::io::Read;

use crate::error::{ErrorKind, InputError};
use crate::trace::input::Pages;

/// Bytes that are read from a stream at once, at least, and forgotten at once.
pub(super) const CHUNK: usize = 64 << 10;

/// Where bytes come from.
pub(super) enum Source<'a> {
    /// Bytes that are all there.
    Whole(Pages<'a>),
    /// Bytes that come from a pipe.
    Stream(Stream<'a>),
}

/// A stream, and what was read of it and is still needed.
pub(super) struct Stream<'a> {
    from: Box<dyn Read + 'a>,
    window: Vec<u8>,
    base: u64,
    has_ended: bool,
}

impl<'a> Source<'a> {
    pub(super) fn of_stream(from: impl Read + 'a) -> Self {
        Self::Stream(Stream {
            from: Box::new(from),
            window: Vec::new(),
            base: 0,
            has_ended: false,
        })
    }

    /// The bytes of the window.
    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(pages) => pages.bytes,
            Self::Stream(stream) => &stream.window,
        }
    }

    /// The offset of the window's first byte.
    #[inline(always)]
    pub(super) fn base(&self) -> u64 {
        match self {
            Self::Whole(_) => 0,
            Self::Stream(stream) => stream.base,
        }
    }

    /// The offset of an index into the window.
    #[inline(always)]
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.base() + at as u64
    }

    /// Reads on until the window reaches to `end`, or the input has ended.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) fn fill(&mut self, end: usize) -> Result<(), InputError> {
        match self {
            Self::Stream(stream) if stream.window.len() < end && !stream.has_ended => {
                stream.fill(end)
            }
            _ => Ok(()),
        }
    }

    /// Reads on, if there is more than the window has; false at the end of the input.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) fn grow(&mut self) -> Result<bool, InputError> {
        let there = self.bytes().len();
        self.fill(there + 1)?;
        Ok(self.bytes().len() > there)
    }

    /// Whether all that there is stands in the window.
    pub(super) fn is_all_there(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Stream(stream) => stream.has_ended,
        }
    }

    /// Forgets what was read of a stream, if that is worth it. Says by how much indices fall.
    pub(super) fn forget_read(&mut self, upto: usize) -> usize {
        match self {
            Self::Stream(_) if upto >= CHUNK => self.forget(0, upto),
            _ => 0,
        }
    }

    /// Bytes of the whole input, if that is known.
    pub(super) fn total(&self) -> Option<u64> {
        match self {
            Self::Whole(pages) => Some(pages.bytes.len() as u64),
            Self::Stream(stream) => stream.has_ended.then(|| self.offset(stream.window.len())),
        }
    }

    /// Bytes before index `upto` are not needed any more. Says by how much indices fall.
    pub(super) fn forget(&mut self, from: usize, upto: usize) -> usize {
        match self {
            Self::Whole(pages) => {
                pages.give_back(from, upto);
                0
            }
            Self::Stream(stream) => {
                let upto = upto.min(stream.window.len());
                stream.window.drain(..upto);
                // A large generation leaves no large buffer to the small ones after it.
                if stream.window.capacity() / 4 > stream.window.len() + CHUNK {
                    stream.window.shrink_to(stream.window.len() + CHUNK);
                }
                stream.base += upto as u64;
                upto
            }
        }
    }
}

impl Stream<'_> {
    /// Takes what is there, be it less than a chunk: whoever writes into a pipe may wait.
    fn fill(&mut self, end: usize) -> Result<(), InputError> {
        while self.window.len() < end && !self.has_ended {
            let len = self.window.len();
            self.window.reserve_exact((CHUNK + len / 8).max(end - len));
            self.window.resize(len + CHUNK, 0);
            let read = self.from.read(&mut self.window[len..]);
            self.window.truncate(len + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => self.has_ended = true,
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    // Unpacking knows better what is wrong, and where.
                    let e = match e.downcast() {
                        Ok(error) => return Err(error),
                        Err(e) => e,
                    };
                    let at = self.base + len as u64;
                    let want = "bytes that can be read";
                    let kind = ErrorKind::Truncated;
                    return Err(InputError::new(kind, at, "input", want, e.to_string()));
                }
            }
        }
        Ok(())
    }
}
