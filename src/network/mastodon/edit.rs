//! Changing a status that is out: `PUT /api/v1/statuses/:id`.
//!
//! It names all that the status is to have: a warning or files that it does not name are taken away, the same words a
//! second time are no edit, and the visibility cannot be changed (docs.joinmastodon.org, `methods/statuses`, and
//! app/services/update_status_service.rb, checked 2026-11-22).

use serde_json::{Value, json};

use super::{Profile, id_of, look, page_of};
use crate::http::Uploads;
use crate::network::{Edited, Job, Live, MediaBytes, OutThere, SendError};
use crate::render::Part;

impl Profile {
    /// Changes the part after `job.sent`, which is out.
    pub(super) fn put(&self, job: &Job<'_>, out: &OutThere<'_>, media: &dyn MediaBytes) -> Result<Edited, SendError> {
        let (part, _) = self.next(job)?;
        if job.sent.is_empty() {
            self.weigh(job.payload)?;
        }
        let page = page_of(out.receipt);
        let id = id_of(out.receipt, page.as_ref());
        let path = ["api", "v1", "statuses", id];
        let answer = self.http.get(&path).bearer(&self.token).answer()?;
        if matches!(answer.status, 404 | 410) {
            return Ok(Edited::Gone);
        }
        let there = answer.value()?;
        if there.get("id").and_then(Value::as_str) != Some(id) {
            let reason = format!("{} answered with no post", self.http.host());
            return Err(SendError::NotSent { reason, retry_at: None });
        }
        if there.pointer("/account/id").and_then(Value::as_str).is_some_and(|author| author != self.id) {
            return Err(SendError::Refused { reason: format!("{} is somebody else's post", out.receipt.id) });
        }
        let warning = job.payload.content_warning.as_deref().unwrap_or_default();
        let mut status = json!({ "status": part.text, "sensitive": job.payload.sensitive, "spoiler_text": warning });
        // It takes one language.
        if let Some(language) = job.payload.languages.first() {
            status["language"] = json!(language);
        }
        let before = out.payload.parts.get(job.sent.len());
        let known = before.map(|before| files_of(before, &there)).unwrap_or_default();
        self.attach(&mut status, part, &known, media)?;
        let answer = self.http.put(&path).bearer(&self.token).json(status).publishes().answer()?;
        if matches!(answer.status, 404 | 410) {
            return Ok(Edited::Gone);
        }
        if !answer.fine() {
            return Err(answer.failure());
        }
        let now = answer.body();
        let receipt = self.receipt(&now).ok_or_else(|| answer.senseless("no id"))?;
        match look::live(part, job.payload, &now) {
            // Texts may be shown in the server's own way; that files are missing is not to be kept quiet.
            Live::Edited { differs, .. } if differs.contains(&"files") => {
                Err(SendError::Refused { reason: format!("{} took the new text, and not the files", self.http.host()) })
            }
            Live::Edited { differs, .. } if differs.contains(&"alt texts") => {
                let reason = format!("{} took the new text, and not the alt texts", self.http.host());
                Err(SendError::Refused { reason })
            }
            _ => Ok(Edited::Done(receipt)),
        }
    }

    /// Names the files of a part: those that are there already by their ids, the others once they are uploaded.
    fn attach(
        &self,
        status: &mut Value,
        part: &Part,
        known: &[(&str, String)],
        media: &dyn MediaBytes,
    ) -> Result<(), SendError> {
        let uploads = Uploads::start();
        let (mut ids, mut kept) = (Vec::new(), Vec::new());
        for file in &part.media {
            match known.iter().find(|(sha256, id)| *sha256 == file.sha256 && !ids.contains(id)) {
                Some((_, id)) => {
                    kept.push(json!({ "id": id, "description": file.alt }));
                    ids.push(id.clone());
                }
                None => ids.push(self.upload(file, media, &uploads)?),
            }
        }
        status["media_ids"] = json!(ids);
        if !kept.is_empty() {
            status["media_attributes"] = json!(kept);
        }
        Ok(())
    }
}

/// What the server calls the files of a part, by their hashes. Nothing where somebody edited it since: then nobody knows
/// which file is which.
fn files_of<'p>(part: &'p Part, status: &Value) -> Vec<(&'p str, String)> {
    let files = status.get("media_attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let untouched = status.get("edited_at").is_some_and(Value::is_null) && files.len() == part.media.len();
    let known = part.media.iter().zip(files).filter(|_| untouched).filter_map(|(sent, file)| {
        let id = file.get("id")?.as_str().filter(|id| !id.is_empty())?;
        Some((sent.sha256.as_str(), id.to_owned()))
    });
    known.collect()
}
