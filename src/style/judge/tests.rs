//! Good and bad posts for each judgement of a team's own guide, in many scripts.

use std::sync::Arc;

use proptest::prelude::*;

use crate::style::{Audience, Guide, Level, Remark};
use crate::workspace::memory::MemoryFiles;
use crate::workspace::source::Source;
use crate::workspace::{AccountName, Body, Due, Finding, Post, PostId, Text, Variant};

fn post(markdown: &str, labels: &[&str]) -> Post {
    Post {
        id: PostId::new("a").unwrap(),
        source: Arc::new(Source::new("posts/a.md", markdown)),
        title: None,
        to: Vec::new(),
        due: Due::Asap,
        draft: false,
        owner: None,
        campaign: None,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        languages: Vec::new(),
        link: None,
        media: Vec::new(),
        content_warning: None,
        sensitive: false,
        options: Default::default(),
        repeats: Vec::new(),
        body: Body { parts: vec![Text { markdown: markdown.to_owned(), offset: 0 }], variants: Vec::new() },
    }
}

fn read(files: &MemoryFiles) -> (Guide, Vec<Finding>) {
    let known = ["mastodon/acme", "bluesky/acme"].map(|name| AccountName::new(name).unwrap());
    Guide::read(files, &known.iter().collect::<Vec<_>>())
}

/// The guide of one file, without a finding.
fn guide(toml: &str) -> Guide {
    let (guide, findings) = read(&MemoryFiles::default().with("style/guide.toml", format!("version = 1\n{toml}")));
    assert_eq!(findings.iter().map(|f| (f.code, &f.message)).collect::<Vec<_>>(), [], "{toml}");
    guide
}

fn remarks_of(guide: &Guide, post: &Post, language: &str) -> Vec<Remark> {
    let accounts = [AccountName::new("mastodon/acme").unwrap()];
    let languages = [language.to_owned()];
    guide.judge(post, &post.body.parts[0], Audience { accounts: &accounts, languages: &languages })
}

/// What a guide says of a text: the check, the words that it is about, and the text once it is mended.
fn said_in(toml: &str, markdown: &str, language: &str) -> Vec<(String, String, String)> {
    let found = remarks_of(&guide(toml), &post(markdown, &["sponsored"]), language);
    let told = |remark: Remark| {
        let mended = remark.fix.map(|fix| {
            let mut text = markdown.to_owned();
            text.replace_range(fix.range, &fix.text);
            text
        });
        let check = remark.check.trim_start_matches("style/").to_owned();
        (check, markdown[remark.range].to_owned(), mended.unwrap_or_default())
    };
    found.into_iter().map(told).collect()
}

fn said(toml: &str, markdown: &str) -> Vec<(String, String, String)> {
    said_in(toml, markdown, "en")
}

fn one(check: &str, words: &str, mended: &str) -> (String, String, String) {
    (check.to_owned(), words.to_owned(), mended.to_owned())
}

#[track_caller]
fn fine(toml: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(said(toml, text), [], "{text}");
    }
}

#[test]
fn words_that_are_not_said() {
    let toml = "[[avoid]]\nwords = [\"leverage\", \"make use of\"]\nsay = \"use\"\nwhy = \"plain words\"\n\
        [[avoid]]\nwords = \"synergy\"\nlevel = \"error\"\n[[avoid]]\nwords = \"big\"\nsay = [\"large\", \"great\"]\n";
    assert_eq!(
        said(toml, "Leverage **it**, and make\nuse of #leverage."),
        [
            one("avoid", "Leverage", "Use **it**, and make\nuse of #leverage."),
            one("avoid", "make\nuse of", "Leverage **it**, and use #leverage."),
            one("avoid", "leverage", "Leverage **it**, and make\nuse of #use."),
        ]
    );
    assert_eq!(
        remarks_of(&guide("[[avoid]]\nwords = \"x\"\nlevel = \"info\"\n"), &post("x", &[]), "en")[0].level,
        Level::Suggestion
    );
    assert_eq!(said(toml, "synergy, big"), [one("avoid", "synergy", ""), one("avoid", "big", "")]);
    let found = remarks_of(&guide(toml), &post("Leverage synergy, big", &[]), "en");
    let told: Vec<_> = found.iter().map(|remark| (remark.level, remark.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (Level::Warning, "say `use` instead of `Leverage`: plain words"),
            (Level::Error, "`synergy` is not said here"),
            (Level::Warning, "say `large` or `great` instead of `big`"),
        ]
    );
    fine(toml, &["leveraged `leverage` @leverage https://a.example/leverage [x](https://a.example/synergy)"]);
    assert_eq!(said(toml, "make **use** of"), [one("avoid", "make **use** of", "")], "Markdown is never written over");
    for (words, text, found) in [
        ("использовать", "Использовать это", "Использовать"),
        ("σοφία", "Η ΣΟΦΊΑ", "ΣΟΦΊΑ"),
        ("جديد", "هذا جديد.", "جديد"),
        ("नया", "यह नया है।", "नया"),
        ("革命的", "これは革命的です", "革命的"),
    ] {
        assert_eq!(said(&format!("[[avoid]]\nwords = \"{words}\"\n"), text), [one("avoid", found, "")]);
    }
}

