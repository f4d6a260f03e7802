//! Frames by number, each text held once.
//!
//! A trace may name one long function in thousands of frames; so a text is copied,
//! compared and hashed once, and then goes by its number.

use std::collections::HashMap;
use std::sync::Arc;

use super::Frame;
use crate::pprof;
use crate::trace::v1::{StackId, Trace};

/// The root of every goroutine, which profiles do not show.
const GOEXIT: &str = "runtime.goexit";

/// The frames of both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) frames: Vec<Frame>,
    /// Function and file of each frame, as places in `texts`.
    text_of: Vec<(u32, u32)>,
    /// By function, as a place in `texts`, and line.
    frame_index: HashMap<(u32, i64), u32>,
    texts: Vec<Arc<str>>,
    text_index: HashMap<Arc<str>, u32>,
}

impl Names {
    /// A number for each frame that orders as function, line and file do.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let text_ranks = ranks(&self.texts);
        let rank = |text: u32| text_ranks[text as usize];
        let frames = self.frames.iter().zip(&self.text_of);
        let keys: Vec<_> = frames
            .map(|(frame, &(function, file))| (rank(function), frame.line, rank(file)))
            .collect();
        ranks(&keys)
    }

    /// The number of a profile's frame; none for one that is not compared.
    pub(super) fn of_profile(&mut self, frame: &pprof::Frame) -> Option<u32> {
        let function = self.function(&frame.function)?;
        Some(self.frame(function, frame.line, |names| names.text(&frame.file)))
    }

    /// The place of a function's name, as it is compared; none for one that is not.
    fn function(&mut self, name: &str) -> Option<u32> {
        let is_compared = name != GOEXIT && !name.is_empty();
        is_compared.then(|| self.text(&without_type_arguments(name)))
    }

    fn frame(&mut self, function: u32, line: i64, file: impl FnOnce(&mut Self) -> u32) -> u32 {
        if let Some(&known) = self.frame_index.get(&(function, line)) {
            return known;
        }
        let file = file(self);
        let at = number(self.frames.len());
        self.frames.push(Frame {
            function: self.texts[function as usize].clone(),
            line,
            file: self.texts[file as usize].clone(),
        });
        self.text_of.push((function, file));
        self.frame_index.insert((function, line), at);
        at
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.text_index.get(text) {
            return known;
        }
        let at = number(self.texts.len());
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.text_index.insert(text, at);
        at
    }
}

/// The names in [`Names`] that a trace's ids stand for.
#[derive(Debug, Default)]
pub(super) struct FromTrace {
    stacks: HashMap<Option<StackId>, Vec<u32>>,
    functions: HashMap<u64, Option<u32>>,
    files: HashMap<u64, u32>,
}

impl FromTrace {
    /// The frames of a trace's stack that are compared.
    pub(super) fn stack(
        &mut self,
        trace: &Trace,
        id: Option<StackId>,
        names: &mut Names,
    ) -> Vec<u32> {
        if let Some(known) = self.stacks.get(&id) {
            return known.clone();
        }
        let mut stack = Vec::new();
        for frame in trace.stack(id) {
            let function = *self
                .functions
                .entry(frame.function)
                .or_insert_with(|| names.function(&trace.text(frame.function)));
            let Some(function) = function else { continue };
            let files = &mut self.files;
            stack.push(names.frame(function, frame.line.cast_signed(), |names| {
                let file = files.entry(frame.file);
                *file.or_insert_with(|| names.text(&trace.text(frame.file)))
            }));
        }
        self.stacks.insert(id, stack.clone());
        stack
    }
}

/// Where each value stands among all of them, sorted.
fn ranks<T: Ord>(values: &[T]) -> Vec<u32> {
    let mut order: Vec<_> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = number(rank);
    }
    ranks
}

/// Texts and frames are fewer than the bytes of their file.
fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// `main.f[...]` for `main.f[go.shape.int]`: Go 1.21 writes the one into traces and
/// the other into profiles (R42.12, R52.8).
fn without_type_arguments(function: &str) -> String {
    match (function.find('['), function.rfind(']')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}[...]{}", &function[..from], &function[to + 1..])
        }
        _ => function.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S7.4.
    #[test]
    fn type_arguments_do_not_count() {
        let check = |function, expected| assert_eq!(without_type_arguments(function), expected);
        check("main.hog[go.shape.int]", "main.hog[...]");
        check("main.f[a[b]].func1", "main.f[...].func1");
        check("main.hog", "main.hog");
        check("odd][", "odd][");
    }

    #[test]
    fn ranks_are_places_in_order() {
        assert_eq!(ranks(&["b", "c", "a"]), [1, 2, 0]);
    }
}
