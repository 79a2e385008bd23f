//! `greenlit check`

mod beside;
mod changed;
mod explain;
mod fix;
mod guide;
mod links;
mod mentions;
mod notify;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, Days, Utc};

use super::gather::{Trusted, network_specs};
use super::{Context, Exit, Failure, Format};
use crate::git::{Repository, WorkTreeFiles};
use crate::plan::wording_may_matter;
use crate::render::{Capability, Wording};
use crate::rules::{Deliveries, Desk, Ignores, Levels, Outgoing};
use crate::view::escape;
use crate::view::findings::{self, Fixed, Report, github, junit, rdjson, sarif};
use crate::workspace::side_by_side::in_parts_of_files;
use crate::workspace::{AccountName, FileAssets, Files, Finding, Post, PostId, Settings, calendar, load, rights};
use crate::{network, render, rules};
use beside::Beside;
use changed::{Changed, Using};
use mentions::Mention;

/// Check posts, settings and roles in the working tree
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Report only these files and folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Ask the servers, too, whether every address in a post answers, and everybody who is mentioned is there
    #[arg(long)]
    links: bool,

    /// Show what a rule asks, with examples, and check nothing
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,

    /// Repair what can be repaired without a doubt, show what was changed, and check again
    #[arg(long, conflicts_with = "explain")]
    fix: bool,

    /// Report only what differs from where this branch left BASE (origin/main), committed or not, and what depends on it
    #[arg(long, value_name = "BASE", conflicts_with = "explain")]
    changed: Option<String>,
}

impl Args {
    /// Whether anything is checked: then what is found has forms of its own.
    pub fn checks(&self) -> bool {
        self.explain.is_none()
    }
}

/// Reads everything, reports all that is wrong.
///
/// # Errors
/// When this is no workspace, or a path is none of its files.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if let Some(code) = &args.explain {
        return explain::run(code, context);
    }
    let folder = context.folder.canonicalize().unwrap_or_else(|_| context.folder.clone());
    let root = root(&folder)?;
    let files = WorkTreeFiles::new(root);
    let asked =
        args.paths.iter().map(|path| from_root(&folder.join(path), root, path)).collect::<Result<Vec<_>, _>>()?;
    let cache = Repository::git_folder_of(root).map(|folder| folder.join("greenlit/instances"));
    let changed = args.changed.as_deref().map(|base| Changed::since(root, base)).transpose()?;
    let changed = changed.as_ref().filter(|changed| !changed.touches_all());
    let scope = Scope { paths: &asked, changed };
    let look = |asks: bool| all(&files, root, cache.as_deref(), context.now, &scope, asks);
    let fixed = if args.fix { fix::fix(&files, &|| look(false), context) } else { Vec::new() };
    let looked = look(args.links);
    let errors = looked.found.iter().any(Finding::is_error);
    print(&looked, fixed, changed, context);
    Ok(if errors { Exit::Waits } else { Exit::Fine })
}

/// What is wrong with the files of a commit that differ from another one, and with what depends on them. No server is asked.
pub fn of_commit(
    trusted: &Trusted,
    files: &dyn Files,
    differing: BTreeSet<String>,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let changed = Changed::of("", differing);
    let scope = Scope { paths: &[], changed: Some(&changed).filter(|changed| !changed.touches_all()) };
    let root = trusted.repository.root();
    findings::shown(&all(files, root, Some(&trusted.instances()), now, &scope, false).found)
}

/// What was found, and the files that were looked at for it.
struct Looked {
    found: Vec<Finding>,
    files: BTreeSet<String>,
}

/// What was asked for.
struct Scope<'a> {
    /// All files, where there is none.
    paths: &'a [String],
    changed: Option<&'a Changed>,
}

impl Scope<'_> {
    /// Whether something is to be told of a file, where these are the posts.
    fn told<'a>(&'a self, posts: &'a [Using]) -> impl Fn(&str) -> bool + 'a {
        let reach = self.changed.map(|changed| changed.reach(posts));
        move |file| {
            (self.paths.is_empty() || self.paths.iter().any(|path| lies_in(file, path)))
                && reach.as_ref().is_none_or(|reach| reach.contains(file))
        }
    }
}

