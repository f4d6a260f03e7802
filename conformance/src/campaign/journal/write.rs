//! A journal, written: begun, gone on with, and made whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Chain, Damage, Foot, Head, Line, Lines, Other, Piece};

/// Why a journal cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file cannot be read or written.
    #[error("{}: {error}; what was done is in the journal", path.display())]
    Io {
        /// The file of the journal.
        path: PathBuf,
        /// The reason, as the system has it.
        error: io::Error,
    },
    /// Somebody else is writing it.
    #[error("{}: another process is at work on this shard", path.display())]
    Locked {
        /// The file of the journal.
        path: PathBuf,
    },
    /// The journal of something else.
    #[error(transparent)]
    Other(#[from] Other),
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

/// The state that a journal was found in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Pieces that were done.
    pub pieces: u64,
    /// The line from which on it is damaged: that and what follows is gone, and done again.
    pub damage: Option<Damage>,
}

impl Journal {
    /// Opens a journal, or begins it; what is in it stays, up to the first damaged line. Pieces
    /// that `is_ours` denies are damage, and so is a footer before that many.
    ///
    /// # Errors
    /// [`JournalError`]: nothing in the file is changed then.
    pub fn open(
        path: &Path,
        head: Head,
        pieces: u64,
        is_ours: impl Fn(u64) -> bool,
    ) -> Result<(Self, Found), JournalError> {
        let io = |error| JournalError::Io {
            path: path.to_owned(),
            error,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(io(io::Error::other("want a file for the journal")));
        }
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
                    if let Some(other) = other {
                        return Err(Other::new(path, other).into());
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
                Ok(Line::Foot(Foot { pieces_in_all })) => {
                    let has_all = [journal.lines.len() as u64, pieces] == [pieces_in_all; 2];
                    if !has_all {
                        found.damage = Some(damage("a footer before all pieces".to_owned()));
                        break;
                    }
                    journal.is_whole = true;
                }
                Err(broken) => {
                    // What is no journal is somebody's; a head that was cut is the beginning of ours.
                    if !has_head && !journal.is_cut_head().map_err(io)? {
                        let want = "a journal of this shard".to_owned();
                        return Err(Other::new(path, ("kind", want, broken.to_string())).into());
                    }
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

    /// Whether all that the file has is the beginning of our first line.
    fn is_cut_head(&mut self) -> io::Result<bool> {
        let head = Chain::default().seal(&self.head);
        let mut found = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        let most = head.len() as u64 + 1;
        (&mut self.file).take(most).read_to_end(&mut found)?;
        Ok(head.as_bytes().starts_with(&found))
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
        let mut chain = self.chain.clone();
        let line = chain.seal(line);
        let end = SeekFrom::Start(self.end);
        let written = self
            .file
            .seek(end)
            .and_then(|_| self.file.write_all(line.as_bytes()));
        written.map_err(|error| self.io(error))?;
        self.chain = chain;
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
