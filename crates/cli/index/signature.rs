//! Who made an index: RSA signatures and the keys that are trusted.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, UnparsedPublicKey,
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

use crate::output::printable;

/// The name under which Wolfi signs.
const WOLFI_NAME: &str = "wolfi-signing.rsa.pub";

/// The key that the packages and indexes of Wolfi's public repository are signed with.
///
/// Source: `wolfi-keys/wolfi-signing.rsa.pub` in github.com/wolfi-dev/os at 63df9ad44583f7fc58ef3245e322f137bfeb4327, which
/// is what the package `wolfi-keys` puts into `/etc/apk/keys` of every image. Its fingerprint is in a test below.
const WOLFI_PEM: &str = "\
-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA5qQUHmzqX9oa/RS3OSgL
YTYB1mzvVmnWC0JXsAafdgRkavJ9xRhsXMKXWPKMghZw6UnkxuxQCZlB9UhaFqed
X7SWfQ8qRgECFmdGUjoeV7P3VUkg17RU0mUKsXZZF/2mU+jCGyk5eweKcLWrk6bn
lNNF1vBJ9EXbHdfvbQsA5GfLku5tJhqRJ4FVQAGCw+1JoSKu+o3q+6xP7z6kMfR9
cp54FSj48rTJUibbAv+cPtZ3AnbpjdyarV7SYMfxp14Q/KR0CJYDihG3CFoU+TaM
dr7LUrgXaYw7m7g8hA2PY1jF8aqDqVFjVu/csPKnKVQSqNHfm4C4gljwT6TDVhPe
6xKSGKfAUNvHx2RIqSsZJCh68Af+VnfuimbHMYzGhzV4/efihpJlYsDnOXJj/PeY
SbEIYG2yoI3AYvDFyFX2OAOtQ9d4TPs4zS4aDg4R3UseXLib46FX3ZTfIi1/W0IO
eC3AFU5mK+02jq+7swcGbgzem30dFA/B3n8NQExJjF2WlGNJxFw2WnJQqKIkIh0s
km5jaxJ28xYgik+bEgxy1LsilKTowdkbEPRKv36JGdap4dOEGR+LwZsM+ontF1AO
wY6tvwtZKJWhgj7ES3BdtiC1GA2htFnP90lA7KnKbSMOxwWtSCH8spitdPdzgI8G
SxrOb0SZs6ZFAxYYe3GlvS0CAwEAAQ==
-----END PUBLIC KEY-----
";

/// A signature as an index carries it, not yet checked.
#[derive(Debug)]
pub(crate) struct Signature {
    /// The file name of the key it claims to be made with.
    key: String,
    /// `None` for a kind that apk does not know either.
    algorithm: Option<&'static RsaParameters>,
    bytes: Vec<u8>,
}

impl Signature {
    /// The signature from the file `.SIGN.NAME`, where `name` is `RSA256.KEY`, `RSA512.KEY` or (SHA-1) `RSA.KEY`.
    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Self {
        let (kind, key) = name.split_once('.').unwrap_or((name, ""));
        let algorithm = match kind {
            "RSA" => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            "RSA256" => Some(&RSA_PKCS1_2048_8192_SHA256),
            "RSA512" => Some(&RSA_PKCS1_2048_8192_SHA512),
            _ => None,
        };
        Self { key: key.to_owned(), algorithm, bytes }
    }
}

/// A key that is trusted.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its file name.
    pub(crate) name: String,
    /// `RSAPublicKey` of RFC 8017, appendix A.1.1, in DER.
    der: Vec<u8>,
}

impl Key {
    /// Wolfi's.
    pub(crate) fn wolfi() -> Self {
        Self::from_pem(WOLFI_NAME, WOLFI_PEM.as_bytes()).expect("impossible: the key is tested")
    }

    /// The key in a file, in the form of those in `/etc/apk/keys`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let pem = fs::read(path).with_context(|| format!("{shown}:1:1: cannot be read as a key"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::from_pem(&name, &pem).with_context(|| format!("{shown}:1:1: is not a key that can be used"))
    }

    fn from_pem(name: &str, pem: &[u8]) -> anyhow::Result<Self> {
        let Ok(info) = SubjectPublicKeyInfoDer::from_pem_slice(pem) else {
            bail!("give a public key in PEM, with the line `-----BEGIN PUBLIC KEY-----`");
        };
        let Some(der) = rsa_key(&info) else {
            bail!("give an RSA key; apk knows no other");
        };
        Ok(Self { name: name.to_owned(), der: der.to_vec() })
    }
}

