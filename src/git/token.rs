//! Hardware keys in software, for tests: they sign as FIDO tokens do for OpenSSH (PROTOCOL.u2f and PROTOCOL.sshsig).

use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData};
use ssh_key::public::{KeyData, SkEcdsaSha2NistP256, SkEd25519};
use ssh_key::rand_core::{CryptoRng, Error, RngCore};
use ssh_key::sha2::{Digest, Sha256};
use ssh_key::{EcdsaCurve, HashAlg, PrivateKey, PublicKey, Signature, SigningKey, SshSig};

const APPLICATION: &str = "ssh:";
/// Somebody touched the key.
pub const TOUCHED: u8 = 1;
/// Somebody also proved who they are to it.
pub const VERIFIED: u8 = 4;

/// A key in pretended hardware.
pub struct Token {
    inside: PrivateKey,
    public: PublicKey,
}

impl Token {
    /// `sk-ssh-ed25519@openssh.com`; always the same for the same seed.
    pub fn ed25519(seed: u8) -> Self {
        let pair = Ed25519Keypair::from_seed(&[seed; 32]);
        let public = KeyData::SkEd25519(SkEd25519::new(pair.public, APPLICATION));
        Self { inside: PrivateKey::from(pair), public: PublicKey::from(public) }
    }

    /// `sk-ecdsa-sha2-nistp256@openssh.com`; always the same for the same seed.
    pub fn p256(seed: u8) -> Self {
        let pair = EcdsaKeypair::random(&mut Seeded([seed; 32]), EcdsaCurve::NistP256).unwrap();
        let EcdsaKeypair::NistP256 { public, .. } = &pair else { unreachable!("the curve was asked for") };
        let public = KeyData::SkEcdsaSha2NistP256(SkEcdsaSha2NistP256::new(*public, APPLICATION));
        let inside = PrivateKey::new(KeypairData::from(pair), "").unwrap();
        Self { inside, public: PublicKey::from(public) }
    }

    /// The public half, as `roles.toml` has it.
    pub fn public(&self) -> String {
        self.public.to_openssh().unwrap()
    }

    /// A signature's armor.
    pub fn sign(&self, namespace: &str, message: &[u8], flags: u8) -> String {
        let counter = 7u32.to_be_bytes();
        let signed = SshSig::signed_data(namespace, HashAlg::Sha512, message).unwrap();
        let (application, signed) = (Sha256::digest(APPLICATION), Sha256::digest(signed));
        let asked = [&application[..], &[flags], &counter, &signed].concat();
        let signature = signed_by(&self.inside, &asked);
        let algorithm = self.public.algorithm();
        let signature =
            [string(algorithm.as_str().as_bytes()), string(signature.as_bytes()), vec![flags], counter.to_vec()];
        let key = self.public.to_bytes().unwrap();
        let parts = [&key[..], namespace.as_bytes(), b"", b"sha512", &signature.concat()].map(string).concat();
        armored(&[&b"SSHSIG\0\0\0\x01"[..], &parts].concat())
    }
}

fn signed_by<K: SigningKey>(key: &K, bytes: &[u8]) -> Signature {
    key.sign(bytes)
}

/// Bytes with their length before them.
pub fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// Bytes in the armor that git puts into commits.
pub fn armored(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().chain([&0; 2]).take(3).fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        for at in 0..4 {
            text.push(if at <= three.len() { char::from(LETTERS[bits >> (18 - 6 * at) & 63]) } else { '=' });
        }
    }
    let lines: Vec<&str> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

/// Numbers that look random and are always the same.
struct Seeded([u8; 32]);

impl CryptoRng for Seeded {}

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_be_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            self.0 = Sha256::digest(self.0).into();
            part.copy_from_slice(&self.0[..part.len()]);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}
