//! Commands that are defined when they are asked for.

use std::cell::RefCell;
use std::ops::Deref;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

thread_local! {
    /// The only command that is defined, if not all of them are.
    static ONLY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes a command line that defines one command, and names the others.
///
/// To define all of them is a sixth of the CPU time of `stat` on a small trace. clap's own way to
/// do it later ([`Command::defer`]) puts the options that every command has before a command's own
/// in the help.
pub(super) fn only(name: String, make: impl FnOnce() -> Command) -> Command {
    ONLY.set(Some(name));
    let made = make();
    ONLY.set(None);
    made
}

/// The arguments of a command that is defined unless another is [the only one](only).
#[derive(Debug)]
pub(super) struct Later<T>(T);

/// Defines a command with this, if it is asked for.
fn define(command: Command, with: fn(Command) -> Command) -> Command {
    let is_asked = ONLY.with_borrow(|only| only.as_ref().is_none_or(|o| o == command.get_name()));
    if is_asked { with(command) } else { command }
}

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        define(command, T::augment_args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        define(command, T::augment_args_for_update)
    }
}

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::{command, command_of};
    use super::Command;

    /// Whoever asks for a command gets it as all of them have it.
    #[test]
    fn a_command_that_is_defined_alone_is_the_same() {
        let mut all = command();
        all.build();
        for of_all in all.get_subcommands().filter(|of| of.get_name() != "help") {
            let name = of_all.get_name();
            let mut one = command_of(Some(name.into()));
            one.build();
            let others = one.get_subcommands().filter(|of| of.get_about().is_some());
            let others: Vec<_> = others.map(Command::get_name).collect();
            assert_eq!(others, [name, "help"]);
            let alone = one.find_subcommand(name).unwrap();
            let [alone, of_all] = [alone, of_all].map(|of| of.clone().render_long_help());
            assert_eq!(alone.to_string(), of_all.to_string());
        }
        // A line that begins with anything else may ask for all of them.
        let whole = command().render_long_help().to_string();
        for first in [None, Some("--help"), Some("help"), Some("stats")] {
            let help = command_of(first.map(Into::into)).render_long_help();
            assert_eq!(help.to_string(), whole);
        }
    }
}
