//! Whether a review that was recorded still says what it said.

use std::collections::HashMap;

use crate::forge::{Forge, ForgeError, Review, ReviewState};
use crate::ledger::{ReviewPlace, ReviewRecord};

/// Whether a review that said yes still does; why not, in a sentence's end.
///
/// # Errors
/// When it was dismissed, changed, followed by a no, or is gone.
pub fn still_approves(record: &ReviewRecord, reviews: &[Review], forge: &str) -> Result<(), String> {
    let Some(now) = reviews.iter().find(|review| review.id == record.review.id) else {
        return Err(format!("is not on {forge} any more"));
    };
    if now.by.as_ref().map(|user| user.id) != Some(record.by.id) {
        return Err(format!("is of another account on {forge} by now"));
    }
    match now.state {
        ReviewState::Approved => {}
        ReviewState::Dismissed => return Err(format!("was dismissed on {forge}")),
        ReviewState::ChangesRequested | ReviewState::Commented => {
            return Err(format!("says something else on {forge} by now"));
        }
    }
    if now.commit != record.commit {
        return Err(format!("is of another commit on {forge} by now"));
    }
    if now.submitted_at != record.submitted_at || now.edited {
        return Err(format!("was changed on {forge}"));
    }
    match last_word(record.by.id, reviews) {
        Some(last) if last.state != ReviewState::Approved => Err(format!("was followed by another review on {forge}")),
        _ => Ok(()),
    }
}

/// An account's last review that says yes or no, or did so before it was dismissed. They are in the order of their time.
pub fn last_word(account: u64, reviews: &[Review]) -> Option<&Review> {
    let decides = |review: &&Review| review.state != ReviewState::Commented;
    let mut own = reviews.iter().filter(|review| review.by.as_ref().is_some_and(|user| user.id == account));
    own.rfind(decides)
}

/// The reviews of pull requests, each pull request asked for once.
pub struct Asking<'f> {
    forge: &'f dyn Forge,
    known: HashMap<u64, Result<Vec<Review>, ForgeError>>,
}

impl<'f> Asking<'f> {
    /// Asks nobody yet.
    pub fn new(forge: &'f dyn Forge) -> Self {
        Self { forge, known: HashMap::new() }
    }

    /// All reviews of a pull request.
    ///
    /// # Errors
    /// When not all of them can be had.
    pub fn reviews(&mut self, number: u64) -> Result<&[Review], ForgeError> {
        let known = self.known.entry(number).or_insert_with(|| self.forge.reviews(number));
        known.as_deref().map_err(Clone::clone)
    }

    /// Whether a place is in the repository that is asked.
    pub fn is_of(&self, place: &ReviewPlace) -> bool {
        is_of(self.forge, place)
    }
}

/// Whether a review lies in a forge's repository.
pub fn is_of(forge: &dyn Forge, place: &ReviewPlace) -> bool {
    let here = forge.place();
    (place.forge, &place.server, &place.repository) == (here.kind, &here.server(), &here.repository)
}
