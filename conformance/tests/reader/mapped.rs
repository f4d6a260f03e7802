//! Traces in mapped files: pages are given back as they have been read, and a file that
//! changes meanwhile leads to wrong events or an error, never to a panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{Seek, SeekFrom, Write};

use sigprof::trace::Input;
use sigprof::trace::v1::stat::of as stat_of;
use sigprof::trace::v1::{Options, Reader};
use sigprof_sim::tracer::{ProcId, Ticks, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;
use tempfile::NamedTempFile;

/// A trace of batches of 64 KiB on four Ps, with strings that are used at the end.
fn trace(len: usize) -> Vec<u8> {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    let mut tick = 1;
    let mut id = 0;
    while trace.offset() < len {
        for p in 0..4 {
            trace.batch(Some(ProcId(p)), Ticks(tick));
            let end = trace.offset() + (64 << 10);
            while trace.offset() < end {
                id += 1;
                trace.event(E::GoCreate, Ticks(1), &[id, 0], None);
                trace.event(E::GoStartLocal, Ticks(1), &[id], None);
                trace.event(E::HeapAlloc, Ticks(2), &[id << 20], None);
                trace.event(E::GoEnd, Ticks(1), &[], None);
                tick += 5;
            }
        }
    }
    trace.frequency(1_000_000_000);
    trace.finish()
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    file
}

#[test]
fn a_mapped_file_reads_as_its_bytes_do() {
    // More than what stays in memory as a whole.
    let bytes = trace(20 << 20);
    let file = file(&bytes);
    let input = Input::open(file.path()).unwrap();
    let mapped = Reader::open(&input, Options::default()).unwrap();
    let held = Reader::new(&bytes).unwrap();
    let stat = |reader| serde_json::to_value(stat_of(reader).unwrap()).unwrap();
    assert_eq!(stat(&mapped), stat(&held));
    // A second time, when its pages are gone.
    assert!(mapped.events().eq(held.events()));
}

#[test]
fn a_file_that_changes_is_no_reason_to_panic() {
    let bytes = trace(300 << 10);
    let mut errors = 0;
    for step in 0..60_u64 {
        let mut file = file(&bytes);
        let input = Input::open(file.path()).unwrap();
        let reader = Reader::open(&input, Options::default()).unwrap();
        let mut events = reader.events();
        events.by_ref().take(100).for_each(drop);
        let at = 4000 + 3907 * step;
        file.seek(SeekFrom::Start(at)).unwrap();
        let value = [0xff, 0, 0x25, 0xc3, 0x80][(step % 5) as usize];
        file.write_all(&[value; 900]).unwrap();
        file.flush().unwrap();
        for event in events {
            match event {
                Ok(event) => drop((
                    reader.string_args(&event),
                    reader.stack(event.stack).count(),
                )),
                Err(_) => errors += 1,
            }
        }
    }
    assert!(errors > 10, "{errors}");
}
