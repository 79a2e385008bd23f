//! The name of a post's page: the post's own name where every disk and server can take it.

use unicode_normalization::UnicodeNormalization;

use crate::workspace::PostId;

/// Names that Windows keeps for devices, with any ending (learn.microsoft.com, "Naming Files", checked 2026-11-21).
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The longest name in bytes, so that name, ending and a temporary file's additions fit into 255.
const LONGEST: usize = 128;

/// The page's name, without folder or ending. `hash` is the delivery's; a piece of it is added where the post's name
/// alone would not do: recurring posts, capitals (`Launch` and `launch` are one file on many disks), names that
/// Unicode writes in two ways, and names that Windows keeps for itself.
pub fn page_name(post: &PostId, occurrence: &str, hash: &str) -> String {
    let id: String = post.as_str().nfc().collect();
    let piece = hash.get(..8).unwrap_or(hash);
    let plain = id == post.as_str() && id == id.to_uppercase().to_lowercase() && occurrence == "once";
    let name = if is_reserved(&id) {
        format!("post-{id}-{piece}")
    } else if plain {
        id
    } else {
        format!("{id}-{piece}")
    };
    if name.len() > LONGEST { format!("post-{}", hash.get(..16).unwrap_or(hash)) } else { name }
}

/// Whether a name read from a file can be a page's: it names no other folder, and no device.
pub fn is_page_name(name: &str) -> bool {
    PostId::new(name).is_ok() && !is_reserved(name)
}

/// The name as a piece of an address: every byte but letters, digits, `-`, `.`, `_` and `~` percent-encoded.
pub fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
    });
    numbered || RESERVED.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> String {
        page_name(&PostId::new(id).unwrap(), "once", &"ab12cd34".repeat(8))
    }

    #[test]
    fn most_posts_keep_their_name() {
        for id in ["autumn-launch", "2026-12-01", "v1.2", "発売", "нов_ое", "नमस्ते"] {
            assert_eq!(name(id), id);
        }
    }

    #[test]
    fn names_that_some_disk_would_mix_up_get_a_piece_of_the_hash() {
        assert_eq!(name("Launch"), "Launch-ab12cd34");
        assert_eq!(name("cafe\u{301}"), "café-ab12cd34");
        assert_eq!(name("straße"), "straße-ab12cd34");
        assert_eq!(page_name(&PostId::new("weekly").unwrap(), "2026-W40", &"0".repeat(64)), "weekly-00000000");
    }

    #[test]
    fn names_of_devices_are_not_used() {
        for id in ["con", "NUL", "aux.2026", "com1", "LPT9.x", "com²"] {
            assert!(name(id).starts_with("post-"), "{id}");
            assert!(is_page_name(&name(id)));
            assert!(!is_page_name(id));
        }
        assert_eq!(name("console"), "console");
    }

    #[test]
    fn the_longest_names_still_fit_a_disk() {
        assert_eq!(name(&"a".repeat(128)).len(), 128);
        assert_eq!(name(&"A".repeat(128)), "post-ab12cd34ab12cd34");
    }

    #[test]
    fn addresses_are_ascii() {
        assert_eq!(encoded("発売-1"), "%E7%99%BA%E5%A3%B2-1");
    }
}
