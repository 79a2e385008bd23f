//! Animated WebP: <https://developers.google.com/speed/webp/docs/riff_container> (checked 2026-11-28).

use std::io::Read;
use std::time::Duration;

use super::{Moving, Pieces};

/// The flag of an animation, in `VP8X`.
const ANIMATION: u8 = 0x02;

/// Counts the frames, and adds up how long they are shown; `None` for a picture that stands still.
pub(super) fn read<R: Read>(bytes: &mut Pieces<R>) -> Option<Moving> {
    let [b'R', b'I', b'F', b'F', s0, s1, s2, s3, b'W', b'E', b'B', b'P'] = bytes.take::<12>()? else { return None };
    let end = u64::from(u32::from_le_bytes([s0, s1, s2, s3])).checked_add(8)?;
    let (kind, size) = chunk(bytes)?;
    let extended = (&kind == b"VP8X" && size == 10).then(|| bytes.take::<10>()).flatten()?;
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = extended;
    if flags & ANIMATION == 0 {
        return None;
    }
    let (mut frames, mut milliseconds) = (0_u32, 0_u64);
    while bytes.at < end {
        let (kind, size) = chunk(bytes)?;
        let mut rest = size.checked_add(size % 2)?;
        if &kind == b"ANMF" {
            rest = rest.checked_sub(16)?;
            let [_, _, _, _, _, _, _, _, _, _, _, _, d0, d1, d2, _] = bytes.take::<16>()?;
            frames = frames.checked_add(1)?;
            milliseconds += u64::from(number([d0, d1, d2]));
        }
        bytes.skip(rest)?;
    }
    Some(Moving {
        duration: (frames > 1 && milliseconds > 0).then(|| Duration::from_millis(milliseconds)),
        frames: Some(frames),
        width: Some(number([w0, w1, w2]) + 1),
        height: Some(number([h0, h1, h2]) + 1),
    })
}

/// A chunk's name, and the bytes that follow.
fn chunk<R: Read>(bytes: &mut Pieces<R>) -> Option<([u8; 4], u64)> {
    let [k0, k1, k2, k3, s0, s1, s2, s3] = bytes.take::<8>()?;
    Some(([k0, k1, k2, k3], u32::from_le_bytes([s0, s1, s2, s3]).into()))
}

fn number([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An animation of 6 × 4 pixels, each frame shown for so many milliseconds. The pictures themselves are left out.
    pub fn animation(frames: u8, shown: u8, flags: u8) -> Vec<u8> {
        let mut chunks = [b"WEBPVP8X\x0a\0\0\0".as_slice(), &[flags, 0, 0, 0, 5, 0, 0, 3, 0, 0]].concat();
        chunks.extend(b"ANIM\x06\0\0\0\0\0\0\0\0\0");
        for _ in 0..frames {
            chunks.extend(b"ANMF\x11\0\0\0\0\0\0\0\0\0\x05\0\0\x03\0\0");
            chunks.extend([shown, 1, 0, 0, 7, 0]);
        }
        let size = u32::try_from(chunks.len()).unwrap().to_le_bytes();
        [b"RIFF".as_slice(), &size, &chunks].concat()
    }

    fn of(bytes: &[u8]) -> Option<Moving> {
        Moving::read("image/webp", bytes)
    }

    #[test]
    fn an_animation_says_how_many_pictures_it_has_and_how_long_they_last() {
        let moving = of(&animation(3, 44, ANIMATION)).unwrap();
        assert_eq!((moving.frames, moving.duration), (Some(3), Some(Duration::from_millis(900))));
        assert_eq!((moving.width, moving.height), (Some(6), Some(4)));
    }

    #[test]
    fn what_stands_still_or_breaks_off_does_not_move() {
        assert_eq!(of(&animation(3, 44, 0)), None);
        assert_eq!(of(b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0\x2f\0\0\0"), None);
        let whole = animation(3, 44, ANIMATION);
        assert_eq!(of(&whole[..whole.len() - 3]), None);
    }
}
