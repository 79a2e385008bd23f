//! Paths as people write them into posts and settings: always inside the workspace.

use super::characters;
use super::suggest;

/// Checks a path from the workspace's root: `/` between folders, nothing that leads out of it or into git's own folder.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn check(path: &str) -> Result<(), (String, String)> {
    let quoted = suggest::quote(path);
    let inside = "write the path from the workspace's root, such as `assets/launch.png`".to_owned();
    if path.is_empty() {
        return Err(("the path is empty".to_owned(), inside));
    }
    if path.len() > 1024 {
        return Err(("the path is longer than 1024 bytes".to_owned(), inside));
    }
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some(letter) if letter.len() == 1 => return Err((format!("{quoted} begins with a drive letter"), inside)),
        Some(scheme) if !scheme.contains('/') => {
            let help = "save the file in the workspace, and write its path, such as `assets/launch.png`";
            return Err((format!("{quoted} is an address, not a file of the workspace"), help.to_owned()));
        }
        _ => {}
    }
    if path.contains('\\') {
        let help = format!("write `{}`", path.replace('\\', "/"));
        return Err((format!("{quoted} has a backslash"), help));
    }
    if path.starts_with('/') {
        return Err((format!("{quoted} is an absolute path"), inside));
    }
    if path.chars().any(char::is_control) {
        return Err((format!("{quoted} has a control character"), inside));
    }
    for name in path.split('/') {
        match name {
            ".." => return Err((format!("{quoted} leads out of its folder"), inside)),
            "" | "." => {
                let plain: Vec<&str> = path.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
                return Err((format!("{quoted} has a part that says nothing"), format!("write `{}`", plain.join("/"))));
            }
            name if is_git(name) => return Err((format!("{quoted} is in git's own folder"), inside)),
            _ => {}
        }
    }
    Ok(())
}

/// Whether some file system takes a name for `.git`: letters' case, the short name of Windows, dots and blanks at the end,
/// alternate streams, and characters that HFS+ ignores. Source: git's `is_ntfs_dotgit` and `is_hfs_dotgit`, checked 2026-11-21.
fn is_git(name: &str) -> bool {
    let hidden: Vec<usize> = characters::hidden(name).map(|(at, ..)| at).collect();
    let seen: String = name
        .char_indices()
        .filter(|(at, c)| !hidden.contains(at) && !matches!(c, '\u{200c}' | '\u{200d}'))
        .map(|(_, c)| c)
        .collect();
    let seen = seen.to_lowercase();
    let seen = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    matches!(seen, ".git" | "git~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in ["assets/launch.png", "写真/秋.jpg", "a b/c.png", "posts/..a/b", ".github/x.png"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/./b",
            "a//b",
            "./a",
            "a/",
            "C:/x",
            "c:\\x",
            "a\\b",
            ".git/config",
            "a/.GIT/x",
            ".git./x",
            "git~1/x",
            ".g\u{200c}it/x",
            "file:///etc/passwd",
            "https://x.example/a.png",
            "data:image/png;base64,xx",
            "a\0b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
