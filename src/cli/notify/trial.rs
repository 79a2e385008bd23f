//! `greenlit notify test`

use super::say::ending;
use super::wall::Wall;
use super::{Trusted, of_files, surroundings};
use crate::channel;
use crate::cli::gather::network_specs;
use crate::cli::{Context, Exit, Failure, check};
use crate::git::WorkTreeFiles;
use crate::notify::{Channel, ChannelKind, Letter, Notify, Place, ReaderName};
use crate::view::notice;
use crate::view::notify::{self as view, Tried};
use crate::workspace::{Files, load_roles, load_settings};

/// Say something on a channel, or to a person or room, to see whether it works
///
/// It reads `notify.toml` as it is in the working tree, says one line, and writes nothing down.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A channel, a person or a room of notify.toml
    #[arg(value_name = "CHANNEL|PERSON|ROOM")]
    name: String,
}

/// Tries each place of what is named.
///
/// # Errors
/// When the files cannot be read, or nothing is called that.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folder = context.folder.canonicalize().unwrap_or_else(|_| context.folder.clone());
    let files = WorkTreeFiles::new(check::root(&folder)?);
    let unusable = |file: &str| {
        let help = "`greenlit check` shows each error in its place";
        Failure::broken("workspace/broken", format!("{file} cannot be used"), help)
    };
    let read = |path: &str| files.read(path, super::LARGEST_SETTINGS).ok();
    let settings = read("greenlit.toml").and_then(|bytes| load_settings(&bytes, &network_specs()).0);
    let zone = settings.ok_or_else(|| unusable("greenlit.toml"))?.timezone;
    let roles = read("roles.toml").and_then(|bytes| load_roles(&bytes).0).ok_or_else(|| unusable("roles.toml"))?;
    let mut notify = of_files(&files, &roles, zone, "here")?;
    let wall = match notify.channels.values().any(|channel| channel.kind == ChannelKind::Forge) {
        true => {
            let repository = context.repository()?;
            let (_, remote) = Trusted::names_in(&repository);
            Wall::of(&notify, &repository, Some(&remote), context)
        }
        false => None,
    };
    if let Some(wall) = &wall {
        wall.name_accounts(&mut notify, &roles);
    }
    let tried: Vec<Tried> = places(&args.name, &notify)?
        .into_iter()
        .map(|(reader, place, channel)| {
            // A name of its own each time: a trial is never taken for one that was there.
            let id = format!("trial{}", context.now.timestamp_millis());
            let (message, letter) = notice::trial(channel.kind, &place, &id, &reader);
            let result = match (&letter, &wall) {
                (Letter::Comment(text), Some(wall)) => wall.say(channel, &message, text, None),
                _ => channel::say(channel, &place, &letter, &id, &surroundings(channel, context)),
            };
            Tried::of(channel, ending(&result))
        })
        .collect();
    if context.json() {
        context.print_json(&view::trials(&tried));
    } else {
        context.print(&view::trials_human(&tried, &context.page(zone)));
    }
    Ok(if tried.iter().all(Tried::worked) { Exit::Fine } else { Exit::Waits })
}

/// The places to try.
fn places<'n>(name: &str, notify: &'n Notify) -> Result<Vec<(ReaderName, Place, &'n Channel)>, Failure> {
    let of = |reader: &ReaderName| {
        let places = notify.readers.get(reader).map(|found| found.places.as_slice()).unwrap_or_default();
        let known = places.iter().filter_map(|place| Some((place.clone(), notify.channels.get(&place.channel)?)));
        known.map(|(place, channel)| (reader.clone(), place, channel)).collect::<Vec<_>>()
    };
    for reader in [ReaderName::Person(name.to_owned()), ReaderName::Room(name.to_owned())] {
        let found = of(&reader);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let mut on: Vec<(ReaderName, Place, &Channel)> = notify.readers.keys().flat_map(of).collect();
    on.retain(|(.., channel)| channel.name == name);
    on.truncate(1);
    if on.is_empty() && !notify.channels.contains_key(name) {
        let readers = notify.readers.keys().map(|reader| match reader {
            ReaderName::Person(name) | ReaderName::Room(name) => name.as_str(),
        });
        let known: Vec<&str> = notify.channels.keys().map(String::as_str).chain(readers).collect();
        let help = crate::workspace::suggest::help(name, "names", &known);
        return Err(Failure::usage("notify/unknown", format!("nothing in notify.toml is called {name:?}"), help));
    }
    if on.is_empty() {
        let message = format!("nobody reads on {name}, so there is no place to try");
        return Err(Failure::usage("notify/unknown", message, "name it in `read` of a person, or in a room"));
    }
    Ok(on)
}
