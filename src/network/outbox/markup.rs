//! The last look at a post's HTML before it becomes part of a page: known tags only, every one closed, nothing that runs.

use url::Url;

use crate::render::html::{TAGS, escape};

/// Tags inside a line of text.
const INLINES: [&str; 4] = ["a", "code", "em", "strong"];
/// Tags that stand alone.
const VOID: [&str; 2] = ["br", "hr"];
/// How deep tags may be nested.
const DEEPEST: usize = 1000;

/// The HTML as it goes onto a page, or `None` where it has anything that is not known to be harmless.
///
/// It is written anew from what was understood, so that a browser has nothing left to understand differently. Each
/// tag stands only where HTML's grammar allows it: a `<li>` outside of a list would close the page's own elements.
pub fn checked(html: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<&'static str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        push_text(text, &open, &mut out)?;
        let (tag, after) = read_tag(tag.strip_prefix('<')?)?;
        rest = after;
        match tag {
            Tag::Void(name) => {
                let parent = open.last().copied();
                (takes_inlines(parent) && (name == "br" || holds_blocks(parent))).then_some(())?;
                out.push_str(&format!("<{name}>"));
            }
            Tag::Open(name, attributes) => {
                may_hold(open.last().copied(), name).then_some(())?;
                (open.len() < DEEPEST && !(name == "a" && open.contains(&"a"))).then_some(())?;
                out.push_str(&format!("<{name}{attributes}>"));
                open.push(name);
            }
            Tag::Close(name) => {
                (open.pop()? == name).then_some(())?;
                out.push_str(&format!("</{name}>"));
            }
        }
    }
    push_text(rest, &open, &mut out)?;
    open.is_empty().then_some(out)
}

/// Plain text as HTML: blank lines part paragraphs, addresses become links.
pub fn from_text(text: &str) -> String {
    let mut finder = linkify::LinkFinder::new();
    finder.kinds(&[linkify::LinkKind::Url]);
    let mut out = String::new();
    for paragraph in text.split("\n\n").map(|it| it.trim_matches('\n')).filter(|it| !it.is_empty()) {
        out.push_str("<p>");
        for span in finder.spans(paragraph) {
            let shown = escaped(span.as_str()).replace('\n', "<br>\n");
            match span.kind().and_then(|_| link(span.as_str())) {
                Some(url) => out.push_str(&format!("<a href=\"{}\" rel=\"noopener\">{shown}</a>", escaped(url))),
                None => out.push_str(&shown),
            }
        }
        out.push_str("</p>\n");
    }
    out
}

/// An address that a reader may be sent to: `https`, `http` or `mailto`.
pub fn link(address: &str) -> Option<&str> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "https" | "http" | "mailto").then_some(address)
}

/// Text without the characters that neither HTML nor XML may hold.
pub fn legal(text: &str) -> String {
    let illegal = |c: char| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(|c| !illegal(*c)).collect()
}

/// Text with `&`, `<`, `>` and quotes as entities.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

