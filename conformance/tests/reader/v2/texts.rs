//! Texts that programs printed into their trace: each is told wherever a batch could begin, and where the
//! trace goes on.

use sigprof::trace::Reader;
use sigprof::trace::input::OpenError;
use sigprof::trace::v2::{Options, Warning, dump};

use crate::v2::fixture;
use crate::v2::kept::generations;

/// Texts that programs print, with those whose first byte a batch, or the end of a generation, has.
const TEXTS: [&str; 10] = [
    "hello\n",
    "ok\n",
    "\r\n",
    "\x1b[32mINFO\x1b[0m started\n",
    "Привет, мир\n",
    "12:34:56 started\n",
    "1\n2\n",
    "4 workers\n",
    "4\n",
    "2026/11/30 03:00:00 a line that has more than 64 bytes, so that its end is not looked at\n",
];

/// The error of a trace, which is the same of a stream.
fn error(bytes: &[u8]) -> String {
    let end = |mut reader: Reader| {
        loop {
            match reader.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => return String::new(),
                Err(error) => return error.to_string(),
            }
        }
    };
    let whole = end(Reader::new(bytes).unwrap());
    let streamed = match Reader::from_stream(bytes, Options::default()) {
        Ok(reader) => end(reader),
        Err(OpenError::Input(error)) => error.to_string(),
        Err(OpenError::Io(error)) => panic!("{error}"),
    };
    assert_eq!(whole, streamed);
    whole
}

/// Guards S42.3, S65.2.
#[test]
fn text_is_told_at_every_batch_of_every_header() {
    for name in [
        "basics/modern-go1.22",
        "generations/tasks-go1.23",
        "basics/modern-go1.25",
        "generations/tasks-go1.27",
        "events/allocfree-go1.27",
    ] {
        let bytes = fixture(name);
        let generations = generations(&bytes);
        let mut seen = 0;
        let firsts: Vec<_> = generations.values().map(|starts| starts[0]).collect();
        for at in generations.into_values().flatten() {
            // The end of a generation is no part of the next.
            let is_behind_end = firsts.contains(&at) && bytes[at - 1] == b'4';
            let at = at - usize::from(is_behind_end);
            for text in TEXTS {
                let mut broken = bytes.clone();
                broken.splice(at..at, text.bytes());
                let error = error(&broken);
                let line = match text.trim() {
                    "" => text,
                    line => line.lines().next().unwrap(),
                };
                let line: String = line.chars().take(32).collect();
                let goes_on = at + text.len();
                let want = format!(
                    "{at:#x}: batch: want a batch (byte 1), got text: {line:?}; the trace goes on at byte {goes_on}"
                );
                assert_eq!(error, want, "{name}: {text:?}");
                seen += 1;
            }
        }
        assert!(seen > 50, "{name}: {seen}");
    }
}

/// Guards S65.2.
#[test]
fn text_behind_all_batches_is_told_and_that_none_follows_is_not() {
    for name in ["basics/modern-go1.22", "basics/modern-go1.27"] {
        let bytes = fixture(name);
        let error = error(&[&bytes, &b"done in 3s\n"[..]].concat());
        let want = "batch: want a batch (byte 1), got text: \"done in 3s\"";
        assert_eq!(error, format!("{:#x}: {want}", bytes.len()));
    }
}

/// Guards S65.5.
#[test]
fn a_trace_behind_another_is_told() {
    for (first, second) in [
        ("basics/modern-go1.22", "basics/modern-go1.22"),
        ("basics/modern-go1.27", "basics/modern-go1.27"),
        ("basics/modern-go1.27", "basics/tiny"),
    ] {
        let (first, second) = (fixture(first), fixture(second));
        let at = first.len();
        let both = [&first[..], &second].concat();
        let words = format!(
            "want a batch (byte 1), got another trace, which begins at byte {at} (tail -c +{} is that one, head -c {at} the one before)",
            at + 1
        );
        assert_eq!(error(&both), format!("{at:#x}: batch: {words}"));
        let why = dump::dump(&both, &mut Vec::new()).unwrap_err().to_string();
        assert!(why.ends_with(&words), "{why}");
    }
}

#[test]
fn one_is_not_said_as_many() {
    let never_stopped = |generations| {
        let offset = 16;
        let warning = Warning::NeverStopped {
            offset,
            generations,
        };
        let words = warning.to_string();
        let (_, did) = words.split_once("what it did").unwrap();
        did.to_owned()
    };
    assert_eq!(
        never_stopped(1),
        " after the generation that is here is missing"
    );
    assert_eq!(
        never_stopped(2),
        " after the 2 generations that are here is missing"
    );
}
