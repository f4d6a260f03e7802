//! The help on all commands: by what they are about.

use clap::Command;
use sigprof::shown::wrap;

use super::HELP_WIDTH;

/// The commands by what they are about. Each is in one of them.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Traces and profiles",
        &["check", "parse", "dump", "stat", "export"],
    ),
    ("A corpus for parsers", &["corpus"]),
    (
        "The model, and all that can be judged",
        &[
            "conformance",
            "explore",
            "campaign",
            "fuzz",
            "replay",
            "mutants",
            "go-text",
            "sim",
        ],
    ),
    ("Help", &["explain", "spec", "completions", "man", "help"]),
];

/// The help's form, with the commands in their groups.
pub(super) fn template(command: &Command, width: usize) -> String {
    let mut out = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        out += &format!("\n{title}:\n");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = match about {
                Some(about) => about.to_string(),
                None => "Print this help, or that of a command".to_owned(),
            };
            wrap(
                &format!("  {name:13}"),
                &about,
                width.min(HELP_WIDTH),
                &mut out,
            );
        }
    }
    out + "\nOptions:\n{options}{after-help}"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::command;
    use super::*;

    #[test]
    fn each_command_is_in_one_group() {
        let listed: Vec<_> = GROUPS.iter().flat_map(|(_, names)| *names).collect();
        let command = command();
        let mut all: BTreeSet<_> = command.get_subcommands().map(Command::get_name).collect();
        all.insert("help");
        let once: BTreeSet<_> = listed.iter().map(|name| **name).collect();
        assert_eq!(once, all);
        assert_eq!(once.len(), listed.len());
    }

    /// Each ends with its exit codes, and shows how it is used.
    #[test]
    fn each_help_has_examples_and_exit_codes() {
        for sub in command().get_subcommands() {
            let help = sub.clone().render_long_help().to_string();
            let name = sub.get_name();
            let is_group = sub.has_subcommands();
            for part in ["Exit codes:", "sigprof "] {
                assert!(is_group || help.contains(part), "{name}: no {part:?}");
            }
            for of in sub.get_subcommands() {
                let help = of.clone().render_long_help().to_string();
                assert!(help.contains("Exit codes:"), "{name} {}", of.get_name());
            }
        }
    }

    #[test]
    fn the_command_line_holds_what_clap_asks_for() {
        command().debug_assert();
    }
}
