//! One file a network, one trait, one line in the registry.

pub mod bluesky;
mod live;
pub mod mastodon;
pub mod outbox;
mod presence;
pub mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::Caller;
#[cfg(test)]
use crate::http::stub;
use crate::ledger::{Claim, DeliveryKey, PartReceipt};
use crate::render::{Attachment, Capability, Payload};
use crate::workspace::{Account, AccountName};

pub use crate::http::{Approved, Exchange, Redactor, Secret, SendError, Trace};
pub use live::Live;
pub use presence::Presence;

/// The networks, in the order of the README's table.
static ALL: &[&dyn Network] = &[&bluesky::Bluesky, &mastodon::Mastodon, &outbox::Outbox, &webhook::Webhook];

/// Every network.
pub fn all() -> &'static [&'static dyn Network] {
    ALL
}

/// The network of this name: `bluesky`.
pub fn named(name: &str) -> Option<&'static dyn Network> {
    ALL.iter().copied().find(|network| network.capability().network == name)
}

/// A kind of place to publish.
pub trait Network: Sync {
    /// What it can do, with the limits that most of its servers have.
    fn capability(&self) -> &'static Capability;

    /// What it can do for this account. `cache` is the folder where [`Surroundings::cache`] kept what servers said of
    /// their limits. Only limits differ from [`Network::capability`], never what is rendered. Asks nobody.
    fn capability_of(&self, _account: &Account, _cache: Option<&Path>) -> Capability {
        self.capability().clone()
    }

    /// Asks the account's server for its limits, where they are not kept yet; whether [`Network::capability_of`] knows
    /// more now. Needs no secrets.
    fn learn(&self, _account: &Account, _surroundings: &Surroundings) -> bool {
        false
    }

    /// Asks, without logging in, whether somebody is there whom a text of the account mentions, by the name that
    /// [`crate::render::Marks::mentions`] has; `None` where there is nobody to ask. Needs no secrets.
    fn presence(&self, _account: &Account, _handle: &str, _surroundings: &Surroundings) -> Option<Presence> {
        None
    }

    /// Opens a session for one account: logs in, and reads what the server says of itself. Sends nothing.
    ///
    /// # Errors
    /// When credentials are missing or refused, or the server does not answer.
    fn connect(&self, account: &Account, surroundings: &Surroundings) -> Result<Box<dyn Session>, SendError>;

    /// Whether its memory is a folder that a fresh clone does not have. Then every run of publish connects, also when
    /// nothing is due, and gives back with [`Session::restore`] whatever is out and [`Session::lacks`].
    fn forgets(&self) -> bool {
        false
    }
}

/// What an adapter needs from outside, handed in by the command line.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// Whether that is this machine's, and not one that was set for a test or a rehearsal. It must be right then: where a
    /// server's differs by more than two minutes, the account is left alone.
    pub clock_is_real: bool,
    /// The account's secrets by the end of their variable: `PASSWORD`. See [`Capability::secrets`].
    pub secrets: std::collections::BTreeMap<String, Secret>,
    /// The workspace's root folder, for networks that write files.
    pub root: std::path::PathBuf,
    /// A folder to keep what servers say of their limits, `.git/greenlit/instances`. It may be deleted at any time.
    pub cache: Option<std::path::PathBuf>,
    /// Is told of every request after its end, for `-v`.
    pub trace: Option<Arc<Trace>>,
    /// Whether the session is only looked through ([`Session::look`]): then nothing is written, also not to `root`.
    pub only_looks: bool,
}

impl Surroundings {
    /// What the HTTP client needs of it.
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            now: self.now,
            clock_is_real: self.clock_is_real,
            secrets: self.secrets.values().cloned().collect(),
            trace: self.trace.clone(),
        }
    }
}

/// The environment variable that holds an account's secret: `GREENLIT_BLUESKY_ACME_PASSWORD`. What is no ASCII letter
/// or digit becomes `_`.
pub fn variable(account: &AccountName, end: &str) -> String {
    let name: String = account
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    format!("GREENLIT_{name}_{end}")
}

