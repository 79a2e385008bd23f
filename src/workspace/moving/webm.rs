//! WebM: elements in elements, by RFC 8794 (EBML) and RFC 9559 (Matroska) (checked 2026-11-28).

use std::io::Read;
use std::time::Duration;

use super::{Moving, Pieces};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const VIDEO: u32 = 0xE0;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;
const CLUSTER: u32 = 0x1F43_B675;

/// Looks at what stands before the film itself. One that was recorded as it happened does not know how long it is.
pub(super) fn read<R: Read>(bytes: &mut Pieces<R>) -> Option<Moving> {
    let mut moving = Moving::default();
    let (mut scale, mut units) = (1_000_000_u64, None);
    let mut begun = false;
    // A file may end without any film.
    while let Some(id) = id(bytes) {
        let size = size(bytes)?;
        match id {
            SEGMENT => begun = true,
            INFO | TRACKS | TRACK_ENTRY | VIDEO if begun => {}
            TIMESTAMP_SCALE => scale = number(bytes, size?)?,
            DURATION => units = Some(float(bytes, size?)?),
            PIXEL_WIDTH => moving.width = u32::try_from(number(bytes, size?)?).ok(),
            PIXEL_HEIGHT => moving.height = u32::try_from(number(bytes, size?)?).ok(),
            CLUSTER => break,
            _ => bytes.skip(size?)?,
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "nobody counts the nanoseconds")]
    let seconds = units.map(|units| units * scale as f64 / 1e9).filter(|seconds| *seconds > 0.0);
    moving.duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    begun.then_some(moving)
}

/// An element's id, of one to four bytes, with the bits that tell its length.
fn id<R: Read>(bytes: &mut Pieces<R>) -> Option<u32> {
    let first = bytes.byte()?;
    let more = first.leading_zeros();
    if more > 3 {
        return None;
    }
    (0..more).try_fold(u32::from(first), |id, _| Some(id << 8 | u32::from(bytes.byte()?)))
}

/// An element's size, of one to eight bytes; `None` in it where it is not known.
fn size<R: Read>(bytes: &mut Pieces<R>) -> Option<Option<u64>> {
    let first = bytes.byte()?;
    let more = first.leading_zeros();
    if more > 7 {
        return None;
    }
    let bits = 7 * (more + 1);
    let start = u64::from(first) & (0x7f >> more);
    let size = (0..more).try_fold(start, |size, _| Some(size << 8 | u64::from(bytes.byte()?)))?;
    Some((size != (1 << bits) - 1).then_some(size))
}

fn number<R: Read>(bytes: &mut Pieces<R>, size: u64) -> Option<u64> {
    if size > 8 {
        return None;
    }
    (0..size).try_fold(0, |number, _| Some(number << 8 | u64::from(bytes.byte()?)))
}

fn float<R: Read>(bytes: &mut Pieces<R>, size: u64) -> Option<f64> {
    match size {
        4 => Some(f32::from_be_bytes(bytes.take()?).into()),
        8 => Some(f64::from_be_bytes(bytes.take()?)),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn element(id: u32, body: &[u8]) -> Vec<u8> {
        let id = id.to_be_bytes();
        let start = id.iter().take_while(|byte| **byte == 0).count();
        let size = 0x0100_0000_0000_0000 | u64::try_from(body.len()).unwrap();
        [&id[start..], &size.to_be_bytes(), body].concat()
    }

    fn of(info: &[u8]) -> Moving {
        Moving::read("video/webm", made(info).as_slice()).unwrap()
    }

    fn made(info: &[u8]) -> Vec<u8> {
        let video = [element(PIXEL_WIDTH, &1920_u16.to_be_bytes()), element(PIXEL_HEIGHT, &1080_u16.to_be_bytes())];
        let track = element(TRACK_ENTRY, &[element(0x83, &[1]), element(VIDEO, &video.concat())].concat());
        let rest = [element(INFO, info), element(TRACKS, &track), vec![0x1f, 0x43, 0xb6, 0x75, 0xff, 1, 2]].concat();
        // The segment's size is not known, as where a browser records.
        [element(0x1A45_DFA3, b"\x42\x82\x84webm"), vec![0x18, 0x53, 0x80, 0x67, 0xff], rest].concat()
    }

    /// 12.5 seconds of 1920 × 1080.
    pub fn film() -> Vec<u8> {
        made(&element(DURATION, &12_500_f64.to_be_bytes()))
    }

    #[test]
    fn a_film_says_how_long_and_how_large_it_is() {
        let moving = of(&element(DURATION, &12_500_f64.to_be_bytes()));
        assert_eq!(moving.duration, Some(Duration::from_millis(12_500)));
        assert_eq!((moving.width, moving.height), (Some(1920), Some(1080)));
        let fine = [element(TIMESTAMP_SCALE, &[0x03, 0xe8]), element(DURATION, &2_000_000_f32.to_be_bytes())].concat();
        assert_eq!(of(&fine).duration, Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_film_that_does_not_know_how_long_it_is_says_nothing_of_it() {
        assert_eq!(of(&element(0x4D80, b"a recorder")).duration, None);
        for odd in [f64::NAN, f64::INFINITY, -1.0, 0.0, f64::MAX] {
            assert_eq!(of(&element(DURATION, &odd.to_be_bytes())).duration, None, "{odd}");
        }
        assert_eq!(Moving::read("video/webm", &b"\x1a\x45\xdf\xa3\x80"[..]), None, "nothing but a head");
    }
}
