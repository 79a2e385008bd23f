//! One file per rule. Pure.
//!
//! Some rules hold a delivery against what its network takes: what breaks one of them cannot go out, and no setting turns
//! it off ([`check`]). The others are the team's: each has a level, which `[check]` in `greenlit.toml` changes, and
//! `<!-- greenlit-ignore CODE: reason -->` in a post keeps it from looking there ([`lint`]).

pub mod codes;
mod diary;
mod ignores;
mod levels;
mod page;
mod place;

mod alt_meaningless;
mod alt_too_long;
mod asset_credit;
mod asset_cropped;
mod asset_oversized;
mod asset_rights;
mod asset_unlicensed;
mod asset_unused;
mod calendar;
mod calendar_blackout;
mod calendar_campaign;
mod calendar_crowded;
mod calendar_gap;
mod calendar_past;
mod calendar_quiet;
mod calendar_sparse;
mod calendar_too_soon;
mod calendar_twice;
mod content_warning;
mod doubled_word;
mod emoji_many;
mod fancy_letters;
mod film_long;
mod format_lost;
mod hashtag_case;
mod invisible;
mod link_campaign;
mod link_dead;
mod link_insecure;
mod link_lookalike;
mod link_mismatch;
mod link_moved;
mod link_place;
mod link_shortener;
mod link_text;
mod link_tracking;
mod links;
mod marks_many;
mod media_mixed;
mod media_type;
mod mention_nobody;
mod mention_unsure;
mod mixed_script;
mod no_threads;
mod options;
mod past_date;
mod placeholder;
mod pretences;
mod scripts;
mod secret;
pub mod secrets;
mod shouting;
mod style_guide;
mod template;
mod text_too_long;
mod too_many_media;
mod weekday;
mod written;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::render::{Capability, Payload, Wording};
use crate::workspace::rhythm::Blackout;
use crate::workspace::{Account, AccountName, Assets, Files, Finding, Post, PostId, Rights, Roles, Settings};

pub use ignores::Ignores;
pub use levels::Levels;
pub use page::{Example, Page};
pub use place::files;
pub use pretences::pretences;
pub use template::template;
pub use written::{Reading, WordedLink, Written};

/// A rule: what it finds, and where it looks.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The codes of its findings; they never change their meaning.
    pub codes: &'static [&'static str],
    /// What it asks, in one sentence.
    pub about: &'static str,
    /// How bad what it finds is, where `greenlit.toml` says nothing; `None`: it cannot go out, whatever anybody says.
    pub level: Option<Level>,
    source: &'static str,
    judge: Judge,
}

/// How bad it is what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// `check` ends with 1.
    Error,
    /// Somebody should look at it.
    Warning,
    /// Worth knowing.
    Info,
    /// Nobody looks.
    Off,
}

#[derive(Debug, Clone, Copy)]
enum Judge {
    /// At one post for one account, as it would be sent.
    Delivery(fn(&Delivery<'_>, &mut Vec<Finding>)),
    /// The same with the eyes of the team.
    Outgoing(fn(&Outgoing<'_>, &mut Vec<Finding>)),
    /// At one post as it is written.
    Post(fn(&Written<'_>, &Desk<'_>, &mut Vec<Finding>)),
    /// At all of them together.
    Workspace(fn(&Desk<'_>, &mut Vec<Finding>)),
    /// Nowhere: servers have to be asked, which others do.
    Servers,
    /// Nowhere: the team's style guide says it, which has a room of its own, with levels of its own.
    Guide,
}

/// What a rule looks at: one post for one account, as it would be sent.
struct Delivery<'a> {
    post: &'a Post,
    payload: &'a Payload,
    capability: &'a Capability,
    assets: &'a dyn Assets,
}

/// One post for one account, as it would be sent, and what the team says of both.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The post.
    pub post: &'a Post,
    /// Where it goes.
    pub account: &'a Account,
    /// `greenlit.toml`
    pub settings: &'a Settings,
    /// What goes out.
    pub payload: &'a Payload,
    /// What the account's network can do.
    pub capability: &'a Capability,
    /// The facts of its files.
    pub assets: &'a dyn Assets,
}

/// Everything that lies before whoever checks a workspace.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// `greenlit.toml`
    pub settings: &'a Settings,
    /// `roles.toml`, where it can be used.
    pub roles: Option<&'a Roles>,
    /// The posts that can be read, by path.
    pub posts: &'a [&'a Post],
    /// All files.
    pub files: &'a dyn Files,
    /// Their facts, each read once.
    pub assets: &'a dyn Assets,
    /// What is known of the rights to the files under `assets/`.
    pub rights: &'a Rights,
    /// The clock.
    pub now: DateTime<Utc>,
    /// What is known of what goes out when.
    pub deliveries: Deliveries<'a>,
}

/// What is known of posts on their way that does not stand in them.
#[derive(Clone, Copy)]
pub struct Deliveries<'a> {
    /// Whether a post is out on an account already: nobody is told of what cannot be changed.
    pub out: &'a dyn Fn(&PostId, &AccountName) -> bool,
    /// How long those may take who have to approve a post; `None` where nobody says so.
    pub needs: &'a dyn Fn(&Post, &AccountName) -> Option<Duration>,
    /// Whether they were asked for a post as it is.
    pub asked: &'a dyn Fn(&Post) -> bool,
    /// What posts say to accounts.
    pub said: &'a BTreeMap<(PostId, AccountName), Wording>,
    /// The times of `calendar/` in which nothing goes out; those of the settings stand there.
    pub blackouts: &'a [Blackout],
}

impl Rule {
    /// What no setting changes: the network takes nothing else.
    const fn firm(
        codes: &'static [&'static str],
        about: &'static str,
        source: &'static str,
        judge: fn(&Delivery<'_>, &mut Vec<Finding>),
    ) -> Self {
        Self { codes, about, level: None, source, judge: Judge::Delivery(judge) }
    }

