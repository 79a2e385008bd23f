//! What happened while `publish` went on: a line for each thing, behind its time.

use super::page::{Page, Tone};
use super::publish::{all_broken, mark, unrecorded, words};
use super::{escape, plan::BrokenReport};
use crate::ledger::PartReceipt;
use crate::plan::Plan;
use crate::publish::{Ended, Ending, Outcome};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    mark: &'static str,
    tone: Tone,
    text: String,
    places: Vec<String>,
    /// Whether it is news although the same was told of the round before.
    pub is_news: bool,
}

impl Line {
    /// A sentence.
    pub fn plain(text: &str) -> Self {
        Self { mark: "·", tone: Tone::Faint, text: text.to_owned(), places: Vec::new(), is_news: true }
    }

    fn trouble(text: String) -> Self {
        Self { mark: "!", tone: Tone::Bad, is_news: false, ..Self::plain(&text) }
    }

    /// Behind the page's time, addresses each on a line of its own.
    pub fn laid_out(&self, page: &Page) -> String {
        const TIME: usize = "2026-12-01 09:00:00".len();
        let time = page.now.with_timezone(&page.zone).format("%Y-%m-%d %H:%M:%S");
        let text = page.hanging(TIME + 3, TIME + 3, &self.text);
        let mut out = format!("{time} {} {}", page.paint(self.tone, self.mark), text.trim_start());
        for place in &self.places {
            // An address is not broken: people click on it.
            out += &format!("{}{place}\n", " ".repeat(TIME + 3));
        }
        out
    }
}

/// What became of each delivery, and what else a run had to say.
pub fn lines(plan: &Plan, outcome: &Outcome) -> Vec<Line> {
    let mut lines: Vec<Line> = outcome.ended.iter().map(delivery).collect();
    lines.extend(outcome.troubles.iter().map(|trouble| {
        Line::trouble(format!("{} has trouble: {}", escape(trouble.account.as_str()), escape(&trouble.reason)))
    }));
    lines.extend(all_broken(plan).iter().map(broken));
    lines.extend(outcome.unrecorded.as_deref().map(|reason| Line::trouble(unrecorded(reason))));
    lines
}

fn delivery(ended: &Ended) -> Line {
    let (text, parts) = words(&ended.ending);
    let what = format!("{}: {}", escape(ended.key.account.as_str()), escape(ended.key.post.as_str()));
    let text = match &ended.ending {
        Ending::Published { adopted: false, .. } => format!("{what} is out"),
        _ => format!("{what}: {text}"),
    };
    let (mark, tone) = mark(&ended.ending);
    let places = PartReceipt::places(parts).into_iter().map(|place| escape(place).into_owned()).collect();
    Line { mark, tone, text, places, is_news: matches!(ended.ending, Ending::Published { .. }) }
}

fn broken(file: &BrokenReport) -> Line {
    Line::trouble(format!("left aside because of errors: {}. See them: greenlit check", escape(&file.path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::fixtures::{key, now};
    use crate::plan::BrokenFile;
    use crate::view::page::columns;

    #[test]
    fn a_line_says_what_happened_when_and_where() {
        let page = Page { width: 80, colour: false, zone: chrono_tz::Europe::Berlin, now: now() };
        let broken = BrokenFile { path: "posts/\u{1b}oops.md".into(), id: None, errors: vec!["no".into()] };
        let plan = Plan { now: now(), trusted: "4f0c".repeat(10), deliveries: Vec::new(), broken: vec![broken] };
        let url = format!("https://fake.example/@acme/{}", "1".repeat(80));
        let part = PartReceipt { id: "1".into(), url: Some(url.clone()), revision: None };
        let reason = "the server said \u{1b}[31m::error:: a long story about what it does not like at all".to_owned();
        let endings = [
            Ending::Published { parts: vec![part], adopted: false },
            Ending::NotTried { reason: reason.clone(), help: "set the variable".into() },
        ];
        let ended = endings.into_iter().map(|ending| Ended::told(key("autumn"), "", ending)).collect();
        let outcome = Outcome { ended, troubles: Vec::new(), unrecorded: Some(reason) };
        let lines = lines(&plan, &outcome);
        let text: String = lines.iter().map(|line| line.laid_out(&page)).collect();
        assert!(text.starts_with("2026-12-01 10:00:00 ✓ bluesky/acme: autumn is out\n"), "{text}");
        assert!(text.contains(&format!("\n                      {url}\n")), "{text}");
        assert!(text.contains("! bluesky/acme: autumn: not tried:") && text.contains("NOT RECORDED"), "{text}");
        assert!(!text.contains('\u{1b}') && text.lines().filter(|line| columns(line) > 80).count() == 1, "{text}");
        assert_eq!(lines.iter().map(|line| line.is_news).collect::<Vec<_>>(), [true, false, false, false]);
    }
}