#[test]
fn no_sign_hides_a_word() {
    let toml = "[[avoid]]\nwords = [\"don't make use\", \"café\"]\n";
    for text in ["Don’t make use", "don't  make\u{a0}use", "don't make\u{202f}\nuse", "Cafe\u{301}", "CAFÉ"] {
        assert_eq!(said(toml, text), [one("avoid", text, "")]);
    }
    fine(toml, &["Don’t make\n\nuse", "cafe"]);
}

#[test]
fn what_is_put_in_brings_nothing_back() {
    let toml = "[[avoid]]\nwords = [\"cloud\"]\nsay = \"the Acme cloud\"\n";
    fine(toml, &["Try the Acme cloud", "The acme  Cloud"]);
    assert_eq!(said(toml, "Try Acme cloud"), [one("avoid", "cloud", "")]);
    let toml = "[[avoid]]\nwords = [\"phone\"]\nsay = \"iPhone\"\n[[avoid]]\nwords = [\"Cloud\"]\nsay = \"hosting\"\n[[avoid]]\nwords = \"big\"\nsay = \"large\"\n";
    for (text, mended) in
        [("Our Cloud is", "Our hosting is"), ("“Cloud is", "“Hosting is"), ("a Big day", "a Large day")]
    {
        assert_eq!(said(toml, text)[0].2, mended);
    }
}

#[test]
fn addresses_tags_and_quotations_are_let_alone() {
    let toml =
        "[[avoid]]\nwords = \"cloud\"\nsay = \"hosting\"\n[[avoid]]\nwords = \"deal\"\nsay = \"special offer\"\n";
    fine(
        toml,
        &["cloud.example cloud@a.example www.Cloud.example a.example/cloud docs/cloud.md @cloud a.example/x?cloud=1."],
    );
    assert_eq!(said(toml, "The cloud. Cloud, #deal")[2], one("avoid", "deal", ""));
    for quotation in ["She said “my cloud”", "> The cloud", "> - a cloud", "«le cloud»"] {
        assert_eq!(said(toml, quotation), [one("avoid", "cloud", "")], "{quotation}");
    }
    assert_eq!(said(toml, "“A” cloud “b”"), [one("avoid", "cloud", "“A” hosting “b”")]);
    assert_eq!(said("[[name]]\nwrite = \"Node.js\"\n", "We use node.js"), [one("name", "node.js", "We use Node.js")]);
}

