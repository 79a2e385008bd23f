//! The commands of a script, as far as one has to understand a shell to find `greenlit` in it.

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words without their quotes, redirections left as they are.
    pub words: Vec<String>,
    /// As it is written.
    pub written: String,
    /// What stands between it and the next one.
    pub end: End,
    /// What stands below it for it to read: `<<END`.
    pub input: String,
}

/// What ends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A line's end, `;`, or the script's.
    Done,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `&`
    Aside,
}

/// What a command may stand behind and still be the one that is run.
const WRAPPERS: [&str; 22] = [
    "sudo", "env", "time", "exec", "command", "nice", "ionice", "nohup", "setsid", "stdbuf", "timeout", "xargs", "if",
    "elif", "then", "else", "while", "until", "do", "!", "{", "}",
];

impl Command {
    /// The words behind `greenlit`, where the command runs it; in a container, too, whose image is called so.
    pub fn greenlit(&self) -> Option<&[String]> {
        if let Some((_, _, words)) = self.container().filter(|(_, image, _)| is_greenlits(image)) {
            return Some(words);
        }
        let is_it = |word: &str| word == "greenlit" || word.ends_with("/greenlit");
        let at = self.words.iter().position(|word| is_it(word))?;
        let (before, after) = self.words.split_at_checked(at)?;
        let passes = |word: &String| {
            WRAPPERS.contains(&word.as_str())
                || word.starts_with('-')
                || assigns(word).is_some()
                || word.starts_with(|c: char| c.is_ascii_digit())
        };
        before.iter().all(passes).then(|| after.get(1..).unwrap_or_default())
    }

    /// The program that it runs.
    pub fn program(&self) -> Option<&str> {
        let mut words = self.words.iter().filter(|word| assigns(word).is_none());
        words
            .find(|word| !matches!(word.as_str(), "sudo" | "if" | "then" | "else" | "do" | "!" | "{"))
            .map(String::as_str)
    }

    /// What `docker run` is told, the image, and the words for the program in it.
    pub fn container(&self) -> Option<(&[String], &str, &[String])> {
        const ALONE: [&str; 9] =
            ["--rm", "-i", "-t", "-it", "-ti", "--init", "--privileged", "--read-only", "--interactive"];
        let starts = |at: &usize| {
            let word = |at: usize| self.words.get(at).map(String::as_str);
            matches!(word(*at), Some("docker" | "podman")) && word(at + 1) == Some("run")
        };
        let from = (0..self.words.len()).find(starts)? + 2;
        let mut at = from;
        while let Some(word) = self.words.get(at).filter(|word| word.starts_with('-')) {
            at += if ALONE.contains(&word.as_str()) || word.contains('=') { 1 } else { 2 };
        }
        let (before, rest) = self.words.split_at_checked(at)?;
        let (image, words) = rest.split_first()?;
        Some((before.get(from..)?, image, words))
    }

    /// Whether its words, as the shell puts them together, hold a variable's value.
    pub fn expands(&self, name: &str) -> bool {
        expands(&self.written, name) || expands(&self.input, name)
    }
}

/// Whether the last part of an image's name is greenlit.
fn is_greenlits(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next() == Some("greenlit")
}

/// Whether a text holds `$NAME` where a shell puts the value in its place, so outside of single quotes.
pub fn expands(text: &str, name: &str) -> bool {
    variables(text).contains(&name)
}

/// The variables whose values a shell puts into a text.
pub fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut single, mut double, mut skip) = (false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if std::mem::take(&mut skip) => {}
            '\\' if !single => skip = true,
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '$' if !single => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let rest = rest.strip_prefix('{').unwrap_or(rest);
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                found.extend(rest.get(..end).filter(|name| !name.is_empty()));
            }
            _ => {}
        }
    }
    found
}

/// The name and value of `NAME=value`.
pub fn assigns(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, value))
}

/// The commands of a script, in their order.
pub fn commands(script: &str) -> Vec<Command> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let (mut in_word, mut start, mut at) = (false, 0, 0);
    // The first command of this line.
    let mut of_line = 0;
    while let Some(c) = script.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = script.get(at..).unwrap_or_default();
        let end = match c {
            '&' if rest.starts_with("&&") => Some((End::And, 2)),
            '|' if rest.starts_with("||") => Some((End::Or, 2)),
            // Parts of redirections: `2>&1`, `>&2`, `&>file`.
            '&' if rest.starts_with("&>") || script.get(..at).is_some_and(|before| before.ends_with('>')) => None,
            '|' => Some((End::Pipe, 1)),
            '&' => Some((End::Aside, 1)),
            ';' | '\n' | '(' | ')' => Some((End::Done, 1)),
            _ => None,
        };
        if let Some((end, length)) = end {
            let nothing = words.is_empty() && !in_word;
            if let (true, true, Some(last)) =
                (nothing, matches!(end, End::Or | End::Pipe | End::Aside), found.last_mut())
            {
                // Behind a group in brackets: what ends that ends its last command.
                let last: &mut Command = last;
                last.end = end;
            }
            words.extend(std::mem::take(&mut in_word).then(|| std::mem::take(&mut word)));
            close(&mut found, &mut words, script.get(start..at).unwrap_or_default(), end);
            at += length;
            if c == '\n' {
                let line = found.get_mut(of_line..).unwrap_or_default();
                at += below(line, script.get(at..).unwrap_or_default());
                of_line = found.len();
            }
            start = at;
            continue;
        }
        at += c.len_utf8();
        match c {
            '\\' => {
                let next = script.get(at..).and_then(|rest| rest.chars().next());
                at += next.map_or(0, char::len_utf8);
                if let Some(next) = next.filter(|next| *next != '\n') {
                    word.push(next);
                    in_word = true;
                }
            }
            '\'' | '"' => {
                in_word = true;
                let inner = script.get(at..).unwrap_or_default();
                let length = quoted(inner, c);
                word.push_str(inner.get(..length).unwrap_or_default());
                at += length + usize::from(length < inner.len());
            }
            '#' if !in_word => at += rest.find('\n').unwrap_or(rest.len()).saturating_sub(1),
            c if c.is_whitespace() => words.extend(std::mem::take(&mut in_word).then(|| std::mem::take(&mut word))),
            c => {
                word.push(c);
                in_word = true;
            }
        }
    }
    words.extend(in_word.then_some(word));
    close(&mut found, &mut words, script.get(start..).unwrap_or_default(), End::Done);
    found
}

