//! `greenlit ci`

mod doctor;
mod init;

use super::gather::LARGEST_SETTINGS;
use super::{Cli, Context, Exit, Failure};
use crate::ci::{Misuse, Need};
use crate::network;
use crate::notify::{Channel, ChannelKind, Notify, PATH};
use crate::workspace::{Files, Reviews, Settings, load_roles};

pub use init::Written;

/// Write the jobs that check and publish, and look for what is wrong with those that there are
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Init(init::Args),
    Doctor(doctor::Args),
}

impl Args {
    /// Whether anything is examined: then what is found has forms of its own.
    pub fn examines(&self) -> bool {
        matches!(self.verb, Verb::Doctor(_))
    }
}

/// Writes or examines workflow files.
///
/// # Errors
/// When this is no workspace, or files would have to be overwritten.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Init(args) => init::run(args, context),
        Verb::Doctor(args) => doctor::run(args, context),
    }
}

/// Who is told what; nothing where `notify.toml` is not there or cannot be used.
fn notify(files: &dyn Files, settings: &Settings) -> Option<Notify> {
    let read = |path: &str| files.read(path, LARGEST_SETTINGS).ok();
    let roles = load_roles(&read("roles.toml")?).0?;
    Notify::read(&read(PATH)?, &roles, settings.timezone).0
}

/// The channels on which people are told something, with the variables that each reads.
fn channels(notify: Option<&Notify>) -> Vec<Need> {
    let channels = notify.into_iter().flat_map(|notify| notify.channels.values());
    let need = |channel: &Channel| Need {
        account: format!("the channel {}", channel.name),
        variables: channel.variables().collect(),
    };
    channels.map(need).collect()
}

/// Whether any of them is the forge itself.
fn mentions(notify: Option<&Notify>) -> bool {
    notify.is_some_and(|notify| notify.channels.values().any(|channel| channel.kind == ChannelKind::Forge))
}

/// The accounts that need secrets, with the variables that they are read from.
fn needs(settings: &Settings) -> Vec<Need> {
    let accounts = settings.accounts.keys().filter_map(|account| {
        let ends = network::named(account.network())?.capability().secrets;
        let variables = ends.iter().map(|end| network::variable(account, end)).collect();
        (!ends.is_empty()).then(|| Need { account: account.to_string(), variables })
    });
    accounts.collect()
}

/// Whether reviews count by the `roles.toml` that is here; one that cannot be read lets nothing count.
fn reviews_count(files: &dyn Files) -> bool {
    let bytes = files.read("roles.toml", LARGEST_SETTINGS);
    let roles = bytes.ok().and_then(|bytes| load_roles(&bytes).0);
    roles.is_some_and(|roles| roles.policy.reviews == Reviews::Count)
}

/// Whether greenlit takes these words behind its name. What a script puts in at another time is taken.
fn understands(words: &[String]) -> Result<(), Misuse> {
    use clap::CommandFactory;
    use clap::error::{ContextKind, ErrorKind};

    let typed = ["greenlit"].into_iter().chain(words.iter().map(String::as_str));
    let Err(error) = Cli::command().try_get_matches_from(typed) else { return Ok(()) };
    let put_in = |text: &str| text.contains(['$', '`']);
    let value = error.get(ContextKind::InvalidValue).map(ToString::to_string);
    let known_later = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => value.is_some_and(|value| put_in(&value)),
        _ => words.iter().any(|word| put_in(word)) && error.kind() == ErrorKind::MissingRequiredArgument,
    };
    if known_later {
        return Ok(());
    }
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let help = meant.into_iter().find_map(|kind| error.get(kind)).map(|value| format!("did you mean `{value}`?"));
    let said = error.to_string();
    let first = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Err(Misuse { message: first, help })
}
