//! All that keeps a campaign from being whole.

use std::path::PathBuf;

use serde::Serialize;

use crate::campaign::journal::{Damage, Other};
use crate::shown::counted;

/// Something that keeps a campaign from being whole, or its journals from being used at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Journals of another plan, program or Go, or of no campaign.
    #[error(transparent)]
    Other(Other),
    /// Pieces that stand in two places, with the same outcome.
    #[error("{} and {} both have {}: take one of them away", first.display(), second.display(), counted(*pieces, "piece"))]
    Twice {
        /// The number of those pieces.
        pieces: u64,
        /// A file that has it.
        first: PathBuf,
        /// The other, or the same.
        second: PathBuf,
    },
    /// A piece that came out otherwise in another place.
    #[error(
        "piece {piece} came out otherwise in {} than in {}: the same runs must come to the same, so one machine or program is not as the other",
        first.display(), second.display()
    )]
    Conflict {
        /// The number of the piece.
        piece: u64,
        /// A file that has it.
        first: PathBuf,
        /// The other file.
        second: PathBuf,
    },
    /// A failure that this program does not see.
    #[error(
        "{task}: a shard says that {code} fails in the run '{schedule}', and it does not here: {got}"
    )]
    NotSeen {
        /// The task, in words.
        task: String,
        /// The code of the failure.
        code: String,
        /// The schedule of the run.
        schedule: String,
        /// The outcome of the run here.
        got: String,
    },
    /// A file whose footer does not fit its lines, or with lines of another shard.
    #[error("{}: {why}", path.display())]
    Unfit {
        /// The file of the journal.
        path: PathBuf,
        /// The reason, in words.
        why: String,
    },
    /// A file that is damaged from a line on.
    #[error("{}: {damage}; what follows is not counted", path.display())]
    Damaged {
        /// The file of the journal.
        path: PathBuf,
        /// Where, and how.
        damage: Damage,
    },
    /// A file without a footer.
    #[error("{}: it has no footer: the shard is not done", path.display())]
    Open {
        /// The file of the journal.
        path: PathBuf,
    },
    /// Pieces that nobody did.
    #[error("{missing} of {of} pieces of {shard} are missing")]
    Missing {
        /// The number of those.
        missing: u64,
        /// Of how many.
        of: u64,
        /// The shard that has them, or the plan.
        shard: String,
    },
}

impl Problem {
    /// Whether nothing can be said of the campaign as long as it stands; else something is
    /// missing, which can be done.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !matches!(
            self,
            Self::Damaged { .. } | Self::Open { .. } | Self::Missing { .. }
        )
    }
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
