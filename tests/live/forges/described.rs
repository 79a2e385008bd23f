//! A forge's own description of its API, OpenAPI 3.0 or Swagger 2.0, and what it says of a request and of an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// What an API can be asked, and what it answers.
pub struct Described {
    document: Value,
    /// What stands before its paths: `/api/v1`.
    base: String,
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// One thing that can be asked.
#[derive(Clone, Copy)]
pub struct Operation<'d> {
    described: &'d Described,
    /// `post /repos/{owner}/{repo}/check-runs`
    name: (&'d str, &'d str),
    value: &'d Value,
}

/// A request as it is held against a description.
pub struct Asked<'a> {
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    pub body: &'a [u8],
}

/// How much of an object has to be there. Nothing may be there that is not described.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    /// All that must be.
    Whole,
    /// As much as somebody plays it.
    Part,
}

impl Described {
    pub fn new(document: Value) -> Self {
        let base = document["basePath"].as_str().unwrap_or_default().trim_end_matches('/').to_owned();
        Self { document, base, validators: Mutex::default() }
    }

    /// What a request asks for.
    ///
    /// # Errors
    /// What is wrong with it, by the description.
    pub fn ask(&self, asked: &Asked<'_>) -> Result<Operation<'_>, String> {
        let (path, query) = asked.target.split_once('?').unwrap_or((asked.target, ""));
        let path = path.strip_prefix(&self.base).ok_or_else(|| format!("{path} is not below {}", self.base))?;
        let method = asked.method.to_ascii_lowercase();
        let paths = self.document["paths"].as_object().expect("paths");
        // A path that names its steps is meant before one that leaves them open.
        let fits = paths.iter().filter(|(template, _)| fits(template, path));
        let (template, item) = fits
            .min_by_key(|(template, _)| template.matches('{').count())
            .ok_or_else(|| format!("no path is like {path}"))?;
        let (method, value) = item
            .as_object()
            .and_then(|item| item.get_key_value(&method))
            .ok_or_else(|| format!("{template} knows no {}", asked.method))?;
        let operation = Operation { described: self, name: (method, template), value };
        operation.may_be_asked(query, asked.body, item)?;
        Ok(operation)
    }

    /// What a reference stands for.
    pub fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#')) {
            Some(to) => self.document.pointer(to).unwrap_or_else(|| panic!("{to} is not described")),
            None => value,
        }
    }

    /// Holds a value against a schema of the description.
    fn hold(&self, name: &str, schema: &Value, measure: Measure, value: &Value) -> Result<(), String> {
        let known = self.validators.lock().unwrap().get(name).cloned();
        let validator = known.unwrap_or_else(|| {
            let schema = self.json_schema(schema, measure);
            let built = jsonschema::options().with_draft(Draft::Draft202012).build(&schema);
            let built = Arc::new(built.unwrap_or_else(|error| panic!("{name}: {error}")));
            self.validators.lock().unwrap().insert(name.to_owned(), Arc::clone(&built));
            built
        });
        let wrong: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("{name}: {}", wrong.join("; "))) }
    }

    /// A schema of the description as a JSON schema of its own, with all that it refers to.
    fn json_schema(&self, schema: &Value, measure: Measure) -> Value {
        let mut root = translated(schema, measure, true);
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut named = Map::new();
        let mut open = references(schema);
        while let Some(to) = open.pop() {
            if known.insert(to.clone()) {
                let there = self.document.pointer(&to).unwrap_or_else(|| panic!("{to} is not described"));
                open.extend(references(there));
                named.insert(to, translated(there, measure, false));
            }
        }
        root["$defs"] = Value::Object(named);
        root
    }
}

impl<'d> Operation<'d> {
    fn name(&self, what: &str) -> String {
        format!("{} {} {what}", self.name.0, self.name.1)
    }

