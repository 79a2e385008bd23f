//! Who said the same before, looked up on the ledger: one look for each delivery that could still go out.

use crate::cli::{Context, Failure};
use crate::ledger::{DeliveryKey, Store, StoreError, same_text};
use crate::plan::{Duplicate, Saying, wording_matters};
use crate::render::{Payload, Wording};
use crate::workspace::{Account, Due, PostId};

/// What a delivery says whose wording matters, and who said it before.
pub fn saying(
    account: &Account,
    key: &DeliveryKey,
    wording: Wording,
    repeats: &[PostId],
    may_send: bool,
    store: &dyn Store,
) -> Result<Saying, StoreError> {
    let before = if may_send { same_text(store, key, &wording)? } else { Vec::new() };
    Ok(Saying { wording: Some(wording), window: account.duplicate_window, repeats: repeats.to_vec(), before })
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
    let Ok(state) = store.state(&key) else { return Ok(None) };
    let digest = payload.digest();
    let matters = wording_matters(&state, &digest, account.duplicate_window, context.now);
    let Some(wording) = Wording::of(payload).filter(|_| matters) else { return Ok(None) };
    let saying = saying(account, &key, wording, &payload.repeats, state.may_send(&digest), store)?;
    let when = match due {
        Due::At(due) if due > context.now => due,
        _ => context.now,
    };
    Ok(saying.duplicate(&payload.post, when))
}
