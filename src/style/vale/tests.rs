//! Rules of Vale: their keys one by one, and two styles that many teams use.
//!
//! What is expected here was worked out by hand from Vale's documentation and from the cases in its own test suite.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::Styles;
use crate::style::{Level, Prose, Remark};
use crate::workspace::memory::MemoryFiles;
use crate::workspace::{Finding, Text};

/// The styles of files, without a finding.
fn sound(files: &MemoryFiles) -> Styles {
    let mut findings = Vec::new();
    let styles = Styles::read(files, &mut findings);
    assert_eq!(findings.iter().map(|f| (f.code, &f.source.path, &f.message)).collect::<Vec<_>>(), []);
    styles
}

fn remarks(styles: &Styles, markdown: &str) -> Vec<Remark> {
    let text = Text { markdown: markdown.to_owned(), offset: 0 };
    let prose = Prose::read(markdown, &text);
    let mut remarks = styles.judge("posts/a.md", &prose);
    remarks.sort_by_key(|remark| (remark.range.start, remark.check.clone()));
    remarks
}

/// What one rule says: the words that it is about, the message, and what it puts in their place.
fn said(rule: &str, markdown: &str) -> Vec<(String, String, Option<String>)> {
    let styles = sound(&MemoryFiles::default().with("styles/Acme/Rule.yml", rule));
    let told = |remark: Remark| (markdown[remark.range].to_owned(), remark.message, remark.fix.map(|fix| fix.text));
    remarks(&styles, markdown).into_iter().map(told).collect()
}

/// The words that one rule is about.
fn words(rule: &str, markdown: &str) -> Vec<String> {
    said(rule, markdown).into_iter().map(|(words, _, _)| words).collect()
}

fn said_as(words: &str, message: &str, fix: Option<&str>) -> (String, String, Option<String>) {
    (words.to_owned(), message.to_owned(), fix.map(str::to_owned))
}

#[test]
fn existence() {
    let rule =
        "extends: existence\nmessage: \"Avoid '%s'.\"\nignorecase: true\ntokens:\n  - obviously\n  - very \\w+\n";
    assert_eq!(
        said(rule, "Obviously, a *very* good unobviously `obviously` thing."),
        [said_as("Obviously", "Avoid 'Obviously'.", None), said_as("very* good", "Avoid 'very good'.", None),]
    );
    assert_eq!(words("extends: existence\nmessage: m\ntokens: [Foo]\n", "foo Foo Foos"), ["Foo"]);
    assert_eq!(words("extends: existence\nmessage: m\nnonword: true\ntokens: ['\\.{3}']\n", "Well... yes"), ["..."]);
    let raw = "extends: existence\nmessage: m\nraw:\n  - '\\d+'\n  - ' *'\ntokens: [kg]\n";
    assert_eq!(words(raw, "5 kg, kg"), ["5 kg"]);
    let raw = "extends: existence\nmessage: m\nappend: true\nraw: ['\\s*\\d+']\ntokens: [version]\n";
    assert_eq!(words(raw, "version 5, version"), ["version 5"]);
    assert_eq!(words("extends: existence\nmessage: m\nraw: ['[a-c]+x']\n", "abcx"), ["abcx"]);
}

#[test]
fn exceptions_and_phrases_of_the_vocabulary() {
    let rule =
        "extends: existence\nmessage: m\nignorecase: true\ntokens: [mea, the \\w+]\nexceptions: [the API, mea culpa]\n";
    assert_eq!(words(rule, "mea culpa, the API, the app, mea"), ["the app", "mea"]);
    let files = MemoryFiles::default()
        .with(".vale.ini", "StylesPath = vale\nVocab = Acme\n[*]\nBasedOnStyles = Acme, Vale\nVale.Spelling = NO\n")
        .with("vale/Acme/Rule.yml", "extends: existence\nmessage: m\ntokens: [Greenlit, other]\n")
        .with("vale/Acme/Free.yml", "extends: existence\nmessage: m\nvocab: false\ntokens: [Greenlit]\n")
        .with("vale/config/vocabularies/Acme/accept.txt", "Greenlit\n[pP]y.*\n\n")
        .with("vale/config/vocabularies/Acme/reject.txt", "Greenlight\n");
    let styles = sound(&files);
    let found = remarks(&styles, "Greenlit other greenlit Greenlight the the");
    let found: Vec<_> =
        found.iter().map(|remark| (remark.check.as_str(), remark.message.as_str(), remark.level)).collect();
    assert_eq!(
        found,
        [
            ("Acme.Free", "m", Level::Warning),
            ("Acme.Rule", "m", Level::Warning),
            ("Vale.Terms", "Use 'Greenlit' instead of 'greenlit'.", Level::Error),
            ("Vale.Avoid", "Avoid using 'Greenlight'.", Level::Error),
            ("Vale.Repetition", "'the' is repeated!", Level::Error),
        ]
    );
}

