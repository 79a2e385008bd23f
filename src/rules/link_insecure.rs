//! `link/insecure`: links lead to `https://`.
//!
//! What goes over `http://` can be read and changed by everybody on the way. Servers on this machine and hidden ones
//! (`.onion`) are left alone.
//!
//! ```markdown bad
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here: http://acme.example/launch
//! ```
//!
//! ```markdown good
//! ---
//! to: bluesky/acme
//! ---
//! Acme 5 is here: https://acme.example/launch. Developers see http://localhost:8080/.
//! ```

use super::links::is_private;
use super::{Desk, Level, Rule, Written};
use crate::workspace::Finding;

pub const RULE: Rule =
    Rule::post(&["link/insecure"], "links lead to `https://`", Level::Warning, include_str!("link_insecure.rs"), judge);

fn judge(written: &Written<'_>, _: &Desk<'_>, findings: &mut Vec<Finding>) {
    for address in
        written.addresses.iter().filter(|address| address.url.scheme() == "http" && !is_private(&address.url))
    {
        let message = "the address begins with `http://`: it can be read and changed on the way";
        let finding = Finding::warning("link/insecure", &written.post.source, address.span.clone(), message);
        findings.push(finding.label("not encrypted").help("write `https://`, if the page is there too"));
    }
}
