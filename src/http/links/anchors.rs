//! Places in a page: `#pricing`.

/// Whether a fragment names a place in the page itself: not the top, no search for words (`:~:text=`, URL Fragment Text
/// Directives, checked 2026-11-28), and nothing that a script makes of it (`#!/news`, `#/news`, lines of code as `#L10-L20`).
pub(super) fn is_in_page(fragment: &str) -> bool {
    !fragment.is_empty()
        && !fragment.eq_ignore_ascii_case("top")
        && !fragment.contains(":~:")
        && !fragment.starts_with(['!', '/'])
        && !fragment.contains('=')
        && !names_lines(fragment)
}

/// `L10`, `L10-L20`, `L10-20`, `L10C5-L20C3`
fn names_lines(fragment: &str) -> bool {
    fragment.split('-').all(|line| line.bytes().any(|byte| byte.is_ascii_digit()))
        && fragment.starts_with('L')
        && fragment.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'L' | b'C' | b'-'))
}

/// Whether an element of a page has this id or name (HTML Living Standard, section 7.4.6.4, checked 2026-11-28). Pages that
/// scripts make have their places in the scripts: a page that names the place anywhere in quotes is believed.
pub(super) fn has(page: &str, fragment: &str) -> bool {
    let decoded = percent_decoded(fragment);
    [fragment, &decoded].iter().any(|place| {
        ['"', '\''].iter().any(|quote| page.contains(&format!("{quote}{place}{quote}"))) || unquoted(page, place)
    })
}

/// `id=pricing` without quotes.
fn unquoted(page: &str, place: &str) -> bool {
    ["id=", "name="].iter().any(|key| {
        page.match_indices(key).any(|(at, _)| {
            let rest = page.get(at + key.len()..).unwrap_or_default();
            rest.strip_prefix(place)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/'))
        })
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_however_they_are_written() {
        let page = "<h2 id=\"pricing\">Prices</h2><a name='old'></a><p id=plain class=x>…<p id=\"größe\">";
        for place in ["pricing", "old", "plain", "größe", "gr%C3%B6%C3%9Fe"] {
            assert!(has(page, place), "{place}");
        }
        for place in ["price", "prices", "plai", "x", "%", "%C3"] {
            assert!(!has(page, place), "{place}");
        }
    }

    #[test]
    fn what_is_no_place_is_not_looked_for() {
        for place in
            ["", "top", "!/news", "/news", ":~:text=launch", "state=1", "L10", "L10-L20", "L10-20", "L10C5-L20C3"]
        {
            assert!(!is_in_page(place), "{place}");
        }
        assert!(is_in_page("pricing") && is_in_page("%E4%BB%B7") && is_in_page("L") && is_in_page("L-1"));
    }
}
