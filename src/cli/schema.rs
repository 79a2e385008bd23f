//! `greenlit schema`, and the list of all JSON Schemas.
//!
//! A type gets its schema by one line in [`SCHEMAS`]: `written` for what people and the publisher write and greenlit
//! reads, `printed` for what `--format json` prints. The files in `schemas/` are made from this list; a test compares.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::{Context, Exit, Failure};

/// Every schema, by name.
pub const SCHEMAS: &[Named] = &[
    written::<crate::workspace::SettingsFile>("settings", "`greenlit.toml`"),
    written::<crate::workspace::RolesFile>("roles", "`roles.toml`"),
    written::<crate::style::GuideFile>("style", "A file of a team's style guide: `style/*.toml`"),
    written::<crate::workspace::DaysFile>("calendar", "A file `calendar/*.toml`"),
    written::<crate::workspace::RightsFile>("rights", "A file `assets/*.toml`"),
    written::<crate::notify::NotifyFile>("notify", "`notify.toml`"),
    written::<crate::workspace::FrontMatter>("front-matter", "The front matter of a post"),
    written::<crate::ledger::Entry>("ledger-entry", "A file under `deliveries/` on the branch greenlit/ledger"),
    written::<crate::ledger::Sighting>("ledger-sighting", "A file under `sightings/` on the branch greenlit/ledger"),
    written::<crate::ledger::ReviewRecord>("ledger-review", "A file under `reviews/` on the branch greenlit/ledger"),
    written::<crate::ledger::Telling>("ledger-telling", "A file under `told/` on the branch greenlit/ledger"),
    written::<crate::render::Payload>("payload", "Everything of a delivery that leaves the building"),
    printed::<crate::network::webhook::Body<'static>>("webhook", "What accounts of the network `webhook` are sent"),
    printed::<super::demo::Told>("demo", "What `greenlit demo --format json` prints"),
    printed::<super::init::Made>("init", "What `greenlit init --format json` prints"),
    printed::<super::ci::Written>("ci-init", "What `greenlit ci init --format json` prints"),
    printed::<super::new::Written>("new", "What `greenlit new --format json` prints"),
    printed::<crate::view::findings::Report>(
        "check",
        "What `greenlit check` and `greenlit ci doctor` print with `--format json`",
    ),
    printed::<crate::view::findings::Explained>(
        "check-explain",
        "What `greenlit check --explain --format json` prints",
    ),
    printed::<super::decided::Report>(
        "decision",
        "What `greenlit approve`, `reject`, `lift`, `comment`, `hold`, `resume` and `withdraw` print with `--format json`",
    ),
    printed::<crate::view::status::StatusReport>("status", "What `greenlit status --format json` prints"),
    printed::<crate::view::todo::TodoReport>("todo", "What `greenlit todo --format json` prints"),
    printed::<crate::view::plan::PlanReport>("plan", "What `greenlit plan --format json` prints"),
    printed::<crate::view::log::LogReport>("log", "What `greenlit log --format json` prints"),
    printed::<crate::view::roles::RolesReport>("roles-report", "What `greenlit roles --format json` prints"),
    printed::<crate::view::roles::diff::DiffReport>("roles-diff", "What `greenlit roles diff --format json` prints"),
    printed::<crate::view::trust::TrustReport>("trust", "What `greenlit trust --format json` prints"),
    printed::<super::trust::Pinned>("trust-pin", "What `greenlit trust pin --format json` prints"),
    printed::<crate::view::ledger::LedgerReport>("ledger", "What `greenlit ledger --format json` prints"),
    printed::<crate::view::ledger::VerifyReport>("ledger-verify", "What `greenlit ledger verify --format json` prints"),
    printed::<super::approve_policy::Report>(
        "policy-decision",
        "What `greenlit approve --policy --format json` prints",
    ),
    printed::<crate::view::prove::ProofReport>("prove", "What `greenlit prove --format json` prints"),
    printed::<crate::view::publish::PublishReport>("publish", "What `greenlit publish --format json` prints"),
    printed::<crate::view::reviews::ReviewsReport>("reviews", "What `greenlit review record --format json` prints"),
    printed::<crate::view::notify::NotifyReport>("notify-report", "What `greenlit notify --format json` prints"),
    printed::<crate::view::notify::TrialReport>("notify-test", "What `greenlit notify test --format json` prints"),
    printed::<crate::view::drift::DriftReport>("drift", "What `greenlit drift --format json` prints"),
    printed::<crate::view::preview::PreviewReport>("preview", "What `greenlit preview --format json` prints"),
    printed::<crate::view::pull_request::PullRequestReport<'static>>(
        "pull-request",
        "What `greenlit review comment --format json` prints",
    ),
    printed::<crate::view::count::CountReport>("count", "What `greenlit count NETWORK --format json` prints"),
    printed::<crate::view::count::AllReport>("count-all", "What `greenlit count --all --format json` prints"),
    printed::<Listing>("schema", "What `greenlit schema --format json` prints"),
];

/// Print a JSON Schema, or list them all
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The schema's name; all names are listed where there is none
    name: Option<String>,
}

/// A schema in the list.
#[derive(Debug)]
pub struct Named {
    /// What `greenlit schema` calls it; its file is `schemas/<name>.json`.
    pub name: &'static str,
    /// What it describes, in one line.
    pub about: &'static str,
    make: fn() -> Schema,
}

/// The names of all schemas.
#[derive(Debug, serde::Serialize, JsonSchema)]
pub struct Listing {
    version: u32,
    schemas: Vec<Listed>,
}

/// One of them.
#[derive(Debug, serde::Serialize, JsonSchema)]
struct Listed {
    name: &'static str,
    about: &'static str,
}

impl Named {
    /// The schema as indented JSON, with a line feed at the end.
    pub fn text(&self) -> String {
        let mut schema = (self.make)();
        schema.insert("title".to_owned(), format!("greenlit {}", self.name).into());
        schema.insert("description".to_owned(), self.about.into());
        // A schema is made of JSON values already.
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text + "\n"
    }
}

/// Prints one schema, or the list.
///
/// # Errors
/// When there is no schema of that name.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match &args.name {
        Some(name) => {
            let Some(schema) = SCHEMAS.iter().find(|schema| schema.name == name) else {
                let message = format!("there is no schema {name:?}");
                return Err(Failure::usage("cli/schema", message, "`greenlit schema` lists the names"));
            };
            context.print(&schema.text());
        }
        None if context.json() => {
            let schemas = SCHEMAS.iter().map(|schema| Listed { name: schema.name, about: schema.about });
            context.print_json(&Listing { version: 1, schemas: schemas.collect() });
        }
        None => {
            let width = SCHEMAS.iter().map(|schema| schema.name.len()).max().unwrap_or(0);
            for schema in SCHEMAS {
                context.print(&format!("{:width$}  {}\n", schema.name, schema.about));
            }
        }
    }
    Ok(Exit::Fine)
}

const fn written<T: JsonSchema>(name: &'static str, about: &'static str) -> Named {
    Named {
        name,
        about,
        make: || SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>(),
    }
}

const fn printed<T: JsonSchema>(name: &'static str, about: &'static str) -> Named {
    Named {
        name,
        about,
        make: || SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>(),
    }
}
