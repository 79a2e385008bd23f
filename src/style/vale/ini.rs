//! `.vale.ini`: which styles are followed where.

use std::ops::Range;
use std::sync::Arc;

use crate::style::Level;
use crate::workspace::source::Source;
use crate::workspace::{Finding, Severity, suggest};

/// What `.vale.ini` says.
#[derive(Debug, Clone, Default)]
pub struct Ini {
    /// The folder of the styles, from the workspace's root.
    pub styles_path: Option<String>,
    /// Remarks below this level are not made.
    pub least: Option<Level>,
    /// The vocabularies, by name.
    pub vocabularies: Vec<Entry>,
    /// What holds for which files, in order.
    pub sections: Vec<Section>,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub span: Range<usize>,
}

/// What holds for the files that a pattern fits.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// `*`, `*.md`
    pub pattern: String,
    /// The styles that are followed; `None` where the section says nothing of it.
    pub styles: Option<Vec<Entry>>,
    /// Rules that are turned on, off, or to another level.
    pub rules: Vec<(Entry, Setting)>,
    /// Patterns of what no rule looks at, in running text.
    pub tokens: Vec<Entry>,
    /// The same for whole blocks.
    pub blocks: Vec<Entry>,
}

/// What is said of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It is followed, at its own level.
    On,
    /// It is not followed.
    Off,
    /// It is followed, at this level.
    At(Level),
}

/// Keys that mean something to Vale and nothing here.
const UNREAD: [&str; 12] = [
    "Packages",
    "IgnoredScopes",
    "SkippedScopes",
    "IgnoredClasses",
    "IgnorePatterns",
    "WordTemplate",
    "SphinxBuildPath",
    "SphinxAutoBuild",
    "NLPEndpoint",
    "CommentDelimiters",
    "Transform",
    "Blueprint",
];

impl Ini {
    /// Whether a rule is followed in any file.
    pub fn follows(&self, rule: &str) -> bool {
        let setting = |section: &Section| {
            section.rules.iter().rev().find(|(entry, _)| entry.name == rule).map(|(_, setting)| *setting)
        };
        let style = rule.split('.').next().unwrap_or_default();
        let based = |section: &&Section| section.styles.iter().flatten().any(|entry| entry.name == style);
        if self.sections.iter().filter_map(setting).any(|setting| setting != Setting::Off) {
            return true;
        }
        let off = |section: &Section| setting(section) == Some(Setting::Off);
        !self.sections.iter().any(|section| section.pattern == "*" && off(section))
            && self.sections.iter().filter(based).any(|section| !off(section))
    }
}

/// Reads the file. What cannot be read is told, and the rest holds.
pub fn read(source: &Arc<Source>, findings: &mut Vec<Finding>) -> Ini {
    let mut reader = Reader { source, findings, ini: Ini::default(), section: None };
    let mut at = 0;
    for line in lines(&source.text) {
        let start = at;
        at += line.len();
        reader.line(line, start);
    }
    reader.ini
}