fn print(looked: &Looked, fixed: Vec<Fixed>, changed: Option<&Changed>, context: &Context) {
    let Looked { found, files } = looked;
    let repairs = found.iter().filter(|finding| finding.fix.is_some()).count();
    let found = &findings::shown(found);
    if context.format == Format::Human {
        context.print(&findings::fixed::human(&fixed, context.width, context.colour));
    } else if context.format != Format::Json && !fixed.is_empty() {
        context.note(findings::fixed::human(&fixed, context.width, false).trim_end());
    }
    match context.format {
        Format::Json => context.print_json(&Report::new(found).after(fixed)),
        Format::Github => context.print(&github::commands(found)),
        Format::Sarif => context.print_json(&sarif::Log::new(found)),
        Format::Junit => context.print(&junit::document(found, files)),
        Format::Rdjson => context.print_json(&rdjson::Report::new(found)),
        Format::Human if found.is_empty() => {
            let posts = files.iter().filter(|file| !SETTINGS.contains(&file.as_str())).count();
            let several = if posts == 1 { "post" } else { "posts" };
            context.print(&match changed {
                None => format!("{posts} {several} and the settings are fine.\n"),
                Some(changed) => {
                    format!("Nothing is wrong with what differs from {}: {posts} {several}.\n", escape(changed.base()))
                }
            });
        }
        Format::Human => {
            context.print(&findings::grouped(found, context.width, context.colour));
            if repairs > 0 {
                context.print(&format!("`greenlit check --fix` repairs {repairs} of these.\n"));
            }
            context.print(&format!("{}\n", findings::summary(found)));
        }
    }
}

/// What is read besides posts.
const SETTINGS: [&str; 2] = ["greenlit.toml", "roles.toml"];

/// Everything that is wrong with what was asked for, by file and place, and the files of it that were read.
fn all(
    files: &dyn Files,
    root: &Path,
    cache: Option<&Path>,
    now: DateTime<Utc>,
    scope: &Scope<'_>,
    asks: bool,
) -> Looked {
    let mut loaded = load(files, &network_specs());
    let posts = loaded.posts.iter().chain(&loaded.doubtful.posts).filter(|_| scope.changed.is_some());
    let using: Vec<Using> = posts.map(Using::of).collect();
    let told = scope.told(&using);
    let assets = FileAssets::new(files);
    let mut new: Vec<Finding> = Vec::new();
    if let Some(settings) = &loaded.doubtful.settings {
        new.extend(settings.accounts.values().filter_map(rules::template));
        let mut posts: Vec<&Post> = loaded.posts.iter().chain(&loaded.doubtful.posts).collect();
        posts.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        let known = by_file(&loaded.findings);
        let rendering = Rendering { settings, able: &able(settings, cache), known: &known, now, asks };
        let rendered = in_parts_of_files(files, &posts, |files, some| {
            let assets = FileAssets::new(files);
            some.iter().map(|post| rendering.deliveries(post, &assets, told(&post.source.path))).collect()
        });
        let (mut said, mut remarks, mut mentioned) = (Said::new(), Vec::new(), Vec::new());
        for deliveries in rendered {
            new.extend(deliveries.faults);
            remarks.extend(deliveries.remarks);
            mentioned.extend(deliveries.mentions);
            said.extend(deliveries.said);
        }
        // What has errors says nothing yet.
        let sound: HashSet<&PostId> = loaded.posts.iter().map(|post| &post.id).collect();
        said.retain(|(post, _), _| sound.contains(post));
        let (blackouts, faults) = calendar::read(files, settings, &followed(now));
        new.extend(faults);
        let (rights, faults) = rights::read(files, settings);
        new.extend(faults);
        new.extend(notify::check(files, settings, loaded.roles.as_ref()));
        let (beside, roles) = (Beside::of(root, settings), loaded.roles.as_ref());
        let known = beside.known(settings, roles, &posts, now);
        let out = |post: &_, account: &_| known.is_out(post, account);
        let needs = |post: &_, account: &_| known.needs(post, account);
        let asked = |post: &_| known.was_asked(post);
        let deliveries = Deliveries { out: &out, needs: &needs, asked: &asked, said: &said, blackouts: &blackouts };
        // What posts have to do with one another takes all of them; the rest is asked of those alone that are told of.
        let alone: Vec<&Post> = posts.iter().copied().filter(|post| told(&post.source.path)).collect();
        let answers = asks.then(|| {
            let memory = cache.and_then(Path::parent);
            let mut answers = links::check(alone.iter().copied(), memory, now);
            answers.extend(mentions::check(&mentioned, memory, now));
            answers
        });
        let (posts, rights, assets) = (&posts, &rights, &assets);
        let desk = Desk { settings, roles, posts, files, assets, rights, now, deliveries };
        new.extend(linted(&desk, &alone, remarks, answers));
    }
    // What several accounts have in common is said once.
    let mut seen = HashSet::new();
    new.retain(|finding| seen.insert((finding.id().to_owned(), place(finding), finding.message.clone())));
    loaded.findings.extend(new);
    loaded.findings.sort_by(|a, b| (&a.source.path, a.span.start).cmp(&(&b.source.path, b.span.start)));
    let posts = loaded.posts.iter().map(|post| post.source.path.clone());
    let read = posts.chain(loaded.broken.iter().map(|post| post.path.clone())).chain(SETTINGS.map(str::to_owned));
    let files = read.filter(|file| told(file)).collect();
    loaded.findings.retain(|finding| told(&finding.source.path));
    Looked { found: loaded.findings, files }
}

