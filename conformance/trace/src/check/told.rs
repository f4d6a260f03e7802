//! Enumerations whose documentation is part of the program: a word and what it means stand in one
//! place, for whoever reads the code and for whoever asks the program.

/// Makes the enumeration, with all its values in order and the documentation of each.
macro_rules! told {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[doc = $doc:literal])+ $value:ident,)+
    }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[doc = $doc])+ $value,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$(stringify!($value)),+].len()] = [$(Self::$value),+];

            /// The meaning in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$value => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

pub(super) use told;