/// The lines; one that ends with a backslash goes on in the next.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        if !line.trim_end().ends_with('\\') {
            lines.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
    }
    lines.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    lines
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    findings: &'a mut Vec<Finding>,
    ini: Ini,
    /// Whether a section is read, and whether it is one of files.
    section: Option<bool>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, start: usize) {
        let bare = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        let place = from..from + bare.len();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            return;
        }
        if let Some(name) = bare.strip_prefix('[') {
            let name = name.split_once(']').map_or(name, |(name, _)| name);
            let files = name != "formats" && name != "asciidoctor" && name != "adoc";
            self.section = Some(files);
            if files && alternatives(name).len() > MOST_ALTERNATIVES {
                let message = format!("this stands for more than {MOST_ALTERNATIVES} patterns: the others fit nothing");
                let finding = Finding::warning("style/ini-pattern", self.source, place, message);
                self.findings.push(finding.label("too many").help("write several sections"));
            }
            if files {
                self.ini.sections.push(Section { pattern: name.to_owned(), ..Section::default() });
            }
            return;
        }
        let Some((key, value)) = bare.split_once('=') else {
            self.findings.push(
                Finding::error("style/ini-line", self.source, place, "this line says nothing")
                    .label("here")
                    .help("write `Key = value`, or `[*.md]`"),
            );
            return;
        };
        let value_at = from + key.len() + 1;
        let key = Entry { name: key.trim().to_owned(), span: from..from + key.trim_end().len() };
        match self.section {
            None => self.global(&key, value, value_at),
            Some(true) => self.setting(key, value, value_at),
            Some(false) => {}
        }
    }

    fn global(&mut self, key: &Entry, value: &str, at: usize) {
        let values = entries(value, at);
        match key.name.as_str() {
            "StylesPath" => self.ini.styles_path = values.first().map(|entry| entry.name.clone()),
            "MinAlertLevel" => {
                let Some(entry) = values.first() else { return };
                self.ini.least = self.level(entry);
            }
            "Vocab" => self.ini.vocabularies = values,
            name => self.unread(name, key),
        }
    }

    fn setting(&mut self, key: Entry, value: &str, at: usize) {
        let setting = match key.name.as_str() {
            "BasedOnStyles" | "TokenIgnores" | "BlockIgnores" | "Vocab" => None,
            name if name.contains('.') => {
                let values = entries(value, at);
                let Some(entry) = values.first() else { return };
                let Some(setting) = self.setting_of(entry) else { return };
                Some(setting)
            }
            name => return self.unread(name, &key),
        };
        let Some(section) = self.ini.sections.last_mut() else { return };
        match (key.name.as_str(), setting) {
            (_, Some(setting)) => section.rules.push((key, setting)),
            ("BasedOnStyles", _) => section.styles = Some(entries(value, at)),
            ("TokenIgnores", _) => section.tokens.extend(entries(value, at)),
            ("BlockIgnores", _) => section.blocks.extend(entries(value, at)),
            _ => self.ini.vocabularies.extend(entries(value, at)),
        }
    }

    fn setting_of(&mut self, entry: &Entry) -> Option<Setting> {
        match entry.name.as_str() {
            "YES" => Some(Setting::On),
            "NO" => Some(Setting::Off),
            _ => self.level(entry).map(Setting::At),
        }
    }

    fn level(&mut self, entry: &Entry) -> Option<Level> {
        let level = match entry.name.as_str() {
            "suggestion" => Level::Suggestion,
            "warning" => Level::Warning,
            "error" => Level::Error,
            other => {
                let message = format!("{} is no level", suggest::quote(other));
                let help = suggest::help(other, "levels", &["suggestion", "warning", "error", "YES", "NO"]);
                let finding = Finding::error("style/ini-level", self.source, entry.span.clone(), message);
                self.findings.push(finding.label("here").help(help));
                return None;
            }
        };
        Some(level)
    }

    fn unread(&mut self, name: &str, key: &Entry) {
        let known = ["StylesPath", "MinAlertLevel", "Vocab", "BasedOnStyles", "TokenIgnores", "BlockIgnores"];
        let (message, help) = match name {
            "Packages" => (
                "nothing is fetched here: only styles that are in the workspace are followed".to_owned(),
                "run `vale sync`, and commit the styles".to_owned(),
            ),
            name if UNREAD.contains(&name) => {
                (format!("`{name}` says nothing of posts"), "Vale itself goes on reading it".to_owned())
            }
            name => (format!("there is no key {} here", suggest::quote(name)), suggest::help(name, "keys", &known)),
        };
        let mut finding = Finding::warning("style/ini-key", self.source, key.span.clone(), message);
        // What only Vale reads is no mistake.
        if UNREAD.contains(&key.name.as_str()) {
            finding.severity = Severity::Info;
        }
        self.findings.push(finding.label("not read").help(help));
    }
}

/// The values between commas, without what follows a `#`.
fn entries(value: &str, at: usize) -> Vec<Entry> {
    let end = value.find(" #").or_else(|| value.find(" ;")).unwrap_or(value.len());
    let mut start = at;
    let mut entries = Vec::new();
    for part in value.get(..end).unwrap_or_default().split(',') {
        let name = part.trim_matches(|c: char| c.is_whitespace() || c == '\\');
        let from = start + part.find(name).unwrap_or_default();
        if !name.is_empty() {
            entries.push(Entry { name: name.to_owned(), span: from..from + name.len() });
        }
        start += part.len() + 1;
    }
    entries
}

/// Alternatives of one section's pattern that are followed.
const MOST_ALTERNATIVES: usize = 64;

