//! Citations in Rust sources: `/// Guards R36.2, S8.4.` above a test that runs.
//!
//! Modules are followed from the test targets, as the compiler does it: a file that no `mod`
//! leads to is compiled by nobody, and guards nothing.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Item, Meta};

/// A test that cites rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Citation {
    /// The file, from the root of the checkout.
    pub(super) path: String,
    /// The rules, as they stand there.
    pub(super) rules: Vec<String>,
    /// The name of the function, or of the row of a macro that makes it.
    pub(super) test: String,
}

/// Test targets that a manifest names; cargo finds the others by where they stand.
const NAMED: [&str; 1] = ["conformance/goldens/main.rs"];

/// The start of the reason for which a test is left to `just test-all`, which CI runs.
const SWEEP: &str = "a sweep: ";

/// The start of a citation, after `///`.
const BEGINNING: &str = "Guards ";

/// Every citation of a test that runs; and in words, with file and line, whatever else looks
/// like one.
pub(super) fn scan(rust: &BTreeMap<String, String>) -> (Vec<Citation>, Vec<String>) {
    let mut scan = Scan {
        rust,
        seen: BTreeSet::new(),
        citations: Vec::new(),
        faults: Vec::new(),
    };
    for path in rust.keys().filter(|path| is_target(path)) {
        scan.file(path);
    }
    for (path, text) in rust {
        if !scan.seen.contains(path.as_str()) {
            for line in cited_lines(text).into_keys() {
                scan.fault(path, line, "a file to which a `mod` of a test target leads");
            }
        }
    }
    (scan.citations, scan.faults)
}

/// Whether cargo makes a test of a file: `x/src/lib.rs`, `x/src/main.rs`, `x/tests/a.rs`,
/// `x/tests/a/main.rs`.
fn is_target(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    NAMED.contains(&path)
        || match parts.as_slice() {
            [.., "src", "lib.rs" | "main.rs"] | [.., "tests", _, "main.rs"] => true,
            [.., "tests", file] => file.ends_with(".rs"),
            _ => false,
        }
}

struct Scan<'a> {
    rust: &'a BTreeMap<String, String>,
    seen: BTreeSet<&'a str>,
    citations: Vec<Citation>,
    faults: Vec<String>,
}

/// A place in a file, for modules and macros.
#[derive(Clone)]
struct Place<'a> {
    path: &'a str,
    /// The folder in which the files of child modules stand.
    folder: String,
    /// Macros of the file whose rows become tests.
    makers: &'a BTreeSet<String>,
}

impl Scan<'_> {
    fn fault(&mut self, path: &str, line: usize, want: &str) {
        self.faults
            .push(format!("{path}:{line}: citation: want {want}"));
    }

    fn file(&mut self, path: &str) {
        let Some((path, text)) = self.rust.get_key_value(path) else {
            return;
        };
        if !self.seen.insert(path) {
            return;
        }
        let file = match syn::parse_file(text) {
            Ok(file) => file,
            Err(error) => return self.fault(path, error.span().start().line, "Rust"),
        };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.trim_end_matches(".rs");
        let is_root = is_target(path) || stem == "mod";
        let folder = match is_root {
            true => folder.to_owned(),
            false => format!("{folder}/{stem}"),
        };
        let makers = makers(&file.items);
        let mut left = cited_lines(text);
        let place = Place {
            path,
            folder,
            makers: &makers,
        };
        self.items(&file.items, &place, &mut left);
        for line in left.into_keys() {
            self.fault(
                path,
                line,
                "a test below it that is always compiled and runs",
            );
        }
    }

    fn items(&mut self, items: &[Item], place: &Place<'_>, left: &mut BTreeMap<usize, String>) {
        for item in items {
            match item {
                Item::Fn(function) if is_test(&function.attrs) => {
                    let name = function.sig.ident.to_string();
                    self.cite(lines_of(&function.attrs), name, place, left);
                }
                Item::Mod(module) if !is_left_out(&module.attrs) => {
                    self.module(module, place, left);
                }
                Item::Macro(call) => {
                    let name = call.mac.path.segments.last().map(|s| s.ident.to_string());
                    let makes_tests = name.is_some_and(|name| place.makers.contains(&name));
                    self.rows(&call.mac.tokens, makes_tests, place, left);
                }
                _ => {}
            }
        }
    }

    fn module(
        &mut self,
        module: &syn::ItemMod,
        place: &Place<'_>,
        left: &mut BTreeMap<usize, String>,
    ) {
        let name = module.ident.to_string();
        if let Some((_, items)) = &module.content {
            let inner = Place {
                folder: format!("{}/{name}", place.folder),
                ..place.clone()
            };
            return self.items(items, &inner, left);
        }
        let elsewhere = module
            .attrs
            .iter()
            .find_map(|attribute| match &attribute.meta {
                Meta::NameValue(pair) if pair.path.is_ident("path") => text_of(&pair.value),
                _ => None,
            });
        match elsewhere {
            Some(file) => {
                let folder = place.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                self.file(&joined(folder, &file));
            }
            None => {
                self.file(&format!("{}/{name}.rs", place.folder));
                self.file(&format!("{}/{name}/mod.rs", place.folder));
            }
        }
    }

    /// Tests in a macro's call: functions with `#[test]`, as in `proptest!`, or rows, if the
    /// macro makes a test of each.
    fn rows(
        &mut self,
        tokens: &TokenStream,
        makes_tests: bool,
        place: &Place<'_>,
        left: &mut BTreeMap<usize, String>,
    ) {
        let (mut docs, mut is_test) = (Vec::new(), false);
        let mut tokens = tokens.clone().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match (&token, tokens.peek()) {
                (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                    if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    match group.stream().to_string().as_str() {
                        "test" => is_test = true,
                        text if text.starts_with("doc") => docs.push(token.span().start().line),
                        _ => {}
                    }
                    tokens.next();
                }
                (TokenTree::Ident(word), _) if *word == "fn" && is_test => {}
                (TokenTree::Ident(name), _) if !docs.is_empty() => {
                    if is_test || makes_tests {
                        self.cite(std::mem::take(&mut docs), name.to_string(), place, left);
                    }
                    (docs, is_test) = (Vec::new(), false);
                }
                _ => {}
            }
        }
    }

    /// Notes the citations that stand in these lines of documentation, and takes them from
    /// those that are left.
    fn cite(
        &mut self,
        lines: Vec<usize>,
        test: String,
        place: &Place<'_>,
        left: &mut BTreeMap<usize, String>,
    ) {
        for line in lines {
            let Some(words) = left.remove(&line) else {
                continue;
            };
            match rules(&words) {
                Ok(rules) => self.citations.push(Citation {
                    path: place.path.to_owned(),
                    rules,
                    test: test.clone(),
                }),
                Err(want) => self.fault(place.path, line, &format!("{want}, got {words}")),
            }
        }
    }
}

