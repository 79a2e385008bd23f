//! Every request of a run × every kind of fault: a post with a picture is sent, taken down, and changed in its place. The
//! last two step by step, too.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::matrix::{KINDS, adapters, cell, side_by_side};
use crate::networks;
use crate::newsroom::Newsroom;
use crate::office::Office;
use crate::renewal::compare;
use crate::row::{Adapter, End, Kind, Moment, Place, Row, Story, Verdict};

const POST: &str = "picture";
const PICTURE: &[u8] = include_bytes!("../../examples/newsroom/assets/night-shift.png");
/// The place, and its secret, of what is out before a story begins.
const BEFORE: &str = "before";

/// What a run is to do.
struct Deed {
    title: &'static str,
    story: Story,
    /// What a person types before, once it is out; nothing where it is to go out.
    asks: &'static [&'static str],
    adapters: Vec<Adapter>,
}

fn deeds() -> Vec<Deed> {
    let of = |wanted: &[&str]| adapters().into_iter().filter(|one| wanted.contains(&one.network)).collect();
    let story = |texts, end| Story { post: POST, texts, end };
    vec![
        Deed {
            title: "A post with a picture goes out",
            story: story(&["Look."], End::Published),
            asks: &[],
            adapters: of(&["bluesky", "mastodon", "webhook"]),
        },
        Deed {
            title: "It is taken down",
            story: story(&[], End::Retracted),
            asks: &["retract", POST, "--reason", "The wrong picture"],
            adapters: of(&["bluesky", "mastodon", "outbox"]),
        },
        Deed {
            title: "It is changed in its place",
            story: story(&["Look here."], End::Updated),
            asks: &["update", POST],
            adapters: of(&["mastodon", "outbox"]),
        },
    ]
}

impl Deed {
    fn office(&self) -> Office {
        let accounts: Vec<&str> = self.adapters.iter().map(|adapter| adapter.account).collect();
        let text = |words: &str| {
            let to = accounts.join(", ");
            format!("---\nto: [{to}]\nmedia:\n  - file: assets/leaf.png\n    alt: A red leaf\n---\n{words}\n")
        };
        let files = [("assets/leaf.png".to_owned(), PICTURE.to_vec())];
        // An outbox has no server; the newsroom has one from the beginning.
        let served: Vec<&str> = accounts.iter().copied().filter(|account| !account.starts_with("outbox/")).collect();
        Office::open_after(&served, &[(POST.to_owned(), text("Look."))], &files, |newsroom, secrets| {
            if self.asks.is_empty() {
                return;
            }
            let runner =
                secrets(BEFORE).into_iter().fold(newsroom.runner(), |desk, (name, value)| desk.env(&name, &value));
            runner.greenlit(["publish"]).succeeds();
            if self.story.end == End::Updated {
                newsroom
                    .as_person("maya")
                    .pull()
                    .write("posts/picture.md", text("Look here."))
                    .commit("Say where")
                    .push();
            }
            self.ask(newsroom);
        })
    }

    fn ask(&self, newsroom: &Newsroom) {
        let noor = newsroom.as_person("noor");
        noor.pull();
        noor.git(["fetch", "-q", "origin"]);
        noor.greenlit(self.asks).succeeds();
    }

    /// A story of its own, with the server as it was left.
    fn row<'o>(&'o self, office: &'o Office, name: &str, adapter: Adapter) -> Row<'o> {
        let row = Row::new(office, name, adapter, "").telling(self.story);
        if !self.asks.is_empty() {
            let before = office.networks.place(&format!("{BEFORE}-{}", adapter.account), |place| place.clone());
            row.begin_with(networks::Place { asked: Vec::new(), ..before });
        }
        row
    }
}

