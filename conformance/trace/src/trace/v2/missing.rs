//! The share of a trace that ends too early which is missing, or may be (S42).

use super::source::Source;
use crate::error::{ErrorKind, InputError};
use crate::gzip;
use crate::shown::counted;

/// The generation in which an input ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    /// Its number; 0 if that is not known.
    pub(super) generation: u64,
    /// Bytes from the start of the trace to where it begins.
    pub(super) start: u64,
    /// Whether what there is of it was read, or shown.
    pub(super) is_read: bool,
    /// Whether the input is known to end where a batch does.
    pub(super) is_between: bool,
}

impl Missing {
    /// Before the first batch of a trace that is shown as it is read.
    pub(super) fn at(start: u64) -> Self {
        Self {
            generation: 0,
            start,
            is_read: true,
            is_between: false,
        }
    }

    /// The words of the generation, its share of what there is, and what happened.
    pub(super) fn why(self, source: &Source) -> String {
        let total = source.total().filter(|&t| t > 0);
        let mut why = match self.generation {
            0 if total == Some(self.start) => "nothing comes behind it".to_owned(),
            0 => "the next generation is incomplete".to_owned(),
            number => format!("generation {number} is incomplete"),
        };
        if let Some(total) = total.filter(|&t| t > self.start) {
            let lost = total - self.start;
            let share = lost as f64 * 100.0 / total as f64;
            let bytes = counted(lost, "byte");
            why += &if self.is_read {
                format!(" ({bytes}, {share:.1} % of the trace)")
            } else {
                format!(", its {bytes} ({share:.1} % of the trace) may be lost")
            };
        }
        if self.is_read && self.generation != 0 {
            why += ", and was read as far as it goes";
        }
        // The runtime writes whole batches; who cuts a file seldom meets the end of one.
        why += match self.is_between {
            true => ": the program ended without trace.Stop, or the file was cut off there",
            false => ": the file was cut off, or the program ended without trace.Stop",
        };
        why
    }

    /// A batch of a generation comes, and begins here; of generation 0 behind the end of one, for the
    /// next. Whether that is another than before.
    pub(super) fn begin(&mut self, generation: u64, start: u64) -> bool {
        if self.generation == generation {
            return false;
        }
        (self.generation, self.start) = (generation, start);
        true
    }

    /// An error of the end of the input, with what it means; another as it is.
    #[cold]
    pub(super) fn said(self, error: InputError, source: &Source) -> InputError {
        if error.kind() != ErrorKind::Truncated {
            return error;
        }
        let mut why = self.why(source);
        if error.place() == gzip::PLACE {
            why = format!("{}; {why}", gzip::OFFSET);
        }
        error.with_context(why)
    }
}
