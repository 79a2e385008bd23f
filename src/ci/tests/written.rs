//! What greenlit writes is clean, and each mistake that somebody makes in it is told as what it is, in its place.

use proptest::prelude::*;

use super::*;
use crate::workspace::Place;

#[test]
fn what_greenlit_writes_is_clean() {
    assert_eq!(codes(&look(&written(Forge::Github))), Vec::<&str>::new());
    assert_eq!(codes(&look(&written(Forge::Forgejo))), Vec::<&str>::new());
    for forge in [Forge::Github, Forge::Forgejo] {
        let with_reviews = written_where(forge, true);
        assert_eq!(codes(&look(&with_reviews)), Vec::<&str>::new(), "{forge:?}");
        let (_, publish) = with_reviews.iter().find(|(path, _)| path.contains("publish")).expect("it publishes");
        let (record, send) = (publish.find("greenlit review record"), publish.find("greenlit publish --within"));
        assert!(record.is_some() && record < send, "{publish}");
        assert_eq!(publish.contains("pull-requests: read"), forge == Forge::Github);
        assert!(written(forge).iter().all(|(_, text)| !text.contains("review record")));
    }
    assert_eq!(codes(&look(&written(Forge::Gitlab))), ["ci/unseen"], "a file cannot tell what is protected");
}

/// A step that gets the repository as many do.
const CHECKOUT: &str = "- uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n        with:\n          fetch-depth: 0\n      ";

/// A file, what is changed in it, the code that is told, and the words that it marks; any, where there are none.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

const PUBLISH: &str = "greenlit-publish.yml";
const CHECK: &str = "greenlit-check.yml";
const REVIEW: &str = "greenlit-review.yml";
const BUILD: &str = "- name: Build greenlit";
const ROOT: &str = "          GREENLIT_ROOT: ${{ vars.GREENLIT_ROOT }}";

