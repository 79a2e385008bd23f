//! Who said the same before, looked up on the ledger: one look for each delivery that could still go out.

use crate::cli::{Context, Failure};
use crate::ledger::{DeliveryKey, State, Store, StoreError, same_text};
use crate::plan::{Duplicate, Rendered, Saying};
use crate::render::Payload;
use crate::workspace::{Account, Due, PostId};

/// What a delivery says, and who said it before.
pub fn saying(
    account: &Account,
    key: &DeliveryKey,
    rendered: &Rendered,
    repeats: &[PostId],
    state: &Result<State, String>,
    store: &dyn Store,
) -> Result<Saying, StoreError> {
    let window = account.duplicate_window;
    let Some(wording) = rendered.wording.clone().filter(|_| !window.is_zero()) else { return Ok(Saying::default()) };
    let before = match state {
        Ok(state) if state.may_send(&rendered.digest) => same_text(store, key, &wording)?,
        _ => Vec::new(),
    };
    Ok(Saying { wording: Some(wording), window, repeats: repeats.to_vec(), before })
}

/// Why something that is being written would be held, as far as the ledger tells.
///
/// # Errors
/// When the ledger cannot be read.
pub fn duplicate(
    account: &Account,
    payload: &Payload,
    due: Due,
    store: &dyn Store,
    context: &Context,
) -> Result<Option<Duplicate>, Failure> {
    let key = DeliveryKey::once(payload.post.clone(), account.name.clone());
    let state = store.state(&key).map_err(|error| error.to_string());
    let saying = saying(account, &key, &payload.clone().into(), &payload.repeats, &state, store)?;
    let when = match due {
        Due::At(due) if due > context.now => due,
        _ => context.now,
    };
    Ok(saying.duplicate(&payload.post, when))
}