/// The bytes of attachments, from git's objects; checked against their hash. Shared by the accounts' threads.
pub trait MediaBytes: Sync {
    /// An attachment's bytes from the first on, as often as it is asked for.
    ///
    /// # Errors
    /// When they cannot be had.
    fn open(&self, attachment: &Attachment) -> Result<Approved, String>;
}

/// Opens an attachment to send it.
fn open(media: &dyn MediaBytes, attachment: &Attachment) -> Result<Approved, SendError> {
    let not_sent = |why| SendError::NotSent { reason: format!("{}: {why}", attachment.file), retry_at: None };
    media.open(attachment).map_err(not_sent)
}

/// All that a call about one claimed delivery needs.
pub struct Job<'a> {
    /// The delivery.
    pub key: &'a DeliveryKey,
    /// 64 hex digits that stand for the delivery: where ids and idempotency keys come from.
    pub hash: &'a str,
    /// What is sent.
    pub payload: &'a Payload,
    /// What [`Session::freeze`] answered for it.
    pub frozen: &'a serde_json::Value,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// The parts that are out, in order.
    pub sent: &'a [PartReceipt],
}

/// The longest that [`Session::send`] takes. What is not sent by then is given up.
pub const LONGEST_SEND: Duration = Duration::from_secs(15 * 60);

/// One account, logged in. It works on a thread of its own.
pub trait Session: Send {
    /// All that a retry must repeat and that the payload does not say: ids, times, resolved mentions. Only reads from
    /// the network. The answer is stored in the claim, before anything is sent.
    ///
    /// # Errors
    /// When the server cannot be asked, or would refuse the payload (its own limits, an unknown person mentioned).
    fn freeze(&mut self, hash: &str, payload: &Payload, now: DateTime<Utc>) -> Result<serde_json::Value, SendError>;

    /// Sends the part after `job.sent`.
    ///
    /// # Errors
    /// See [`SendError`]: what is surely not sent is told apart from what may be.
    fn send(&mut self, job: &Job<'_>, media: &dyn MediaBytes) -> Result<PartReceipt, SendError>;

    /// Asks whether the part after `job.sent` is out.
    ///
    /// # Errors
    /// When the network cannot be asked now.
    fn find(&mut self, job: &Job<'_>) -> Result<Found, SendError>;

    /// Asks what stands now where the part after `job.sent` went, which is out as `receipt`. Only reads.
    ///
    /// # Errors
    /// As for [`Session::find`].
    fn look(&mut self, job: &Job<'_>, _receipt: &PartReceipt) -> Result<Live, SendError> {
        Ok(Live::Unknown(format!("{} cannot be asked what it shows", job.key.account)))
    }

    /// Changes what stands where the part after `job.sent` went to what `job.payload` says. To do so again with the same
    /// payload changes nothing. Before the first part, all parts are held against the server's limits.
    ///
    /// # Errors
    /// As for [`Session::send`], but nothing new is ever sent: whatever became of it, it may be tried again.
    fn edit(&mut self, job: &Job<'_>, _out: &OutThere<'_>, _media: &dyn MediaBytes) -> Result<Edited, SendError> {
        Err(SendError::Refused { reason: format!("{} cannot change what is out", job.key.account) })
    }

    /// Takes down the part after `job.sent`, which is out as `receipt`; that it is not there is fine. To say it again does
    /// no harm, whatever became of it the first time.
    ///
    /// # Errors
    /// As for [`Session::send`]; refused where the network cannot take anything down, or the receipt is not one of its own.
    fn take_down(&mut self, job: &Job<'_>, _receipt: &PartReceipt) -> Result<Removed, SendError> {
        Err(SendError::Refused { reason: format!("{} cannot take back what it was sent", job.key.account) })
    }

    /// Whether a delivery that is out, by the ledger, is not there any more. `hash` is [`DeliveryKey::hash`]. Asked
    /// only where [`Network::forgets`].
    fn lacks(&self, _hash: &str) -> bool {
        false
    }

    /// Takes back deliveries that it [lacks](Session::lacks), before anything is sent. Called once, also with none:
    /// pages that a crash left unwritten are written now.
    ///
    /// # Errors
    /// When they cannot be written. What the ledger says of them stands: they are out.
    fn restore(&mut self, _earlier: &mut dyn Iterator<Item = Earlier<'_>>) -> Result<(), SendError> {
        Ok(())
    }
}

/// A delivery that is out, as the ledger keeps it.
pub struct Earlier<'a> {
    /// Its last claim: what was sent.
    pub claim: Claim,
    /// When it was last changed in its place.
    pub edited: Option<DateTime<Utc>>,
    /// Its files, from the commit that the claim names.
    pub media: Box<dyn MediaBytes + 'a>,
}

/// A part that is out and is to be changed.
#[derive(Clone, Copy)]
pub struct OutThere<'a> {
    /// What the delivery was until now, by the ledger.
    pub payload: &'a Payload,
    /// What the network calls the part.
    pub receipt: &'a PartReceipt,
    /// When it is changed, by the run's clock.
    pub now: DateTime<Utc>,
}

