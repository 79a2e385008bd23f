//! A newsroom that publishes on both servers: people at their clones, CI with the secrets, the built program.

use chrono::{SubsecRound, TimeDelta, Utc};

use super::newsroom::{Desk, Newsroom};
use super::servers::Mastodon;

/// The accounts' names in `greenlit.toml`.
pub const ACCOUNTS: [&str; 2] = ["bluesky/alice", "mastodon/testuser"];

/// A newsroom, and what its CI knows.
pub struct Office {
    pub newsroom: Newsroom,
    password: String,
    token: String,
}

impl Office {
    /// With these servers and this app password. The clock shows the servers' time: they date what they store.
    pub fn open(bluesky: &str, mastodon: &str, password: &str) -> Self {
        let newsroom = Newsroom::acme_at(&after(0));
        let accounts = format!(
            "\n[accounts.\"{}\"]\nservice = \"{bluesky}\"\nhandle = \"alice.test\"\n\
             \n[accounts.\"{}\"]\nserver = \"{mastodon}\"\nhandle = \"{}\"\n",
            ACCOUNTS[0],
            ACCOUNTS[1],
            Mastodon::HANDLE,
        );
        let maya = newsroom.as_person("maya");
        let settings = maya.read("greenlit.toml") + &accounts;
        maya.write("greenlit.toml", settings).commit("Go to the networks").push();
        newsroom.pin();
        Self { newsroom, password: password.to_owned(), token: Mastodon::TOKEN.to_owned() }
    }

    /// The same with another token for Mastodon.
    pub fn with_token(self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self }
    }

    /// Maya writes posts, name and text, and pushes them; Noor approves each.
    pub fn approved(&self, posts: &[(&str, &str)]) {
        let maya = self.newsroom.as_person("maya");
        for (name, text) in posts {
            maya.write(&format!("posts/{name}.md"), text);
        }
        maya.commit("Write posts").push();
        let noor = self.newsroom.as_person("noor");
        noor.pull();
        noor.greenlit(["check"]).succeeds();
        for (name, _) in posts {
            noor.greenlit(["approve", name]).succeeds().shows("pushed to origin");
        }
    }

    /// A CI job in a fresh clone, with the secrets in its environment.
    pub fn ci(&self) -> Desk<'_> {
        let runner = self.newsroom.runner();
        runner
            .env("GREENLIT_BLUESKY_ALICE_PASSWORD", &self.password)
            .env("GREENLIT_MASTODON_TESTUSER_TOKEN", &self.token)
    }

    /// What was done, by the ledger's commits on the remote, oldest first; not which decisions a run saw for the first time.
    pub fn ledger(&self) -> Vec<String> {
        let maya = self.newsroom.as_person("maya");
        maya.git(["fetch", "-q", "origin"]);
        let subjects = maya.git(["log", "--reverse", "--format=%s", "origin/greenlit/ledger"]);
        let done = |subject: &str| subject.split(", see ").next().unwrap_or_default().to_owned();
        subjects.lines().filter(|subject| !subject.starts_with("See ")).map(done).collect()
    }
}

/// The time so many minutes from now, RFC 3339.
pub fn after(minutes: i64) -> String {
    (Utc::now().trunc_subsecs(0) + TimeDelta::minutes(minutes)).to_rfc3339()
}
