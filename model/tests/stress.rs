//! Real threads: everything that was written is read, once and in order, or counted.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::thread;

use sigprof_model::backend::Std;
use sigprof_model::prof_buf::{Mode, ProfBuf, Read};
use sigprof_model::protocol::{Fixed, Go1_26, Rules};
use sigprof_model::signal_lock::SignalLock;

const WRITERS: u32 = 3;
/// Miri takes a thousand times as long, and needs few: it looks at orders, not at luck.
const RECORDS: u64 = if cfg!(miri) { 40 } else { 20_000 };

/// Writers on threads of their own, through the lock, into a ring of few records; one
/// reader that sleeps.
fn stress<R: Rules>(rules: R) {
    let (buf, mut reader) = ProfBuf::<Std, R>::new(rules, 2, 64, 8);
    let lock = SignalLock::<Std, _>::new("lock", rules);
    let (buf, lock) = (&buf, &lock);
    let words = thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut words = Vec::new();
            loop {
                match buf.read(&mut reader, Mode::Blocking) {
                    Read::Records(records) => records.copy_to(&mut words),
                    Read::Empty => panic!("a blocking read waits"),
                    Read::Eof => return words,
                }
            }
        });
        let writing: Vec<_> = (1..=WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    for n in 1..=RECORDS {
                        let stack = vec![n; usize::try_from(n % 7 + 1).unwrap()];
                        let _guard = lock.lock();
                        buf.write(None, n, &[writer.into(), n], &stack);
                    }
                })
            })
            .collect();
        for writer in writing {
            writer.join().unwrap();
        }
        buf.close();
        reading.join().unwrap()
    });

    let mut last = vec![0; WRITERS as usize + 1];
    let (mut read, mut dropped) = (0, 0);
    let mut rest = words.as_slice();
    while let [len, time, writer, n, ..] = *rest {
        let (record, behind) = rest.split_at(usize::try_from(len).unwrap());
        rest = behind;
        let stack = &record[4..];
        if (writer, n) == (0, 0) {
            dropped += stack[0];
            continue;
        }
        read += 1;
        assert_eq!((time, stack.len() as u64), (n, n % 7 + 1));
        assert!(
            stack.iter().all(|&word| word == n),
            "a torn record: {record:?}"
        );
        let last = &mut last[usize::try_from(writer).unwrap()];
        assert!(*last < n, "writer {writer}: {n} after {last}");
        *last = n;
    }
    assert!(rest.is_empty());
    assert_eq!(
        read + dropped,
        u64::from(WRITERS) * RECORDS,
        "{read} read, {dropped} dropped"
    );
    assert!(read > 0);
}

#[test]
fn nothing_is_lost_without_a_count() {
    stress(Fixed);
}

/// Go 1.26 can report the end with records unread (B30); here the close comes long after
/// the reader sleeps or reads, so that it almost never does, but `Fixed` never may.
#[test]
fn half_full_wakeups_wake() {
    let (buf, mut reader) = ProfBuf::<Std, Go1_26>::new(Go1_26, 2, 64, 16);
    let buf = &buf;
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut words = Vec::new();
            match buf.read(&mut reader, Mode::Blocking) {
                Read::Records(records) => records.copy_to(&mut words),
                Read::Empty | Read::Eof => panic!("records come before the end"),
            }
            words.len()
        });
        for n in 0..8 {
            // Eight records of eight words are all of the ring.
            buf.write(None, n, &[1, n], &[n; 4]);
        }
        assert!(reading.join().unwrap() >= 8);
    });
}
