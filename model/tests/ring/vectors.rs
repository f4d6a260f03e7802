//! Go's own test of the ring, its vectors as facts (Go: `runtime/profbuf_test.go`, R15),
//! on every revision.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sigprof_model::backend::Std;
use sigprof_model::prof_buf::{Mode, ProfBuf, Read, Reader, Tag, Wrote};
use sigprof_model::protocol::Protocol;

type Buf = ProfBuf<Std, Protocol>;

/// Words and tags, or none at the end.
type Got = Option<(Vec<u64>, Vec<u64>)>;

const REVISIONS: [Protocol; 3] = [Protocol::GO_1_19, Protocol::GO_1_26, Protocol::FIXED];

fn write(buf: &Buf, tag: u64, now: u64, hdr: &[u64], stk: &[u64]) {
    buf.write(Tag::new(tag), now, hdr, stk);
}

fn read_as(buf: &Buf, reader: &mut Reader, mode: Mode) -> Got {
    match buf.read(reader, mode) {
        Read::Records(records) => {
            let mut words = Vec::new();
            records.copy_to(&mut words);
            let tags = records.tags().map(|t| t.map_or(0, Tag::get)).collect();
            Some((words, tags))
        }
        Read::Empty => Some((vec![], vec![])),
        Read::Eof => None,
    }
}

#[track_caller]
fn check(buf: &Buf, reader: &mut Reader, words: &[u64], tags: &[u64]) {
    let got = read_as(buf, reader, Mode::NonBlocking);
    assert_eq!(got, Some((words.to_vec(), tags.to_vec())));
}

/// A ring for headers of two words, on each revision in turn.
fn on_every_revision(words: usize, tags: usize, test: impl Fn(&Buf, &mut Reader)) {
    for revision in REVISIONS {
        let (buf, mut reader) = Buf::new(revision, 2, words, tags);
        test(&buf, &mut reader);
    }
}

const LONG: [u64; 6] = [4, 5, 6, 7, 8, 9];
const LONG_RECORD: [u64; 10] = [10, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const SHORT: [u64; 4] = [201, 202, 203, 204];
const SHORT_RECORD: [u64; 8] = [8, 99, 101, 102, 201, 202, 203, 204];

/// Guards R1.1, R10.1, R15.
#[test]
fn basic_write_read() {
    on_every_revision(11, 1, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        check(buf, reader, &LONG_RECORD, &[100]);
        // Gives back what the read before returned.
        check(buf, reader, &[], &[]);
        write(buf, 102, 99, &[101, 102], &SHORT);
        check(buf, reader, &SHORT_RECORD, &[102]);
    });
}

/// Guards R1.1, R1.3, R11.3, R15.
#[test]
fn read_many() {
    on_every_revision(50, 50, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        write(buf, 102, 99, &[101, 102], &SHORT);
        write(buf, 101, 500, &[502, 504], &[506]);
        let all = [&LONG_RECORD[..], &SHORT_RECORD, &[5, 500, 502, 504, 506]].concat();
        check(buf, reader, &all, &[100, 102, 101]);
    });
}

/// Go has this one twice, as `ReadManyShortData` and as `ReadManyShortTags`.
///
/// Guards R15.
#[test]
fn read_two() {
    on_every_revision(50, 50, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        write(buf, 102, 99, &[101, 102], &SHORT);
        check(
            buf,
            reader,
            &[&LONG_RECORD[..], &SHORT_RECORD].concat(),
            &[100, 102],
        );
    });
}

/// Guards R6.2, R6.4, R7.1, R15.
#[test]
fn the_writer_reports_what_was_dropped_when_there_is_room_again() {
    on_every_revision(16, 5, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        check(buf, reader, &LONG_RECORD, &[100]);
        write(buf, 100, 1, &[2, 3], &[4, 5]);
        check(buf, reader, &[6, 1, 2, 3, 4, 5], &[100]);
        // Ten words are free.
        write(buf, 102, 99, &[101, 102], &[0; 9]);
        for i in 0..299 {
            // It would fit, but not behind the count of what was dropped.
            write(buf, 103, 100 + i, &[101, 102], &SHORT);
        }
        write(buf, 101, 500, &[502, 504], &[506]);
        check(
            buf,
            reader,
            &[5, 99, 0, 0, 300, 5, 500, 502, 504, 506],
            &[0, 101],
        );
    });
}

/// Guards R6.3, R7.1, R9.2, R15.
#[test]
fn the_reader_reports_what_was_dropped_when_the_ring_is_empty() {
    on_every_revision(16, 5, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        write(buf, 102, 99, &[101, 102], &[0; 13]);
        for _ in 0..299 {
            write(buf, 103, 100, &[101, 102], &SHORT);
        }
        check(buf, reader, &LONG_RECORD, &[100]);
        write(buf, 101, 500, &[502, 504], &[]);
        check(buf, reader, &[5, 99, 0, 0, 301], &[0]);
        write(buf, 101, 500, &[502, 505], &[506]);
        check(buf, reader, &[5, 500, 502, 505, 506], &[101]);
    });
}

