//! `greenlit check --explain CODE`

use crate::cli::{Context, Exit, Failure};
use crate::rules;
use crate::view::findings::Explained;
use crate::workspace::suggest;

/// Shows a rule's page.
///
/// # Errors
/// When there is no rule with this code.
pub fn run(code: &str, context: &Context) -> Result<Exit, Failure> {
    let Some(rule) = rules::named(code) else {
        let codes: Vec<&str> = rules::all().iter().flat_map(|rule| rule.codes).copied().collect();
        let message = format!("there is no rule {}", suggest::quote(code));
        return Err(Failure::usage("check/explain", message, suggest::help(code, "rules", &codes)));
    };
    let page = rule.page();
    if context.json() {
        context.print_json(&Explained::of(rule, &page));
    } else {
        let codes: Vec<String> = rule.codes.iter().map(|code| format!("`{code}`")).collect();
        context.print(&format!("# {}\n\n{}", codes.join(" "), page.text));
    }
    Ok(Exit::Fine)
}
