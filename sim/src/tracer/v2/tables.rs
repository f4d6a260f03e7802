//! Strings and stacks of a generation (Go: `runtime/tracestring.go`, `tracestack.go`).

use std::collections::BTreeMap;

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::{MAX_STRING_LEN, MAX_VARINT_LEN};

use super::buf::{Head, Queues, TraceBuf};
use super::{Program, Stack, Ticks};

/// Bytes of a string, at the most.
const STRING_LEN: usize = 1 << 10;
const _: () = assert!(STRING_LEN as u64 == MAX_STRING_LEN);

/// Strings of the runtime's own whose numbers are at hand; a power of two.
const KNOWN: usize = 64;

/// Tables of one generation.
#[derive(Debug)]
pub(super) struct Tables {
    strings: BTreeMap<Vec<u8>, u64>,
    /// Numbers of the runtime's own strings by where these are, so that they are not compared: a
    /// place for each of some of them.
    known: [(usize, u64); KNOWN],
    /// The number of the last string.
    last_string: u64,
    /// Strings are written as they come.
    buf: Option<TraceBuf>,
    /// By the number of a stack in its program: its number here, or 0.
    numbers: Vec<u64>,
    stacks: BTreeMap<Vec<u64>, u64>,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            strings: BTreeMap::new(),
            known: [(0, 0); KNOWN],
            last_string: 0,
            buf: None,
            numbers: Vec::new(),
            stacks: BTreeMap::new(),
        }
    }
}

impl Tables {
    /// The number of a string, which is written if it is new (Go: `traceStringTable.put`).
    pub(super) fn string(
        &mut self,
        queues: &mut Queues,
        generation: u64,
        now: Ticks,
        text: &[u8],
    ) -> u64 {
        let text = &text[..text.len().min(STRING_LEN)];
        if let Some(&id) = self.strings.get(text) {
            return id;
        }
        let id = self.unique(queues, generation, now, text);
        self.strings.insert(text.to_vec(), id);
        id
    }

    /// The number of a string of the runtime's own.
    #[inline]
    pub(super) fn own_string(
        &mut self,
        queues: &mut Queues,
        generation: u64,
        now: Ticks,
        text: &'static str,
    ) -> u64 {
        // Two of them at one address would be one the beginning of the other.
        let at = text.as_ptr().addr() ^ text.len().rotate_right(16);
        let place = at.wrapping_add(at >> 6) % KNOWN;
        let (known, id) = self.known[place];
        if known == at {
            return id;
        }
        let id = self.string(queues, generation, now, text.as_bytes());
        self.known[place] = (at, id);
        id
    }

    /// A string with a number of its own (Go: `traceStringTable.emit`).
    pub(super) fn unique(
        &mut self,
        queues: &mut Queues,
        generation: u64,
        now: Ticks,
        text: &[u8],
    ) -> u64 {
        if text.is_empty() {
            return 0;
        }
        let text = &text[..text.len().min(STRING_LEN)];
        self.last_string += 1;
        let len = 2 + 2 * MAX_VARINT_LEN + text.len();
        let head = Head::of_none(generation);
        let (buf, is_new) = queues.room(&mut self.buf, head, now, len);
        if is_new {
            buf.byte(EventType::Strings as u8);
        }
        buf.byte(EventType::String as u8);
        buf.varint(self.last_string);
        buf.text(text);
        self.last_string
    }

    /// The number of a stack of the program.
    #[inline]
    pub(super) fn stack(&mut self, stack: Stack<'_>) -> u64 {
        match self.numbers.get(stack.number) {
            Some(&number) if number != 0 => number,
            _ => self.new_stack(stack),
        }
    }

    #[cold]
    fn new_stack(&mut self, stack: Stack<'_>) -> u64 {
        if stack.number >= self.numbers.len() {
            self.numbers.resize(stack.number + 1, 0);
        }
        let number = self.words(stack.words);
        self.numbers[stack.number] = number;
        number
    }

    /// The number of a stack (Go: `traceStackTable.put`).
    pub(super) fn words(&mut self, words: &[u64]) -> u64 {
        if words.is_empty() {
            return 0;
        }
        if let Some(&id) = self.stacks.get(words) {
            return id;
        }
        let id = self.stacks.len() as u64 + 1;
        self.stacks.insert(words.to_vec(), id);
        id
    }

    /// The generation is over: writes the stacks, and what is left of the strings (Go:
    /// `traceStackTable.dump`, `traceStringTable.reset`).
    pub(super) fn flush(
        &mut self,
        queues: &mut Queues,
        generation: u64,
        now: Ticks,
        program: &Program,
    ) {
        let mut stacks: Vec<_> = std::mem::take(&mut self.stacks).into_iter().collect();
        stacks.sort_unstable_by_key(|&(_, id)| id);
        let mut out = None;
        for (words, id) in stacks {
            // Go has the names' numbers before it makes room.
            let frames: Vec<_> = words
                .iter()
                .map(|&word| self.frame(queues, generation, now, program, word))
                .collect();
            let len = 2 + (2 + 4 * frames.len()) * MAX_VARINT_LEN;
            let (buf, is_new) = queues.room(&mut out, Head::of_none(generation), now, len);
            if is_new {
                buf.byte(EventType::Stacks as u8);
            }
            buf.byte(EventType::Stack as u8);
            buf.varint(id);
            buf.varint(frames.len() as u64);
            for value in frames.into_iter().flatten() {
                buf.varint(value);
            }
        }
        queues.flush(&mut out, generation);
        queues.flush(&mut self.buf, generation);
        self.numbers.clear();
        self.strings.clear();
        self.known = [(0, 0); KNOWN];
        self.last_string = 0;
    }

    /// A frame as the wire has it (Go: `makeTraceFrame`).
    fn frame(
        &mut self,
        queues: &mut Queues,
        generation: u64,
        now: Ticks,
        program: &Program,
        word: u64,
    ) -> [u64; 4] {
        let info = program.info(word);
        let (function, file, line) = info.map_or(("", "", 0), |i| (i.function, i.file, i.line));
        let function = self.string(queues, generation, now, last_bytes(function));
        let file = self.string(queues, generation, now, last_bytes(file));
        [word.wrapping_sub(1), function, file, line]
    }
}

/// The last bytes of a name that is too long.
fn last_bytes(name: &str) -> &[u8] {
    let bytes = name.as_bytes();
    &bytes[bytes.len().saturating_sub(STRING_LEN)..]
}
