//! Facts about media files, read from their bytes: the same for a git object and a file on disk. A file is never held as
//! a whole: a film is hashed as it passes by, and its beginning says what it is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read};

use super::Sha256;
use super::files::{Asset, Assets, FileProblem, Files};
use super::media_files::LARGEST;
use super::moving::Moving;

/// Bytes of a file's beginning that are looked at. A picture's measures stand behind its colour profile and whatever a
/// camera had to say.
const BEGINNING: u64 = 4 << 20;

/// The facts about the files of a commit or the working tree. Each file is read once.
pub struct FileAssets<'a> {
    files: &'a dyn Files,
    known: RefCell<HashMap<String, Result<Asset, FileProblem>>>,
}

impl<'a> FileAssets<'a> {
    /// The files of a commit or the working tree.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, known: RefCell::default() }
    }
}

impl Assets for FileAssets<'_> {
    fn asset(&self, path: &str) -> Result<Asset, FileProblem> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let asset = self.files.open(path, LARGEST).and_then(|bytes| {
            let asset = facts(bytes.take(LARGEST + 1)).map_err(|error| FileProblem::Unreadable(error.to_string()))?;
            let Asset { size, .. } = asset;
            if size > LARGEST { Err(FileProblem::TooLarge { size, limit: LARGEST }) } else { Ok(asset) }
        });
        self.known.borrow_mut().insert(path.to_owned(), asset.clone());
        asset
    }
}

/// Size, hash, media type and measures of a file.
///
/// # Errors
/// When it cannot be read.
pub fn facts(bytes: impl Read) -> io::Result<Asset> {
    let mut passing = Passing { bytes, hash: Sha256::default(), size: 0, failed: false };
    let mut beginning = Vec::new();
    passing.by_ref().take(BEGINNING).read_to_end(&mut beginning)?;
    let mime = media_type(&beginning);
    let moving = Moving::read(mime, beginning.as_slice().chain(&mut passing));
    passing.pass()?;
    let measures = imagesize::blob_size(&beginning).ok();
    Ok(Asset {
        sha256: passing.hash.hex(),
        size: passing.size,
        mime: mime.to_owned(),
        moving,
        width: measures.and_then(|m| u32::try_from(m.width).ok()),
        height: measures.and_then(|m| u32::try_from(m.height).ok()),
    })
}

/// Bytes that are hashed and counted as they pass by.
struct Passing<R> {
    bytes: R,
    hash: Sha256,
    size: u64,
    failed: bool,
}

impl<R: Read> Passing<R> {
    /// Lets pass what is left.
    fn pass(&mut self) -> io::Result<()> {
        // Whoever looked at the file may have taken a failure for its end.
        if self.failed {
            return Err(io::Error::other("it broke off"));
        }
        io::copy(self, &mut io::sink()).map(|_| ())
    }
}

impl<R: Read> Read for Passing<R> {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(piece);
        match &read {
            Ok(n) => {
                self.hash.add(piece.get(..*n).unwrap_or_default());
                self.size += *n as u64;
            }
            Err(error) => self.failed |= error.kind() != io::ErrorKind::Interrupted,
        }
        read
    }
}

/// The media type by the first bytes, as the WHATWG's mimesniff.spec.whatwg.org tells them apart (checked 2026-11-21);
/// `application/octet-stream` where they are none of these.
fn media_type(bytes: &[u8]) -> &'static str {
    match imagesize::image_type(bytes) {
        Ok(imagesize::ImageType::Png) => return "image/png",
        Ok(imagesize::ImageType::Jpeg) => return "image/jpeg",
        Ok(imagesize::ImageType::Gif) => return "image/gif",
        Ok(imagesize::ImageType::Webp) => return "image/webp",
        _ => {}
    }
    if bytes.starts_with(b"%PDF-") {
        return "application/pdf";
    }
    if bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) && bytes.windows(4).take(64).any(|w| w == b"webm") {
        return "video/webm";
    }
    match (bytes.get(4..8), bytes.get(8..12)) {
        (Some(b"ftyp"), Some(b"qt  ")) => "video/quicktime",
        (Some(b"ftyp"), Some(b"avif" | b"avis")) => "image/avif",
        (Some(b"ftyp"), Some(b"heic" | b"heix" | b"mif1" | b"msf1")) => "image/heic",
        (Some(b"ftyp"), Some(_)) => "video/mp4",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest PNG header: signature, IHDR of 3 × 2 pixels.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0";

    fn of(bytes: &[u8]) -> Asset {
        facts(bytes).unwrap()
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let asset = of(PNG);
        assert_eq!((asset.mime.as_str(), asset.width, asset.height), ("image/png", Some(3), Some(2)));
        assert_eq!(asset.size, PNG.len() as u64);
        assert_eq!(of(b"").sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn other_media() {
        assert_eq!(of(b"\0\0\0\x18ftypisom\0\0").mime, "video/mp4");
        assert_eq!(of(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm").mime, "video/webm");
        assert_eq!(of(b"%PDF-1.7\n").mime, "application/pdf");
        assert_eq!(of(b"<svg onload=alert(1)>").mime, "application/octet-stream");
        assert_eq!(of(b"\x89PNG\r\n\x1a\n").width, None, "cut short");
    }

    #[test]
    fn a_picture_that_goes_on_for_long_is_hashed_to_its_end() {
        let mut bytes = PNG.to_vec();
        bytes.resize(9 << 20, 7);
        let asset = of(&bytes);
        assert_eq!((asset.size, asset.sha256.as_str()), (9 << 20, Sha256::of(&bytes).as_str()));
        assert_eq!((asset.mime.as_str(), asset.width), ("image/png", Some(3)));
    }

    /// Zeros that are made as they are read: no more of them exists than the reader's buffer.
    struct Zeros {
        left: u64,
        largest_piece: usize,
    }

    impl Read for &mut Zeros {
        fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
            let n = piece.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.largest_piece = self.largest_piece.max(n);
            piece[..n].fill(0);
            self.left -= n as u64;
            Ok(n)
        }
    }

    #[test]
    fn of_a_film_no_more_than_its_beginning_is_held() {
        let mut film = Zeros { left: 64 << 20, largest_piece: 0 };
        assert_eq!(facts(&mut film).unwrap().size, 64 << 20);
        assert!(film.largest_piece as u64 <= BEGINNING, "{} bytes at once", film.largest_piece);
    }

    #[test]
    fn a_film_is_hashed_to_its_end_however_little_of_it_was_looked_at() {
        let film = b"\0\0\0\x0cftypisom\0\0\0\x08moov".repeat(70_000);
        let asset = of(&film);
        assert_eq!((asset.size, asset.sha256.as_str()), (film.len() as u64, Sha256::of(&film).as_str()));
        assert_eq!((asset.moving, asset.width), (Some(Moving::default()), None));
        assert_eq!(of(PNG).moving, None);
    }

    /// A film whose disk fails in the middle, once.
    struct Failing(Option<io::Error>);

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.0.take().map_or(Ok(0), Err)
        }
    }

    #[test]
    fn a_film_that_breaks_off_has_no_facts() {
        let mut beginning = b"\0\0\0\x0cftypisom\xff\0\0\0mdat".to_vec();
        beginning.resize(usize::try_from(BEGINNING).unwrap(), 0);
        let film = beginning.as_slice().chain(Failing(Some(io::Error::other("no more"))));
        assert!(facts(film).is_err());
        assert!(facts(beginning.as_slice().chain(Failing(None))).is_ok());
    }
}
