use super::*;
use crate::git::repository::APPROVALS;
use crate::git::testing::{Scene, draft};
use crate::git::{Draft, SecretKey};
use crate::policy::{Dossiers, HoldScope, Signature, Verb};

#[test]
fn what_was_drafted_is_what_is_read() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open();
    repository.fetch(&branches).unwrap();
    let draft = draft(base);
    let id = scene.decision(&draft.message().unwrap(), &[]);
    repository.move_branch(APPROVALS, None, id, "test").unwrap();
    let evidence = repository.evidence(&branches, base).unwrap();
    let [statement] = &evidence.statements[..] else { panic!("{evidence:?}") };
    assert_eq!(statement.verbs, draft.verbs);
    assert_eq!(statement.policy, Some(base.to_string()));
    assert_eq!(statement.stage.as_deref(), Some("legal"));
    assert_eq!(statement.text, draft.text);
    assert_eq!(statement.witness.sign_offs, ["noor@example.com"]);
    assert_eq!(statement.witness.signature, Signature::Missing);
}

#[test]
fn a_signed_decision_names_its_key_and_an_altered_one_does_not() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open();
    repository.fetch(&branches).unwrap();
    let unsigned = scene.decision(&draft(base).message().unwrap(), &[]);
    let key = SecretKey::from_seed([1; 32]);
    let bytes = key.sign_commit(repository.raw_commit(unsigned).unwrap().unwrap().bytes()).unwrap();
    let altered = String::from_utf8(bytes.clone()).unwrap().replace("other", "osher").into_bytes();
    let (signed, altered) = (scene.object("commit", &bytes), scene.object("commit", &altered));
    for (id, expected) in [(signed, true), (altered, false)] {
        scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        let valid = evidence.statements[0].witness.signature == Signature::Valid(key.public());
        assert_eq!(valid, expected);
    }
}

#[test]
fn the_roles_of_a_commit_that_is_not_on_the_trusted_branch_are_no_roles() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open();
    repository.fetch(&branches).unwrap();
    let elsewhere = scene.commit("roles.toml", "mallory = true");
    let id = scene.decision(&draft(elsewhere).message().unwrap(), &[]);
    repository.move_branch(APPROVALS, None, id, "test").unwrap();
    assert_eq!(repository.evidence(&branches, base).unwrap().statements[0].policy, None);
}

#[test]
fn a_decision_on_the_approvals_branch_changes_no_files_and_is_no_merge() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open();
    repository.fetch(&branches).unwrap();
    let message = draft(base).message().unwrap();
    let (one, two) = (scene.decision("one", &[]), scene.decision("two", &[]));
    let merge = scene.decision(&message, &[one, two]);
    std::fs::write(scene.root.join("y"), "1").unwrap();
    let with_files = scene.commit_all(&message);
    for (id, why) in [(merge, "merge"), (with_files, "changes files")] {
        scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
        let evidence = repository.evidence(&branches, base).unwrap();
        assert!(evidence.statements.is_empty() && evidence.refused[0].reason.contains(why), "{evidence:?}");
    }
    // On the trusted branch a decision may come with the files of a pull request.
    let evidence = repository.evidence(&branches, with_files).unwrap();
    assert_eq!(evidence.statements[0].commit, with_files.to_string());
}

#[test]
fn a_rejection_dropped_from_one_side_is_still_heard_from_the_other() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open();
    repository.fetch(&branches).unwrap();
    let id = scene.decision(&draft(base).message().unwrap(), &[]);
    repository.push("origin", APPROVALS, id).unwrap();
    let other = scene.decision("unrelated", &[]);
    repository.move_branch(APPROVALS, None, other, "test").unwrap();
    assert_eq!(repository.evidence(&branches, base).unwrap().statements.len(), 1);
}

