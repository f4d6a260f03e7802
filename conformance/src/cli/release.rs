//! Releases of Go on the command line: with `go` or without, with a patch release or without.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Error};

/// The name of a minor release, `go1.26`, as `1.26`, `go1.26`, `1.26.6` or `go1.26rc1` name it.
/// None if it is no release.
pub(super) fn minor(text: &str) -> Option<String> {
    let rest = text.strip_prefix("go").unwrap_or(text).strip_prefix("1.")?;
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = rest.len() - rest.trim_start_matches(is_digit).len();
    let (minor, patch) = rest.split_at(digits);
    let mark = [".", "rc", "beta"];
    let is_patch = patch.is_empty()
        || mark.iter().any(|mark| {
            let number = patch.strip_prefix(mark);
            number.is_some_and(|number| !number.is_empty() && number.chars().all(is_digit))
        });
    (digits > 0 && is_patch).then(|| format!("go1.{minor}"))
}

/// Takes one of these names, of which releases may be spelled in any way.
#[derive(Clone)]
pub(super) struct Releases {
    names: PossibleValuesParser,
    has_go: bool,
}

impl Releases {
    /// Among these names, which begin with `go` or without it.
    pub(super) fn among<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let has_go = names.iter().any(|name| name.starts_with("go"));
        Self {
            names: names.into(),
            has_go,
        }
    }
}

impl TypedValueParser for Releases {
    type Value = String;

    fn parse_ref(&self, to: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        let given = value.to_string_lossy();
        let minor = minor(&given).map(|name| match self.has_go {
            true => name,
            false => name.trim_start_matches("go").to_owned(),
        });
        let name = minor.as_deref().map_or(value, OsStr::new);
        self.names.parse_ref(to, arg, name).map_err(|mut error| {
            let given = ContextValue::String(given.into_owned());
            error.insert(ContextKind::InvalidValue, given);
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.names.possible_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S46.4.
    #[test]
    fn a_release_is_known_in_every_spelling() {
        for text in [
            "1.26",
            "go1.26",
            "1.26.6",
            "go1.26.6",
            "go1.26rc1",
            "1.26beta2",
        ] {
            assert_eq!(minor(text).as_deref(), Some("go1.26"), "{text}");
        }
        for text in [
            "", "go", "1", "1.", "go1.x", "1.26.", "1.26.x", "2.1", "fixed", "1.26 ",
        ] {
            assert_eq!(minor(text), None, "{text}");
        }
    }
}
