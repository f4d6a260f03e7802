//! Fixtures through readers and checks, against what is expected of them.

mod by_go;
mod judged;

pub(super) use by_go::{cases, judge};

use sigprof_wire::FormatVersion;

use crate::check::{Reason, TraceSide, Verdict};
use crate::corpus::expected::{Input, Invalid, Valid};
use crate::corpus::faults::{self, Fault};
use crate::corpus::{compare as samples, events, ours};
use crate::error::{InputError, WriteError};
use crate::explore::{seeds, table};
use crate::failure::{Checked, Failure, rule_of, same};
use crate::fixtures::{Files, Judged, Origin, sha256};
use crate::oracle::compare;
use crate::pprof;
use crate::trace::v1::{self, dump};
use crate::trace::v2;
use crate::trace::{Nanos, Reader};

/// One of the things that are tried on a fixture's folder.
pub(super) fn run<'a>(
    name: &'a str,
    files: &'a Files,
    of: fn(&Folder<'a>) -> Checked,
) -> Vec<Failure> {
    of(&Folder { name, files }).err().into_iter().collect()
}

/// The case of area `origin` that is about all manifests.
pub(super) const MANIFESTS: &str = "manifests";

/// Faults of a fixture itself, or of the manifests.
pub(super) fn origin(name: &str, files: &Files) -> Vec<Failure> {
    let faults = match name {
        MANIFESTS => faults::of_manifests(files),
        case => faults::of_case(files, case),
    };
    let failure = |fault: Fault| {
        let path = format!("fixtures/{}", fault.path);
        Failure::new("fixture", fault.want, fault.got).file(path)
    };
    faults.into_iter().map(failure).collect()
}

/// A fixture's folder.
pub(super) struct Folder<'a> {
    name: &'a str,
    files: &'a Files,
}

