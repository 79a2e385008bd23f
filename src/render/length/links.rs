//! The links that X finds in a text, each of which it replaces by one of its own.
//!
//! By `js/src/extractUrlsWithIndices.js` and `js/src/regexp` in <https://github.com/twitter/twitter-text> (version 3.1.0,
//! checked 2026-11-28), which are regular expressions. What they match is found here in one pass, for they go back and
//! forth over a text that was made to make them slow.

use std::collections::BTreeMap;
use std::ops::Range;

use super::endings::ending;
use super::{host, letters};

/// UTF-16 code units of the longest address that X takes for a link. The scheme counts twice.
pub const LONGEST: usize = 4096;

/// Signs after `t.co/` that X's own links have at most.
const LONGEST_SLUG: usize = 40;

/// The links in a text, in UTF-16 code units: where each begins, and how much of the text it stands for.
pub fn links(text: &[u16]) -> BTreeMap<usize, usize> {
    let mut links = BTreeMap::new();
    if !text.iter().any(|unit| letters::is_one_of(*unit, ".")) {
        return links;
    }
    let domains = domain_ends(text, letters::is_label, letters::is_domain);
    let mut from = 0;
    while let Some(address) = Address::next(text, &domains, from) {
        from = address.end;
        if !host::is_valid(address.part(text, &address.domain)) || address.length() > LONGEST {
            continue;
        }
        if address.scheme.is_empty() {
            links.extend(address.plain(text));
        } else {
            links.extend(address.with_scheme(text));
        }
    }
    links
}

/// What looks like an address.
struct Address {
    /// `https://`; empty where there is none.
    scheme: Range<usize>,
    domain: Range<usize>,
    /// Whether a path follows domain and port.
    path: bool,
    /// Where port, path and query end.
    end: usize,
}

impl Address {
    /// The first one that begins at `from` or later. `domains` has the end of the domain that begins at each place.
    fn next(text: &[u16], domains: &[Option<usize>], from: usize) -> Option<Self> {
        let starts = (from..text.len()).flat_map(|at| {
            let behind = text.get(at).is_some_and(|unit| letters::precedes(*unit)).then_some(at + 1);
            behind.into_iter().chain((at == 0).then_some(0))
        });
        let mut found = starts.filter_map(|start| {
            let domain = |at: usize| Some(at..domains.get(at).copied().flatten()?);
            let scheme = start..start + scheme(text.get(start..)?);
            let with = if scheme.is_empty() { None } else { domain(scheme.end).map(|domain| (scheme, domain)) };
            with.or_else(|| Some((start..start, domain(start)?)))
        });
        let (scheme, domain) = found.next()?;
        let port = domain.end + port(text.get(domain.end..).unwrap_or_default());
        let path = path(text.get(port..).unwrap_or_default());
        let query = query(text.get(port + path..).unwrap_or_default());
        Some(Self { scheme, domain, path: path > 0, end: port + path + query })
    }

    fn part<'a>(&self, text: &'a [u16], range: &Range<usize>) -> &'a [u16] {
        text.get(range.clone()).unwrap_or_default()
    }

    /// Its length for [`LONGEST`]; the scheme counts as `https://` where there is none.
    fn length(&self) -> usize {
        let scheme = if self.scheme.is_empty() { "https://".len() } else { self.scheme.len() };
        scheme + self.end - self.scheme.start
    }

    /// The link that an address with a scheme makes. What X's own links are followed by is not part of them.
    fn with_scheme(&self, text: &[u16]) -> Option<(usize, usize)> {
        let start = self.scheme.start;
        let address = self.part(text, &(start..self.end));
        let own = self.scheme.len() + "t.co/".len();
        let slug = address.iter().skip(own).take_while(|unit| letters::is_ascii_alphanumeric(**unit)).count();
        if slug == 0 || !letters::begins(address.get(self.scheme.len()..).unwrap_or_default(), "t.co/") {
            return Some((start, address.len()));
        }
        let query = query(address.get(own + slug..).unwrap_or_default());
        (slug <= LONGEST_SLUG).then_some((start, own + slug + query))
    }

    /// The links that an address without a scheme makes: each domain of Latin letters in it. The last one takes along the
    /// path, and as much of the text as what follows the whole domain is long.
    fn plain(&self, text: &[u16]) -> Vec<(usize, usize)> {
        let before = self.domain.start.checked_sub(1).and_then(|before| text.get(before));
        if before.is_some_and(|unit| letters::joins(*unit)) {
            return Vec::new();
        }
        let domain = self.part(text, &self.domain);
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut from = 0;
        for plain in plain_domains(domain) {
            // It is looked for by what it says, so the same within another word before it counts.
            let said = domain.get(plain).unwrap_or_default();
            let rest = domain.get(from..).unwrap_or_default();
            let at = from + rest.windows(said.len()).position(|window| window == said).unwrap_or_default();
            from = at + said.len();
            found.push((self.domain.start + at, said.len()));
        }
        if let (true, Some((_, length))) = (self.path, found.last_mut()) {
            *length += self.end - self.domain.end;
        }
        found
    }
}

