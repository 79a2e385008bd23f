//! The lines of a schedule: whether they are such, and how long it is between two runs.

/// The minutes of an hour.
const HOUR: u32 = 60;
/// The minutes of a day.
const DAY: u32 = 24 * HOUR;

/// The five fields, with what each may hold.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The longest pause between two runs of a schedule, in minutes: up to a day where it runs every day; `None` where some days
/// have none.
///
/// # Errors
/// When the line is no schedule; says why.
pub fn longest_pause(line: &str) -> Result<Option<u32>, String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("it has {} fields, and a schedule has five", fields.len()));
    };
    let read = |at: usize, text: &str| {
        let (what, least, most) = FIELDS.get(at).copied().unwrap_or(("field", 0, 59));
        values(text, least, most).ok_or_else(|| format!("`{text}` is no {what}"))
    };
    let (minutes, hours) = (read(0, minute)?, read(1, hour)?);
    let (days, months, weekdays) = (read(2, day)?, read(3, month)?, read(4, weekday)?);
    let every_day = days.len() == 31 && months.len() == 12 && weekdays.iter().filter(|day| **day < 7).count() == 7;
    if !every_day {
        return Ok(None);
    }
    let times: Vec<u32> =
        hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * HOUR + minute)).collect();
    let again = times.first().map(|first| first + DAY);
    let pauses = times.iter().zip(times.iter().skip(1).copied().chain(again)).map(|(this, next)| next - this);
    Ok(pauses.max())
}

/// The values of a field in order: `*`, `5`, `1-5`, `*/15`, `7,22`, names of months and days.
fn values(text: &str, least: u32, most: u32) -> Option<Vec<u32>> {
    let number = |text: &str| {
        let name = text.to_ascii_lowercase();
        let named = match most {
            12 => MONTHS.iter().position(|month| *month == name).map(|at| at + 1),
            7 => DAYS.iter().position(|day| *day == name),
            _ => None,
        };
        let value = named.and_then(|at| u32::try_from(at).ok()).or_else(|| text.parse().ok())?;
        (least..=most).contains(&value).then_some(value)
    };
    let mut found = std::collections::BTreeSet::new();
    for item in text.split(',') {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let step: u32 = step.map_or(Some(1), |step| step.parse().ok().filter(|step| *step > 0))?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from)?, number(to)?),
            None if item.contains('/') => (number(range)?, most),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return None;
        }
        found.extend((from..=to).step_by(usize::try_from(step).ok()?));
    }
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_told() {
        for (line, pause) in [
            ("*/15 * * * *", Some(15)),
            ("7,22,37,52 * * * *", Some(15)),
            ("0 * * * *", Some(60)),
            ("0 */6 * * *", Some(360)),
            ("30 5,17 * * *", Some(720)),
            ("0 9-17 * * *", Some(960)),
            ("0 9 * * mon-fri", None),
            ("0 0 1 * *", None),
            ("0/20 * * * 0-6", Some(20)),
        ] {
            assert_eq!(longest_pause(line), Ok(pause), "{line}");
        }
        for bad in ["", "* * * *", "60 * * * *", "* * * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "@hourly"] {
            assert!(longest_pause(bad).is_err(), "{bad}");
        }
    }
}
