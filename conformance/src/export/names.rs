//! Stacks as viewers show them: functions, root first, by the numbers of their names.

use std::borrow::Cow;

use crate::bytes;
use crate::trace::Stacks;

/// A frame of a stack: a function with a name, one without (of Go 1.5 and 1.6), or the only one of
/// a stack that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    NoStack,
    Unknown,
    /// A text's number.
    Function(u32),
}

impl Name {
    /// The name, with what is not UTF-8 replaced.
    pub(super) fn text(self, stacks: &Stacks) -> Cow<'static, str> {
        match self {
            Self::NoStack => "[no stack]".into(),
            Self::Unknown => "[unknown]".into(),
            Self::Function(text) => bytes::text(stacks.text(text)).into(),
        }
    }

    /// A number from 0 on, for tables.
    pub(super) fn number(self) -> usize {
        match self {
            Self::NoStack => 0,
            Self::Unknown => 1,
            Self::Function(text) => text as usize + 2,
        }
    }

    /// Numbers are below this.
    pub(super) fn count(stacks: &Stacks) -> usize {
        stacks.text_count() + 2
    }
}

/// The functions of a stack with their files' numbers, root first; at least one.
pub(super) fn frames(stacks: &Stacks, stack: u32) -> impl Iterator<Item = (Name, Option<u32>)> {
    let frames = stacks.shown_frames(stack);
    let none = frames.is_empty().then_some((Name::NoStack, None));
    let named = frames.iter().rev().map(|frame| {
        let file = Some(frame.file).filter(|&file| !stacks.text(file).is_empty());
        match stacks.text(frame.function) {
            [] => (Name::Unknown, file),
            _ => (Name::Function(frame.function), file),
        }
    });
    none.into_iter().chain(named)
}

/// The functions of a stack, root first; at least one.
pub(super) fn names(stacks: &Stacks, stack: u32) -> impl Iterator<Item = Name> {
    frames(stacks, stack).map(|(name, _)| name)
}
