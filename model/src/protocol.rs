//! The protocol's variants as data: what differs from one Go release to the next.
//!
//! A *revision* is a named value of [`Protocol`]. The text of the protocol asks it
//! at the places where releases differ, and nowhere else knows of releases.

/// When a writer wakes a reader that sleeps (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// At every record: until Go 1.25.
    EveryRecord,
    /// When half of the ring is unread: from Go 1.26 on.
    HalfFull,
}

/// The switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol {
    /// When a writer wakes a reader that sleeps.
    pub wake: Wake,
    /// Whether `wakeupExtra` takes the reader's sleeping flag away when it wakes it;
    /// if not, two of them before the reader runs wake it twice (B31).
    pub extra_clears_sleeping: bool,
    /// Whether a reader that sees eof looks once more for what was written before the
    /// close; if not, it can report eof with a record unread (B30).
    pub looks_again_at_eof: bool,
}

impl Protocol {
    /// Go 1.19 to 1.25.
    pub const GO_1_19: Self = Self {
        wake: Wake::EveryRecord,
        extra_clears_sleeping: false,
        looks_again_at_eof: false,
    };

    /// Go 1.26 and 1.27.
    pub const GO_1_26: Self = Self {
        wake: Wake::HalfFull,
        extra_clears_sleeping: true,
        ..Self::GO_1_19
    };

    /// The newest without its known defects.
    pub const FIXED: Self = Self {
        looks_again_at_eof: true,
        ..Self::GO_1_26
    };
}

/// Where the protocol's text asks for its switches.
///
/// A type per revision lets the compiler leave out what a revision does not do;
/// [`Protocol`] itself is the one for switches that are thrown as the program runs.
pub trait Rules: Copy + Send + Sync + 'static {
    /// The switches.
    fn protocol(&self) -> &Protocol;
}

impl Rules for Protocol {
    #[inline]
    fn protocol(&self) -> &Protocol {
        self
    }
}

macro_rules! revisions {
    ($($(#[$doc:meta])* $name:ident = $value:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Rules for $name {
            #[inline(always)]
            fn protocol(&self) -> &Protocol {
                &Protocol::$value
            }
        }
    )*};
}

revisions! {
    /// [`Protocol::GO_1_19`] as a type.
    Go1_19 = GO_1_19;
    /// [`Protocol::GO_1_26`] as a type.
    Go1_26 = GO_1_26;
    /// [`Protocol::FIXED`] as a type.
    Fixed = FIXED;
}