    fn may_be_asked(&self, query: &str, body: &[u8], item: &Value) -> Result<(), String> {
        let lists = [&item["parameters"], &self.value["parameters"]];
        let all = lists.into_iter().filter_map(Value::as_array).flatten().map(|one| self.described.resolved(one));
        let parameters: Vec<&Value> = all.collect();
        let of = |place: &'static str| parameters.iter().filter(move |one| one["in"] == place);
        let asked: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (key, text) in &asked {
            let parameter = of("query").find(|one| one["name"] == **key);
            let parameter = parameter.ok_or_else(|| self.name(&format!("knows no query {key}")))?;
            let schema = parameter.get("schema").unwrap_or(parameter);
            let meant = match self.described.resolved(schema)["type"].as_str() {
                Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), Value::from),
                Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), Value::from),
                _ => json!(text),
            };
            let schema = if parameter.get("schema").is_some() { schema.clone() } else { bare(parameter) };
            self.described.hold(&self.name(&format!("query {key}")), &schema, Measure::Whole, &meant)?;
        }
        for parameter in of("query").filter(|one| one["required"] == true) {
            if !asked.iter().any(|(key, _)| parameter["name"] == **key) {
                return Err(self.name(&format!("lacks the query {}", parameter["name"])));
            }
        }
        let in_body = of("body").next().copied();
        let content = self.described.resolved(&self.value["requestBody"]);
        let schema = in_body.map_or_else(|| &content["content"]["application/json"]["schema"], |one| &one["schema"]);
        let must = in_body.unwrap_or(content)["required"] == true;
        match (body.is_empty(), schema.is_null()) {
            (true, _) if must => Err(self.name("lacks its body")),
            (true, _) => Ok(()),
            (false, true) => Err(self.name("takes no body")),
            (false, false) => {
                let body: Value = serde_json::from_slice(body).map_err(|error| self.name(&error.to_string()))?;
                self.described.hold(&self.name("body"), schema, Measure::Whole, &body)
            }
        }
    }

    /// Holds what somebody answers who plays the forge against what it answers itself: it need not be whole, and any status of
    /// success will do.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn is_part_of_an_answer(&self, body: &[u8]) -> Result<(), String> {
        let (status, schema) = self.answers().next().ok_or_else(|| self.name("has no answer"))?;
        let name = self.name(&format!("answer {status}"));
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
        match schema {
            Some(schema) => self.described.hold(&name, schema, Measure::Part, &value),
            None => Ok(()),
        }
    }

    /// Holds an answer against the description, all of it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn is_an_answer(&self, status: u16, value: &Value) -> Result<(), String> {
        let (_, schema) =
            self.answers().find(|(known, _)| *known == status).ok_or_else(|| self.name("never says so"))?;
        let name = self.name(&format!("whole answer {status}"));
        schema.map_or(Ok(()), |schema| self.described.hold(&name, schema, Measure::Whole, value))
    }

    /// The answers that mean success, with their schemas, where they have a body.
    pub fn answers(&self) -> impl Iterator<Item = (u16, Option<&'d Value>)> + use<'d> {
        let described = self.described;
        let all = self.value["responses"].as_object().into_iter().flatten();
        let fine = all.filter_map(|(status, answer)| Some((status.parse::<u16>().ok()?, described.resolved(answer))));
        fine.filter(|(status, _)| (200..300).contains(status)).map(|(status, answer)| {
            let schema = answer.get("schema").or_else(|| answer.pointer("/content/application~1json/schema"));
            (status, schema)
        })
    }

    /// The answers that the description itself gives as examples.
    pub fn examples(&self) -> Vec<(u16, Value)> {
        let described = self.described;
        let all = self.value["responses"].as_object().into_iter().flatten();
        let fine = all.filter_map(|(status, answer)| Some((status.parse::<u16>().ok()?, described.resolved(answer))));
        fine.filter(|(status, _)| (200..300).contains(status))
            .flat_map(|(status, answer)| {
                let examples = answer.pointer("/content/application~1json/examples").and_then(Value::as_object);
                let examples = examples.into_iter().flatten();
                examples.map(move |(_, example)| (status, described.resolved(example)["value"].clone()))
            })
            .collect()
    }
}

/// `/repos/{owner}/{repo}/pulls` and `/repos/acme/posts/pulls`
fn fits(template: &str, path: &str) -> bool {
    let (mut steps, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (steps.next(), given.next()) {
            (None, None) => return true,
            (Some(step), Some(given)) if step == given => {}
            (Some(step), Some(given)) if step.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

/// What of a parameter of Swagger 2.0 is its schema.
fn bare(parameter: &Value) -> Value {
    let keys = ["type", "enum", "items", "format", "minimum", "maximum", "pattern"];
    Value::Object(keys.iter().filter_map(|key| Some(((*key).to_owned(), parameter.get(*key)?.clone()))).collect())
}

/// All that a schema refers to, as pointers.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
            own.map(str::to_owned).into_iter().chain(object.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// A schema of OpenAPI 3.0 or Swagger 2.0 in words of JSON Schema. `closed`: what is not named in it may not be there.
fn translated(schema: &Value, measure: Measure, closed: bool) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    if let Some(to) = object.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#')) {
        let to = format!("#/$defs/{}", to.replace('~', "~0").replace('/', "~1"));
        return if closed { json!({ "$ref": to, "unevaluatedProperties": false }) } else { json!({ "$ref": to }) };
    }
    let mut said = Map::new();
    let mut may_be_null = object.get("nullable").or_else(|| object.get("x-nullable")) == Some(&json!(true));
    for (key, value) in object {
        match key.as_str() {
            "type" | "enum" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems"
            | "maxProperties" | "uniqueItems" | "pattern" => {
                said.insert(key.clone(), value.clone());
            }
            "required" if measure == Measure::Whole => {
                said.insert(key.clone(), value.clone());
            }
            "properties" => {
                let named = value.as_object().into_iter().flatten();
                let named = named.map(|(name, one)| (name.clone(), translated(one, measure, true)));
                said.insert(key.clone(), Value::Object(named.collect()));
            }
            "items" => {
                said.insert(key.clone(), translated(value, measure, true));
            }
            "additionalProperties" => {
                said.insert(key.clone(), translated(value, measure, true));
            }
            "allOf" | "anyOf" | "oneOf" => {
                let parts = value.as_array().into_iter().flatten().map(|one| translated(one, measure, false));
                // A part of an object may be a part of several.
                let key = if key == "oneOf" && measure == Measure::Part { "anyOf" } else { key };
                said.insert(key.to_owned(), Value::Array(parts.collect()));
            }
            _ => {}
        }
    }
    let composed = ["allOf", "anyOf", "oneOf"].iter().any(|key| said.contains_key(*key));
    let names = object.get("properties").and_then(Value::as_object).is_some_and(|named| !named.is_empty());
    if object.get("type") == Some(&json!("object")) && !names && !composed && !said.contains_key("additionalProperties")
    {
        // It is left open what is in it.
        said.insert("additionalProperties".to_owned(), json!(true));
    }
    if closed && (names || composed) && !said.contains_key("additionalProperties") {
        said.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    if may_be_null && let Some(words) = said.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    if may_be_null && let Some(Value::String(kind)) = said.get("type").cloned() {
        said.insert("type".to_owned(), json!([kind, "null"]));
        may_be_null = composed;
    }
    if may_be_null { json!({ "anyOf": [said, { "type": "null" }] }) } else { Value::Object(said) }
}