/// Guards R9.2, R15.
#[test]
fn read_at_end_after_overflow() {
    on_every_revision(12, 5, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        write(buf, 102, 99, &[101, 102], &SHORT);
        for _ in 0..299 {
            write(buf, 103, 100, &[101, 102], &SHORT);
        }
        check(buf, reader, &LONG_RECORD, &[100]);
        check(buf, reader, &[5, 99, 0, 0, 300], &[0]);
        write(buf, 101, 500, &[502, 504], &[506]);
        check(buf, reader, &[5, 500, 502, 504, 506], &[101]);
    });
}

/// Guards R3.1, R15.
#[test]
fn words_tags_and_both_go_around() {
    for (words, tags) in [(16, 1024), (1024, 2), (16, 2)] {
        on_every_revision(words, tags, |buf, reader| {
            for _ in 0..10 {
                write(buf, 100, 1, &[2, 3], &LONG);
                check(buf, reader, &LONG_RECORD, &[100]);
                check(buf, reader, &[], &[]);
            }
        });
    }
}

/// Sixteen words, of which twelve are used up and given back: four are left at the end.
fn four_before_the_end(test: impl Fn(&Buf, &mut Reader)) {
    on_every_revision(16, 4, |buf, reader| {
        write(buf, 1, 1, &[2, 3], &[4, 5]);
        write(buf, 2, 1, &[2, 3], &[4, 5]);
        check(buf, reader, &[6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5], &[1, 2]);
        check(buf, reader, &[], &[]);
        test(buf, reader);
    });
}

/// With a mark there would be no room for both; and a read would not have them in one piece.
///
/// Guards R5.2.
#[test]
fn a_record_may_end_exactly_at_the_end() {
    on_every_revision(16, 4, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &LONG);
        write(buf, 101, 1, &[2, 3], &[4, 5]);
        check(
            buf,
            reader,
            &[&LONG_RECORD[..], &[6, 1, 2, 3, 4, 5]].concat(),
            &[100, 101],
        );
        check(buf, reader, &[], &[]);
        // The next begins at place 0, and may be as long as the ring.
        write(buf, 102, 1, &[2, 3], &[7; 12]);
        let whole = [&[16, 1, 2, 3][..], &[7; 12]].concat();
        check(buf, reader, &whole, &[102]);
    });
}

/// Six words do not fit in front of the end. They and six more fill what is left after it, and not
/// a word more does; both are one read, which skips the mark.
///
/// Guards R4.1, R5.1, R11.2.
#[test]
fn a_rest_that_is_too_short_is_given_up() {
    four_before_the_end(|buf, _| {
        write(buf, 3, 1, &[2, 3], &[4, 5]);
        assert_eq!(buf.write(None, 1, &[2, 3], &[4, 5, 6]), Wrote::Dropped);
    });
    four_before_the_end(|buf, reader| {
        write(buf, 3, 1, &[2, 3], &[4, 5]);
        write(buf, 4, 1, &[2, 3], &[4, 5]);
        assert_eq!(buf.write(None, 1, &[2, 3], &[]), Wrote::Dropped);
        check(buf, reader, &[6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5], &[3, 4]);
    });
}

/// Guards R11.1, R11.2.
#[test]
fn what_goes_around_the_end_takes_two_reads() {
    four_before_the_end(|buf, reader| {
        write(buf, 3, 1, &[2, 3], &[]);
        write(buf, 4, 1, &[2, 3], &[4, 5]);
        check(buf, reader, &[4, 1, 2, 3], &[3]);
        check(buf, reader, &[6, 1, 2, 3, 4, 5], &[4]);
    });
}

/// The ring is full again while the reader has not given the count back.
///
/// Guards R9.2.
#[test]
fn a_count_made_by_the_reader_takes_no_room() {
    on_every_revision(16, 1, |buf, reader| {
        write(buf, 100, 1, &[2, 3], &[4; 12]);
        assert_eq!(buf.write(None, 7, &[2, 3], &[]), Wrote::Dropped);
        let whole = [&[16, 1, 2, 3][..], &[4; 12]].concat();
        check(buf, reader, &whole, &[100]);
        check(buf, reader, &[5, 7, 0, 0, 1], &[0]);
        assert_eq!(buf.write(None, 8, &[2, 3], &[4; 12]), Wrote::Record);
    });
}

/// Guards R13.3.
#[test]
fn what_is_written_after_the_close_is_read_before_the_end() {
    on_every_revision(16, 1, |buf, reader| {
        buf.close();
        assert_eq!(read_as(buf, reader, Mode::NonBlocking), None);
        assert_eq!(buf.write(Tag::new(9), 1, &[2, 3], &[]), Wrote::Record);
        check(buf, reader, &[4, 1, 2, 3], &[9]);
        assert_eq!(read_as(buf, reader, Mode::NonBlocking), None);
    });
}

