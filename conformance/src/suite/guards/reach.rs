//! Which Rust files the tests are made of: a file that no `mod` leads to is compiled by nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::code::code;

/// Test targets that a manifest names; cargo finds the others by where they stand.
const NAMED: [&str; 1] = ["conformance/goldens/main.rs"];

/// The paths of all files that test targets are made of, of those that there are.
pub(super) fn reached(rust: &BTreeMap<String, String>) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<_> = rust.keys().filter(|path| is_target(path)).collect();
    while let Some(path) = left.pop() {
        if reached.insert(path.as_str()) {
            let named = children(path, &rust[path]).into_iter();
            left.extend(named.filter_map(|path| Some(rust.get_key_value(&path)?.0)));
        }
    }
    reached
}

/// `x/src/lib.rs`, `x/src/main.rs`, `x/tests/a.rs`, `x/tests/a/main.rs`.
fn is_target(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    NAMED.contains(&path)
        || match parts.as_slice() {
            [.., "src", "lib.rs" | "main.rs"] | [_, "tests", _, "main.rs"] => true,
            [_, "tests", file] => file.ends_with(".rs"),
            _ => false,
        }
}

/// Where the modules may stand that a file declares.
fn children(path: &str, text: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let own = match stem {
        "main" | "lib" | "mod" => folder.to_owned(),
        _ if is_target(path) => folder.to_owned(),
        _ => format!("{folder}/{stem}"),
    };
    let without_texts = code(text);
    let (mut found, mut elsewhere, mut is_left_out) = (Vec::new(), None, false);
    for (line, whole) in without_texts.lines().zip(text.lines()) {
        let line = line.trim();
        if line.starts_with("#[path = ") {
            elsewhere = whole.split('"').nth(1);
            continue;
        }
        if line.starts_with("#[") {
            is_left_out |= is_left_out_by(line);
            continue;
        }
        let name = line.strip_suffix(';').and_then(|line| {
            let (before, name) = line.rsplit_once("mod ")?;
            let is_declared = matches!(before.trim(), "" | "pub" | "pub(crate)" | "pub(super)");
            is_declared.then_some(name)
        });
        match (name, elsewhere) {
            _ if is_left_out => {}
            (Some(_), Some(place)) => found.push(joined(folder, place)),
            (Some(name), None) => {
                found.extend([format!("{own}/{name}.rs"), format!("{own}/{name}/mod.rs")]);
            }
            (None, _) => {}
        }
        if !line.starts_with("//") {
            (elsewhere, is_left_out) = (None, false);
        }
    }
    found
}

/// Whether this attribute leaves something out where tests run.
pub(super) fn is_left_out_by(attribute: &str) -> bool {
    let condition = attribute.strip_prefix("#[cfg(");
    condition.is_some_and(|condition| !matches!(condition, "test)]" | "unix)]"))
}

/// `a/b` and `../c.rs` are `a/c.rs`.
fn joined(folder: &str, place: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').collect();
    for part in place.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of these files the tests are made of these.
    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let files = files.iter().map(|&(path, text)| (path.into(), text.into()));
        let rust: BTreeMap<String, String> = files.collect();
        assert_eq!(Vec::from_iter(reached(&rust)), expected);
    }

    #[test]
    fn modules_are_followed_from_targets() {
        let files = [
            ("a/src/lib.rs", "pub mod b;\n#[cfg(test)]\nmod tests {}"),
            ("a/src/b.rs", "mod c;"),
            ("a/src/b/c.rs", ""),
            ("a/tests/t.rs", "#[path = \"t/d.rs\"]\nmod d;"),
            ("a/tests/t/d.rs", ""),
            ("a/tests/u/main.rs", "mod e;"),
            ("a/tests/u/e.rs", ""),
        ];
        let all: BTreeSet<_> = files.iter().map(|&(path, _)| path).collect();
        check(&files, &Vec::from_iter(all));
    }

    #[test]
    fn what_nobody_declares_is_not_reached() {
        for text in [
            "",
            "// mod b;",
            "/* \nmod b;\n*/",
            "const X: &str = \"\nmod b;\n\";",
            "#[cfg(windows)]\nmod b;",
            "#[cfg(any())]\nmod b;",
            "mod c;",
        ] {
            check(
                &[("a/src/lib.rs", text), ("a/src/b.rs", "")],
                &["a/src/lib.rs"],
            );
        }
        // Examples and benchmarks are no tests.
        check(&[("a/examples/b.rs", ""), ("a/benches/c.rs", "")], &[]);
    }
}
