//! `link/campaign`: links of a campaign to the team's own sites say which campaign they are of.
//!
//! What comes of a campaign is counted by the parameters of its links. `link_parameters` of a campaign in `greenlit.toml` names
//! them, and `link_sites` the sites that count so, those below them included; links to anywhere else stay as they are. Looked
//! at is the address that goes out: what an account's template adds with `utm` need not be typed. `greenlit check --fix` adds
//! what is missing, and leaves alone what says something else.
//!
//! ```toml settings
//! [campaigns.autumn]
//! link_sites = ["acme.example"]
//! link_parameters = { utm_campaign = "autumn" }
//! ```
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! campaign: autumn
//! ---
//! Autumn is here: https://www.acme.example/autumn#new
//! ```
//!
//! ```markdown bad
//! ---
//! to: mastodon/acme
//! campaign: autumn
//! link: https://acme.example/autumn
//! ---
//! Autumn is here.
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! campaign: autumn
//! link: https://acme.example/autumn?page=2&utm_campaign=autumn
//! ---
//! Autumn is here, says [the paper](https://paper.example/acme).
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Autumn is here: https://acme.example/autumn
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;

use url::Url;

use super::links::{Address, belongs};
use super::{Level, Outgoing, Rule, Written};
use crate::render::Marks;
use crate::workspace::rhythm::Campaign;
use crate::workspace::{Finding, suggest};

pub const RULE: Rule = Rule::outgoing(
    &["link/campaign"],
    "links of a campaign to the team's own sites say which campaign they are of",
    Level::Warning,
    include_str!("link_campaign.rs"),
    judge,
);

fn judge(outgoing: &Outgoing<'_>, findings: &mut Vec<Finding>) {
    let Outgoing { post, settings, payload, capability, .. } = outgoing;
    let campaign = post.campaign.as_deref().and_then(|name| settings.campaign(name));
    let Some(campaign) = campaign.filter(|campaign| !campaign.link_parameters.is_empty()) else { return };
    let links = payload.parts.iter().flat_map(|part| {
        let card = part.card.iter().map(|card| card.url.clone());
        Marks::of(part, capability).links.into_iter().map(|link| link.name).chain(card)
    });
    let links: BTreeSet<Url> = links.filter_map(|link| Url::parse(&link).ok()).collect();
    let lacking: Vec<(&Url, Lack<'_>)> = links.iter().filter_map(|url| Some((url, Lack::of(url, campaign)?))).collect();
    if lacking.is_empty() {
        return;
    }
    let written = Written::of(post);
    for (url, lack) in lacking {
        let message = format!("the address does not say that it is of the campaign {}", suggest::quote(&campaign.name));
        let help = format!("write `{}` behind its `?`", lack.query());
        let finding =
            |span| Finding::warning("link/campaign", &post.source, span, &message).label("this address").help(&help);
        let places: Vec<&Address> = written.addresses.iter().filter(|address| becomes(&address.url, url)).collect();
        if places.is_empty() {
            // The account's template has it.
            findings.push(finding(0..0));
        }
        for address in places {
            let finding = finding(address.span.clone());
            findings.push(match lack.fix(address) {
                Some(fixed) => finding.fix(address.span.clone(), fixed),
                None => finding,
            });
        }
    }
}

/// What an address should say of its campaign.
struct Lack<'c> {
    parameters: Vec<&'c (String, String)>,
    /// Whether it says something else there.
    contradicts: bool,
}

impl<'c> Lack<'c> {
    /// `None` where it lacks nothing, or leads somewhere else.
    fn of(url: &Url, campaign: &'c Campaign) -> Option<Self> {
        let host = url.domain()?;
        if !campaign.link_sites.iter().any(|site| belongs(host, site)) {
            return None;
        }
        let says = |(name, value): &(String, String)| url.query_pairs().any(|pair| pair == (name.into(), value.into()));
        let parameters: Vec<_> = campaign.link_parameters.iter().filter(|wanted| !says(wanted)).collect();
        let contradicts = parameters.iter().any(|(name, _)| url.query_pairs().any(|(other, _)| other == name.as_str()));
        (!parameters.is_empty()).then_some(Self { parameters, contradicts })
    }

    /// Names and values have nothing in them that a query would have to escape.
    fn query(&self) -> String {
        self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The address as it should be written, where it only has to be longer.
    fn fix(&self, address: &Address) -> Option<String> {
        let written = address.written.as_str();
        let (before, fragment) = written.find('#').map_or((written, ""), |at| written.split_at(at));
        let joint = match before.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        (address.exact && !self.contradicts).then(|| format!("{before}{joint}{}{fragment}", self.query()))
    }
}

/// Whether an address goes out as another one, which may have more parameters from a template.
fn becomes(written: &Url, sent: &Url) -> bool {
    let place =
        |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port(), url.path().to_owned());
    let holds = |pair: &(Cow<'_, str>, Cow<'_, str>)| sent.query_pairs().any(|other| other == *pair);
    place(written) == place(sent)
        && written.fragment() == sent.fragment()
        && written.query_pairs().all(|pair| holds(&pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> Campaign {
        let parameters = [("utm_campaign", "autumn"), ("ref", "a-1")];
        Campaign {
            name: "autumn".to_owned(),
            from: None,
            to: None,
            link_sites: vec!["acme.example".to_owned()],
            link_parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        }
    }

    /// What a fix makes of an address.
    fn fixed(written: &str) -> Option<String> {
        let url = Url::parse(written).unwrap();
        let campaign = campaign();
        let lack = Lack::of(&url, &campaign)?;
        lack.fix(&Address { written: written.to_owned(), url, span: 0..0, exact: true, words: None })
    }

    #[test]
    fn what_is_missing_is_added_and_nothing_else_changed() {
        for (written, expected) in [
            ("https://acme.example", "https://acme.example?utm_campaign=autumn&ref=a-1"),
            ("https://www.acme.example/é?ref=a-1#new", "https://www.acme.example/é?ref=a-1&utm_campaign=autumn#new"),
            ("https://acme.example/?", "https://acme.example/?utm_campaign=autumn&ref=a-1"),
        ] {
            assert_eq!(fixed(written).as_deref(), Some(expected));
            assert!(Lack::of(&Url::parse(expected).unwrap(), &campaign()).is_none(), "{expected}");
        }
    }

    #[test]
    fn other_sites_are_left_alone_and_what_says_otherwise_is_not_changed() {
        for other in ["https://acme.example.org", "https://notacme.example", "https://192.0.2.1/acme.example"] {
            assert!(Lack::of(&Url::parse(other).unwrap(), &campaign()).is_none(), "{other}");
        }
        assert_eq!(fixed("https://acme.example/?utm_campaign=spring"), None);
        assert!(Lack::of(&Url::parse("https://acme.example/?utm_campaign=spring").unwrap(), &campaign()).is_some());
    }

    #[test]
    fn an_address_is_known_again_after_a_template() {
        let becomes = |written: &str, sent: &str| becomes(&Url::parse(written).unwrap(), &Url::parse(sent).unwrap());
        assert!(becomes("https://acme.example/x?a=1#y", "https://acme.example/x?a=1&utm_source=net#y"));
        assert!(!becomes("https://acme.example/x?a=1", "https://acme.example/x?a=2"));
        assert!(!becomes("https://acme.example/x", "https://acme.example/x/y"));
    }
}
