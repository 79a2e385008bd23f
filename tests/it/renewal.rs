//! Files in the repository that are made from the code: compared, or with `GREENLIT_RENEW=1` written anew.

use std::fs;
use std::path::PathBuf;

/// A path from the repository's root.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The committed file must be this text.
#[track_caller]
pub fn compare(path: &str, made: &str) {
    let file = repository(path);
    if std::env::var_os("GREENLIT_RENEW").is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, made).expect("a file");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if committed != made {
        let line = committed.lines().zip(made.lines()).position(|(old, new)| old != new);
        let line = line.unwrap_or_else(|| committed.lines().count().min(made.lines().count())) + 1;
        panic!(
            "{path} is not what the code makes (line {line}). To write it anew, put GREENLIT_RENEW=1 in front of the same command"
        );
    }
}

/// A file's text between `<!-- NAME -->` and `<!-- /NAME -->` must be this text.
#[track_caller]
pub fn compare_between(path: &str, name: &str, made: &str) {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let text = fs::read_to_string(repository(path)).expect("the file is there").replace("\r\n", "\n");
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("{path} has no {open:?}"));
    let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("{path} has no {close:?}"));
    compare(path, &format!("{before}{open}{made}{close}{after}"));
}
