//! What the pages for people show of `roles.toml` is read without a fault.

use ssh_key::public::{Ed25519PublicKey, KeyData, PublicKey};
use toml::{Table, Value};

use super::read;

const PAGE: &str = include_str!("../../../docs/roles.md");

/// What fragments are put into.
const TEAM: &str = r#"
version = 1
[people]
li = { keys = ["ssh-ed25519 AAAA…li"] }
maya = { keys = ["ssh-ed25519 AAAA…maya"] }
noor = { keys = ["ssh-ed25519 AAAA…noor"] }
tess = { keys = ["ssh-ed25519 AAAA…tess"] }
[roles]
admin = ["maya"]
editor = ["noor", "li"]
legal = ["tess"]
[[workflow]]
name = "default"
stages = [{ role = "editor" }]
"#;

/// The blocks of TOML on the page.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// Puts a real key in the place of each `AAAA…name`, one for each name.
fn with_keys(text: &str) -> String {
    let mut parts = text.split("ssh-ed25519 AAAA…");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('"').expect("the key's end");
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(name.bytes()).for_each(|(byte, letter)| *byte = letter);
        let key = PublicKey::from(KeyData::Ed25519(Ed25519PublicKey(bytes)));
        out += &format!("{}\"{rest}", key.to_openssh().expect("a key"));
    }
    out
}

/// Lays a fragment over a file: tables are merged, workflows come before those that are there, all else is replaced.
fn merged(below: Table, above: Table) -> Table {
    let mut all = below;
    for (key, value) in above {
        let value = match (all.remove(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => Value::Table(merged(below, above)),
            (Some(Value::Array(below)), Value::Array(above)) if key == "workflow" => {
                Value::Array(above.into_iter().chain(below).collect())
            }
            (_, value) => value,
        };
        all.insert(key, value);
    }
    all
}

#[test]
fn every_example_is_read_without_a_fault() {
    let (whole, fragments): (Vec<&str>, Vec<&str>) =
        blocks().into_iter().partition(|block| block.starts_with("version"));
    assert_eq!((whole.len(), fragments.len()), (3, 7));
    let team: Table = with_keys(TEAM).parse().unwrap();
    let laid_over = fragments.iter().map(|block| merged(team.clone(), with_keys(block).parse().unwrap()).to_string());
    for text in whole.iter().map(|block| with_keys(block)).chain(laid_over) {
        let (roles, findings) = read(text.as_bytes());
        assert_eq!(findings.iter().map(|f| (f.code, &f.message)).collect::<Vec<_>>(), [], "{text}");
        assert!(roles.is_some());
    }
}

/// Adding a key and forgetting the page fails here.
#[test]
fn the_page_names_every_key() {
    let schema = serde_json::to_value(schemars::schema_for!(super::RolesFile)).unwrap();
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    let keys = tables.filter_map(|table| table["properties"].as_object()).flat_map(|table| table.keys());
    for key in keys {
        assert!(PAGE.contains(key.as_str()), "docs/roles.md does not say what `{key}` is");
    }
}
