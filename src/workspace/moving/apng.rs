//! Animated PNG: <https://www.w3.org/TR/png-3/#apng-frame-based-animation> (checked 2026-11-28).

use std::io::Read;
use std::time::Duration;

use super::{Moving, Pieces};

/// What a delay is a part of where it says nothing: a hundredth of a second.
const HUNDREDTHS: u16 = 100;

/// Counts the frames, and adds up their delays; `None` for a picture that stands still, of which only the head is read.
pub(super) fn read<R: Read>(bytes: &mut Pieces<R>) -> Option<Moving> {
    if bytes.take::<8>()? != *b"\x89PNG\r\n\x1a\n" {
        return None;
    }
    let (mut moves, mut frames, mut microseconds) = (None, 0_u32, 0_u64);
    let (mut width, mut height) = (None, None);
    loop {
        let [s0, s1, s2, s3, kind @ ..] = bytes.take::<8>()?;
        let mut rest = u64::from(u32::from_be_bytes([s0, s1, s2, s3])) + 4;
        match &kind {
            b"IHDR" => {
                let [w0, w1, w2, w3, h0, h1, h2, h3] = bytes.take::<8>()?;
                width = Some(u32::from_be_bytes([w0, w1, w2, w3]));
                height = Some(u32::from_be_bytes([h0, h1, h2, h3]));
                rest = rest.checked_sub(8)?;
            }
            b"acTL" => moves = Some(()),
            b"fcTL" => {
                let [.., n0, n1, d0, d1, _, _] = bytes.take::<26>()?;
                rest = rest.checked_sub(26)?;
                let part = match u16::from_be_bytes([d0, d1]) {
                    0 => HUNDREDTHS,
                    part => part,
                };
                microseconds += u64::from(u16::from_be_bytes([n0, n1])) * 1_000_000 / u64::from(part);
                frames = frames.checked_add(1)?;
            }
            // What moves says so before its first picture.
            b"IDAT" => moves?,
            b"IEND" => break,
            _ => {}
        }
        bytes.skip(rest)?;
    }
    moves?;
    let duration = (frames > 1 && microseconds > 0).then(|| Duration::from_micros(microseconds));
    Some(Moving { duration, frames: Some(frames), width, height })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An animation of 6 × 4 pixels, each frame shown for so many tenths of a second. The pictures themselves are left out.
    pub fn animation(frames: u8, shown: u8, moves: bool) -> Vec<u8> {
        let chunk = |kind: &[u8], data: &[u8]| {
            [&u32::try_from(data.len()).unwrap().to_be_bytes(), kind, data, b"sums".as_slice()].concat()
        };
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk(b"IHDR", &[0, 0, 0, 6, 0, 0, 0, 4, 8, 6, 0, 0, 0]));
        if moves {
            bytes.extend(chunk(b"acTL", &[0, 0, 0, frames, 0, 0, 0, 0]));
        }
        for number in 0..frames {
            let shown = [[0; 20].as_slice(), &[0, shown, 0, 10, 0, 0]].concat();
            bytes.extend(chunk(b"fcTL", &shown));
            bytes.extend(if number == 0 { chunk(b"IDAT", b"x") } else { chunk(b"fdAT", b"xxxxx") });
        }
        [bytes, chunk(b"IEND", b"")].concat()
    }

    fn of(bytes: &[u8]) -> Option<Moving> {
        Moving::read("image/png", bytes)
    }

    #[test]
    fn an_animation_says_how_many_pictures_it_has_and_how_long_they_last() {
        let moving = of(&animation(3, 5, true)).unwrap();
        assert_eq!((moving.frames, moving.duration), (Some(3), Some(Duration::from_millis(1500))));
        assert_eq!((moving.width, moving.height), (Some(6), Some(4)));
        // A part of nothing is a hundredth.
        let whole = animation(2, 5, true);
        let odd: Vec<u8> = whole
            .windows(4)
            .position(|four| four == [0, 5, 0, 10])
            .map_or(whole.clone(), |at| [&whole[..at + 2], &[0, 0], &whole[at + 4..]].concat());
        assert_eq!(of(&odd).unwrap().duration, Some(Duration::from_millis(550)));
    }

    #[test]
    fn what_stands_still_or_breaks_off_does_not_move() {
        assert_eq!(of(&animation(3, 5, false)), None);
        let whole = animation(3, 5, true);
        assert_eq!(of(&whole[..whole.len() - 9]), None);
    }
}