#[test]
fn a_malformed_commit_silences_nobody() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (repository, branches) = scene.open_as_noor();
    repository.fetch(&branches).unwrap();
    let veto = scene.decision(&draft(base).message().unwrap(), &[]);
    let tree = repository.raw_commit(veto).unwrap().unwrap().tree();
    let bad = format!("tree {tree}\nparent {veto}\nauthor x\ncommitter y\n\nGreenlit-Reject: x\n");
    let bad = scene.object("commit", bad.as_bytes());
    let reference = scene.root.join(".git/refs/heads").join(APPROVALS);
    std::fs::create_dir_all(reference.parent().unwrap()).unwrap();
    std::fs::write(&reference, format!("{bad}\n")).unwrap();
    let evidence = repository.evidence(&branches, base).unwrap();
    assert_eq!(evidence.statements[0].commit, veto.to_string());
    let [refused] = &evidence.refused[..] else { panic!("{evidence:?}") };
    assert!(refused.commit == bad.to_string() && refused.reason.contains("malformed"), "{refused:?}");

    // Decisions go on above it.
    let decided = repository.decide(&branches, &draft(base), None, chrono::DateTime::UNIX_EPOCH, true).unwrap();
    assert_eq!(decided.shared, crate::git::Shared::Pushed("origin".into()));
    assert_eq!(repository.evidence(&branches, base).unwrap().statements.len(), 2);
}

#[test]
fn what_is_new_is_heard_as_if_all_were_new() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (plain, branches) = scene.open();
    plain.fetch(&branches).unwrap();
    let heard = |trusted| {
        let fresh = plain.evidence(&branches, trusted).unwrap();
        for turn in ["first", "again"] {
            let remembered = scene.open().0.remembering().evidence(&branches, trusted).unwrap();
            assert_eq!(remembered, fresh, "{turn}");
        }
        fresh
    };
    let approvals = |tip: ObjectId| {
        scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &tip.to_string()]).unwrap();
    };
    assert!(heard(base).statements.is_empty());
    let one = scene.decision(&draft(base).message().unwrap(), &[]);
    approvals(one);
    assert_eq!(heard(base).statements.len(), 1);

    // A decision with files, which names a commit that is not on the trusted branch yet.
    let elsewhere = scene.commit("y", "1");
    std::fs::write(scene.root.join("z"), "1").unwrap();
    let with_files = scene.commit_all(&draft(elsewhere).message().unwrap());
    let named = scene.decision(&draft(elsewhere).message().unwrap(), &[one]);
    approvals(scene.decision("both", &[named, with_files]));
    let evidence = heard(base);
    assert_eq!((evidence.statements.len(), evidence.refused.len()), (2, 1));
    assert_eq!(evidence.statements.iter().filter(|statement| statement.policy.is_some()).count(), 1);

    // Both come to the trusted branch.
    let evidence = heard(with_files);
    assert_eq!((evidence.statements.len(), evidence.refused.len()), (3, 0));
    assert!(evidence.statements.iter().all(|statement| statement.policy.is_some()));

    // The branches are put back: what they held is forgotten.
    assert_eq!(heard(base).statements.len(), 2);
    approvals(one);
    assert_eq!(heard(base).statements.len(), 1);
}

#[test]
fn what_is_left_out_is_of_other_posts_alone() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (plain, branches) = scene.open();
    plain.fetch(&branches).unwrap();
    let posts = ["launch", "other", "third"].map(|name| PostId::new(name).unwrap());
    let verb = |text: &str| {
        let (kind, post) = text.split_once(' ').unwrap();
        let post = PostId::new(post).unwrap();
        match kind {
            "approve" => {
                let approves = draft(base).verbs.into_iter().find_map(|verb| match verb {
                    Verb::Approve { account, digest, due, .. } => Some((account, digest, due)),
                    _ => None,
                });
                let (account, digest, due) = approves.unwrap();
                Verb::Approve { post, account, digest, due }
            }
            "reject" => Verb::Reject { post },
            "hold" => Verb::Hold { scope: HoldScope::Post(post) },
            _ => Verb::Comment { post },
        }
    };
    let mut tips = Vec::new();
    let mut decide = |verbs: Vec<Verb>| {
        let text = if verbs.iter().all(|verb| matches!(verb, Verb::Comment { .. })) { "Hm" } else { "" };
        let stage = verbs.iter().any(|verb| matches!(verb, Verb::Approve { .. })).then(|| "legal".to_owned());
        let message = Draft { verbs, stage, text: text.into(), ..draft(base) }.message().unwrap();
        tips = vec![scene.decision(&message, &tips)];
        tips[0].to_string()
    };
    let approved = decide(vec![verb("approve launch")]);
    decide(vec![verb("approve launch"), verb("approve other")]);
    decide(vec![verb("comment other")]);
    let of_third = decide(vec![verb("approve third")]);
    let hold = decide(vec![verb("hold other")]);
    decide(vec![Verb::Withdraw { commit: approved }]);
    decide(vec![Verb::Resume { commit: hold }]);
    decide(vec![verb("reject third")]);
    decide(vec![Verb::Hold { scope: HoldScope::Everything }]);
    decide(vec![Verb::Withdraw { commit: of_third.clone() }]);
    scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &tips[0].to_string()]).unwrap();

    let all = plain.evidence(&branches, base).unwrap();
    assert_eq!(all.statements.len(), 10);
    let on = |posts: &[&PostId], commits: &[&str]| {
        let (posts, commits) = (posts.iter().copied().collect(), commits.iter().copied().collect());
        let listen = |repository: &Repository| {
            let overheard = repository.begin_to_overhear(&branches, base).end().unwrap();
            repository.evidence_on(overheard, &posts, &commits).unwrap()
        };
        let [first, again] = [(); 2].map(|()| listen(&scene.open().0.remembering()));
        assert_eq!((&first, &listen(&plain)), (&again, &again));
        again
    };
    assert_eq!(on(&[&posts[0], &posts[1], &posts[2]], &[]), all);
    scene.open().0.remembering().cache().unwrap().write(KEPT, &[], &());
    for wanted in &posts {
        let some = on(&[wanted], &[]);
        assert!(some.statements.len() < all.statements.len());
        let (some, all) = (Dossiers::new(&some), Dossiers::new(&all));
        assert_eq!(some.of(wanted), all.of(wanted));
        assert_eq!(some.about(wanted), all.about(wanted));
    }
    let none = on(&[], &[]);
    assert!(none.statements.iter().all(|statement| statement.commit != of_third));
    let asked_for = on(&[], &[&of_third]);
    assert!(asked_for.statements.iter().any(|statement| statement.commit == of_third));
    assert_eq!(scene.open().0.remembering().evidence(&branches, base).unwrap(), all);
}

