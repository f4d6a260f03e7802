//! A frame by its names, as files of the project spell it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::trace::{Reader, StackId};

/// One frame of a stack; one without a name has empty ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// The function's name.
    pub function: String,
    /// The source file.
    pub file: String,
    /// The line in that file.
    pub line: i64,
}

impl Frame {
    /// The frames of a stack of the reader's last event, leaf first.
    pub(crate) fn stack(reader: &Reader, stack: Option<StackId>) -> Vec<Self> {
        let frames = reader.frames(stack).map(|frame| Self {
            function: reader.text(frame.function),
            file: reader.text(frame.file),
            line: frame.line.cast_signed(),
        });
        frames.collect()
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.function, self.line)
    }
}
