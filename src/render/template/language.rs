//! The part of minijinja's language that a template may use: an allowlist over the parsed template.
//!
//! Fuel bounds the number of steps, but one step can double a text (`~`, `{% set %}`, `replace`), and thirty of them
//! fill any memory. So what could build a value out of values is not in the language at all.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt, UnaryOpKind};
use minijinja::machinery::{Span, Token, parse, tokenize};

use super::TemplateError;

const FILTERS: [&str; 10] = ["utm", "hashtags", "join", "default", "first", "last", "length", "lower", "upper", "trim"];
const TESTS: [&str; 7] = ["defined", "undefined", "none", "odd", "even", "startingwith", "endingwith"];
const VARIABLES: [&str; 3] = ["text", "part", "parts"];
const FIELDS: [(&str, &[&str]); 3] = [
    ("post", &["id", "title", "campaign", "labels", "language", "link"]),
    ("account", &["name", "network", "handle"]),
    ("loop", &["index", "index0", "revindex", "revindex0", "first", "last", "length"]),
];

/// Words and signs that one `{{ … }}` or `{% … %}` may have, and blocks that a template may have. The parser goes down
/// a level for each of them, so this bounds the stack.
const MOST_TOKENS: usize = 100;
const MOST_BLOCKS: usize = 50;

/// Checks that a template is in the language.
pub fn check(template: &str) -> Result<(), TemplateError> {
    count(template)?;
    let parsed = parse(template, "template", Default::default()).map_err(|error| TemplateError::new(&error))?;
    let mut checker = Checker { targets: Vec::new() };
    match &parsed {
        Stmt::Template(template) => checker.statements(&template.children),
        statement => checker.statements(std::slice::from_ref(statement)),
    }
}

/// Checks that no part of a template is too long to be parsed.
fn count(template: &str) -> Result<(), TemplateError> {
    let (mut tokens, mut blocks) = (0, 0);
    for token in tokenize(template, false, Default::default()) {
        let (token, span) = token.map_err(|error| TemplateError::new(&error))?;
        match token {
            Token::VariableStart => tokens = 0,
            Token::BlockStart => (tokens, blocks) = (0, blocks + 1),
            _ => tokens += 1,
        }
        if tokens > MOST_TOKENS {
            return Err(wrong(span, format!("more than {MOST_TOKENS} words and signs in one place")));
        }
        if blocks > MOST_BLOCKS {
            return Err(wrong(span, format!("more than {MOST_BLOCKS} blocks")));
        }
    }
    Ok(())
}

struct Checker<'a> {
    /// The names that the loops around give.
    targets: Vec<&'a str>,
}

type Checked = Result<(), TemplateError>;

fn wrong(span: Span, message: String) -> TemplateError {
    TemplateError::Wrong { line: span.start_line as usize, message }
}

fn unknown(span: Span, what: &str, known: &[String]) -> TemplateError {
    wrong(span, format!("there is no {what}; there is {}", known.join(", ")))
}

