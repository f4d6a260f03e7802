//! Journals: what came of a shard's pieces, line by line, in a file that outlives its writer.
//!
//! A line is a JSON object; the first says of which plan, program and shard it is, the last (the
//! *footer*) how many pieces there are. Each ends with the field `chain`: a digest of the line and of the
//! chain before it, so that a byte that changed, or a line that is not there, is seen. A line
//! is appended for each piece as soon as it is done. Once all are done, the file is written anew, in
//! the order of the pieces and with its footer, and takes the place of the first: so the bytes of a whole
//! journal do not depend on who did what when.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::SCHEMA_VERSION;
use super::work::Came;

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
    /// What came of it.
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
    /// What came of a piece.
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
    /// What is wrong with it.
    pub why: String,
}

/// A digest of all lines up to one.
#[derive(Clone, Debug, Default)]
struct Chain(String);

impl Chain {
    /// The digest with this line.
    fn next(&self, body: &str) -> Self {
        let sum = Sha256::new().chain_update(&self.0).chain_update(body);
        let sum: String = sum
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self(sum[..DIGITS].to_owned())
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

    /// Bytes of the lines that were read.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
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

/// Why a journal cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Somebody else is writing it.
    #[error("{}: another process is at work on this shard", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is of something else.
    #[error("{}: it is of another {what}: want {want}, got {got}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// The thing that is another.
        what: &'static str,
        /// What this shard has.
        want: String,
        /// What the file has.
        got: String,
    },
}

impl Head {
    /// What another first line has otherwise: the thing, ours and theirs.
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

/// A shard's journal, to write.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    head: Head,
    chain: Chain,
    end: u64,
    /// Where the lines of pieces are.
    lines: BTreeMap<u64, (u64, u64)>,
    is_whole: bool,
}

/// What was in a journal before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Pieces that were done.
    pub pieces: u64,
    /// The line from which on it is damaged: that and what follows is gone, and done again.
    pub damage: Option<Damage>,
}

impl Journal {
    /// Opens a journal, or begins it; what is in it stays, up to the first damaged line. Pieces
    /// that `is_ours` denies are damage.
    ///
    /// # Errors
    /// [`JournalError`]: nothing in the file is changed then.
    pub fn open(
        path: &Path,
        head: Head,
        is_ours: impl Fn(u64) -> bool,
    ) -> Result<(Self, Found), JournalError> {
        let io = |error| JournalError::Io {
            path: path.to_owned(),
            error,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Locked {
                    path: path.to_owned(),
                });
            }
            // Where files cannot be locked, the chain still shows what two writers do.
            Err(TryLockError::Error(_)) => {}
        }
        let mut journal = Self {
            path: path.to_owned(),
            file,
            head,
            chain: Chain::default(),
            end: 0,
            lines: BTreeMap::new(),
            is_whole: false,
        };
        let mut found = Found::default();
        let mut lines = Lines::new(BufReader::new(journal.file.try_clone().map_err(io)?));
        let mut has_head = false;
        while let Some(line) = lines.next() {
            let damage = |why| Damage {
                number: lines.number,
                offset: journal.end,
                why,
            };
            match line.map_err(io)? {
                Ok(Line::Head(head)) => {
                    let other = journal.head.difference(&head);
                    let shards = ("shard", journal.head.shard.clone(), head.shard.clone());
                    let other = other.or((journal.head.shard != head.shard).then_some(shards));
                    if let Some((what, want, got)) = other {
                        let path = path.to_owned();
                        return Err(JournalError::Other {
                            path,
                            what,
                            want,
                            got,
                        });
                    }
                    has_head = true;
                }
                Ok(Line::Piece(piece)) => {
                    let place = (journal.end, lines.offset - journal.end);
                    if !is_ours(piece.piece) {
                        found.damage =
                            Some(damage(format!("no piece of this shard: {}", piece.piece)));
                        break;
                    }
                    journal.lines.insert(piece.piece, place);
                }
                Ok(Line::Foot(_)) => journal.is_whole = true,
                Err(broken) => {
                    found.damage = Some(broken);
                    break;
                }
            }
            journal.chain = lines.chain.clone();
            journal.end = lines.offset;
        }
        journal.is_whole &= found.damage.is_none();
        found.pieces = journal.lines.len() as u64;
        journal.file.set_len(journal.end).map_err(io)?;
        if !has_head {
            let head = journal.head.clone();
            journal.append(&head)?;
        }
        Ok((journal, found))
    }

    fn io(&self, error: io::Error) -> JournalError {
        JournalError::Io {
            path: self.path.clone(),
            error,
        }
    }

    /// The pieces that are in it.
    #[must_use]
    pub fn pieces(&self) -> BTreeSet<u64> {
        self.lines.keys().copied().collect()
    }

    /// Whether all was done before.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Appends what came of a piece.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, piece: &Piece) -> Result<(), JournalError> {
        let start = self.end;
        self.append(piece)?;
        self.lines.insert(piece.piece, (start, self.end - start));
        Ok(())
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), JournalError> {
        let line = self.chain.seal(line);
        let end = SeekFrom::Start(self.end);
        let written = self
            .file
            .seek(end)
            .and_then(|_| self.file.write_all(line.as_bytes()));
        written.map_err(|error| self.io(error))?;
        self.end += line.len() as u64;
        Ok(())
    }

    /// Writes it anew, in the order of the pieces and with its footer.
    ///
    /// # Errors
    /// It cannot be read or written. What was there is still there then.
    pub fn finish(mut self) -> Result<(), JournalError> {
        let mut name = self.path.clone().into_os_string();
        name.push(".part");
        let part = PathBuf::from(name);
        let lines = std::mem::take(&mut self.lines);
        let written = File::create(&part).and_then(|file| self.write(&lines, file));
        written
            .and_then(|()| fs::rename(&part, &self.path))
            .map_err(|error| JournalError::Io {
                path: part.clone(),
                error,
            })
    }

    fn write(&mut self, lines: &BTreeMap<u64, (u64, u64)>, file: File) -> io::Result<()> {
        let mut out = io::BufWriter::new(file);
        let mut chain = Chain::default();
        out.write_all(chain.seal(&self.head).as_bytes())?;
        for &(start, length) in lines.values() {
            let mut line = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            self.file.seek(SeekFrom::Start(start))?;
            self.file.read_exact(&mut line)?;
            let piece = unsealed(&line).ok_or_else(|| io::Error::other("a line has changed"))?;
            out.write_all(chain.seal(&piece).as_bytes())?;
        }
        let foot = Foot {
            pieces_in_all: lines.len() as u64,
        };
        out.write_all(chain.seal(&foot).as_bytes())?;
        out.into_inner()
            .map_err(|error| error.into_error())?
            .sync_all()
    }
}

/// The piece of a line that was read before.
fn unsealed(line: &[u8]) -> Option<Piece> {
    let mut fields: serde_json::Map<_, _> = serde_json::from_slice(line).ok()?;
    fields.remove("chain");
    serde_json::from_value(fields.into()).ok()
}
