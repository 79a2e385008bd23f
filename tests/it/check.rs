//! `greenlit check`: every fault at its line and column, in one run.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::newsroom::{Desk, Newsroom, Said, roles};
use crate::renewal::{compare, repository};
use crate::stub::{Reply, Stub};

/// Copies a folder of the repository to a desk.
fn lay_out(desk: &Desk<'_>, folder: &Path, inside: &str) {
    for entry in fs::read_dir(folder).expect("the fixtures are there").flatten() {
        let name = format!("{inside}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            lay_out(desk, &entry.path(), &format!("{name}/"));
        } else {
            desk.write(&name, fs::read(entry.path()).expect("a file"));
        }
    }
}

fn findings(said: &Said) -> Vec<Value> {
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(repository("schemas/check.json")).expect("a schema")).expect("JSON");
    jsonschema::validate(&schema, &report).expect("what the schema says");
    report["findings"].as_array().expect("a list").clone()
}

/// `file:line:column code  «offending text»  message`, read back from the file by lines and columns alone.
fn line(desk: &Desk<'_>, finding: &Value) -> String {
    let number = |key: &str| usize::try_from(finding[key].as_u64().expect("a number")).expect("small");
    let (line, column) = (number("line"), number("column"));
    let (file, code) = (finding["file"].as_str().expect("a file"), finding["code"].as_str().expect("a code"));
    let text = String::from_utf8_lossy(&fs::read(desk.path().join(file)).expect("the file")).into_owned();
    let lines: Vec<&str> = text.split('\n').collect();
    let end = if number("end_line") == line { number("end_column") - 1 } else { usize::MAX };
    let marked: String = lines[line - 1].chars().take(end).skip(column - 1).collect();
    format!(
        "{file}:{line}:{column} {code}\n    {:?}\n    {}\n",
        marked,
        finding["message"].as_str().expect("a message")
    )
}

#[test]
fn thirty_broken_posts_in_one_run() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "broken");
    lay_out(&desk, &repository("tests/fixtures/broken"), "");
    let said = desk.greenlit(["check", "--format", "json"]);
    said.exits(1);
    let findings = findings(&said);
    let table: String = findings.iter().map(|finding| line(&desk, finding)).collect();
    compare("tests/fixtures/broken/findings.txt", &table);

    let broken: std::collections::BTreeSet<&str> = findings.iter().filter_map(|f| f["file"].as_str()).collect();
    assert!(broken.len() >= 30, "{broken:?}");
    assert!(!broken.contains("posts/35-good.md"), "a good post is not held up");
    assert!(findings.iter().all(|f| !f["help"].as_str().unwrap_or_default().is_empty()), "each has a way out");
}

#[test]
fn people_see_each_place_underlined_within_eighty_columns() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "broken");
    lay_out(&desk, &repository("tests/fixtures/broken"), "");
    let said = desk.greenlit(["check"]);
    said.exits(1).shows("─[posts/02-misspelt-account.md:2:21]").shows("help: did you mean `mastodon/acme`?");
    said.shows("errors, 2 warnings and 1 remark in 34 files");
    for line in said.stdout.lines() {
        assert!(line.width() <= 80, "{line}");
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}' || c == '\u{feff}'), "{line:?}");
    }
}

#[test]
fn a_missing_picture_hides_no_fault_of_the_text() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write(
        "posts/long.md",
        format!("---\nto: outbox/site\noptions: {{outbox: {{foo: x}}}}\n---\n{}![](assets/no.png)\n", "a".repeat(600)),
    );
    let codes: Vec<String> = findings(&maya.greenlit(["check", "--format", "json"]))
        .iter()
        .map(|finding| finding["code"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(codes, ["post/unknown-option", "post/missing-media", "post/missing-alt"]);
}

#[test]
fn a_list_is_no_table() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/list.md", "---\n- to\n- outbox/site\n---\nHi\n")
        .write("posts/media.md", "---\nto: outbox/site\nmedia:\n  - [assets/x.png, x]\n---\nHi\n");
    let said = maya.greenlit(["check"]);
    said.exits(1).shows("[posts/list.md:2:1]").shows("help: write `to: [network/account]`");
    said.shows("[posts/media.md:4:5]").shows("`media` must be a table with `file` and `alt`, and is a list");
}