    /// A rule about what goes out to one account.
    const fn outgoing(
        codes: &'static [&'static str],
        about: &'static str,
        level: Level,
        source: &'static str,
        judge: fn(&Outgoing<'_>, &mut Vec<Finding>),
    ) -> Self {
        Self { codes, about, level: Some(level), source, judge: Judge::Outgoing(judge) }
    }

    /// A rule about one post.
    const fn post(
        codes: &'static [&'static str],
        about: &'static str,
        level: Level,
        source: &'static str,
        judge: fn(&Written<'_>, &Desk<'_>, &mut Vec<Finding>),
    ) -> Self {
        Self { codes, about, level: Some(level), source, judge: Judge::Post(judge) }
    }

    /// A rule about all posts together.
    const fn workspace(
        codes: &'static [&'static str],
        about: &'static str,
        level: Level,
        source: &'static str,
        judge: fn(&Desk<'_>, &mut Vec<Finding>),
    ) -> Self {
        Self { codes, about, level: Some(level), source, judge: Judge::Workspace(judge) }
    }

    /// A rule about what only servers know.
    const fn asked(codes: &'static [&'static str], about: &'static str, level: Level, source: &'static str) -> Self {
        Self { codes, about, level: Some(level), source, judge: Judge::Servers }
    }

    /// A rule of the team's style guide.
    const fn guide(codes: &'static [&'static str], about: &'static str, level: Level, source: &'static str) -> Self {
        Self { codes, about, level: Some(level), source, judge: Judge::Guide }
    }

    /// Whether its findings say themselves how bad they are, unless `[check]` does.
    fn has_own_levels(&self) -> bool {
        matches!(self.judge, Judge::Guide)
    }

    /// Whether servers have to be asked for it.
    pub fn asks(&self) -> bool {
        matches!(self.judge, Judge::Servers)
    }

    /// What people read of it.
    pub fn page(&self) -> Page {
        Page::of(self.source)
    }
}

/// Every rule.
pub fn all() -> &'static [Rule] {
    &[
        text_too_long::RULE,
        too_many_media::RULE,
        media_type::RULE,
        media_mixed::RULE,
        alt_too_long::RULE,
        no_threads::RULE,
        options::RULE,
        content_warning::RULE,
        placeholder::RULE,
        secret::RULE,
        weekday::RULE,
        past_date::RULE,
        invisible::RULE,
        mixed_script::RULE,
        link_tracking::RULE,
        link_insecure::RULE,
        link_shortener::RULE,
        doubled_word::RULE,
        link_mismatch::RULE,
        link_lookalike::RULE,
        link_text::RULE,
        link_campaign::RULE,
        alt_meaningless::RULE,
        shouting::RULE,
        emoji_many::RULE,
        fancy_letters::RULE,
        hashtag_case::RULE,
        marks_many::RULE,
        format_lost::RULE,
        asset_unused::RULE,
        link_dead::RULE,
        link_moved::RULE,
        link_place::RULE,
        mention_nobody::RULE,
        mention_unsure::RULE,
        style_guide::RULE,
        asset_rights::RULE,
        asset_credit::RULE,
        asset_unlicensed::RULE,
        asset_oversized::RULE,
        asset_cropped::RULE,
        film_long::RULE,
        calendar_gap::RULE,
        calendar_crowded::RULE,
        calendar_sparse::RULE,
        calendar_quiet::RULE,
        calendar_blackout::RULE,
        calendar_campaign::RULE,
        calendar_past::RULE,
        calendar_too_soon::RULE,
        calendar_twice::RULE,
    ]
}

/// The rule that has a code.
pub fn named(code: &str) -> Option<&'static Rule> {
    all().iter().find(|rule| rule.codes.contains(&code))
}

/// A rule's code, where a text is one.
pub fn code(text: &str) -> Option<&'static str> {
    all().iter().flat_map(|rule| rule.codes).find(|code| **code == text).copied()
}

/// Holds one delivery against what its network takes.
pub fn check(post: &Post, payload: &Payload, capability: &Capability, assets: &dyn Assets) -> Vec<Finding> {
    let delivery = Delivery { post, payload, capability, assets };
    let mut findings = Vec::new();
    for rule in all() {
        if let Judge::Delivery(judge) = rule.judge {
            judge(&delivery, &mut findings);
        }
    }
    findings
}

/// Looks at what goes out to one account with the eyes of the team.
pub fn lint_outgoing(outgoing: &Outgoing<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in all() {
        if let Judge::Outgoing(judge) = rule.judge {
            judge(outgoing, &mut findings);
        }
    }
    findings
}

/// Looks at one post with the eyes of the team.
pub fn lint(post: &Post, desk: &Desk<'_>) -> Vec<Finding> {
    let (mut findings, written) = (Vec::new(), Written::of(post));
    for rule in all() {
        if let Judge::Post(judge) = rule.judge {
            judge(&written, desk, &mut findings);
        }
    }
    findings
}

/// Looks at all posts together with the eyes of the team.
pub fn lint_together(desk: &Desk<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in all() {
        if let Judge::Workspace(judge) = rule.judge {
            judge(desk, &mut findings);
        }
    }
    findings
}

#[cfg(test)]
mod tests;
