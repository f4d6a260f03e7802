//! Blocks of code in Markdown, and what is to become of them.
//!
//! | info string | what becomes of it |
//! |---|---|
//! | `console` | run by trycmd, which compares what is printed |
//! | `console,ignore,status` | run by us, which compares how each command ends: for lists of commands whose output is not shown |
//! | `console,ignore` | not run |
//! | anything else | no example of the command line |
//!
//! GitHub takes what stands before the comma for the language, and shows the rest to nobody.

/// The treatment of a Markdown block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Compared,
    Status,
    NotRun,
}

impl Kind {
    pub(crate) fn is_run(self) -> bool {
        self != Self::NotRun
    }

    /// As trycmd takes it: a block without a language is one of its own.
    fn of(info: &str) -> Self {
        match info {
            "" | "trycmd" | "console" => Self::Compared,
            "console,ignore,status" => Self::Status,
            _ => Self::NotRun,
        }
    }
}

/// A block of code.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    /// With their numbers, from 1 on.
    lines: Vec<(usize, String)>,
}

/// A line of it that begins with `$ `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) line: usize,
    /// Without the comment.
    pub(crate) words: String,
    comment: String,
}

impl Example {
    /// How it ends: `# as Go ships it: exit 1, ...`
    pub(crate) fn code(&self) -> i32 {
        let Some((_, code)) = self.comment.split_once("exit ") else {
            return 0;
        };
        let end = code.find(|c: char| !c.is_ascii_digit());
        code[..end.unwrap_or(code.len())].parse().unwrap()
    }
}

impl Block {
    pub(crate) fn commands(&self) -> impl Iterator<Item = Example> {
        self.lines.iter().filter_map(|(line, text)| {
            let text = text.strip_prefix("$ ")?;
            let (words, comment) = text.split_once(" #").unwrap_or((text, ""));
            Some(Example {
                line: *line,
                words: words.trim().to_owned(),
                comment: comment.to_owned(),
            })
        })
    }
}

/// The blocks of a document.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(info) = line.strip_prefix("```") {
            is_inside = !is_inside;
            if is_inside {
                blocks.push(Block {
                    kind: Kind::of(info.trim()),
                    lines: Vec::new(),
                });
            }
        } else if is_inside && let Some(block) = blocks.last_mut() {
            block.lines.push((number, line.to_owned()));
        }
    }
    assert!(!is_inside, "a block without an end");
    blocks
}

#[test]
fn info_strings_say_what_becomes_of_a_block() {
    let text = "```console\n$ a b   # exit 5\nc\n$ d\n```\n```console,ignore\n$ e\n```\n\
                ```console,ignore,status\n$ f # as ever: exit 1, g\n```\n```text\n```\n";
    let blocks = blocks(text);
    let kinds: Vec<_> = blocks.iter().map(|block| block.kind).collect();
    let expected = [Kind::Compared, Kind::NotRun, Kind::Status, Kind::NotRun];
    assert_eq!(kinds, expected);
    let commands: Vec<_> = blocks.iter().flat_map(Block::commands).collect();
    let seen: Vec<_> = commands
        .iter()
        .map(|c| (c.line, c.words.as_str(), c.code()))
        .collect();
    assert_eq!(
        seen,
        [(2, "a b", 5), (4, "d", 0), (7, "e", 0), (10, "f", 1)]
    );
}
