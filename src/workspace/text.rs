//! Bytes of a file as text, with everything in it that nobody can see.

use std::ops::Range;
use std::sync::Arc;

use super::characters::{Hidden, hidden};
use super::finding::Finding;
use super::source::Source;

/// Findings of this kind in one file.
const MOST_FINDINGS: usize = 50;

/// A file's text, ready to be parsed.
pub struct Readable {
    /// The file.
    pub source: Arc<Source>,
    /// The text with blanks in place of what was found, at the same offsets: so that no parser reports it again.
    pub text: String,
}

/// Decodes a file's bytes and looks for what must not be in a text: other encodings than UTF-8, byte order marks, control
/// characters, lone carriage returns, characters that turn or hide text. CRLF is fine.
pub fn read(path: &str, bytes: &[u8], findings: &mut Vec<Finding>) -> Readable {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = Arc::new(Source::new(path, text));
    let mut faults = undecodable(bytes);
    faults.extend(unseen(&source.text));
    if faults.is_empty() {
        let text = source.text.clone();
        return Readable { source, text };
    }
    let mut clean = source.text.clone().into_bytes();
    for fault in &faults {
        if let Some(place) = clean.get_mut(fault.span.clone()) {
            place.fill(b' ');
        }
    }
    findings.extend(faults.iter().take(MOST_FINDINGS).map(|fault| fault.finding(&source)));
    let text = String::from_utf8(clean).unwrap_or_else(|_| source.text.clone());
    Readable { source, text }
}

struct Fault {
    span: Range<usize>,
    kind: Kind,
    /// The first character found, as people look it up.
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Encoding,
    ByteOrderMark,
    LoneReturn,
    Control,
    Direction,
    Tag,
}

/// Where bytes are no UTF-8; each such place is one U+FFFD in the text.
fn undecodable(bytes: &[u8]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        at += chunk.valid().len();
        if let Some(first) = chunk.invalid().first() {
            let end = at + char::REPLACEMENT_CHARACTER.len_utf8();
            faults.push(Fault { span: at..end, kind: Kind::Encoding, name: format!("0x{first:02X}") });
            at = end;
        }
    }
    faults
}

fn unseen(text: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for (at, c, hidden) in hidden(text) {
        let kind = match hidden {
            Hidden::Control if c == '\r' && text.as_bytes().get(at + 1) == Some(&b'\n') => continue,
            Hidden::Control if c == '\r' => Kind::LoneReturn,
            Hidden::Control => Kind::Control,
            Hidden::Direction => Kind::Direction,
            Hidden::Tag => Kind::Tag,
            Hidden::ZeroWidth if c == '\u{feff}' => Kind::ByteOrderMark,
            Hidden::ZeroWidth => continue,
        };
        let end = at + c.len_utf8();
        match faults.last_mut() {
            Some(last) if last.kind == kind && last.span.end == at => last.span.end = end,
            _ => faults.push(Fault { span: at..end, kind, name: format!("U+{:04X}", u32::from(c)) }),
        }
    }
    faults
}

impl Fault {
    fn finding(&self, source: &Arc<Source>) -> Finding {
        let name = &self.name;
        let (code, message, help) = match self.kind {
            Kind::Encoding => {
                ("file/not-utf8", format!("the byte {name} is no UTF-8"), "save the file with the encoding UTF-8")
            }
            Kind::ByteOrderMark => (
                "file/byte-order-mark",
                format!("there is a byte order mark ({name})"),
                "save the file as UTF-8 without BOM",
            ),
            Kind::LoneReturn => (
                "file/lone-return",
                "a line ends with a carriage return alone".to_owned(),
                "save the file with line ends LF or CRLF",
            ),
            Kind::Control => ("file/control-character", format!("there is the control character {name}"), "remove it"),
            Kind::Direction => (
                "file/hidden-direction",
                format!("{name} turns the direction of the text behind it: what is seen is not what is sent"),
                "remove it; text from right to left needs no such character",
            ),
            Kind::Tag => (
                "file/hidden-text",
                format!("there is invisible text ({name}, a tag character)"),
                "remove it, or type the words again",
            ),
        };
        Finding::error(code, source, self.span.clone(), message).label("here").help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(bytes: &[u8]) -> Vec<(&'static str, usize)> {
        let mut findings = Vec::new();
        let readable = read("posts/a.md", bytes, &mut findings);
        assert_eq!(readable.text.len(), readable.source.text.len(), "offsets stay");
        findings.iter().map(|f| (f.code, f.place().column)).collect()
    }

    #[test]
    fn all_is_found_in_one_run() {
        assert_eq!(
            codes("\u{feff}a\0\0b\rc\u{202e}d\u{e0041}".as_bytes()),
            [
                ("file/byte-order-mark", 1),
                ("file/control-character", 3),
                ("file/lone-return", 6),
                ("file/hidden-direction", 8),
                ("file/hidden-text", 10),
            ]
        );
        assert_eq!(codes(b"gr\xfc\xdfe"), [("file/not-utf8", 3), ("file/not-utf8", 4)]);
    }

    #[test]
    fn windows_line_ends_are_fine() {
        assert_eq!(codes("a\r\nb\tc\r\n🏴󠁧󠁢󠁳󠁣󠁴󠁿\r\n".as_bytes()), []);
    }
}
