//! UTM parameters on addresses: how a page's statistics learn which post a reader came from.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::render::detect;

/// The parameters to add, in the order of the names below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Utm(Vec<(&'static str, String)>);

/// The names that a template may give, and the parameters that they stand for.
pub const NAMES: [(&str, &str); 5] = [
    ("source", "utm_source"),
    ("medium", "utm_medium"),
    ("campaign", "utm_campaign"),
    ("term", "utm_term"),
    ("content", "utm_content"),
];

impl Utm {
    /// Asks for a value by each of [`NAMES`]; an empty one adds nothing.
    pub fn from_values(value: impl Fn(&str) -> Option<String>) -> Self {
        let given = NAMES.iter().filter_map(|(name, parameter)| Some((*parameter, value(name)?)));
        Self(given.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Adds the parameters to one `http` or `https` address. What it has already stays as it is, also a parameter of
    /// the same name; other addresses stay as they are.
    pub fn on_address(&self, address: &str) -> String {
        let mut address = address.to_owned();
        if let Some(addition) = self.addition(&address) {
            let end = address.find('#').unwrap_or(address.len());
            address.insert_str(end, &addition);
        }
        address
    }

    /// Adds the parameters to every `http` or `https` address in a Markdown text: where links lead, and addresses that
    /// stand in the text. Code is left alone, and so is a link's visible text.
    pub fn on_markdown(&self, markdown: &str) -> String {
        let mut edits = self.edits(markdown);
        edits.sort();
        edits.dedup_by_key(|(at, _)| *at);
        let mut out = String::with_capacity(markdown.len() + edits.len() * 32);
        let mut done = 0;
        for (at, addition) in edits {
            out.push_str(markdown.get(done..at).unwrap_or_default());
            out.push_str(&addition);
            done = at;
        }
        out.push_str(markdown.get(done..).unwrap_or_default());
        out
    }

    /// What to put before the fragment of an address.
    fn addition(&self, address: &str) -> Option<String> {
        let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let has = |name: &str| url.query_pairs().any(|(other, _)| other == name);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(name, _)| !has(name)) {
            query.append_pair(name, value);
        }
        let query = query.finish();
        let before = address.split('#').next().unwrap_or_default();
        let joint = match before.split_once('?') {
            None => "?",
            Some((_, last)) if last.is_empty() || last.ends_with('&') => "",
            Some(_) => "&",
        };
        (!query.is_empty()).then(|| format!("{joint}{query}"))
    }

    /// What to insert, and where in the source.
    fn edits(&self, markdown: &str) -> Vec<(usize, String)> {
        let parser = Parser::new_ext(markdown, Options::empty()).into_offset_iter();
        let mut edits: Vec<(usize, String)> = Vec::new();
        for (_, definition) in parser.reference_definitions().iter() {
            let source = markdown.get(definition.span.clone()).unwrap_or_default();
            if let Some(target) = source.find("]:").map(|at| definition.span.start + at + 2) {
                edits.extend(self.in_target(markdown, target..definition.span.end, &definition.dest));
            }
        }
        let mut running = Running::default();
        // Links and pictures around the place: for inline links where they end, where they lead, and where their text
        // ends in the source.
        let mut around: Vec<Option<(Range<usize>, String)>> = Vec::new();
        let mut text_end = 0;
        for (event, range) in parser {
            match event {
                Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                    if link_type == LinkType::Autolink {
                        edits.extend(self.in_target(markdown, range.clone(), &dest_url));
                    }
                    let inline = link_type == LinkType::Inline;
                    text_end = range.start + 1;
                    around.push(inline.then(|| (range, dest_url.into_string())));
                    running.pause();
                }
                Event::Start(Tag::Image { .. }) => around.push(None),
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    if let Some((link, address)) = around.pop().flatten() {
                        let from = text_end.clamp(link.start, link.end);
                        let rest = markdown.get(from..link.end).unwrap_or_default();
                        if let Some(target) = rest.find("](").map(|at| from + at + 2) {
                            edits.extend(self.in_target(markdown, target..link.end, &address));
                        }
                    }
                    text_end = range.end;
                }
                Event::Text(text) if around.is_empty() => running.text(&text, range),
                Event::SoftBreak | Event::HardBreak | Event::Code(_) | Event::Start(_) => {
                    text_end = text_end.max(range.end);
                    // Emphasis does not interrupt an address, as it does not when it is detected.
                    if !matches!(event, Event::Start(Tag::Emphasis | Tag::Strong)) {
                        running.pause();
                    }
                    if matches!(event, Event::Start(Tag::CodeBlock(_))) {
                        around.push(None);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    around.pop();
                }
                _ => text_end = text_end.max(range.end),
            }
        }
        for address in detect::addresses(&running.text) {
            let url = running.text.get(address.clone()).unwrap_or_default();
            if let Some(addition) = self.addition(url) {
                let end = url.find('#').map_or(address.end, |at| address.start + at);
                // In running text `_` could begin emphasis.
                edits.push((running.source_end(end), addition.replace('_', "\\_")));
            }
        }
        edits
    }

    /// The insertion into a link's target as it is written: `<…>` or not, a title after it or not.
    fn in_target(&self, markdown: &str, range: Range<usize>, address: &str) -> Option<(usize, String)> {
        let addition = self.addition(address)?;
        let source = markdown.get(range.clone())?;
        let written = source.trim_start();
        let start = range.start + source.len() - written.len();
        let (start, written, pointed) = match written.strip_prefix('<') {
            Some(rest) => (start + 1, rest, true),
            None => (start, written, false),
        };
        let mut depth = 0usize;
        let mut escaped = false;
        let end = written.char_indices().find(|(_, c)| {
            if std::mem::take(&mut escaped) {
                return false;
            }
            match c {
                '\\' => escaped = true,
                '>' if pointed => return true,
                '#' => return true,
                '(' => depth += 1,
                ')' if !pointed && depth == 0 => return true,
                ')' => depth = depth.saturating_sub(1),
                c if !pointed && c.is_whitespace() => return true,
                _ => {}
            }
            false
        });
        Some((start + end.map_or(written.len(), |(at, _)| at), addition))
    }
}