#[test]
fn each_mistake_is_told_where_it_is_made_and_nothing_else_is() {
    let step = |more: &str| format!("{more}{BUILD}");
    let cases: Vec<Case<'_>> = vec![
        (
            CHECK,
            &[("  pull_request:", "  pull_request_target:"), ("\"$GITHUB_REF\"", "\"refs/pull/$NUMBER/merge\"")],
            "ci/head-code",
            "refs/pull/",
        ),
        (CHECK, &[("  pull_request:", "  pull_request_target:")], "ci/pull-request-target", "pull_request_target"),
        (
            CHECK,
            &[("GITHUB_TOKEN: ${{ github.token }}", "GITHUB_TOKEN: ${{ secrets.BOT }}")],
            "ci/secret-in-pull-request",
            "secrets.BOT",
        ),
        (CHECK, &[("jobs:", "env:\n  T: ${{ secrets['bot'] }}\njobs:")], "ci/secret-in-pull-request", ""),
        (CHECK, &[("contents: read", "contents: write")], "ci/too-many-permissions", "permissions"),
        (REVIEW, &[("contents: read", "contents: write")], "ci/too-many-permissions", "permissions"),
        (
            REVIEW,
            &[("on:\n  pull_request:\n", "on:\n  pull_request_target:\n")],
            "ci/pull-request-target",
            "pull_request_target",
        ),
        (
            REVIEW,
            &[("greenlit review comment --open", "echo \"${{ github.head_ref }}\"")],
            "ci/injection",
            "github.head_ref",
        ),
        (CHECK, &[("permissions:\n  contents: read\n", "")], "ci/no-permissions", "check"),
        (
            CHECK,
            &[("permissions:\n  contents: read\n", "permissions: write-all\n")],
            "ci/too-many-permissions",
            "permissions",
        ),
        (
            CHECK,
            &[("\"origin/${GITHUB_BASE_REF:-main}\"", "\"origin/${{ github.head_ref }}\"")],
            "ci/injection",
            "github.head_ref",
        ),
        (
            CHECK,
            &[(
                "run: greenlit ci doctor",
                "run: echo \"${{ github.event.pull_request.title }}\" && greenlit ci doctor",
            )],
            "ci/injection",
            "github.event.pull_request.title",
        ),
        (
            CHECK,
            &[("--format github\n", "--format github || true\n")],
            "ci/ignored-failure",
            "greenlit check --changed \"origin/${GITHUB_BASE_REF:-main}\" --format github",
        ),
        (
            CHECK,
            &[("--format github\n", "--format github | tee log\n")],
            "ci/ignored-failure",
            "greenlit check --changed \"origin/${GITHUB_BASE_REF:-main}\" --format github",
        ),
        (CHECK, &[("ubuntu-latest", "[self-hosted, linux]")], "ci/self-hosted", "self-hosted"),
        (
            CHECK,
            &[("git fetch --quiet origin '+", "git fetch --depth=1 --quiet origin '+")],
            "ci/shallow",
            "git fetch --depth=1 --quiet origin '+refs/heads/*:refs/remotes/origin/*'",
        ),
        (PUBLISH, &[("    environment: publish", "    # no environment")], "ci/no-environment", "publish"),
        (
            PUBLISH,
            &[
                ("branches: [\"main\"]", "branches: [\"main\", \"greenlit/approvals\"]"),
                ("    if: github.ref == 'refs/heads/main'\n", ""),
            ],
            "ci/from-approvals",
            "\"greenlit/approvals\"",
        ),
        (
            PUBLISH,
            &[
                ("branches: [\"main\"]", "branches: [\"main\", \"greenlit/*\"]"),
                ("    if: github.ref == 'refs/heads/main'\n", ""),
            ],
            "ci/from-approvals",
            "\"greenlit/*\"",
        ),
        (
            PUBLISH,
            &[("  push:\n    branches: [\"main\"]", "  push:"), ("    if: github.ref == 'refs/heads/main'\n", "")],
            "ci/every-branch",
            "push",
        ),
        (
            PUBLISH,
            &[("branches: [\"main\"]", "branches: [\"**\"]"), ("    if: github.ref == 'refs/heads/main'\n", "")],
            "ci/every-branch",
            "\"**\"",
        ),
        (
            PUBLISH,
            &[
                ("branches: [\"main\"]", "branches: [\"main\"]\n    tags: [\"v*\"]"),
                ("    if: github.ref == 'refs/heads/main'\n", ""),
            ],
            "ci/every-branch",
            "tags",
        ),
        (
            PUBLISH,
            &[
                ("  push:\n", "  pull_request:\n  push:\n"),
                (
                    "    if: github.ref == 'refs/heads/main'\n",
                    "    if: github.ref == 'refs/heads/main' || github.event_name == 'pull_request'\n",
                ),
            ],
            "ci/fork-publish",
            "pull_request",
        ),
        (PUBLISH, &[("  push:\n", "  issue_comment:\n  push:\n")], "ci/fork-publish", "issue_comment"),
        (
            PUBLISH,
            &[(
                "  schedule:\n    - cron: \"7,22,37,52 * * * *\"   # every quarter of an hour; on the full hour GitHub is late\n",
                "",
            )],
            "ci/no-schedule",
            "",
        ),
        (PUBLISH, &[("7,22,37,52 * * * *", "7,22,37,72 * * * *")], "ci/cron", "\"7,22,37,72 * * * *\""),
        (PUBLISH, &[("7,22,37,52 * * * *", "every hour")], "ci/cron", "\"every hour\""),
        (PUBLISH, &[("7,22,37,52 * * * *", "0 */6 * * *")], "ci/slow-schedule", "\"0 */6 * * *\""),
        (
            PUBLISH,
            &[("concurrency:\n  group: greenlit-publish-${{ github.event_name }}\n  cancel-in-progress: false\n", "")],
            "ci/no-concurrency",
            "publish",
        ),
        (PUBLISH, &[("cancel-in-progress: false", "cancel-in-progress: true")], "ci/cancels", "cancel-in-progress"),
        (PUBLISH, &[("      contents: write ", "      contents: read ")], "ci/cannot-push", "permissions"),
        (
            PUBLISH,
            &[("    permissions:\n      contents: write      # greenlit/ledger is pushed\n", "")],
            "ci/cannot-push",
            "permissions",
        ),
        (PUBLISH, &[(ROOT, "          X: y")], "ci/no-root", "greenlit publish --within 20m"),
        (PUBLISH, &[("${{ vars.GREENLIT_ROOT }}", COMMIT)], "ci/root-differs", COMMIT),
        (PUBLISH, &[("${{ vars.GREENLIT_ROOT }}", "main")], "ci/root-differs", "main"),
        (PUBLISH, &[("${{ vars.GREENLIT_ROOT }}", PINNED)], "ci/root-in-file", PINNED),
        (
            PUBLISH,
            &[("${{ vars.GREENLIT_ROOT }}", "${{ steps.root.outputs.commit }}")],
            "ci/root-from-files",
            "${{ steps.root.outputs.commit }}",
        ),
        (
            PUBLISH,
            &[("run: greenlit publish", "run: GREENLIT_ROOT=$(cat root.txt) greenlit publish")],
            "ci/root-from-files",
            "GREENLIT_ROOT",
        ),
        (PUBLISH, &[("--within 20m", "--trust-tip"), (ROOT, "          X: y")], "ci/trust-tip", "--trust-tip"),
        (PUBLISH, &[("--within 20m", "--within 2h")], "ci/timeout", "greenlit publish --within 2h"),
        (
            PUBLISH,
            &[("greenlit publish --within", "greenlit publish --account \"$GREENLIT_MASTODON_ACME_TOKEN\" --within")],
            "ci/secret-shown",
            "greenlit publish --account \"$GREENLIT_MASTODON_ACME_TOKEN\" --within 20m",
        ),
        (
            PUBLISH,
            &[("run: greenlit publish", "run: echo $GREENLIT_MASTODON_ACME_TOKEN; greenlit publish")],
            "ci/secret-shown",
            "echo $GREENLIT_MASTODON_ACME_TOKEN",
        ),
        (
            PUBLISH,
            &[("run: greenlit publish", "run: GREENLIT_X_Y=${{ secrets.X }} greenlit publish")],
            "ci/secret-shown",
            "secrets.X",
        ),
        (
            PUBLISH,
            &[("          GREENLIT_NOTIFY_SLACK_URL: ${{ secrets.GREENLIT_NOTIFY_SLACK_URL }}\n", "")],
            "ci/missing-secret",
            "greenlit notify",
        ),
        (
            PUBLISH,
            &[("          GREENLIT_BLUESKY_ACME_PASSWORD: ${{ secrets.GREENLIT_BLUESKY_ACME_PASSWORD }}\n", "")],
            "ci/missing-secret",
            "greenlit publish --within 20m",
        ),
        (
            PUBLISH,
            &[(
                ROOT,
                "          GREENLIT_MASTODON_ACNE_TOKEN: ${{ secrets.X }}\n          GREENLIT_ROOT: ${{ vars.GREENLIT_ROOT }}",
            )],
            "ci/unknown-secret",
            "GREENLIT_MASTODON_ACNE_TOKEN",
        ),
        (
            PUBLISH,
            &[("${{ secrets.GREENLIT_MASTODON_ACME_TOKEN }}", "hunter2")],
            "ci/secret-in-file",
            "GREENLIT_MASTODON_ACME_TOKEN",
        ),
        (
            PUBLISH,
            &[(
                ROOT,
                "          GREENLIT_NOW: 2026-12-01T08:00:00Z\n          GREENLIT_ROOT: ${{ vars.GREENLIT_ROOT }}",
            )],
            "ci/clock",
            "GREENLIT_NOW",
        ),
        (
            PUBLISH,
            &[("    runs-on", "    strategy:\n      matrix:\n        account: [a, b]\n    runs-on")],
            "ci/matrix",
            "matrix",
        ),
        (
            PUBLISH,
            &[("    runs-on", "    continue-on-error: true\n    runs-on")],
            "ci/ignored-failure",
            "continue-on-error",
        ),
        (
            PUBLISH,
            &[("--rev 0123456789abcdef0123456789abcdef01234567", "--branch main")],
            "ci/unpinned-program",
            "cargo install --locked --git https://forge.example/acme/greenlit --branch main greenlit",
        ),
        (
            PUBLISH,
            &[("run: cargo install", "run: curl -fsSL https://greenlit.example/install | sh # cargo install")],
            "ci/unpinned-program",
            "curl -fsSL https://greenlit.example/install",
        ),
    ];
    let mut wrong = Vec::new();
    for (file, changes, code, marked) in &cases {
        let found = planted(Forge::Github, file, changes);
        let right =
            matches!(found.as_slice(), [(told, words)] if told == code && (marked.is_empty() || words == marked));
        wrong.extend((!right).then(|| format!("{changes:?} should be {code} at {marked:?}: {found:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (more, code) in [
        (
            "- uses: actions/cache@0123456789abcdef0123456789abcdef01234567\n        with:\n          path: .git/greenlit\n      ",
            "ci/cache",
        ),
        (
            "- uses: actions/setup-node@0123456789abcdef0123456789abcdef01234567\n        with:\n          cache: npm\n      ",
            "ci/cache",
        ),
        ("- uses: actions/setup-node@v4\n      ", "ci/unpinned-action"),
        ("- uses: docker://alpine:latest\n      ", "ci/unpinned-action"),
        (&CHECKOUT.replace("fetch-depth: 0", "fetch-depth: 1"), "ci/shallow"),
        (&CHECKOUT.replace("with:\n          fetch-depth: 0", "id: x"), "ci/shallow"),
    ] {
        let found = planted(Forge::Github, PUBLISH, &[(BUILD, &step(more))]);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code], "{more}");
    }
    assert_eq!(planted(Forge::Github, PUBLISH, &[(BUILD, &step(CHECKOUT))]), [], "a checkout of all is as good");
    let piped =
        [("--format github\n", "--format github | tee log\n"), ("jobs:", "defaults: {run: {shell: bash}}\njobs:")];
    assert_eq!(planted(Forge::Github, CHECK, &piped), [], "GitHub's own bash fails with its pipes");
}

