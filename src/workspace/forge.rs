//! The forges that are known: places that host a repository, its pull requests and its jobs.

/// A place that hosts a repository and runs its jobs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// github.com and GitHub Enterprise.
    Github,
    /// gitlab.com and GitLab of one's own.
    Gitlab,
    /// Forgejo, Codeberg, and Gitea.
    Forgejo,
}

impl ForgeKind {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Github, Self::Gitlab, Self::Forgejo];

    /// As it is written in files: `github`.
    pub fn word(self) -> &'static str {
        match self {
            ForgeKind::Github => "github",
            ForgeKind::Gitlab => "gitlab",
            ForgeKind::Forgejo => "forgejo",
        }
    }

    /// The one that a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The name that people know.
    pub fn title(self) -> &'static str {
        match self {
            ForgeKind::Github => "GitHub",
            ForgeKind::Gitlab => "GitLab",
            ForgeKind::Forgejo => "Forgejo",
        }
    }

    /// The forge that a remote's address speaks of: by its host, `git@github.com:acme/posts` or `https://codeberg.org/…`.
    pub fn of_remote(address: &str) -> Option<Self> {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let speaks = |name: &str| host.split('.').any(|label| label == name);
        if speaks("github") {
            Some(ForgeKind::Github)
        } else if speaks("gitlab") {
            Some(ForgeKind::Gitlab)
        } else if ["codeberg", "forgejo", "gitea"].into_iter().any(speaks) {
            Some(ForgeKind::Forgejo)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_tells_its_forge() {
        for (address, forge) in [
            ("git@github.com:acme/posts.git", Some(ForgeKind::Github)),
            ("https://token@github.acme.example/acme/posts", Some(ForgeKind::Github)),
            ("ssh://git@gitlab.acme.example:2222/acme/posts", Some(ForgeKind::Gitlab)),
            ("https://codeberg.org/acme/posts", Some(ForgeKind::Forgejo)),
            ("/srv/git/github.git", None),
            ("https://git.acme.example/github.com", None),
        ] {
            assert_eq!(ForgeKind::of_remote(address), forge, "{address}");
        }
    }
}
