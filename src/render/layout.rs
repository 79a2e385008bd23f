//! [`Document`] → lines of text, as posts have them.

use std::ops::Range;

use super::richtext::{Block, Document, Item, Placed, Rich, Style};

/// What becomes of a link whose text is not its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// The address stands behind it: `text (https://…)`.
    Beside,
    /// The text is marked; see [`Laid::links`].
    Marked,
}

/// Text in lines, and what was known of it before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Laid {
    /// The text.
    pub text: String,
    /// Links: the bytes of their text, and the address. In order, not overlapping.
    pub links: Vec<(Range<usize>, String)>,
    /// Bytes that are code: nothing in them is a link, a mention or a hashtag.
    pub code: Vec<Range<usize>>,
    /// Bytes whose character was escaped: no mention or hashtag begins there.
    pub escaped: Vec<usize>,
}

/// Lays a document out: a blank line where the source has one, `• ` and `1. ` before items, `> ` before quotations,
/// emphasis dropped, code as it is.
pub fn lay(document: &Document, links: Links) -> Laid {
    blocks(&document.blocks, links)
}

fn blocks(blocks: &[Placed], links: Links) -> Laid {
    let mut all = Laid::default();
    for (n, Placed { block, apart }) in blocks.iter().enumerate() {
        if n > 0 {
            all.text.push_str(if *apart { "\n\n" } else { "\n" });
        }
        all.append(match block {
            Block::Paragraph(rich) | Block::Heading(_, rich) => running(rich, links),
            Block::List(list) => items(list, links),
            Block::Quote(inner) => self::blocks(inner, links).prefixed("> ", "> "),
            Block::Code(text) => {
                let whole = 0..text.len();
                Laid { text: text.clone(), code: vec![whole], ..Laid::default() }
            }
            Block::Rule => Laid { text: "———".to_owned(), ..Laid::default() },
        });
    }
    all
}

fn items(items: &[Item], links: Links) -> Laid {
    let mut all = Laid::default();
    for (n, Item { number, blocks, apart }) in items.iter().enumerate() {
        if n > 0 {
            all.text.push_str(if *apart { "\n\n" } else { "\n" });
        }
        let marker = match number {
            Some((number, delimiter)) => format!("{number}{delimiter} "),
            None => "• ".to_owned(),
        };
        let indent = " ".repeat(marker.chars().count());
        all.append(self::blocks(blocks, links).prefixed(&marker, &indent));
    }
    all
}

fn running(rich: &Rich, links: Links) -> Laid {
    let mut line = Line { rich, laid: Laid::default(), copied: 0 };
    for span in &rich.spans {
        let Style::Link(url) = &span.style else { continue };
        line.copy(span.range.start);
        let text = rich.text.get(span.range.clone()).unwrap_or_default();
        let address = url.strip_prefix("mailto:").unwrap_or(url);
        let start = line.laid.text.len();
        let marked = links == Links::Marked && address == url;
        if !marked && same_address(text, address) {
            line.copied = span.range.end;
            line.laid.text.push_str(address);
        } else {
            line.copy(span.range.end);
        }
        if marked {
            line.laid.links.push((start..line.laid.text.len(), url.clone()));
        } else if line.laid.text.get(start..) != Some(address) {
            line.laid.text.push_str(&format!(" ({address})"));
        }
    }
    line.copy(rich.text.len());
    line.laid
}

/// Running text on its way into a line.
struct Line<'a> {
    rich: &'a Rich,
    laid: Laid,
    /// So much of the running text is in.
    copied: usize,
}

impl Line<'_> {
    /// Takes the running text up to a byte, with what is code and what is escaped in it.
    fn copy(&mut self, to: usize) {
        let from = std::mem::replace(&mut self.copied, to);
        let at = self.laid.text.len();
        self.laid.text.push_str(self.rich.text.get(from..to).unwrap_or_default());
        // Spans and escapes are in order, so what lies before is passed over without a look.
        let spans = &self.rich.spans;
        let first = spans.partition_point(|span| span.range.start < from);
        let within = spans.iter().skip(first).take_while(|span| span.range.start < to);
        let code = within.filter(|span| span.style == Style::Code);
        self.laid.code.extend(code.map(|span| span.range.start - from + at..span.range.end - from + at));
        let first = self.rich.escaped.partition_point(|byte| *byte < from);
        let within = self.rich.escaped.iter().skip(first).take_while(|byte| **byte < to);
        self.laid.escaped.extend(within.map(|byte| byte - from + at));
    }
}

/// Whether a link's text is its address, perhaps without `https://` or the slash at the end.
fn same_address(text: &str, address: &str) -> bool {
    let bare = |address: &str| {
        let schemes = ["https://", "http://"];
        let rest = schemes.iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or(address);
        rest.strip_suffix('/').unwrap_or(rest).to_owned()
    };
    bare(text.trim()) == bare(address)
}

impl Laid {
    /// Puts another text behind this one.
    fn append(&mut self, other: Laid) {
        let by = self.text.len();
        self.text.push_str(&other.text);
        self.links.extend(other.links.into_iter().map(|(range, url)| (range.start + by..range.end + by, url)));
        self.code.extend(other.code.into_iter().map(|range| range.start + by..range.end + by));
        self.escaped.extend(other.escaped.into_iter().map(|byte| byte + by));
    }

