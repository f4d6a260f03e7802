//! Which Rust files are part of a program or a test. One that no other names is not compiled,
//! and nobody says so: its tests never run.

use std::collections::{BTreeMap, BTreeSet};

/// The files, of those with these paths and texts, that are compiled: roots, which cargo knows
/// or a `Cargo.toml` names, and what they name as their modules.
#[must_use]
pub fn compiled(rust: &BTreeMap<String, String>) -> BTreeSet<&str> {
    let mut compiled: BTreeSet<&str> = BTreeSet::new();
    let roots = rust.keys().map(String::as_str).filter(|path| is_root(path));
    let mut next: Vec<_> = roots.collect();
    while let Some(path) = next.pop() {
        if !compiled.insert(path) {
            continue;
        }
        for module in modules(path, &rust[path]) {
            let known = rust.get_key_value(&module);
            next.extend(known.map(|(path, _)| path.as_str()));
        }
    }
    compiled
}

/// `model/src/lib.rs`, `model/tests/eof.rs`, `sim/tests/stage/main.rs`
fn is_root(path: &str) -> bool {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [_, "src", "lib.rs" | "main.rs"] | [_, "goldens", "main.rs"] | [_, "build.rs"] => true,
        [_, "src", "bin", ..] => true,
        [_, "tests" | "benches" | "examples", name] => name.ends_with(".rs"),
        [_, "tests" | "benches" | "examples", _, name] => *name == "main.rs",
        _ => false,
    }
}

/// The paths at which the modules may be that a file declares.
fn modules(path: &str, text: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    // Modules of a root, and of a `mod.rs`, are beside it, those of another file below it.
    let below = match is_root(path) || stem == "mod" {
        true => folder.to_owned(),
        false => format!("{folder}/{stem}"),
    };
    let mut found = Vec::new();
    let mut elsewhere = None;
    for line in text.lines().map(str::trim) {
        let rest = line.strip_prefix("#[path = \"");
        if let Some((path, _)) = rest.and_then(|rest| rest.split_once('"')) {
            elsewhere = Some(path);
        } else if let Some(name) = declared(line) {
            match elsewhere.take() {
                Some(path) => found.push(joined(folder, path)),
                None => {
                    found.push(format!("{below}/{name}.rs"));
                    found.push(format!("{below}/{name}/mod.rs"));
                }
            }
        }
    }
    found
}

/// `pub(crate) mod name;`
fn declared(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    let mut words = before.split_whitespace();
    let is_module =
        words.all(|word| word.starts_with("pub")) && !name.contains(char::is_whitespace);
    is_module.then_some(name)
}

/// A path from a folder, without `..`.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_named_are_compiled_and_no_others() {
        let files = [
            (
                "a/src/lib.rs",
                "pub mod one;\n// mod old;\nmod inline {\n}\n",
            ),
            ("a/src/one.rs", "    pub(crate) mod two;"),
            ("a/src/one/two.rs", ""),
            ("a/src/old.rs", "mod older;"),
            ("a/src/old/older.rs", ""),
            (
                "a/tests/it.rs",
                "#[path = \"it/part.rs\"]\nmod part;\n#[path = \"../../b/c/far.rs\"]\n#[expect(x)]\nmod far;",
            ),
            ("a/tests/it/part.rs", ""),
            ("a/tests/it/gone.rs", ""),
            ("a/tests/more/main.rs", "mod beside;"),
            ("a/tests/more/beside.rs", ""),
            ("b/c/far.rs", ""),
        ];
        let rust = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let rust = BTreeMap::from(rust);
        let left: Vec<_> = rust
            .keys()
            .filter(|path| !compiled(&rust).contains(path.as_str()))
            .collect();
        assert_eq!(
            left,
            ["a/src/old.rs", "a/src/old/older.rs", "a/tests/it/gone.rs"]
        );
    }
}
