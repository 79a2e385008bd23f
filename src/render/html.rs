//! [`Document`] → HTML made of a few known tags.

use std::ops::Range;

use super::detect;
use super::richtext::{Block, Document, Item, Placed, Rich, Span, Style};

/// The tags that [`html`] writes. Only `a` has attributes (`href`, `rel`), and `ol` (`start`).
pub const TAGS: [&str; 15] =
    ["a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong", "ul"];

/// Writes a document as HTML. All text is escaped; headings begin at `h2`, for the page has its own; links lead to
/// `http`, `https` and `mailto` addresses only.
pub fn html(document: &Document) -> String {
    let mut out = String::new();
    blocks(&document.blocks, false, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// Escapes text for HTML, in elements and in quoted attributes.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

fn blocks(blocks: &[Placed], tight: bool, out: &mut String) {
    for Placed { block, .. } in blocks {
        match block {
            Block::Paragraph(rich) if tight => running(rich, out),
            Block::Paragraph(rich) => element("p", rich, out),
            Block::Heading(1, rich) => element("h2", rich, out),
            Block::Heading(2, rich) => element("h3", rich, out),
            Block::Heading(_, rich) => element("h4", rich, out),
            Block::List(list) => items(list, out),
            Block::Quote(inner) => {
                out.push_str("<blockquote>\n");
                self::blocks(inner, false, out);
                out.push_str("</blockquote>");
            }
            Block::Code(text) => {
                out.push_str("<pre><code>");
                escape(text, out);
                out.push_str("</code></pre>");
            }
            Block::Rule => out.push_str("<hr>"),
        }
        out.push('\n');
    }
}

fn element(tag: &str, rich: &Rich, out: &mut String) {
    out.push_str(&format!("<{tag}>"));
    running(rich, out);
    out.push_str(&format!("</{tag}>"));
}

fn items(items: &[Item], out: &mut String) {
    let number = items.first().and_then(|item| item.number);
    match number {
        None => out.push_str("<ul>\n"),
        Some((1, _)) => out.push_str("<ol>\n"),
        Some((start, _)) => out.push_str(&format!("<ol start=\"{start}\">\n")),
    }
    let loose = items.iter().skip(1).any(|item| item.apart)
        || items.iter().any(|item| item.blocks.iter().skip(1).any(|placed| placed.apart));
    for item in items {
        out.push_str("<li>");
        blocks(&item.blocks, !loose, out);
        out.truncate(out.trim_end().len());
        out.push_str("</li>\n");
    }
    out.push_str(if number.is_some() { "</ol>" } else { "</ul>" });
}

fn running(rich: &Rich, out: &mut String) {
    let mut spans: Vec<(Range<usize>, Tag<'_>)> = rich.spans.iter().map(|s| (s.range.clone(), Tag::of(s))).collect();
    for range in detect::addresses(&rich.text) {
        if stands_free(&range, &rich.spans) {
            let url = rich.text.get(range.clone()).unwrap_or_default();
            spans.push((range, Tag::A(url)));
        }
    }
    spans.retain(|(range, _)| !range.is_empty());
    // The outer before the inner. The sort is stable, so equal ranges nest as they did in the source.
    spans.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut open: Vec<(usize, Tag<'_>)> = Vec::new();
    let mut written = 0;
    for (range, tag) in spans {
        while let Some((end, tag)) = open.pop_if(|(end, _)| *end <= range.start) {
            text(rich, &mut written, end, out);
            tag.close(out);
        }
        text(rich, &mut written, range.start, out);
        tag.open(out);
        open.push((range.end, tag));
    }
    while let Some((end, tag)) = open.pop() {
        text(rich, &mut written, end, out);
        tag.close(out);
    }
    text(rich, &mut written, rich.text.len(), out);
}

/// Whether a bare address touches no link and no code, and crosses the border of no other span.
fn stands_free(range: &Range<usize>, spans: &[Span]) -> bool {
    spans.iter().filter(|span| span.range.start < range.end && range.start < span.range.end).all(|span| {
        let around = span.range.start <= range.start && range.end <= span.range.end;
        let inside = range.start <= span.range.start && span.range.end <= range.end;
        matches!(span.style, Style::Strong | Style::Emphasis) && (around || inside)
    })
}

fn text(rich: &Rich, written: &mut usize, to: usize, out: &mut String) {
    let from = std::mem::replace(written, to.max(*written));
    for (n, line) in rich.text.get(from..to).unwrap_or_default().split('\n').enumerate() {
        if n > 0 {
            out.push_str("<br>\n");
        }
        escape(line, out);
    }
}

#[derive(Clone, Copy)]
enum Tag<'a> {
    Strong,
    Em,
    Code,
    A(&'a str),
}

impl<'a> Tag<'a> {
    fn of(span: &'a Span) -> Self {
        match &span.style {
            Style::Strong => Tag::Strong,
            Style::Emphasis => Tag::Em,
            Style::Code => Tag::Code,
            Style::Link(url) => Tag::A(url),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Tag::Strong => "strong",
            Tag::Em => "em",
            Tag::Code => "code",
            Tag::A(_) => "a",
        }
    }

    fn open(self, out: &mut String) {
        out.push('<');
        out.push_str(self.name());
        if let Tag::A(url) = self {
            out.push_str(" href=\"");
            escape(url, out);
            out.push_str("\" rel=\"noopener\"");
        }
        out.push('>');
    }

    fn close(self, out: &mut String) {
        out.push_str(&format!("</{}>", self.name()));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::render::markdown::parse;

    fn of(markdown: &str) -> String {
        html(&parse(markdown))
    }

    #[test]
    fn a_post_as_html() {
        let markdown = "# Today\n\nAt **nine** *or `ten`*:\nsee [us](https://acme.example/?a=1&b=\"2\") or https://b.example.\n\n- tea\n- cake\n  1. big\n\n> said\n\n```\n<x>\n```\n***";
        let expected = "<h2>Today</h2>\n\
            <p>At <strong>nine</strong> <em>or <code>ten</code></em>:<br>\n\
            see <a href=\"https://acme.example/?a=1&amp;b=%222%22\" rel=\"noopener\">us</a> or \
            <a href=\"https://b.example\" rel=\"noopener\">https://b.example</a>.</p>\n\
            <ul>\n<li>tea</li>\n<li>cake\n<ol>\n<li>big</li>\n</ol></li>\n</ul>\n\
            <blockquote>\n<p>said</p>\n</blockquote>\n\
            <pre><code>&lt;x&gt;</code></pre>\n<hr>";
        assert_eq!(of(markdown), expected);
    }

    #[test]
    fn loose_lists_have_paragraphs_and_numbers_begin_where_they_begin() {
        assert_eq!(of("3. a\n\n4. b"), "<ol start=\"3\">\n<li><p>a</p></li>\n<li><p>b</p></li>\n</ol>");
    }

    #[test]
    fn nothing_of_the_author_is_markup() {
        assert_eq!(of("<script>alert('1')</script>"), "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</p>");
        assert_eq!(of("[x](javascript:alert(1)) <b onclick=x>"), "<p>x &lt;b onclick=x&gt;</p>");
        assert_eq!(of("[x](<https://a.example/\"><script>>)").matches("<script>").count(), 0);
    }

    #[test]
    fn of_links_in_each_other_the_inner_one_counts() {
        let inner = "<a href=\"https://c.example\" rel=\"noopener\">https://c.example</a>";
        assert_eq!(of("[<https://c.example>\\[](https://d.example)"), format!("<p>{inner}[</p>"));
    }

    #[test]
    fn addresses_never_cross_other_tags() {
        assert_eq!(
            of("https://a.example/*b*/c"),
            "<p><a href=\"https://a.example/b/c\" rel=\"noopener\">https://a.example/<em>b</em>/c</a></p>"
        );
        assert_well_formed(&of(
            "**x https://a.example/y**z https://a.example/`code` [https://b.example](https://c.example)",
        ));
        assert_eq!(
            of("[](https://a.example)"),
            "<p><a href=\"https://a.example\" rel=\"noopener\">https://a.example</a></p>"
        );
    }

    /// Reads HTML back: known tags only, each closed in order, known attributes only, everything else escaped.
    pub fn assert_well_formed(html: &str) {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = html;
        while let Some((text, after)) = rest.split_once('<') {
            assert_escaped(text);
            let (tag, after) = after.split_once('>').expect("a tag ends");
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{html}");
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(TAGS.contains(&name), "{tag}");
            match name {
                "a" => {
                    let href =
                        attributes.strip_prefix("href=\"").and_then(|rest| rest.strip_suffix("\" rel=\"noopener\""));
                    let href = href.expect("href and rel");
                    assert!(
                        ["http://", "https://", "mailto:"].iter().any(|s| href.to_lowercase().starts_with(s)),
                        "{href}"
                    );
                    assert_escaped(href);
                    assert!(!open.contains(&"a"), "a link in a link: {html}");
                }
                "ol" if !attributes.is_empty() => {
                    let number = attributes.strip_prefix("start=\"").and_then(|rest| rest.strip_suffix('"')).unwrap();
                    number.parse::<u64>().unwrap();
                }
                _ => assert_eq!(attributes, "", "{html}"),
            }
            if !matches!(name, "br" | "hr") {
                open.push(name);
            }
        }
        assert_escaped(rest);
        assert!(open.is_empty(), "{open:?} left open in {html}");
    }

    fn assert_escaped(text: &str) {
        assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
        assert!(text.split('&').skip(1).all(|rest| known.iter().any(|name| rest.starts_with(name))), "{text}");
    }
}
