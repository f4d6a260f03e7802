//! What is tried on each fixture.

use std::fmt::Debug;
use std::path::Path;

use sigprof_model::events::FormatVersion;

use super::fixture::{Files, Origin, sha256};
use super::outcome::Status;
use crate::check::check;
use crate::corpus::expected::{Input, Invalid, Valid};
use crate::corpus::faults::{self, Fault};
use crate::corpus::{compare as samples, ours};
use crate::explore::seeds;
use crate::oracle::{Go, OracleError, compare};
use crate::trace::v1::dump;
use crate::trace::{Reader, Trace};
use crate::{check as pair, pprof, trace};

/// The Go releases that read the real fixtures.
const JUDGES: [&str; 2] = ["1.19", "1.21"];

/// The case of area `origin` that is about all manifests.
const MANIFESTS: &str = "manifests";

fn is_of_1_21(files: &Files, case: &str) -> bool {
    let trace = files.file(&format!("{case}/trace"));
    trace.is_ok_and(|bytes| bytes.starts_with(b"go 1.21 "))
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Fixtures are what their origin says.
    Origin,
    /// The readers see what Go saw when the fixture was made.
    Read,
    /// Every byte is explained, once.
    Dump,
    /// The pair check comes to the expected verdict.
    Check,
    /// Bad input is refused with the expected words.
    Invalid,
    /// A kept run of the model shows what it showed, and `fixed` does not.
    Seeds,
    /// The readers see what this installed Go sees.
    Go(&'static str),
}

impl Area {
    /// The name in lists and tables.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Origin => "origin".into(),
            Self::Read => "read".into(),
            Self::Dump => "dump".into(),
            Self::Check => "check".into(),
            Self::Invalid => "invalid".into(),
            Self::Seeds => "seeds".into(),
            Self::Go(version) => format!("go{version}"),
        }
    }
}

/// One thing to try on one fixture.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is about.
    pub area: Area,
    /// The fixture's folder, below `fixtures`.
    pub name: String,
}

/// Every case, by area.
#[must_use]
pub fn all(files: &Files) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |area, names: Vec<String>| {
        cases.extend(names.into_iter().map(|name| Case { area, name }));
    };
    let mut origins: Vec<_> = faults::cases(files).into_iter().collect();
    origins.push(MANIFESTS.into());
    add(Area::Origin, origins);
    for area in [Area::Read, Area::Dump] {
        add(area, files.valid());
    }
    add(Area::Check, files.pairs());
    add(Area::Invalid, files.invalid());
    add(Area::Seeds, files.seeds());
    for version in JUDGES {
        let mut valid = files.valid();
        // 1.19 does not know the format of 1.21.
        valid.retain(|case| version != "1.19" || !is_of_1_21(files, case));
        add(Area::Go(version), valid);
    }
    cases
}

impl Case {
    /// `area name`
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.area.name(), self.name)
    }

    /// Whether it needs a Go toolchain.
    #[must_use]
    pub fn needs_go(&self) -> bool {
        matches!(self.area, Area::Go(_))
    }

    /// Tries it.
    #[must_use]
    pub fn run(&self, files: &Files) -> Status {
        let folder = Folder {
            name: &self.name,
            files,
        };
        let result = match self.area {
            Area::Origin => folder.origin(),
            Area::Read => folder.read(),
            Area::Dump => folder.dump(),
            Area::Check => folder.check(),
            Area::Invalid => folder.invalid(),
            Area::Seeds => folder.replay(),
            Area::Go(version) => match Go::find(version) {
                Ok(go) => folder.judge(&go),
                Err(absent @ OracleError::Absent(_)) => return Status::Skipped(absent.to_string()),
                Err(failed) => Err(failed.to_string()),
            },
        };
        match result {
            Ok(()) => Status::Passed,
            Err(why) => Status::Failed(why),
        }
    }
}

/// A fixture's folder.
struct Folder<'a> {
    name: &'a str,
    files: &'a Files,
}

