//! The names of words, for people.

use super::Memory;

impl Memory {
    /// Names of the atomic words, numbered where several have the same.
    pub(in crate::engine) fn names(&self) -> Vec<String> {
        numbered(self.words[..self.used].iter().map(|word| word.name))
    }

    /// Names of the spans of plain words, likewise.
    pub(in crate::engine) fn span_names(&self) -> Vec<String> {
        numbered(self.spans.iter().map(|span| span.name))
    }
}

fn numbered(names: impl Iterator<Item = &'static str>) -> Vec<String> {
    let mut seen: Vec<(&str, usize)> = Vec::new();
    names
        .map(|name| match seen.iter_mut().find(|(of, _)| *of == name) {
            Some((_, count)) => {
                *count += 1;
                format!("{name}{count}")
            }
            None => {
                seen.push((name, 1));
                name.to_owned()
            }
        })
        .collect()
}
