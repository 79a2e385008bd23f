//! What happens, on standard error: a line that moves for each account on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::{Context, secrets};
use crate::publish::{Ending, Event};
use crate::view::escape;

/// Draws or writes.
pub struct Progress<'a> {
    context: &'a Context,
    drawn: Option<Drawn>,
    quiet: bool,
}

struct Drawn {
    lines: MultiProgress,
    by_name: Mutex<BTreeMap<String, ProgressBar>>,
}

impl<'a> Progress<'a> {
    /// Draws where standard error is a terminal. What `-v` writes there would run into a drawing. Where something else
    /// tells what happens, it is to be quiet.
    pub fn new(context: &'a Context, quiet: bool) -> Self {
        let draws = std::io::stderr().is_terminal() && context.verbose == 0 && !quiet;
        let drawn = draws.then(|| Drawn { lines: MultiProgress::new(), by_name: Mutex::default() });
        Self { context, drawn, quiet }
    }

    /// Tells what happened.
    pub fn tell(&self, event: Event<'_>) {
        let (name, text) = told(event);
        let (name, text) = (escape(&name), escape(&text));
        match &self.drawn {
            None if self.quiet => {}
            None => self.context.note(&format!("{name}: {text}")),
            Some(drawn) => drawn.draw(&name, &text),
        }
    }

    /// Takes the drawing away; what came of it is printed next.
    pub fn end(&self) {
        if let Some(drawn) = &self.drawn {
            let _ = drawn.lines.clear();
        }
    }
}

impl Drawn {
    fn draw(&self, name: &str, text: &str) {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let line = by_name.entry(name.to_owned()).or_insert_with(|| {
            let line = self.lines.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}") {
                line.set_style(style);
            }
            line.set_prefix(name.to_owned());
            line.enable_steady_tick(Duration::from_millis(100));
            line
        });
        line.set_message(secrets::redacted(text).into_owned());
    }
}

/// Who is at work, and at what.
fn told(event: Event<'_>) -> (String, String) {
    let ledger = |text: String| ("ledger".to_owned(), text);
    match event {
        Event::Connecting(account) => (account.to_string(), "connecting".to_owned()),
        Event::Asking(key) => (key.account.to_string(), format!("{}: asking what became of it", key.post)),
        Event::Looking(key) => (key.account.to_string(), format!("{}: looking at it", key.post)),
        Event::Claiming { count } => ledger(format!("claiming {}", crate::view::page::counted(count, "delivery"))),
        Event::Raced => ledger("another publisher was faster, reading again".to_owned()),
        Event::Sending { key, part: _, of: 1 } => (key.account.to_string(), format!("{}: sending", key.post)),
        Event::Sending { key, part, of } => {
            (key.account.to_string(), format!("{}: sending part {part} of {of}", key.post))
        }
        Event::Changing { key, part, of } => {
            (key.account.to_string(), format!("{}: changing part {part} of {of}", key.post))
        }
        Event::TakingDown { key, part: _, of: 1 } => (key.account.to_string(), format!("{}: taking it down", key.post)),
        Event::TakingDown { key, part, of } => {
            (key.account.to_string(), format!("{}: taking down part {part} of {of}", key.post))
        }
        Event::Waiting { account, time, reason } => {
            (account.to_string(), format!("waiting {} seconds: {reason}", time.as_secs()))
        }
        Event::Ended { key, ending } => (key.account.to_string(), format!("{}: {}", key.post, ended(ending))),
        Event::Recording { count } => ledger(format!("recording {}", crate::view::page::counted(count, "delivery"))),
    }
}

fn ended(ending: &Ending) -> &'static str {
    match ending {
        Ending::Published { adopted: false, .. } => "published",
        Ending::Published { adopted: true, .. } => "found, an earlier run had sent it",
        Ending::Failed { .. } => "failed",
        Ending::Uncertain { .. } => "not known to be out",
        Ending::Updated { .. } => "changed in its place",
        Ending::Retracted { .. } => "retracted",
        Ending::NotDone { .. } => "not done",
        Ending::NotTried { .. } => "not tried",
        Ending::Taken => "another publisher has it",
    }
}