#[test]
fn what_was_only_overheard_is_verified_once_somebody_asks() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (plain, branches) = scene.open();
    plain.fetch(&branches).unwrap();
    let post = PostId::new("autumn-launch").unwrap();
    let verbs = draft(base).verbs.into_iter().filter(|verb| matches!(verb, Verb::Approve { .. })).collect();
    let approval = scene.decision(&Draft { verbs, ..draft(base) }.message().unwrap(), &[]);
    let key = SecretKey::from_seed([1; 32]);
    let signed = key.sign_commit(plain.raw_commit(approval).unwrap().unwrap().bytes()).unwrap();
    let altered = String::from_utf8(signed.clone()).unwrap().replace("Looks good", "Looks fine").into_bytes();
    for (bytes, counts) in [(signed, true), (altered, false)] {
        let id = scene.object("commit", &bytes);
        scene.git().run(&["update-ref", &format!("refs/heads/{APPROVALS}"), &id.to_string()]).unwrap();
        let listen = |posts: &[&PostId]| {
            let repository = scene.open().0.remembering();
            let overheard = repository.overhear(&branches, base).unwrap();
            repository.evidence_on(overheard, &posts.iter().copied().collect(), &HashSet::new()).unwrap()
        };
        assert!(listen(&[]).statements.is_empty());
        let evidence = listen(&[&post]);
        assert_eq!(evidence, plain.evidence(&branches, base).unwrap());
        assert_eq!(evidence.statements[0].witness.signature == Signature::Valid(key.public()), counts);
        // It is remembered as verified, and its commit is not asked again.
        let kept: Kept = scene.open().0.remembering().cache().unwrap().read(KEPT, &[]).unwrap();
        assert!(kept.heard().unwrap().iter().all(|heard| !heard.is_overheard()));
        assert_eq!(listen(&[&post]), evidence);
    }
}

#[test]
fn who_does_not_remember_reads_no_lies() {
    let scene = Scene::new();
    let base = scene.commit("x", "0");
    scene.push("main");
    let (plain, branches) = scene.open();
    plain.fetch(&branches).unwrap();
    let remembering = scene.open().0.remembering();
    let approved = scene.commit_all(&draft(base).message().unwrap());
    let heard = plain.all(approved, &[], Depth::All).unwrap();
    let tips = Tips { trusted: base.into(), approvals: Vec::new() };
    let lie = Kept::of(tips, &heard).unwrap();
    remembering.cache().unwrap().write(KEPT, &[], &lie);
    assert_eq!(remembering.evidence(&branches, base).unwrap().statements.len(), 1, "the lie is well made");
    assert!(plain.evidence(&branches, base).unwrap().statements.is_empty());
}
