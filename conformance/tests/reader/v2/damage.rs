//! Damage of every kind: an error with an offset, or events; never a panic.

use sigprof::trace::v2::{Options, Reader};

use crate::v2::fixture;

/// Small fixtures, one of each header.
const SMALL: [&str; 4] = [
    "basics/modern-go1.22",
    "events/allocfree-go1.23",
    "recorder/window-go1.25",
    "basics/one-p-go1.27",
];

/// Reads bytes, and looks at all that events refer to.
fn read(bytes: &[u8], keep_going: bool) {
    let options = Options {
        keep_going,
        ..Options::default()
    };
    let Ok(mut reader) = Reader::new(bytes, options) else {
        return;
    };
    let mut frames = 0;
    loop {
        match reader.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                assert!(error.offset() <= bytes.len() as u64, "{error}");
                break;
            }
        }
        let event = *reader.event();
        let _ = event.kind();
        if let Some(frame) = reader.frames(event.stack()).next() {
            frames += reader.string(frame.function).len();
        }
    }
    std::hint::black_box(frames);
}

/// After every third byte.
///
/// Guards S44.1.
#[test]
fn a_trace_may_be_cut_anywhere() {
    cut(3);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn a_trace_may_be_cut_after_each_byte() {
    cut(1);
}

fn cut(step: usize) {
    for name in SMALL {
        let bytes = fixture(name);
        for len in (0..bytes.len()).step_by(step) {
            read(&bytes[..len], len % 2 == 0);
        }
    }
}

/// One bit of every third byte, all eight in turn.
///
/// Guards S44.1.
#[test]
fn every_bit_may_be_wrong() {
    flip(3, |_| false);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn every_bit_of_the_smallest_and_one_of_each_byte_may_be_wrong() {
    flip(1, |len| len < 7000);
}

/// Flips all bits of a trace of such a length, and of others one a byte; in one byte of so many.
fn flip(step: usize, is_whole: fn(usize) -> bool) {
    for name in SMALL {
        let mut bytes = fixture(name);
        let all = is_whole(bytes.len());
        for at in (0..bytes.len()).step_by(step) {
            for bit in 0..8 {
                if !all && at % 8 != bit {
                    continue;
                }
                bytes[at] ^= 1 << bit;
                read(&bytes, at % 2 == 0);
                bytes[at] ^= 1 << bit;
            }
        }
    }
}
