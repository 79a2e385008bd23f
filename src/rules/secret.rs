//! `text/secret`: no password, key or token stands in a post.
//!
//! Whoever can read the repository could use it, and soon everybody who reads the post. Looked at is the whole file: the
//! texts with their code, the alt texts, the addresses, the front matter, and the comments, which are not sent but are in
//! git. Found are the forms that their makers publish: tokens of GitHub, GitLab, Slack, AWS, Google, Stripe, OpenAI,
//! Anthropic, npm, PyPI, Telegram, Bluesky and others, addresses of webhooks, signed tokens (JWT), private keys, and
//! passwords and tokens in addresses. The finding never repeats what it found.
//!
//! What shows a form without being a secret (`ghp_xxxx`, `AKIAIOSFODNN7EXAMPLE`, `?token=YOUR_TOKEN`) is left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! The plans of our new office: https://files.acme.example/plans?token=9f8e7d6c5b4a39281706
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! ---
//! Ask our API for the news of today:
//!
//!     curl https://noor:correct-horse-7@api.acme.example/news
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Ask our API for the news of today: https://api.acme.example/news?token=YOUR_TOKEN
//! ```

use super::{Desk, Level, Rule, Written, secrets};
use crate::workspace::Finding;

pub const RULE: Rule = Rule::post(
    &["text/secret"],
    "no password, key or token stands in a post",
    Level::Error,
    include_str!("secret.rs"),
    judge,
);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    let source = &written.post.source;
    for secret in secrets::find(&source.text) {
        let begins = if secret.prefix.is_empty() { String::new() } else { format!(" (`{}…`)", secret.prefix) };
        let message = format!("{}{begins} stands in the post", secret.kind);
        let finding = Finding::error("text/secret", source, secret.range, message).label("this opens something");
        findings.push(
            finding.help("have it made void where it was made, for git keeps it; then write the post without it"),
        );
    }
}