#[test]
fn substitution() {
    let rule = "extends: substitution\nmessage: \"Use '%s' instead of '%s'.\"\nignorecase: true\nswap:\n  \
        abundance: plenty\n  (?:give|gave) rise to: cause\n  'e[- ]mail': email\n";
    assert_eq!(
        said(rule, "An Abundance gave rise to e-mail."),
        [
            said_as("Abundance", "Use 'plenty' instead of 'Abundance'.", None),
            said_as("gave rise to", "Use 'cause' instead of 'gave rise to'.", None),
            said_as("e-mail", "Use 'email' instead of 'e-mail'.", None),
        ]
    );
    let rule = "extends: substitution\nmessage: \"Use '%s' instead of '%s'.\"\naction:\n  name: replace\nswap:\n  \
        utili[sz]e: use|apply\n  (\\w+) in order to: $1 to\n";
    assert_eq!(
        said(rule, "utilize it in order to win"),
        [
            said_as("utilize", "Use 'use' or 'apply' instead of 'utilize'.", None),
            said_as("it in order to", "Use 'it to' instead of 'it in order to'.", Some("it to")),
        ]
    );
    // What is good already is let alone: the better word, and what fits a pattern of better words.
    assert_eq!(
        words("extends: substitution\nmessage: m\nignorecase: true\nswap: {github: GitHub}\n", "GitHub github"),
        ["github"]
    );
    assert_eq!(
        words(
            "extends: substitution\nmessage: m\nignorecase: true\nswap: {'py\\w*': '[pP]ython3?'}\n",
            "Python3 pyton"
        ),
        ["pyton"]
    );
    let rule = "extends: substitution\nmessage: \"'%s'\"\nignorecase: true\ncapitalize: true\naction: {name: replace}\nswap: {utilize: use}\n";
    assert_eq!(said(rule, "Utilize"), [said_as("Utilize", "'Use'", Some("Use"))]);
}

#[test]
fn occurrence() {
    let rule = "extends: occurrence\nmessage: \"Fewer '%s'.\"\nscope: sentence\nmax: 1\ntoken: ','\n";
    assert_eq!(said(rule, "a, b, c. d, e."), [said_as(",", "Fewer '%s'.", None)]);
    let rule = "extends: occurrence\nmessage: m\nscope: heading\nmin: 2\ntoken: '\\b\\w+\\b'\n";
    assert_eq!(words(rule, "# One\n\n# One two\n\nthree"), ["One"]);
    assert_eq!(words("extends: occurrence\nmessage: none\nmin: 1\ntoken: x\n", "a\n\nx"), ["a"]);
}

#[test]
fn repetition() {
    let rule = "extends: repetition\nmessage: \"'%s' is repeated!\"\nalpha: true\nignorecase: true\naction:\n  name: edit\n  \
        params: [truncate, ' ']\ntokens: ['[^\\s]+']\n";
    assert_eq!(
        said(rule, "This this is not not\nnot good of of"),
        [
            said_as("This this", "'this' is repeated!", None),
            said_as("not not", "'not' is repeated!", None),
            said_as("not\nnot", "'not' is repeated!", None),
            said_as("of of", "'of' is repeated!", Some("of")),
        ]
    );
    assert_eq!(words(rule, "the `the` the. 5 5. Use Redis. Redis is fine, fine."), Vec::<String>::new());
    let words_alone = rule.replace("[^\\\\s]+", "[^\\\\s.!?]+");
    assert_eq!(words(&words_alone, "It is the end. end it! It? it"), Vec::<String>::new());
    let most = "extends: repetition\nmessage: m\nmax: 1\ntokens: ['\\w+']\n";
    assert_eq!(words(most, "a a b"), Vec::<String>::new());
    assert_eq!(words(most, "a a a b"), ["a a"]);
}

