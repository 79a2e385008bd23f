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

/// The properties that an expression reads: `github.event.issue.title`, in lower case. An index is a property, too.
pub fn reads(expression: &str) -> Vec<String> {
    let plain: String = without_texts(expression).to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
    plain.split(|c: char| !is_part(c)).filter(|name| name.contains('.')).map(str::to_owned).collect()
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

/// The names of the secrets that a text reads, beside the job's own token; `*` for all of them.
pub fn secrets(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for expression in expressions(text) {
        let read = reads(expression);
        names.extend(read.iter().filter_map(|name| Some(name.strip_prefix("secrets.")?.to_uppercase())));
        let words = expression.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '[')));
        names.extend(words.filter(|word| word.eq_ignore_ascii_case("secrets")).map(|_| "*".to_owned()));
    }
    names.retain(|name| !matches!(name.as_str(), "GITHUB_TOKEN" | "FORGEJO_TOKEN" | "GITEA_TOKEN"));
    names
}

/// The property of an expression that somebody outside writes as they like: titles, names of branches, messages.
pub fn foreign(expression: &str) -> Option<String> {
    /// Numbers, hashes and words of the forge's own.
    const OWN: [&str; 10] =
        ["number", "id", "sha", "action", "schedule", "before", "after", "node_id", "created_at", "updated_at"];
    reads(expression).into_iter().find(|name| {
        let of_event = name.strip_prefix("github.event.").or_else(|| name.strip_prefix("forgejo.event."));
        let own = |rest: &str| OWN.contains(&rest.rsplit('.').next().unwrap_or_default());
        of_event.is_some_and(|rest| !own(rest))
            || matches!(name.as_str(), "github.head_ref" | "github.ref_name" | "forgejo.head_ref" | "forgejo.ref_name")
            || name.starts_with("inputs.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_in_every_form() {
        assert_eq!(secrets("a ${{ secrets.A }} ${{ secrets['b'] || secrets.GITHUB_TOKEN }}"), ["A", "B"]);
        assert_eq!(secrets("${{ toJSON(secrets) }}"), ["*"]);
        assert!(secrets("secrets.A and ${{ github.token }}").is_empty());
    }

    #[test]
    fn what_strangers_write_is_known() {
        for bad in ["github.event.issue.title", "github.head_ref", "github.event['pull_request'].head.ref", "inputs.x"]
        {
            assert!(foreign(bad).is_some(), "{bad}");
        }
        for good in ["github.event.pull_request.number", "github.sha", "github.event_name == 'x'", "'github.head_ref'"]
        {
            assert!(foreign(good).is_none(), "{good}");
        }
    }
}
