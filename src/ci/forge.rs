//! The forges whose workflows are known, and where each looks for them.

/// A place that hosts a repository and runs its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Forge {
    Github,
    Gitlab,
    Forgejo,
}

/// Folders with workflows, and whose they are. Gitea and Forgejo read GitHub's folder where they have none of their own; what
/// is said of it holds there, too.
const FOLDERS: [(&str, Forge); 3] = [
    (".github/workflows", Forge::Github),
    (".forgejo/workflows", Forge::Forgejo),
    (".gitea/workflows", Forge::Forgejo),
];
const GITLAB: &str = ".gitlab-ci.yml";

impl Forge {
    /// The name that people know.
    pub fn title(self) -> &'static str {
        match self {
            Forge::Github => "GitHub",
            Forge::Gitlab => "GitLab",
            Forge::Forgejo => "Forgejo",
        }
    }

    /// Whose workflow a file is.
    pub fn of_file(path: &str) -> Option<Self> {
        if path == GITLAB {
            return Some(Forge::Gitlab);
        }
        let (folder, name) = path.rsplit_once('/')?;
        let (_, forge) = FOLDERS.iter().find(|(known, _)| *known == folder)?;
        (name.ends_with(".yml") || name.ends_with(".yaml")).then_some(*forge)
    }

    /// The forge that a remote's address speaks of: by its host, `git@github.com:acme/posts` or `https://codeberg.org/…`.
    pub fn of_remote(address: &str) -> Option<Self> {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let speaks = |name: &str| host.split('.').any(|label| label == name);
        if speaks("github") {
            Some(Forge::Github)
        } else if speaks("gitlab") {
            Some(Forge::Gitlab)
        } else if ["codeberg", "forgejo", "gitea"].into_iter().any(speaks) {
            Some(Forge::Forgejo)
        } else {
            None
        }
    }
}

/// The folders that may hold workflows.
pub fn folders() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|(folder, _)| *folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_tells_its_forge() {
        for (address, forge) in [
            ("git@github.com:acme/posts.git", Some(Forge::Github)),
            ("https://token@github.acme.example/acme/posts", Some(Forge::Github)),
            ("ssh://git@gitlab.acme.example:2222/acme/posts", Some(Forge::Gitlab)),
            ("https://codeberg.org/acme/posts", Some(Forge::Forgejo)),
            ("/srv/git/github.git", None),
            ("https://git.acme.example/github.com", None),
        ] {
            assert_eq!(Forge::of_remote(address), forge, "{address}");
        }
    }

    #[test]
    fn a_file_tells_its_forge() {
        assert_eq!(Forge::of_file(".github/workflows/a.yml"), Some(Forge::Github));
        assert_eq!(Forge::of_file(".gitea/workflows/a.yaml"), Some(Forge::Forgejo));
        assert_eq!(Forge::of_file(".gitlab-ci.yml"), Some(Forge::Gitlab));
        for other in [".github/workflows/deep/a.yml", ".github/workflows/README.md", "a.yml", "x/.gitlab-ci.yml"] {
            assert_eq!(Forge::of_file(other), None, "{other}");
        }
    }
}