#[test]
fn a_path_limits_what_is_told() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "broken");
    lay_out(&desk, &repository("tests/fixtures/broken"), "");
    let one = desk.greenlit(["check", "--format", "json", "posts/01-misspelt-key.md"]);
    assert_eq!(findings(&one).len(), 2);
    desk.greenlit(["check", "posts/35-good.md"]).succeeds();
    let inside = newsroom.at_folder("maya", "broken/posts");
    assert_eq!(findings(&inside.greenlit(["check", "--format", "json", "./01-misspelt-key.md"])).len(), 2);
    assert_eq!(
        findings(&inside.greenlit(["check", "--format", "json", ".."])).len(),
        findings(&desk.greenlit(["check", "--format", "json"])).len()
    );
    desk.greenlit(["check", "posts/no.md"]).exits(2).complains("is not there");
    desk.greenlit(["check", "../.."]).exits(2).complains("is not in this workspace");
}

#[test]
fn a_good_workspace_is_fine_without_any_history() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.greenlit(["check"]).succeeds().shows("0 posts");
    maya.write("posts/hello.md", "---\nto: outbox/site\n---\nHello.\n");
    maya.greenlit(["check"]).succeeds().shows("1 post and the settings are fine.");
    // What CI checks of a pull request is often a shallow clone.
    let remote = format!("file://{}", newsroom.remote().display());
    maya.git(["clone", "-q", "--depth", "1", &remote, "shallow"]);
    newsroom.at_folder("maya", "maya/shallow").greenlit(["check"]).succeeds();
}

#[test]
fn a_warning_alone_stops_nobody() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.edit("roles.toml", "[roles]\n", "[roles]\nintern = []\n");
    let said = maya.greenlit(["check", "--format", "json"]);
    said.succeeds();
    let found = findings(&said);
    assert_eq!(
        (found.len(), &found[0]["severity"], &found[0]["code"]),
        (1, &"warning".into(), &"roles/empty-role".into())
    );
}

#[test]
fn a_folder_that_is_no_workspace_is_refused() {
    let newsroom = Newsroom::empty();
    newsroom.at_folder("maya", "nowhere").greenlit(["check"]).exits(3).complains("greenlit init");
}

#[cfg(unix)]
#[test]
fn links_are_reported_and_not_followed() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("secret", "---\nto: outbox/site\n---\nsecret\n")
        .write("assets/x", "")
        .write("posts/x.md", "---\nto: outbox/site\nmedia: [{file: assets/leaf.png, alt: x}]\n---\nHi\n");
    std::os::unix::fs::symlink("../secret", maya.path().join("posts/link.md")).expect("a link");
    std::os::unix::fs::symlink("../secret", maya.path().join("assets/leaf.png")).expect("a link");
    let said = maya.greenlit(["check", "--format", "json"]);
    said.exits(1);
    let codes: Vec<String> =
        findings(&said).iter().map(|f| f["code"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(codes, ["asset/unused", "post/irregular", "post/irregular-media"]);
}

#[test]
fn each_form_for_findings_tells_the_same() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "broken");
    lay_out(&desk, &repository("tests/fixtures/broken"), "");
    let count = findings(&desk.greenlit(["check", "--format", "json"])).len();
    let github = desk.greenlit(["check", "--format", "github"]);
    github.exits(1).shows("::error file=posts/02-misspelt-account.md,line=2,endLine=2,col=21,");
    assert_eq!(github.stdout.lines().filter(|line| line.starts_with("::")).count(), count);
    assert_eq!(github.stdout.lines().count(), count);

    let sarif = desk.greenlit(["check", "--format", "sarif"]);
    let log = sarif.exits(1).json();
    // What comes of a finding is held against the official schema in src/view/findings/tests.rs.
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(count));

    let junit = desk.greenlit(["check", "--format", "junit"]);
    junit.exits(1).shows("<testcase classname=\"posts/35-good.md\" name=\"no findings\"/>");
    assert_eq!(junit.stdout.matches("<testcase ").count(), junit.stdout.matches("no findings").count() + count);

    let rdjson = desk.greenlit(["check", "--format", "rdjson"]).exits(1).json();
    assert_eq!(rdjson["diagnostics"].as_array().map(Vec::len), Some(count));

    let one = desk.greenlit(["check", "--format", "junit", "posts/35-good.md"]);
    one.succeeds().shows("tests=\"1\" failures=\"0\"");
}

