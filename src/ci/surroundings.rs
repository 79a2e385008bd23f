//! What workflow files are held against.

/// An account or a channel, and the environment variables that it reads its secrets from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// `mastodon/acme`, `the channel slack`
    pub account: String,
    /// `GREENLIT_MASTODON_ACME_TOKEN`
    pub variables: Vec<String>,
}

/// The workspace around the files.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The branch that is published from.
    pub trusted: String,
    /// The accounts that need secrets; `None` where greenlit.toml cannot be read.
    pub needs: Option<Vec<Need>>,
    /// The channels of notify.toml.
    pub channels: Vec<Need>,
    /// The root of trust that is pinned here.
    pub root: Option<String>,
}

/// Where people's decisions are pushed.
pub const APPROVALS: &str = "greenlit/approvals";
/// The variable that pins the root of trust.
pub const ROOT: &str = "GREENLIT_ROOT";
/// Variables of greenlit that hold no account's secret.
pub const SETTINGS: [&str; 3] = [ROOT, "GREENLIT_NOW", "GREENLIT_GIT_TIMEOUT"];

impl Surroundings {
    /// Whether a variable is one of an account's or a channel's.
    pub fn is_secret(&self, name: &str) -> bool {
        let named = |need: &Need| need.variables.iter().any(|variable| variable == name);
        self.needs.iter().flatten().chain(&self.channels).any(named)
    }

    /// Whether a variable looks like one that holds a secret.
    pub fn looks_secret(name: &str) -> bool {
        name.starts_with("GREENLIT_") && !SETTINGS.contains(&name)
    }
}