/// What breaks.
enum What {
    /// A request of a run: its place among them, from 1, and what it asks.
    Request(usize, String, Moment),
    /// A step on the way.
    Step(&'static str),
}

impl What {
    /// Every request of a row's first run; where something is out already, the steps beside them.
    fn all(deed: &Deed, adapter: &Adapter, row: &Row<'_>) -> Vec<Self> {
        let asked = row.requests_of_the_first_run().into_iter().enumerate();
        let mut all: Vec<Self> = asked
            .flat_map(|(at, asked)| {
                [Moment::Before, Moment::After].map(|when| Self::Request(at + 1, asked.clone(), when))
            })
            .collect();
        if adapter.network == "outbox" {
            all.extend(["care/before-request", "care/after-response"].map(Self::Step));
        }
        if !deed.asks.is_empty() {
            all.extend(["record/before-commit", "record/before-push", "record/after-push"].map(Self::Step));
        }
        all
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            What::Request(number, asked, Moment::Before) => write!(f, "{number} `{asked}`, before"),
            What::Request(number, asked, Moment::After) => write!(f, "{number} `{asked}`, after"),
            What::Step(point) => write!(f, "`{point}`"),
        }
    }
}

#[test]
fn whichever_request_breaks_it_is_done_once() {
    let (mut faults, mut text) = (Vec::new(), INTRODUCTION.to_owned());
    for deed in deeds() {
        let office = deed.office();
        let mut rows = Vec::new();
        for adapter in &deed.adapters {
            let row = deed.row(&office, &format!("calm-{}", adapter.title), *adapter);
            let (ran, verdict) = row.served(VecDeque::new());
            assert_eq!(verdict, Verdict::Once { runs: 1 }, "{}: {ran}", adapter.title);
            for what in What::all(&deed, adapter, &row) {
                let what = Arc::new(what);
                rows.extend(KINDS.map(|kind| (*adapter, Arc::clone(&what), kind)));
            }
        }
        let verdicts = side_by_side(&rows, |(adapter, what, kind)| match **what {
            What::Request(number, _, moment) => {
                let name = format!("{}-{number}-{moment:?}-{kind:?}", adapter.title);
                deed.row(&office, &name, *adapter).at_request(number, moment, *kind)
            }
            What::Step(point) => {
                let name = format!("{}-{}-{kind:?}", adapter.title, point.replace('/', "-"));
                deed.row(&office, &name, *adapter).verdict(Place { point, time: 1 }, *kind)
            }
        });
        for ((adapter, what, kind), verdict) in rows.iter().zip(&verdicts) {
            let fault = match verdict {
                Verdict::Wrong(why) => why,
                Verdict::Uncertain { .. } if adapter.network != "webhook" => "it stays uncertain",
                _ => continue,
            };
            faults.push(format!("{}: {} {what} {kind:?}: {fault}", deed.title, adapter.title));
        }
        text += &format!("\n## {}\n", deed.title);
        for adapter in &deed.adapters {
            text += &table(adapter, &deed.story, &rows, &verdicts);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n\n"));
    compare("docs/faults-by-request.md", &text);
}

/// The head of docs/faults-by-request.md.
const INTRODUCTION: &str = "\
# When a request breaks

Made by `cargo test --features failpoints --test faults`, which runs all of it. [When a step breaks](faults.md) is about
threads, claims and pushes; here every request that a run makes is broken once, on its way there (*before*) and on its way
back (*after*: the server has done what it was asked).

The run is **killed** (SIGKILL), the connection is cut (**failed**), or nothing comes until the client has had enough
(**hung**); where it is a step that breaks, the machine sleeps instead, and another run goes to work meanwhile. Then
`greenlit publish` is run again, each time in a fresh clone and half an hour later, until nothing changes. *once*: the server has what was approved, once; or nothing, where it was to be taken down; and the ledger says so. *k of n,
uncertain*: the network cannot be asked; k parts are out, none twice, and `greenlit status` says so. Behind it the number of
runs that it took.
";

fn table(adapter: &Adapter, story: &Story, rows: &[(Adapter, Arc<What>, Kind)], verdicts: &[Verdict]) -> String {
    let mut text =
        format!("\n### {}\n\n| request or step | killed | failed | hung |\n| --- | --- | --- | --- |\n", adapter.title);
    let own = rows.iter().zip(verdicts).filter(|((one, ..), _)| one == adapter).collect::<Vec<_>>();
    for cells in own.chunks(KINDS.len()) {
        let Some(((_, what, _), _)) = cells.first() else { continue };
        let cells: Vec<String> = cells.iter().map(|(_, verdict)| cell(verdict, story)).collect();
        text += &format!("| {what} | {} |\n", cells.join(" | "));
    }
    text
}