impl Folder<'_> {
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    fn file(&self, name: &str) -> Result<&[u8], Failure> {
        self.files.file(&self.path(name))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        self.files.json(&self.path(name))
    }

    fn toml<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        self.files.toml(&self.path(name))
    }

    /// One of the fixture's files does not read.
    fn unread(&self, name: &str) -> impl Fn(InputError) -> Failure {
        let path = format!("fixtures/{}", self.path(name));
        move |error| Failure::input(&error).file(&path)
    }

    /// That two values of one of the fixture's files are the same.
    fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
        &self,
        file: &str,
        what: &str,
        got: T,
        want: U,
    ) -> Checked {
        let path = format!("fixtures/{}", self.path(file));
        same(what, got, want).map_err(|failure| failure.file(path))
    }

    pub(super) fn read(&self) -> Checked {
        let expected: Valid = self.json("expected.json")?;
        let bytes = self.file("trace")?;
        let unread = self.unread("trace");
        let mut trace = Reader::new(bytes).map_err(&unread)?;
        let mut last = Nanos(i64::MIN);
        while let Some(event) = trace.next_event().map_err(&unread)? {
            let in_order = self.same("trace", "events in order of time", event.time >= last, true);
            in_order.map_err(|failure| failure.offset(event.offset))?;
            last = event.time;
        }
        let got = ours::trace(bytes).map_err(&unread)?;
        let differs = self.differs("trace");
        samples::trace_numbers(&expected.trace, &got).map_err(&differs)?;
        samples::trace(&expected.trace, &got).map_err(&differs)?;
        let got = events::sum(&events::of(bytes).map_err(&unread)?);
        self.same(
            "trace",
            "the events of expected.json",
            &got,
            &expected.events,
        )?;
        if let Some(expected) = &expected.profile {
            let got = ours::profile(self.file("profile.pb.gz")?);
            let got = got.map_err(self.unread("profile.pb.gz"))?;
            let differs = self.differs("profile.pb.gz");
            samples::profile_numbers(expected, &got).map_err(&differs)?;
            samples::profile(expected, &got).map_err(&differs)?;
        }
        match trace.as_v1() {
            Some(v1) => self.read_as_judged(v1),
            None => self.print_as_judged(bytes),
        }
    }

    /// Makes a failure of a file that is not what `expected.json` says.
    fn differs<D: ToString>(&self, name: &str) -> impl Fn(D) -> Failure {
        let path = format!("fixtures/{}", self.path(name));
        move |got| Failure::new("samples", "those of expected.json", got.to_string()).file(&path)
    }

    /// The events are those that the Go saw which made the trace.
    fn read_as_judged(&self, trace: &v1::Reader) -> Checked {
        let Some(judged) = self.toml::<Origin>("origin.toml")?.judged else {
            return Ok(());
        };
        let lines = compare::go_lines(trace, FormatVersion::GO_1_19);
        let lines = lines.map_err(self.unread("trace"))?;
        let lines = compare::sorted_lines(&lines);
        self.same("trace", "events", lines.len() as u64, judged.events)?;
        let is_sample = |line: &&&[u8]| line.split(|b| *b == b' ').nth(1) == Some(b"CPUSample");
        let count = lines.iter().filter(is_sample).count() as u64;
        self.same("trace", "samples of the trace", count, judged.trace_samples)?;
        let mut sorted = lines.join(&b'\n');
        sorted.push(b'\n');
        let what = "SHA-256 of the sorted events";
        self.same(
            "trace",
            what,
            sha256(&sorted),
            judged.parsed_sha256.as_str(),
        )?;
        self.profile_as_judged(&judged)
    }

    fn profile_as_judged(&self, judged: &Judged) -> Checked {
        let profile = pprof::read(self.file("profile.pb.gz")?);
        let profile = profile.map_err(self.unread("profile.pb.gz"))?;
        let all: u64 = profile.samples.iter().map(|s| s.count).sum();
        let want = judged.profile_samples + judged.profile_lost;
        self.same("profile.pb.gz", "samples of the profile", all, want)
    }

    pub(super) fn dump(&self) -> Checked {
        let bytes = self.file("trace")?;
        let mut text = Vec::new();
        let dumped = match v2::is_v2(bytes) {
            true => v2::dump::dump(bytes, &mut text),
            false => dump::dump(bytes, &mut text),
        };
        dumped.map_err(|error| match error {
            WriteError::Input(error) => self.unread("trace")(error),
            WriteError::Output(error) => Failure::new("dump", "all of it", error.to_string()),
        })?;
        let path = format!("fixtures/{}", self.path("trace"));
        explains(&String::from_utf8_lossy(&text), bytes).map_err(|failure| failure.file(path))
    }

    pub(super) fn check(&self) -> Checked {
        let trace = self.file("trace")?;
        let profile = pprof::read(self.file("profile.pb.gz")?);
        let profile = profile.map_err(self.unread("profile.pb.gz"))?;
        for expected in self.json::<Valid>("expected.json")?.pair {
            let narrow = expected.narrow();
            let mut reader = Reader::new(trace).map_err(self.unread("trace"))?;
            let side = TraceSide::read(&mut reader, &narrow).map_err(self.unread("trace"))?;
            let what = format!("verdict{}", narrow.arguments());
            let want = verdict(expected.verdict, expected.reason);
            let path = format!("fixtures/{}", self.path("trace"));
            let got = match side.check(profile.clone()) {
                Ok(report)
                    if (report.verdict, report.reason) == (expected.verdict, expected.reason) =>
                {
                    continue;
                }
                Ok(report) => {
                    let summary = &report.summary;
                    let summary = summary.split_once(": ").map_or("", |(_, rest)| rest);
                    format!("{}: {summary}", verdict(report.verdict, report.reason))
                }
                Err(nothing) => nothing.to_string(),
            };
            return Err(Failure::new(what, want, got).file(path));
        }
        Ok(())
    }

    pub(super) fn invalid(&self) -> Checked {
        let expected: Invalid = self.json("expected.json")?;
        let name = expected.input.file();
        let bytes = self.file(name)?;
        let result = match expected.input {
            Input::Trace => Reader::new(bytes).and_then(|mut reader| reader.verify()),
            Input::Profile => pprof::read(bytes).map(|_| ()),
        };
        let result = match result {
            Ok(()) => Err(Failure::new(
                "error",
                expected.error.text,
                "none: it was read",
            )),
            Err(error) => same("error", error.to_string(), expected.error.text)
                .and_then(|()| same("kind of error", error.kind(), expected.error.kind))
                .map_err(|failure| failure.offset(error.offset())),
        };
        let rule = expected.rules.into_iter().next().unwrap_or_default();
        result.map_err(|failure| {
            failure
                .file(format!("fixtures/{}", self.path(name)))
                .rule(rule)
        })
    }

    pub(super) fn replay(&self) -> Checked {
        let path = format!("fixtures/{}.toml", self.name);
        let text = self.files.file(&format!("{}.toml", self.name))?;
        let case = seeds::Case::parse(&String::from_utf8_lossy(text));
        let case = case.map_err(|error| Failure::input(&error).file(&path))?;
        let fault = case.check();
        fault.map_err(|fault| {
            let failure = Failure::new(fault.what, fault.expected, fault.got).file(&path);
            let failure = failure.step(table::fatal_step(&fault.run));
            let failure = failure.again(case.command());
            match fault.law {
                Some(law) => failure.rule(rule_of(law)),
                None => failure,
            }
        })
    }
}

