//! Mistakes that only GitLab makes possible.

use super::*;

#[test]
fn gitlab_has_its_own_mistakes() {
    let rules = "    - if: $CI_COMMIT_BRANCH == \"main\" && $CI_PIPELINE_SOURCE =~ /^(push|schedule|web|api)$/\n";
    for (from, to, code) in [
        ("  GIT_DEPTH: \"0\" ", "  GIT_STRATEGY_NOTE: x ", "ci/shallow"),
        ("  GIT_DEPTH: \"0\" ", "  GIT_DEPTH: \"50\" ", "ci/shallow"),
        ("  resource_group: greenlit-publish\n", "", "ci/no-concurrency"),
        ("interruptible: false", "interruptible: true", "ci/cancels"),
        (rules, "    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n", "ci/fork-publish"),
        (rules, "    - if: $CI_MERGE_REQUEST_IID\n", "ci/fork-publish"),
        (rules, "    - if: $CI_COMMIT_BRANCH\n", "ci/every-branch"),
        (rules, "    - if: $CI_COMMIT_BRANCH =~ /^(main|greenlit\\/.*)$/\n", "ci/from-approvals"),
        (&format!("  rules:\n{rules}"), "", "ci/every-branch"),
        (
            "  environment:\n    name: publish\n    action: access       # reads its variables, and counts as no deployment\n",
            "",
            "ci/no-environment",
        ),
        ("  timeout: 1h\n", "  timeout: 15m\n", "ci/timeout"),
        ("  timeout: 1h\n", "  allow_failure: true\n", "ci/ignored-failure"),
        ("  timeout: 1h\n", "  parallel: 3\n", "ci/matrix"),
        ("  timeout: 1h\n", "  cache:\n    paths: [.git/greenlit]\n", "ci/cache"),
        ("publish --within", "publish --trust-tip --within", "ci/trust-tip"),
        ("- greenlit publish --within 20m", "- greenlit publish --within 20m || true", "ci/ignored-failure"),
        ("- greenlit publish", "- export GREENLIT_ROOT=$(cat root)\n    - greenlit publish", "ci/root-from-files"),
        ("  GIT_STRATEGY: clone ", "  GREENLIT_ROOT: main\n  GIT_STRATEGY: clone ", "ci/root-differs"),
        (
            "  GIT_STRATEGY: clone ",
            "  GREENLIT_MASTODON_ACME_TOKEN: hunter2\n  GIT_STRATEGY: clone ",
            "ci/secret-in-file",
        ),
        ("  image: rust:1.88-bookworm", "  image: rust", "ci/unpinned-program"),
        ("- greenlit publish", "- echo $GREENLIT_BLUESKY_ACME_PASSWORD\n    - greenlit publish", "ci/secret-shown"),
    ] {
        let found = planted(Forge::Gitlab, "gitlab", &[(from, to)]);
        let mut told: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
        told.dedup();
        let expected: Vec<&str> = Some(code).filter(|code| !code.is_empty()).into_iter().collect();
        assert_eq!(told, expected, "{from:?} -> {to:?}: {found:?}");
    }
}

#[test]
fn templates_and_anchors_are_followed() {
    let text = ".base: &base\n  image: rust:1.88\n  resource_group: x\n  environment: publish\n  variables:\n    GIT_DEPTH: \"0\"\n.rules:\n  \
                rules:\n    - if: $CI_COMMIT_BRANCH == \"main\"\npublish:\n  extends: .rules\n  <<: *base\n  script: [greenlit publish]\n";
    let look = |text: &str| codes(&look(&[(".gitlab-ci.yml".to_owned(), text.to_owned())])).join(" ");
    assert_eq!(look(text), "ci/unseen");
    assert_eq!(look(&text.replace("resource_group: x", "resource_group: \"\"")), "ci/no-concurrency ci/unseen");
    assert_eq!(look("a:\n  extends: b\n  script: greenlit check\nb:\n  extends: a\n"), "");
}
