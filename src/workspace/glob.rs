//! Patterns for accounts and paths: `mastodon/*`, `posts/emea/**`.

/// Whether a pattern fits a whole text. `*` stands for any characters but `/`, `?` for one of them, and `**` between
/// slashes for any number of folders. Nothing else is special.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let text: Vec<&str> = text.split('/').collect();
    fits(
        &pattern,
        &text,
        |name| *name == "**",
        |pattern, name| {
            let pattern: Vec<char> = pattern.chars().collect();
            let name: Vec<char> = name.chars().collect();
            fits(&pattern, &name, |c| *c == '*', |p, c| *p == '?' || p == c)
        },
    )
}

/// What is wrong with a pattern: signs that other programs give a meaning and this one does not.
pub fn fault(pattern: &str) -> Option<String> {
    if pattern.is_empty() {
        return Some("the pattern is empty".to_owned());
    }
    if let Some(sign) = pattern.chars().find(|c| matches!(c, '[' | ']' | '{' | '}' | '!' | '\\')) {
        return Some(format!("a pattern cannot have {sign:?}: it knows `*`, `?` and `**`"));
    }
    pattern
        .split('/')
        .any(|name| name.contains("**") && name != "**")
        .then(|| "`**` must stand alone between slashes".to_owned())
}

/// Matches with one kind of wildcard that stands for any number of items. Each wildcard first takes nothing, and one item
/// more whenever the rest fails; only the last one need be tried again, so the work is at most `pattern × items`.
fn fits<T>(pattern: &[T], items: &[T], any: impl Fn(&T) -> bool, one: impl Fn(&T, &T) -> bool) -> bool {
    let (mut p, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(item) = items.get(i) {
        match pattern.get(p) {
            Some(sign) if any(sign) => {
                p += 1;
                retry = Some((p, i));
            }
            Some(sign) if one(sign, item) => {
                p += 1;
                i += 1;
            }
            _ => {
                let Some((after, taken)) = retry else { return false };
                retry = Some((after, taken + 1));
                (p, i) = (after, taken + 1);
            }
        }
    }
    pattern.iter().skip(p).all(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_people_expect() {
        for (pattern, text, expected) in [
            ("mastodon/*", "mastodon/acme", true),
            ("mastodon/*", "bluesky/acme", false),
            ("*", "mastodon/acme", false),
            ("*/acme", "mastodon/acme", true),
            ("posts/emea/**", "posts/emea/de/a.md", true),
            ("posts/emea/**", "posts/apac/a.md", false),
            ("posts/**/a.md", "posts/a.md", true),
            ("**/*-launch.md", "posts/2026/autumn-launch.md", true),
            ("posts/日?.md", "posts/日本.md", true),
            ("posts/*.md", "posts/x/y.md", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn hostile_patterns_are_quick() {
        assert!(!matches(&"*a".repeat(2000), &"a".repeat(4000).replace("aa", "ab")));
        assert!(!matches(&format!("{}b", "**/a/".repeat(500)), &"a/".repeat(2000)));
    }

    #[test]
    fn other_programs_signs_are_refused() {
        assert!(fault("posts/{a,b}").is_some());
        assert!(fault("posts/a**").is_some());
        assert_eq!(fault("posts/**"), None);
    }
}
