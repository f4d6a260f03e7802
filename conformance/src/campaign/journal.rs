//! Journals: what came of a shard's pieces, line by line, in a file that outlives its writer.
//!
//! A line is a JSON object; the first says of which plan, program and shard it is, the last (the
//! *footer*) how many pieces there are. Each ends with the field `chain`: a digest of the line and of the
//! chain before it, so that a byte that changed, or a line that is not there, is seen. A line
//! is appended for each piece as soon as it is done. Once all are done, the file is written anew, in
//! the order of the pieces and with its footer, and takes the place of the first: so the bytes of a whole
//! journal do not depend on who did what when.

mod write;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::work::Came;
use crate::fixtures::sha256;

pub use write::{Found, Journal, JournalError};

/// Bytes of a line, at the most.
const LINE_MAX: u64 = 16 << 20;

/// Hex digits of a chain.
const DIGITS: usize = 16;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The version of the format.
    pub campaign_schema_version: u32,
    /// The digest of the plan.
    pub plan: String,
    /// The digest of the program that runs it.
    pub program: String,
    /// The releases of Go that it uses: in full, by version.
    pub go: BTreeMap<String, String>,
    /// The shard, as in `2/8`.
    pub shard: String,
}

impl Head {
    /// The first line of a shard's journal.
    #[must_use]
    pub fn new(plan: String, program: String, go: BTreeMap<String, String>, shard: String) -> Self {
        Self {
            campaign_schema_version: SCHEMA_VERSION,
            plan,
            program,
            go,
            shard,
        }
    }
}

/// The line of a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The number of the piece.
    pub piece: u64,
    /// The outcome of the piece.
    #[serde(flatten)]
    pub came: Came,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foot {
    /// Number of pieces: all of the shard's.
    pub pieces_in_all: u64,
}

/// A line, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first one.
    Head(Head),
    /// The outcome of a piece.
    Piece(Box<Piece>),
    /// The last one.
    Foot(Foot),
}

/// A line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {number}, offset {offset}: {why}")]
pub struct Damage {
    /// The number of the line, from 1.
    pub number: u64,
    /// Bytes from the start of the file to the line.
    pub offset: u64,
    /// The reason, in words.
    pub why: String,
}

/// A journal of something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: it is of another {what}: want {want}, got {got}", path.display())]
pub struct Other {
    /// The file of the journal.
    pub path: PathBuf,
    /// The thing that is another.
    pub what: &'static str,
    /// The value that it should have.
    pub want: String,
    /// The value that the file has.
    pub got: String,
}

impl Other {
    /// One that differs in this thing: its name, what it should be, and what it is.
    #[must_use]
    pub fn new(path: &Path, (what, want, got): (&'static str, String, String)) -> Self {
        Self {
            path: path.to_owned(),
            what,
            want,
            got,
        }
    }
}

/// A digest of all lines up to one.
#[derive(Clone, Debug, Default)]
struct Chain(String);

impl Chain {
    /// The digest with this line.
    fn next(&self, body: &str) -> Self {
        let mut sum = sha256(&[self.0.as_bytes(), body.as_bytes()].concat());
        sum.truncate(DIGITS);
        Self(sum)
    }

    /// The line with its digest, which is that of the chain from now on.
    fn seal(&mut self, line: &impl Serialize) -> String {
        let body = serde_json::to_string(line).expect("a line is JSON");
        *self = self.next(&body);
        let body = body.strip_suffix('}').expect("a line is an object");
        format!("{body},\"chain\":\"{}\"}}\n", self.0)
    }

    /// The line without its digest, if that is right.
    fn open(&mut self, line: &str) -> Result<String, String> {
        let form = "a line that ends with its chain";
        let body = line
            .strip_suffix("\"}\n")
            .ok_or_else(|| format!("want {form}"))?;
        let at = body.len().checked_sub(DIGITS);
        let parts = at.and_then(|at| body.split_at_checked(at));
        let (body, chain) = parts.ok_or_else(|| format!("want {form}"))?;
        let body = body.strip_suffix(",\"chain\":\"");
        let body = body.ok_or_else(|| format!("want {form}"))?.to_owned() + "}";
        let next = self.next(&body);
        if next.0 != chain {
            return Err(format!("want chain {}, got {chain}", next.0));
        }
        *self = next;
        Ok(body)
    }
}

/// The lines of a journal, as far as they are as they were written.
pub struct Lines<R> {
    bytes: R,
    chain: Chain,
    number: u64,
    offset: u64,
    is_over: bool,
    has_foot: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of these bytes.
    pub fn new(bytes: R) -> Self {
        Self {
            bytes,
            chain: Chain::default(),
            number: 0,
            offset: 0,
            is_over: false,
            has_foot: false,
        }
    }

    /// Reads the next line: none at the end of the file, wherever that is.
    fn read(&mut self) -> io::Result<Option<Result<Line, String>>> {
        let mut line = Vec::new();
        let length = (&mut self.bytes)
            .take(LINE_MAX)
            .read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = String::from_utf8(line).map_err(|error| error.to_string());
        let line = line.and_then(|line| self.line(&line));
        if line.is_ok() {
            self.offset += length as u64;
        }
        Ok(Some(line))
    }

    fn line(&mut self, line: &str) -> Result<Line, String> {
        if self.has_foot {
            return Err("want the end after the footer".to_owned());
        }
        let body = self.chain.open(line)?;
        let json = |error: serde_json::Error| error.to_string();
        if self.number == 1 {
            let head: Head = serde_json::from_str(&body).map_err(json)?;
            return Ok(Line::Head(head));
        }
        if body.starts_with("{\"pieces_in_all\"") {
            self.has_foot = true;
            return Ok(Line::Foot(serde_json::from_str(&body).map_err(json)?));
        }
        Ok(Line::Piece(serde_json::from_str(&body).map_err(json)?))
    }
}

/// Each line, up to the first that is damaged. Both errors are the last.
impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Result<Line, Damage>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let read = self.read().transpose()?;
        self.is_over = !matches!(read, Ok(Ok(_)));
        Some(read.map(|line| {
            line.map_err(|why| Damage {
                number: self.number,
                offset: self.offset,
                why,
            })
        }))
    }
}

impl Head {
    /// The first thing that another first line has otherwise: its name, ours and theirs.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let go = |head: &Self| {
            let all: Vec<_> = head.go.values().map(String::as_str).collect();
            all.join(", ")
        };
        let (ours, theirs) = (self.campaign_schema_version, other.campaign_schema_version);
        let all = [
            ("version", ours.to_string(), theirs.to_string()),
            ("plan", self.plan.clone(), other.plan.clone()),
            ("program", self.program.clone(), other.program.clone()),
            ("Go", go(self), go(other)),
        ];
        all.into_iter().find(|(_, ours, theirs)| ours != theirs)
    }
}