/// The length of what stands before the closing quote.
fn quoted(inner: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    inner.len()
}

/// Gives what stands below the commands of a line to the one that reads it; its length with the line that ends it.
fn below(found: &mut [Command], rest: &str) -> usize {
    let marked = found.iter_mut().find_map(|command| Some((here_mark(&command.written)?, command)));
    let Some((mark, command)) = marked else { return 0 };
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        length += line.len();
        if line.trim() == mark {
            return length;
        }
        command.input.push_str(line);
    }
    command.input.clear();
    0
}

/// `END` of `<<END`, `<<-END`, `<<'END'`; none of `<<<`.
fn here_mark(written: &str) -> Option<String> {
    let (_, rest) = written.split_once("<<").filter(|(_, rest)| !rest.starts_with('<'))?;
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ';' | '>' | '|' | '&' | ')')).unwrap_or(rest.len());
    let mark: String = rest.get(..end)?.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
    (!mark.is_empty()).then_some(mark)
}

fn close(found: &mut Vec<Command>, words: &mut Vec<String>, written: &str, end: End) {
    if words.is_empty() {
        // An empty line after `&&` or `||` goes on.
        return;
    }
    // Comments in front of it are no part of it.
    let written = written.trim();
    let written = written.lines().skip_while(|line| line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    found.push(Command { words: std::mem::take(words), written: written.trim().to_owned(), end, input: String::new() });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn greenlit_is_found_however_it_is_run() {
        let runs = |script: &str| {
            let commands = commands(script);
            let found = commands.iter().find_map(|command| command.greenlit().map(<[String]>::to_vec));
            found.map(|words| words.join(" "))
        };
        for (script, expected) in [
            ("greenlit publish --within 20m", Some("publish --within 20m")),
            ("# greenlit publish\necho hi", None),
            ("set -e; ~/.cargo/bin/greenlit publish", Some("publish")),
            ("GREENLIT_ROOT=\"$(cat root)\" greenlit publish || true", Some("publish")),
            ("timeout 20m greenlit \\\n  publish", Some("publish")),
            ("git diff -z | xargs -0 -r -n 1 greenlit preview", Some("preview")),
            ("echo 'greenlit publish'", None),
            ("cargo install greenlit", None),
            ("(greenlit 'check' 2>&1)", Some("check 2>&1")),
        ] {
            assert_eq!(runs(script).as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn a_container_of_greenlits_runs_it() {
        let found =
            commands("docker run --rm -v \"$PWD:/w\" -e A --env=B ghcr.io/acme/greenlit:1.2 publish --within 20m");
        assert_eq!(found[0].greenlit().unwrap().join(" "), "publish --within 20m");
        let (options, image, _) = found[0].container().unwrap();
        assert_eq!((options.len(), image), (6, "ghcr.io/acme/greenlit:1.2"));
        assert!(commands("docker run alpine greenlit")[0].greenlit().is_none());
    }

    #[test]
    fn what_a_shell_puts_in_is_known() {
        assert_eq!(variables("a \"$A_B\" '$C' \\$D ${E:-x}$F;"), ["A_B", "E", "F"]);
        let found = commands("cat <<'END' | tee x\n$A greenlit publish\nEND\necho $B");
        assert_eq!(found.iter().map(|command| command.words[0].as_str()).collect::<Vec<_>>(), ["cat", "tee", "echo"]);
        let found = commands("cat <<END\n$A\nEND\necho");
        assert!(found[0].expands("A") && found.len() == 2);
        assert!(commands("(greenlit check) || true")[0].end == End::Or);
    }

    #[test]
    fn what_follows_a_command_is_known() {
        let ends = |script: &str| commands(script).iter().map(|command| command.end).collect::<Vec<_>>();
        assert_eq!(
            ends("a && b || c | d &\ne; f 2>&1"),
            [End::And, End::Or, End::Pipe, End::Aside, End::Done, End::Done]
        );
        assert_eq!(ends("a ||\n  true"), [End::Or, End::Done]);
        assert_eq!(
            commands("# why\n  a 'b c' \"d\"").first().map(|command| command.written.as_str()),
            Some("a 'b c' \"d\"")
        );
    }

    proptest! {
        #[test]
        fn any_script_ends(script in "(a|greenlit|publish| |\n|\\\\|'|\"|#|&|\\||;|\\(|\\)|\\$|=|é|>){0,80}") {
            for command in commands(&script) {
                let _ = command.greenlit();
            }
        }
    }
}
