//! Frames by number, each text held once.
//!
//! A file may name one long function in thousands of frames; so a text is copied, compared and
//! hashed once, and then goes by its number.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;

use super::frames::{Named, Table, number};
use crate::heap;
use crate::pprof;
use crate::trace::stacks::GOEXIT;
use crate::trace::v1::hash::IdHash;

/// The frames of both sides while they are found.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    table: Table,
    /// Places in the table's texts, by text.
    text_index: HashTable<u32>,
    text_hash: RandomState,
    /// Places in the table's frames, by function and line.
    frame_index: HashTable<u32>,
    frame_hash: IdHash,
}

impl Names {
    /// The table alone, which is smaller.
    pub(super) fn into_table(self) -> Table {
        self.table
    }

    /// The number of a profile's frame; none for one that is not compared.
    pub(super) fn of_profile(&mut self, frame: &pprof::Frame) -> Option<u32> {
        let function = self.function(&frame.function, || frame.function.clone())?;
        Some(self.frame(function, frame.line, |names| {
            names.text(&frame.file, || frame.file.clone())
        }))
    }

    /// The number of a function's name, as it is compared; none for one that is not.
    pub(super) fn function(
        &mut self,
        name: &str,
        shared: impl FnOnce() -> Arc<str>,
    ) -> Option<u32> {
        if name == GOEXIT || name.is_empty() {
            return None;
        }
        Some(match without_type_arguments(name) {
            Cow::Borrowed(name) => self.text(name, shared),
            Cow::Owned(name) => self.text(&name, || name.as_str().into()),
        })
    }

    /// The number of a text, which is held as `shared` if it is new.
    pub(super) fn text(&mut self, text: &str, shared: impl FnOnce() -> Arc<str>) -> u32 {
        let (texts, hash) = (&mut self.table.texts, &self.text_hash);
        let hash_of = hash.hash_one(text);
        let is_it = |&at: &u32| *texts[at as usize] == *text;
        if let Some(&known) = self.text_index.find(hash_of, is_it) {
            return known;
        }
        let at = number(texts.len());
        heap::push(texts, shared());
        let again = |&at: &u32| hash.hash_one(&*texts[at as usize]);
        self.text_index.insert_unique(hash_of, at, again);
        at
    }

    /// The number of a text that is there.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        let is_it = |&at: &u32| *self.table.texts[at as usize] == *text;
        let found = self.text_index.find(self.text_hash.hash_one(text), is_it);
        found.copied()
    }

    /// The number of the function of a frame.
    pub(super) fn function_of(&self, frame: u32) -> u32 {
        self.table.frames[frame as usize].function
    }

    /// The number of a frame; `file` is asked for that of its file if it is new.
    pub(super) fn frame(
        &mut self,
        function: u32,
        line: i64,
        file: impl FnOnce(&mut Self) -> u32,
    ) -> u32 {
        let hash_of = self.frame_hash.hash_one((function, line.cast_unsigned()));
        let is_it = |&at: &u32| {
            let frame = &self.table.frames[at as usize];
            (frame.function, frame.line) == (function, line)
        };
        if let Some(&known) = self.frame_index.find(hash_of, is_it) {
            return known;
        }
        let file = file(self);
        let (frames, hash) = (&mut self.table.frames, self.frame_hash);
        let at = number(frames.len());
        let frame = Named {
            function,
            file,
            line,
        };
        heap::push(frames, frame);
        self.frame_index.insert_unique(hash_of, at, |&at| {
            let Named { function, line, .. } = frames[at as usize];
            hash.hash_one((function, line.cast_unsigned()))
        });
        at
    }
}

/// `main.f[...]` for `main.f[go.shape.int]`: Go 1.21 writes the one into traces and
/// the other into profiles (R42.12, R52.8).
fn without_type_arguments(function: &str) -> Cow<'_, str> {
    match (function.find('['), function.rfind(']')) {
        (Some(from), Some(to)) if from < to && &function[from..=to] != "[...]" => {
            format!("{}[...]{}", &function[..from], &function[to + 1..]).into()
        }
        _ => function.into(),
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
        check("main.hog[...]", "main.hog[...]");
        check("main.f[a[b]].func1", "main.f[...].func1");
        check("main.hog", "main.hog");
        check("odd][", "odd][");
    }

    /// Names of a profile are not copied.
    #[test]
    fn a_text_is_held_once() {
        let name: Arc<str> = "main.f".into();
        let frame = |line| pprof::Frame {
            function: name.clone(),
            line,
            file: name.clone(),
        };
        let mut names = Names::default();
        assert_eq!(
            [1, 2, 1].map(|line| names.of_profile(&frame(line))),
            [Some(0), Some(1), Some(0)]
        );
        assert_eq!(names.table.texts.len(), 1);
        assert!(Arc::ptr_eq(&names.table.texts[0], &name));
    }
}
