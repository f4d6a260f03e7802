//! Releases whose readers differ.

use crate::trace::options::Release;

/// The first release whose sort scatters by other shifts (R76.2).
pub(super) const SORT_CHANGED: Release = Release::Go1_24;

/// The first release that has one frame for each PC (R73.4).
pub(super) const FRAMES_SHARED: Release = Release::Go1_23;

/// The first release that has a `Sync` before each generation, not after it (R76.3).
pub(super) const SYNC_FIRST: Release = Release::Go1_25;
