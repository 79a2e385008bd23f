//! Text of others inside a comment on a forge: it shows what it is, and does nothing.
//!
//! A comment is written as blocks of HTML without empty lines, which CommonMark hands on as they are, so that no character of
//! Markdown means anything in them. What forges do to the text between tags afterwards is kept from it here: mentions,
//! references, addresses, and emoji from names. No line of a comment ever begins with somebody's text, so that no command of a
//! bot or of GitLab (`/merge`) begins there.
//! <https://spec.commonmark.org/0.31.2/#html-blocks>,
//! <https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls>,
//! <https://docs.gitlab.com/user/markdown/#gitlab-specific-references>,
//! <https://docs.gitlab.com/user/project/quick_actions/> (checked 2026-11-28)

use std::borrow::Cow;

use crate::view::{escape, escape_marked};

/// Signs with which a reference, a name or a mark begins on one of the forges.
const OPENING: &str = "@#!~%^&*[{";

/// U+2060: not seen, and no end of a word.
const JOINER: &str = "&#8288;";

/// A name, title or sentence between tags. In places it has a sign that nobody sees, so that nothing becomes a reference.
pub(in crate::view) fn words(text: &str) -> String {
    plain(&escape(text))
}

/// The same for what was escaped for a terminal already.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut signs = text.chars().peekable();
    // GitHub takes seven hexadecimal digits and more for a commit.
    let (mut digits, mut word) = (0, String::new());
    while let Some(sign) = signs.next() {
        digits = if sign.is_ascii_hexdigit() { digits + 1 } else { 0 };
        if digits == 7 {
            out += JOINER;
            digits = 1;
        }
        // Between two of them GitHub reads mathematics, unless they stand in a tag of their own.
        if sign == '$' {
            out += "<span>&#36;</span>"
        } else {
            push(&mut out, sign)
        }
        let opens = match signs.peek() {
            // What greenlit says after it belongs to nothing either.
            None => OPENING.contains(sign),
            Some(next) if next.is_whitespace() => false,
            // `GH-12`, `ABC-12`, but no day.
            Some(next) if sign == '-' => next.is_ascii_digit() && word.ends_with(|c: char| c.is_ascii_alphabetic()),
            // `https://…`, `:tada:`, but no time of day.
            Some(next) if sign == ':' => !next.is_ascii_digit(),
            Some(_) if sign == '.' => word.eq_ignore_ascii_case("www"),
            Some(_) => OPENING.contains(sign),
        };
        if opens {
            out += JOINER;
        }
        if sign.is_alphanumeric() { word.push(sign) } else { word.clear() }
    }
    out
}

/// A sentence of greenlit's own that quotes something between backticks.
pub(super) fn sentence(text: &str) -> String {
    let text = escape(text);
    let pieces: Vec<&str> = text.split('`').collect();
    // Where one is missing, they quote nothing.
    if pieces.len().is_multiple_of(2) {
        return plain(&text);
    }
    let piece = |(number, piece): (usize, &&str)| match number % 2 {
        0 => plain(piece),
        _ if piece.is_empty() => String::new(),
        _ => format!("<code>{}</code>", html(piece)),
    };
    pieces.iter().enumerate().map(piece).collect()
}

/// A word or line to the letter. Forges leave alone what is code, and it breaks where the page is too narrow.
pub(in crate::view) fn exact(line: &str) -> String {
    let shown = escape_marked(line, 0..0).0.replace('\n', "\\n").replace('\t', "    ");
    if shown.trim().is_empty() { String::new() } else { format!("<code>{}</code>", html(&shown)) }
}

/// A text of several lines to the letter, as one line of the comment.
pub(super) fn lines(text: &str) -> String {
    text.split('\n').map(exact).collect::<Vec<_>>().join("<br>")
}

/// Lines that keep their columns, as one line of the comment.
pub(super) fn columns(text: &str) -> String {
    let shown = escape_marked(text, 0..0).0;
    let lines: Vec<Cow<'_, str>> = shown.trim_end().split('\n').map(html).collect();
    format!("<pre><code>{}</code></pre>", lines.join("&#10;"))
}

fn html(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'', '$']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|sign| push(&mut out, sign));
    Cow::Owned(out)
}

fn push(out: &mut String, sign: char) {
    match sign {
        '&' => *out += "&amp;",
        '<' => *out += "&lt;",
        '>' => *out += "&gt;",
        '"' => *out += "&quot;",
        '\'' => *out += "&#39;",
        '$' => *out += "&#36;",
        sign => out.push(sign),
    }
}
