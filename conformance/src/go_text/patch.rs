//! Patches of Go's text: something that stands in a function, and what is to stand in its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::GoTextError;

/// A change of Go's text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// The defect that it mends, or what else it is for.
    pub defect: String,
    /// The file, below `src/runtime`.
    pub file: String,
    /// The function, from its name on as the declaration has it: `(p *cpuProfile) addNonGo`. The
    /// whole file if it is empty.
    #[serde(default)]
    pub function: String,
    /// The words that stand there, at the first place that is no comment's.
    pub place: String,
    /// The words that are to stand there.
    pub with: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patches {
    patch: Vec<Patch>,
}

impl Patch {
    /// A change with these fields, in their order.
    #[must_use]
    pub fn new(defect: &str, file: &str, function: &str, place: &str, with: &str) -> Self {
        let [defect, file, function, place, with] =
            [defect, file, function, place, with].map(str::to_owned);
        Self {
            defect,
            file,
            function,
            place,
            with,
        }
    }

    /// The patches that a file in TOML has: tables `patch`, with the fields of this.
    ///
    /// # Errors
    /// It is no TOML, or has other fields; in words.
    pub fn parse_all(toml: &str) -> Result<Vec<Self>, String> {
        let patches: Result<Patches, _> = toml::from_str(toml);
        Ok(patches.map_err(|error| error.to_string())?.patch)
    }

    /// The fixes that the model's `fixed` has, for the text of Go 1.26 and 1.27.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn fixes() -> Vec<Self> {
        Self::parse_all(include_str!("fixes.toml")).expect("fixes.toml is a list of patches")
    }

    /// The text with this change.
    fn apply(&self, text: &str) -> Result<String, String> {
        let Self {
            file,
            function,
            place,
            with,
            ..
        } = self;
        if place.is_empty() {
            return Err(format!("{file}: want the words of a place, found none"));
        }
        let (start, len) = if function.is_empty() {
            (0, text.len())
        } else {
            let start = text.find(&format!("\nfunc {function}("));
            let start =
                start.ok_or_else(|| format!("{file}: want a function {function}, found none"))?;
            let head = text[start + 1..].split('\n').next().unwrap_or_default();
            // A function may be one line.
            let len = match head.ends_with('}') {
                true => Some(head.len() + 1),
                false => text[start..].find("\n}\n"),
            };
            (start, len.unwrap_or(text.len() - start))
        };
        let is_comment = |at: usize| {
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            line.trim_start().starts_with("//")
        };
        let places = text[start..start + len].match_indices(place.as_str());
        let at = places.map(|(at, _)| start + at).find(|&at| !is_comment(at));
        let within = match function.as_str() {
            "" => String::new(),
            function => format!(" in {function}"),
        };
        let at = at.ok_or_else(|| format!("{file}: want {place:?}{within}, found none"))?;
        Ok([&text[..at], with, &text[at + place.len()..]].concat())
    }
}

/// Writes the files of `source` that these change into a folder.
pub(super) fn write(patches: &[Patch], source: &Path, folder: &Path) -> Result<(), GoTextError> {
    let mut texts = BTreeMap::new();
    for patch in patches {
        if Path::new(&patch.file).file_name() != Some(patch.file.as_ref()) {
            let message = format!("{:?}: want the name of a file in that folder", patch.file);
            let source_folder = source.display().to_string();
            return Err(GoTextError::Patch {
                source_folder,
                message,
            });
        }
        let path = source.join(&patch.file);
        if !texts.contains_key(&patch.file) {
            let text = fs::read_to_string(&path).map_err(|error| GoTextError::io(&path, error))?;
            texts.insert(patch.file.clone(), text);
        }
        let text = texts.entry(patch.file.clone()).or_default();
        *text = patch.apply(text).map_err(|message| GoTextError::Patch {
            source_folder: source.display().to_string(),
            message,
        })?;
    }
    for (name, text) in texts {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| GoTextError::io(&path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixes_are_patches_of_every_defect_that_ships() {
        let defects = Patch::fixes().into_iter().map(|patch| patch.defect);
        let mut defects: Vec<_> = defects.collect();
        defects.dedup();
        assert_eq!(defects, ["B2", "B30", "B32", "B33"]);
    }

    #[test]
    fn a_patch_stays_within_its_function() {
        let text = "package p\n\nfunc one() { a() }\n\nfunc two() {\n\t// b()\n\tb()\n}\n";
        let patch = |function, place| Patch::new("", "p.go", function, place, "c()");
        let two = patch("two", "b()").apply(text).unwrap();
        assert!(two.ends_with("\t// b()\n\tc()\n}\n"), "{two}");
        let one = patch("one", "b()").apply(text).unwrap_err();
        assert_eq!(one, "p.go: want \"b()\" in one, found none");
        let empty = patch("", "").apply(text).unwrap_err();
        assert_eq!(empty, "p.go: want the words of a place, found none");
    }

    /// Nothing outside of the copy is written.
    #[test]
    fn a_patch_is_of_a_file_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim.go");
        fs::write(&victim, "package p\n").unwrap();
        let copy = folder.path().join("copy");
        fs::create_dir(&copy).unwrap();
        for file in [victim.to_str().unwrap(), "../victim.go", "..", ""] {
            let patch = Patch::new("", file, "", "package", "changed");
            let refused = write(&[patch], folder.path(), &copy).unwrap_err();
            let words = refused.to_string();
            assert!(words.contains("want the name of a file"), "{words}");
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "package p\n");
    }
}
