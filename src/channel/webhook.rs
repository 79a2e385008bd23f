//! An address of one's own: one `POST` of JSON, with the message's name in a header, as the network `webhook` does. A receiver
//! that drops what it has already is told once, however often it is handed over.

use serde_json::Value;

use super::Line;
use crate::http::SendError;

/// The header with the message's name.
const DELIVERY: &str = "greenlit-delivery";

/// Says something.
pub(super) fn say(line: &Line<'_>, body: &Value, id: &str) -> Result<(), SendError> {
    let url = line.address("URL")?;
    let http = line.http(&url)?;
    let request = http.post_to(&url).header(DELIVERY, id.to_owned()).json(body.clone());
    line.heard(request.publishes().status_is_enough().answer()?)
}
