//! Discord's webhooks: one `POST` to a secret address, which with `wait` answers once the message is there. They know no name
//! of a message, so what may have been said is not said again.
//! <https://discord.com/developers/docs/resources/webhook#execute-webhook> (checked 2026-11-28)

use serde_json::Value;

use super::Line;
use crate::http::SendError;

/// Says something.
pub(super) fn say(line: &Line<'_>, body: &Value) -> Result<(), SendError> {
    let url = line.address("URL")?;
    let http = line.http(&url)?;
    let request = http.post_to(&url).query("wait", "true").json(body.clone());
    line.heard(request.publishes().status_is_enough().answer()?)
}
