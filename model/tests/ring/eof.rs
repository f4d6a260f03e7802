//! The end comes after everything that was written before the close (L8), and Go as it
//! ships breaks this (B30): a reader finds the ring empty; a record is written and the
//! ring closed; the reader looks for the end, finds it, and reports it.
//!
//! On one thread: the back-end does what the writer does between the reader's two looks.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use sigprof_model::backend::{Atomic, Backend, Ordering, Std, Throw};
use sigprof_model::prof_buf::{Mode, ProfBuf, Read};
use sigprof_model::protocol::Protocol;

/// As [`Std`], but for the word that the reader looks at for the end.
struct BetweenLooks;

impl Backend for BetweenLooks {
    type U32 = Watched;
    type U64 = AtomicU64;
    type Words = <Std as Backend>::Words;
    type Note = <Std as Backend>::Note;

    fn throw(what: Throw) -> ! {
        Std::throw(what)
    }
}

thread_local! {
    /// An action that runs once, before the next load.
    static BEFORE_LOAD: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

struct Watched(AtomicU32);

impl Atomic<u32> for Watched {
    fn new(name: &'static str, value: u32) -> Self {
        Self(Atomic::new(name, value))
    }

    fn load(&self, order: Ordering) -> u32 {
        if let Some(happens) = BEFORE_LOAD.take() {
            happens();
        }
        self.0.load(order)
    }

    fn store(&self, value: u32, order: Ordering) {
        self.0.store(value, order);
    }

    fn compare_and_swap(&self, current: u32, new: u32, order: Ordering) -> bool {
        Atomic::compare_and_swap(&self.0, current, new, order)
    }

    fn fetch_add(&self, n: u32, order: Ordering) -> u32 {
        Atomic::fetch_add(&self.0, n, order)
    }

    fn yield_while(&self, seen: u32) {
        Atomic::yield_while(&self.0, seen);
    }
}

type Buf = ProfBuf<BetweenLooks, Protocol>;

/// Whether the first read reports the end, if `happens` comes between the reader's look
/// at the ring and its look for the end.
fn reports_the_end(protocol: Protocol, happens: impl Fn(&Buf) + 'static) -> bool {
    let (buf, mut reader) = Buf::new(protocol, 2, 16, 2);
    let buf = Rc::new(buf);
    let writer = buf.clone();
    BEFORE_LOAD.set(Some(Box::new(move || happens(&writer))));
    matches!(buf.read(&mut reader, Mode::NonBlocking), Read::Eof)
}

fn write_and_close(buf: &Buf) {
    buf.write(None, 1, &[1, 1], &[1]);
    buf.close();
}

fn drop_and_close(buf: &Buf) {
    buf.write(None, 1, &[1, 1], &[1; 99]);
    buf.close();
}

/// Guards R12.4.
#[test]
fn go_reports_the_end_with_a_record_unread() {
    for shipped in [Protocol::GO_1_19, Protocol::GO_1_26] {
        assert!(reports_the_end(shipped, write_and_close));
        assert!(reports_the_end(shipped, drop_and_close));
    }
}

#[test]
fn fixed_reports_it_after_everything() {
    assert!(!reports_the_end(Protocol::FIXED, write_and_close));
    assert!(!reports_the_end(Protocol::FIXED, drop_and_close));
}

/// Guards R12.1.
#[test]
fn an_empty_ring_that_is_closed_is_at_its_end() {
    for revision in [Protocol::GO_1_19, Protocol::GO_1_26, Protocol::FIXED] {
        assert!(reports_the_end(revision, Buf::close));
    }
}
