//! SHA-256 of what comes piece by piece.

use sha2::Digest as _;

/// A hash that is being made.
#[derive(Default, Clone)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// The hash of these bytes, 64 hex digits.
    pub fn of(bytes: &[u8]) -> String {
        let mut hash = Self::default();
        hash.add(bytes);
        hash.hex()
    }

    /// The same as bytes.
    pub fn bytes_of(bytes: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(bytes).into()
    }

    /// Takes in the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them, 64 hex digits.
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Bytes as hex digits, two for each.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_hash() {
        let mut hash = Sha256::default();
        b"autumn".iter().for_each(|byte| hash.add(&[*byte]));
        assert_eq!(hash.hex(), Sha256::of(b"autumn"));
        assert_eq!(Sha256::of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
