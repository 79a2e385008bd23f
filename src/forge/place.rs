//! Where the repository lies: as CI's environment says, else as the remote's address does.

use std::fmt;

use url::Url;

use super::ForgeError;
use crate::http::Secret;
use crate::workspace::ForgeKind;

/// Which forge it is, where neither CI nor the remote's name tells: `github`, `gitlab`, `forgejo`.
pub const FORGE: &str = "GREENLIT_FORGE";

/// The variables that hold a forge's token; the first is for any of them.
pub const TOKENS: [&str; 6] =
    ["GREENLIT_FORGE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN"];

/// One repository on a server.
#[derive(Clone)]
pub struct Place {
    /// Which software it is.
    pub kind: ForgeKind,
    /// Where its API is: `https://api.github.com`, `https://gitlab.com/api/v4`.
    pub api: Url,
    /// `acme/posts`; on GitLab also the project's number.
    pub repository: String,
    /// What lets greenlit in.
    pub token: Option<Secret>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at {}", self.kind.word(), self.repository, self.server())
    }
}

impl Place {
    /// Finds it. `variable` reads the environment; `remote` is the address that the repository is pushed to.
    ///
    /// CI's own word comes first (checked 2026-11-28):
    /// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
    /// <https://docs.gitlab.com/ci/variables/predefined_variables/>, <https://forgejo.org/docs/latest/user/actions/reference/>.
    ///
    /// # Errors
    /// When neither tells.
    pub fn find(variable: impl Fn(&str) -> Option<String>, remote: Option<&str>) -> Result<Self, ForgeError> {
        let set = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        let told = set(FORGE).map(|word| {
            let kind = ForgeKind::of_word(&word);
            kind.ok_or_else(|| lost(format!("{FORGE} says {word:?}, which is none of github, gitlab and forgejo")))
        });
        let told = told.transpose()?;
        let token = |kind: ForgeKind| {
            let names: &[&str] = match kind {
                ForgeKind::Github => &["GREENLIT_FORGE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"],
                ForgeKind::Gitlab => &["GREENLIT_FORGE_TOKEN", "GITLAB_TOKEN"],
                ForgeKind::Forgejo => &["GREENLIT_FORGE_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"],
            };
            names.iter().find_map(|name| set(name)).map(|text| Secret::new(text.trim().to_owned()))
        };
        // Forgejo's and Gitea's runners set GitHub's variables, too.
        let theirs = ["FORGEJO_ACTIONS", "GITEA_ACTIONS"].iter().any(|name| set(name).is_some());
        let in_ci = match (set("GITHUB_API_URL"), set("GITHUB_REPOSITORY"), set("CI_API_V4_URL"), set("CI_PROJECT_ID"))
        {
            (Some(api), Some(repository), _, _) => {
                Some((if theirs { ForgeKind::Forgejo } else { ForgeKind::Github }, api, repository))
            }
            (_, _, Some(api), Some(project)) => Some((ForgeKind::Gitlab, api, project)),
            _ => None,
        };
        if let Some((guess, api, repository)) = in_ci {
            let kind = told.unwrap_or(guess);
            let url = Url::parse(&api).ok().filter(|url| url.host().is_some() && url.query().is_none());
            let api = url.ok_or_else(|| lost(format!("{api:?} is no address of a forge's API")))?;
            return Ok(Self { kind, api, repository, token: token(kind) });
        }
        let remote = remote.ok_or_else(|| lost("this repository has no remote, so it lies on no forge".to_owned()))?;
        let (host, repository) =
            parted(remote).ok_or_else(|| lost("the remote's address names no forge".to_owned()))?;
        let kind = told.or_else(|| ForgeKind::of_remote(remote));
        let kind = kind.ok_or_else(|| lost(format!("nothing tells which forge {host} is")))?;
        let api = match kind {
            ForgeKind::Github if host == "github.com" => "https://api.github.com".to_owned(),
            ForgeKind::Github => format!("https://{host}/api/v3"),
            ForgeKind::Gitlab => format!("https://{host}/api/v4"),
            ForgeKind::Forgejo => format!("https://{host}/api/v1"),
        };
        let api = Url::parse(&api).map_err(|_| lost(format!("{host:?} is no name of a server")))?;
        Ok(Self { kind, api, repository, token: token(kind) })
    }

