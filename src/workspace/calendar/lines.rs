//! The lines of an iCalendar file: unfolded, with their names and parameters. RFC 5545, sections 3.1 and 3.2 (checked
//! 2026-11-28).

use std::ops::Range;

/// `NAME;PARAMETER=value:value`, and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals.
    pub name: String,
    /// Names in capitals.
    pub parameters: Vec<(String, String)>,
    /// As it is written.
    pub value: String,
    /// All of it.
    pub span: Range<usize>,
}

impl Line {
    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as text: `\n`, `\,`, `\;` and `\\` stand for what they look like.
    pub fn text(&self) -> String {
        let (mut text, mut signs) = (String::new(), self.value.chars());
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => match signs.next() {
                    Some('n' | 'N') => text.push(' '),
                    Some(other) => text.push(other),
                    None => {}
                },
                sign => text.push(sign),
            }
        }
        text.trim().to_owned()
    }
}

/// The bytes of a file where no fold parts a letter: programs fold after 75 bytes, whatever stands there. A mark of the
/// order of bytes goes too.
pub(super) fn whole(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut whole = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let fold: Option<&[u8]> =
            [&b"\r\n "[..], b"\r\n\t", b"\n ", b"\n\t"].into_iter().find(|fold| rest.starts_with(fold));
        let Some(fold) = fold else {
            whole.push(*first);
            rest = after;
            continue;
        };
        let (mark, behind) = rest.split_at(fold.len());
        let goes_on = behind.iter().take(3).take_while(|byte| **byte & 0b1100_0000 == 0b1000_0000).count();
        let (letter, behind) = behind.split_at(goes_on);
        whole.extend(letter);
        whole.extend(mark);
        rest = behind;
    }
    whole
}

/// The lines of a file, or where one of them is none.
pub(super) fn lines(text: &str) -> Vec<Result<Line, Range<usize>>> {
    let mut logical: Vec<(String, Range<usize>)> = Vec::new();
    let mut start = 0;
    for physical in text.split_inclusive('\n') {
        let content = physical.trim_end_matches(['\n', '\r']);
        let end = start + content.len();
        match (content.strip_prefix([' ', '\t']), logical.last_mut()) {
            (Some(rest), Some((line, span))) => {
                line.push_str(rest);
                span.end = end;
            }
            _ if content.trim().is_empty() => {}
            _ => logical.push((content.to_owned(), start..end)),
        }
        start += physical.len();
    }
    logical.into_iter().map(|(line, span)| parse(&line, span.clone()).ok_or(span)).collect()
}

fn parse(line: &str, span: Range<usize>) -> Option<Line> {
    let mut quoted = false;
    let outside = |sign: char, quoted: &mut bool| {
        *quoted ^= sign == '"';
        !*quoted
    };
    let (at, _) = line.char_indices().find(|(_, sign)| outside(*sign, &mut quoted) && *sign == ':')?;
    let (head, value) = (line.get(..at)?, line.get(at + 1..)?);
    let mut quoted = false;
    let mut pieces = head.split(|sign| outside(sign, &mut quoted) && sign == ';');
    let name = pieces.next()?.trim().to_ascii_uppercase();
    // Programs have names and parameters of their own, which nobody asks for.
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let parameters = pieces.filter_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        Some((name.trim().to_ascii_uppercase(), value.trim_matches('"').to_owned()))
    });
    Some(Line { name, parameters: parameters.collect(), value: value.to_owned(), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fold_parts_a_letter() {
        let folded = [&b"\xef\xbb\xbfSUMMARY:Caf\xc3\r\n \xa9 \xf0\x9f\n\t\x8d\x81"[..], b"\n"].concat();
        assert_eq!(String::from_utf8(whole(&folded)).unwrap(), "SUMMARY:Café\r\n  🍁\n\t\n");
        assert_eq!(whole("é\n é".as_bytes()), "é\n é".as_bytes());
    }

    #[test]
    fn lines_are_unfolded_and_know_where_they_stand() {
        let text = "BEGIN:VEVENT\r\nSUMMARY;X=\"a:b;c\";Y=z:Christ\r\n mas\\, and\\n\r\n\tmore\r\n\r\nnonsense\r\n";
        let lines = lines(text);
        let summary = lines[1].as_ref().unwrap();
        assert_eq!((summary.name.as_str(), summary.text().as_str()), ("SUMMARY", "Christmas, and more"));
        assert_eq!((summary.parameter("X"), summary.parameter("Y")), (Some("a:b;c"), Some("z")));
        assert!(text[summary.span.clone()].starts_with("SUMMARY;X") && text[summary.span.clone()].ends_with("more"));
        assert_eq!(lines[2].as_ref().map_err(|span| &text[span.clone()]), Err("nonsense"));
    }
}
