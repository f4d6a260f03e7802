//! The data of a page's scripts: counts over time, rings, marks and the tree of stacks.

use serde::Serialize;

use super::Outcome;
use super::buckets::BUCKETS;
use super::flames::Graph;
use super::marks::Mark;
use super::timeline::Timeline;

/// The data of a page's scripts.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    /// Nanoseconds of a bucket, and of the trace.
    width_ns: i64,
    span_ns: i64,
    period_ns: u64,
    capacity_words: u64,
    is_v2: bool,
    has_profile: bool,
    lanes: Vec<LaneData<'a>>,
    /// Of each ring: bucket, the most words in it, and the last.
    rings: Vec<Vec<[u64; 3]>>,
    generations: Vec<(u64, i64)>,
    /// Moments at which a ring was read, one of each as many as there are too many.
    reads: Vec<i64>,
    marks: &'a [Mark],
    flames: Graph,
}

/// A lane: microseconds that goroutines ran, and samples, by bucket.
#[derive(Serialize)]
struct LaneData<'a> {
    ran_us: Vec<u64>,
    samples: &'a [u64],
}

/// Generations, and reads, that a picture has room for.
const GENERATIONS: usize = 512;
const READS: usize = 2048;

impl<'a> Data<'a> {
    pub(super) fn new(
        outcome: &Outcome,
        line: &'a Timeline,
        marks: &'a [Mark],
        flames: Graph,
    ) -> Self {
        let used = (line.width.bucket(line.span_ns) + 1).min(BUCKETS);
        let lanes = line.lanes.iter().map(|lane| LaneData {
            ran_us: lane.ran[..used].iter().map(|ns| ns / 1_000).collect(),
            samples: &lane.samples[..used],
        });
        let rings = line.rings.iter().map(|ring| {
            let fills = (0_u64..).zip(&ring.0);
            let fills = fills.filter_map(|(at, fill)| fill.map(|(most, last)| [at, most, last]));
            fills.collect()
        });
        let step = line.generations.len().div_ceil(GENERATIONS).max(1);
        let reads = line.reads.len().div_ceil(READS).max(1);
        Self {
            width_ns: line.width.0,
            span_ns: line.span_ns,
            period_ns: outcome.expected().period_ns,
            capacity_words: outcome.ring().capacity_words,
            is_v2: !line.is_by_proc,
            has_profile: matches!(outcome, Outcome::Pair(_)),
            lanes: lanes.collect(),
            rings: rings.collect(),
            reads: line.reads.iter().step_by(reads).copied().collect(),
            generations: line.generations.iter().step_by(step).copied().collect(),
            marks,
            flames,
        }
    }
}
