//! `greenlit count`

use std::io::{IsTerminal, Read};

use super::{Context, Exit, Failure};
use crate::network;
use crate::render::Length;
use crate::render::length::elsewhere::ELSEWHERE;
use crate::view::count::{self, Count};
use crate::view::escape;
use crate::workspace::suggest;

/// Tell how long a text is as a network counts, and whether it fits
///
/// Also networks that greenlit does not publish to yet. Needs no workspace, and asks no server: of a server's own limits
/// `greenlit check` knows. The text is taken as it stands, without front matter and Markdown; one line end at the end of
/// piped text is left out. The exit code is 1 where the text does not fit.
#[derive(Debug, clap::Args)]
#[command(override_usage = "greenlit count NETWORK [TEXT]\n       greenlit count --all [TEXT]")]
pub struct Args {
    /// The network, such as bluesky or x
    #[arg(required_unless_present = "all")]
    network: Option<String>,

    /// The text; `-`, or none where text is piped in: standard input
    text: Option<String>,

    /// Every network, one in a line
    #[arg(long)]
    all: bool,
}

/// Prints the length of a text.
///
/// # Errors
/// When there is no such network or no text.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    // The zone is for times, of which there are none here.
    let page = context.page(chrono_tz::UTC);
    if args.all {
        // Without a network, the text comes first.
        let (None, text) = (&args.text, &args.network) else {
            let help = "write `greenlit count --all TEXT`, with quotation marks around the text";
            return Err(Failure::usage("count/all", "--all is for every network, and needs only a text", help));
        };
        let text = text_of(text.as_deref())?;
        let counts: Vec<Count> = countable().iter().map(|network| network.count(&text)).collect();
        if context.json() {
            context.print_json(&count::report(&counts));
        } else {
            context.print(&count::human(&counts, &page));
        }
        return Ok(exit(counts.iter().all(Count::fits)));
    }
    let network = named(args.network.as_deref().unwrap_or_default())?;
    let count = network.count(&text_of(args.text.as_deref())?);
    if context.json() {
        context.print_json(&count.report());
    } else {
        context.print(&count.human(&page));
    }
    Ok(exit(count.fits()))
}

fn exit(fits: bool) -> Exit {
    if fits { Exit::Fine } else { Exit::Waits }
}

/// A network of which it is known how it counts.
struct Countable {
    network: &'static str,
    title: &'static str,
    formerly: Option<&'static str>,
    length: Length,
    note: Option<&'static str>,
}

impl Countable {
    fn count(&self, text: &str) -> Count {
        Count::new((self.network, self.title), text, &self.length, self.note)
    }
}

/// Every such network: those that can be published to, then the others.
fn countable() -> Vec<Countable> {
    let own = network::all().iter().map(|network| {
        let can = network.capability();
        Countable { network: can.network, title: can.title, formerly: None, length: can.length, note: None }
    });
    let others = ELSEWHERE.iter().map(|other| Countable {
        network: other.network,
        title: other.title,
        formerly: other.formerly,
        length: other.length,
        note: other.note,
    });
    own.chain(others).collect()
}

fn named(name: &str) -> Result<Countable, Failure> {
    let mut networks = countable();
    let written = name.to_lowercase();
    let place = networks.iter().position(|network| network.network == written || network.formerly == Some(&written));
    if let Some(place) = place {
        return Ok(networks.swap_remove(place));
    }
    let names: Vec<&str> = networks.iter().map(|network| network.network).collect();
    let near = suggest::nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`? "));
    let help = format!("{}the networks are {}", near.unwrap_or_default(), names.join(", "));
    Err(Failure::usage("count/network", format!("it is not known how \"{}\" counts", escape(name)), help))
}

/// No network takes as much; what is longer is a mistake.
const LONGEST: u64 = 4 << 20;

/// The text that was given, or that is piped in.
fn text_of(given: Option<&str>) -> Result<String, Failure> {
    let mut stdin = std::io::stdin();
    match given {
        Some(text) if text != "-" => return Ok(text.to_owned()),
        None if stdin.is_terminal() => {
            let help = "write it behind the network, in quotation marks, or pipe it in: `greenlit count x < text.txt`";
            return Err(Failure::usage("count/text", "there is no text to count", help));
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    if let Err(error) = (&mut stdin).take(LONGEST + 1).read_to_end(&mut bytes) {
        let message = format!("standard input cannot be read: {error}");
        return Err(Failure::usage("count/input", message, "write the text behind the network, in quotation marks"));
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(Failure::usage("count/input", "the text is longer than 4 MiB", "no network takes as much"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count();
        let message = format!("the text is not UTF-8: line {} has a byte that is none", line + 1);
        Failure::usage(
            "count/utf8",
            message,
            "save it as UTF-8: `iconv -f LATIN1 -t UTF-8 text.txt | greenlit count x`",
        )
    })?;
    let whole = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    Ok(whole.map_or_else(|| text.clone(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_is_there_twice() {
        for elsewhere in ELSEWHERE {
            assert!(network::named(elsewhere.network).is_none(), "{} says it itself", elsewhere.network);
        }
    }
}
