//! SSH public keys as people paste them.

use ssh_key::public::KeyData;
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey};

use super::roles::Key;
use super::suggest;

/// Bits that an RSA key may have: fewer are weak, more take too long to check.
const RSA_BITS: std::ops::RangeInclusive<usize> = 3072..=4096;

impl Key {
    /// The fingerprint that `ssh-keygen -l` shows: `SHA256:…`; of what is no key its text.
    pub fn fingerprint(&self) -> String {
        PublicKey::from_openssh(&self.0)
            .map_or_else(|_| self.0.clone(), |key| key.fingerprint(HashAlg::Sha256).to_string())
    }

    /// The kind of key: `ssh-ed25519`.
    pub fn kind(&self) -> &str {
        self.0.split_whitespace().next().unwrap_or_default()
    }
}

/// Reads a key in OpenSSH's form and drops its comment: what is left is the same text for the same key.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn normalised(text: &str) -> Result<Key, (String, String)> {
    let form = "write the one line of the file that ends in .pub: `ssh-ed25519 AAAA…`".to_owned();
    let text = text.trim();
    if text.contains("PRIVATE KEY") {
        let help = "take it out of the repository's history and make a new one; here belongs the line of the file .pub";
        return Err(("this is a private key".to_owned(), help.to_owned()));
    }
    let name = text.split_whitespace().next().unwrap_or_default();
    if name.contains("-cert-v01@") {
        let help = "write the key that the certificate is for".to_owned();
        return Err(("a certificate is no key".to_owned(), help));
    }
    let help = "make a new one: `ssh-keygen -t ed25519`, and write the line of its file .pub".to_owned();
    if name == "ssh-dss" {
        return Err(("DSA keys are broken".to_owned(), help));
    }
    let mut key = PublicKey::from_openssh(text)
        .map_err(|why| (format!("{} is no SSH public key: {why}", suggest::quote(text)), form.clone()))?;
    counts(key.key_data()).map_err(|why| (why, help))?;
    key.set_comment("");
    key.to_openssh()
        .map(|text| Key(text.trim().to_owned()))
        .map_err(|why| (format!("this key is damaged: {why}"), form))
}

/// Whether what a key signs counts: Ed25519 and ECDSA on P-256, in files and in hardware (`sk-`); ECDSA on P-384; RSA.
///
/// # Errors
/// What it is instead, and what counts.
pub(crate) fn counts(key: &KeyData) -> Result<(), String> {
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => Ok(()),
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384 } => Ok(()),
        Algorithm::Rsa { .. } => {
            let bits = key.rsa().and_then(|rsa| rsa.n.as_positive_bytes()).map_or(0, bits);
            let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
            let count = format!("RSA keys of {bits} bits do not count: {least} to {most} do");
            RSA_BITS.contains(&bits).then_some(()).ok_or(count)
        }
        other => Err(format!(
            "{} keys do not count: Ed25519, ECDSA on nistp256 or nistp384, and RSA do",
            suggest::quote(other.as_str())
        )),
    }
}

/// The bits of a number without its leading zeros.
fn bits(number: &[u8]) -> usize {
    match number.first() {
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ssh_key::Mpint;
    use ssh_key::public::RsaPublicKey;

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    #[test]
    fn comments_and_blanks_do_not_make_another_key() {
        for text in [ED25519.to_owned(), format!("  {ED25519} noor@laptop\n"), format!("{ED25519}  two words")] {
            assert_eq!(normalised(&text), Ok(Key(ED25519.to_owned())), "{text}");
        }
    }

    #[test]
    fn keys_in_hardware_are_keys() {
        for text in [SK_ED25519, SK_P256] {
            assert_eq!(normalised(&format!("{text} noor@token")), Ok(Key(text.to_owned())));
        }
    }

    #[test]
    fn a_fingerprint_is_the_one_that_ssh_keygen_shows() {
        let key = Key(ED25519.to_owned());
        assert_eq!(key.kind(), "ssh-ed25519");
        assert_eq!(key.fingerprint(), "SHA256:UCUiLr7Pjs9wFFJMDByLgc3NrtdU344OgUM45wZPcIQ");
        assert_eq!(Key("no key".into()).fingerprint(), "no key");
    }

    #[test]
    fn keys_that_prove_nothing_are_refused() {
        for (text, why) in [
            ("", "is no SSH public key"),
            ("ssh-ed25519", "is no SSH public key"),
            ("ssh-ed25519 AAAA", "is no SSH public key"),
            ("ssh-dss AAAAB3NzaC1kc3MAAACBAL", "DSA"),
            ("ssh-ed25519-cert-v01@openssh.com AAAA", "certificate"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "private"),
            (&rsa(1024), "1024 bits do not count"),
            (&rsa(3071), "3071 bits do not count"),
            (&rsa(8192), "8192 bits do not count"),
            (P521, "`ecdsa-sha2-nistp521` keys do not count"),
        ] {
            let (message, help) = normalised(text).unwrap_err();
            assert!(message.contains(why), "{message}");
            assert!(help.contains('`') || help.contains("certificate") || help.contains("history"), "{help}");
        }
        assert!(normalised(&rsa(3072)).is_ok() && normalised(&rsa(4096)).is_ok());
    }

    /// A key whose modulus has so many bits.
    fn rsa(bits: usize) -> String {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        let number = |bytes: &[u8]| Mpint::from_positive_bytes(bytes).unwrap();
        let key = KeyData::Rsa(RsaPublicKey { e: number(&[1, 0, 1]), n: number(&modulus) });
        PublicKey::from(key).to_openssh().unwrap()
    }

    const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIEt5nJmc5RHpI6DVqwMeiWL6Z5AEqtDKHDaK1r4NCh7YAAAABHNzaDo=";
    const SK_P256: &str = "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfUAAAAEc3NoOg==";
    const P521: &str = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGudrqpvO1I5Pf5p3n09H9rOYOnxex94ayv6VXxKLFQggrAydqvNQjoBbVhAneXepErKL5hy5zh8PU3XUz9k8hjJgBUIll1YxtVpAyILxs734L6hwERsRf1gT+6tFiZlorpn2RPOUMTknmmGKSZfmRlnaud6TMMUk9RO3o1+62QsiysOQ==";
}
