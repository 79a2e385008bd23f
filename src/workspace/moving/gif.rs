//! GIF: <https://www.w3.org/Graphics/GIF/spec-gif89a.txt> (checked 2026-11-28).

use std::io::Read;
use std::time::Duration;

use super::{Moving, Pieces};

/// Counts the pictures of a GIF up to its trailer, and adds up their delays.
pub(super) fn read<R: Read>(bytes: &mut Pieces<R>) -> Option<Moving> {
    let [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', w0, w1, h0, h1, flags, _, _] = bytes.take::<13>()? else {
        return None;
    };
    skip_colours(bytes, flags)?;
    let (mut frames, mut hundredths) = (0_u32, 0_u64);
    loop {
        match bytes.byte()? {
            b',' => {
                let [.., flags] = bytes.take::<9>()?;
                skip_colours(bytes, flags)?;
                bytes.byte()?;
                skip_blocks(bytes)?;
                frames = frames.checked_add(1)?;
            }
            b'!' => {
                // A graphic control extension: its size, flags, the delay.
                if bytes.byte()? == 0xf9 {
                    let [4, _, d0, d1, _] = bytes.take::<5>()? else { return None };
                    hundredths += u64::from(u16::from_le_bytes([d0, d1]));
                }
                skip_blocks(bytes)?;
            }
            b';' => break,
            _ => return None,
        }
    }
    Some(Moving {
        duration: (frames > 1 && hundredths > 0).then(|| Duration::from_millis(hundredths * 10)),
        frames: Some(frames),
        width: Some(u16::from_le_bytes([w0, w1]).into()),
        height: Some(u16::from_le_bytes([h0, h1]).into()),
    })
}

fn skip_colours<R: Read>(bytes: &mut Pieces<R>, flags: u8) -> Option<()> {
    if flags & 0x80 == 0 { Some(()) } else { bytes.skip(3 << ((flags & 7) + 1)) }
}

/// Blocks of data up to an empty one.
fn skip_blocks<R: Read>(bytes: &mut Pieces<R>) -> Option<()> {
    loop {
        match bytes.byte()? {
            0 => return Some(()),
            size => bytes.skip(size.into())?,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An animation of 6 × 4 pixels, each picture with a delay in hundredths of a second.
    pub fn animation(frames: u8, delay: u8) -> Vec<u8> {
        let mut bytes = b"GIF89a\x06\0\x04\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        bytes.extend(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
        for _ in 0..frames {
            bytes.extend([b'!', 0xf9, 4, 0, delay, 0, 0, 0]);
            bytes.extend([b',', 0, 0, 0, 0, 6, 0, 4, 0, 0, 2, 3, 0x84, 0x51, 0, 0]);
        }
        bytes.push(b';');
        bytes
    }

    fn of(bytes: &[u8]) -> Option<Moving> {
        Moving::read("image/gif", bytes)
    }

    #[test]
    fn an_animation_says_how_many_pictures_it_has_and_how_long_they_last() {
        let moving = of(&animation(3, 25)).unwrap();
        assert_eq!((moving.frames, moving.duration), (Some(3), Some(Duration::from_millis(750))));
        assert_eq!((moving.width, moving.height), (Some(6), Some(4)));
        let still = of(&animation(1, 25)).unwrap();
        assert_eq!((still.frames, still.duration), (Some(1), None));
    }

    #[test]
    fn one_that_is_cut_short_says_nothing() {
        let whole = animation(2, 10);
        assert_eq!(of(&whole[..whole.len() - 1]), None);
        assert_eq!(of(b"GIF89aa a\nand so on"), None);
    }
}
