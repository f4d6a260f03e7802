//! The wire layer: bytes to [`RawEvent`]s, one at a time, and nothing of what
//! they mean.
//!
//! Source: Go `internal/trace/parser.go`, `readTrace`, `readVal`, `readStr` (R60).

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{MAX_STACK_FRAMES, MAX_STRING_LEN};
use sigprof_wire::v1::EventType;

use crate::bytes::Cursor;
use crate::error::{ErrorKind, InputError};
use crate::shown::counted;

/// Varints of one event, at the most: a stack of the largest size.
#[expect(clippy::cast_possible_truncation, reason = "1,000 fits")]
const MAX_ARGS: usize = 2 + 4 * MAX_STACK_FRAMES as usize;

/// One event as the wire has it.
#[derive(Debug)]
pub(crate) struct RawEvent<'a, 'd> {
    /// Where its first byte stands.
    pub(crate) offset: u64,
    pub(crate) event_type: EventType,
    /// Every varint after the type (and after the length, if there is one).
    /// For a `String`: its id and its length.
    pub(crate) args: &'d [u64],
    /// Whether the event gives its own length, in bytes, before the arguments.
    pub(crate) has_length: bool,
    /// The bytes of a `String`, the message of a `UserLog`.
    pub(crate) text: Option<&'a [u8]>,
    /// Where the next event stands.
    pub(crate) end: u64,
}

/// Reads one event after another.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    version: FormatVersion,
    cursor: Cursor<'a>,
    args: Vec<u64>,
}

impl<'a> Decoder<'a> {
    /// A decoder that starts at offset `at` of `bytes`.
    pub(crate) fn new(version: FormatVersion, bytes: &'a [u8], at: usize) -> Self {
        Self {
            version,
            cursor: Cursor::new(bytes, at),
            args: Vec::new(),
        }
    }

    /// The same of bytes of which the first has this offset.
    pub(crate) fn based(mut self, base: u64) -> Self {
        self.cursor = self.cursor.based(base);
        self
    }

    /// Where the next event stands.
    pub(crate) fn index(&self) -> usize {
        self.cursor.index()
    }

    /// Goes to another event.
    pub(crate) fn seek(&mut self, at: usize) {
        self.cursor.seek(at);
    }

    /// The next event, or `None` at the end of the input.
    pub(crate) fn next(&mut self) -> Result<Option<RawEvent<'a, '_>>, InputError> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let offset = self.cursor.offset();
        let first = self.cursor.byte("event")?;
        let event_type = self.event_type(first & 0x3f, offset)?;
        self.args.clear();
        let has_length = first >> 6 == 3 && event_type != EventType::String;
        let mut text = None;
        if event_type == EventType::String {
            text = Some(self.string(offset)?);
        } else {
            if has_length {
                self.args_by_length(event_type, offset)?;
            } else {
                // Before 1.7 there was one more that counted as none.
                let more = u8::from(self.version < FormatVersion::GO_1_7);
                for _ in 0..=(first >> 6) + more {
                    self.arg(event_type, offset)?;
                }
            }
            if event_type == EventType::UserLog {
                text = Some(self.message()?);
            }
        }
        Ok(Some(RawEvent {
            offset,
            event_type,
            args: &self.args,
            has_length,
            text,
            end: self.cursor.offset(),
        }))
    }

    fn event_type(&self, number: u8, offset: u64) -> Result<EventType, InputError> {
        let event_type = EventType::from_number(number).filter(|t| t.spec().since <= self.version);
        event_type.ok_or_else(|| {
            let want = format!("a type that Go {} has", self.version);
            let got = match EventType::from_number(number) {
                Some(t) => format!("{number} ({}, from Go {} on)", t.name(), t.spec().since),
                None => number.to_string(),
            };
            malformed(offset, "event", want, got)
        })
    }

    /// Reads an argument, one varint.
    fn arg(&mut self, event_type: EventType, offset: u64) -> Result<(), InputError> {
        let arg = self.cursor.varint(event_type.name()).map_err(|error| {
            let number = self.args.len() + 1;
            error.with_context(format!("argument {number} of the event at {offset:#x}"))
        })?;
        self.args.push(arg);
        Ok(())
    }

    /// `length` bytes of varints.
    fn args_by_length(&mut self, event_type: EventType, offset: u64) -> Result<(), InputError> {
        let place = event_type.name();
        let length = self.cursor.varint(place)?;
        let start = self.cursor.offset();
        while self.cursor.offset() - start < length {
            if self.args.len() == MAX_ARGS {
                let want = format!("at most {MAX_ARGS} arguments");
                return Err(malformed(offset, place, want, "more"));
            }
            self.arg(event_type, offset)?;
        }
        let got = self.cursor.offset() - start;
        if got != length {
            let want = format!("arguments of {}", counted(length, "byte"));
            let got = format!("{}: the last one crosses the end", counted(got, "byte"));
            return Err(malformed(offset, place, want, got));
        }
        Ok(())
    }

    /// A `String`: id, length, bytes.
    fn string(&mut self, offset: u64) -> Result<&'a [u8], InputError> {
        let id = self.cursor.varint("String")?;
        if id == 0 {
            return Err(malformed(offset, "String", "an id from 1 on", "0"));
        }
        let length = self.cursor.varint("String")?;
        if length == 0 || length > MAX_STRING_LEN {
            let want = format!("a length from 1 to {MAX_STRING_LEN}");
            return Err(malformed(offset, "String", want, length.to_string()));
        }
        self.args.extend([id, length]);
        self.cursor.take(length, "String")
    }

    /// The message of a `UserLog`: length, bytes; unlike a `String` it may be empty.
    fn message(&mut self) -> Result<&'a [u8], InputError> {
        let offset = self.cursor.offset();
        let place = "UserLog message";
        let length = self.cursor.varint(place)?;
        if length > MAX_STRING_LEN {
            let want = format!("a length of at most {MAX_STRING_LEN}");
            return Err(malformed(offset, place, want, length.to_string()));
        }
        self.cursor.take(length, place)
    }
}

fn malformed(
    offset: u64,
    place: &str,
    want: impl Into<String>,
    got: impl Into<String>,
) -> InputError {
    InputError::new(ErrorKind::Malformed, offset, place, want, got)
}
