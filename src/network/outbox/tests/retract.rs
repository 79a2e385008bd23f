//! Taking a page down, and all that shows it.

use super::*;
use crate::ledger::PartReceipt;
use crate::network::Removed;

impl Newsstand {
    fn take_down(&self, sent: &Sent) -> Result<Removed, SendError> {
        let receipt = PartReceipt { id: "outbox:x".into(), url: None, revision: None };
        self.open().take_down(&sent.job(), &receipt)
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let names = std::fs::read_dir(self.root.path().join("public").join(folder)).unwrap();
        let mut names: Vec<_> = names.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_page_goes_with_its_lines_and_its_pictures() {
    let mut stand = Newsstand::at("https://acme.example");
    let (shared, own) = (stand.picture("shared", "Both show it"), stand.picture("own", "A leaf"));
    let with = |post, media: &[&Attachment]| {
        let media = media.iter().map(|one| (*one).clone()).collect();
        payload(post, vec![Part { media, ..part(post) }, part("its second part")])
    };
    let autumn = stand.publish(&with("autumn", &[&shared, &own]), "2026-12-01T08:00:00Z");
    let winter = stand.publish(&with("winter", &[&shared]), "2026-12-02T08:00:00Z");
    assert_eq!((stand.files("posts").len(), stand.files("media").len()), (2, 2));
    assert_eq!(stand.take_down(&autumn), Ok(Removed::TakenDown));
    assert_eq!((stand.files("posts"), stand.files("media").len()), (vec!["winter.html".to_owned()], 1));
    for list in ["index.html", "feed.json", "feed.xml"] {
        let list = std::fs::read_to_string(stand.root.path().join("public").join(list)).unwrap_or_default();
        assert!(!list.contains("autumn"), "{list}");
    }
    assert!(stand.read("index.html").contains("winter"));
    assert_eq!(stand.take_down(&autumn), Ok(Removed::TakenDown), "to say it again does no harm");

    assert_eq!(stand.take_down(&winter), Ok(Removed::TakenDown));
    assert!(!stand.read("index.html").contains("winter"), "also the last one is gone from the lists");
    assert!(stand.files("data").is_empty() && stand.files("media").is_empty());
}

#[test]
fn what_a_run_left_half_way_goes_the_next_time() {
    let stand = Newsstand::new();
    let sent = stand.publish(&payload("autumn", vec![part("Autumn is here")]), "2026-12-01T08:00:00Z");
    std::fs::remove_file(stand.root.path().join("public/posts/autumn.html")).unwrap();
    stand.take_down(&sent).unwrap();
    assert!(stand.files("data").is_empty() && !stand.read("index.html").contains("Autumn is here"));
    // A page without its data file is nobody's, and goes too.
    let sent = stand.publish(&payload("autumn", vec![part("Autumn is here")]), "2026-12-01T08:00:00Z");
    for data in stand.files("data") {
        std::fs::remove_file(stand.root.path().join("public/data").join(data)).unwrap();
    }
    stand.take_down(&sent).unwrap();
    assert!(stand.files("posts").is_empty());
}

#[test]
fn the_archive_goes_when_posts_become_few() {
    let stand = Newsstand::new();
    let posts: Vec<Payload> = (0..31).map(|n| payload(&format!("post-{n}"), vec![part("hello")])).collect();
    let dated: Vec<(&Payload, String)> =
        posts.iter().zip(0..).map(|(post, n): (_, u32)| (post, format!("2026-12-01T08:00:{:02}Z", n % 60))).collect();
    stand.has(&dated);
    assert!(stand.read("archive.html").contains("post-7"));
    let mut session = stand.open();
    let gone = claim(session.as_mut(), &posts[7], "2026-12-01T08:00:07Z");
    drop(session);
    stand.take_down(&gone).unwrap();
    assert!(!stand.root.path().join("public/archive.html").exists());
}
