//! Campaigns with their days, and times in which nothing goes out.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use url::Url;

use super::{Check, PATH};
use crate::workspace::accounts::Accounts;
use crate::workspace::located::{Named, OneOrMany, Placed, without_null};
use crate::workspace::names::{self, AccountName};
use crate::workspace::rhythm::{Blackout, Campaign, Window};
use crate::workspace::settings::Account;
use crate::workspace::{suggest, time};

/// The days on which the posts of a campaign go out, and what their links say.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct CampaignFile {
    /// The first day: `2026-11-01`; any where it is not given.
    #[serde(default)]
    from: Option<Placed<String>>,
    /// The last day.
    #[serde(default)]
    to: Option<Placed<String>>,
    /// The team's own sites, whose links have `link_parameters`: `["acme.example"]`, and what is below it.
    #[serde(default)]
    link_sites: Option<OneOrMany>,
    /// The parameters that those links have: `{ utm_campaign = "autumn" }`.
    #[serde(default)]
    link_parameters: Named<Placed<String>>,
}

/// A time in which nothing goes out.
#[derive(Debug, Clone, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = without_null)]
pub(super) struct BlackoutFile {
    /// The first day, `2026-12-24`, on the accounts' audiences' calendars; or a time as in a post, `2026-12-24 12:00`.
    from: Placed<String>,
    /// The last day, or the time at which it is over. The first day alone where it is not given.
    #[serde(default)]
    to: Option<Placed<String>>,
    /// What it is: `Quarterly results`.
    #[serde(default)]
    why: Option<Placed<String>>,
    /// The accounts that it is for, as patterns: `mastodon/*`; all where it is not given.
    #[serde(default)]
    accounts: Option<OneOrMany>,
}

/// A day, or a time in the workspace's zone.
enum Moment {
    Day(NaiveDate),
    Time(NaiveDateTime),
}

