//! Inputs that Go's own fuzzer kept, where a toolchain has them: read in place, in the form
//! `go test fuzz v1`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sigprof::oracle::Go;
use sigprof::trace::Strict;
use sigprof::trace::v2::{Options, Reader, Release};

use crate::v2::go::Many;
use crate::v2::like;

/// The bytes of a file `go test fuzz v1` with one argument.
fn argument(text: &str) -> Option<Vec<u8>> {
    let literal = text.strip_prefix("go test fuzz v1\n")?.trim_end();
    let quoted = literal
        .strip_prefix("[]byte(\"")
        .and_then(|rest| rest.strip_suffix("\")"))?;
    let mut bytes = Vec::new();
    let mut rest = quoted.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let escape = rest.next()?;
        let mut number = |digits: usize, radix| {
            let digits: String = rest.by_ref().take(digits).collect();
            u32::from_str_radix(&digits, radix).ok()
        };
        match escape {
            'x' => bytes.push(u8::try_from(number(2, 16)?).ok()?),
            'u' | 'U' => {
                let digits = if escape == 'u' { 4 } else { 8 };
                let character = char::from_u32(number(digits, 16)?)?;
                bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            }
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '\\' | '"' | '\'' => bytes.push(escape as u8),
            _ => return None,
        }
    }
    Some(bytes)
}

#[test]
fn a_literal_of_go_is_the_bytes_that_it_stands_for() {
    let check = |literal: &str, expected: Option<&[u8]>| {
        let text = format!("go test fuzz v1\n[]byte(\"{literal}\")\n");
        assert_eq!(argument(&text).as_deref(), expected, "{literal}");
    };
    check("go 1.22", Some(b"go 1.22"));
    check(r#"\x00\xff\b\n\"\\"#, Some(b"\x00\xff\x08\n\"\\"));
    check(r"\u200b\U000e0001", Some("\u{200b}\u{e0001}".as_bytes()));
    check("\u{e9}", Some("\u{e9}".as_bytes()));
    check(r"\q", None);
}

/// The inputs that a toolchain has.
fn kept(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let trace = root.join("src/internal/trace");
    let folders = ["testdata/fuzz/FuzzReader", "v2/testdata/fuzz/FuzzReader"];
    let folders = folders.map(|folder| trace.join(folder));
    let folder = folders.iter().find(|f| f.is_dir()).unwrap();
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    let inputs = paths.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let bytes = argument(&text).unwrap_or_else(|| panic!("{}", path.display()));
        (path, bytes)
    });
    inputs.collect()
}

/// Inputs that Go 1.24 reads and we refuse: of a status of 6144 it takes the lowest byte, which is 0.
const REFUSED: [&str; 1] = ["344331b314da0b08"];

/// Guards R72.3, S44.1.
#[test]
fn inputs_that_gos_fuzzer_kept_are_read_or_refused_as_go_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut differing = BTreeSet::new();
    let mut releases = 0;
    for release in Release::ALL {
        let Some(go) = Go::find_or_skip(&release.to_string()) else {
            continue;
        };
        let many = Many::build(release).unwrap();
        let inputs = kept(go.root());
        assert!(inputs.len() > 10, "{release}");
        let written = inputs.iter().enumerate().map(|(number, (_, bytes))| {
            let path = folder.path().join(format!("{release}-{number}"));
            std::fs::write(&path, bytes).unwrap();
            path
        });
        let written: Vec<_> = written.collect();
        let mut refused = 0;
        for ((path, bytes), (_, said)) in inputs.iter().zip(many.hashes("parsed", &written)) {
            let options = Options {
                strict: Some(Strict::Go1_27),
                ..like(release)
            };
            let ours = Reader::new(bytes, options).and_then(|mut reader| reader.verify());
            if said.contains("panics") {
                continue;
            }
            let is_ok = said == "ok";
            refused += usize::from(!is_ok);
            let name = path.file_name().unwrap().to_str().unwrap();
            if is_ok && ours.is_err() && REFUSED.contains(&name) {
                differing.insert(name.to_owned());
                continue;
            }
            assert_eq!(
                ours.is_ok(),
                is_ok,
                "{release} {}: ours {ours:?}, Go's {said}",
                path.display()
            );
        }
        assert!(refused > 10, "{release}: {refused}");
        releases += 1;
    }
    if releases == Release::ALL.len() {
        assert!(differing.iter().eq(&REFUSED), "{differing:?}");
    }
}
