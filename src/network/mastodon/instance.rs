//! What a server says of its own limits, and a memory of it for those who ask offline.

use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use super::{CAPABILITY, IMAGE, VIDEO};
use crate::http::Http;
use crate::network::SendError;
use crate::render::{Capability, Length};

/// Bytes of a remembered answer that are read; ours have a few hundred.
const LONGEST: u64 = 64 * 1024;

/// Types that some servers take beside the usual ones, and that are told apart by content.
const OTHERS: [(&str, u64); 3] = [("image/avif", IMAGE), ("image/heic", IMAGE), ("video/quicktime", VIDEO)];

/// A server's own limits; what it does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Instance {
    /// The domain of its people's names, which may be another than the server's: `acme.example`.
    pub domain: Option<String>,
    characters: Option<usize>,
    url: Option<usize>,
    media: Option<usize>,
    alt: Option<usize>,
    image: Option<u64>,
    video: Option<u64>,
    picture_pixels: Option<u64>,
    film_pixels: Option<u64>,
    types: Vec<String>,
}

impl Instance {
    /// Asks the server. One that has neither form of the question has Mastodon's usual limits.
    pub fn ask(http: &Http) -> Result<Self, SendError> {
        for version in ["v2", "v1"] {
            let answer = http.get(&["api", version, "instance"]).answer()?;
            if answer.fine() {
                return Ok(Self::read(&answer.body()));
            }
            if !matches!(answer.failure(), SendError::Refused { .. } | SendError::Credentials { .. }) {
                return Err(answer.failure());
            }
        }
        Ok(Self::default())
    }