    /// Puts something before the first line and before every other line. Empty lines get no blanks at their end.
    fn prefixed(self, first: &str, rest: &str) -> Laid {
        let mut text = String::with_capacity(self.text.len());
        // Where each line began, and where it begins now.
        let mut lines = Vec::new();
        let mut began = 0;
        for (n, line) in self.text.split('\n').enumerate() {
            if n > 0 {
                text.push('\n');
            }
            let prefix = if n == 0 { first } else { rest };
            text.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
            lines.push((began, text.len()));
            text.push_str(line);
            began += line.len() + 1;
        }
        let moved = |byte: usize| {
            let line = lines.partition_point(|(began, _)| *began <= byte).saturating_sub(1);
            lines.get(line).map_or(byte, |(began, begins)| byte - began + begins)
        };
        let range = |range: Range<usize>| moved(range.start)..moved(range.end);
        Laid {
            links: self.links.into_iter().map(|(bytes, url)| (range(bytes), url)).collect(),
            code: self.code.into_iter().map(range).collect(),
            escaped: self.escaped.into_iter().map(moved).collect(),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::markdown::parse;

    fn plain(markdown: &str) -> String {
        lay(&parse(markdown), Links::Beside).text
    }

    #[test]
    fn lines_and_blank_lines_stay_where_the_author_put_them() {
        assert_eq!(plain("One\ntwo  \nthree\\\nfour\n\n\n\nfive"), "One\ntwo\nthree\nfour\n\nfive");
        assert_eq!(plain("# Today\nAt nine:\n- tea\n- cake\n\nCome!"), "Today\nAt nine:\n• tea\n• cake\n\nCome!");
        assert_eq!(plain("One\r\ntwo\r\n\r\nthree\r\n"), "One\ntwo\n\nthree");
    }

    #[test]
    fn emphasis_is_dropped_and_signs_that_were_escaped_are_not() {
        assert_eq!(
            plain("**Acme 5** is *here*, 3 \\* 3 = 9, a\\_b, &amp; so on"),
            "Acme 5 is here, 3 * 3 = 9, a_b, & so on"
        );
    }

    #[test]
    fn lists_quotes_and_code_look_like_what_they_are() {
        let markdown = "1. one\n2. two\n   - deep\n     more\n3) other\n\n> said\n> so\n>\n> > twice\n\n```rust\nfn main() {\n    *x*\n}\n```\n***\nend";
        let text = "1. one\n2. two\n   • deep\n     more\n3) other\n\n> said\n> so\n>\n> > twice\n\nfn main() {\n    *x*\n}\n———\nend";
        assert_eq!(plain(markdown), text);
    }

    #[test]
    fn a_link_is_followed_by_its_address_unless_it_is_its_address() {
        assert_eq!(plain("Read [the news](https://acme.example/a)."), "Read the news (https://acme.example/a).");
        assert_eq!(plain("[acme.example/a](https://acme.example/a/)"), "https://acme.example/a/");
        assert_eq!(plain("<https://acme.example> https://b.example"), "https://acme.example https://b.example");
        assert_eq!(plain("[write](mailto:a@b.example) <a@b.example>"), "write (a@b.example) a@b.example");
        assert_eq!(plain("[![leaf](a.png)](https://acme.example)"), "https://acme.example");
    }

    #[test]
    fn comments_are_dropped_and_other_html_is_text() {
        assert_eq!(plain("a <b>b</b><!-- no --> c\n\n<!--\nnote\n-->\nd"), "a <b>b</b> c\n\nd");
        assert_eq!(plain("<div>\n*x*\n</div>"), "<div>\n*x*\n</div>");
        assert_eq!(plain("<!-- never closed\n\nthe post"), "<!-- never closed\n\nthe post");
    }

    #[test]
    fn pictures_leave_no_hole() {
        assert_eq!(plain("Look ![x](a.png) here\n![y](b.png)\nand\n\n![z](c.png)\n\nthere"), "Look here\nand\n\nthere");
        let images = parse("![A *red* ![nested](n.png) leaf](a.png)\n\n![](b.png)").images;
        let found: Vec<_> = images.iter().map(|image| (image.target.as_str(), image.alt.as_str())).collect();
        assert_eq!(found, [("a.png", "A red nested leaf"), ("b.png", "")]);
    }

    #[test]
    fn a_link_nobody_can_follow_is_found() {
        let document = parse("[a](notes.md) [b](javascript:alert) [c](http://) [d](https://d.example)");
        assert_eq!(document.dead_links, ["notes.md", "javascript:alert", "http://"]);
        assert_eq!(document.links(), ["https://d.example"]);
    }

    #[test]
    fn marks_move_with_their_text() {
        let laid = lay(&parse("- a\n- > é [x y](https://x.example) `c`\\#"), Links::Marked);
        assert_eq!(laid.text, "• a\n• > é x y c#");
        let of = |range: &Range<usize>| laid.text.get(range.clone()).unwrap().to_owned();
        assert_eq!(laid.links.iter().map(|(range, _)| of(range)).collect::<Vec<_>>(), ["x y"]);
        assert_eq!(laid.code.iter().map(of).collect::<Vec<_>>(), ["c"]);
        assert_eq!(laid.escaped.iter().map(|at| &laid.text[*at..]).collect::<Vec<_>>(), ["#"]);
    }

    #[test]
    fn depth_has_an_end() {
        assert!(plain(&">".repeat(50_000)).len() < 100);
        assert!(plain(&format!("{}x", "> ".repeat(50_000))).ends_with('x'));
        assert!(plain(&format!("{}x", "- ".repeat(5_000))).ends_with('x'));
        plain(&"*a ".repeat(20_000));
        plain(&"[".repeat(60_000));
    }

    #[test]
    fn every_script_goes_through_untouched() {
        for text in ["👩‍👩‍👧‍👦 🇩🇪 👍🏽", "e\u{301} और क्षि", "発売中。本日", "שלום עולם", "zero\u{200d}width", "Z̶̢̛a̴l̷g̸o̶"]
        {
            assert_eq!(plain(text), text);
        }
    }
}