#[test]
fn names_are_written_in_one_way() {
    let toml = "[[name]]\nwrite = \"GitHub\"\nalso = [\"git hub\", \"GH\"]\n[[name]]\nwrite = \"npm\"\n[[name]]\nwrite = \"GitHub Actions\"\n";
    assert_eq!(
        said(toml, "Github's and git hub"),
        [one("name", "Github", "GitHub's and git hub"), one("name", "git hub", "Github's and GitHub"),]
    );
    assert_eq!(
        said(toml, "NPM, Github actions"),
        [one("name", "NPM", "npm, Github actions"), one("name", "Github actions", "NPM, GitHub Actions"),]
    );
    fine(
        toml,
        &[
            "GitHub, npm, GitHub Actions, `github`, githubber",
            "github.com docs/github @github #github noor@github.example",
            "[GitHub](https://github.com)",
        ],
    );
    let greek = "[[name]]\nwrite = \"Άκμε\"\n";
    assert_eq!(said(greek, "η άΚμε"), [one("name", "άΚμε", "η Άκμε")]);
    assert_eq!(said(greek, "η άκμε"), [one("name", "άκμε", "")], "it may be the word");
    fine("[[name]]\nwrite = \"L'Oréal\"\n", &["L’Ore\u{301}al"]);
}

#[test]
fn posts_with_a_label_say_what_they_must() {
    let toml = "[[require]]\nlabel = \"sponsored\"\ntext = [\"#ad\", \"Werbung\"]\nwhy = \"the law\"\n";
    fine(toml, &["Great shoes #ad", "WERBUNG: Schuhe"]);
    assert_eq!(said(toml, "Great shoes\n#adventure"), [one("require", "Great shoes", "")]);
    let guide = guide(toml);
    assert_eq!(remarks_of(&guide, &post("Great shoes", &[]), "en"), []);
    assert_eq!(
        remarks_of(&guide, &post("Great shoes", &["Sponsored "]), "en").len(),
        1,
        "labels are read as workflows do"
    );
    assert_eq!(remarks_of(&guide, &post("", &["sponsored"]), "en").len(), 1, "a picture alone says nothing");
    assert_eq!(remarks_of(&guide, &post("", &[]), "en"), []);
    let mut thread = post("One\n---\nTwo #ad\n::: bluesky\nThree\n:::\n", &["sponsored"]);
    let part = |markdown: &str, offset: usize| Text { markdown: markdown.to_owned(), offset };
    thread.body.parts = vec![part("One", 0), part("Two #ad", 8)];
    let names = vec!["bluesky".to_owned()];
    thread.body.variants = vec![Variant { names, part: None, parts: vec![part("Three", 28)], span: 16..27 }];
    assert_eq!(remarks_of(&guide, &thread, "en"), [], "the thread says it later");
    let variant = guide.judge(&thread, &thread.body.variants[0].parts[0], Audience::default());
    assert_eq!(variant[0].message, "a post with the label `sponsored` must say `#ad` or `Werbung`: the law");
    assert_eq!((variant[0].level, variant[0].range.clone()), (Level::Error, 28..33));
    assert_eq!(guide.judge(&thread, &thread.body.parts[1], Audience::default()), []);
}

#[test]
fn there_is_not_too_much_of_anything() {
    let toml = "[limits]\nemoji = 2\nexclamation_marks = 1\nhashtags = 1\nmentions = 1\nsentence_words = 5\n";
    fine(
        toml,
        &[
            "👩‍👩‍👧 🇩🇪 ★ ✓ © 1 #",
            "Great!",
            "One two three four five.",
            "これはとても長い文章でありますがそれでも数えることはできませんから",
            "@a #b",
        ],
    );
    assert_eq!(said(toml, "👍🏽 ❤️ 1️⃣"), [one("limits", "1️⃣", "")]);
    assert_eq!(said(toml, "☝🏽 ✌🏽 ❤"), [one("limits", "❤", "")]);
    assert_eq!(said(toml, "好！很好！"), [one("limits", "！", "")]);
    assert_eq!(said(toml, "#a #b @c @d"), [one("limits", "#b", ""), one("limits", "@d", "")]);
    assert_eq!(
        said(toml, "Да. Один два три четыре пять шесть."),
        [one("limits", "Один два три четыре пять шесть.", "")]
    );
    let found = remarks_of(&guide(toml), &post("No! No! No!", &[]), "en");
    assert_eq!(found[0].message, "3 exclamation marks are here: at most 1 may be");
}