#[test]
fn forms_for_findings_are_of_check_alone() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    for format in ["github", "sarif", "junit", "rdjson"] {
        maya.greenlit(["status", "--format", format]).exits(2).complains("write `--format human` or `--format json`");
        maya.greenlit(["check", "--format", format]).succeeds();
        maya.greenlit(["check", "no.md", "--format", format]).exits(2).complains("no.md is not there");
    }
}

/// Threat 38: the writer of a post does not send this program into somebody's network.
#[test]
fn t38_links_into_private_networks_are_not_asked() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "links");
    lay_out(&desk, &repository("examples/newsroom"), "");
    std::fs::remove_dir_all(desk.path().join("posts")).expect("a folder");
    for shut in [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:9/",
        "[here](https://[::1]/)",
        "http://0x7f000001/",
    ] {
        desk.write("posts/inside.md", format!("---\nto: outbox/site\n---\nSee {shut} for more.\n"));
        let said = desk.greenlit(["check", "posts/inside.md", "--links"]);
        said.exits(1).shows("link/private").shows("readers cannot go there");
        desk.greenlit(["check", "posts/inside.md"]).exits(0);
    }
}

/// The proxy has a name and a private address, as those of companies do.
#[test]
fn links_are_asked_through_a_proxy_of_those_posts_that_were_asked_for() {
    let proxy = Stub::start(|seen| Reply::page(if seen.target.ends_with("gone") { 404 } else { 200 }, ""));
    let newsroom = Newsroom::empty();
    let address = proxy.origin().replace("127.0.0.1", "localhost");
    let desk = newsroom.at_folder("maya", "proxy").env("HTTP_PROXY", &address);
    lay_out(&desk, &repository("examples/newsroom"), "");
    let post = |text: &str| format!("---\nto: outbox/site\n---\n{text}\n");
    desk.write("posts/a.md", post("See http://acme.invalid/Foo\\_bar?a=1&amp;b=2 and [us](HTTP://acme.invalid/gone)"));
    desk.write("posts/b.md", post("See http://acme.invalid/other"));
    desk.greenlit(["check", "--links", "posts/a.md"]).exits(1).shows("link/dead").hides("nobody answers");
    let mut asked: Vec<String> = proxy.seen().into_iter().map(|seen| seen.target).collect();
    asked.dedup();
    assert_eq!(asked, ["http://acme.invalid/Foo_bar?a=1&b=2", "http://acme.invalid/gone"]);
}

/// A secret that somebody left in a post is not told on: not in the message, and not in the line that is shown.
#[test]
fn a_token_in_a_post_is_found_and_not_repeated() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "token");
    lay_out(&desk, &repository("examples/newsroom"), "");
    let token = ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_");
    let marked = "https://acme.example/?token=q1w2e3r4t5z6&fbclid=IwAR0x";
    for text in [
        format!("Use {token} for now."),
        format!("Use the the {token}."),
        format!("Use {{{{{token}}}}}."),
        format!("See {marked} for more."),
        format!("See the the [{marked}](https://other.example)."),
    ] {
        let post = format!("---\nto: outbox/site\n---\n{text}\n");
        for format in ["human", "json", "github", "sarif", "junit", "rdjson"] {
            for fix in [&[][..], &["--fix"]] {
                desk.write("posts/token.md", &post);
                let said = desk.greenlit(["check", "posts/token.md", "--format", format].iter().chain(fix));
                let said = said.exits(1).shows("text/secret").hides("292c6912").hides("e3r4t5z6");
                assert!(!said.stderr.contains("292c6912") && !said.stderr.contains("e3r4t5z6"), "{}", said.stderr);
            }
        }
    }
    // It is only not shown: the repair is made, and the address still has what it had.
    desk.write("posts/token.md", format!("---\nto: outbox/site\n---\nSee {marked} for more.\n"));
    desk.greenlit(["check", "posts/token.md"]).exits(1).shows("`greenlit check --fix` repairs 1 of these.");
    desk.greenlit(["check", "posts/token.md", "--fix"]).exits(1).shows("link/tracking fixed");
    assert_eq!(
        desk.read("posts/token.md"),
        "---\nto: outbox/site\n---\nSee https://acme.example/?token=q1w2e3r4t5z6 for more.\n"
    );
}

