//! Conditions of workflows, as far as they can be told beforehand: GitHub's `if:` expressions and GitLab's `rules:if`.
//!
//! Three answers: yes, no, and who knows. Whatever is not understood is the third, and counts as may be.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions>,
//! <https://docs.gitlab.com/ci/jobs/job_rules/> (checked 2026-11-28)

use std::cmp::Ordering;

/// Inside each other; deeper ones are not understood.
const DEEPEST: usize = 32;

/// What is known of a variable: nothing, that it is not there, or its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    Nothing,
    Text(String),
}

/// What is known of variables where the condition is asked about: by `github.event_name` or `CI_COMMIT_BRANCH`.
pub type Facts<'a> = dyn Fn(&str) -> Known + 'a;

/// Whether a condition can hold. Only a certain no is one.
pub fn may_hold(condition: &str, facts: &Facts<'_>) -> bool {
    holds(condition, facts) != Some(false)
}

/// Whether a condition holds, where that is certain.
pub fn holds(condition: &str, facts: &Facts<'_>) -> Option<bool> {
    let condition = condition.trim();
    let inner = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(condition);
    let mut parser = Parser { tokens: tokens(inner)?, at: 0, facts, depth: 0 };
    let value = parser.either()?;
    if parser.at < parser.tokens.len() {
        return None;
    }
    value.truth()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Pattern(String),
    Sign(&'static str),
}

/// `Unknown` is any value; what is known is a text, a truth value, or nothing at all.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Unknown,
    Truth(bool),
    Text(String),
}

impl Value {
    fn truth(&self) -> Option<bool> {
        match self {
            Value::Unknown => None,
            Value::Truth(truth) => Some(*truth),
            Value::Text(text) => Some(!text.is_empty()),
        }
    }
}

const SIGNS: [&str; 12] = ["&&", "||", "==", "!=", "=~", "!~", "(", ")", "!", ",", "<", ">"];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let taken = if c == '\'' || c == '"' {
            let inner = rest.get(1..)?;
            let mut end = inner.find(c)?;
            // A quote inside a text is written twice.
            while inner.get(end + 1..).is_some_and(|after| after.starts_with(c)) {
                end += 2 + inner.get(end + 2..)?.find(c)?;
            }
            found.push(Token::Text(inner.get(..end)?.replace(&format!("{c}{c}"), &c.to_string())));
            end + 2
        } else if c == '/' && matches!(found.last(), Some(Token::Sign("=~" | "!~"))) {
            let inner = rest.get(1..)?;
            let end =
                inner.char_indices().find(|(at, c)| *c == '/' && !inner.get(..*at).unwrap_or_default().ends_with('\\'));
            let (end, _) = end?;
            found.push(Token::Pattern(inner.get(..end)?.replace("\\/", "/")));
            let flags = inner.get(end + 1..)?;
            end + 2 + flags.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(flags.len())
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            found.push(Token::Sign(sign));
            sign.len()
        } else {
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '$' | '[' | ']');
            let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            if length == 0 {
                return None;
            }
            found.push(Token::Name(rest.get(..length)?.trim_start_matches('$').to_owned()));
            length
        };
        rest = rest.get(taken..)?.trim_start();
    }
    Some(found)
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    facts: &'a Facts<'a>,
    depth: usize,
}