/// The rules of `R36.2, S8.4.`
fn rules(words: &str) -> Result<Vec<String>, &'static str> {
    let list = words.strip_suffix('.').filter(|_| !words.contains(". "));
    let list = list.ok_or("rules, and then a full stop")?;
    let is_rule = |word: &str| {
        let number = word.strip_prefix(['R', 'S']).unwrap_or_default();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        number.split('.').all(is_number)
    };
    let rules = list.split(", ").map(str::to_owned).collect::<Vec<_>>();
    match rules.iter().all(|rule| is_rule(rule)) {
        true => Ok(rules),
        false => Err("rules, as R36.2 or S8.4"),
    }
}

/// The lines of a file's documentation at which a citation begins, with its words. A line
/// that ends in a comma goes on in the next.
fn cited_lines(text: &str) -> BTreeMap<usize, String> {
    let mut docs = BTreeMap::new();
    if let Ok(tokens) = text.parse() {
        find_docs(tokens, &mut docs);
    }
    let starts = docs.iter().filter_map(|(&line, doc)| {
        let mut words = doc.trim().strip_prefix(BEGINNING)?.to_owned();
        for next in line + 1.. {
            match docs.get(&next) {
                Some(more) if words.ends_with(',') => words = format!("{words} {}", more.trim()),
                _ => break,
            }
        }
        Some((line, words))
    });
    starts.collect()
}

/// The lines of documentation in tokens, by where they stand.
fn find_docs(tokens: TokenStream, docs: &mut BTreeMap<usize, String>) {
    for token in tokens {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let is_bracket = group.delimiter() == Delimiter::Bracket;
        match syn::parse2::<Meta>(group.stream()) {
            Ok(Meta::NameValue(pair)) if is_bracket && pair.path.is_ident("doc") => {
                let line = group.span_open().start().line;
                docs.extend(text_of(&pair.value).map(|text| (line, text)));
            }
            _ => find_docs(group.stream(), docs),
        }
    }
}

fn text_of(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// The lines of an item's documentation.
fn lines_of(attributes: &[Attribute]) -> Vec<usize> {
    let docs = attributes.iter().filter(|a| a.path().is_ident("doc"));
    docs.map(|a| a.bracket_token.span.open().start().line)
        .collect()
}

/// Whether a function is a test that runs. Under Miri it may be ignored.
fn is_test(attributes: &[Attribute]) -> bool {
    let is_ignored = |attribute: &Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let condition = list.tokens.to_string();
            condition.contains("ignore") && !condition.starts_with("miri ,")
        }
        Meta::NameValue(pair) if pair.path.is_ident("ignore") => {
            !text_of(&pair.value).is_some_and(|why| why.starts_with(SWEEP))
        }
        meta => meta.path().is_ident("ignore"),
    };
    attributes.iter().any(|a| a.path().is_ident("test"))
        && !attributes.iter().any(is_ignored)
        && !is_left_out(attributes)
}

/// Whether an attribute leaves something out where tests run.
fn is_left_out(attributes: &[Attribute]) -> bool {
    let is_kept = |attribute: &Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            matches!(list.tokens.to_string().as_str(), "test" | "unix")
        }
        _ => true,
    };
    !attributes.iter().all(is_kept)
}

/// The macros that a file declares, and whose rows become tests.
fn makers(items: &[Item]) -> BTreeSet<String> {
    let makers = items.iter().filter_map(|item| match item {
        Item::Macro(declared) => declared.ident.as_ref().filter(|_| {
            let body = declared.mac.tokens.to_string();
            body.contains("# [test]")
        }),
        _ => None,
    });
    makers.map(ToString::to_string).collect()
}

/// The path `a/c.rs` of `a/b` and `../c.rs`.
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