#[test]
fn nobody_shouts() {
    let toml = "[limits]\nall_caps = \"error\"\ncapitals = [\"UNESCO\"]\n[[name]]\nwrite = \"ACME GmbH\"\n";
    fine(toml, &["NASA and UNESCO", "The EU. I", "ACME", "#SHOUTING @SHOUTER", "秋秋秋秋秋秋", "עברית هذا"]);
    assert_eq!(said(toml, "This is GREAT"), [one("all-caps", "GREAT", "")]);
    fine(toml, &["NASA, ESA and the EU", "the NATO EU summit", "IT, EU, USA"]);
    assert_eq!(said(toml, "BUY IT TODAY, NASA"), [one("all-caps", "BUY IT TODAY", "")]);
    assert_eq!(said(toml, "ВНИМАНИЕ"), [one("all-caps", "ВНИМАНИЕ", "")]);
}

#[test]
fn hashtags_are_read_word_by_word() {
    let toml = "[hashtags]\nform = \"CamelCase\"\nknown = [\"SocialMedia\", \"#ÉcoleDuSoir\"]\n";
    fine(
        toml,
        &["#SocialMedia #launch #autumnlaunch #AutumnLaunch #_a #2026_12 #नया_साल #秋_冬 #top_10", "`#social_media`"],
    );
    assert_eq!(
        said(toml, "#socialmedia ＃autumn_LAUNCH_day #écoledusoir"),
        [
            one("hashtag", "#socialmedia", "#SocialMedia ＃autumn_LAUNCH_day #écoledusoir"),
            one("hashtag", "＃autumn_LAUNCH_day", "#socialmedia ＃AutumnLAUNCHDay #écoledusoir"),
            one("hashtag", "#écoledusoir", "#socialmedia ＃autumn_LAUNCH_day #ÉcoleDuSoir"),
        ]
    );
    fine("[hashtags]\nknown = [\"SocialMedia\"]\n", &["#autumn_launch"]);
}

#[test]
fn no_post_begins_so() {
    let toml = "[opening]\navoid = [\"We are excited to\", \"We're thrilled\"]\n";
    fine(toml, &["Today we are excited to say", "We are excited today", "Excited"]);
    assert_eq!(said(toml, "🎉 We are *excited* to announce"), [one("opening", "We are *excited* to", "")]);
    assert_eq!(said(toml, "“WE'RE THRILLED!”"), [one("opening", "WE'RE THRILLED", "")]);
}

#[test]
fn texts_are_easy_to_read() {
    let toml = "[reading]\nease = 60\nfrom_words = 5\n";
    let easy = "The cat sat on the mat. It was warm. We like cats a lot.";
    let hard = "Organisational interoperability considerations necessitate comprehensive reconceptualisation.";
    fine(toml, &[easy, "Considerations necessitate.", "🍁"]);
    assert_eq!(said(toml, hard), [one("reading", hard, "")]);
    for (language, easy, hard) in [
        (
            "de-AT",
            "Das ist ein Haus. Es ist gut. Wir gehen hin.",
            "Datenschutzgrundverordnungskonforme Verarbeitungstätigkeitsverzeichnisse bedürfen kontinuierlicher Aktualisierungsmaßnahmen.",
        ),
        (
            "fr",
            "Le chat dort. Il fait beau. On va au parc.",
            "Constitutionnellement, l'interopérabilité organisationnelle nécessite considération approfondie supplémentaire.",
        ),
        (
            "es",
            "El sol es de oro. Voy a casa. Ya es hoy.",
            "Constitucionalmente, la interoperabilidad organizacional necesita consideraciones suplementarias extraordinarias.",
        ),
    ] {
        assert_eq!(said_in(toml, easy, language), [], "{easy}");
        assert_eq!(said_in(toml, hard, language).len(), 1, "{hard}");
    }
    assert_eq!(said_in(toml, hard, "nl"), [], "no formula, no judgement");
    let found = remarks_of(&guide(toml), &post(hard, &[]), "en");
    assert_eq!(
        found[0].message,
        "this is hard to read: 0 of 100 by Flesch, and 60 or more are asked for; shorter sentences and words help"
    );
}

#[test]
fn links_say_where_they_lead() {
    let toml = "[links]\navoid_text = [\"click here\", \"here\", \"hier\", \"здесь\"]\n";
    fine(toml, &["[the guide](https://a.example), here", "[see here](https://a.example)", "<https://a.example>"]);
    assert_eq!(
        said(toml, "[Click *here*!](https://a.example) [→ Здесь](https://b.example)"),
        [one("link-text", "Click *here*!", ""), one("link-text", "→ Здесь", ""),]
    );
}