/// Whether the pattern of a section fits a path: `*` stands for anything, `{md,txt}` for either.
pub fn fits(pattern: &str, path: &str) -> bool {
    alternatives(pattern).iter().take(MOST_ALTERNATIVES).any(|one| is_of(one, path))
}

/// What a pattern with braces stands for; where that is too many, the first of them and one more.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, inside, after)) = rest
        .split_once('{')
        .and_then(|(before, rest)| rest.split_once('}').map(|(inside, after)| (before, inside, after)))
    {
        let longer =
            all.iter().flat_map(|one| inside.split(',').map(move |choice| format!("{one}{before}{}", choice.trim())));
        all = longer.take(MOST_ALTERNATIVES + 1).collect();
        rest = after;
    }
    all.iter_mut().for_each(|one| one.push_str(rest));
    all
}

fn is_of(pattern: &str, path: &str) -> bool {
    let mut pieces = pattern.split('*').map(|piece| piece.trim_start_matches("./"));
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(before) = last.replace(piece) {
            let Some(found) = rest.find(before) else { return false };
            rest = rest.get(found + before.len()..).unwrap_or_default();
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INI: &str = "# Vale\nStylesPath = styles\nMinAlertLevel = warning # or error\nVocab = Acme\nPackages = Google\n\n\
        [formats]\nmdx = md\n\n[*.{md,txt}]\nBasedOnStyles = Vale, Google\nGoogle.We = NO # no\nGoogle.Will = suggestion\n\
        Google.Bad = loud\nTokenIgnores = (\\$+[^\\n$]+\\$), \\\n (x)\nBasedOnStyle = x\nnothing\n";

    #[test]
    fn what_is_said_is_read_and_what_is_not_is_told() {
        let source = Arc::new(Source::new(".vale.ini", INI));
        let mut findings = Vec::new();
        let ini = read(&source, &mut findings);
        assert_eq!((ini.styles_path.as_deref(), ini.least), (Some("styles"), Some(Level::Warning)));
        assert_eq!(ini.vocabularies[0].name, "Acme");
        let section = &ini.sections[0];
        let styles: Vec<_> = section.styles.iter().flatten().map(|style| style.name.as_str()).collect();
        assert_eq!((section.pattern.as_str(), styles), ("*.{md,txt}", vec!["Vale", "Google"]));
        let rules: Vec<_> = section.rules.iter().map(|(rule, setting)| (rule.name.as_str(), *setting)).collect();
        assert_eq!(rules, [("Google.We", Setting::Off), ("Google.Will", Setting::At(Level::Suggestion))]);
        let tokens: Vec<_> = section.tokens.iter().map(|token| &INI[token.span.clone()]).collect();
        assert_eq!(tokens, ["(\\$+[^\\n$]+\\$)", "(x)"]);
        let told: Vec<_> = findings.iter().map(|finding| (finding.code, finding.place().line)).collect();
        assert_eq!(
            told,
            [("style/ini-key", 5), ("style/ini-level", 14), ("style/ini-key", 17), ("style/ini-line", 18)]
        );
    }

    #[test]
    fn no_pattern_stands_for_more_than_can_be_tried() {
        assert_eq!(alternatives("*.{a, b}{c,d}e"), ["*.ace", "*.ade", "*.bce", "*.bde"]);
        let many = "{a,b}".repeat(40);
        assert_eq!(alternatives(&many).len(), MOST_ALTERNATIVES + 1);
        for (pattern, told) in [(many.as_str(), vec!["style/ini-pattern"]), (&"{a,b}".repeat(6), vec![])] {
            let mut findings = Vec::new();
            read(&Arc::new(Source::new(".vale.ini", format!("[{pattern}]\nBasedOnStyles = Vale\n"))), &mut findings);
            assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), told);
        }
    }

    #[test]
    fn patterns_of_sections() {
        for (pattern, path, expected) in [
            ("*", "posts/a.md", true),
            ("*.md", "posts/x/a.md", true),
            ("*.{txt,md}", "posts/a.md", true),
            ("*.txt", "posts/a.md", false),
            ("posts/*/a.md", "posts/x/a.md", true),
            ("**/a.md", "posts/x/a.md", true),
            ("posts/emea/**", "posts/emea/x/a.md", true),
            ("posts/a.md", "posts/a.md", true),
            ("a*a", "a", false),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }
}
