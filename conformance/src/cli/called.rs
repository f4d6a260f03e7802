//! The program by the name that it was called by.

use std::env;

use sigprof::again;

/// How this program was called (S75.4).
pub(super) fn program() -> String {
    let executable = env::current_exe().and_then(|path| path.canonicalize());
    let Ok(executable) = executable else {
        return "sigprof".to_owned();
    };
    let is_cargo = ["CARGO", "CARGO_MANIFEST_DIR"]
        .iter()
        .all(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let name = executable.file_name().unwrap_or_default().to_string_lossy();
    let found = env::var_os("PATH").and_then(|search| again::found(&name, &search));
    again::program(&executable, is_cargo, found.as_deref())
}
