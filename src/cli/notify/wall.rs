//! The channel `forge`: a comment that mentions somebody, under the pull request that brought what it is about, else under the
//! issue that the settings name. The forge tells whom it mentions, as each of them has it set there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Channel, Context, Trusted};
use crate::cli::forges;
use crate::forge::{Forge, ForgeError, PullRequestState, Thread};
use crate::git::Repository;
use crate::http::SendError;
use crate::notify::{ChannelKind, Message, Notify, ReaderName};
use crate::workspace::Roles;

/// The forge, as far as people are told something there.
pub(super) struct Wall {
    /// Why it cannot be asked, where it cannot.
    forge: Result<Box<dyn Forge>, SendError>,
    /// The pull requests by which files came where they are, as far as they were asked after.
    brought: RefCell<BTreeMap<String, Option<u64>>>,
}

impl Wall {
    /// Gets ready, where some channel needs it.
    pub fn of(notify: &Notify, repository: &Repository, remote: Option<&str>, context: &Context) -> Option<Self> {
        notify.channels.values().any(|channel| channel.kind == ChannelKind::Forge).then(|| {
            let forge = forges::of(repository, remote, context).map_err(unsaid).and_then(|forge| {
                let help = "set GREENLIT_FORGE_TOKEN, or in a job GITHUB_TOKEN, in the environment of this run";
                match &forge.place().token {
                    Some(_) => Ok(forge),
                    None => Err(SendError::Credentials {
                        reason: format!("there is no token for {}", forge.kind().title()),
                        help: help.to_owned(),
                    }),
                }
            });
            Self { forge, brought: RefCell::default() }
        })
    }

    /// Whether something can be said there.
    pub fn works(&self) -> bool {
        self.forge.is_ok()
    }

    /// Writes into the places on the forge who is mentioned there: the account that `roles.toml` names.
    pub fn name_accounts(&self, notify: &mut Notify, roles: &Roles) {
        let Ok(forge) = &self.forge else { return };
        let of_forge = |channel: &&Channel| channel.kind == ChannelKind::Forge;
        let channels: BTreeSet<&String> = notify.channels.values().filter(of_forge).map(|one| &one.name).collect();
        for (reader, told) in &mut notify.readers {
            let ReaderName::Person(person) = reader else { continue };
            let account = roles.people.get(person).and_then(|person| person.accounts.get(&forge.kind()));
            let login = account.map(|account| account.login.trim()).filter(|login| is_login(login));
            for place in told.places.iter_mut().filter(|place| channels.contains(&place.channel)) {
                place.to = login.map(str::to_owned);
            }
        }
    }

    /// Says a message, under the pull request that brought all that it is about, where there is one.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn say(
        &self,
        channel: &Channel,
        message: &Message,
        text: &str,
        trusted: Option<&Trusted>,
    ) -> Result<(), SendError> {
        let forge = self.forge.as_ref().map_err(Clone::clone)?;
        if matches!(message.reader, ReaderName::Person(_)) && message.place.to.is_none() {
            let reason = format!("roles.toml names no account of theirs on {}", forge.kind().title());
            return Err(SendError::Refused { reason });
        }
        if let Some(number) = trusted.map(|trusted| self.brought_all(&**forge, message, trusted)).transpose()?.flatten()
        {
            match forge.say(Thread::PullRequest(number), text) {
                // Nothing is said there any more: it is locked, or gone.
                Err(SendError::Refused { .. } | SendError::Credentials { .. }) => {}
                said => return said,
            }
        }
        forge.say(Thread::Issue(channel.issue.unwrap_or_default()), text)
    }

    /// The pull request that brought all that a message is about.
    fn brought_all(&self, forge: &dyn Forge, message: &Message, trusted: &Trusted) -> Result<Option<u64>, SendError> {
        let mut all: BTreeSet<Option<u64>> = BTreeSet::new();
        for item in &message.items {
            let known = trusted.posts.iter().find(|known| Some(&known.id) == item.news.post.as_ref());
            all.insert(known.map(|known| self.brought(forge, &known.path, trusted)).transpose()?.flatten());
            if all.len() > 1 {
                return Ok(None);
            }
        }
        Ok(all.into_iter().next().flatten())
    }

    /// The pull request by which a file came to the trusted branch as it is there now.
    fn brought(&self, forge: &dyn Forge, path: &str, trusted: &Trusted) -> Result<Option<u64>, SendError> {
        if let Some(known) = self.brought.borrow().get(path) {
            return Ok(*known);
        }
        let changes = trusted.repository.history(trusted.tip, path).map_err(|error| SendError::NotSent {
            reason: format!("nobody can see how {path} came here: {error}"),
            retry_at: None,
        })?;
        let pulls = match changes.last().map(|change| forge.of_commit(&change.commit.to_string())) {
            Some(Ok(pulls)) => pulls,
            // What was pushed by hand came by none.
            None | Some(Err(ForgeError::Missing { .. } | ForgeError::Refused { .. })) => Vec::new(),
            Some(Err(error)) => return Err(unsaid(error)),
        };
        let merged = pulls.iter().filter(|pull| pull.state == PullRequestState::Merged);
        let here = merged.filter(|pull| pull.base == trusted.branches.trusted);
        let number = here.map(|pull| pull.number).min();
        self.brought.borrow_mut().insert(path.to_owned(), number);
        Ok(number)
    }
}

/// What a forge's error means for what was to be said: nothing was.
fn unsaid(error: ForgeError) -> SendError {
    let reason = error.to_string();
    match error {
        ForgeError::Away { retry_at, .. } => SendError::NotSent { reason, retry_at },
        ForgeError::Partial { .. } => SendError::NotSent { reason, retry_at: None },
        ForgeError::Token { help, .. } => SendError::Credentials { reason, help },
        ForgeError::Missing { .. } | ForgeError::Refused { .. } => SendError::Refused { reason },
    }
}

/// Whether a text is a login to its end, and nothing else when it stands in a comment.
fn is_login(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
