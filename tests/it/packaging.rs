//! What lies at the root for others' machines: the action, the container's recipe and the pre-commit hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_yaml::Value;
use sha2::{Digest as _, Sha256};

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file)
}

/// A runner with programs of its own in front of the machine's.
struct Runner(tempfile::TempDir);

impl Runner {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("programs")).expect("a folder");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.path("programs").join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a program");
        let made = Command::new("chmod").arg("+x").arg(file).status().expect("chmod runs");
        assert!(made.success());
    }

    /// Runs a step of the action as GitHub's runner does.
    fn runs(&self, step: &Value, inputs: &[(&str, &str)]) -> Output {
        let machine = std::env::var("PATH").expect("a PATH");
        let script = step["run"].as_str().expect("a script");
        assert_eq!(step["shell"], "bash");
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).env_clear();
        command.env("PATH", format!("{}:{machine}", self.path("programs").display()));
        command.env("RUNNER_TEMP", self.path("temp")).env("GITHUB_PATH", self.path("path"));
        command.env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"));
        for (name, value) in step["env"].as_mapping().into_iter().flatten() {
            let value = value.as_str().expect("text");
            let given = inputs.iter().find(|(input, _)| value == format!("${{{{ inputs.{input} }}}}"));
            command.env(name.as_str().expect("a name"), given.expect("an input").1);
        }
        command.output().expect("bash starts")
    }

    fn on_the_path(&self) -> Option<PathBuf> {
        let path = fs::read_to_string(self.path("path")).ok()?;
        Some(Path::new(path.trim()).join("greenlit"))
    }
}

fn steps() -> Vec<Value> {
    let action: Value = serde_yaml::from_str(&read("action.yml")).expect("YAML");
    let steps = action["runs"]["steps"].as_sequence().expect("steps").clone();
    for step in &steps {
        assert!(!step["run"].as_str().expect("a script").contains("${{"), "no input stands in a script");
    }
    steps
}

#[cfg(unix)]
#[test]
fn the_action_takes_a_binary_only_with_its_hash() {
    let [fetch, _] = &steps()[..] else { panic!("two steps") };
    let binary = "#!/bin/sh\necho greenlit 9\n";
    let hash = Sha256::digest(binary).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (sha256, fits) in [(hash.as_str(), true), (&"0".repeat(64), false), ("", false), ("x; echo pwned", false)] {
        let runner = Runner::new();
        fs::write(runner.path("released"), binary).expect("a file");
        // The address is https, which no server here has; what is asked of curl is looked at.
        let copy = format!(
            "echo \"$*\" > {0}/asked\nwhile [ \"$1\" != --output ]; do shift; done\ncp {0}/released \"$2\"",
            runner.0.path().display()
        );
        runner.program("curl", &copy);
        let address = "https://acme.example/greenlit?a=$(id)&b=`id`";
        let ran = runner.runs(fetch, &[("binary", address), ("sha256", sha256)]);
        assert_eq!(ran.status.success(), fits, "{sha256}: {}", String::from_utf8_lossy(&ran.stderr));
        let Some(program) = runner.on_the_path().filter(|_| fits) else {
            assert!(runner.on_the_path().is_none() && !runner.path("temp/greenlit/bin/greenlit").exists());
            assert!(!ran.stderr.is_empty(), "it says why");
            continue;
        };
        let said = Command::new(program).output().expect("it runs");
        assert_eq!(said.stdout, b"greenlit 9\n");
        let asked = fs::read_to_string(runner.path("asked")).expect("curl was asked");
        assert!(asked.contains("--proto =https") && asked.trim().ends_with(&format!("-- {address}")), "{asked}");
    }
}

#[cfg(unix)]
#[test]
fn the_action_builds_the_commit_that_it_is_of() {
    let [fetch, build] = &steps()[..] else { panic!("two steps") };
    assert_eq!(
        (&fetch["if"], &build["if"]),
        (&Value::from("inputs.binary != ''"), &Value::from("inputs.binary == ''"))
    );
    let runner = Runner::new();
    runner.program("cargo", &format!("echo \"$*\" > {}/asked", runner.0.path().display()));
    assert!(runner.runs(build, &[]).status.success());
    let asked = fs::read_to_string(runner.path("asked")).expect("cargo was asked");
    let root = runner.path("temp/greenlit");
    let here = env!("CARGO_MANIFEST_DIR");
    assert_eq!(asked.trim(), format!("install --locked --path {here} --root {} greenlit", root.display()));
    assert_eq!(runner.on_the_path(), Some(root.join("bin/greenlit")));
}

#[test]
fn the_container_is_built_with_the_rust_that_is_asked_for_and_runs_as_nobody_special() {
    let recipe = read("Containerfile");
    let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let rust = manifest["package"]["rust-version"].as_str().expect("a version");
    let image = recipe.split("library/rust:").nth(1).and_then(|rest| rest.split('-').next());
    assert_eq!(image, Some(rust));
    let (user, entry) = (recipe.find("\nUSER greenlit\n"), recipe.find("\nENTRYPOINT [\"greenlit\"]\n"));
    assert!(user.is_some() && user < entry);
    assert!(!recipe.contains("ENV GREENLIT_") && !recipe.contains("ARG GREENLIT_"), "no secret in an image");
}

#[test]
fn the_hooks_run_what_there_is() {
    let hooks: Vec<Value> = serde_yaml::from_str(&read(".pre-commit-hooks.yaml")).expect("YAML");
    let of = |hook: &Value| ["id", "entry", "language"].map(|key| hook[key].as_str().unwrap_or_default().to_owned());
    assert_eq!(
        hooks.iter().map(of).collect::<Vec<_>>(),
        [["greenlit-check", "greenlit check", "system"], ["greenlit-check-src", "greenlit check", "rust"]]
    );
}
