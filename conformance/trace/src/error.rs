//! The one error type of everything that reads: what was wanted, what was there,
//! and where.

use std::fmt;

use crate::shown::line;

/// The kind of fault in an input, in one word for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input is something else than what it was given as.
    WrongFormat,
    /// A version of the format that is not read (yet).
    Unsupported,
    /// The input ends too early.
    Truncated,
    /// Bytes that break a rule of the wire format.
    Malformed,
    /// Well-formed events that cannot have happened.
    Inconsistent,
    /// More than is reasonable to hold in memory.
    TooLarge,
}

/// An input that cannot be read: `0x1f2c: CPUSample: want 4 arguments, got 3
/// (batch of P 0 at 0x1e00)`.
///
/// As JSON it is an object with its accessors' names.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct InputError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
struct Parts {
    kind: ErrorKind,
    offset: u64,
    place: String,
    want: String,
    got: String,
    context: String,
}

impl InputError {
    /// An error without context.
    pub fn new(
        kind: ErrorKind,
        offset: u64,
        place: impl Into<String>,
        want: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            kind,
            offset,
            place: place.into(),
            want: want.into(),
            got: got.into(),
            context: String::new(),
        }))
    }

    /// The same error of another kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with a remark in parentheses after it.
    #[must_use]
    pub fn with_context(mut self, context: impl Into<String>) -> Self {
        self.0.context = context.into();
        self
    }

    /// The same error at another event, message or field.
    #[must_use]
    pub(crate) fn with_place(mut self, place: impl Into<String>) -> Self {
        self.0.place = place.into();
        self
    }

    /// The kind of fault, in one word.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Bytes from the start of the input (of the unpacked input, where it is packed).
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// The event, message or field at that offset.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// A description of what should have been there.
    #[must_use]
    pub fn want(&self) -> &str {
        &self.0.want
    }

    /// A description of what was there instead.
    #[must_use]
    pub fn got(&self) -> &str {
        &self.0.got
    }

    /// Where the place itself stands, or what helps to understand; may be empty.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.0.context
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset();
        let parts = [self.place(), self.want(), self.got(), self.context()];
        let [place, want, got, context] = parts.map(line);
        write!(f, "{offset:#x}: {place}: want {want}, got {got}")?;
        if context.is_empty() {
            Ok(())
        } else {
            write!(f, " ({context})")
        }
    }
}

impl std::error::Error for InputError {}

/// Why something could not be written out: the input is bad, or the output is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The input cannot be read (further); what came before it has been written.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

/// The words of a panic, in one line.
#[must_use]
pub fn panic_words(payload: &(dyn std::any::Any + Send)) -> String {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    let words = owned.or_else(|| payload.downcast_ref::<&str>().copied());
    words.unwrap_or("a panic without words").replace('\n', " ")
}
