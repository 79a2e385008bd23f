//! An attachment on its way, held against its hash as it passes by.

use std::io::{self, Read};

use crate::render::Attachment;
use crate::workspace::{Sha256, Stream};

/// An attachment's bytes. The last of them come only where all together are what was approved: else the reader fails, and
/// whoever sends it on has sent a file that breaks off.
pub struct Approved {
    bytes: Stream,
    file: String,
    expected: String,
    hash: Option<Sha256>,
    left: u64,
}

impl Approved {
    /// Bytes that should be an attachment's.
    pub fn new(attachment: &Attachment, bytes: Stream) -> Self {
        let Attachment { file, sha256, size, .. } = attachment;
        let (file, expected, hash) = (file.clone(), sha256.clone(), Some(Sha256::default()));
        Self { bytes, file, expected, hash, left: *size }
    }

    /// Reads it to the end, for the check alone.
    ///
    /// # Errors
    /// When it is not what was approved, or cannot be read.
    pub fn check(mut self) -> Result<(), String> {
        io::copy(&mut self, &mut io::sink()).map(|_| ()).map_err(|error| error.to_string())
    }

    /// After the last byte: that nothing follows, and that the hash is right.
    fn end(&mut self) -> io::Result<()> {
        let Some(hash) = self.hash.take() else { return Ok(()) };
        if hash.hex() == self.expected && self.bytes.read(&mut [0])? == 0 { Ok(()) } else { Err(self.wrong()) }
    }

    fn wrong(&self) -> io::Error {
        io::Error::other(format!("{} is not the file that was approved", self.file))
    }
}

impl Read for Approved {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || piece.is_empty() {
            return if self.left == 0 { self.end().map(|()| 0) } else { Ok(0) };
        }
        let most = piece.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let n = self.bytes.read(piece.get_mut(..most).unwrap_or_default())?;
        if n == 0 {
            return Err(self.wrong());
        }
        if let (Some(hash), Some(read)) = (&mut self.hash, piece.get(..n)) {
            hash.add(read);
        }
        self.left -= n as u64;
        if self.left == 0 {
            self.end()?;
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn attachment(size: u64) -> Attachment {
        Attachment {
            file: "assets/leaf.png".to_owned(),
            sha256: Sha256::of(b"a red leaf"),
            size,
            mime: "image/png".to_owned(),
            alt: String::new(),
            width: None,
            height: None,
        }
    }

    fn read(bytes: &'static [u8], size: u64) -> (Vec<u8>, io::Result<usize>) {
        let mut out = Vec::new();
        // In small pieces, so that it is not all or nothing.
        let mut approved = Approved::new(&attachment(size), Box::new(Cursor::new(bytes)));
        let mut piece = [0; 3];
        loop {
            match approved.read(&mut piece) {
                Ok(n @ 1..) => out.extend_from_slice(&piece[..n]),
                end => return (out, end),
            }
        }
    }

    #[test]
    fn what_was_approved_passes() {
        let (out, end) = read(b"a red leaf", 10);
        assert_eq!((out.as_slice(), end.unwrap()), (b"a red leaf".as_slice(), 0));
    }

    #[test]
    fn of_what_was_not_the_end_is_kept_back() {
        for (bytes, size) in [
            (b"a rad leaf".as_slice(), 10),
            (b"a red lea", 10),
            (b"a red leaf!", 10),
            (b"a red leaf", 9),
            (b"a red leaf", 11),
            (b"", 10),
            (b"", 0),
        ] {
            let (out, end) = read(bytes, size);
            assert!(end.unwrap_err().to_string().contains("not the file that was approved"), "{bytes:?}");
            assert!((out.len() as u64) < size.max(1), "{bytes:?}: all of it went out");
        }
    }
}