#[test]
fn a_checkout_may_not_drop_what_the_ledger_is_pushed_with() {
    let text = "on:\n  push: {branches: [main]}\n  schedule: [{cron: '*/15 * * * *'}]\nconcurrency: x\njobs:\n  publish:\n    runs-on: \
                ubuntu-latest\n    container: forge.example/greenlit:0.1.0\n    timeout-minutes: 60\n    environment: publish\n    permissions: {contents: write}\n    steps:\n      - uses: \
                actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n        with: {fetch-depth: 0, \
                persist-credentials: false}\n      - run: greenlit publish\n        env:\n          GREENLIT_ROOT: ${{ \
                vars.ROOT }}\n          GREENLIT_BLUESKY_ACME_PASSWORD: ${{ secrets.A }}\n          \
                GREENLIT_MASTODON_ACME_TOKEN: ${{ secrets.B }}\n";
    let one = |text: &str| look(&[(".github/workflows/p.yml".to_owned(), text.to_owned())]);
    assert_eq!(codes(&one(text)), ["ci/no-credentials"]);
    assert_eq!(codes(&one(&text.replace(", persist-credentials: false", ""))), Vec::<&str>::new());
    let listed = text
        .replace("on:\n  push: {branches: [main]}\n  schedule: [{cron: '*/15 * * * *'}]\n", "on: [push, schedule]\n");
    let found = one(&listed.replace(", persist-credentials: false", ""));
    assert_eq!(codes(&found), ["ci/every-branch"], "{found:?}");
    let quoted = text.replace("on:\n", "'on':\n").replace(", persist-credentials: false", "");
    assert_eq!(codes(&one(&quoted)), Vec::<&str>::new());
}