    /// <https://docs.joinmastodon.org/entities/Instance/> and `V1_Instance`; `max_toot_chars` and the outer
    /// `description_limit` are Pleroma's (checked 2026-11-21).
    fn read(answer: &Value) -> Self {
        let number = |pointer: &str| answer.pointer(pointer).and_then(Value::as_u64).filter(|number| *number > 0);
        let size = |pointer: &str| number(pointer).and_then(|number| usize::try_from(number.min(1_000_000)).ok());
        let types = answer.pointer("/configuration/media_attachments/supported_mime_types").and_then(Value::as_array);
        let domain = ["domain", "uri"].iter().find_map(|key| answer.get(*key)?.as_str());
        Self {
            // Pleroma's `uri` is a whole address.
            domain: domain.map(|text| text.rsplit('/').next().unwrap_or_default().to_owned()),
            characters: size("/configuration/statuses/max_characters").or_else(|| size("/max_toot_chars")),
            url: size("/configuration/statuses/characters_reserved_per_url"),
            media: size("/configuration/statuses/max_media_attachments"),
            alt: size("/configuration/media_attachments/description_limit").or_else(|| size("/description_limit")),
            image: number("/configuration/media_attachments/image_size_limit"),
            video: number("/configuration/media_attachments/video_size_limit"),
            picture_pixels: number("/configuration/media_attachments/image_matrix_limit"),
            film_pixels: number("/configuration/media_attachments/video_matrix_limit"),
            types: types.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    /// What Mastodon can do, within this server's limits.
    pub fn capability(&self) -> Capability {
        let mut capability = CAPABILITY.clone();
        if let Length::Mastodon { limit, url } = &mut capability.length {
            *limit = self.characters.unwrap_or(*limit);
            *url = self.url.unwrap_or(*url);
        }
        capability.media.count = self.media.unwrap_or(capability.media.count);
        capability.media.alt = self.alt.or(capability.media.alt);
        capability.media.picture_pixels = self.picture_pixels.or(capability.media.picture_pixels);
        capability.media.film_pixels = self.film_pixels.or(capability.media.film_pixels);
        let usual = |mime: &str| capability.media.types.iter().any(|(usual, _)| *usual == mime);
        let taken = |mime: &str| if self.types.is_empty() { usual(mime) } else { self.types.iter().any(|t| t == mime) };
        let limit = |(mime, usual): &(&'static str, u64)| {
            let own = if mime.starts_with("image/") { self.image } else { self.video };
            (*mime, own.unwrap_or(*usual))
        };
        let known = CAPABILITY.media.types.iter().chain(&OTHERS).filter(|(mime, _)| taken(mime));
        capability.media.types = known.map(limit).collect();
        capability
    }

    /// Remembers it. A memory that cannot be written is no harm.
    pub fn keep(&self, cache: &Path, server: &str) {
        let Some(file) = file(cache, server) else { return };
        let Ok(text) = serde_json::to_string_pretty(self) else { return };
        // Written beside and moved, so that nobody reads half of it.
        let beside = file.with_extension(format!("{}.tmp", std::process::id()));
        let _ = std::fs::create_dir_all(cache)
            .and_then(|()| std::fs::write(&beside, text))
            .and_then(|()| std::fs::rename(&beside, &file));
    }

    /// Whether anything is remembered of a server.
    pub fn is_kept(cache: &Path, server: &str) -> bool {
        file(cache, server).is_some_and(|file| file.exists())
    }

    /// What is remembered of a server; the usual limits where nothing is.
    pub fn recall(cache: &Path, server: &str) -> Self {
        use std::io::Read as _;
        let read = || {
            let mut text = String::new();
            std::fs::File::open(file(cache, server)?).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
            serde_json::from_str(&text).ok()
        };
        read().unwrap_or_default()
    }
}

fn file(cache: &Path, server: &str) -> Option<PathBuf> {
    let url = Url::parse(server).ok()?;
    let host: String = url
        .host_str()?
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' })
        .collect();
    let port = url.port().map(|port| format!("_{port}")).unwrap_or_default();
    Some(cache.join(format!("{host}{port}.json")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn limit(instance: &Instance) -> (usize, usize) {
        match instance.capability().length {
            Length::Mastodon { limit, url } => (limit, url),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_kind_of_server_is_understood() {
        let mastodon = json!({ "domain": "acme.example", "configuration": {
            "statuses": { "max_characters": 1000, "max_media_attachments": 6, "characters_reserved_per_url": 25 },
            "media_attachments": { "supported_mime_types": ["image/png", "image/avif"], "image_size_limit": 100,
                "description_limit": 10000 } } });
        let instance = Instance::read(&mastodon);
        assert_eq!(limit(&instance), (1000, 25));
        assert_eq!((instance.capability().media.count, instance.capability().media.alt), (6, Some(10000)));
        assert_eq!(instance.capability().media.types.as_ref(), [("image/png", 100), ("image/avif", 100)]);
        let films = json!({ "configuration": { "media_attachments": { "video_size_limit": 400_000_000 } } });
        let films = Instance::read(&films).capability();
        assert!(films.media.types.contains(&("video/mp4", 400_000_000)));
        assert!(films.media.types.contains(&("image/png", IMAGE)) && films.media.types.len() == 6);
        let pixels = json!({ "configuration": { "media_attachments": { "image_matrix_limit": 16_777_216 } } });
        let pixels = Instance::read(&pixels).capability().media;
        assert_eq!((pixels.picture_pixels, pixels.film_pixels), (Some(16_777_216), CAPABILITY.media.film_pixels));
        let pleroma = json!({ "uri": "https://pleroma.example", "max_toot_chars": 5000, "description_limit": 5000 });
        assert_eq!(limit(&Instance::read(&pleroma)), (5000, 23));
        assert_eq!(Instance::read(&pleroma).domain.as_deref(), Some("pleroma.example"));
    }

    #[test]
    fn nonsense_leaves_the_usual_limits() {
        for nonsense in [
            json!(null),
            json!([]),
            json!({ "configuration": { "statuses": { "max_characters": 0 } } }),
            json!({ "configuration": { "statuses": { "max_characters": -5 } }, "max_toot_chars": "many" }),
        ] {
            assert_eq!(Instance::read(&nonsense).capability(), CAPABILITY, "{nonsense}");
        }
    }

    #[test]
    fn limits_are_remembered_by_server() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("instances");
        let instance = Instance { characters: Some(1234), ..Instance::default() };
        instance.keep(&cache, "https://acme.example");
        assert_eq!(Instance::recall(&cache, "https://acme.example"), instance);
        for other in ["https://acme.example:8443", "https://other.example", "nonsense", ""] {
            assert_eq!(Instance::recall(&cache, other), Instance::default(), "{other}");
        }
        std::fs::write(cache.join("acme.example.json"), "{").unwrap();
        assert_eq!(Instance::recall(&cache, "https://acme.example"), Instance::default());
    }
}
