//! The reference of all commands, made from what clap knows: `docs/cli.md`.

use crate::render::{Cards, Editing, Length, MediaLimits, Reconcile, TextForm};
use crate::rules::Level;

/// The whole reference as Markdown, with a line feed at the end.
pub fn reference() -> String {
    let mut root = super::command().term_width(WIDTH);
    root.build();
    let mut text = "# The commands\n\nMade from `greenlit --help`; a test keeps the two together.\n".to_owned();
    section(&mut text, &mut root, "greenlit");
    text
}

const WIDTH: usize = 80;

fn section(text: &mut String, command: &mut clap::Command, name: &str) {
    let mut shown = command.clone().term_width(WIDTH);
    if name != "greenlit" {
        // What every command takes is told once, at the top.
        shown = shown.mut_args(|arg| if is_everywhere(&arg) { arg.hide(true) } else { arg });
    }
    let help = shown.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    *text += &format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim());
    for inner in command.get_subcommands_mut().filter(|inner| !inner.is_hide_set()) {
        let name = format!("{name} {}", inner.get_name());
        section(text, inner, &name);
    }
}

fn is_everywhere(arg: &clap::Arg) -> bool {
    arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version")
}

/// The pages of all rules of `greenlit check`, with a line feed at the end: `docs/rules.md`.
pub fn rules() -> String {
    let mut text = RULES.to_owned();
    text += "\n| code | level | what it asks |\n| --- | --- | --- |\n";
    let rules = crate::rules::all();
    for rule in rules {
        let level = rule.level.map_or("always", level);
        let codes: Vec<String> = rule.codes.iter().map(|code| format!("`{code}`")).collect();
        // As forges make anchors of headings.
        let anchor = rule.codes.first().copied().unwrap_or_default().replace('/', "");
        text += &format!("| [{}](#{anchor}) | {level} | {} |\n", codes.join(", "), rule.about);
    }
    for rule in rules {
        text += &format!("\n## `{}`\n\n{}", rule.codes.first().copied().unwrap_or_default(), rule.page().text);
    }
    text += &format!("\n## Faults of form\n\n{FORM}\n{}", crate::rules::codes::TABLE);
    text
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
        Level::Off => "off",
    }
}

const RULES: &str = "\
# The rules of `greenlit check`

Made from the rules' own files; a test keeps the two together, and runs every example.

**What is promised of codes.** A code names one fault and never changes its meaning; a rule that finds something else gets a
code of its own. Codes may be added with any version. One that is given up stays known, so that no settings break.

What a network does not take cannot go out: such rules have the level *always*, and no setting changes them. The level of every
other rule is the team's own, in `greenlit.toml`:

```toml
[check]
\"text/placeholder\" = \"warning\"    # \"error\", \"warning\", \"info\" or \"off\"
```

One post is left alone by a rule with a comment in its text, which is never sent and has to say why:

```markdown
<!-- greenlit-ignore text/placeholder: we really sell a game called XXX -->
```
";

const FORM: &str = "\
What cannot be read as it is meant belongs to no rule, and no setting changes it. What begins with `ci/` is found by `greenlit
ci doctor`. `greenlit check --explain CODE` says the same.
";

/// The table of networks for the README, with a line feed at the end.
pub fn networks() -> String {
    let mut table = "| network | text | length of a part | threads | media on a part | link cards | content warning | edits what is out | takes it down | after a crash | secrets |\n".to_owned();
    table += "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for network in crate::network::all() {
        let can = network.capability();
        let cells = [
            format!("{} (`{}`)", can.title, can.network),
            text(can.text).to_owned(),
            length(can.length),
            yes(can.threads).to_owned(),
            media(&can.media),
            cards(can.cards).to_owned(),
            yes(can.content_warning).to_owned(),
            edits(can.edit),
            yes(can.deletes).to_owned(),
            reconcile(can.reconcile),
            secrets(can.network, can.secrets),
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table
}

fn yes(it_can: bool) -> &'static str {
    if it_can { "yes" } else { "no" }
}

fn text(form: TextForm) -> &'static str {
    match form {
        TextForm::Plain => "plain; the server finds links, mentions, hashtags",
        TextForm::Facets => "plain, with facets for links, mentions, hashtags",
        TextForm::Html => "HTML",
    }
}

fn length(length: Length) -> String {
    match length {
        Length::Unlimited => "unlimited".to_owned(),
        Length::Graphemes { limit, bytes } => format!("{limit} graphemes, {bytes} bytes"),
        Length::Mastodon { limit, url } => format!("{limit} characters, a link counts {url}"),
        Length::Weighted { limit, url } => format!("{limit} weighted characters, a link counts {url}"),
        Length::Utf16 { limit } => format!("{limit} UTF-16 code units"),
        Length::CodePoints { limit } => format!("{limit} code points"),
        Length::Bytes { limit } => format!("{limit} bytes"),
    }
}

fn media(limits: &MediaLimits) -> String {
    let types: Vec<&str> = limits.types.iter().map(|(mime, _)| mime.rsplit('/').next().unwrap_or(mime)).collect();
    format!("{} ({})", limits.count, types.join(", "))
}

fn cards(cards: Cards) -> &'static str {
    match cards {
        Cards::Client { with_media: true, .. } => "yes",
        Cards::Client { with_media: false, .. } => "yes, on parts without pictures",
        Cards::Server => "the server makes them",
    }
}

fn edits(how: Editing) -> String {
    match how {
        Editing::InPlace { fixed: [] } => "yes".to_owned(),
        Editing::InPlace { fixed } => format!("yes, but not its {}", fixed.join(", ")),
        Editing::Never { .. } => "no".to_owned(),
    }
}

fn reconcile(how: Reconcile) -> String {
    match how {
        Reconcile::ClientChosenId => "looks its own id up".to_owned(),
        Reconcile::IdempotencyKey { window } => format!("repeats its key ({} min)", window.as_secs() / 60),
        Reconcile::Lookup => "looks through its own posts".to_owned(),
        Reconcile::None => "asks a person".to_owned(),
    }
}

fn secrets(network: &str, ends: &[&str]) -> String {
    let names: Vec<String> =
        ends.iter().map(|end| format!("`GREENLIT_{}_<NAME>_{end}`", network.to_uppercase())).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