/// The parts of a domain that are a domain of Latin letters, in order.
pub fn plain_domains(domain: &[u16]) -> Vec<Range<usize>> {
    let ends = domain_ends(domain, letters::is_plain_label, letters::is_plain_label);
    let mut found = Vec::new();
    let mut at = 0;
    while at < domain.len() {
        match ends.get(at).copied().flatten() {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// For each place of a text, where the domain ends that begins there. It has as many labels as it can have.
///
/// `label` says what a label is made of, `edge` what it may begin and end with. The last label before the ending has no `_`.
fn domain_ends(text: &[u16], label: fn(u16) -> bool, edge: fn(u16) -> bool) -> Vec<Option<usize>> {
    let mut ends = vec![None; text.len()];
    let mut open: Option<Label> = None;
    for at in (0..text.len()).rev() {
        let Some(&unit) = text.get(at) else { continue };
        let mut end = None;
        if !label(unit) {
            open = letters::is_one_of(unit, ".").then(|| Label {
                longer: ends.get(at + 1).copied().flatten(),
                ending: ending(text.get(at + 1..).unwrap_or_default()).map(|length| at + 1 + length),
                whole: at.checked_sub(1).and_then(|last| text.get(last)).is_some_and(|last| edge(*last)),
                underscored: false,
            });
        } else if let Some(open) = &mut open {
            open.underscored |= letters::is_one_of(unit, "_");
            if open.whole && edge(unit) {
                end = open.longer.or(open.ending.filter(|_| !open.underscored));
            }
        }
        if let Some(place) = ends.get_mut(at) {
            *place = end;
        }
    }
    ends
}

/// A label that is read from its end to its beginning.
struct Label {
    /// Where the domain ends that begins behind its dot.
    longer: Option<usize>,
    /// Where the ending of a domain ends that begins behind its dot.
    ending: Option<usize>,
    /// Whether its last character may be the last.
    whole: bool,
    underscored: bool,
}

/// The length of the scheme with which a text begins; 0 where there is none.
fn scheme(text: &[u16]) -> usize {
    let schemes = ["https://", "http://"];
    schemes.iter().find(|scheme| letters::begins(text, scheme)).map_or(0, |scheme| scheme.len())
}

fn port(text: &[u16]) -> usize {
    let digits = text.iter().skip(1).take_while(|unit| letters::is_ascii_digit(**unit)).count();
    if letters::begins(text, ":") && digits > 0 { 1 + digits } else { 0 }
}

/// The length of the path with which a text begins: up to the last character that may end one, or closing parenthesis.
fn path(text: &[u16]) -> usize {
    if !letters::begins(text, "/") {
        return 0;
    }
    let (mut at, mut end) = (1, 1);
    while let Some(&unit) = text.get(at) {
        if letters::is_path(unit) {
            at += 1;
            if letters::ends_path(unit) {
                end = at;
            }
        } else {
            let length = parentheses(text.get(at..).unwrap_or_default());
            if length == 0 {
                break;
            }
            at += length;
            end = at;
        }
    }
    end
}

/// The length of balanced parentheses with something in them, at most two deep; 0 where there are none.
fn parentheses(text: &[u16]) -> usize {
    let run = |from: usize| text.iter().skip(from).take_while(|unit| letters::is_path(**unit)).count();
    let is = |at: usize, sign: &str| text.get(at).is_some_and(|unit| letters::is_one_of(*unit, sign));
    if !is(0, "(") {
        return 0;
    }
    let first = 1 + run(1);
    if first > 1 && is(first, ")") {
        return first + 1;
    }
    let inner = first + 1 + run(first + 1);
    let last = inner + 1 + run(inner + 1);
    let nested = is(first, "(") && inner > first + 1 && is(inner, ")") && is(last, ")");
    if nested { last + 1 } else { 0 }
}

/// The length of the query with which a text begins: up to the last character that may end one.
fn query(text: &[u16]) -> usize {
    if !letters::begins(text, "?") {
        return 0;
    }
    let signs = text.iter().skip(1).take_while(|unit| letters::is_query(**unit));
    let last = signs.enumerate().filter(|(_, unit)| letters::ends_query(**unit)).last();
    last.map_or(0, |(n, _)| n + 2)
}