/// Guards R12.2, R12.3, R15.
#[test]
#[cfg_attr(
    miri,
    ignore = "gives the reader 10 ms to make room: Miri's clock and weak memory need not oblige"
)]
fn a_reader_that_blocks_is_woken() {
    for revision in REVISIONS {
        // Half of the ring, so that a record wakes on every revision.
        let (buf, mut reader) = Buf::new(revision, 2, 11, 1);
        thread::scope(|scope| {
            let (got, results) = mpsc::channel();
            let buf = &buf;
            scope.spawn(move || {
                loop {
                    let read = read_as(buf, &mut reader, Mode::Blocking);
                    let is_end = read.is_none();
                    got.send(read).unwrap();
                    if is_end {
                        break;
                    }
                }
                // The end stays the end.
                got.send(read_as(buf, &mut reader, Mode::NonBlocking))
                    .unwrap();
            });
            let wait = || results.recv_timeout(Duration::from_secs(60)).unwrap();
            write(buf, 100, 1, &[2, 3], &LONG);
            assert_eq!(wait(), Some((LONG_RECORD.to_vec(), vec![100])));
            // Until the reader has given the first back there is no room.
            thread::sleep(Duration::from_millis(10));
            write(buf, 102, 99, &[101, 102], &SHORT);
            assert_eq!(wait(), Some((SHORT_RECORD.to_vec(), vec![102])));
            buf.close();
            assert_eq!(wait(), None);
            assert_eq!(wait(), None);
        });
    }
}

/// Guards R6.1.
#[test]
fn short_headers_are_filled_up_with_zeroes() {
    on_every_revision(16, 2, |buf, reader| {
        write(buf, 0, 1, &[7], &[8]);
        check(buf, reader, &[5, 1, 7, 0, 8], &[0]);
    });
}

/// Guards R2.1, R2.2.
#[test]
fn sizes_are_rounded_up() {
    // Three words of header: at least one record of 2 + 3 + 1 words, so 8; and one tag.
    let (buf, mut reader) = Buf::new(Protocol::FIXED, 3, 0, 1);
    write(&buf, 1, 1, &[1, 2, 3], &[4, 5, 6]);
    check(&buf, &mut reader, &[8, 1, 1, 2, 3, 4, 5, 6], &[1]);
    check(&buf, &mut reader, &[], &[]);
    write(&buf, 1, 2, &[1, 2, 3], &[4, 5, 6, 7]);
    check(&buf, &mut reader, &[6, 2, 0, 0, 0, 1], &[0]);
}

/// One record with a stack of one word has room in every ring: two words, the header, the word.
///
/// Guards R2.1.
#[test]
fn the_least_ring_holds_one_record_of_one_frame() {
    for (hdrsize, words) in [(1, 4), (2, 8), (4, 8), (5, 8), (6, 16)] {
        let header = vec![1; hdrsize];
        let write = |len: usize| {
            let (buf, _reader) = Buf::new(Protocol::FIXED, hdrsize, 0, 1);
            let stack = vec![7; len - 2 - hdrsize];
            buf.write(None, 1, &header, &stack)
        };
        assert_eq!(write(words), Wrote::Record, "headers of {hdrsize} words");
        assert_eq!(
            write(words + 1),
            Wrote::Dropped,
            "headers of {hdrsize} words"
        );
    }
}

/// Guards R6.1.
#[test]
#[should_panic(expected = "misuse of profBuf.write")]
fn a_header_that_is_too_long_is_thrown() {
    let (buf, _reader) = Buf::new(Protocol::FIXED, 1, 16, 1);
    write(&buf, 0, 1, &[1, 2], &[]);
}

/// Guards R13.2.
#[test]
#[should_panic(expected = "profBuf already closed")]
fn a_second_close_is_thrown() {
    let (buf, _reader) = Buf::new(Protocol::FIXED, 1, 16, 1);
    buf.close();
    buf.close();
}

/// Guards R2.2.
#[test]
#[should_panic(expected = "buffer too large")]
fn a_buffer_that_is_too_large_is_thrown() {
    let _ = Buf::new(Protocol::FIXED, 1, 16, 1 << 28);
}

/// Guards R2.2.
#[test]
#[should_panic(expected = "buffer too large")]
fn as_many_words_are_too_many() {
    let _ = Buf::new(Protocol::FIXED, 1, 1 << 28, 1);
}

/// Many words are moved at once; each length comes out as it went in.
#[test]
fn stacks_of_any_length_stay_whole() {
    on_every_revision(256, 8, |buf, reader| {
        for len in 0..=64 {
            let stk: Vec<_> = (1000..).take(len).collect();
            write(buf, 100, 1, &[2, 3], &stk);
            let words = [&[4 + len as u64, 1, 2, 3], &stk[..]].concat();
            check(buf, reader, &words, &[100]);
        }
    });
}
