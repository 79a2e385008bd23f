//! A bot of Telegram. The API knows no name of a message, so what may have been said is not said again. Teams with a server of
//! their own name it in the channel's `URL`. <https://core.telegram.org/bots/api#sendmessage> (checked 2026-11-28)

use serde_json::Value;
use url::Url;

use super::Line;
use crate::http::SendError;

const SERVER: &str = "https://api.telegram.org";

/// Says something.
pub(super) fn say(line: &Line<'_>, body: &Value) -> Result<(), SendError> {
    let token = line.secret("TOKEN")?;
    let own = line.surroundings.secrets.contains_key("URL");
    let server =
        if own { line.address("URL")? } else { Url::parse(SERVER).map_err(|_| line.credentials(String::new()))? };
    let http = line.http(&server)?;
    let request = http.post(&[&format!("bot{token}"), "sendMessage"]).json(body.clone());
    line.heard(request.publishes().status_is_enough().answer()?)
}