#[test]
fn conditional() {
    let rule = "extends: conditional\nmessage: \"'%s' has no definition\"\nfirst: '\\b([A-Z]{3,5})\\b'\n\
        second: '(?:\\b[A-Z][a-z]+ )+\\(([A-Z]{3,5})\\)'\nexceptions: [HTML]\n";
    let text = "The World Health Organization (WHO) and the WHO.\n\nThe NFL has HTML. The WHO again.";
    assert_eq!(said(rule, text), [said_as("NFL", "'NFL' has no definition", None)]);
    let plain = "extends: conditional\nmessage: m\nfirst: sale\nsecond: terms apply\n";
    assert_eq!(words(plain, "A sale, terms apply.\n\nA sale."), ["sale"]);
}

#[test]
fn capitalization() {
    let rule =
        |keys: &str| format!("extends: capitalization\nmessage: \"'%s' should be '%s'\"\nscope: heading\n{keys}");
    let title = rule("match: $title\nstyle: AP\n");
    for good in ["# The Art of War", "# A Walk Through the Park", "# What's New in iOS 5", "# Élan and Verve", "# 秋"]
    {
        assert_eq!(words(&title, good), Vec::<String>::new(), "{good}");
    }
    assert_eq!(
        said(&title, "# The art of War in here"),
        [said_as("The art of War in here", "'The art of War in here' should be 'The Art of War in Here'", None)]
    );
    let chicago = rule("match: $title\nstyle: Chicago\nthreshold: 1\naction: {name: replace}\n");
    assert_eq!(
        said(&chicago, "# A Walk Through the Park"),
        [said_as(
            "A Walk Through the Park",
            "'A Walk Through the Park' should be 'A Walk through the Park'",
            Some("A Walk through the Park")
        )]
    );
    let sentence = rule("match: $sentence\nindicators: [':']\nexceptions: [GitHub, VS Code]\n");
    for good in ["# This is sentence case", "# Using GitHub and VS Code", "# Top-level: Things go on", "# The NATO way"]
    {
        assert_eq!(words(&sentence, good), Vec::<String>::new(), "{good}");
    }
    for bad in ["This Does Not Comply", "this isn't in sentence case", "Something Weird is happening With Vale"] {
        assert_eq!(words(&sentence, &format!("# {bad}")), [bad]);
    }
    let prefixed = rule("match: $sentence\nprefix: '\\d+\\. '\nthreshold: 1\n");
    assert_eq!(words(&prefixed, "# Step\\. one"), Vec::<String>::new());
    assert_eq!(words(&rule("match: $lower\n"), "# so it is"), Vec::<String>::new());
    assert_eq!(words(&rule("match: $upper\n"), "# SO IT is"), ["SO IT is"]);
    assert_eq!(words(&rule("match: '^[A-Z].*\\?$'\n"), "# Is it?\n\n# It is"), ["It is"]);
}

#[test]
fn scopes_limits_levels_and_links() {
    let rule = "extends: existence\nmessage: m\nlevel: error\nlink: https://acme.example\nlimit: 2\nscope: [heading, list]\ntokens: [x]\n";
    let styles = sound(&MemoryFiles::default().with("styles/Acme/Deep/Rule.yml", rule));
    let found = remarks(&styles, "x\n\n# x x\n\n- x\n");
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].check.as_str(), found[0].level), ("Acme.Deep.Rule", Level::Error));
    assert_eq!(found[0].link.as_deref(), Some("https://acme.example"));
    let raw = "extends: existence\nmessage: m\nnonword: true\nscope: raw\naction: {name: remove}\ntokens: ['\\*\\*']\n";
    assert_eq!(said(raw, "a **b** `**`").len(), 3, "raw looks at everything");
}

#[test]
fn the_settings_say_where_which_rules_hold() {
    let rule = |level: &str| format!("extends: existence\nmessage: m\nlevel: {level}\ntokens: [x]\n");
    let files = MemoryFiles::default()
        .with("styles/A/One.yml", rule("suggestion"))
        .with("styles/A/Two.yml", rule("suggestion"))
        .with("styles/A/Three.yml", rule("error"))
        .with("styles/B/Four.yml", rule("error"))
        .with("styles/B/Five.yml", rule("error"))
        .with("styles/README.yml", "in no style")
        .with(
            ".vale.ini",
            "MinAlertLevel = warning\n[*.md]\nBasedOnStyles = A\nA.Two = warning\nB.Five = YES\n[posts/a*]\nA.Three = NO\nTokenIgnores = x{2,}\n",
        );
    let styles = sound(&files);
    let checks = |path: &str, markdown: &str| -> Vec<(String, Level)> {
        let text = Text { markdown: markdown.to_owned(), offset: 0 };
        let prose = Prose::read(markdown, &text);
        styles.judge(path, &prose).into_iter().map(|remark| (remark.check, remark.level)).collect()
    };
    assert_eq!(checks("posts/a.md", "x"), [("A.Two".into(), Level::Warning), ("B.Five".into(), Level::Error)]);
    assert_eq!(checks("posts/b.md", "x").len(), 3);
    assert_eq!(checks("posts/b.txt", "x"), []);
}