    /// The API's server, as the ledger calls it: `api.github.com`.
    pub fn server(&self) -> String {
        let host = self.api.host_str().unwrap_or_default();
        self.api.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// The host and the path of a remote's address, without a port: that of ssh is not that of the web.
fn parted(remote: &str) -> Option<(String, String)> {
    let (host, path) = match remote.split_once("://") {
        Some(_) => {
            let url = Url::parse(remote).ok()?;
            (url.host_str()?.to_owned(), url.path().to_owned())
        }
        // `git@github.com:acme/posts.git`
        None => {
            let (host, path) = remote.split_once(':').filter(|(host, _)| !host.contains('/'))?;
            (host.rsplit_once('@').map_or(host, |(_, host)| host).to_owned(), path.to_owned())
        }
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_repository = path.contains('/') && path.split('/').all(|step| !step.is_empty() && !step.starts_with('.'));
    (!host.is_empty() && is_repository).then(|| (host.to_ascii_lowercase(), path.to_owned()))
}

fn lost(reason: String) -> ForgeError {
    let help = format!(
        "run it in a job of GitHub, GitLab or Forgejo, or give the remote its address there; {FORGE} names the forge where its \
         host does not"
    );
    ForgeError::Token { reason, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], remote: Option<&str>) -> Result<(String, bool), ForgeError> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let place = Place::find(variable, remote)?;
        Ok((format!("{place:?} {}", place.api), place.token.is_some()))
    }

    #[test]
    fn ci_tells_before_the_remote_does() {
        let github = [
            ("GITHUB_API_URL", "https://ghe.example/api/v3"),
            ("GITHUB_REPOSITORY", "acme/posts"),
            ("GITHUB_TOKEN", "t"),
        ];
        let remote = Some("https://gitlab.com/other/thing.git");
        let place = found(&github, remote).unwrap();
        assert_eq!(place, ("github acme/posts at ghe.example https://ghe.example/api/v3".to_owned(), true));
        let forgejo = [&github[..], &[("FORGEJO_ACTIONS", "true")]].concat();
        assert!(found(&forgejo, None).unwrap().0.starts_with("forgejo acme/posts"));
        let gitlab = [("CI_API_V4_URL", "https://gitlab.com/api/v4"), ("CI_PROJECT_ID", "77"), ("GITHUB_TOKEN", "t")];
        assert_eq!(
            found(&gitlab, None).unwrap(),
            ("gitlab 77 at gitlab.com https://gitlab.com/api/v4".to_owned(), false)
        );
    }

    #[test]
    fn a_remote_tells_where_ci_does_not() {
        for (remote, place) in [
            ("git@github.com:acme/posts.git", "github acme/posts at api.github.com https://api.github.com/"),
            (
                "https://token@github.acme.example/acme/posts",
                "github acme/posts at github.acme.example https://github.acme.example/api/v3",
            ),
            (
                "ssh://git@gitlab.com:22/group/sub/posts.git",
                "gitlab group/sub/posts at gitlab.com https://gitlab.com/api/v4",
            ),
            ("https://codeberg.org/acme/posts", "forgejo acme/posts at codeberg.org https://codeberg.org/api/v1"),
        ] {
            assert_eq!(found(&[("GREENLIT_FORGE_TOKEN", " t\n")], Some(remote)).unwrap(), (place.to_owned(), true));
        }
        let own = Some("https://git.acme.example/acme/posts");
        assert_eq!(
            found(&[(FORGE, "forgejo")], own).unwrap().0,
            "forgejo acme/posts at git.acme.example https://git.acme.example/api/v1"
        );
        for (variables, remote) in [
            (&[][..], own),
            (&[], None),
            (&[], Some("/srv/git/github/posts.git")),
            (&[], Some("../posts.git")),
            (&[], Some("https://github.com/acme/../../posts")),
            (&[(FORGE, "sourcehut")], own),
        ] {
            let error = found(variables, remote).unwrap_err();
            assert_eq!(error.code(), "forge/token", "{remote:?}");
            assert!(error.help().contains(FORGE));
        }
    }
}