enum Tag {
    /// Its name, and its attributes as they are written anew.
    Open(&'static str, String),
    Close(&'static str),
    /// One that has no end tag.
    Void(&'static str),
}

/// Whether an element, or the post itself, may hold another.
fn may_hold(parent: Option<&'static str>, child: &'static str) -> bool {
    match parent {
        Some("ul" | "ol") => child == "li",
        _ if holds_blocks(parent) => child != "li",
        _ => INLINES.contains(&child),
    }
}

fn holds_blocks(parent: Option<&'static str>) -> bool {
    matches!(parent, None | Some("blockquote" | "li"))
}

fn takes_inlines(parent: Option<&'static str>) -> bool {
    !matches!(parent, Some("ul" | "ol"))
}

fn push_text(text: &str, open: &[&'static str], out: &mut String) -> Option<()> {
    (takes_inlines(open.last().copied()) || text.trim().is_empty()).then_some(())?;
    out.push_str(&escaped(&unescaped(&legal(text))));
    Some(())
}

/// Reads a tag behind its `<`; the rest is what follows its `>`.
fn read_tag(text: &str) -> Option<(Tag, &str)> {
    if let Some(text) = text.strip_prefix('/') {
        let (name, rest) = text.split_once('>')?;
        return Some((Tag::Close(known(name)?), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, mut rest) = text.split_at(end);
    let name = known(name)?;
    let is_void = VOID.contains(&name);
    let mut attributes = String::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n']);
        if let Some(rest) = rest.strip_prefix('>') {
            return Some((if is_void { Tag::Void(name) } else { Tag::Open(name, attributes) }, rest));
        }
        let (attribute, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        match (name, attribute) {
            ("a", "href") => {
                let address = unescaped(value);
                // A browser can do nothing with what is no address: it stays a link that leads nowhere.
                if Url::parse(&address).is_ok() {
                    attributes = format!(" href=\"{}\" rel=\"noopener\"", escaped(link(&address)?));
                }
            }
            // What a link says of itself is ours to say.
            ("a", "rel") => {}
            ("ol", "start") => attributes = format!(" start=\"{}\"", value.parse::<u32>().ok()?),
            _ => return None,
        }
    }
}

fn known(name: &str) -> Option<&'static str> {
    TAGS.into_iter().find(|tag| *tag == name)
}

/// Text with the entities that a renderer writes turned back into characters; any other `&` stands for itself.
fn unescaped(text: &str) -> String {
    const ENTITIES: [(&str, char); 7] = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&#x27;", '\''),
        ("&amp;", '&'),
        ("&nbsp;", '\u{a0}'),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let entity = ENTITIES.iter().find_map(|(name, c)| from.strip_prefix(name).map(|after| (*c, after)));
        match entity {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = from.strip_prefix('&').unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_renderer_writes_stays() {
        for html in [
            "<p>Plain &amp; simple: 1 &lt; 2</p>\n",
            "<p>A <strong>bold</strong> and <em>fine <code>word</code></em><br>\nnext line</p>",
            "<ul>\n<li>one</li>\n<li><p>two</p><ol start=\"3\"><li>three</li></ol></li>\n</ul>",
            "<blockquote><p>said</p></blockquote><pre><code>fn main() {}</code></pre><hr>",
            "<p>مرحبا 自動車</p>",
        ] {
            assert_eq!(checked(html).as_deref(), Some(html));
        }
        assert_eq!(
            checked("<p><a href=\"https://acme.example/a?b=1&amp;c=2\" rel=\"nofollow\">x</a><br></p>").unwrap(),
            "<p><a href=\"https://acme.example/a?b=1&amp;c=2\" rel=\"noopener\">x</a><br></p>"
        );
    }

    #[test]
    fn what_runs_or_breaks_out_is_refused() {
        for html in [
            "<script>alert(1)</script>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<p onclick=\"alert(1)\">x</p>",
            "<p style=\"position:fixed\">x</p>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"java\nscript:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<a href=\"file:///etc/passwd\">x</a>",
            "<a href='https://a.example'>x</a>",
            "<img src=\"x\">",
            "<svg><p>",
            "<!-- x -->",
            "<![CDATA[x]]>",
            "<p",
            "<p>x",
            "x</p>",
            "</article>",
            "<p><li>x</li></p>",
            "<p><hr></p>",
            "<li>x</li>",
            "<p><p>x</p></p>",
            "<h1>x</h1>",
            "<h2><h3>x</h3></h2>",
            "<ul>text</ul>",
            "<strong><p>x</p></strong>",
            "<a href=\"https://a.example\"><a href=\"https://b.example\">x</a></a>",
        ] {
            assert_eq!(checked(html), None, "{html}");
        }
        assert_eq!(checked(&"<blockquote>".repeat(100_000)), None);
    }

    #[test]
    fn an_address_that_is_none_leads_nowhere() {
        for address in ["/etc", "&#106;avascript:alert(1)", "https://[", " "] {
            let html = format!("<a href=\"{address}\" rel=\"noopener\">x</a>");
            assert_eq!(checked(&html).as_deref(), Some("<a>x</a>"), "{address}");
        }
    }

    #[test]
    fn plain_text_gets_paragraphs_lines_and_links() {
        assert_eq!(
            from_text("One\ntwo <b>\n\n\nSee https://a.example/?x=1&y=2."),
            "<p>One<br>\ntwo &lt;b&gt;</p>\n<p>See <a href=\"https://a.example/?x=1&amp;y=2\" rel=\"noopener\">https://a.example/?x=1&amp;y=2</a>.</p>\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_either_refused_or_stays_what_it_is(html in "[<>/a-z\"=& ;#':p]{0,60}") {
            if let Some(out) = checked(&html) {
                prop_assert_eq!(checked(&out), Some(out));
            }
        }
    }
}
