//! Failures: what was expected, what came, where, by which rule, and the command that shows it
//! again.

use std::borrow::Cow;
use std::fmt::{self, Debug};

use serde::Serialize;
use sigprof_model::law::{Law, Violation};

use crate::error::InputError;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The thing that was looked at: `SHA-256 of trace`.
    pub what: String,
    /// The value that was expected.
    pub expected: String,
    /// The value that came.
    pub got: String,
    /// The place where it is wrong.
    pub place: Place,
    /// The rule of SPEC.md that is broken. Empty until the case ends, if it is that of the area.
    pub rule: Cow<'static, str>,
    /// The command that shows it again, if there is a closer one than running the case.
    pub again: Option<String>,
}

/// Where something is wrong, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, from the root of the repository.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The byte, from 0.
    pub offset: Option<u64>,
    /// The step of a run of the model, from 1, as `sigprof replay` counts them.
    pub step: Option<u64>,
}

impl Failure {
    /// One by the area's own rule, nowhere in particular.
    #[must_use]
    pub fn new(
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            expected: expected.into(),
            got: got.into(),
            place: Place::default(),
            rule: Cow::Borrowed(""),
            again: None,
        }
    }

    /// An input that should be read, and is not.
    #[must_use]
    pub fn input(error: &InputError) -> Self {
        let context = match error.context() {
            "" => String::new(),
            context => format!(" ({context})"),
        };
        let got = format!("{}{context}", error.got());
        let mut failure = Self::new(error.place(), error.want(), got);
        failure.place.offset = Some(error.offset());
        failure
    }

    /// A law that is broken and should not be.
    #[must_use]
    pub fn law(what: impl Into<String>, violation: &Violation) -> Self {
        let Violation { law, how } = violation;
        Self::new(what, format!("{law} kept"), how).rule(rule_of(*law))
    }

    /// In this file.
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.place.file = Some(file.into());
        self
    }

    /// In this line of the file.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.place.line = Some(line);
        self
    }

    /// At this byte of the file.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.place.offset = Some(offset);
        self
    }

    /// At this step of a run.
    #[must_use]
    pub fn step(mut self, step: Option<u64>) -> Self {
        self.place.step = step;
        self
    }

    /// By this rule.
    #[must_use]
    pub fn rule(mut self, rule: impl Into<Cow<'static, str>>) -> Self {
        self.rule = rule.into();
        self
    }

    /// Shown again by this command.
    #[must_use]
    pub fn again(mut self, command: impl Into<String>) -> Self {
        self.again = Some(command.into());
        self
    }
}

/// The rule of SPEC.md that has a law.
#[must_use]
pub fn rule_of(law: Law) -> String {
    format!("S18.{}", law.number())
}

/// `fixtures/valid/basics/tiny/trace, offset 0x2a`; empty where nothing is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.file.clone(),
            self.line.map(|line| format!("line {line}")),
            self.offset.map(|offset| format!("offset {offset:#x}")),
            self.step.map(|step| format!("step {step}")),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

/// In one line, without rule and command.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            expected,
            got,
            place,
            ..
        } = self;
        write!(f, "{what}: expected {expected}, got {got}")?;
        match place.to_string().as_str() {
            "" => Ok(()),
            place => write!(f, " ({place})"),
        }
    }
}

impl std::error::Error for Failure {}

/// The result of a part of a case.
pub type Checked = Result<(), Failure>;

/// Checks that two values are the same.
///
/// # Errors
/// If they are not.
pub fn same<T: PartialEq<U> + Debug, U: Debug>(what: &str, got: T, want: U) -> Checked {
    if got == want {
        Ok(())
    } else {
        Err(Failure::new(what, format!("{want:?}"), format!("{got:?}")))
    }
}
