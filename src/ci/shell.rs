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
const WRAPPERS: [&str; 11] = ["sudo", "env", "time", "exec", "command", "nice", "timeout", "xargs", "if", "then", "!"];

impl Command {
    /// The words behind `greenlit`, where the command runs it.
    pub fn greenlit(&self) -> Option<&[String]> {
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
        self.words.iter().find(|word| assigns(word).is_none()).map(String::as_str)
    }
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
            words.extend(std::mem::take(&mut in_word).then(|| std::mem::take(&mut word)));
            close(&mut found, &mut words, script.get(start..at).unwrap_or_default(), end);
            at += length;
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

fn close(found: &mut Vec<Command>, words: &mut Vec<String>, written: &str, end: End) {
    if words.is_empty() {
        // An empty line after `&&` or `||` goes on.
        return;
    }
    // Comments in front of it are no part of it.
    let written = written.trim();
    let written = written.lines().skip_while(|line| line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    found.push(Command { words: std::mem::take(words), written: written.trim().to_owned(), end });
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
