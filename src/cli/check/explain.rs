//! `greenlit check --explain CODE`

use crate::cli::{Context, Exit, Failure};
use crate::rules::{self, codes};
use crate::view::findings::Explained;
use crate::workspace::suggest;

/// Shows a rule's page, or what there is to say of a code that belongs to no rule.
///
/// # Errors
/// When nothing has this code.
pub fn run(code: &str, context: &Context) -> Result<Exit, Failure> {
    let (explained, codes, page) = if let Some(rule) = rules::named(code) {
        let page = rule.page();
        (Explained::of(rule, &page), rule.codes.to_vec(), page.text)
    } else if let Some(known) = codes::described(code) {
        (Explained::of_code(known), vec![known.code], known.page())
    } else {
        let of_rules = rules::all().iter().flat_map(|rule| rule.codes).copied();
        let codes: Vec<&str> = of_rules.chain(codes::codes().map(|known| known.code)).collect();
        let message = format!("there is no rule {}", suggest::quote(code));
        return Err(Failure::usage("check/explain", message, suggest::help(code, "rules", &codes)));
    };
    if context.json() {
        context.print_json(&explained);
    } else {
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        context.print(&format!("# {}\n\n{page}", codes.join(" ")));
    }
    Ok(Exit::Fine)
}