impl Check<'_> {
    pub(super) fn campaigns(&mut self, file: Named<CampaignFile>) -> Vec<Campaign> {
        let mut campaigns: Vec<Campaign> = Vec::new();
        for (name, CampaignFile { from, to, link_sites, link_parameters }) in file.0 {
            let mut day = |text: &Option<Placed<String>>| text.as_ref().and_then(|text| self.campaign_day(text));
            let (from_day, to_day) = (day(&from), day(&to));
            let has_sites = link_sites.as_ref().is_some_and(|sites| !sites.0.is_empty());
            if let Some((parameter, _)) = link_parameters.0.first().filter(|_| !has_sites) {
                let help = "name the team's own sites: `link_sites = [\"acme.example\"]`";
                self.error("settings/campaign-links", &parameter.span, "nobody says which links have this", help);
            }
            let campaign = Campaign {
                from: from_day,
                to: to_day,
                name: name.value,
                link_sites: link_sites
                    .into_iter()
                    .flat_map(|sites| sites.0)
                    .filter_map(|site| self.site(&site))
                    .collect(),
                link_parameters: link_parameters.0.into_iter().filter_map(|pair| self.parameter(pair)).collect(),
            };
            if let (Some(from), Some(last), Some(to)) = (campaign.from, campaign.to, &to)
                && last < from
            {
                let message = format!("the campaign ends before it begins, on {from}");
                self.error("settings/campaign", &to.span, message, format!("write a day from {from} on"));
            }
            if let Some(other) = campaigns.iter().find(|other| names::same(&other.name, &campaign.name)) {
                let message = format!("{} is the same name", suggest::quote(&other.name));
                self.error("settings/campaign", &name.span, message, "keep one of them");
            }
            campaigns.push(campaign);
        }
        campaigns
    }

    /// A server's name, as it stands in an address.
    fn site(&mut self, site: &Placed<String>) -> Option<String> {
        let url = Url::parse(&format!("https://{}/", site.value.trim())).ok();
        let name = url.as_ref().filter(|url| url.path() == "/" && url.port().is_none() && url.username().is_empty());
        let name = name.and_then(|url| url.domain()).filter(|name| !name.contains(['*', '%'])).map(str::to_owned);
        if name.is_none() {
            let message = format!("{} is no site", suggest::quote(&site.value));
            self.error("settings/campaign-links", &site.span, message, "write its name alone: `acme.example`");
        }
        name
    }

    /// A name and a value that stand in any text as they are: nothing in them is escaped, or could begin emphasis.
    fn parameter(&mut self, (name, value): (Placed<String>, Placed<String>)) -> Option<(String, String)> {
        let letter = |c: char| c.is_ascii_alphanumeric();
        let plain = |text: &str| {
            text.chars().all(|c| letter(c) || matches!(c, '-' | '_' | '.'))
                && text.starts_with(letter)
                && text.ends_with(letter)
        };
        for text in [&name, &value] {
            if !plain(&text.value) {
                let message = format!("{} cannot stand in an address as it is", suggest::quote(&text.value));
                let help = "write letters, digits, and `-`, `_` or `.` between them: `autumn-2026`";
                self.error("settings/campaign-links", &text.span, message, help);
                return None;
            }
        }
        Some((name.value, value.value))
    }

    fn campaign_day(&mut self, text: &Placed<String>) -> Option<NaiveDate> {
        let day = time::day(text.value.trim());
        if day.is_none() {
            let message = format!("{} is no day", suggest::quote(&text.value));
            self.error("settings/date", &text.span, message, "write year, month and day: `2026-12-24`");
        }
        day
    }

    pub(super) fn blackouts(
        &mut self,
        file: Vec<Placed<BlackoutFile>>,
        zone: Tz,
        accounts: &BTreeMap<AccountName, Account>,
    ) -> Vec<Blackout> {
        file.into_iter().filter_map(|Placed { value, .. }| self.blackout(value, zone, accounts)).collect()
    }

    fn blackout(
        &mut self,
        file: BlackoutFile,
        zone: Tz,
        accounts: &BTreeMap<AccountName, Account>,
    ) -> Option<Blackout> {
        let patterns = file.accounts.unwrap_or_default();
        let accounts = self.patterns(patterns, accounts);
        let from = self.moment(&file.from, zone);
        let to = match &file.to {
            Some(to) => Some((self.moment(to, zone)?, to)),
            None => None,
        };
        let last = to.as_ref().map_or(&file.from, |(_, to)| to);
        let window = match (from?, to.map(|(to, _)| to)) {
            (Moment::Day(day), None) => Window::days(day, day),
            (Moment::Day(from), Some(Moment::Day(to))) => Window::days(from, to),
            (Moment::Time(from), Some(Moment::Time(to))) => Window::new(from, to, Some(zone)),
            (Moment::Time(_), None) => {
                let help = "add `to`, the time at which it is over";
                self.error("settings/blackout", &file.from.span, "it is not said when this is over", help);
                return None;
            }
            _ => {
                let message = "a day and a time do not go together";
                self.error("settings/blackout", &last.span, message, "write two days, or two times");
                return None;
            }
        };
        let Some(window) = window else {
            self.error("settings/blackout", &last.span, "it is over before it begins", "write a later `to`");
            return None;
        };
        let why = file.why.map(|why| why.value).filter(|why| !why.trim().is_empty());
        Some(Blackout { why: why.unwrap_or_else(|| "a blackout".to_owned()), window, accounts, file: PATH.to_owned() })
    }

    fn moment(&mut self, text: &Placed<String>, zone: Tz) -> Option<Moment> {
        if let Some(day) = time::day(text.value.trim()) {
            return Some(Moment::Day(day));
        }
        match time::read(&text.value, zone) {
            Ok(at) => Some(Moment::Time(at.with_timezone(&zone).naive_local())),
            Err(fault) => {
                let help = "write a day, `2026-12-24`, or a time, `2026-12-24 12:00`";
                self.error("settings/date", &text.span, fault.message, help);
                None
            }
        }
    }

    fn patterns(&mut self, patterns: OneOrMany, accounts: &BTreeMap<AccountName, Account>) -> Accounts {
        let known: Vec<&AccountName> = accounts.keys().collect();
        Accounts::read(patterns.0, &known, |span, message, help| {
            self.error("settings/unknown-account", &span, message, help);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::workspace::{NetworkSpec, Settings};

    const NETWORKS: &[NetworkSpec] = &[NetworkSpec { network: "net", required: &[], optional: &[] }];

    fn look(text: &str) -> (Settings, Vec<(&'static str, String)>) {
        let text = format!(
            "version = 1\nworkspace = \"0197c7b2\"\ntimezone = \"Europe/Berlin\"\n[accounts.\"net/acme\"]\n{text}"
        );
        let (settings, findings) = read(text.as_bytes(), NETWORKS);
        (settings.unwrap(), findings.into_iter().map(|f| (f.code, text[f.span].to_owned())).collect())
    }

    #[test]
    fn campaigns_have_days_and_blackouts_days_or_times() {
        let (settings, faults) = look(
            "[campaigns.autumn]\nfrom = 2026-11-01\nto = 2026-12-15\n[campaigns.\"évergreen\"]\n\
             [[blackout]]\nfrom = 2026-12-24\nto = 2026-12-26\nwhy = \"Holidays\"\n\
             [[blackout]]\nfrom = \"2026-11-30 12:00\"\nto = 2026-11-30T18:00:00+01:00\naccounts = [\"net/*\"]\n\
             [[blackout]]\nfrom = 2027-01-01\n",
        );
        assert_eq!(faults, []);
        let autumn = settings.campaign("Autumn ").unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(autumn.holds(day("2026-11-01")) && autumn.holds(day("2026-12-15")) && !autumn.holds(day("2026-12-16")));
        assert!(settings.campaign("E\u{301}vergreen").unwrap().holds(day("2031-01-01")));
        let told: Vec<String> = settings.blackouts.iter().map(|one| format!("{} {}", one.why, one.window)).collect();
        let expected = [
            "Holidays from 2026-12-24 to 2026-12-26",
            "a blackout from 2026-11-30 12:00 to 2026-11-30 18:00 (Europe/Berlin)",
            "a blackout on 2027-01-01",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn every_fault_has_its_place() {
        let (_, faults) = look(
            "[campaigns.a]\nfrom = 2026-11-01\nto = 2026-10-31\n[campaigns.A]\nfrom = \"soon\"\n\
             [[blackout]]\nfrom = 2026-12-26\nto = 2026-12-24\n[[blackout]]\nfrom = 2026-12-26\nto = \"2026-12-27 10:00\"\n\
             [[blackout]]\nfrom = \"2026-12-27 10:00\"\n[[blackout]]\nfrom = 2026-12-24\naccounts = [\"net/acm\", \"{a}\"]\n\
             [[blackout]]\nfrom = \"2026-03-29 02:30\"\n",
        );
        let faults: Vec<(&str, &str)> = faults.iter().map(|(code, there)| (*code, there.as_str())).collect();
        let expected = [
            ("settings/campaign", "2026-10-31"),
            ("settings/date", "\"soon\""),
            ("settings/campaign", "A"),
            ("settings/blackout", "2026-12-24"),
            ("settings/blackout", "\"2026-12-27 10:00\""),
            ("settings/blackout", "\"2026-12-27 10:00\""),
            ("settings/unknown-account", "\"net/acm\""),
            ("settings/unknown-account", "\"{a}\""),
            ("settings/date", "\"2026-03-29 02:30\""),
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_campaign_says_what_its_links_have() {
        let (settings, faults) = look(
            "[campaigns.autumn]\nlink_sites = [\"acme.example\", \"Bücher.example\"]\n\
             link_parameters = { utm_campaign = \"autumn-1\", utm_medium = \"social\" }\n",
        );
        assert_eq!(faults, []);
        let autumn = settings.campaign("autumn").unwrap();
        assert_eq!(autumn.link_sites, ["acme.example", "xn--bcher-kva.example"]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(autumn.link_parameters, [pair("utm_campaign", "autumn-1"), pair("utm_medium", "social")]);
        for (wrong, place) in [
            ("link_parameters = { a = \"b\" }", "a"),
            ("link_sites = \"https://acme.example\"", "\"https://acme.example\""),
            ("link_sites = \"acme.example/autumn\"", "\"acme.example/autumn\""),
            ("link_sites = \"192.0.2.1\"", "\"192.0.2.1\""),
            ("link_sites = \"a.example\"\nlink_parameters = { a = \"b c\" }", "\"b c\""),
            ("link_sites = \"a.example\"\nlink_parameters = { a = \"_b\" }", "\"_b\""),
        ] {
            let (_, faults) = look(&format!("[campaigns.a]\n{wrong}\n"));
            let places: Vec<_> = faults.iter().map(|fault| (fault.0, fault.1.trim_matches('"'))).collect();
            assert_eq!(places, [("settings/campaign-links", place.trim_matches('"'))], "{wrong}");
        }
    }
}