/// A text is not taken for what a variant in its middle says.
#[test]
fn a_repair_behind_a_variant_leaves_the_variant_alone() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let variant = "::: outbox\nhttps://acme.example/launch?fbclid=IwAR0x&utm_source=site\n:::";
    let post =
        |variant: &str, last: &str| format!("---\nto: outbox/site\n---\nAutumn is here.\n\n{variant}\n\n{last}\n");
    let marked = "https://acme.example/launch?fbclid=IwAR0x";
    maya.write("posts/a.md", post(variant, marked));
    maya.greenlit(["check", "--fix"]).succeeds().shows("line 7: link/tracking").shows("line 10: link/tracking");
    let clean = post(&variant.replace("fbclid=IwAR0x&", ""), "https://acme.example/launch");
    assert_eq!(maya.read("posts/a.md"), clean);
}

/// What is removed there may have kept a value from being a key.
#[test]
fn front_matter_keeps_what_hides_in_it() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let post = |body: &str| format!("---\nto: outbox/site\ntitle: Autumn\u{200b}\n---\n{body}\n");
    maya.write("posts/a.md", post("Aut\u{ad}umn is here."));
    maya.greenlit(["check", "--fix"])
        .succeeds()
        .shows("line 5: text/invisible fixed")
        .shows("a zero-width space (U+200B)");
    assert_eq!(maya.read("posts/a.md"), post("Autumn is here."));
}

/// Two repairs in one post, one of them over a line's end.
const TWICE: &str = "---\r\nto: outbox/site\r\ntitle: the the\r\n---\r\nIt is the the best of\r\nof all.\r\n";

#[test]
fn fix_repairs_what_it_shows_and_nothing_a_second_time() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/a.md", TWICE).write("posts/b.md", "---\nto: outbox/site\n---\nThe the best, [link].\n");
    maya.greenlit(["check"])
        .exits(1)
        .shows("`greenlit check --fix` repairs 3 of these.")
        .shows("1 error and 3 warnings");
    maya.greenlit(["check", "--fix", "posts/a.md"])
        .succeeds()
        .shows("── posts/a.md\n\n  line 5: text/doubled-word fixed\n  - It is the the best of\n  + It is the best of\n")
        .shows("\n\n  line 6: text/doubled-word fixed\n  - of all.\n  + all.\n")
        .shows("1 post and the settings are fine.");
    // Lines stay lines, and front matter is nobody's to repair.
    assert_eq!(maya.read("posts/a.md"), TWICE.replace("is the the", "is the").replace("of\r\nof all", "of\r\nall"));
    assert_eq!(maya.read("posts/b.md"), "---\nto: outbox/site\n---\nThe the best, [link].\n", "was not asked for");

    let report = maya.greenlit(["check", "--fix", "--format", "json"]).exits(1).json();
    let fixed = serde_json::json!([{
        "file": "posts/b.md",
        "codes": ["text/doubled-word"],
        "line": 4,
        "before": "The the best, [link].",
        "after": "The best, [link].",
    }]);
    assert_eq!(report["fixed"], fixed);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "what is left");
    let before = maya.read("posts/b.md");
    let report = maya.greenlit(["check", "--fix", "--format", "json"]).exits(1).json();
    assert_eq!((report.get("fixed"), maya.read("posts/b.md")), (None, before));
    // Other forms tell on standard error what was done.
    maya.write("posts/b.md", "---\nto: outbox/site\n---\nThe the right.\n");
    let said = maya.greenlit(["check", "--fix", "--format", "github"]);
    said.succeeds().complains("line 4: text/doubled-word fixed");
    assert_eq!(said.stdout, "");
}

