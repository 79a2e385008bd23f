//! What people read of a rule: the doc comment of its file, with examples that tests run.

/// A rule's page, in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// All of it.
    pub text: String,
    /// The examples, in their order.
    pub examples: Vec<Example>,
}

/// A block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Example {
    /// What greenlit.toml has besides, for all posts of the page.
    Settings(String),
    /// A file that is there besides, by its path.
    File(String, String),
    /// A post in which the rule finds something.
    Bad(String),
    /// A post in which it finds nothing.
    Good(String),
}

impl Page {
    /// The page of a rule's source text.
    pub(super) fn of(source: &str) -> Self {
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        Self { examples: examples(&lines), text: format!("{}\n", lines.join("\n").trim()) }
    }
}

/// Blocks fenced by ```` ```markdown bad ````, `markdown good`, `toml settings` or `LANGUAGE file PATH`.
fn examples(lines: &[&str]) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<(Vec<&str>, String)> = None;
    for line in lines {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.split(' ').collect(), String::new())),
            (Some((info, text)), Some(_)) => {
                found.extend(example(info, std::mem::take(text)));
                open = None;
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

fn example(info: &[&str], text: String) -> Option<Example> {
    match info {
        ["markdown", "bad"] => Some(Example::Bad(text)),
        ["markdown", "good"] => Some(Example::Good(text)),
        ["toml", "settings"] => Some(Example::Settings(text)),
        [_, "file", path] => Some(Example::File((*path).to_owned(), text)),
        _ => None,
    }
}
