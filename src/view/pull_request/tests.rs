//! A comment shows what others wrote, and nothing that they wrote does anything there.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::calendar::Slot;
use super::inert::{columns, exact, lines, sentence, words};
use super::posts::{Given, PostReport, StandingReport};
use super::*;
use crate::ledger::fixtures::{key, payload};
use crate::policy::{Kind, Status, paste};
use crate::render::length::measure;
use crate::render::{Attachment, Card, Length, Payload};
use crate::view::preview::AccountReport;
use crate::view::reviews::Became;
use crate::workspace::{AccountName, Due, Person, PostId, Roles};

/// What people and programs may do with a text, and what forges make of it.
const TRICKS: [&str; 16] = [
    "@noor @acme/team",
    "#123 fixes #1 acme/greenlit#2 GH-3 !4 ~bug %5 $6 &7 *iteration:1 [issue:8]",
    "</details></code></pre><script>alert(1)</script>",
    "<img src=\"http://evil.example/a.png\"> ![x](http://evil.example/a.png)",
    "``` ~~~ ` `` ````",
    "\n\n/merge\n/close\n\n",
    "<!-- greenlit:pull-request -->",
    "--> <!--",
    "\u{202e}txt.exe\u{2066}",
    "[a](http://evil.example) https://evil.example www.evil.example a@evil.example",
    "| a | b |\n|---|---|",
    "&#64;noor &lt;b&gt; &amp;",
    "::set-output name=a::b\n##[error]x",
    "0123456789abcdef0123456789abcdef01234567",
    ":tada: :+1: $x^2$ {+ a +} [- b -]",
    "# Heading\n> quote\n- item\n1. item\n***\n\tcode",
];

fn page() -> Page {
    let now = "2026-11-28T09:00:00Z".parse().unwrap();
    Page { width: 80, colour: false, zone: chrono_tz::Europe::Berlin, now }
}

fn roles(name: &str) -> Roles {
    let noor = Person { name: name.to_owned(), ..Person::default() };
    Roles { people: [("noor".to_owned(), noor)].into(), ..Roles::default() }
}

fn found(severity: Severity, text: &str) -> Found {
    Found {
        code: "text/x",
        name: None,
        severity,
        file: text.to_owned(),
        line: 3,
        column: 1,
        end_line: 3,
        end_column: 2,
        message: text.to_owned(),
        label: String::new(),
        help: text.to_owned(),
        link: None,
        fix: None,
    }
}

/// A payload with this text in every place that takes one.
fn everywhere(text: &str) -> Payload {
    let mut payload = payload(&key("launch"), &[text]);
    let attachment = Attachment {
        file: text.to_owned(),
        sha256: String::new(),
        size: 1,
        mime: "image/png".to_owned(),
        alt: text.to_owned(),
        width: None,
        height: None,
    };
    payload.account.server = Some(text.to_owned());
    payload.account.handle = Some(text.to_owned());
    payload.content_warning = Some(text.to_owned());
    payload.languages = vec![text.to_owned()];
    payload.options = [(text.to_owned(), text.into())].into();
    let part = &mut payload.parts[0];
    part.media = vec![attachment.clone()];
    let (url, title, description) = (text.to_owned(), text.to_owned(), text.to_owned());
    part.card = Some(Card { url, title, description, image: Some(attachment) });
    payload
}

fn post(id: &str, text: &str) -> PostReport {
    let payload = everywhere(text);
    let length = Length::Graphemes { limit: 300, bytes: 3_000 };
    let measures = payload.parts.iter().map(|part| measure(part, None, &length)).collect();
    let account = payload.account.name.clone();
    let rendered = Rendered { account, payload: Some(("Bluesky", payload)), measures, duplicate: None };
    let waiting = |kind, children| Decision { children, ..Decision::new(kind, text, Status::Waiting, text) };
    let voice = Decision { commit: Some("c1".into()), ..Decision::new(Kind::Approval, text, Status::NotCounted, text) };
    let stage = Decision { turn: vec!["noor".into()], role: Some(text.into()), ..waiting(Kind::Stage, vec![voice]) };
    PostReport {
        post: Some(PostId::new(id).unwrap()),
        title: text.to_owned(),
        file: format!("posts/{text}.md"),
        change: Change::Edited,
        state: State::Waiting,
        draft: false,
        was_out: false,
        due: Some(Due::At(page().now)),
        due_before: Some(Due::Asap),
        accounts: vec![AccountReport::of(&rendered)],
        standings: vec![StandingReport {
            accounts: vec![AccountName::new("bluesky/acme").unwrap()],
            standing: Standing::Waiting,
            reason: crate::view::escape(text).into_owned(),
            stage: Some(text.to_owned()),
            turn: vec![Who { id: "noor".into(), name: text.to_owned() }],
            approvals: vec![Given {
                what: text.to_owned(),
                commit: "c1".repeat(20),
                counts: false,
                counted: true,
                reason: text.to_owned(),
            }],
            decision: Some(Box::new(waiting(Kind::Workflow, vec![stage]))),
        }],
        findings: vec![found(Severity::Error, text)],
    }
}

