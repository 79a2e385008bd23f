//! MP4 and QuickTime: boxes in boxes, by ISO/IEC 14496-12 and
//! <https://developer.apple.com/documentation/quicktime-file-format> (checked 2026-11-28).

use std::io::Read;
use std::time::Duration;

use super::{Moving, Pieces};

/// Looks for the movie box, which stands before the film itself or behind it.
pub(super) fn read<R: Read>(bytes: &mut Pieces<R>) -> Option<Moving> {
    let mut moving = Moving::default();
    let mut end = None;
    while end.is_none_or(|end| bytes.at < end) {
        let Some([s0, s1, s2, s3, kind @ ..]) = bytes.take::<8>() else { break };
        let body = match u32::from_be_bytes([s0, s1, s2, s3]) {
            // Up to the file's end.
            0 => u64::MAX - bytes.at,
            1 => u64::from_be_bytes(bytes.take()?).checked_sub(16)?,
            size => u64::from(size).checked_sub(8)?,
        };
        match &kind {
            b"moov" if end.is_none() => end = Some(bytes.at.checked_add(body)?),
            b"trak" if end.is_some() => {}
            b"mvhd" if end.is_some() => {
                let before = bytes.at;
                moving.duration = duration(bytes)?;
                bytes.skip(body.checked_sub(bytes.at - before)?)?;
            }
            b"tkhd" if end.is_some() => {
                let before = bytes.at;
                let (width, height) = measures(bytes)?;
                bytes.skip(body.checked_sub(bytes.at - before)?)?;
                let known = u64::from(moving.width.unwrap_or(0)) * u64::from(moving.height.unwrap_or(0));
                // A film may have small pictures beside it, and sound has none.
                if u64::from(width) * u64::from(height) > known {
                    (moving.width, moving.height) = (Some(width), Some(height));
                }
            }
            _ => bytes.skip(body)?,
        }
    }
    end.map(|_| moving)
}

/// The movie header: how many units a second has, and how many the film. A film in fragments says nothing there.
fn duration<R: Read>(bytes: &mut Pieces<R>) -> Option<Option<Duration>> {
    let [version, _, _, _] = bytes.take()?;
    let (scale, units) = if version == 1 {
        bytes.skip(16)?;
        (u32::from_be_bytes(bytes.take()?), u64::from_be_bytes(bytes.take()?))
    } else {
        bytes.skip(8)?;
        let (scale, units) = (u32::from_be_bytes(bytes.take()?), u32::from_be_bytes(bytes.take()?));
        (scale, if units == u32::MAX { u64::MAX } else { units.into() })
    };
    let known = scale > 0 && !matches!(units, 0 | u64::MAX);
    let millis = u128::from(units) * 1000 / u128::from(scale.max(1));
    Some(u64::try_from(millis).ok().filter(|_| known).map(Duration::from_millis))
}

/// The track header: whole pixels, after a quarter turn where the film is turned.
fn measures<R: Read>(bytes: &mut Pieces<R>) -> Option<(u32, u32)> {
    let [version, _, _, _] = bytes.take()?;
    // Times, the track's number, its duration; then its place among the others.
    bytes.skip(if version == 1 { 32 } else { 20 } + 16)?;
    let [a0, a1, a2, a3, b0, b1, b2, b3] = bytes.take()?;
    let turned = [a0, a1, a2, a3] == [0; 4] && [b0, b1, b2, b3] != [0; 4];
    bytes.skip(28)?;
    let [w0, w1, _, _, h0, h1, _, _] = bytes.take()?;
    let (width, height) = (u16::from_be_bytes([w0, w1]).into(), u16::from_be_bytes([h0, h1]).into());
    Some(if turned { (height, width) } else { (width, height) })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(body.len() + 8).unwrap();
        [&size.to_be_bytes(), kind.as_slice(), body].concat()
    }

    fn header(scale: u32, units: u32) -> Vec<u8> {
        let body = [&[0; 12], scale.to_be_bytes().as_slice(), &units.to_be_bytes(), &[0; 80]].concat();
        boxed(b"mvhd", &body)
    }

    fn track(turned: bool, width: u16, height: u16) -> Vec<u8> {
        let one = 0x0001_0000_u32.to_be_bytes();
        let (a, b) = if turned { ([0; 4], one) } else { (one, [0; 4]) };
        let size = [width.to_be_bytes(), [0; 2], height.to_be_bytes(), [0; 2]].concat();
        let head = boxed(b"tkhd", &[[0; 40].as_slice(), a.as_slice(), &b, &[0; 28], &size].concat());
        boxed(b"trak", &[head, boxed(b"mdia", b"....")].concat())
    }

    /// 95 seconds of 1280 × 720 with sound.
    pub fn film() -> Vec<u8> {
        let moov = [header(600, 57_000), track(false, 0, 0), track(false, 1280, 720)].concat();
        [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"moov", &moov), boxed(b"mdat", &[7; 300])].concat()
    }

    fn of(bytes: &[u8]) -> Option<Moving> {
        Moving::read("video/mp4", bytes)
    }

    #[test]
    fn a_film_says_how_long_and_how_large_it_is() {
        let moving = of(&film()).unwrap();
        assert_eq!(moving.duration, Some(Duration::from_secs(95)));
        assert_eq!((moving.width, moving.height, moving.frames), (Some(1280), Some(720), None));
    }

    #[test]
    fn a_film_whose_facts_stand_behind_it_is_read_to_its_end() {
        let moov = boxed(b"moov", &[header(1000, 1500), track(true, 1920, 1080)].concat());
        let large = [&1_u32.to_be_bytes(), b"mdat".as_slice(), &(16 + 5_000_000_u64).to_be_bytes()].concat();
        let bytes = [boxed(b"ftyp", b"qt  "), large, vec![1; 5_000_000], moov].concat();
        let moving = of(&bytes).unwrap();
        assert_eq!(moving.duration, Some(Duration::from_millis(1500)));
        assert_eq!((moving.width, moving.height), (Some(1080), Some(1920)), "it is turned");
        assert_eq!(of(&bytes[..bytes.len() - 200]), None, "cut short");
    }

    #[test]
    fn a_film_that_does_not_know_how_long_it_is_says_nothing_of_it() {
        for (scale, units) in [(0, 10), (600, 0), (600, u32::MAX)] {
            let bytes = boxed(b"moov", &header(scale, units));
            assert_eq!(of(&bytes).unwrap().duration, None, "{scale} {units}");
        }
        assert_eq!(of(&boxed(b"moov", &boxed(b"mvhd", b"short"))), None);
        assert_eq!(of(b"\0\0\0\x04moov"), None, "smaller than its own head");
    }
}
