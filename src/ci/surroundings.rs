//! What workflow files are held against.

use super::Forge;

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
    /// Whether reviews on the forge are approvals.
    pub reviews: bool,
    /// Whether people are mentioned on the forge.
    pub mentions: bool,
    /// Whether greenlit takes these words behind its name.
    pub understands: fn(&[String]) -> Result<(), Misuse>,
}

/// Words that greenlit does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misuse {
    /// What is wrong with them.
    pub message: String,
    /// What was meant, where that is known.
    pub help: Option<String>,
}

/// Where people's decisions are pushed.
pub const APPROVALS: &str = "greenlit/approvals";
/// Where the jobs that publish write what was sent.
pub const LEDGER: &str = "greenlit/ledger";
/// The variable that pins the root of trust.
pub const ROOT: &str = "GREENLIT_ROOT";
/// Variables of greenlit that hold no account's secret.
const SETTINGS: [&str; 5] = [ROOT, "GREENLIT_NOW", "GREENLIT_GIT_TIMEOUT", "GREENLIT_FORGE", "GREENLIT_FORGE_TOKEN"];

/// Whether greenlit reads its token for a forge from a variable.
pub fn looks_at_forge(name: &str, forge: Forge) -> bool {
    let own: &[&str] = match forge {
        Forge::Github => &["GITHUB_TOKEN", "GH_TOKEN"],
        Forge::Gitlab => &["GITLAB_TOKEN"],
        Forge::Forgejo => &["FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"],
    };
    name == "GREENLIT_FORGE_TOKEN" || own.contains(&name)
}

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
