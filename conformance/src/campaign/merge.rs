//! All journals of a campaign, together: whole, or what is missing.

mod problem;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::journal::{Foot, Head, Line, Lines, Other, Piece};
use super::plan::{Cut, Plan};
use super::shard::file_name;
use super::work::Failing;
use crate::explore::exploration::Seen;
use crate::fixtures::sha256;
use crate::suite::shard::Shard;

pub use problem::Problem;

/// The outcome of all pieces of a task.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// Runs, schedules and points.
    pub seen: Seen,
    /// Whether there are no more runs, if the strategy goes through all.
    pub exhausted: Option<bool>,
    /// Failures by their code, with the piece of the first.
    pub failures: BTreeMap<String, (u64, Failing)>,
}

/// The outcome of a merge.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The outcome of each task, in the order of the plan.
    pub totals: Vec<Total>,
    /// All that is wrong or missing.
    pub problems: Vec<Problem>,
    /// The shards that have something to do, if all journals are of one cut.
    pub open: Vec<Shard>,
}

/// Merges the journals of a folder: all of its files that end in `.ndjson`.
///
/// # Errors
/// The folder, or a file of it, cannot be read.
pub fn merge(plan: &Plan, folder: &Path) -> Result<Merged, (PathBuf, io::Error)> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "ndjson")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut merger = Merger {
        plan,
        cut: plan.cut(),
        digest: plan.digest(),
        go: None,
        totals: vec![Total::default(); plan.tasks.len()],
        places: BTreeMap::new(),
        paths: &paths,
        shards: Vec::new(),
        open: BTreeSet::new(),
        problems: Vec::new(),
    };
    for (number, path) in paths.iter().enumerate() {
        let file = File::open(path).map_err(failed(path))?;
        merger
            .file(number, BufReader::new(file))
            .map_err(failed(path))?;
    }
    Ok(merger.finish())
}

/// Whether a file begins as journals do, as far as it goes.
fn is_like_a_head(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?
        .take(HEAD.len() as u64)
        .read_to_end(&mut start)?;
    Ok(HEAD.starts_with(&start))
}

/// How all journals begin.
const HEAD: &[u8] = b"{\"campaign_schema_version\":";

/// Shards of a campaign that are counted one by one, at the most.
const SHARDS_MAX: usize = 100_000;

struct Merger<'a> {
    plan: &'a Plan,
    cut: Cut<'a>,
    digest: String,
    /// The Go of the first file, which all others must have.
    go: Option<BTreeMap<String, String>>,
    totals: Vec<Total>,
    /// The file of each piece, and a digest of what came of it.
    places: BTreeMap<u64, (usize, String)>,
    paths: &'a [PathBuf],
    shards: Vec<Shard>,
    /// Shards whose journals end too early.
    open: BTreeSet<Shard>,
    problems: Vec<Problem>,
}