/// A verdict with its reason: `lost (ring-capacity)`.
fn verdict(verdict: Verdict, reason: Option<Reason>) -> String {
    let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
    format!("{verdict}{reason}")
}

/// Whether the dump explains every byte of a file, once and in order.
fn explains(dump: &str, bytes: &[u8]) -> Checked {
    let explained = explained_bytes(dump)?;
    let differ = |(a, b): (&u8, &u8)| a != b;
    if let Some(at) = explained.iter().zip(bytes).position(differ) {
        let (got, want) = (explained[at], bytes[at]);
        let (want, got) = (format!("{want:02x}"), format!("{got:02x}"));
        return Err(Failure::new("dumped byte", want, got).offset(at as u64));
    }
    same("bytes explained", explained.len(), bytes.len())
}

/// The bytes in the middle column of a dump whose offsets follow each other.
fn explained_bytes(text: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let form = "`offset | bytes | meaning`";
        let error = || Failure::new("dumped line", form, format!("{line:?}"));
        let mut columns = line.splitn(3, " | ");
        let offset = columns
            .next()
            .and_then(|c| usize::from_str_radix(c.strip_prefix("0x")?, 16).ok());
        same(
            "offset of a dumped line",
            offset.ok_or_else(error)?,
            bytes.len(),
        )?;
        for byte in columns.next().ok_or_else(error)?.split_whitespace() {
            bytes.push(u8::from_str_radix(byte, 16).map_err(|_| error())?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: [u8; 4] = [0x67, 0x6f, 0x20, 0x41];

    #[track_caller]
    fn check(dump: &str, expected: Result<(), &str>) {
        let result = explains(dump, &FILE).map_err(|failure| failure.to_string());
        assert_eq!(result, expected.map_err(str::to_owned));
    }

    #[test]
    fn a_dump_explains_every_byte_once() {
        check("0x000 | 67 6f | a\n0x002 | 20 41 | b | c\n", Ok(()));
    }

    /// Guards S22.3.
    #[test]
    fn a_dump_with_a_gap_is_seen() {
        let want = "offset of a dumped line: expected 2, got 3";
        check("0x000 | 67 6f | a\n0x003 | 41    | b\n", Err(want));
        let want = "dumped byte: expected 20, got 41 (offset 0x2)";
        check("0x000 | 67 6f | a\n0x002 | 41    | b\n", Err(want));
    }

    /// Guards S22.3.
    #[test]
    fn a_dump_with_an_overlap_is_seen() {
        let want = "offset of a dumped line: expected 2, got 1";
        check("0x000 | 67 6f | a\n0x001 | 6f 20 41 | b\n", Err(want));
    }

    /// Guards S22.3.
    #[test]
    fn a_dump_with_a_wrong_byte_is_seen() {
        let want = "dumped byte: expected 41, got 42 (offset 0x3)";
        check("0x000 | 67 6f | a\n0x002 | 20 42 | b\n", Err(want));
    }

    /// Guards S22.3.
    #[test]
    fn a_dump_that_is_too_short_or_too_long_is_seen() {
        let want = "bytes explained: expected 4, got 3";
        check("0x000 | 67 6f | a\n0x002 | 20    | b\n", Err(want));
        let want = "bytes explained: expected 4, got 5";
        check("0x000 | 67 6f 20 41 00 | a\n", Err(want));
        check("", Err("bytes explained: expected 4, got 0"));
    }

    #[test]
    fn a_dump_of_another_form_is_seen() {
        for line in ["0x000 | 67 6z | a", "000 | 67 | a", "0x000"] {
            let want = format!("dumped line: expected `offset | bytes | meaning`, got {line:?}");
            check(line, Err(&want));
        }
    }
}
