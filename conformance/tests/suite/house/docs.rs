//! A doc comment's first line names its subject (CONTRIBUTING.md): rustdoc and editors show
//! that line alone.

use super::root;

/// Words with which a line says nothing of its subject.
const PRONOUNS: [&str; 8] = [
    "What", "Which", "Whose", "Who", "That of", "Those", "It", "Likewise",
];

/// Whether a doc comment may begin with this line: three words or more, the first no pronoun.
/// A citation (`Guards S2.3.`) and an example say by themselves what they are.
fn names_its_subject(line: &str) -> bool {
    let has_letter = |word: &&str| word.contains(char::is_alphanumeric);
    let words = line.split_whitespace().filter(has_letter).count();
    let is_first = |word: &str| {
        let rest = line.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let is_named = words >= 3 && !PRONOUNS.into_iter().any(is_first);
    is_named || line.starts_with("Guards ") || line.starts_with("```")
}

/// Lines that begin a doc comment and do not name its subject, as `number: line`.
fn faults(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = None;
    for (number, line) in (1..).zip(text.lines().map(str::trim_start)) {
        let is_doc = |mark: &&str| line.starts_with(mark) && !line.starts_with("////");
        let mark = ["///", "//!"].into_iter().find(is_doc);
        let begins = mark.filter(|_| mark != last);
        if let Some(line) = begins.map(|mark| line[mark.len()..].trim())
            && !names_its_subject(line)
        {
            found.push(format!("{number}: {line}"));
        }
        last = mark;
    }
    found
}

#[test]
fn a_doc_comment_begins_with_its_subject() {
    let mut all = Vec::new();
    for file in super::rust_files("") {
        let path = file.strip_prefix(super::root()).unwrap();
        let found = faults(&std::fs::read_to_string(&file).unwrap());
        all.extend(found.iter().map(|f| format!("{}:{f}", path.display())));
    }
    assert_eq!(all, Vec::<String>::new());
}

/// Slashes are dashes here, so that the text is not documentation itself.
#[test]
fn a_doc_line_without_its_subject_is_found() {
    let text = "
--! The reader of a ring.
--! What follows may begin as it likes.

--- What it waits for.
--- The end of the ring.
struct One;
    --- Who's there, and who is not.
    --- Whoever is there.
--! Whatever is written to this file.
--- Itself, and nothing else.

--- That of a P.

--- [`A_LINK`].

--- Guards S2.3.

---- What is this?
-- What is it for?
";
    let want = [
        "5: What it waits for.",
        "8: Who's there, and who is not.",
        "13: That of a P.",
        "15: [`A_LINK`].",
    ];
    assert_eq!(faults(&text.replace('-', "/")), want);
}

/// A link to a file of ours leads to one.
#[test]
fn no_link_of_a_page_is_dead() {
    let mut pages: Vec<_> = ["docs", "docs/upstream"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    let others = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    pages.extend(others.map(|page| root().join(page)));
    pages.extend(
        [
            "deploy/README.md",
            "fixtures/README.md",
            "fuzz/README.md",
            "findings/README.md",
        ]
        .map(|page| root().join(page)),
    );
    let (mut links, mut dead) = (0, Vec::new());
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            links += 1;
            if !page.with_file_name(file).exists() {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
    assert!(links > 30, "{links}");
}