impl Merger<'_> {
    fn file(&mut self, number: usize, bytes: BufReader<File>) -> io::Result<()> {
        let path = self.paths[number].clone();
        let (mut shard, mut pieces, mut is_closed) = (None, 0, false);
        for line in Lines::new(bytes) {
            match line? {
                Ok(Line::Head(head)) => match self.head(&path, head) {
                    Ok(of) => shard = Some(of),
                    Err(problem) => {
                        self.problems.push(problem);
                        return Ok(());
                    }
                },
                Ok(Line::Piece(piece)) => {
                    pieces += 1;
                    if let Err(problem) = self.piece(number, shard, *piece) {
                        self.problems.push(problem);
                    }
                }
                Ok(Line::Foot(Foot { pieces_in_all })) => {
                    is_closed = true;
                    if pieces_in_all != pieces {
                        let why = format!("its footer has {pieces_in_all} pieces, it has {pieces}");
                        let path = path.clone();
                        self.problems.push(Problem::Unfit { path, why });
                    }
                }
                Err(damage) if damage.number == 1 && !is_like_a_head(&path)? => {
                    let want = "a journal of a campaign".to_owned();
                    let other = Other::new(&path, ("kind", want, damage.to_string()));
                    self.problems.push(Problem::Other(other));
                    return Ok(());
                }
                Err(damage) => {
                    self.open.extend(shard);
                    self.problems.push(Problem::Damaged { path, damage });
                    return Ok(());
                }
            }
        }
        if !is_closed {
            self.open.extend(shard);
            self.problems.push(Problem::Open { path });
        }
        Ok(())
    }

    /// The shard that a file is of.
    fn head(&mut self, path: &Path, head: Head) -> Result<Shard, Problem> {
        let go = self.go.as_ref().unwrap_or(&head.go).clone();
        let (plan, program) = (self.digest.clone(), self.plan.program.clone());
        let want = Head::new(plan, program, go, String::new());
        if let Some(other) = want.difference(&head) {
            return Err(Problem::Other(Other::new(path, other)));
        }
        let shard: Result<Shard, _> = head.shard.parse();
        let shard = shard.map_err(|error| Problem::Unfit {
            path: path.to_owned(),
            why: format!("its shard: {error}"),
        })?;
        self.go.get_or_insert(head.go);
        self.shards.push(shard);
        Ok(shard)
    }

    fn piece(&mut self, number: usize, shard: Option<Shard>, piece: Piece) -> Result<(), Problem> {
        let Piece { piece, came } = piece;
        let unfit = |why: String| Problem::Unfit {
            path: self.paths[number].clone(),
            why: format!("piece {piece}: {why}"),
        };
        let place = self.cut.piece(piece);
        let place = place.filter(|_| shard.is_some_and(|shard| shard.has(piece)));
        let (task, extent) = place.ok_or_else(|| unfit("it is none of this shard".into()))?;
        came.is_of(&self.plan.tasks[task], &extent).map_err(unfit)?;
        let json = serde_json::to_vec(&came).map_err(|error| unfit(error.to_string()))?;
        let digest = sha256(&json);
        if let Some((first, of_first)) = self.places.get(&piece) {
            let first = self.paths[*first].clone();
            let second = self.paths[number].clone();
            return Err(match *of_first == digest {
                true => {
                    let both = self.problems.iter_mut().find_map(|problem| match problem {
                        Problem::Twice {
                            pieces,
                            first: one,
                            second: other,
                        } if (&*one, &*other) == (&first, &second) => Some(pieces),
                        _ => None,
                    });
                    if let Some(pieces) = both {
                        *pieces += 1;
                        return Ok(());
                    }
                    Problem::Twice {
                        pieces: 1,
                        first,
                        second,
                    }
                }
                false => Problem::Conflict {
                    piece,
                    first,
                    second,
                },
            });
        }
        let seen = came.seen().map_err(unfit)?;
        self.places.insert(piece, (number, digest));
        let total = &mut self.totals[task];
        total.seen.merge(seen);
        total.exhausted = came.exhausted.or(total.exhausted);
        for (code, failing) in came.failures {
            match total.failures.get_mut(&code) {
                None => {
                    total.failures.insert(code, (piece, failing));
                }
                Some((first, known)) => {
                    let count = known.count + failing.count;
                    if piece < *first {
                        (*first, *known) = (piece, failing);
                    }
                    known.count = count;
                }
            }
        }
        Ok(())
    }

    /// Says what is missing.
    fn finish(mut self) -> Merged {
        let all = self.plan.pieces();
        let done = self.places.len() as u64;
        let count = self.shards.first().map(|shard| shard.count());
        let is_one_cut = self.shards.iter().all(|shard| Some(shard.count()) == count);
        let mut open = self.open;
        match count.filter(|&count| is_one_cut && count <= SHARDS_MAX) {
            Some(count) if done < all => {
                let mut of_shard = vec![0_u64; count];
                for &piece in self.places.keys() {
                    of_shard[usize::try_from(piece % count as u64).unwrap_or(0)] += 1;
                }
                for (at, done) in of_shard.into_iter().enumerate() {
                    let Some(shard) = Shard::new(at + 1, count) else {
                        continue;
                    };
                    let of = shard.count_of(all);
                    if done < of {
                        open.insert(shard);
                        self.problems.push(Problem::Missing {
                            missing: of - done,
                            of,
                            shard: format!("shard {shard} ({})", file_name(shard)),
                        });
                    }
                }
            }
            _ if done < all => {
                // Whatever cut it was: one shard has them all.
                open.extend(Shard::new(1, 1).filter(|_| self.shards.is_empty()));
                self.problems.push(Problem::Missing {
                    missing: all - done,
                    of: all,
                    shard: "the plan".to_owned(),
                });
            }
            _ => {}
        }
        // What is wrong comes first.
        self.problems.sort_by_key(|problem| !problem.is_wrong());
        Merged {
            totals: self.totals,
            problems: self.problems,
            open: open.into_iter().collect(),
        }
    }
}