#[cfg(unix)]
#[test]
fn fix_leaves_alone_what_is_not_its_to_write() {
    use std::os::unix::fs::PermissionsExt;
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    let text = "---\nto: outbox/site\n---\nThe the right.\n";
    maya.write("posts/a.md", text).write("elsewhere/b.md", text);
    let undecodable = b"---\nto: outbox/site\n---\nThe the gr\xfc\xdfe.\n";
    maya.write("posts/c.md", undecodable);
    std::os::unix::fs::symlink("../elsewhere/b.md", maya.path().join("posts/b.md")).expect("a link");
    fs::set_permissions(maya.path().join("posts/a.md"), fs::Permissions::from_mode(0o444)).expect("permissions");
    maya.greenlit(["check", "--fix"]).exits(1).complains("posts/a.md is left as it is").shows("post/irregular");
    assert_eq!((maya.read("posts/a.md").as_str(), maya.read("elsewhere/b.md").as_str()), (text, text));
    assert_eq!(fs::read(maya.path().join("posts/c.md")).expect("a file"), undecodable);
    assert_eq!(fs::read_dir(maya.path().join("posts")).expect("a folder").count(), 3);
}

#[test]
fn links_of_a_campaign_get_its_parameters_unless_a_template_adds_them() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "campaign");
    desk.write("roles.toml", roles());
    let settings = "version = 1\nworkspace = \"0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11\"\n\
        [campaigns.autumn]\nlink_sites = \"acme.example\"\nlink_parameters = { utm_campaign = \"autumn\" }\n\
        [accounts.\"bluesky/acme\"]\nservice = \"https://bsky.example\"\nhandle = \"acme.example\"\n\
        [accounts.\"mastodon/acme\"]\nserver = \"https://mastodon.example\"\nhandle = \"acme\"\n\
        template = \"{{ text | utm(source='m', campaign=post.campaign) }}\"\n";
    desk.write("greenlit.toml", settings);
    let post = |to: &str, query: &str| {
        format!(
            "---\nto: {to}\ncampaign: autumn\nlink: https://acme.example/a{query}#b\n---\n\
             _See_ https://www.acme.example/x_y{query}, [this](<https://acme.example/z{query}>) and https://b.example/.\n"
        )
    };
    desk.write("posts/a.md", post("bluesky/acme", ""));
    desk.write("posts/b.md", post("mastodon/acme", ""));
    desk.greenlit(["check", "posts/a.md", "posts/b.md"]).exits(0).shows("link/campaign").shows("`utm_campaign=autumn`");
    desk.greenlit(["check", "posts/b.md"]).exits(0).hides("link/campaign");
    desk.greenlit(["check", "--fix", "posts/a.md"]).exits(0);
    assert_eq!(desk.read("posts/a.md"), post("bluesky/acme", "?utm_campaign=autumn"));
    desk.greenlit(["check", "posts/a.md"]).exits(0).hides("link/campaign");
}

#[test]
fn whoever_is_mentioned_is_asked_for_where_servers_are_asked() {
    let server = Stub::start(|seen| match seen.target.as_str() {
        "/xrpc/com.atproto.identity.resolveHandle?handle=li.example" => {
            Reply::json(200, json!({ "did": "did:web:li.example" }))
        }
        target if target.starts_with("/xrpc/") => {
            Reply::json(400, json!({ "error": "InvalidRequest", "message": "Unable to resolve handle" }))
        }
        "/api/v1/accounts/lookup?acct=noor" => Reply::json(200, json!({ "id": "7" })),
        "/api/v1/accounts/lookup?acct=tess" => Reply::json(401, json!({})),
        _ => Reply::json(404, json!({})),
    });
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "mentions");
    desk.write("roles.toml", roles());
    let origin = server.origin();
    desk.write(
        "greenlit.toml",
        format!(
            "version = 1\nworkspace = \"0197c7b2-1f5e-4c9a-9d55-0a6d2f6c1e11\"\n\
             [accounts.\"bluesky/acme\"]\nservice = \"{origin}\"\nhandle = \"acme.example\"\n\
             [accounts.\"mastodon/acme\"]\nserver = \"{origin}\"\nhandle = \"acme\"\n"
        ),
    );
    desk.write("posts/a.md", "---\nto: bluesky/acme\n---\nThanks @li.example and @il.example, again @il.example.\n");
    desk.write("posts/b.md", "---\nto: mastodon/acme\n---\nThanks @noor, @ben and @tess. Write to me@acme.example.\n");
    desk.git(["init", "-q"]);
    desk.greenlit(["check"]).exits(0).hides("mention/");
    assert_eq!(server.seen().len(), 0, "nobody is asked unless that is wanted");
    let found = |said: &Said| -> Vec<String> {
        let all = findings(said).into_iter().map(|f| format!("{} {}", f["code"], f["message"]));
        all.filter(|finding| finding.contains("mention/")).collect()
    };
    let host = origin.trim_start_matches("http://");
    let told = found(desk.greenlit(["check", "--links", "--format", "json"]).exits(1));
    let expected = [
        format!("\"mention/nobody\" \"{host} knows nobody named @il.example\""),
        format!("\"mention/nobody\" \"{host} knows nobody named @ben\""),
        format!("\"mention/unsure\" \"nobody can say whether @tess is there: {host} answers 401\""),
    ];
    assert_eq!(told, expected);
    assert_eq!(server.seen().len(), 5, "each name once");
    assert_eq!(found(desk.greenlit(["check", "--links", "--format", "json"]).exits(1)), expected);
    assert_eq!(server.seen().len(), 5 + 3, "who was there is not asked for again");
}