impl Parser<'_> {
    fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(there);
        there
    }

    fn either(&mut self) -> Option<Value> {
        let mut value = self.both()?;
        while self.sign("||") {
            let other = self.both()?;
            value = match (value.truth(), other.truth()) {
                (Some(false), _) => other,
                (Some(true), _) => value,
                (None, Some(true)) => Value::Truth(true),
                (None, _) => Value::Unknown,
            };
        }
        Some(value)
    }

    fn both(&mut self) -> Option<Value> {
        let mut value = self.compared()?;
        while self.sign("&&") {
            let other = self.compared()?;
            value = match (value.truth(), other.truth()) {
                (Some(true), _) => other,
                (Some(false), _) | (None, Some(false)) => Value::Truth(false),
                (None, _) => Value::Unknown,
            };
        }
        Some(value)
    }

    fn compared(&mut self) -> Option<Value> {
        let left = self.single()?;
        for sign in ["==", "!=", "=~", "!~", "<", ">"] {
            if !self.sign(sign) {
                continue;
            }
            if let Some(Token::Pattern(pattern)) = self.tokens.get(self.at).cloned() {
                self.at += 1;
                let Value::Text(text) = left else { return Some(Value::Unknown) };
                let Ok(pattern) = regex::Regex::new(&pattern) else { return Some(Value::Unknown) };
                return Some(Value::Truth(pattern.is_match(&text) == (sign == "=~")));
            }
            let right = self.single()?;
            let equal = match (&left, &right) {
                (Value::Text(a), Value::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()) == Ordering::Equal,
                (Value::Truth(a), Value::Truth(b)) => a == b,
                _ => return Some(Value::Unknown),
            };
            return Some(match sign {
                "==" => Value::Truth(equal),
                "!=" => Value::Truth(!equal),
                _ => Value::Unknown,
            });
        }
        Some(left)
    }

    fn single(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let value = self.single_inside();
        self.depth -= 1;
        value
    }

    fn single_inside(&mut self) -> Option<Value> {
        if self.sign("!") {
            return Some(self.single()?.truth().map_or(Value::Unknown, |truth| Value::Truth(!truth)));
        }
        if self.sign("(") {
            let value = self.either()?;
            return self.sign(")").then_some(value);
        }
        let token = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        match token {
            Token::Text(text) => Some(Value::Text(text)),
            Token::Name(name) if self.sign("(") => self.call(&name),
            Token::Name(name) => Some(match name.as_str() {
                "true" => Value::Truth(true),
                "false" => Value::Truth(false),
                "null" => Value::Text(String::new()),
                _ => match (self.facts)(&name) {
                    Known::Nothing => Value::Unknown,
                    Known::Text(text) => Value::Text(text),
                },
            }),
            Token::Pattern(_) | Token::Sign(_) => None,
        }
    }

    fn call(&mut self, name: &str) -> Option<Value> {
        let mut arguments = Vec::new();
        while !self.sign(")") {
            arguments.push(self.either()?);
            if !self.sign(",") && !matches!(self.tokens.get(self.at), Some(Token::Sign(")"))) {
                return None;
            }
        }
        let [Value::Text(text), Value::Text(part)] = arguments.as_slice() else { return Some(Value::Unknown) };
        let (text, part) = (text.to_lowercase(), part.to_lowercase());
        Some(match name.to_lowercase().as_str() {
            "startswith" => Value::Truth(text.starts_with(&part)),
            "endswith" => Value::Truth(text.ends_with(&part)),
            "contains" => Value::Truth(text.contains(&part)),
            _ => Value::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pull_request(name: &str) -> Known {
        match name {
            "github.event_name" | "CI_PIPELINE_SOURCE" => Known::Text("pull_request".to_owned()),
            "github.ref" => Known::Text("refs/pull/1/merge".to_owned()),
            "CI_COMMIT_BRANCH" => Known::Text(String::new()),
            _ => Known::Nothing,
        }
    }

    #[test]
    fn what_is_certain_is_told_and_the_rest_may_be() {
        for (condition, expected) in [
            ("github.event_name == 'push'", Some(false)),
            ("${{ github.event_name != 'pull_request' }}", Some(false)),
            ("github.event_name == 'push' || github.event_name == 'Pull_Request'", Some(true)),
            ("always() && github.ref == 'refs/heads/main'", Some(false)),
            ("always()", None),
            ("!(github.ref == 'refs/heads/main')", Some(true)),
            ("startsWith(github.ref, 'refs/heads/')", Some(false)),
            ("(github.event_name == 'push' || success()) && github.actor == 'it''s me'", None),
            ("$CI_COMMIT_BRANCH == \"main\"", Some(false)),
            ("$CI_COMMIT_BRANCH", Some(false)),
            ("$CI_PIPELINE_SOURCE =~ /^(push|schedule)$/", Some(false)),
            ("$CI_PIPELINE_SOURCE !~ /^(push|schedule)$/i", Some(true)),
            ("", None),
            ("a b", None),
            ("((((", None),
        ] {
            assert_eq!(holds(condition, &pull_request), expected, "{condition}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends_with_an_answer(text in "(\\(|\\)|!|&&|\\|\\||==|=~|/|'|\"|a|\\$A|github.ref| |,|é|\\$\\{\\{|\\}\\}){0,60}") {
            let _ = holds(&text, &pull_request);
        }
    }
}