fn quoted(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

impl<'a> Checker<'a> {
    fn statements(&mut self, statements: &'a [Stmt<'_>]) -> Checked {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &'a Stmt<'_>) -> Checked {
        let span = match statement {
            Stmt::EmitRaw(_) => return Ok(()),
            Stmt::EmitExpr(emit) => return self.expression(&emit.expr),
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr)?;
                self.statements(&condition.true_body)?;
                return self.statements(&condition.false_body);
            }
            Stmt::ForLoop(each) => {
                let Expr::Var(target) = &each.target else {
                    return Err(wrong(
                        each.span(),
                        "a loop gives one name: `{% for label in post.labels %}`".to_owned(),
                    ));
                };
                if each.recursive {
                    return Err(wrong(each.span(), "a loop cannot be recursive here".to_owned()));
                }
                self.expression(&each.iter)?;
                self.targets.push(target.id);
                let inside = each.filter_expr.iter().try_for_each(|filter| self.expression(filter));
                let inside = inside.and_then(|()| self.statements(&each.body));
                self.targets.pop();
                inside?;
                return self.statements(&each.else_body);
            }
            Stmt::Template(other) => other.span(),
            Stmt::WithBlock(other) => other.span(),
            Stmt::Set(other) => other.span(),
            Stmt::SetBlock(other) => other.span(),
            Stmt::AutoEscape(other) => other.span(),
            Stmt::FilterBlock(other) => other.span(),
            Stmt::Do(other) => other.span(),
        };
        Err(wrong(span, "a template has `{% if %}` and `{% for %}`, and no other blocks".to_owned()))
    }

    fn expression(&mut self, expression: &'a Expr<'_>) -> Checked {
        let span = expression.span();
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::Var(variable) => self.variable(variable.id, span),
            Expr::GetAttr(field) => {
                let known = match &field.expr {
                    Expr::Var(owner) => FIELDS.iter().find(|(name, _)| *name == owner.id),
                    _ => None,
                };
                let Some((owner, fields)) = known else {
                    return Err(wrong(span, format!("only `post`, `account` and `loop` have a `.{}`", field.name)));
                };
                if *owner == "loop" && self.targets.is_empty() {
                    return Err(wrong(span, "`loop` is known within `{% for %}` only".to_owned()));
                }
                if fields.contains(&field.name) {
                    return Ok(());
                }
                let known: Vec<String> = fields.iter().map(|name| format!("`{owner}.{name}`")).collect();
                Err(unknown(span, &format!("`{owner}.{}`", field.name), &known))
            }
            Expr::GetItem(item) => {
                self.expression(&item.expr)?;
                self.expression(&item.subscript_expr)
            }
            Expr::Slice(slice) => {
                self.expression(&slice.expr)?;
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().try_for_each(|e| self.expression(e))
            }
            Expr::UnaryOp(operation) => match operation.op {
                UnaryOpKind::Not | UnaryOpKind::Neg => self.expression(&operation.expr),
            },
            Expr::BinOp(operation) => {
                use BinOpKind::{Eq, Gt, Gte, In, Lt, Lte, Ne, ScAnd, ScOr};
                if !matches!(operation.op, Eq | Ne | Lt | Lte | Gt | Gte | ScAnd | ScOr | In) {
                    let message = "a template does not reckon; write texts one after the other to join them";
                    return Err(wrong(span, message.to_owned()));
                }
                self.expression(&operation.left)?;
                self.expression(&operation.right)
            }
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr)?;
                comparison.ops.iter().try_for_each(|operation| self.expression(&operation.expr))
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr)?;
                self.expression(&choice.true_expr)?;
                choice.false_expr.iter().try_for_each(|other| self.expression(other))
            }
            Expr::Filter(filter) => {
                if !FILTERS.contains(&filter.name) {
                    return Err(unknown(span, &format!("filter `{}`", filter.name), &quoted(&FILTERS)));
                }
                filter.expr.iter().try_for_each(|expression| self.expression(expression))?;
                self.arguments(&filter.args, span)
            }
            Expr::Test(test) => {
                if !TESTS.contains(&test.name) {
                    return Err(unknown(span, &format!("test `{}`", test.name), &quoted(&TESTS)));
                }
                self.expression(&test.expr)?;
                self.arguments(&test.args, span)
            }
            // A list of constants is as long as it is written.
            Expr::List(list) if list.items.iter().all(|item| matches!(item, Expr::Const(_))) => Ok(()),
            Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
                Err(wrong(span, "a list holds texts and numbers only: `[\"a\", \"b\"]`".to_owned()))
            }
            Expr::Call(_) => Err(wrong(span, "there are no functions in a template".to_owned())),
        }
    }

    fn arguments(&mut self, arguments: &'a [CallArg<'_>], span: Span) -> Checked {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(expression) | CallArg::Kwarg(_, expression) => self.expression(expression),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                Err(wrong(span, "arguments are written one by one".to_owned()))
            }
        })
    }

    fn variable(&self, name: &str, span: Span) -> Checked {
        if VARIABLES.contains(&name) || self.targets.contains(&name) {
            return Ok(());
        }
        if let Some((owner, fields)) = FIELDS.iter().find(|(owner, _)| *owner == name) {
            let known: Vec<String> = fields.iter().map(|field| format!("`{owner}.{field}`")).collect();
            return Err(wrong(span, format!("say what of `{owner}`: {}", known.join(", "))));
        }
        let known = [&VARIABLES[..], &["post.…", "account.…"]].concat();
        Err(unknown(span, &format!("`{name}`"), &quoted(&known)))
    }
}
