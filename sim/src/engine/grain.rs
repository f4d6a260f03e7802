//! The grain of a schedule.

/// How the choices of a run are to be counted: as its strategy had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    /// With weak memory.
    pub is_weak: bool,
    /// With switches at plain words.
    pub is_fine: bool,
    /// With a turn for each M to begin.
    pub begins_apart: bool,
}
