//! The workflow files that `greenlit ci init` writes.
//!
//! They use no action of anybody's: `uses:` runs other people's code beside the secrets, would have to be pinned by its
//! commit and looked after, and means another thing on each forge. Getting a repository takes five lines of git, which a test
//! can run. What forges do with these files:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/en/actions/reference/security/secure-use>,
//! <https://docs.gitlab.com/ci/yaml/>, <https://docs.gitlab.com/ci/jobs/ci_job_token/>,
//! <https://forgejo.org/docs/latest/user/actions/reference/> (checked 2026-11-28)

use super::Forge;
use super::surroundings::Need;

/// What the files depend on.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// Who runs them.
    pub forge: Forge,
    /// The branch that is published from.
    pub trusted: &'a str,
    /// The name that greenlit.toml has for the remote.
    pub remote: &'a str,
    /// Where greenlit comes from.
    pub program: &'a Program,
    /// The accounts, with the variables that each reads.
    pub needs: &'a [Need],
    /// The channels on which people are told, with the variables that each reads; none where nobody is.
    pub channels: &'a [Need],
    /// Whether reviews of pull requests count.
    pub reviews: bool,
    /// Whether people are mentioned on the forge.
    pub mentions: bool,
}

/// The step that writes reviews to the ledger, where they count.
const REVIEWS: &str = "\
      # What people said in reviews is written to the ledger. A forge that is away holds nothing else up.
      - name: Record reviews
        env:
          GITHUB_TOKEN: ${{ github.token }}
          GREENLIT_ROOT: ${{ vars.GREENLIT_ROOT }}
        run: greenlit review record || [ $? = 1 ]
";

/// The same for GitLab.
const REVIEWS_GITLAB: &str = "\
    # What people said in comments is written to the ledger. GITLAB_TOKEN, an access token of the project with the scope
    # `read_api`, is a variable like those above. A forge that is away holds nothing else up.
    - greenlit review record || [ $? = 1 ]
";

/// What its token may read for that.
const READS: &str = "      pull-requests: read  # their reviews count\n";
/// What it may write where people are mentioned.
const WRITES: &str =
    "      pull-requests: write # people are mentioned there\n      issues: write        # and there\n";

/// Where greenlit's source is, and which commit of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    source: String,
    commit: String,
}

impl Program {
    /// Takes an address and a commit that can stand in a script.
    ///
    /// # Errors
    /// When the address is not one of https or ssh, or the commit has not all of its 40 digits: a branch or tag could be
    /// moved to another program.
    pub fn new(source: &str, commit: &str) -> Result<Self, &'static str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '_' | '-' | '~' | '@');
        if !(source.starts_with("https://") || source.starts_with("ssh://")) || !source.chars().all(plain) {
            return Err("the address of a git repository begins with https:// or ssh://");
        }
        if commit.len() != 40 || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err("a commit is written with all of its 40 digits: a branch or a tag can be moved");
        }
        Ok(Self { source: source.to_owned(), commit: commit.to_owned() })
    }

    /// What a workflow names that was written before.
    pub fn named_in(workflow: &str) -> Option<Self> {
        let mut words = workflow.split_whitespace();
        let (mut source, mut commit) = (None, None);
        while let Some(word) = words.next() {
            match word {
                "--git" => source = words.next(),
                "--rev" => commit = words.next(),
                "greenlit" if source.is_some() && commit.is_some() => break,
                _ => {}
            }
        }
        Self::new(source?, commit?).ok()
    }

    fn install(&self) -> String {
        format!("cargo install --locked --git {} --rev {} greenlit", self.source, self.commit)
    }
}

/// Whether a branch or remote can stand in a script and in a filter of branches as it is.
pub fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    !name.is_empty() && !name.starts_with('-') && name.chars().all(plain)
}