#[test]
fn one_fault_is_told_once_whoever_tells_it() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "twice");
    desk.write("greenlit.toml", "version = 1\nworkspace = \"0197c7b2-aa11\"\n[accounts.\"webhook/acme\"]\n")
        .write(".vale.ini", "[*]\nBasedOnStyles = Vale\nVale.Spelling = NO\n")
        .write("style/acme.toml", "version = 1\n[limits]\nall_caps = \"warning\"\n[links]\navoid_text = \"here\"\n")
        .write("posts/a.md", "---\nto: webhook/acme\n---\nIt is the the [here](https://acme.example/a).\n\nTHIS IS REALLY GREAT\nNEWS FOR EVERYBODY.\n");
    let found = findings(&desk.greenlit(["check", "--format", "json"]));
    let mut codes: Vec<&str> = found.iter().filter_map(|finding| finding["code"].as_str()).collect();
    codes.sort_unstable();
    let told = ["style/all-caps", "text/shouting", "style/link-text", "link/text", "text/doubled-word", "style/vale"];
    codes.retain(|code| told.contains(code));
    assert_eq!(codes, ["style/all-caps", "style/link-text", "text/doubled-word"]);
}

#[test]
fn texts_are_judged_for_those_who_get_them_by_their_own_clock() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("maya", "clocks");
    let accounts = "[accounts.\"webhook/a\"]\naudience = \"Pacific/Honolulu\"\n[accounts.\"webhook/b\"]\n";
    desk.write("greenlit.toml", format!("version = 1\nworkspace = \"0197c7b2-aa11\"\ntimezone = \"UTC\"\n{accounts}"))
        .write(
            "style/a.toml",
            "version = 1\naccounts = \"webhook/b\"\n[limits]\nall_caps = \"warning\"\n[[avoid]]\nwords = \"cloud\"\n",
        );
    let codes = |front: &str, body: &str| {
        desk.write("posts/a.md", format!("---\n{front}\n---\n{body}\n"));
        let found = findings(&desk.greenlit(["check", "--format", "json"]));
        let told = found.iter().map(|finding| (finding["code"].to_string(), finding["help"].to_string()));
        told.filter(|(code, _)| code.contains("style/") || code.contains("past-date")).collect::<Vec<_>>()
    };
    let variant = "A cloud.\n\n::: webhook/b\nNo sky.\n:::";
    assert_eq!(codes("to: [webhook/a, webhook/b]", variant), []);
    assert_eq!(codes("to: [webhook/a, webhook/b]", "A cloud.").len(), 1);
    let told = codes("to: webhook/b", "A FAMOUS day.");
    assert!(told.len() == 1 && told[0].1.contains("`capitals`"), "{told:?}");
    let (at, call) = ("publish_at: 2026-12-06 00:30", "Register by 5 December 2026!");
    assert_eq!(codes(&format!("to: webhook/a\n{at}"), call), [], "it is the fifth there");
    assert_eq!(codes(&format!("to: webhook/b\n{at}"), call).len(), 1);
}