impl Folder<'_> {
    fn file(&self, name: &str) -> Result<&[u8], String> {
        self.files.file(&format!("{}/{name}", self.name))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        self.files.json(&format!("{}/{name}", self.name))
    }

    fn toml<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        self.files.toml(&format!("{}/{name}", self.name))
    }

    fn origin(&self) -> Result<(), String> {
        let found = if self.name == MANIFESTS {
            faults::of_manifests(self.files)
        } else {
            faults::of_case(self.files, self.name)
        };
        if found.is_empty() {
            return Ok(());
        }
        let words: Vec<_> = found.iter().map(Fault::to_string).collect();
        Err(words.join("\n"))
    }

    fn read(&self) -> Result<(), String> {
        let expected: Valid = self.json("expected.json")?;
        let bytes = self.file("trace")?;
        let trace = Reader::new(bytes).map_err(|e| format!("trace: {e}"))?;
        let mut last = i64::MIN;
        for event in &trace {
            let event = event.map_err(|e| format!("trace: {e}"))?;
            same("events in order of time", event.time >= last, true)?;
            last = event.time;
        }
        let got = ours::trace_of(&trace).map_err(|e| format!("trace: {e}"))?;
        samples::trace_numbers(&expected.trace, &got)?;
        samples::trace(&expected.trace, &got).map_err(|e| format!("samples of the trace: {e}"))?;
        if let Some(expected) = &expected.profile {
            let got = ours::profile(self.file("profile.pb.gz")?);
            let got = got.map_err(|e| format!("profile: {e}"))?;
            samples::profile_numbers(expected, &got)?;
            samples::profile(expected, &got).map_err(|e| format!("samples of the profile: {e}"))?;
        }
        self.read_as_judged(&trace)
    }

    /// The events are those that the Go saw which made the trace.
    fn read_as_judged(&self, trace: &Reader) -> Result<(), String> {
        let Some(judged) = self.toml::<Origin>("origin.toml")?.judged else {
            return Ok(());
        };
        let lines = compare::go_lines(trace, FormatVersion::GO_1_19);
        let lines = lines.map_err(|e| format!("trace: {e}"))?;
        let lines = compare::sorted_lines(&lines);
        same("events", lines.len() as u64, judged.events)?;
        let is_sample = |line: &&&[u8]| line.split(|b| *b == b' ').nth(1) == Some(b"CPUSample");
        let count = lines.iter().filter(is_sample).count() as u64;
        same("samples of the trace", count, judged.trace_samples)?;
        let mut sorted = lines.join(&b'\n');
        sorted.push(b'\n');
        same(
            "SHA-256 of the sorted events",
            sha256(&sorted),
            judged.parsed_sha256,
        )?;
        let profile =
            pprof::read(self.file("profile.pb.gz")?).map_err(|e| format!("profile: {e}"))?;
        let all: u64 = profile.samples.iter().map(|s| s.count).sum();
        same(
            "samples of the profile",
            all,
            judged.profile_samples + judged.profile_lost,
        )
    }

    fn dump(&self) -> Result<(), String> {
        let bytes = self.file("trace")?;
        let mut text = Vec::new();
        dump::dump(bytes, &mut text).map_err(|e| e.to_string())?;
        explains(&String::from_utf8_lossy(&text), bytes)
    }

    fn check(&self) -> Result<(), String> {
        let trace = self.file("trace")?;
        let profile =
            pprof::read(self.file("profile.pb.gz")?).map_err(|e| format!("profile: {e}"))?;
        for expected in self.json::<Valid>("expected.json")?.pair {
            let narrow = expected.narrow();
            let reader = Reader::new(trace).map_err(|e| format!("trace: {e}"))?;
            let trace = Trace::collect(reader, |event| pair::is_needed(event, &narrow));
            let trace = trace.map_err(|e| format!("trace: {e}"))?;
            let report = check(&trace, &profile, &narrow).map_err(|e| e.to_string())?;
            let got = (report.verdict, report.reason);
            if got != (expected.verdict, expected.reason) {
                let want = (expected.verdict, expected.reason);
                let summary = report.summary;
                return Err(format!(
                    "want {want:?}, got {got:?} ({summary}) with {narrow:?}"
                ));
            }
        }
        Ok(())
    }

    fn invalid(&self) -> Result<(), String> {
        let expected: Invalid = self.json("expected.json")?;
        let bytes = self.file(expected.input.file())?;
        let result = match expected.input {
            Input::Trace => trace::verify(bytes),
            Input::Profile => pprof::read(bytes).map(|_| ()),
        };
        match result {
            Ok(()) => Err(format!(
                "want the error {:?}, got none",
                expected.error.text
            )),
            Err(error) => {
                same("error", error.to_string(), expected.error.text)?;
                same("kind of error", error.kind, expected.error.kind)
            }
        }
    }

    fn replay(&self) -> Result<(), String> {
        let text = self.files.file(&format!("{}.toml", self.name))?;
        let case = seeds::Case::parse(&String::from_utf8_lossy(text));
        case.map_err(|e| e.to_string())?.check()
    }

    fn judge(&self, go: &Go) -> Result<(), String> {
        let trace = self.file("trace")?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let save = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes)
                .map(|()| path)
                .map_err(|e| e.to_string())
        };
        compare::trace(go, Path::new(&save("trace", trace)?), trace)?;
        let Ok(profile) = self.file("profile.pb.gz") else {
            return Ok(());
        };
        compare::profile(go, Path::new(&save("profile.pb.gz", profile)?), profile)
    }
}

