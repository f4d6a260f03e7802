//! A Rust file without what only looks like code: texts, and comments in `/* */`.

/// The same lines, with these left blank. `//` comments stay, since citations are some.
pub(super) fn code(text: &str) -> String {
    let chars: Vec<_> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => {
                let end = find(&chars, at, |rest| rest[0] == '\n');
                out.extend(&chars[at..end]);
                at = end;
                continue;
            }
            '/' if chars.get(at + 1) == Some(&'*') => end_of_comment(&chars, at),
            '"' => end_of_text(&chars, at),
            '\'' => end_of_char(&chars, at),
            'r' if !is_word(chars[..at].last()) => end_of_raw(&chars, at, at),
            'b' if !is_word(chars[..at].last()) && chars.get(at + 1) == Some(&'r') => {
                end_of_raw(&chars, at + 1, at)
            }
            _ => at,
        };
        if end <= at {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let blank = chars[at..end].iter();
        out.extend(blank.map(|&c| if c == '\n' { c } else { ' ' }));
        at = end;
    }
    out
}

fn is_word(c: Option<&char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

/// The first place from here on where this is so, or the end.
fn find(chars: &[char], from: usize, is_it: impl Fn(&[char]) -> bool) -> usize {
    let mut places = from..chars.len();
    places
        .find(|&at| is_it(&chars[at..]))
        .unwrap_or(chars.len())
}

/// Comments of this kind lie in one another.
fn end_of_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        match &chars[at..(at + 2).min(chars.len())] {
            ['/', '*'] => (depth, at) = (depth + 1, at + 2),
            ['*', '/'] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_text(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `'"'` or `'\''`; of a lifetime only where it begins.
fn end_of_char(chars: &[char], from: usize) -> usize {
    match &chars[from + 1..(from + 4).min(chars.len())] {
        ['\\', _, ..] => find(chars, from + 3, |rest| rest[0] == '\'') + 1,
        [_, '\'', ..] => from + 3,
        _ => from,
    }
}

/// `r"..."` and `r#"..."#`; where this is none, `start`.
fn end_of_raw(chars: &[char], r: usize, start: usize) -> usize {
    let hashes = chars[r + 1..].iter().take_while(|&&c| c == '#').count();
    let quote = r + 1 + hashes;
    if chars.get(quote) != Some(&'"') {
        return start;
    }
    let is_end = |rest: &[char]| {
        let behind = rest.get(1..=hashes);
        rest[0] == '"' && behind.is_some_and(|behind| behind.iter().all(|&c| c == '#'))
    };
    find(chars, quote + 1, is_end) + 1 + hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines = |text: &str| {
            let lines = text.lines().map(str::trim_end);
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&code(text)), lines(expected));
    }

    #[test]
    fn texts_are_blank_and_lines_stay() {
        check("f(\"a\n b\"); g()", "f(\n   ); g()");
        check("f(\"\\\"\"); // \"x", "f(    ); // \"x");
        check("f(r#\"a\"\n\"#, br\"\\\");", "f(\n  ,      );");
        check(
            "f('\"', '\\'', 'a'); fn g<'a>()",
            "f(   ,     ,    ); fn g<'a>()",
        );
        check("for r in var {}", "for r in var {}");
    }

    #[test]
    fn comments_of_several_lines_are_blank() {
        check("a /* b /* c */\n d */ e", "a\n      e");
        check("/// a /* b\nc", "/// a /* b\nc");
    }
}