/// The days through which calendars are followed: what is planned is hardly ever planned for later.
fn followed(now: DateTime<Utc>) -> std::ops::Range<chrono::NaiveDate> {
    let day = |days: Option<chrono::NaiveDate>| days.unwrap_or_else(|| now.date_naive());
    let today = now.date_naive();
    day(today.checked_sub_days(Days::new(31)))..day(today.checked_add_days(Days::new(5 * 366)))
}

/// What the team's rules find, with their remarks on what goes out, beside what servers answered where they were asked, at
/// the levels that the team gave them.
fn linted(desk: &Desk<'_>, alone: &[&Post], remarks: Vec<Finding>, answers: Option<Vec<Finding>>) -> Vec<Finding> {
    let (levels, flaws) = Levels::of(desk.settings);
    let asked = answers.is_some();
    let mut findings = remarks;
    findings.extend(answers.unwrap_or_default());
    findings.extend(rules::lint_together(desk));
    findings.extend(guide::check(desk.files, desk.settings, alone));
    for post in alone {
        findings.extend(rules::lint(post, desk));
    }
    levels.apply(&mut findings);
    Ignores::of(desk.posts.iter().map(|post| &post.source)).apply(&mut findings, asked);
    guide::told_once(&mut findings);
    findings.extend(flaws);
    findings
}

fn by_file(findings: &[Finding]) -> HashMap<&str, Vec<&Finding>> {
    let mut files: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in findings {
        files.entry(&finding.source.path).or_default().push(finding);
    }
    files
}

/// Whether two findings in one file are about one fault: of one kind, or in one place.
fn same(a: &Finding, b: &Finding) -> bool {
    let overlap = a.span.start < b.span.end && b.span.start < a.span.end;
    a.code == b.code || overlap
}

fn place(finding: &Finding) -> (String, usize) {
    (finding.source.path.clone(), finding.span.start)
}

/// What posts say to accounts.
type Said = BTreeMap<(PostId, AccountName), Wording>;

/// A post on its way to its accounts.
#[derive(Default)]
struct OnTheWay<'a> {
    /// What keeps it from going out.
    faults: Vec<Finding>,
    /// What the team's rules say of what goes out.
    remarks: Vec<Finding>,
    /// Who is mentioned, where anybody wants to know.
    mentions: Vec<Mention<'a>>,
    said: Said,
}

