//! One job of a pipeline, with what it takes over from others.

use super::merged;
use crate::ci::node::{Entry, Node};
use crate::ci::script::{Placed, Script};
use crate::ci::shell::{Command, commands};
use crate::ci::workflow::publishes;

/// Keys at the top that are no jobs.
const NO_JOBS: [&str; 11] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
    "spec",
];

pub struct Job {
    pub entry: Entry,
    pub node: Node,
    /// The texts of its two scripts, with the commands in them: what stands in front of the rest goes through the same shell, what
    /// stands behind has one of its own.
    scripts: [Vec<(Node, Vec<Command>)>; 2],
}

/// The jobs of a pipeline, without templates.
pub fn jobs(root: &Node) -> Vec<Job> {
    let is_job = |entry: &&Entry| !entry.key.starts_with('.') && !NO_JOBS.contains(&entry.key.as_str());
    root.entries().iter().filter(is_job).map(|entry| Job::new(entry, root)).collect()
}

impl Job {
    fn new(entry: &Entry, root: &Node) -> Self {
        let node = merged::with_templates(&entry.value, root);
        let lines = |key: &str| {
            let default = || root.get("default").and_then(|default| default.get(key)).or_else(|| root.get(key));
            let own = node.get(key).or_else(|| default().filter(|_| key != "script"));
            let texts = own.map(Node::texts).unwrap_or_default();
            texts.into_iter().map(|(text, node)| (node.clone(), commands(text))).collect::<Vec<_>>()
        };
        let main = [lines("before_script"), lines("script")].concat();
        let scripts = [main, lines("after_script")];
        Self { entry: entry.clone(), node, scripts }
    }

    pub fn scripts(&self) -> impl Iterator<Item = Script<'_>> {
        self.scripts.iter().map(|lines| Script {
            commands: lines
                .iter()
                .flat_map(|(node, commands)| commands.iter().map(move |command| Placed { command, node }))
                .collect(),
            // The runner's shell stops behind a pipe, too, where it is bash.
            pipefail: true,
            stops: true,
            traced: false,
        })
    }

    pub fn commands(&self) -> Vec<&Command> {
        self.scripts.iter().flatten().flat_map(|(_, commands)| commands).collect()
    }

    pub fn greenlit(&self) -> impl Iterator<Item = &[String]> {
        self.scripts.iter().flatten().flat_map(|(_, commands)| commands).filter_map(Command::greenlit)
    }

    pub fn publishes(&self) -> bool {
        self.greenlit().any(publishes)
    }

    /// A setting of the job, else of `default:` or of the whole pipeline.
    pub fn setting<'a>(&'a self, root: &'a Node, key: &str) -> Option<&'a Entry> {
        self.node.entry(key).or_else(|| root.get("default")?.entry(key)).or_else(|| root.entry(key))
    }

    /// The lines of its variables, and of the pipeline's.
    pub fn variables<'a>(&'a self, root: &'a Node) -> Vec<&'a Entry> {
        let own = self.node.get("variables").map(Node::entries).unwrap_or_default();
        let all = root.get("variables").map(Node::entries).unwrap_or_default();
        let outer = all.iter().filter(|entry| !own.iter().any(|own| own.key == entry.key));
        own.iter().chain(outer).collect()
    }

    /// The text of a variable.
    pub fn variable<'a>(&'a self, root: &'a Node, name: &str) -> Option<(&'a Entry, &'a str)> {
        let entry = self.variables(root).into_iter().find(|entry| entry.key == name)?;
        Some((entry, value(&entry.value)?.trim()))
    }
}

/// A variable's text, also where it is written with a description.
pub fn value(node: &Node) -> Option<&str> {
    node.get("value").unwrap_or(node).text()
}
