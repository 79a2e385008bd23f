//! What is wrong with a file: a stable code, the place, and the way out.

use std::ops::Range;
use std::sync::Arc;

use super::source::{Place, Source};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The post, or the workspace, cannot be used as it is.
    Error,
    /// It can be published, but somebody should look at it.
    Warning,
    /// Worth knowing.
    Info,
}

/// One fault in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, `area/name`: `post/unknown-key`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file that it stands in.
    pub source: Arc<Source>,
    /// The offending bytes of the file; empty where something is missing.
    pub span: Range<usize>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The short text under the marked place.
    pub label: String,
    /// What to type instead.
    pub help: String,
    /// Who says so, where that is no rule of greenlit's own: `Microsoft.Contractions`.
    pub name: Option<String>,
    /// Where one can read more.
    pub link: Option<String>,
    /// What `greenlit check --fix` types instead, where nothing but that can be meant.
    pub fix: Option<Fix>,
}

/// A change of a file that takes a finding away and changes nothing that was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The bytes of the file that go.
    pub span: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

impl Finding {
    /// An error at a place.
    pub fn error(code: &'static str, source: &Arc<Source>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span: source.clamp(span),
            source: Arc::clone(source),
            message: message.into(),
            label: String::new(),
            help: String::new(),
            name: None,
            link: None,
            fix: None,
        }
    }

    /// The same as a warning.
    pub fn warning(code: &'static str, source: &Arc<Source>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, source, span, message) }
    }

    /// Says what stands at the marked place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to type instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Says what would be typed instead without changing what was meant.
    pub fn fix(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span: self.source.clamp(span), text: text.into() });
        self
    }

    /// What people call it: the name of who says so, else its code.
    pub fn id(&self) -> &str {
        self.name.as_deref().unwrap_or(self.code)
    }

    /// Whether it makes its file unusable.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Line and column of the first offending byte.
    pub fn place(&self) -> Place {
        self.source.place(self.span.start)
    }
}
