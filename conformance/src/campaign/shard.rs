//! A shard: its pieces, done on all cores, into its journal.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::journal::{Found, Head, Journal, JournalError, Piece};
use super::plan::Plan;
use super::work::{Tools, Worker};
use crate::error::panic_words;
use crate::parallel::{self, Line};
use crate::suite::shard::Shard;

/// The name of the plan in a folder of journals.
pub const PLAN: &str = "plan.json";

/// The name of a shard's journal.
#[must_use]
pub fn file_name(shard: Shard) -> String {
    format!("shard-{}-of-{}.ndjson", shard.index(), shard.count())
}

/// Why a shard is not whole.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// Its journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Something that pieces need has failed: what was done before is in the journal.
    #[error("piece {piece}: {why}")]
    Piece {
        /// The number of the piece.
        piece: u64,
        /// The reason, in words.
        why: String,
    },
    /// A worker died: a mistake of sigprof's own.
    #[error("sigprof itself failed: {0}")]
    Died(String),
}

/// How far a shard is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Pieces that are done.
    pub pieces: u64,
    /// Runs of those that were done now.
    pub runs: u64,
    /// Pieces of them in which something failed.
    pub failed: u64,
}

/// The outcome of a shard.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The state that its journal was found in.
    pub found: Found,
    /// The work that was done now.
    pub progress: Progress,
    /// Whether all of it is done.
    pub is_whole: bool,
}

/// A shard to be done.
pub struct Job<'a> {
    /// The plan of the campaign.
    pub plan: &'a Plan,
    /// The part of it.
    pub shard: Shard,
    /// The Go that it needs.
    pub tools: &'a Tools,
    /// Where the journals are.
    pub folder: &'a Path,
    /// Number of threads.
    pub jobs: usize,
}

impl Job<'_> {
    /// Number of the shard's pieces.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.shard.count_of(self.plan.pieces())
    }

    /// The file of its journal.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(file_name(self.shard))
    }

    /// Does what is not yet done, until `stop` is set.
    ///
    /// # Errors
    /// [`ShardError`]; what was done before is in the journal.
    pub fn run(
        &self,
        stop: &AtomicBool,
        mut tell: impl FnMut(&Progress),
    ) -> Result<Ran, ShardError> {
        let (plan, shard) = (self.plan, self.shard);
        let head = Head::new(
            plan.digest(),
            plan.program.clone(),
            self.tools.releases(),
            shard.to_string(),
        );
        let (pieces, cut) = (plan.pieces(), plan.cut());
        let is_ours = |piece| piece < pieces && shard.has(piece);
        let (mut journal, found) = Journal::open(&self.path(), head, self.pieces(), is_ours)?;
        let mut progress = Progress {
            pieces: found.pieces,
            ..Progress::default()
        };
        let ran = |found, progress, is_whole| Ran {
            found,
            progress,
            is_whole,
        };
        if journal.is_whole() {
            return Ok(ran(found, progress, true));
        }
        let done = journal.pieces();
        let first = shard.index() as u64 - 1;
        let todo = (first..pieces).step_by(shard.count());
        let todo = Mutex::new(todo.filter(|piece| !done.contains(piece)));
        let (stop_all, mut failed) = (AtomicBool::new(false), None);
        let work = |line: &Line<Result<Piece, ShardError>>| {
            let mut worker = Worker::new(self.tools, stop);
            while !stop.load(Relaxed) && !stop_all.load(Relaxed) {
                let next = todo.lock().ok().and_then(|mut todo| todo.next());
                let Some((piece, (task, extent))) = next.and_then(|of| Some((of, cut.piece(of)?)))
                else {
                    return;
                };
                let done = match worker.piece(&plan.tasks[task], &extent) {
                    Ok(Some(came)) => Ok(Piece { piece, came }),
                    Ok(None) => return,
                    Err(why) => Err(ShardError::Piece { piece, why }),
                };
                if !line.tell(done) {
                    return;
                }
            }
        };
        let result = parallel::workers(self.jobs, work, |said| {
            let added = said.map(|piece| {
                let piece = piece?;
                progress.pieces += 1;
                progress.runs += piece.came.runs;
                progress.failed += u64::from(!piece.came.failures.is_empty());
                Ok(journal.add(&piece)?)
            });
            if let Some(Err(error)) = added {
                stop_all.store(true, Relaxed);
                failed.get_or_insert(error);
            }
            tell(&progress);
        });
        if let Err(payload) = result {
            return Err(ShardError::Died(panic_words(&*payload)));
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let is_whole = progress.pieces == self.pieces();
        if is_whole {
            journal.finish()?;
        }
        Ok(ran(found, progress, is_whole))
    }
}
