//! `settings/template`: an account's template is in the language that templates may use.

use crate::render;
use crate::workspace::{Account, Finding};

/// What is wrong with an account's template, said once for all the posts that it is put around.
pub fn template(account: &Account) -> Option<Finding> {
    let template = account.template.as_ref()?;
    let error = render::template::check(&template.text).err()?;
    let message = format!("the template of {} cannot be used: {error}", account.name);
    let help = "a template may have {{ text }}, {% if %}, {% for %}, and the filters `utm` and `hashtags`";
    let finding = Finding::error("settings/template", &template.source, template.span.clone(), message);
    Some(finding.label("here").help(help))
}