fn told(files: &MemoryFiles) -> Vec<(&'static str, String, usize, String)> {
    let mut findings: Vec<Finding> = Vec::new();
    Styles::read(files, &mut findings);
    findings.into_iter().map(|f| (f.code, f.source.path.clone(), f.place().line, f.message)).collect()
}

#[test]
fn what_cannot_be_followed_is_told() {
    for (rule, code, line, message) in [
        (
            "extends: script\nmessage: m\nscript: x\n",
            "style/unread",
            1,
            "this rule is not followed: `script` runs a program of its own",
        ),
        (
            "extends: spelling\nmessage: m\n",
            "style/unread",
            1,
            "this rule is not followed: `spelling` needs dictionaries",
        ),
        ("extends: existance\n", "style/extends", 1, "`existance` is no kind of rule"),
        ("message: m\n", "style/missing-key", 1, "`extends` is missing"),
        ("extends: existence\ntokens: [a]\n", "style/rule", 1, "`message` is missing: the rule would find nothing"),
        ("extends: existence\nmessage: m\n", "style/rule", 1, "`tokens` is missing: the rule would find nothing"),
        (
            "extends: existence\nmessage: m\ntokens:\n  - a\n  - '(b'\n",
            "style/pattern",
            5,
            "this pattern cannot be read: unclosed group",
        ),
        (
            "extends: existence\nmessage: m\ntoken: a\ntokens: [a]\n",
            "style/misplaced-key",
            3,
            "`token` says nothing in a rule of this kind",
        ),
        (
            "extends: existence\nmessage: m\ntokns: [a]\ntokens: [a]\n",
            "style/unknown-key",
            3,
            "there is no key `tokns` here",
        ),
        (
            "extends: existence\nmessage: m\nlevel: loud\ntokens: [a]\n",
            "style/bad-value",
            3,
            "`loud` is no value of `level`",
        ),
        (
            "extends: existence\nmessage: m\nscope: table.cell\ntokens: [a]\n",
            "style/rule",
            3,
            "no post has a `table`: the rule would find nothing",
        ),
        (
            "extends: existence\nmessage: m\naction: {name: shout}\ntokens: [a]\n",
            "style/rule",
            3,
            "`shout` is no action",
        ),
        ("extends: &a existence\nmessage: m\ntokens: [a]\n", "yaml/anchor", 1, "a style takes no anchors"),
        ("extends: [\n", "yaml/syntax", 2, ""),
    ] {
        let found = told(&MemoryFiles::default().with("styles/Acme/Rule.yml", rule));
        let first = found.first().unwrap_or_else(|| panic!("{rule} is not told of"));
        assert_eq!((first.0, first.1.as_str(), first.2), (code, "styles/Acme/Rule.yml", line), "{rule} {first:?}");
        assert!(message.is_empty() || first.3 == message, "{first:?}");
    }
    let files = MemoryFiles::default()
        .with(".vale.ini", "Vocab = Acme\n[*]\nBasedOnStyles = Gogle, A\n")
        .with_link("styles/A/B.yml");
    let codes: Vec<_> = told(&files).into_iter().map(|(code, path, line, _)| (code, path, line)).collect();
    assert_eq!(
        codes,
        [
            ("style/no-such-vocabulary", ".vale.ini".to_owned(), 1),
            ("style/unreadable", "styles/A/B.yml".to_owned(), 1),
            ("style/no-such-style", ".vale.ini".to_owned(), 3),
        ]
    );
}

