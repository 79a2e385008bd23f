//! `greenlit check --fix`: repairs what can be repaired without a doubt, and looks again.

use std::collections::{BTreeMap, BTreeSet};

use super::Looked;
use crate::cli::Context;
use crate::git::WorkTreeFiles;
use crate::view::escape;
use crate::view::findings::{Fixed, Secrets};
use crate::workspace::{Finding, fixes};

/// A fix may bring something to light that has one too; more rounds mean that two of them quarrel.
const MOST_ROUNDS: usize = 10;

/// Applies the fixes of what is found until nothing changes any more: what was changed. A file that cannot be written, or
/// that somebody else changed meanwhile, is left alone and named on standard error.
pub fn fix(files: &WorkTreeFiles, look: &dyn Fn() -> Looked, context: &Context) -> Vec<Fixed> {
    let mut fixed: Vec<Fixed> = Vec::new();
    let mut left_alone: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let looked = look();
        let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in looked.found.iter().filter(|finding| !left_alone.contains(&finding.source.path)) {
            by_file.entry(&finding.source.path).or_default().push(finding);
        }
        let mut changed = Vec::new();
        let mut refused = Vec::new();
        for (path, findings) in by_file {
            let Some(source) = findings.first().map(|finding| &finding.source) else { continue };
            // Its text is not what stands on the disk; the finding says so.
            if findings.iter().any(|finding| finding.code == "file/not-utf8") {
                continue;
            }
            let Some((text, changes)) = fixes::repaired(source, &findings) else { continue };
            match files.replace(path, source.text.as_bytes(), text.as_bytes()) {
                Ok(()) => {
                    let secrets = Secrets::of([source.text.as_str(), &text]);
                    changed.extend(changes.into_iter().map(|change| Fixed::new(path, change, &secrets)));
                }
                Err(why) => {
                    context.note(&format!("{} is left as it is: {}", escape(path), escape(&why.to_string())));
                    refused.push(path.to_owned());
                }
            }
        }
        left_alone.extend(refused);
        if changed.is_empty() {
            break;
        }
        fixed.extend(changed);
    }
    // Rounds do not matter to whoever reads it.
    fixed.sort_by(|a, b| a.file.cmp(&b.file));
    fixed
}