/// What became of a part that was to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// It says what it was to say; what the network calls it now.
    Done(PartReceipt),
    /// It is not there any more. Nothing was made in its place.
    Gone,
}

/// What the network answers when it is asked for a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Yes(PartReceipt),
    /// It surely is not.
    No,
    /// This network cannot tell; why.
    Unknown(String),
}

/// What became of a part that was to be taken down: either way it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It was there until now.
    TakenDown,
    /// Somebody else had taken it away.
    AlreadyGone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_found_by_their_names() {
        for network in all() {
            let name = network.capability().network;
            assert_eq!(named(name).map(|found| found.capability()), Some(network.capability()));
            assert_eq!(network.capability().account.network, name);
        }
        assert!(named("nowhere").is_none());
    }

    #[test]
    fn secrets_have_variables() {
        let account = AccountName::new("mastodon/acme-eu").unwrap();
        assert_eq!(variable(&account, "TOKEN"), "GREENLIT_MASTODON_ACME_EU_TOKEN");
    }

    /// Whatever a server answers, logging in ends with an error, and asks nothing else of it, and nothing twice.
    #[test]
    fn a_server_that_talks_nonsense_is_left_alone() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let nonsense: [&[u8]; 9] = [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"{\"id\":7,\"username\":[],\"did\":{},\"handle\":null,\"accessJwt\":1e999}",
            b"{\"id\":\"\",\"username\":\"\",\"did\":\"did::\",\"handle\":\"\",\"accessJwt\":\"\"}",
            b"\xff\xfe\x00{",
            b"{\"did\":\"did:plc:a\"",
            deep.as_bytes(),
        ];
        let bluesky = ["/xrpc/com.atproto.server.createSession"];
        let mastodon = ["/api/v1/accounts/verify_credentials", "/api/v2/instance", "/api/v1/instance"];
        for (name, asks) in [("bluesky", &bluesky[..]), ("mastodon", &mastodon)] {
            for body in nonsense {
                for status in [200, 204, 299, 400, 418, 500, 999] {
                    let headers = Vec::new();
                    let stub = stub::Stub::replies(vec![stub::Reply::Answer { status, headers, body: body.to_vec() }]);
                    let account = Account {
                        name: AccountName::new(&format!("{name}/acme")).unwrap(),
                        server: Some(stub.origin()),
                        handle: Some("acme".to_owned()),
                        path: None,
                        url: None,
                        title: None,
                        template: None,
                        late_after: Duration::ZERO,
                        duplicate_window: Duration::ZERO,
                        rhythm: Default::default(),
                        most: Default::default(),
                    };
                    let secrets = ["PASSWORD", "TOKEN"].map(|end| (end.to_owned(), Secret::new("hunter2".to_owned())));
                    let surroundings = Surroundings { secrets: secrets.into(), ..Surroundings::default() };
                    let error = named(name).unwrap().connect(&account, &surroundings).err();
                    let error = error.unwrap_or_else(|| panic!("{name} {status} {body:?}"));
                    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
                    assert!(error.to_string().len() < 1000, "{error}");
                    let mut asked: Vec<String> = stub.seen().iter().map(|seen| seen.path().to_owned()).collect();
                    asked.sort();
                    let all = asked.len();
                    asked.dedup();
                    let logs_in = asked.iter().all(|path| asks.contains(&path.as_str()));
                    assert!(logs_in && !asked.is_empty() && asked.len() == all, "{asked:?} {error}");
                }
            }
        }
    }
}
