//! Go's functions begin where pages of runs say that they do.

use std::fs;

use sigprof::explore::lines::ALL;
use sigprof::oracle::Go;

/// Whether a line begins the function, as `(*profBuf).write` or `sigprof`.
fn begins(line: &str, function: &str) -> bool {
    let Some(rest) = line.strip_prefix("func ") else {
        return false;
    };
    match function.strip_prefix('(').and_then(|f| f.split_once(").")) {
        Some((receiver, name)) => rest.split_once(") ").is_some_and(|(of, rest)| {
            of.ends_with(receiver) && rest.starts_with(&format!("{name}("))
        }),
        None => rest.starts_with(&format!("{function}(")),
    }
}

/// Of another patch release lines may be others.
///
/// Guards S58.2.
#[test]
fn functions_begin_where_pages_say() {
    for lines in ALL {
        let version = lines.release.trim_start_matches("go");
        let minor = version.rsplit_once('.').unwrap().0;
        let Some(go) = Go::find_or_skip(minor) else {
            continue;
        };
        if go.release() != lines.release {
            eprintln!("skipped: {} is not {}", go.release(), lines.release);
            continue;
        }
        assert!(lines.of().count() >= 18, "{}", lines.release);
        for (function, file, line) in lines.of() {
            let text = fs::read_to_string(go.root().join("src").join(file)).unwrap();
            let found = text.lines().nth(line as usize - 1).unwrap();
            assert!(
                begins(found, function),
                "{file}:{line} of {version}: {found}, not {function}"
            );
        }
    }
}