/// Whether the dump explains every byte of a file, once and in order.
fn explains(dump: &str, bytes: &[u8]) -> Result<(), String> {
    let explained = explained_bytes(dump)?;
    let differ = |(a, b): (&u8, &u8)| a != b;
    if let Some(at) = explained.iter().zip(bytes).position(differ) {
        let (got, want) = (explained[at], bytes[at]);
        return Err(format!("{at:#x}: dump: want {want:02x}, got {got:02x}"));
    }
    same("bytes explained", explained.len(), bytes.len())
}

/// The bytes in the middle column of a dump whose offsets follow each other.
fn explained_bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let error = || format!("dump: {line:?} is not `offset | bytes | meaning`");
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

fn same<T: PartialEq<U> + Debug, U: Debug>(what: &str, got: T, want: U) -> Result<(), String> {
    if got == want {
        Ok(())
    } else {
        Err(format!("{what}: want {want:?}, got {got:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: [u8; 4] = [0x67, 0x6f, 0x20, 0x41];

    #[track_caller]
    fn check(dump: &str, expected: Result<(), &str>) {
        assert_eq!(explains(dump, &FILE), expected.map_err(str::to_owned));
    }

    #[test]
    fn a_dump_explains_every_byte_once() {
        check("0x000 | 67 6f | a\n0x002 | 20 41 | b | c\n", Ok(()));
    }

    #[test]
    fn a_dump_with_a_gap_is_seen() {
        let want = "offset of a dumped line: want 2, got 3";
        check("0x000 | 67 6f | a\n0x003 | 41    | b\n", Err(want));
        let want = "0x2: dump: want 20, got 41";
        check("0x000 | 67 6f | a\n0x002 | 41    | b\n", Err(want));
    }

    #[test]
    fn a_dump_with_an_overlap_is_seen() {
        let want = "offset of a dumped line: want 2, got 1";
        check("0x000 | 67 6f | a\n0x001 | 6f 20 41 | b\n", Err(want));
    }

    #[test]
    fn a_dump_with_a_wrong_byte_is_seen() {
        let want = "0x3: dump: want 41, got 42";
        check("0x000 | 67 6f | a\n0x002 | 20 42 | b\n", Err(want));
    }

    #[test]
    fn a_dump_that_is_too_short_or_too_long_is_seen() {
        let want = "bytes explained: want 4, got 3";
        check("0x000 | 67 6f | a\n0x002 | 20    | b\n", Err(want));
        let want = "bytes explained: want 4, got 5";
        check("0x000 | 67 6f 20 41 00 | a\n", Err(want));
        check("", Err("bytes explained: want 4, got 0"));
    }

    #[test]
    fn a_dump_of_another_form_is_seen() {
        for line in ["0x000 | 67 6z | a", "000 | 67 | a", "0x000"] {
            let want = format!("dump: {line:?} is not `offset | bytes | meaning`");
            check(line, Err(&want));
        }
    }
}