fn policy_change(text: &str) -> PolicyChange {
    PolicyChange {
        files: vec![text.to_owned()],
        pinned: true,
        from: None,
        to: Digest::of(b"x"),
        decision: Some(Decision {
            turn: vec!["noor".into()],
            ..Decision::new(Kind::Policy, text, Status::Waiting, text)
        }),
        roles: None,
        in_words: text.to_owned(),
        difference: text.to_owned(),
    }
}

fn review(text: &str) -> ReviewTold {
    ReviewTold {
        pull_request: 7,
        review: 80,
        url: text.to_owned(),
        login: text.to_owned(),
        id: 5551,
        person: None,
        says: "approved",
        posts: vec![PostId::new("launch").unwrap()],
        earlier: Vec::new(),
        stages: vec![text.to_owned()],
        became: Became::NotCounted,
        reason: Some(text.to_owned()),
    }
}

fn request<'a>(posts: Vec<PostReport>, text: &'a str, policy: Option<&'a PolicyChange>) -> PullRequestReport<'a> {
    let slot = |touched| Slot {
        at: page().now,
        post: PostId::new("launch").unwrap(),
        title: text.to_owned(),
        accounts: vec![AccountName::new("bluesky/acme").unwrap()],
        standing: Standing::Waiting,
        touched,
    };
    PullRequestReport {
        version: 1,
        now: page().now,
        branch: text.to_owned(),
        base: "4f0c".repeat(10),
        head: "81aa".repeat(10),
        state: posts.iter().map(|post| post.state).min().unwrap_or(State::Nothing),
        turn: vec![Who { id: "noor".into(), name: text.to_owned() }],
        posts,
        elsewhere: Vec::new(),
        findings: vec![found(Severity::Warning, text)],
        reviews: vec![review(text)],
        unread: Some(text),
        calendar: vec![slot(true), slot(false)],
        policy,
        unusable: Some(text),
    }
}

fn comment(text: &str, budget: usize) -> String {
    let policy = policy_change(text);
    markdown(
        &request(vec![post("launch", text)], text, Some(&policy)),
        &roles(text),
        &page(),
        Budget(budget),
        Yes::Paste,
    )
}

/// The names of all tags, in order: `details`, `/details`. Panics where a sign opens something else.
fn tags(comment: &str) -> Vec<String> {
    const KNOWN: [&str; 18] = [
        "details",
        "summary",
        "table",
        "tr",
        "th",
        "td",
        "p",
        "h3",
        "h4",
        "b",
        "i",
        "sub",
        "code",
        "pre",
        "ul",
        "li",
        "blockquote",
        "span",
    ];
    let mut found = Vec::new();
    for piece in comment.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("<{piece}"));
        let name = tag.split(' ').next().unwrap_or_default();
        let known = KNOWN.contains(&name.trim_start_matches('/')) || name == "br";
        let attributes = tag.split_once(' ').map(|(_, attributes)| attributes);
        let harmless = matches!(attributes, None | Some("open" | "align=\"left\"" | "colspan=\"2\"" | "colspan=\"3\""));
        assert!(known && harmless, "<{tag}>");
        found.push(name.to_owned());
    }
    found
}

/// Whether each tag ends where it has to.
fn balanced(tags: &[String]) -> bool {
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| *tag != "br") {
        match tag.strip_prefix('/') {
            None => open.push(tag.as_str()),
            Some(name) if open.pop() == Some(name) => {}
            Some(_) => return false,
        }
    }
    open.is_empty()
}

/// Everything that must hold, whatever a text says.
fn holds(text: &str, budget: usize) {
    let comment = comment(text, budget);
    assert!(comment.len() <= budget, "{} of {budget}", comment.len());
    assert!(balanced(&tags(&comment)), "{comment}");
    assert!(comment.lines().all(|line| line.is_empty() || line.starts_with('<')), "{comment}");
    assert_eq!(crate::workspace::characters::hidden(&comment).count(), 0, "{comment}");
    // CommonMark takes all of it for HTML, and so reads no sign of its own in it.
    for event in Parser::new_ext(&comment, Options::all()) {
        let html = matches!(event, Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(_));
        assert!(html, "{event:?} in {comment}");
    }
    // Outside of code, where forges look for references, none is left.
    let mut prose = comment.as_str();
    while let Some((before, after)) = prose.split_once("<code>") {
        no_reference(before);
        prose = after.split_once("</code>").expect("code ends").1;
    }
    no_reference(prose);
}

fn no_reference(prose: &str) {
    let shown = prose.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    for (at, sign) in shown.char_indices().filter(|(_, sign)| "@!~%".contains(*sign)) {
        let next = shown[at + sign.len_utf8()..].chars().next().unwrap_or(' ');
        assert!(next == '&' || next == '<' || next.is_whitespace(), "{sign}{next} in {prose}");
    }
    for found in ["#1", "GH-3", "://", "www.e"] {
        assert!(!shown.replace("&#10;", "").contains(found), "{found} in {prose}");
    }
    let hex = shown.split(|sign: char| !sign.is_ascii_hexdigit()).map(str::len).max();
    assert!(hex < Some(7), "{prose}");
}

