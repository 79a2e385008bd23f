//! A room on a Matrix server. A transaction's id is the message's name: however often it is handed over, it is one event.
//! <https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid> (checked 2026-11-28)

use serde_json::Value;

use super::Line;
use crate::http::SendError;
use crate::notify::Place;

/// Says something.
pub(super) fn say(line: &Line<'_>, place: &Place, body: &Value, id: &str) -> Result<(), SendError> {
    let url = line.address("URL")?;
    let token = line.secret("TOKEN")?;
    let http = line.http(&url)?;
    let room = place.to.as_deref().unwrap_or_default();
    let path = ["_matrix", "client", "v3", "rooms", room, "send", "m.room.message", id];
    line.heard(http.put(&path).bearer(token).json(body.clone()).publishes().status_is_enough().answer()?)
}
