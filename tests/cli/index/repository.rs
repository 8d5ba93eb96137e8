//! Indexes in the format of a repository, signed with the keys in `tests/keys`.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

/// A few packages as Wolfi's index has them, two versions of one among them.
pub(crate) const PACKAGES: &str = "\
C:Q1pjS0Nrj4HRW5OyjXNVxJm5HfHQM=
P:build-base
V:1-r9
A:x86_64
S:1290
I:1310
T:meta package for building
U:
L:MIT
o:build-base
t:1767100000
c:0000000000000000000000000000000000000000

C:Q1Fk2lqzCzmQIp3GBmGg3hZg4eV3M=
P:curl
V:8.16.0-r0
A:x86_64
o:curl
t:1767000000
D:so:libc.so.6 so:libcurl.so.4
p:cmd:curl=8.16.0-r0

P:curl
V:8.17.0-r1
A:x86_64
o:curl
t:1767225599
D:so:libc.so.6 so:libcurl.so.4
p:cmd:curl=8.17.0-r1

P:frob-tools
V:2.1-r0
A:x86_64
o:frob
p:cmd:frobnicate=2.1-r0

";

/// The public key that belongs to [`signed`].
pub(crate) fn public_key() -> PathBuf {
    key_file("repository.rsa.pub")
}

fn key_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)
}

/// An index with this text, signed with `tests/keys/repository.pem`.
pub(crate) fn signed(text: &str) -> Vec<u8> {
    signed_with("repository", "repository.rsa.pub", &unsigned(text))
}

/// A signed index: the signature of `KEY.pem` under the name of another key's file if need be, then what is signed.
pub(crate) fn signed_with(key: &str, name: &str, index: &[u8]) -> Vec<u8> {
    with_signature(name, &signature(key, index), index)
}

/// An index behind a signature, which need not be right.
pub(crate) fn with_signature(name: &str, signature: &[u8], index: &[u8]) -> Vec<u8> {
    let mut tar = tar(&[(&format!(".SIGN.RSA256.{name}"), signature)]);
    // The tar of a signature has no end marker, so that it and the next read as one.
    tar.truncate(tar.len() - 1024);
    [gzip(&tar), index.to_vec()].concat()
}

/// An index as it is before it is signed.
pub(crate) fn unsigned(text: &str) -> Vec<u8> {
    gzip(&tar(&[("DESCRIPTION", b"v20260101-1-gabcdef0"), ("APKINDEX", text.as_bytes())]))
}

/// RSA, PKCS #1 v1.5, SHA-256.
pub(crate) fn signature(key: &str, message: &[u8]) -> Vec<u8> {
    let der = PrivatePkcs8KeyDer::from_pem_file(key_file(&format!("{key}.pem"))).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
