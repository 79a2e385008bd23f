use super::*;
use crate::workspace::Most;

const NETWORKS: &[NetworkSpec] = &[
    NetworkSpec { network: "bluesky", required: &["service", "handle"], optional: &[] },
    NetworkSpec { network: "mastodon", required: &["server", "handle"], optional: &[] },
    NetworkSpec { network: "outbox", required: &["path"], optional: &["url", "title"] },
];

fn faults(text: &str) -> Vec<(&'static str, usize, String)> {
    let (_, findings) = read(text.as_bytes(), NETWORKS);
    findings.iter().map(|f| (f.code, f.place().line, text[f.span.clone()].to_owned())).collect()
}

#[test]
fn a_good_one() {
    let text = r#"
        version = 1
        workspace = "0197c7b2-0000-7000-8000-000000000000"
        timezone = "Europe/Berlin"
        late_after = "1d"
        duplicate_window = "7d"
        [accounts."bluesky/acme"]
        service = "https://bsky.social/"
        handle = "acme.example"
        [accounts."mastodon/acme"]
        server = "http://127.0.0.1:3000"
        handle = "acme"
        late_after = "30m"
        duplicate_window = "0"
        [accounts."outbox/site"]
        path = "public"
        url = "https://news.acme.example/all/"
        [groups]
        everywhere = ["bluesky/acme", "mastodon/acme", "outbox/site"]
    "#;
    let (settings, findings) = read(text.as_bytes(), NETWORKS);
    assert_eq!(findings, []);
    let settings = settings.unwrap();
    let account = |name: &str| settings.accounts[&AccountName::new(name).unwrap()].clone();
    assert_eq!(account("bluesky/acme").server.as_deref(), Some("https://bsky.social"));
    assert_eq!(account("bluesky/acme").late_after, Duration::from_secs(86_400));
    assert_eq!(account("mastodon/acme").late_after, Duration::from_secs(1_800));
    assert_eq!(account("bluesky/acme").duplicate_window, Duration::from_secs(7 * 86_400));
    assert_eq!(account("mastodon/acme").duplicate_window, Duration::ZERO);
    assert_eq!(account("outbox/site").url.as_deref(), Some("https://news.acme.example/all"));
    assert_eq!((settings.trusted.as_str(), settings.remote.as_str()), ("main", "origin"));
    assert_eq!(settings.groups["everywhere"].len(), 3);
}

#[test]
fn every_fault_in_one_run() {
    let text = "\
version = 2
workspace = \"x\"
timezone = \"Europe/Berlni\"
trusted = \"greenlit/ledger\"
ledger = \"abc\"
colour = 1
[accounts.\"blusky/acme\"]
handle = \"a\"
[accounts.\"bluesky/acme\"]
service = \"http://bsky.social\"
handle = \"@acme@bsky.social\"
path = \"x\"
late_after = \"6 hours\"
[accounts.\"mastodon/acme\"]
server = \"https://me:pw@mastodon.example/x\"
handle = 5
[accounts.\"outbox/a\"]
path = \"posts/x\"
[accounts.\"outbox/b\"]
path = \"../b\"
[accounts.\"outbox/c\"]
[accounts.outbox]
[groups]
all = [\"bluesky/acm\", \"outbox/a\"]
";
    let expected = [
        ("settings/unknown-key", 6, "colour"),
        ("settings/wrong-type", 16, "5"),
        ("settings/version", 1, "2"),
        ("settings/workspace", 2, "\"x\""),
        ("settings/unknown-zone", 3, "\"Europe/Berlni\""),
        ("settings/git-name", 4, "\"greenlit/ledger\""),
        ("settings/ledger", 5, "\"abc\""),
        ("settings/unknown-network", 7, "\"blusky/acme\""),
        ("settings/unknown-key", 12, "\"x\""),
        ("settings/server", 10, "\"http://bsky.social\""),
        ("settings/handle", 11, "\"@acme@bsky.social\""),
        ("settings/duration", 13, "\"6 hours\""),
        ("settings/server", 15, "\"https://me:pw@mastodon.example/x\""),
        ("settings/path", 18, "\"posts/x\""),
        ("settings/path", 20, "\"../b\""),
        ("settings/missing-key", 21, "\"outbox/c\""),
        ("settings/account-name", 22, "outbox"),
        ("settings/unknown-account", 24, "\"bluesky/acm\""),
    ];
    let mut found = faults(text);
    let mut expected: Vec<_> = expected.iter().map(|(c, l, t)| (*c, *l, (*t).to_owned())).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn an_account_says_how_many_marks_a_message_has() {
    let text = "version = 1\nworkspace = \"0197c7b2\"\n[accounts.\"outbox/a\"]\npath = \"a\"\nmax_hashtags = 3\nmax_links = 0\nmax_film = \"90s\"\n";
    let (settings, faults) = read(text.as_bytes(), NETWORKS);
    assert_eq!(faults, []);
    let most = settings.unwrap().accounts.values().next().unwrap().most;
    assert_eq!(most, Most { hashtags: Some(3), mentions: None, links: Some(0), film: Some(Duration::from_secs(90)) });
    let (_, faults) = read(text.replace("= 3", "= -3").as_bytes(), NETWORKS);
    assert_eq!(faults.len(), 1, "{faults:?}");
}
