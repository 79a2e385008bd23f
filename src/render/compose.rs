//! Post × account → payload.

use std::collections::BTreeMap;

use super::capability::Capability;
use super::payload::{Attachment, Identity, Part, Payload};
use crate::workspace::{Account, Assets, Finding, Media, Post, Text};

/// Makes what goes out: a post as one account's network takes it.
///
/// The same arguments always give the same payload.
///
/// # Errors
/// Every fault that keeps the post from being made for this account: a file that cannot be had, a template that fails,
/// nothing to send. Limits of the network are no fault here; rules hold the payload against them.
pub fn render(
    post: &Post,
    account: &Account,
    capability: &Capability,
    workspace: &str,
    assets: &dyn Assets,
) -> Result<Payload, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut parts = Vec::new();
    for (n, Text { markdown, .. }) in post.body.parts.iter().enumerate() {
        let media = post.media.iter().filter(|media| media.part == n + 1);
        let media = media.filter_map(|media| attachment(post, media, assets, &mut findings)).collect();
        parts.push(Part { text: markdown.clone(), facets: Vec::new(), html: None, media, card: None });
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(Payload {
        version: 1,
        workspace: workspace.to_owned(),
        post: post.id.clone(),
        occurrence: "once".to_owned(),
        account: Identity {
            name: account.name.clone(),
            server: account.server.clone(),
            handle: account.handle.clone().or_else(|| account.path.clone()),
        },
        parts,
        languages: post.languages.clone(),
        content_warning: post.content_warning.clone().filter(|_| capability.content_warning),
        sensitive: post.sensitive,
        options: options(post, account),
    })
}

/// The post's options for the network, with those for the account on top.
fn options(post: &Post, account: &Account) -> BTreeMap<String, serde_json::Value> {
    let of = |name: &str| post.options.get(name).cloned().unwrap_or_default();
    let mut options = of(account.name.network());
    options.extend(of(account.name.as_str()));
    options
}

fn attachment(post: &Post, media: &Media, assets: &dyn Assets, findings: &mut Vec<Finding>) -> Option<Attachment> {
    match assets.asset(&media.file) {
        Ok(asset) => Some(Attachment {
            file: media.file.clone(),
            sha256: asset.sha256,
            size: asset.size,
            mime: asset.mime,
            alt: media.alt.clone().unwrap_or_default(),
            width: asset.width,
            height: asset.height,
        }),
        Err(problem) => {
            let message = format!("{:?} cannot be attached: {problem}", media.file);
            let finding = Finding::error("post/media", &post.source, media.span.clone(), message)
                .help("name a file of this repository, by its path from the workspace's root: assets/launch.png");
            findings.push(finding);
            None
        }
    }
}
