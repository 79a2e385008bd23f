//! The expressions `${{ … }}` in a text, and what they read.

/// What stands between the braces of each.
pub fn expressions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${{") {
        let (inner, behind) = after.split_once("}}").unwrap_or((after, ""));
        found.push(inner.trim());
        rest = behind;
    }
    found
}

/// The expression that a text is as a whole; the text itself where it has no braces.
pub fn inner(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).map_or(text, str::trim)
}

/// Whether a condition is a text with expressions in it, which is always true: only one that is nothing but an expression is
/// worked out. A line's end behind it is enough.
pub fn is_text(condition: &str) -> bool {
    let whole = condition.starts_with("${{") && condition.ends_with("}}") && condition.matches("${{").count() == 1;
    condition.contains("${{") && !whole
}

/// The properties that an expression reads: `github.event.issue.title`, in lower case. An index is a property, too. Forgejo's
/// other names of `github` are told as that.
pub fn reads(expression: &str) -> Vec<String> {
    const NAMES: [&str; 3] = ["forgejo.", "forge.", "gitea."];
    let plain: String = without_texts(expression).to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
    let names = plain.split(|c: char| !is_part(c)).filter(|name| name.contains('.'));
    let known = |name: &str| match NAMES.iter().find_map(|other| name.strip_prefix(other)) {
        Some(rest) => format!("github.{rest}"),
        None => name.to_owned(),
    };
    names.map(known).collect()
}

/// `secrets['A']` as `secrets.A`, and other texts left out.
fn without_texts(expression: &str) -> String {
    let mut plain = String::new();
    for (at, piece) in expression.split('\'').enumerate() {
        if at % 2 == 0 {
            plain.push_str(piece);
        } else if plain.ends_with('[') {
            plain.pop();
            plain.push('.');
            plain.push_str(piece);
        }
    }
    plain
}

/// A text with other values in the place of some properties, by their names in lower case; `None` where nothing changes. A value
/// may be a text with expressions.
pub fn replaced(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut changed = false;
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let Some((expression, behind)) = after.split_once("}}") else { break };
        whole.push_str(before);
        rest = behind;
        match reads(expression).iter().find_map(|name| Some((name, value_of(name)?))) {
            // Nothing but that property: its value stands there.
            Some((name, value)) if expression.trim().to_lowercase() == *name => {
                whole.push_str(&value);
                changed = true;
            }
            Some((name, value)) if expression.to_lowercase().contains(name.as_str()) => {
                let at = expression.to_lowercase().find(name.as_str()).unwrap_or_default();
                let (before, after) = (expression.get(..at), expression.get(at + name.len()..));
                let quoted = format!("'{}'", value.replace('\'', "''"));
                let value = if is_text(&value) || !value.contains("${{") { quoted } else { inner(&value).to_owned() };
                let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
                whole.push_str(&format!("${{{{{before}({value}){after}}}}}"));
                changed = true;
            }
            _ => whole.push_str(&format!("${{{{{expression}}}}}")),
        }
    }
    whole.push_str(rest);
    changed.then_some(whole)
}

/// The names of the secrets that a text reads, beside the job's own token; `*` for all of them.
pub fn secrets(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for expression in expressions(text) {
        let read = reads(expression);
        names.extend(read.iter().filter_map(|name| Some(name.strip_prefix("secrets.")?.to_uppercase())));
        let words = expression.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '[')));
        let all = |word: &&str| {
            let folded = word.to_lowercase();
            folded == "secrets" || folded.starts_with("secrets[") && !expression.contains("secrets['")
        };
        names.extend(words.filter(all).map(|_| "*".to_owned()));
    }
    names.retain(|name| !matches!(name.as_str(), "GITHUB_TOKEN" | "FORGEJO_TOKEN" | "GITEA_TOKEN"));
    names
}

/// The property of an expression that somebody outside writes as they like: titles, names of branches, messages.
pub fn foreign(expression: &str) -> Option<String> {
    reads(expression).into_iter().find(|name| is_foreign(name))
}

/// Whether somebody outside writes a property as they like.
fn is_foreign(name: &str) -> bool {
    /// Numbers, hashes and words of the forge's own.
    const OWN: [&str; 19] = [
        "number",
        "id",
        "sha",
        "action",
        "schedule",
        "before",
        "after",
        "node_id",
        "created_at",
        "updated_at",
        "draft",
        "merged",
        "fork",
        "private",
        "default_branch",
        "conclusion",
        "full_name",
        "login",
        "html_url",
    ];
    let of_event = name.strip_prefix("github.event.");
    of_event.is_some_and(|rest| !OWN.contains(&rest.rsplit('.').next().unwrap_or_default()))
        || matches!(name, "github.head_ref" | "github.ref_name")
        || name.starts_with("inputs.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_in_every_form() {
        assert_eq!(secrets("a ${{ secrets.A }} ${{ secrets['b'] || secrets.GITHUB_TOKEN }}"), ["A", "B"]);
        assert_eq!(secrets("${{ toJSON(secrets) }}"), ["*"]);
        assert_eq!(secrets("${{ secrets[matrix.name] }}"), ["*"]);
        assert!(secrets("secrets.A and ${{ github.token }}").is_empty());
    }

    #[test]
    fn what_strangers_write_is_known() {
        for bad in [
            "github.event.issue.title",
            "github.head_ref",
            "github.event['pull_request'].head.ref",
            "inputs.x",
            "forge.head_ref",
            "gitea.event.pull_request.title",
        ] {
            assert!(foreign(bad).is_some(), "{bad}");
        }
        for good in ["github.event.pull_request.number", "github.sha", "github.event_name == 'x'", "'github.head_ref'"]
        {
            assert!(foreign(good).is_none(), "{good}");
        }
    }

    #[test]
    fn what_is_handed_over_stands_in_its_place() {
        let value_of = |name: &str| match name {
            "inputs.token" => Some("${{ secrets.T }}".to_owned()),
            "inputs.name" => Some("it's".to_owned()),
            _ => None,
        };
        for (text, expected) in [
            ("${{ inputs.token }}", Some("${{ secrets.T }}")),
            ("a ${{ inputs['name'] }} b", None),
            ("a ${{ inputs.name }} b", Some("a it's b")),
            ("${{ inputs.token != '' }}", Some("${{ (secrets.T) != '' }}")),
            ("${{ inputs.name == 'x' }}", Some("${{ ('it''s') == 'x' }}")),
            ("${{ github.sha }} inputs.token", None),
            ("${{ inputs.token", None),
        ] {
            let told = replaced(text, &value_of);
            assert_eq!(told.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_what_is_nothing_but_an_expression_is_worked_out() {
        for text in ["${{ a }} || true", "${{ a }} && ${{ b }}", "${{ a }}\n", "x ${{ a }}"] {
            assert!(is_text(text), "{text:?}");
        }
        assert!(!is_text("${{ a }}") && !is_text("a == 'b'"));
    }
}
