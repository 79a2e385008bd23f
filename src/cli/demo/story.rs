//! What happens in the demo, scene by scene.

use chrono::TimeDelta;

use super::files;
use super::stage::{RUNNER, Stage, Tell};
use crate::cli::Failure;

/// Plays all scenes.
///
/// # Errors
/// When a command ends otherwise than it should.
pub fn tell(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.tell("Five people, each with an SSH key made just now; a remote, acme.git; a clone, newsroom.");
    founding(stage)?;
    first_posts(stage)?;
    a_day_of_decisions(stage)?;
    today(stage)
}

fn founding(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.scene("Two days ago", TimeDelta::hours(48));
    stage.tell("Maya founds the newsroom: settings, roles, and a ledger that begins today.");
    let accounts = ["--account", "outbox/site", "--account", "outbox/partners=partners"];
    let init: Vec<&str> = ["init"].into_iter().chain(accounts).collect();
    stage.greenlit("maya", &init, &[0], Tell::Nothing)?;
    let settings = files::settings(&stage.read("greenlit.toml")?);
    stage.write("greenlit.toml", settings.as_bytes())?;
    let roles = files::roles(|person| stage.key_of(person));
    stage.write("roles.toml", roles.as_bytes())?;
    stage.remove("posts/hello.md")?;
    stage.commit("maya", "Found the newsroom", &["main", "greenlit/ledger"])?;
    stage.tell("Trust begins with these roles: from here on Maya approves each change of them.");
    stage.greenlit("maya", &["trust", "pin", "--here"], &[0], Tell::Nothing)
}

fn first_posts(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.tell("Sam writes three posts, one of them a thread with pictures.");
    for asset in files::under("assets/") {
        stage.write(asset, files::example(asset))?;
    }
    for post in ["autumn-launch", "konnichiwa", "night-shift"] {
        let path = format!("posts/{post}.md");
        stage.write(&path, files::example(&path))?;
    }
    stage.greenlit("sam", &["check"], &[0], Tell::All)?;
    stage.commit("sam", "Write the first posts", &["main"])?;
    stage.tell("Noor reads them and says yes. Her signature is over exactly these bytes.");
    stage.greenlit("noor", &["approve", "autumn-launch", "konnichiwa", "night-shift"], &[0], Tell::From("Approved"))?;
    stage.tell("The CI job publishes what is approved and due.");
    stage.greenlit(RUNNER, &["publish"], &[0, 1], Tell::All)
}

fn a_day_of_decisions(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.scene("Yesterday", TimeDelta::hours(24));
    stage.tell("Sam writes more. Prices need an editor, then legal; everything else an editor.");
    for post in ["giveaway", "hack-day", "prices", "support-hours"] {
        let path = format!("posts/{post}.md");
        stage.write(&path, files::example(&path))?;
    }
    let outage = files::post_at("posts/outage.md", stage.now() + TimeDelta::hours(23));
    stage.write("posts/outage.md", outage.as_bytes())?;
    let spring = files::post_at("posts/spring-preview.md", files::morning(stage.now() + TimeDelta::days(4)));
    stage.write("posts/spring-preview.md", spring.as_bytes())?;
    stage.commit("sam", "Write about prices, hours, the outage and spring", &["main"])?;
    let posts = ["approve", "outage", "prices", "spring-preview", "support-hours"];
    stage.greenlit("li", &posts, &[0], Tell::From("Approved"))?;

    stage.tell("Noor stops the giveaway. A veto stands whatever becomes of the text.");
    stage.greenlit(
        "noor",
        &["reject", "giveaway", "-m", "The rules of the draw are missing"],
        &[0],
        Tell::From("Rejected"),
    )?;

    stage.tell("Sam corrects the hours after they were approved: that takes the approval back.");
    let hours = files::text("posts/support-hours.md").replace("noon", "one o'clock");
    stage.write("posts/support-hours.md", hours.as_bytes())?;
    stage.commit("sam", "Correct the hours on Saturdays", &["main"])
}

fn today(stage: &mut Stage<'_>) -> Result<(), Failure> {
    stage.scene("Now", TimeDelta::minutes(5));
    stage.tell("The CI job again: one post has come due since.");
    stage.greenlit(RUNNER, &["publish"], &[0, 1], Tell::All)?;
    stage.tell("And once more. What is out is never sent a second time.");
    stage.greenlit(RUNNER, &["publish"], &[0, 1], Tell::All)?;
    stage.tell("What is left, and whose turn it is:");
    stage.greenlit("maya", &["status"], &[0, 1], Tell::All)
}