/// What it takes to render posts, beside their files.
struct Rendering<'a> {
    settings: &'a Settings,
    /// What each account's network can do, as far as its server said so once.
    able: &'a BTreeMap<&'a AccountName, Capability>,
    /// What is wrong with the files themselves.
    known: &'a HashMap<&'a str, Vec<&'a Finding>>,
    now: DateTime<Utc>,
    /// Whether servers are asked.
    asks: bool,
}

fn able<'s>(settings: &'s Settings, cache: Option<&Path>) -> BTreeMap<&'s AccountName, Capability> {
    let accounts = settings.accounts.iter().filter(|(_, account)| rules::template(account).is_none());
    let able = accounts
        .filter_map(|(name, account)| Some((name, network::named(name.network())?.capability_of(account, cache))));
    able.collect()
}

impl<'a> Rendering<'a> {
    /// Renders a post for each of its accounts, and holds what comes out against the network's limits; what it says, where
    /// that may matter. What keeps it from being rendered is not told where the like of it is known already. Of a post that
    /// is not told of only that is found which others are held against.
    fn deliveries(&self, post: &'a Post, assets: &FileAssets<'_>, told: bool) -> OnTheWay<'a> {
        let Self { settings, able, known, now, asks } = self;
        let known = known.get(post.source.path.as_str()).map_or(&[][..], Vec::as_slice);
        let mut found = OnTheWay::default();
        for account in post.to.iter().filter_map(|name| settings.accounts.get(name)) {
            let Some(capability) = able.get(&account.name) else { continue };
            let says = wording_may_matter(post.due, account.duplicate_window, *now);
            if !told && !says {
                continue;
            }
            let (payload, faults) = render::attempt(post, account, capability, &settings.workspace, assets);
            if told {
                found.faults.extend(faults.into_iter().filter(|fault| !known.iter().any(|k| same(k, fault))));
                found.faults.extend(rules::check(post, &payload, capability, assets));
                let outgoing = Outgoing { post, account, settings, payload: &payload, capability, assets };
                found.remarks.extend(rules::lint_outgoing(&outgoing));
            }
            if told && *asks {
                found.mentions.extend(mentions::of(post, account, &payload, capability));
            }
            if says {
                found
                    .said
                    .extend(Wording::of(&payload).map(|wording| ((post.id.clone(), account.name.clone()), wording)));
            }
        }
        found
    }
}

/// The workspace's root. Files alone are read, so a shallow clone will do, or no repository at all.
pub fn root(folder: &Path) -> Result<&Path, Failure> {
    folder.ancestors().find(|folder| folder.join("greenlit.toml").symlink_metadata().is_ok()).ok_or_else(|| {
        let shown = folder.display().to_string();
        let message = format!("neither {} nor a folder above it has a greenlit.toml", escape(&shown));
        Failure::broken(
            "check/no-workspace",
            message,
            "cd into your workspace, or make this folder one: `greenlit init`",
        )
    })
}

/// A path that was asked for, from the workspace's root.
fn from_root(path: &Path, root: &Path, written: &Path) -> Result<String, Failure> {
    let refuse = |why: &str, help: &str| {
        let message = format!("{} {why}", escape(&written.display().to_string()));
        Err(Failure::usage("check/path", message, help))
    };
    // Links stay as they are: a post that is one is reported under its own name.
    let mut plain = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            step => plain.push(step),
        }
    }
    let Ok(inside) = plain.strip_prefix(root) else {
        return refuse("is not in this workspace", "name files of the workspace, such as posts/autumn.md");
    };
    if plain.symlink_metadata().is_err() {
        return refuse("is not there", "`git ls-files posts` lists the posts");
    }
    let names: Vec<_> = inside.components().map(|step| step.as_os_str().to_string_lossy()).collect();
    Ok(names.join("/"))
}

fn lies_in(file: &str, path: &str) -> bool {
    path.is_empty() || file == path || file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
}