/// Checks that one of `keys` signed the bytes, and says which.
///
/// Every signature is tried with every key: a signature tells by itself whether it fits, its file name does not.
pub(crate) fn verify<'k>(signatures: &[Signature], signed: &[u8], keys: &'k [Key]) -> anyhow::Result<&'k Key> {
    if signatures.is_empty() {
        bail!("it is not signed; use a repository that signs its index, or `--allow-untrusted`");
    }
    for signature in signatures {
        let Some(algorithm) = signature.algorithm else { continue };
        let fits = |key: &&Key| UnparsedPublicKey::new(algorithm, &key.der).verify(signed, &signature.bytes).is_ok();
        if let Some(key) = keys.iter().find(fits) {
            return Ok(key);
        }
    }
    let claimed = |signature: &Signature| keys.iter().any(|key| key.name == signature.key);
    if signatures.iter().any(claimed) {
        bail!("its signature is wrong; it was changed on its way, or the key has changed");
    }
    let names: Vec<String> = signatures.iter().map(|signature| printable(&signature.key)).collect();
    bail!("it is signed with {}, which is not trusted; hand that key in with --key", names.join(", "))
}

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo` (RFC 5280, 4.1).
fn rsa_key(info: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    /// The identifier 1.2.840.113549.1.1.1, `rsaEncryption`, with its tag and length.
    const RSA: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let (info, _) = der_element(info, SEQUENCE)?;
    let (algorithm, rest) = der_element(info, SEQUENCE)?;
    let (key, _) = der_element(rest, BIT_STRING)?;
    // The first byte of a bit string says how many bits of its last one do not count.
    let key = key.strip_prefix(&[0])?;
    algorithm.starts_with(&RSA).then_some(key)
}

/// The contents of the DER element that `input` starts with, and what follows it.
fn der_element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = input.strip_prefix(&[tag])?.split_first()?;
    if first < 0x80 {
        return rest.split_at_checked(usize::from(first));
    }
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if length.len() > 4 {
        return None;
    }
    let length = length.iter().fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_wolfi_is_whole() {
        let key = Key::wolfi();
        let hash = ring::digest::digest(&ring::digest::SHA256, &key.der);
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c60f18852c93b42b540bc67ce75638eabe751f31767c04c2376e68ed213596d5");
        // 4096 bits and the exponent 65537.
        assert_eq!(key.der.len(), 526);
        assert!(key.der.ends_with(&[0x02, 3, 1, 0, 1]));
    }

    /// Signatures that OpenSSL made (`openssl dgst -sha256 -sign repository.pem`) over `SIGNED`.
    const SIGNED: &[u8] = b"what is signed";
    const SIGNATURES: [(&str, &[u8]); 3] = [
        ("RSA.repository.rsa.pub", include_bytes!("../../../tests/keys/message.sha1")),
        ("RSA256.repository.rsa.pub", include_bytes!("../../../tests/keys/message.sha256")),
        ("RSA512.repository.rsa.pub", include_bytes!("../../../tests/keys/message.sha512")),
    ];

    fn repository() -> Key {
        let pem = include_bytes!("../../../tests/keys/repository.rsa.pub");
        Key::from_pem("repository.rsa.pub", pem).unwrap()
    }

    #[test]
    fn signatures_of_openssl_fit() {
        let keys = [Key::wolfi(), repository()];
        for (name, bytes) in SIGNATURES {
            let signature = || vec![Signature::new(name, bytes.to_vec())];
            assert_eq!(verify(&signature(), SIGNED, &keys).unwrap().name, "repository.rsa.pub", "{name}");
            assert!(verify(&signature(), b"what is Signed", &keys).unwrap_err().to_string().contains("wrong"));
            assert!(verify(&signature(), SIGNED, &keys[..1]).unwrap_err().to_string().contains("not trusted"));
        }
        // The same bytes as another kind of signature, or one bit off.
        let wrong_kind = Signature::new("RSA.repository.rsa.pub", SIGNATURES[1].1.to_vec());
        let mut changed = SIGNATURES[1].1.to_vec();
        changed[100] ^= 1;
        let changed = Signature::new(SIGNATURES[1].0, changed);
        let unknown_kind = Signature::new("DSA.repository.rsa.pub", SIGNATURES[1].1.to_vec());
        let empty = Signature::new(SIGNATURES[1].0, Vec::new());
        for signature in [wrong_kind, changed, unknown_kind, empty] {
            assert!(verify(&[signature], SIGNED, &keys).is_err());
        }
        assert!(verify(&[], SIGNED, &keys).unwrap_err().to_string().contains("not signed"));
    }

    #[test]
    fn any_of_several_signatures_will_do() {
        let [(_, sha1), (name, sha256), _] = SIGNATURES;
        let signatures = [Signature::new("RSA256.other.rsa.pub", sha1.to_vec()), Signature::new(name, sha256.to_vec())];
        assert!(verify(&signatures, SIGNED, &[repository()]).is_ok());
    }

    #[test]
    fn other_keys_and_other_files_are_refused() {
        let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let refused = |pem: &str| Key::from_pem("k", pem.as_bytes()).unwrap_err().to_string();
        assert!(refused(ed25519).contains("RSA key"));
        assert!(refused("hello").contains("PEM"));
        assert!(refused(&WOLFI_PEM.replace("PUBLIC", "PRIVATE")).contains("PEM"));
        // Cut inside the base64.
        let cut = WOLFI_PEM.replace("SxrOb0SZs6ZFAxYYe3GlvS0CAwEAAQ==\n", "");
        assert!(Key::from_pem("k", cut.as_bytes()).is_err());
    }
}
