//! The file format of a repository index.
//!
//! An `APKINDEX.tar.gz` is two gzip members, one after the other. The first holds a tar with nothing but signatures
//! (`.SIGN.RSA256.wolfi-signing.rsa.pub`) and without the end marker of a tar; the second holds the tar with
//! `DESCRIPTION` and `APKINDEX`. What is signed is the second member as it is compressed. An index without a signature
//! has only that member.

use std::io::{self, Read};

use anyhow::{Context as _, bail};
use flate2::bufread::{GzDecoder, MultiGzDecoder};

use crate::index::signature::Signature;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

const NOT_WHOLE: &str = "is not a whole APKINDEX.tar.gz; get it again, for instance with `wolfify index update`";

/// Enough for any signature; RSA with 8192 bits takes 1024 bytes.
const MAX_SIGNATURE_BYTES: u64 = 64 << 10;

/// An opened index.
#[derive(Debug)]
pub(crate) struct Archive<'b> {
    /// The text of `APKINDEX`.
    pub(crate) text: String,
    /// What the repository calls itself in `DESCRIPTION`; may be empty.
    pub(crate) description: String,
    /// Who says so, unchecked.
    pub(crate) signatures: Vec<Signature>,
    /// The bytes the signatures are over; empty when there are none.
    pub(crate) signed: &'b [u8],
}

impl<'b> Archive<'b> {
    /// Opens an index, either the bare text or the compressed archive, of at most `limit` bytes unpacked.
    pub(crate) fn open(bytes: &'b [u8], limit: u64) -> anyhow::Result<Self> {
        if !bytes.starts_with(&GZIP_MAGIC) {
            let text = text(bytes.to_vec());
            return Ok(Self { text, description: String::new(), signatures: Vec::new(), signed: &[] });
        }
        let mut decoder = GzDecoder::new(bytes);
        let first = Contents::read(&mut decoder, limit).context(NOT_WHOLE)?;
        let rest = decoder.into_inner();
        // A signature beside the index, in the same member, is over nothing that could be checked.
        let is_signature_only = first.index.is_none() && !first.signatures.is_empty();
        let (contents, signatures, signed) = if is_signature_only {
            let second = Contents::read(MultiGzDecoder::new(rest), limit).context(NOT_WHOLE)?;
            (second, first.signatures, rest)
        } else {
            (first, Vec::new(), &[][..])
        };
        let Some(index) = contents.index else {
            bail!("has no APKINDEX in it; name a repository's APKINDEX.tar.gz");
        };
        Ok(Self { text: text(index), description: contents.description, signatures, signed })
    }
}

/// What one gzip member holds.
#[derive(Default)]
struct Contents {
    signatures: Vec<Signature>,
    index: Option<Vec<u8>>,
    description: String,
}

impl Contents {
    /// Reads a tar to the end of `reader`, so that the checksum at the end of a gzip member is looked at.
    fn read(reader: impl Read, limit: u64) -> io::Result<Self> {
        let mut contents = Self::default();
        let mut tar = tar::Archive::new(Bounded { inner: reader, left: limit });
        for entry in tar.entries()? {
            contents.add(entry?)?;
        }
        io::copy(&mut tar.into_inner(), &mut io::sink())?;
        Ok(contents)
    }

    fn add(&mut self, mut entry: tar::Entry<'_, impl Read>) -> io::Result<()> {
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some(name) = name.strip_prefix(".SIGN.") {
            let bytes = read_bounded(&mut entry, MAX_SIGNATURE_BYTES)?;
            self.signatures.push(Signature::new(name, bytes));
        } else if name == "DESCRIPTION" {
            self.description = text(read_whole(&mut entry)?).trim().to_owned();
        } else if name == "APKINDEX" {
            self.index = Some(read_whole(&mut entry)?);
        }
        Ok(())
    }
}

/// All bytes of an entry; a tar that ends inside of it is an error.
fn read_whole(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    if bytes.len() as u64 == entry.size() { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// All bytes of `reader`, or an error when there are more than `limit`.
pub(crate) fn read_bounded(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Bounded { inner: reader, left: limit }.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Descriptions may be in any encoding; what is looked at (names, versions) is ASCII.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A reader that fails, rather than ends, after so many bytes: a small file can unpack to any size.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than any repository index is known to be")
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const INDEX: &str = "P:a\nV:1-r0\n\n";

    fn tar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in entries {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_signed_is_everything_after_the_first_member() {
        let index = gzip(&tar_of(&[("DESCRIPTION", b"v1\n"), ("APKINDEX", INDEX.as_bytes())]));
        // Without the two empty blocks at its end, as it is in a repository.
        let signature = &tar_of(&[(".SIGN.RSA256.k.rsa.pub", &[7; 256])])[..1024];
        let bytes = [gzip(signature), index.clone()].concat();
        let archive = Archive::open(&bytes, 1 << 20).unwrap();
        assert_eq!((archive.text.as_str(), archive.description.as_str()), (INDEX, "v1"));
        assert_eq!((archive.signatures.len(), archive.signed), (1, index.as_slice()));
    }

    #[test]
    fn a_signature_beside_the_index_is_none() {
        let bytes = gzip(&tar_of(&[(".SIGN.RSA256.k.rsa.pub", &[7; 256]), ("APKINDEX", INDEX.as_bytes())]));
        assert!(Archive::open(&bytes, 1 << 20).unwrap().signatures.is_empty());
    }

    #[test]
    fn bare_text_and_unsigned_archives_are_read_too() {
        assert_eq!(Archive::open(INDEX.as_bytes(), 100).unwrap().text, INDEX);
        let bytes = gzip(&tar_of(&[("APKINDEX", INDEX.as_bytes())]));
        assert_eq!(Archive::open(&bytes, 1 << 20).unwrap().text, INDEX);
        let error = Archive::open(&gzip(&tar_of(&[("README", b"hello")])), 1 << 20).unwrap_err();
        assert!(error.to_string().contains("no APKINDEX"), "{error}");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&tar_of(&[("APKINDEX", &vec![b'\n'; 4 << 20])]));
        assert!(bomb.len() < 64 << 10);
        let error = Archive::open(&bomb, 1 << 20).unwrap_err();
        assert!(format!("{error:#}").contains("larger"), "{error:#}");
        assert!(Archive::open(&bomb, 5 << 20).is_ok());
    }

    #[test]
    fn a_broken_archive_is_an_error_wherever_it_is_cut_or_changed() {
        let signature = gzip(&tar_of(&[(".SIGN.RSA256.k.rsa.pub", &[7; 256])]));
        let bytes = [signature, gzip(&tar_of(&[("APKINDEX", INDEX.repeat(50).as_bytes())]))].concat();
        for end in 2..bytes.len() {
            assert!(Archive::open(&bytes[..end], 1 << 20).is_err(), "cut at {end}");
        }
        let mut changed = bytes.clone();
        let crc = bytes.len() - 8;
        changed[crc] ^= 1;
        assert!(Archive::open(&changed, 1 << 20).is_err());
        assert!(Archive::open(&[&bytes[..], b"more"].concat(), 1 << 20).is_err());
    }
}
