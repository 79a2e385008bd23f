//! What publish is handed: sessions for the accounts of the settings, and the bytes of attachments.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::gather::Trusted;
use crate::cli::{Context, secrets};
use crate::git::{ObjectId, Repository};
use crate::network::{self, Exchange, SendError, Session, Surroundings, Trace};
use crate::publish::{Clock, MediaAt};
use crate::render::{Attachment, Identity};
use crate::view::escape;
use crate::workspace::{Account, AccountName, Files, Stream};

/// The accounts of the settings, and where they work.
pub struct Connections<'a> {
    accounts: Vec<&'a Account>,
    root: PathBuf,
    cache: Option<PathBuf>,
    clock: &'a dyn Clock,
    clock_is_real: bool,
    trace: Option<Arc<Trace>>,
    only_looks: bool,
}

impl<'a> Connections<'a> {
    /// For the accounts at the trusted branch's tip; with `-v` each request is told on standard error.
    pub fn new(trusted: &'a Trusted, context: &Context, clock: &'a dyn Clock) -> Self {
        Self {
            accounts: trusted.settings.accounts.values().collect(),
            cache: Some(trusted.instances()),
            root: trusted.repository.root().to_owned(),
            clock,
            clock_is_real: context.clock_is_real,
            trace: (context.verbose > 0).then(|| Arc::new(told_of) as Arc<Trace>),
            only_looks: false,
        }
    }

    /// For looking alone: whatever the clock shows, and nothing is written.
    pub fn only_looking(self) -> Self {
        Self { clock_is_real: false, only_looks: true, ..self }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// When the account is not in the settings any more, or is somebody else there by now: what was approved for one
    /// identity is never sent as another. Else what the network says.
    pub fn connect(&self, identity: &Identity) -> Result<Box<dyn Session>, SendError> {
        let account = self.accounts.iter().find(|account| account.name == identity.name);
        let Some(account) = account.filter(|account| Identity::of(account) == *identity) else {
            return Err(SendError::Refused {
                reason: format!("{} is not who it was when this was approved: greenlit.toml changed", identity.name),
            });
        };
        let Some(network) = network::named(account.name.network()) else {
            return Err(SendError::Refused { reason: format!("there is no network {:?}", account.name.network()) });
        };
        let surroundings = Surroundings {
            secrets: secrets::of(account),
            root: self.root.clone(),
            cache: self.cache.clone(),
            now: self.clock.now(),
            clock_is_real: self.clock_is_real,
            trace: self.trace.clone(),
            only_looks: self.only_looks,
        };
        network.connect(account, &surroundings)
    }

    /// The accounts whose networks live in a folder, among these; among all where none is named.
    pub fn forgetful(&self, wanted: &[AccountName]) -> Vec<Identity> {
        let among = |account: &&&Account| wanted.is_empty() || wanted.contains(&account.name);
        let forgets = |account: &&&Account| network::named(account.name.network()).is_some_and(|n| n.forgets());
        self.accounts.iter().filter(among).filter(forgets).map(|account| Identity::of(account)).collect()
    }
}

/// Tells of a request on standard error.
pub fn told_of(exchange: &Exchange) {
    let Exchange { method, host, path, status } = exchange;
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let line = format!("{method} {host}{path}: {status}");
    eprintln!("{}", secrets::redacted(&escape(&line)));
}

/// Attachments' bytes out of commits, for several threads.
pub struct Media(Mutex<Repository>);

impl Media {
    /// From this repository.
    pub fn new(repository: Repository) -> Self {
        Self(Mutex::new(repository))
    }
}

impl MediaAt for Media {
    fn open(&self, commit: &str, attachment: &Attachment) -> Result<Stream, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", attachment.file);
        let repository = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let commit: ObjectId = commit.parse().map_err(|_| told(&format!("{commit:?} is no commit")))?;
        let files = repository.files(commit).map_err(|error| told(&error))?;
        files.open(&attachment.file, attachment.size).map_err(|error| told(&error))
    }
}
