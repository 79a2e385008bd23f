//! Files that are followed back through history, and where each is at a commit.

use std::collections::HashMap;

use super::objects::{TreeLine, Trees};
use super::program::GitError;
use super::repository::ObjectId;

/// A set of trails by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Takes in all of another set.
    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// What is in both sets.
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(word, other)| word & other).collect())
    }

    /// What is not in another set.
    pub fn without(&self, other: &Self) -> Self {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(others).map(|(word, other)| word & !other).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 64).filter(|number| self.has(*number))
    }
}

/// Files whose history is asked for, each with the paths that it had.
#[derive(Default)]
pub(super) struct Trails {
    /// The file's number among the wanted ones, and its path.
    all: Vec<(usize, String)>,
    numbers: HashMap<(usize, String), usize>,
    folders: HashMap<String, Folder>,
}

/// The trails in one folder.
#[derive(Default)]
struct Folder {
    all: Numbers,
    by_name: HashMap<Vec<u8>, Vec<usize>>,
}

/// The trails of which one tree has other bytes than another one.
#[derive(Debug, Default)]
pub(super) struct Differing {
    pub all: Numbers,
    /// Those of which the other tree has some bytes.
    pub there: Numbers,
}

impl Trails {
    /// The number of a file under a path.
    pub fn number(&mut self, file: usize, path: &str) -> usize {
        let trail = (file, path.to_owned());
        if let Some(known) = self.numbers.get(&trail) {
            return *known;
        }
        let number = self.all.len();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = self.folders.entry(folder.to_owned()).or_default();
        folder.all.insert(number);
        folder.by_name.entry(name.as_bytes().to_vec()).or_default().push(number);
        self.all.push(trail.clone());
        self.numbers.insert(trail, number);
        number
    }

    /// The file that a trail is of.
    pub fn file(&self, number: usize) -> Option<usize> {
        self.at(number).map(|(file, _)| file)
    }

    /// The file that a trail is of, and its path there.
    pub fn at(&self, number: usize) -> Option<(usize, &str)> {
        self.all.get(number).map(|(file, path)| (*file, path.as_str()))
    }

    /// Where a trail goes on before its file was moved.
    pub fn renamed(&mut self, number: usize, renames: &HashMap<String, String>) -> Numbers {
        let mut onward = Numbers::default();
        let old = self.all.get(number).and_then(|(file, path)| Some((*file, renames.get(path)?)));
        if let Some((file, old)) = old {
            onward.insert(self.number(file, old));
        }
        onward
    }

    /// The trails whose path is in a tree.
    pub fn there(&self, trees: &mut Trees<'_>, tree: ObjectId) -> Result<Numbers, GitError> {
        let mut there = Numbers::default();
        for (path, folder) in &self.folders {
            if let Some(id) = trees.folder_at(tree, path)? {
                trees.each(id, |line| folder.of(&line).for_each(|number| there.insert(number)))?;
            }
        }
        Ok(there)
    }

    /// Those of some trails that are in one tree and not the same in another.
    pub fn differing(
        &self,
        trees: &mut Trees<'_>,
        some: &Numbers,
        here: ObjectId,
        other: ObjectId,
    ) -> Result<Differing, GitError> {
        let mut differing = Differing::default();
        if here == other {
            return Ok(differing);
        }
        for (path, folder) in self.folders.iter().filter(|(_, folder)| !folder.all.both(some).is_empty()) {
            let (here, other) = (trees.folder_at(here, path)?, trees.folder_at(other, path)?);
            let Some(here) = here.filter(|here| Some(*here) != other) else { continue };
            trees.lost_lines(here, other, &mut |_, line, there| {
                let is_same = there.is_some_and(|there| there.id == line.id);
                for number in folder.of(&line).filter(|number| !is_same && some.has(*number)) {
                    differing.all.insert(number);
                    if there.is_some() {
                        differing.there.insert(number);
                    }
                }
                Ok(())
            })?;
        }
        Ok(differing)
    }
}

impl Folder {
    fn of(&self, line: &TreeLine<'_>) -> impl Iterator<Item = usize> {
        self.by_name.get(line.name).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn numbers_are_a_set(
            one in prop::collection::btree_set(0usize..300, 0..40),
            other in prop::collection::btree_set(0usize..300, 0..40),
        ) {
            let numbers = |set: &BTreeSet<usize>| {
                let mut numbers = Numbers::default();
                set.iter().for_each(|number| numbers.insert(*number));
                numbers
            };
            let read = |numbers: &Numbers| numbers.iter().collect::<BTreeSet<_>>();
            let (a, b) = (numbers(&one), numbers(&other));
            prop_assert_eq!(read(&a), one.clone());
            prop_assert_eq!(read(&a.both(&b)), &one & &other);
            prop_assert_eq!(read(&a.without(&b)), &one - &other);
            prop_assert_eq!(a.without(&b).is_empty(), one.is_subset(&other));
            let mut all = a.clone();
            all.extend(&b);
            prop_assert_eq!(read(&all), &one | &other);
        }
    }
}
