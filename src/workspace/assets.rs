//! Facts about media files, read from their bytes: the same for a git object and a file on disk.

use std::cell::RefCell;
use std::collections::HashMap;

use sha2::Digest as _;

use super::files::{Asset, Assets, FileProblem, Files};
use super::media_files::LARGEST;

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
        let asset = self.files.read(path, LARGEST).map(|bytes| facts(&bytes));
        self.known.borrow_mut().insert(path.to_owned(), asset.clone());
        asset
    }
}

/// Size, hash, media type and measures of a file.
pub fn facts(bytes: &[u8]) -> Asset {
    let sha256 = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let measures = imagesize::blob_size(bytes).ok();
    Asset {
        sha256,
        size: bytes.len() as u64,
        mime: media_type(bytes).to_owned(),
        width: measures.and_then(|m| u32::try_from(m.width).ok()),
        height: measures.and_then(|m| u32::try_from(m.height).ok()),
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

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let asset = facts(PNG);
        assert_eq!((asset.mime.as_str(), asset.width, asset.height), ("image/png", Some(3), Some(2)));
        assert_eq!(asset.size, PNG.len() as u64);
        assert_eq!(facts(b"").sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn other_media() {
        assert_eq!(facts(b"\0\0\0\x18ftypisom\0\0").mime, "video/mp4");
        assert_eq!(facts(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm").mime, "video/webm");
        assert_eq!(facts(b"%PDF-1.7\n").mime, "application/pdf");
        assert_eq!(facts(b"<svg onload=alert(1)>").mime, "application/octet-stream");
        assert_eq!(facts(b"\x89PNG\r\n\x1a\n").width, None, "cut short");
    }
}