#[test]
fn who_only_looks_needs_the_other_branches() {
    let text = "on: push\npermissions: {contents: read}\njobs:\n  look:\n    runs-on: ubuntu-latest\n    container: x/greenlit:0.1.0\n    steps:\n      - run: |\n          \
                git clone --single-branch https://forge.example/acme/posts .\n          greenlit status\n";
    let found = look(&[(".github/workflows/look.yml".to_owned(), text.to_owned())]);
    assert_eq!(codes(&found), ["ci/one-branch"]);
    assert_eq!(found[0].place(), Place { line: 9, column: 11 });
    let fetches = text.replace("greenlit status", "greenlit status --fetch");
    assert!(look(&[(".github/workflows/look.yml".to_owned(), fetches)]).is_empty());

    let gitlab = "look:\n  image: rust:1.88\n  variables: {GIT_DEPTH: 0}\n  script:\n    - greenlit plan\n";
    assert_eq!(codes(&look(&[(".gitlab-ci.yml".to_owned(), gitlab.to_owned())])), ["ci/one-branch"]);
    let fetches = gitlab
        .replace("script:", "before_script: [\"git fetch origin '+refs/heads/*:refs/remotes/origin/*'\"]\n  script:");
    assert!(look(&[(".gitlab-ci.yml".to_owned(), fetches)]).is_empty());
}

#[test]
fn workflows_of_others_are_left_alone_but_for_what_strangers_can_do() {
    let look = |text: &str| {
        let found = look(&[(".github/workflows/other.yml".to_owned(), text.to_owned())]);
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert!(look("on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n").is_empty());
    assert_eq!(
        look(
            "on: pull_request_target\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n"
        ),
        ["ci/head-code"]
    );
    assert_eq!(
        look("on: issues\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n"),
        ["ci/injection"]
    );
    assert_eq!(look("on: push\njobs: [\n"), ["ci/unreadable"]);
    assert!(look("").is_empty() && look("just text").is_empty() && look("on: 1\njobs: 2\n").is_empty());
}

#[test]
fn forgejo_is_asked_for_nothing_that_it_does_not_have() {
    let found = planted(Forge::Forgejo, "publish", &[("cancel-in-progress: false", "cancel-in-progress: true")]);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["ci/cancels"]);
    let found = planted(Forge::Forgejo, "publish", &[("rust:1.88-bookworm", "rust:latest")]);
    assert_eq!(found, [("ci/unpinned-program", "rust:latest".to_owned())]);
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_workflow_it_is_answered(
        forge in prop::sample::select(vec![Forge::Github, Forge::Gitlab, Forge::Forgejo]),
        changes in prop::collection::vec((0usize..4000, 0usize..40, "[ -~\n]{0,12}|\\$\\{\\{|\\}\\}|&a|\\*a|é|\t|- |: |\\||\""), 1..6),
    ) {
        let mut files = written(forge);
        for (_, text) in &mut files {
            for (at, length, put) in &changes {
                let start = (0..=*at.min(&text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                let end = (start..=(start + length).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
                text.replace_range(start..end, put);
            }
        }
        for finding in look(&files) {
            prop_assert!(finding.source.text.get(finding.span.clone()).is_some());
            prop_assert!(!finding.message.is_empty() && !finding.help.is_empty());
        }
    }
}