#[test]
fn nobody_is_told_how_to_reach_people() {
    let toml = "[privacy]\nemail = \"error\"\nphone = \"warning\"\n";
    fine(
        toml,
        &[
            "@noor@server.example, a @ b, `a@b.example`",
            "On 01.12.2026 at 09:00, 2026-12-01, 10,000,000 of 1.000.000, $555 123, #0123456789",
            "https://a.example/+49301234567",
            "Open 09.00-17.30, from 03.12.-05.12.2026, 01.12.2026 09.00 - 10.30, and +1.000.000 people",
            "ISBN 978-3-16-148410-0",
        ],
    );
    assert_eq!(
        said(toml, "Mail noor.haddad@acme.example or <ünal@müller.example>."),
        [one("privacy-email", "noor.haddad@acme.example", ""), one("privacy-email", "ünal@müller.example", ""),]
    );
    let open = format!("{toml}allow = [\"press@acme.example\", \"@help.example\", \"+49 30 1234567\"]\n");
    fine(&open, &["Press@acme.example, us@help.example, +49 (30) 123-4567"]);
    assert_eq!(said(&open, "ana@acme.example"), [one("privacy-email", "ana@acme.example", "")]);
    for phone in [
        "+49 30 1234567",
        "+1 (555) 123-4567",
        "(030) 123 456 78",
        "030/1234567",
        "07700900123",
        "555-123-4567",
        "06.12.34.56.78",
    ] {
        assert_eq!(said(toml, &format!("Call {phone}!")), [one("privacy-phone", phone, "")]);
    }
}

#[test]
fn a_file_holds_where_it_says() {
    let toml = "link = \"https://acme.example/guide\"\naccounts = [\"mastodon/*\"]\nlanguages = [\"en\"]\n[[avoid]]\nwords = \"x\"\n";
    let (guide, post) = (guide(toml), post("x", &[]));
    let judged = |account: &str, language: &str| {
        let accounts = [AccountName::new(account).unwrap()];
        guide.judge(&post, &post.body.parts[0], Audience { accounts: &accounts, languages: &[language.to_owned()] })
    };
    assert_eq!(judged("mastodon/acme", "en-GB")[0].link.as_deref(), Some("https://acme.example/guide"));
    assert_eq!(judged("mastodon/acme", "EN").len(), 1);
    assert_eq!((judged("bluesky/acme", "en").len(), judged("mastodon/acme", "eng").len()), (0, 0));
    assert_eq!(guide.judge(&post, &post.body.parts[0], Audience::default()), []);
    let (everywhere, findings) =
        read(&MemoryFiles::default().with("style/A.TOML", "version = 1\naccounts = \"*\"\n[[avoid]]\nwords = \"x\"\n"));
    assert_eq!((findings.len(), remarks_of(&everywhere, &post, "en").len()), (0, 1));
}

