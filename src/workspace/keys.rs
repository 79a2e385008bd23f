//! SSH public keys as people paste them.

use ssh_key::{Algorithm, EcdsaCurve, PublicKey};

use super::roles::Key;
use super::suggest;

/// Bits that an RSA key must have.
const RSA_BITS: usize = 3072;

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
    let refuse = |why: &str| {
        let help = "make a new one: `ssh-keygen -t ed25519`, and write the line of its file .pub".to_owned();
        (why.to_owned(), help)
    };
    if name == "ssh-dss" {
        return Err(refuse("DSA keys are broken"));
    }
    let key = PublicKey::from_openssh(text)
        .map_err(|why| (format!("{} is no SSH public key: {why}", suggest::quote(text)), form.clone()))?;
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {}
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384 } => {}
        Algorithm::Rsa { .. } => {
            let bits = key.key_data().rsa().and_then(|rsa| rsa.n.as_positive_bytes()).map_or(0, bits);
            if bits < RSA_BITS {
                return Err(refuse(&format!("this RSA key has {bits} bits; {RSA_BITS} are the least")));
            }
        }
        other => return Err(refuse(&format!("signatures of {} keys cannot be checked", other.as_str()))),
    }
    let mut key = key;
    key.set_comment("");
    key.to_openssh()
        .map(|text| Key(text.trim().to_owned()))
        .map_err(|why| (format!("this key is damaged: {why}"), form))
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

    const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    #[test]
    fn comments_and_blanks_do_not_make_another_key() {
        for text in [ED25519.to_owned(), format!("  {ED25519} noor@laptop\n"), format!("{ED25519}  two words")] {
            assert_eq!(normalised(&text), Ok(Key(ED25519.to_owned())), "{text}");
        }
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
            // An RSA key with a modulus of 1024 bits.
            (RSA_1024, "1024 bits"),
            (P521, "cannot be checked"),
        ] {
            let (message, _) = normalised(text).unwrap_err();
            assert!(message.contains(why), "{message}");
        }
    }

    const RSA_1024: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC4B3+7lmvXt+GTEMcKJdq7EBv+VZmJ1STV9O6UN+kSKv1LYsPD/tMCAOmt0Zohevf/eQRariF6oM+KsuoAKijt/E0fVOzEZo1KMvIWuSwnwqmDqptXYl5Ma9Un8KyudBnZyn+NGCsQjjew05cGCxN2TZjf4ApEi58TU5Aa+AJekw==";
    const P521: &str = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGudrqpvO1I5Pf5p3n09H9rOYOnxex94ayv6VXxKLFQggrAydqvNQjoBbVhAneXepErKL5hy5zh8PU3XUz9k8hjJgBUIll1YxtVpAyILxs734L6hwERsRf1gT+6tFiZlorpn2RPOUMTknmmGKSZfmRlnaud6TMMUk9RO3o1+62QsiysOQ==";
}
