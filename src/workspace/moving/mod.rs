//! How long films and animations are, how large, and how many pictures they have: read from the file as it passes by.
//!
//! A file says of itself whatever it likes. Of each only so many pieces are looked at, none is kept, and one that breaks its
//! form has no such facts.

mod apng;
mod gif;
mod mp4;
mod webm;
mod webp;

use std::io::{self, BufReader, Read};
use std::time::Duration;

/// What moves in a file; `None`: it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moving {
    /// How long it plays, once.
    pub duration: Option<Duration>,
    /// Its pictures, where they are counted: an animation's.
    pub frames: Option<u32>,
    /// Pixels, as people see it.
    pub width: Option<u32>,
    /// Pixels, as people see it.
    pub height: Option<u32>,
}

impl Moving {
    /// Reads it from a file's bytes, of which it may leave some; `None` where nothing moves.
    pub(super) fn read(mime: &str, bytes: impl Read) -> Option<Self> {
        let mut pieces = Pieces { bytes: BufReader::with_capacity(64 << 10, bytes), at: 0, left: MOST_PIECES };
        match mime {
            "image/gif" => gif::read(&mut pieces),
            "image/png" => apng::read(&mut pieces),
            "image/webp" => webp::read(&mut pieces),
            "video/mp4" | "video/quicktime" => mp4::read(&mut pieces),
            "video/webm" => webm::read(&mut pieces),
            _ => None,
        }
    }
}

/// Pieces of a file that are looked at: an animation of 100 MB has so many.
const MOST_PIECES: u32 = 1 << 19;

/// A file's bytes, from the first on.
struct Pieces<R> {
    bytes: BufReader<R>,
    at: u64,
    left: u32,
}

impl<R: Read> Pieces<R> {
    /// The next bytes; `None` where the file ends, or has been looked at for long enough.
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.left = self.left.checked_sub(1)?;
        let mut piece = [0; N];
        self.bytes.read_exact(&mut piece).ok()?;
        self.at += N as u64;
        Some(piece)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    /// Passes over bytes that must be there.
    fn skip(&mut self, count: u64) -> Option<()> {
        let passed = io::copy(&mut self.bytes.by_ref().take(count), &mut io::sink()).ok()?;
        self.at += passed;
        (passed == count).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(mime: &str, bytes: &[u8]) -> Option<Moving> {
        Moving::read(mime, bytes)
    }

    fn whole(mime: &str) -> Vec<u8> {
        match mime {
            "image/gif" => gif::tests::animation(3, 25),
            "image/png" => apng::tests::animation(3, 5, true),
            "image/webp" => webp::tests::animation(3, 44, 2),
            "video/webm" => webm::tests::film(),
            _ => mp4::tests::film(),
        }
    }

    const MIMES: [&str; 6] = ["image/gif", "image/png", "image/webp", "video/mp4", "video/quicktime", "video/webm"];

    #[test]
    fn what_does_not_move_has_no_such_facts() {
        assert_eq!(read("image/png", &whole("image/gif")), None);
        for mime in MIMES {
            assert_eq!(read(mime, b""), None, "{mime}");
            assert!(read(mime, &whole(mime)).is_some(), "{mime}");
        }
    }

    proptest! {
        #[test]
        fn no_file_is_too_broken(
            mime in prop::sample::select(MIMES.to_vec()),
            cut in any::<prop::sample::Index>(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let mut bytes = whole(mime);
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len() + 1));
            let _ = read(mime, &bytes);
        }

        #[test]
        fn no_bytes_are_too_strange(mime in prop::sample::select(MIMES.to_vec()), bytes: Vec<u8>) {
            let _ = read(mime, &bytes);
        }
    }
}
