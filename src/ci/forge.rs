//! The forges whose workflows are known, and where each looks for them.

pub use crate::workspace::ForgeKind as Forge;

/// Folders with workflows, and whose they are. Gitea and Forgejo read GitHub's folder where they have none of their own; what
/// is said of it holds there, too.
const FOLDERS: [(&str, Forge); 3] = [
    (".github/workflows", Forge::Github),
    (".forgejo/workflows", Forge::Forgejo),
    (".gitea/workflows", Forge::Forgejo),
];
/// Where GitLab looks.
pub const GITLAB: &str = ".gitlab-ci.yml";

impl Forge {
    /// Whose workflow a file is.
    pub fn of_file(path: &str) -> Option<Self> {
        if path == GITLAB {
            return Some(Forge::Gitlab);
        }
        let (folder, name) = path.rsplit_once('/')?;
        let (_, forge) = FOLDERS.iter().find(|(known, _)| *known == folder)?;
        (name.ends_with(".yml") || name.ends_with(".yaml")).then_some(*forge)
    }
}

/// The folders that may hold workflows.
pub fn folders() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|(folder, _)| *folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_its_forge() {
        assert_eq!(Forge::of_file(".github/workflows/a.yml"), Some(Forge::Github));
        assert_eq!(Forge::of_file(".gitea/workflows/a.yaml"), Some(Forge::Forgejo));
        assert_eq!(Forge::of_file(".gitlab-ci.yml"), Some(Forge::Gitlab));
        for other in [".github/workflows/deep/a.yml", ".github/workflows/README.md", "a.yml", "x/.gitlab-ci.yml"] {
            assert_eq!(Forge::of_file(other), None, "{other}");
        }
    }
}
