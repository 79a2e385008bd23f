//! What git says, made fit to be shown: no credentials, no control characters, not too much of it.

const LONGEST: usize = 2_000;

/// Git's own words for people: user names, passwords and queries in addresses are blanked out, characters that steer a
/// terminal or turn text around are written as escapes, and what is over 2,000 characters is cut.
pub fn presentable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::new();
    for (count, c) in redacted(text.trim()).chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if c != '\n' && steers(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Blanks out what may be secret in every address of a text: all before the `@`, all after the `?`.
pub fn redacted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, address)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end =
            address.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '<' | '>')).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        let (address, query) = address.split_once('?').map_or((address, ""), |(address, _)| (address, "?***"));
        // A password may hold slashes of its own, so everything before the last `@` goes.
        match address.rsplit_once('@') {
            Some((_, host)) => shown.extend(["***@", host]),
            None => shown.push_str(address),
        }
        shown.push_str(query);
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Control characters, and those that change the direction of text or are not seen at all.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_addresses_are_blanked_out() {
        let said = "fatal: unable to access 'https://noor:hunter2@git.example/acme.git/?token=abc': no route";
        assert_eq!(
            presentable(said.as_bytes()),
            "fatal: unable to access 'https://***@git.example/acme.git/?***': no route"
        );
        assert_eq!(redacted("two: https://a:b@c/d and ssh://e:f/g@h/i"), "two: https://***@c/d and ssh://***@h/i");
        assert_eq!(redacted("git@github.com:acme/posts.git"), "git@github.com:acme/posts.git");
    }

    #[test]
    fn a_server_cannot_steer_the_terminal() {
        assert_eq!(presentable(b"remote: \x1b]0;owned\x07\r\nhi"), "remote: \\u{1b}]0;owned\\u{7}\\u{d}\nhi");
        assert_eq!(presentable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
        assert_eq!(presentable(b"\xff"), "\u{fffd}");
        assert_eq!(presentable(&[b'x'; 5_000]).chars().count(), 2_001);
    }
}
