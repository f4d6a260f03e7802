//! Commands that show something again: they call the program that ran, with arguments that mean the
//! same in any folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sigprof_sim::Seed;

/// The program, as it is to be called.
static PROGRAM: OnceLock<String> = OnceLock::new();

/// Says how this program is called: what was found first stands. Until then, and in a library, it is
/// `sigprof`.
pub fn called(program: String) {
    let _ = PROGRAM.set(program);
}

/// The command with these arguments.
#[must_use]
pub fn command(arguments: &str) -> String {
    let program = PROGRAM.get().map_or("sigprof", String::as_str);
    format!("{program} {arguments}")
}

/// The seed of the command line, and how it is spelled there.
static GIVEN: OnceLock<(Seed, String)> = OnceLock::new();

/// Says how the command line spells its seed; what was said first stands.
pub fn seed_given(seed: Seed, spelling: &str) {
    let _ = GIVEN.set((seed, spelling.to_owned()));
}

/// The seed as it is shown: as the command line gave it, and else in the base of what it gave, which
/// is ten if it gave none. The command line takes it back.
#[must_use]
pub fn seed(seed: Seed) -> String {
    spelled(seed, GIVEN.get())
}

fn spelled(seed: Seed, given: Option<&(Seed, String)>) -> String {
    match given {
        Some((of, spelling)) if *of == seed => spelling.clone(),
        Some((_, spelling)) if spelling.starts_with("0x") => format!("{:#x}", seed.0),
        _ => seed.0.to_string(),
    }
}

/// How a program that runs is called again.
///
/// Under `cargo run` that is cargo's command, so that a change of the code is in it; a program that
/// the shell finds under its name (`on_path`) has that name, and any other its whole path.
#[must_use]
pub fn program(executable: &Path, is_cargo: bool, on_path: Option<&Path>) -> String {
    let folder = executable.parent().and_then(Path::file_name);
    match folder.and_then(OsStr::to_str) {
        Some("release") if is_cargo => return "cargo run --release --".to_owned(),
        Some("debug") if is_cargo => return "cargo run --".to_owned(),
        _ => {}
    }
    match (on_path, executable.file_stem().and_then(OsStr::to_str)) {
        (Some(found), Some(name)) if found == executable => name.to_owned(),
        _ => quoted(&executable.to_string_lossy()),
    }
}

/// A path as it means the same in any folder, quoted.
#[must_use]
pub fn path(path: &Path) -> String {
    let whole = std::path::absolute(path);
    quoted(&whole.as_deref().unwrap_or(path).to_string_lossy())
}

/// The first program of that name in the folders of a search path.
#[must_use]
pub fn found(name: &str, search: &OsStr) -> Option<PathBuf> {
    let mut paths = std::env::split_paths(search).map(|folder| folder.join(name));
    paths.find(|path| path.is_file())?.canonicalize().ok()
}

/// A word as a shell takes it for one.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S75.4.
    #[test]
    fn a_program_is_called_as_it_was() {
        let check = |executable: &str, is_cargo, on_path: Option<&str>, want: &str| {
            let got = program(Path::new(executable), is_cargo, on_path.map(Path::new));
            assert_eq!(got, want, "{executable}");
        };
        check(
            "/w/target/release/sigprof",
            true,
            None,
            "cargo run --release --",
        );
        check("/w/target/debug/sigprof", true, None, "cargo run --");
        check(
            "/w/target/release/sigprof",
            false,
            None,
            "/w/target/release/sigprof",
        );
        check(
            "/usr/bin/sigprof",
            true,
            Some("/usr/bin/sigprof"),
            "sigprof",
        );
        check(
            "/usr/bin/sigprof",
            false,
            Some("/bin/sigprof"),
            "/usr/bin/sigprof",
        );
        check("/a b/it's", false, None, r"'/a b/it'\''s'");
    }

    /// Guards S76.1.
    #[test]
    fn a_seed_is_shown_as_it_was_given() {
        let check = |seed: u64, given: Option<&str>, want: &str| {
            let given = given.map(|text| (text.parse().unwrap(), text.to_owned()));
            assert_eq!(spelled(Seed(seed), given.as_ref()), want);
            assert_eq!(want.parse(), Ok(Seed(seed)));
        };
        check(7, Some("7"), "7");
        check(7, Some("0x7"), "0x7");
        check(0xdead_beef, Some("0xDEADbeef"), "0xDEADbeef");
        check(17, Some("0x10"), "0x11");
        check(17, Some("16"), "17");
        check(u64::MAX, None, "18446744073709551615");
    }

    #[test]
    fn a_library_calls_the_program_by_its_name() {
        assert_eq!(command("replay -"), "sigprof replay -");
        assert!(path(Path::new("a b")).ends_with("/a b'"));
    }
}
