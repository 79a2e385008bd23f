//! Slack's incoming webhooks: one `POST` to a secret address, `ok` as the answer. They know no name of a message, so what may
//! have been said is not said again. <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks> (checked
//! 2026-11-28)

use serde_json::Value;

use super::Line;
use crate::http::SendError;

/// Says something.
pub(super) fn say(line: &Line<'_>, body: &Value) -> Result<(), SendError> {
    line.post(body)
}
