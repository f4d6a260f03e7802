//! Parts of lines that come again and again.
//!
//! Each is copied with a length that is known beforehand.

use super::super::event::{Event, GoState};
use super::super::print::number::{EIGHT, digits, few};
use super::super::print::out::Out;

/// All states of a goroutine.
const STATES: [GoState; 6] = [
    GoState::Undetermined,
    GoState::NotExist,
    GoState::Runnable,
    GoState::Running,
    GoState::Waiting,
    GoState::Syscall,
];

/// Bytes of the text of a transition, at the most.
const LEN: usize = 48;

/// The texts of all transitions from one state to another.
#[derive(Debug)]
pub(super) struct Transitions([[([u8; LEN], u8); STATES.len()]; STATES.len()]);

impl Transitions {
    /// With what stands before, between and behind the states.
    pub(super) const fn new(before: &str, between: &str, behind: &str) -> Self {
        let mut texts = [[([0; LEN], 0); STATES.len()]; STATES.len()];
        let mut at = 0;
        while at < STATES.len() * STATES.len() {
            let (from, to) = (at / STATES.len(), at % STATES.len());
            let (names, mut i) = ((STATES[from].name(), STATES[to].name()), 0);
            let parts = [before, names.0, between, names.1, behind];
            let (bytes, len) = &mut texts[STATES[from] as usize][STATES[to] as usize];
            while i < parts.len() {
                let (part, mut j) = (parts[i].as_bytes(), 0);
                while j < part.len() {
                    bytes[*len as usize] = part[j];
                    *len += 1;
                    j += 1;
                }
                i += 1;
            }
            at += 1;
        }
        Self(texts)
    }

    #[inline(always)]
    pub(super) fn write(&self, out: &mut impl Out, from: GoState, to: GoState) {
        let (bytes, len) = &self.0[from as usize][to as usize];
        out.put(bytes, usize::from(*len));
    }
}

/// Threads whose texts are kept, by the lowest bits of their ids.
const THREADS: usize = 64;

/// Bytes of the text of a thread that is kept, at the most.
const KEPT: usize = 64;

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest bits are wanted"
)]
const fn place(thread: u64) -> usize {
    thread as usize % THREADS
}

/// A text of a thread, and what it says.
#[derive(Clone, Debug)]
struct Context {
    generation: u64,
    thread: u64,
    proc: u64,
    bytes: [u8; KEPT],
    /// 0 if nothing is kept.
    len: usize,
}

/// Texts of generation, thread and P: a thread has its P for a while.
#[derive(Debug)]
pub(in crate::trace::v2) struct Contexts(Vec<Context>);

impl Default for Contexts {
    fn default() -> Self {
        let none = Context {
            generation: 0,
            thread: 0,
            proc: 0,
            bytes: [0; KEPT],
            len: 0,
        };
        Self(vec![none; THREADS])
    }
}

impl Contexts {
    /// Writes the text of an event's context, which `make` makes if it is another one than
    /// that of the thread's last event.
    #[inline(always)]
    pub(in crate::trace::v2) fn write(
        &mut self,
        out: &mut impl Out,
        event: &Event,
        make: impl FnOnce(&mut Vec<u8>),
    ) {
        let context = &mut self.0[place(event.thread)];
        let is_kept = context.len != 0
            && context.thread == event.thread
            && context.proc == event.proc
            && context.generation == event.generation;
        if is_kept {
            return out.put(&context.bytes, context.len);
        }
        let mut text = Vec::with_capacity(2 * KEPT);
        make(&mut text);
        context.keep(event, &text);
        out.put_all(&text);
    }
}

impl Context {
    #[inline(never)]
    fn keep(&mut self, event: &Event, text: &[u8]) {
        self.len = 0;
        if let Some(bytes) = self.bytes.get_mut(..text.len()) {
            bytes.copy_from_slice(text);
            self.len = text.len();
            (self.generation, self.thread, self.proc) =
                (event.generation, event.thread, event.proc);
        }
    }
}

/// Writes ids, of which most are that of the one before.
#[derive(Debug, Default)]
pub(super) struct Ids {
    last: u64,
    digits: [u8; 8],
    /// 0 if there was none.
    len: usize,
}

impl Ids {
    #[inline(always)]
    pub(super) fn write(&mut self, out: &mut impl Out, id: u64) {
        if id != self.last || self.len == 0 {
            if id >= EIGHT {
                digits(out, id);
                return;
            }
            self.last = id;
            (self.digits, self.len) = few(id);
        }
        out.put(&self.digits, self.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_fmt_has_them_whatever_came_before() {
        let mut ids = Ids::default();
        for id in [0, 0, 7, 7, 12_345_678, 12_345_678, u64::MAX, u64::MAX, 3, 0] {
            let mut out = b"x".to_vec();
            ids.write(&mut out, id);
            assert_eq!(out, format!("x{id}").as_bytes());
        }
    }

    #[test]
    fn all_transitions_are_as_their_states_are_called() {
        static TEXTS: Transitions = Transitions::new("from ", " to ", ".");
        for from in STATES {
            for to in STATES {
                let mut out = b"x".to_vec();
                TEXTS.write(&mut out, from, to);
                let expected = format!("xfrom {} to {}.", from.name(), to.name());
                assert_eq!(crate::bytes::text(&out), expected);
            }
        }
    }

    #[test]
    fn a_context_is_made_anew_when_anything_of_it_changes() {
        let (mut contexts, mut made) = (Contexts::default(), 0);
        let mut write = |generation, thread, proc, len: usize| {
            let mut event = Event::sync(0, 0, generation, 0);
            (event.thread, event.proc) = (thread, proc);
            let (mut out, before) = (b"x".to_vec(), made);
            contexts.write(&mut out, &event, |out| {
                made += 1;
                out.extend(std::iter::repeat_n(b'a', len));
            });
            assert_eq!(out.len(), 1 + len);
            assert!(out[1..].iter().all(|&byte| byte == b'a'));
            made > before
        };
        assert!(write(0, 0, 0, 20), "nothing is kept at first");
        assert!(!write(0, 0, 0, 20));
        assert!(write(1, 0, 0, 21));
        assert!(write(1, 0, 1, 22));
        assert!(write(1, 64, 1, 23), "another thread in the same place");
        assert!(write(1, 0, 1, 24));
        assert!(write(1, 3, 1, 65), "too long to be kept");
        assert!(write(1, 3, 1, 65));
        assert!(write(1, 3, 1, 64));
        assert!(!write(1, 3, 1, 64));
    }
}