#[test]
fn faults_of_a_guide_have_a_place_and_a_way_out() {
    for (toml, code, line, message) in [
        ("version = 2\n", "style/version", 1, "this program knows version 1, not 2"),
        ("[limits]\nemoji = 1\n", "style/missing-key", 1, "`version` is missing"),
        ("version = 1\nlink = \"x\"\n", "style/link", 2, "`x` is no address of a page"),
        ("version = 1\n[limit]\nemoji = 1\n", "style/unknown-key", 2, "there is no key `limit` here"),
        ("version = 1\n[limits]\nemoji = \"3\"\n", "style/wrong-type", 3, ""),
        ("version = 1\n[limits]\nall_caps = \"loud\"\n", "style/bad-value", 3, "`loud` is no value of `all_caps`"),
        ("version = 1\n[[avoid]]\nsay = \"x\"\n", "style/missing-key", 2, "`words` is missing"),
        ("version = 1\n[[avoid]]\nwords = []\n", "style/empty", 3, "this list is empty"),
        ("version = 1\n[[avoid]]\nwords = [\" \"]\n", "style/empty", 3, "this says nothing"),
        (
            "version = 1\n[[avoid]]\nwords = \"a\"\nsay = \"A\"\n",
            "style/avoid",
            4,
            "`A` is to be avoided and to be said",
        ),
        ("version = 1\n[[avoid]]\nwords = [\"a\", \"A\"]\n", "style/avoid", 3, "`A` is avoided twice"),
        ("version = 1\n[[name]]\nwrite = \"a\"\nalso = \"a\"\n", "style/name", 4, "`a` is how the name is written"),
        ("version = 1\naccounts = \"{a}\"\n", "style/unknown-account", 2, ""),
        (
            "version = 1\naccounts = \"mastodon/acne\"\n",
            "style/unknown-account",
            2,
            "there is no account `mastodon/acne`",
        ),
        ("version = 1\nlanguages = \"english\"\n", "style/language", 2, "`english` is no language"),
        ("version = 1\nlanguages = \"English, please\"\n", "style/language", 2, "`English, please` is no language"),
        ("version = 1\n[hashtags]\nlevel = \"error\"\n", "style/empty", 2, "this says nothing of hashtags"),
        ("version = 1\n[hashtags]\nform = \"camelcase\"\n", "style/bad-value", 3, "`camelcase` is no value of `form`"),
        ("version = 1\n[hashtags]\nknown = \"a b\"\n", "style/hashtag", 3, "`a b` is no hashtag"),
        ("version = 1\n[reading]\nease = 101\n", "style/ease", 3, "the ease is a number from 1 to 100, not 101"),
        ("version = \n", "toml/syntax", 1, ""),
    ] {
        let (_, findings) = read(&MemoryFiles::default().with("style/a.toml", toml));
        let told: Vec<_> = findings.iter().map(|f| (f.code, f.place().line)).collect();
        assert_eq!(told, [(code, line)], "{toml}");
        assert!(message.is_empty() || findings[0].message == message, "{}", findings[0].message);
        assert!(!findings[0].help.is_empty() || code.ends_with("bad-value"), "{toml}");
    }
    let (guide, findings) = read(&MemoryFiles::default().with_link("style/a.toml").with("style/b.txt", "no"));
    assert_eq!((guide.is_empty(), findings.len(), findings[0].code), (true, 1, "style/unreadable"));
    let (guide, findings) = read(&MemoryFiles::default());
    assert!(guide.is_empty() && findings.is_empty() && guide.gave_up().is_empty());
}

const EVERYTHING: &str = "[[avoid]]\nwords = [\"a\", \"bb\", \"é\", \"漢\"]\nsay = \"c\"\n[[name]]\nwrite = \"Ab\"\nalso = \"a b\"\n\
    [[require]]\nlabel = \"sponsored\"\ntext = \"#ad\"\n\
    [limits]\nemoji = 0\nexclamation_marks = 0\nhashtags = 0\nmentions = 0\nsentence_words = 1\nall_caps = \"error\"\n\
    [hashtags]\nform = \"CamelCase\"\nknown = [\"Ab\"]\n[opening]\navoid = \"a\"\n[reading]\nease = 100\nfrom_words = 0\n\
    [links]\navoid_text = \"a\"\n[privacy]\nemail = \"error\"\nphone = \"error\"\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_is_fatal_and_every_remark_lies_in_it(
        markdown in "([abAB ,.!?*_`#@>0-9é漢🍁-]|\\n|\\r\\n|a b|#a_b|\\[a\\]\\(b\\)|a@b\\.cc|\\+49 30 1234567|&amp;|है|::: x\\n|:::\\n|مرحبا ){0,40}",
        language in prop::sample::select(vec!["en", "de", "fr", "es", "ja"]),
    ) {
        thread_local!(static GUIDE: Guide = guide(EVERYTHING));
        GUIDE.with(|guide| {
            for remark in remarks_of(guide, &post(&markdown, &["sponsored"]), language) {
                assert!(markdown.get(remark.range.clone()).is_some(), "{remark:?}");
                assert!(remark.fix.is_none_or(|fix| markdown.get(fix.range).is_some()));
            }
        });
    }
}
