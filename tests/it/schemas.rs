//! `schemas/` is what the types say, and `greenlit schema` prints it.

use std::collections::BTreeSet;
use std::fs;

use greenlit::cli::schema::SCHEMAS;

use crate::newsroom::Newsroom;
use crate::renewal::{compare, repository};

#[test]
fn the_schemas_are_what_the_types_say() {
    for schema in SCHEMAS {
        compare(&format!("schemas/{}.json", schema.name), &schema.text());
    }
    let files = fs::read_dir(repository("schemas")).expect("the folder is there");
    let files: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let names: BTreeSet<String> = SCHEMAS.iter().map(|schema| format!("{}.json", schema.name)).collect();
    assert_eq!(files, names, "schemas/ has a file for each line of SCHEMAS, and no other");
}

#[test]
fn the_schemas_are_schemas() {
    for schema in SCHEMAS {
        let value = serde_json::from_str(&schema.text()).unwrap();
        if let Err(error) = jsonschema::meta::validate(&value) {
            panic!("{} is no JSON Schema: {error}", schema.name);
        }
    }
}

#[test]
fn every_answer_for_programs_is_what_its_schema_says() {
    let newsroom = Newsroom::acme();
    let maya = newsroom.as_person("maya");
    maya.write("posts/hello.md", "---\nto: [outbox/site]\n---\nHello.\n")
        .write("posts/prices.md", "---\nto: [outbox/site, outbox/status]\nlabels: [pricing]\n---\nMore.\n")
        .write("posts/broken.md", "---\ntoo: x\n---\n")
        .commit("Write")
        .push();
    let noor = newsroom.as_person("noor");
    let runner = newsroom.runner();
    for (desk, command, schema) in [
        (&maya, "check", "check"),
        (&maya, "preview prices", "preview"),
        (&maya, "preview broken", "preview"),
        (&maya, "count x Hello", "count"),
        (&maya, "count --all Hello", "count-all"),
        (&maya, "new Later --to outbox/site", "new"),
        (&noor, "approve hello prices", "decision"),
        (&noor, "approve hello", "decision"),
        (&noor, "reject prices -m wrong", "decision"),
        (&runner, "publish --dry-run", "plan"),
        (&runner, "publish", "publish"),
        (&runner, "publish", "publish"),
        (&noor, "lift prices", "decision"),
        (&noor, "status --fetch", "status"),
        (&noor, "plan", "plan"),
        (&noor, "log prices", "log"),
        (&noor, "log hello", "log"),
        (&noor, "roles", "roles-report"),
        (&noor, "roles --for noor", "roles-report"),
        (&noor, "roles diff HEAD~1 main", "roles-diff"),
    ] {
        let said = desk.greenlit(command.split(' ').chain(["--format", "json"])).json();
        let schema = desk.greenlit(["schema", schema]).succeeds().json();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let faults: Vec<String> = validator.iter_errors(&said).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{command}: {faults:?}\n{said:#}");
        assert_eq!(said["version"], 1, "{command}");
    }
}

#[test]
fn a_program_finds_its_way_from_the_list_to_a_schema() {
    let newsroom = Newsroom::empty();
    let desk = newsroom.at_folder("noor", "anywhere");
    let list = desk.greenlit(["schema", "--format", "json"]).succeeds().json();
    assert_eq!(list["version"], 1);
    let own = desk.greenlit(["schema", "schema"]).succeeds().json();
    assert!(jsonschema::is_valid(&own, &list), "the list is what its own schema says");
    desk.greenlit(["schema"]).succeeds().shows("payload").shows("ledger-entry");
    desk.greenlit(["schema", "nothing"]).exits(2).complains("there is no schema \"nothing\"");
}