/// The files, with their paths.
pub fn files(setup: &Setup<'_>) -> Vec<(&'static str, String)> {
    let templates: &[(&'static str, &str)] = match setup.forge {
        Forge::Github => &[
            (".github/workflows/greenlit-check.yml", include_str!("templates/github-check.yml")),
            (".github/workflows/greenlit-publish.yml", include_str!("templates/github-publish.yml")),
            (".github/workflows/greenlit-review.yml", include_str!("templates/github-review.yml")),
        ],
        Forge::Forgejo => &[
            (".forgejo/workflows/greenlit-check.yml", include_str!("templates/forgejo-check.yml")),
            (".forgejo/workflows/greenlit-publish.yml", include_str!("templates/forgejo-publish.yml")),
            (".forgejo/workflows/greenlit-review.yml", include_str!("templates/forgejo-review.yml")),
        ],
        Forge::Gitlab => &[(
            ".gitlab-ci.yml",
            concat!(include_str!("templates/gitlab-ci.yml"), include_str!("templates/gitlab-review.yml")),
        )],
    };
    let named = |needs: &[Need]| -> String {
        let line = |name: &str| match setup.forge {
            Forge::Github | Forge::Forgejo => format!("          {name}: ${{{{ secrets.{name} }}}}\n"),
            Forge::Gitlab => format!("    #   {name}\n"),
        };
        variables(needs).map(line).collect()
    };
    let tell = match setup.forge {
        _ if setup.channels.is_empty() => "",
        Forge::Github | Forge::Forgejo => include_str!("templates/actions-notify.yml"),
        Forge::Gitlab => include_str!("templates/gitlab-notify.yml"),
    };
    let tell = tell.replace("@SECRETS@\n", &named(setup.channels));
    let secrets = named(setup.needs);
    let rights = match (setup.mentions, setup.reviews) {
        (true, _) => WRITES,
        (false, true) => READS,
        (false, false) => "",
    };
    let fill = |template: &str| {
        let kept = |text| if setup.reviews { text } else { "" };
        let reviews = if setup.forge == Forge::Gitlab { REVIEWS_GITLAB } else { REVIEWS };
        let template = template.replace("@REVIEWS@\n", kept(reviews)).replace("@READS@\n", rights);
        let text = template.replace("@SECRETS@\n", &secrets).replace("@INSTALL@", &setup.program.install());
        let text = text.replace("@NOTIFY@\n", &tell);
        text.replace("@TRUSTED@", setup.trusted).replace("@REMOTE@", setup.remote)
    };
    templates.iter().map(|(path, template)| (*path, fill(template))).collect()
}

/// The variables of all accounts, each once.
pub fn variables(needs: &[Need]) -> impl Iterator<Item = &str> {
    needs.iter().flat_map(|need| need.variables.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn what_could_be_more_than_an_address_is_refused() {
        assert!(Program::new("https://forge.example/acme/greenlit", COMMIT).is_ok());
        assert!(Program::new("https://x/$(id)", COMMIT).is_err());
        assert!(Program::new("file:///greenlit", COMMIT).is_err());
        assert!(Program::new("https://x/y", "main").is_err());
        assert!(
            is_plain("release/1.x") && !is_plain("a b") && !is_plain("$(id)") && !is_plain("-x") && !is_plain("m*")
        );
    }

    #[test]
    fn what_was_written_names_its_program() {
        let program = Program::new("https://forge.example/acme/greenlit", COMMIT).unwrap();
        let needs =
            [Need { account: "mastodon/acme".to_owned(), variables: vec!["GREENLIT_MASTODON_ACME_TOKEN".to_owned()] }];
        for forge in [Forge::Github, Forge::Gitlab, Forge::Forgejo] {
            let (trusted, remote, reviews, mentions) = ("main", "origin", true, true);
            let (program, channels) = (&program, &needs);
            let setup = Setup { forge, trusted, remote, program, needs: &needs, channels, reviews, mentions };
            for (path, text) in files(&setup) {
                assert_eq!(Program::named_in(&text).as_ref(), Some(program), "{path}");
                assert_eq!(Forge::of_file(path), Some(forge));
                let left = text.split('@').nth(1).unwrap_or_default();
                let names = ["SECRETS", "INSTALL", "NOTIFY", "TRUSTED", "REMOTE", "REVIEWS", "READS"];
                assert!(!names.contains(&left), "{path}: {left}");
            }
        }
        assert_eq!(Program::named_in("cargo install --git https://x/y greenlit"), None);
    }
}