#[test]
fn what_the_settings_turn_off_is_not_told() {
    let files = |ini: &str| {
        MemoryFiles::default()
            .with("styles/A/Script.yml", "extends: script\nmessage: m\n")
            .with("styles/B/Broken.yml", "extends: [\n")
            .with(".vale.ini", ini)
    };
    assert_eq!(told(&files("[*]\nBasedOnStyles = A\nA.Script = NO\n")), []);
    let codes = |ini: &str| told(&files(ini)).into_iter().map(|(code, _, line, _)| (code, line)).collect::<Vec<_>>();
    assert_eq!(codes("[*]\nBasedOnStyles = A\n"), [("style/unread", 1)]);
    assert_eq!(codes("[*.md]\nB.Broken = error\nA.Skript = NO\n"), [("yaml/syntax", 2), ("style/no-such-rule", 3)]);
    assert_eq!(codes("[*.md]\nBasedOnStyles = Vale\n"), [("style/unread", 2)]);
}

#[test]
fn a_pattern_that_takes_too_long_is_told_once() {
    let rule = "extends: existence\nmessage: m\nnonword: true\ntokens: ['(?:(?=a)(?:a|aa))+$(?<=b)']\n";
    let styles = sound(&MemoryFiles::default().with("styles/Acme/Slow.yml", rule));
    for _ in 0..2 {
        assert_eq!(remarks(&styles, &format!("{}c", "a".repeat(400))), []);
    }
    let found = styles.gave_up();
    assert_eq!(
        found.iter().map(|f| (f.code, f.source.path.as_str())).collect::<Vec<_>>(),
        [("style/gave-up", "styles/Acme/Slow.yml")]
    );
}

/// The styles under tests/fixtures/styles, as they are shipped.
fn shipped() -> MemoryFiles {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/styles");
    let mut files = MemoryFiles::default();
    for style in ["Google", "write-good"] {
        for entry in fs::read_dir(root.join(style)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files = files.with(&format!("styles/{style}/{name}"), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn every_rule_of_styles_that_teams_use_is_read() {
    let styles = sound(&shipped());
    let (google, good): (Vec<&str>, Vec<&str>) = styles.names().partition(|name| name.starts_with("Google."));
    assert_eq!((google.len(), good.len()), (32, 8));
}

#[test]
fn styles_that_teams_use_find_what_their_authors_meant() {
    let styles = sound(&shipped());
    let markdown = "# Our New Product Launch Is Here\n\nWe will launch at 5PM... The NFL is not here!\n\n\
        There is a `very` very obvious reason, but it is is fine — kill the newly-made *e-mail*.";
    let said = |remark: &Remark| {
        let fix = remark.fix.as_ref().map(|fix| format!(" -> {:?}", fix.text)).unwrap_or_default();
        format!("{} {:?}{fix}: {}\n", remark.check, &markdown[remark.range.clone()], remark.message)
    };
    let said: String = remarks(&styles, markdown).iter().map(said).collect();
    assert_eq!(said, include_str!("sample.txt"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_fatal_and_every_remark_lies_in_it(
        markdown in "([a-zA-Z ,.!?*_`#>-]|\\n|the |is |NATO |5PM |é|漢字|🍁|very |&amp;|https://a\\.example ){0,60}",
    ) {
        thread_local!(static STYLES: Styles = sound(&shipped()));
        STYLES.with(|styles| {
            for remark in remarks(styles, &markdown) {
                assert!(markdown.get(remark.range.clone()).is_some(), "{remark:?}");
                assert!(remark.fix.is_none_or(|fix| markdown.get(fix.range).is_some()));
            }
        });
    }

    #[test]
    fn no_rule_is_fatal(
        pattern in r"([a-c\\\[\](){}|*+?.^$é-]|\(\?:|\(\?=|\\b|\\1){0,10}",
        kind in prop::sample::select(vec!["existence", "substitution", "occurrence", "repetition", "capitalization", "conditional"]),
        text in "[a-cé ]{0,20}",
    ) {
        let quoted = serde_json::to_string(&pattern).unwrap();
        let rule = format!(
            "extends: {kind}\nmessage: '%s %s'\nmax: 1\ntokens: [{quoted}]\nswap: {{{quoted}: {quoted}}}\ntoken: {quoted}\nmatch: {quoted}\n\
            first: {quoted}\nsecond: {quoted}\nexceptions: [{quoted}]\n"
        );
        let styles = Styles::read(&MemoryFiles::default().with("styles/A/B.yml", rule), &mut Vec::new());
        for remark in remarks(&styles, &text) {
            prop_assert!(text.get(remark.range).is_some());
        }
    }
}