#[test]
fn no_trick_does_anything() {
    for trick in TRICKS {
        holds(trick, 65_000);
    }
    holds(&TRICKS.join(" "), 65_000);
}

#[test]
fn a_text_is_shown_to_the_letter() {
    assert_eq!(exact("a <b> `c` & @d"), "<code>a &lt;b&gt; `c` &amp; @d</code>");
    assert_eq!(lines("one\n\n/two"), "<code>one</code><br><br><code>/two</code>");
    assert_eq!(lines("a\u{202e}b"), "<code>a\\u{202e}b</code>");
    assert_eq!(columns("a\n  b\n"), "<pre><code>a&#10;  b</code></pre>");
    assert_eq!(sentence("write `a|b`, or ask @noor"), "write <code>a|b</code>, or ask @&#8288;noor");
    assert_eq!(sentence("one ` alone"), "one ` alone");
    assert_eq!(words("Tue 1 Dec 09:00, bluesky/acme"), "Tue 1 Dec 09:00, bluesky/acme");
    assert_eq!(words("a\nb"), "a\\nb");
}

#[test]
fn what_goes_out_and_what_is_missing_stands_at_the_top() {
    let page = page();
    let roles = roles("Noor Haddad");
    let (mut one, mut two) = (post("launch", "Autumn"), post("prices", "Prices"));
    one.findings.clear();
    one.standings[0].reason = "waits for Noor Haddad (editor)".into();
    two.state = State::Errors;
    let policy = None;
    let request = PullRequestReport { unusable: None, ..request(vec![one, two], "main", policy) };
    let comment = markdown(&request, &roles, &page, Budget(65_000), Yes::Review);
    let table = comment.split("</table>").next().unwrap();
    for part in [
        "<h3>❌ greenlit: 1 error to correct</h3>",
        "<td><code>launch</code><br>Autumn<br>Sat 28 Nov 10:00<br>instead of as soon as approved<br><sub>bluesky/acme</sub></td>",
        "<td>⏳ waits for Noor Haddad (editor)<br>the change takes back 1 approval</td>",
        "<td>❌ 1 error to correct<br>",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(comment.contains("<p>14 of 300 characters, 14 of 3000 bytes · "), "{comment}");
    assert!(comment.contains("<blockquote><code>Autumn #launch</code></blockquote>"), "{comment}");
    assert!(!comment.contains("greenlit: approve sha256:"));
    let pasted = markdown(&request, &roles, &page, Budget(65_000), Yes::Paste);
    let line = paste::line(request.posts[0].accounts[0].digest.as_ref().unwrap(), Due::At(page.now));
    assert!(pasted.contains(&format!("<pre><code>{line}</code></pre>")), "{pasted}");
    assert!(comment.contains("➖ Autumn is lost: Autumn (c1c1c1&#8288;c1c1)"), "{comment}");
}

#[test]
fn a_comment_is_never_too_long_and_says_what_is_missing() {
    let text = "All work and no play makes Jack a dull boy. ".repeat(100);
    let long = |n: usize| {
        let mut post = post(&format!("post-{n}"), "Jack");
        for account in &mut post.accounts {
            let part = account.payload.as_mut().unwrap().parts.first_mut().unwrap();
            (part.text, part.media[0].alt) = (text.clone(), text.clone());
        }
        post
    };
    let posts = |count: usize| (0..count).map(long).collect::<Vec<_>>();
    for (count, budget) in [(1, 65_000), (3, 65_000), (20, 65_000), (500, 65_000), (500, 6_000)] {
        let comment =
            markdown(&request(posts(count), "main", None), &roles("Noor"), &page(), Budget(budget), Yes::Paste);
        assert!(comment.len() <= budget, "{count} posts: {} of {budget}", comment.len());
        assert!(balanced(&tags(&comment)));
        let left_out = comment.contains("Left out, for a comment has no more room");
        assert_eq!(left_out, count > 20, "{count} posts");
        let cut = comment.contains("characters more</i>");
        assert!(budget < 65_000 || cut == (count > 3), "{count} posts");
    }
    let whole = markdown(&request(posts(500), "main", None), &roles("Noor"), &page(), Budget(usize::MAX), Yes::Review);
    assert!(!whole.contains("Left out") && !whole.contains("characters more</i>"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_text_says_it_stays_in_its_place(
        text in "(\\PC|[\0-\u{20}\u{7f}-\u{a0}\u{200b}-\u{2069}<>&\"'`~@#!%$/:|*_\\[\\]()\\\\0-9a-f\n-])*",
        trick in prop::sample::select(&TRICKS[..]),
        budget in 8_000usize..70_000,
    ) {
        holds(&format!("{text}{trick}{text}"), budget);
    }
}