/// The running text outside of links and code, and where its pieces stand in the source.
#[derive(Default)]
struct Running {
    text: String,
    /// Where a piece begins in the text; where it stands in the source; whether it is written there as it is.
    pieces: Vec<(usize, Range<usize>, bool)>,
}

impl Running {
    fn text(&mut self, text: &str, source: Range<usize>) {
        let verbatim = text.len() == source.len();
        self.pieces.push((self.text.len(), source, verbatim));
        self.text.push_str(text);
    }

    /// Something stands between that is no text.
    fn pause(&mut self) {
        self.text.push('\n');
    }

    /// Where in the source the text before a byte ends.
    fn source_end(&self, end: usize) -> usize {
        let piece = self.pieces.partition_point(|(at, _, _)| *at < end).saturating_sub(1);
        match self.pieces.get(piece) {
            Some((at, source, true)) => (source.start + end - at).min(source.end),
            Some((_, source, false)) => source.end,
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utm() -> Utm {
        Utm::from_values(|name| match name {
            "source" => Some("net".to_owned()),
            "campaign" => Some("autumn launch_1".to_owned()),
            _ => None,
        })
    }

    const ADDED: &str = "utm_source=net&utm_campaign=autumn+launch_1";

    #[test]
    fn what_an_address_has_it_keeps() {
        for (address, expected) in [
            ("https://a.example", format!("https://a.example?{ADDED}")),
            ("https://a.example/x?y=1#z", format!("https://a.example/x?y=1&{ADDED}#z")),
            ("https://a.example/?", format!("https://a.example/?{ADDED}")),
            (
                "https://a.example/?utm_source=mine",
                "https://a.example/?utm_source=mine&utm_campaign=autumn+launch_1".into(),
            ),
            ("https://a.example/#?", format!("https://a.example/?{ADDED}#?")),
            ("mailto:a@b.example", "mailto:a@b.example".into()),
            ("notes.md", "notes.md".into()),
        ] {
            assert_eq!(utm().on_address(address), expected);
        }
        assert_eq!(Utm::default().on_address("https://a.example"), "https://a.example");
    }

    /// The links of a text after its addresses got their parameters.
    fn links(markdown: &str) -> Vec<String> {
        use crate::render::layout::{Links, lay};
        let changed = utm().on_markdown(markdown);
        let laid = lay(&crate::render::markdown::parse(&changed), Links::Marked);
        let facets = detect::facets(&laid).into_iter();
        let links = facets.filter_map(|facet| match facet.feature {
            crate::render::Feature::Link { url } => Some(url.replace(ADDED, "…")),
            _ => None,
        });
        links.collect()
    }

    #[test]
    fn every_kind_of_link_gets_them() {
        for (markdown, expected) in [
            ("[a](https://a.example/x)", "https://a.example/x?…"),
            ("[a *b*](<https://a.example/x#z> \"title (1)\")", "https://a.example/x?…#z"),
            ("[a](https://a.example/x_(y)\n'z')", "https://a.example/x_(y)?…"),
            ("[![p](p.png)](https://a.example/)", "https://a.example/?…"),
            ("[a](https://a.example/?a=1&amp;b=2)", "https://a.example/?a=1&b=2&…"),
            ("<https://a.example/x>", "https://a.example/x?…"),
            ("[a][b] more\n\n[b]: https://a.example/x 'title'", "https://a.example/x?…"),
            ("see https://a.example/x.", "https://a.example/x?…"),
            ("**https://a.example/x**", "https://a.example/x?…"),
            ("https://a.example/x\\_y\\_z#q", "https://a.example/x_y_z?…#q"),
            ("_x https://a.example/?a=1&amp;b=2_", "https://a.example/?a=1&b=2&…"),
            ("> - https://a.example/*x*/y", "https://a.example/x/y?…"),
        ] {
            assert_eq!(links(markdown), [expected], "{markdown}");
        }
    }

    #[test]
    fn code_pictures_mail_and_visible_text_stay() {
        for same in [
            "`https://a.example` and\n\n```\nhttps://a.example\n```\n\n    https://a.example\n",
            "![p](https://a.example/p.png) [m](mailto:a@b.example) <a@b.example> acme.example/x",
            "[https://a.example](notes.md)",
        ] {
            assert_eq!(utm().on_markdown(same), same);
        }
        let changed = utm().on_markdown("[https://a.example](https://a.example)");
        assert_eq!(changed, format!("[https://a.example](https://a.example?{ADDED})"));
    }

    #[test]
    fn the_rest_of_the_text_is_not_touched() {
        let markdown = "é https://a.example 👩‍👩‍👧 [x](https://b.example) end";
        assert_eq!(
            utm().on_markdown(markdown),
            format!("é https://a.example?{} 👩‍👩‍👧 [x](https://b.example?{ADDED}) end", ADDED.replace('_', "\\_"))
        );
    }

    proptest::proptest! {
        #[test]
        fn only_insertions_are_made(markdown in crate::render::tests::text()) {
            let changed = utm().on_markdown(&markdown);
            let mut rest = changed.chars();
            proptest::prop_assert!(markdown.chars().all(|c| rest.any(|other| other == c)), "{markdown:?} → {changed:?}");
        }
    }
}
