//! Declarations in the text of a Go file, as `gofmt` leaves them.

/// The text of a declaration, with what it encloses.
pub(crate) fn declaration(text: &str, of: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().collect();
    let first = lines.iter().position(|line| declares(line, of))?;
    let head = code_of(lines[first]);
    let indent = head.len() - head.trim_start().len();
    if !head.ends_with(['{', '(']) {
        return Some(head.to_owned());
    }
    let is_end = |line: &&str| {
        line.len() > indent && line[indent..].starts_with(['}', ')']) && is_blank(&line[..indent])
    };
    let end = lines[first + 1..].iter().position(is_end)?;
    Some(lines[first..=first + 1 + end].join("\n"))
}

/// Whether it begins there. Of `func (*profBuf) read` the receiver's name is left open.
fn declares(line: &str, of: &str) -> bool {
    let begins = |rest: Option<&str>| {
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    if let Some(of) = of.strip_prefix("func (") {
        let Some((receiver, of)) = of.split_once(") ") else {
            return false;
        };
        let rest = line.strip_prefix("func (").and_then(|l| l.split_once(") "));
        return rest.is_some_and(|(of_line, rest)| {
            of_line.split(' ').next_back() == Some(receiver) && begins(rest.strip_prefix(of))
        });
    }
    if of.contains(' ') {
        return begins(line.strip_prefix(of));
    }
    line.starts_with('\t') && begins(line.trim_start().strip_prefix(of))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// A line without its comment.
fn code_of(line: &str) -> &str {
    let end = line.find("//").unwrap_or(line.len());
    line[..end].trim_end()
}

/// The text without comments, each white space one blank.
pub(crate) fn words(text: &str) -> String {
    let code = text
        .lines()
        .flat_map(|line| code_of(line).split_whitespace());
    code.collect::<Vec<_>>().join(" ")
}

/// The first piece that does not stand after the one before it.
pub(crate) fn is_in_order<'a>(mut text: &str, pieces: &[&'a str]) -> Result<(), &'a str> {
    for piece in pieces {
        let (_, behind) = text.split_once(*piece).ok_or(*piece)?;
        text = behind;
    }
    Ok(())
}
