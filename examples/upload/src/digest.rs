//! The SHA-256 that a client announces, in a field of RFC 9530.

use alloc::format;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::refusal::{Refusal, Status};

/// A SHA-256.
pub type Sha256 = [u8; 32];

/// Reads the SHA-256 from the values of `Repr-Digest` and `Content-Digest`, in which it looks like
/// `sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:`.
///
/// The body of a PUT is a whole representation, so both fields mean the same. Digests of other
/// algorithms are ignored, as the RFC allows.
///
/// # Errors
///
/// Fails with [`Status::BadRequest`] if the announced SHA-256 is malformed, or if the two fields
/// contradict each other.
pub fn announced(repr: &[Vec<u8>], content: &[Vec<u8>]) -> Result<Option<Sha256>, Refusal> {
    let (repr, content) = (read("Repr-Digest", repr)?, read("Content-Digest", content)?);
    match (repr, content) {
        (Some(repr), Some(content)) if repr != content => {
            Err(Refusal::new(Status::BadRequest, "Repr-Digest and Content-Digest contradict each other"))
        }
        (repr, content) => Ok(repr.or(content)),
    }
}

fn read(field: &str, values: &[Vec<u8>]) -> Result<Option<Sha256>, Refusal> {
    let mut found = None;
    // Repeated fields and fields with commas form one dictionary, of which the last member counts.
    for member in values.iter().flat_map(|value| value.split(|&byte| byte == b',')) {
        let member = member.trim_ascii();
        let (algorithm, value) = match member.iter().position(|&byte| byte == b'=') {
            Some(at) => (&member[..at], &member[at + 1..]),
            None => (member, &b""[..]),
        };
        if algorithm == b"sha-256" {
            let digest = decoded(value).ok_or_else(|| {
                Refusal::new(
                    Status::BadRequest,
                    format!("{field}: sha-256 must be 32 bytes in base64 between colons"),
                )
            })?;
            found = Some(digest);
        }
    }
    Ok(found)
}

/// Decodes `:base64:`, which parameters may follow.
fn decoded(value: &[u8]) -> Option<Sha256> {
    let value = value.split(|&byte| byte == b';').next()?.trim_ascii_end();
    let encoded = value.strip_prefix(b":")?.strip_suffix(b":")?;
    // The decoder's estimate of the length may be too large, so the buffer has a few bytes more.
    let mut decoded = [0; 48];
    let length = STANDARD.decode_slice(encoded, &mut decoded).ok()?;
    decoded.get(..length)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn announced_by(repr: &[&str], content: &[&str]) -> Result<Option<Sha256>, Refusal> {
        let values = |texts: &[&str]| -> Vec<Vec<u8>> {
            texts.iter().map(|text| text.replace("EMPTY", EMPTY).into_bytes()).collect()
        };
        announced(&values(repr), &values(content))
    }

    #[test]
    fn a_digest_is_read_from_either_field() {
        for (repr, content) in [("sha-256=:EMPTY:", ""), ("", "sha-256=:EMPTY:")] {
            let digest = announced_by(&[repr], &[content]).unwrap().unwrap();

            assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
        }
    }

    #[test]
    fn without_a_field_or_a_known_algorithm_there_is_no_digest() {
        for values in [&[][..], &[""], &["sha-512=:AAAA:, md5=:AA==:"], &["unknown"], &["=:EMPTY:"]] {
            assert_eq!(announced_by(values, &[]), Ok(None), "{values:?}");
        }
    }

    #[test]
    fn a_digest_may_be_among_others_and_have_parameters() {
        for values in [
            &["sha-512=:AAAA:, sha-256=:EMPTY:"][..],
            &["sha-512=:AAAA:", "sha-256=:EMPTY:"],
            &["sha-256=:EMPTY:;x=1 , unixsum=:AA==:"],
            &["  sha-256=:EMPTY:  "],
        ] {
            assert!(announced_by(values, &[]).unwrap().is_some(), "{values:?}");
        }
    }

    #[test]
    fn a_malformed_sha_256_is_refused() {
        for value in [
            "sha-256",
            "sha-256=",
            "sha-256=::",
            "sha-256=EMPTY",
            "sha-256=:EMPTY",
            "sha-256=:AAAA:",
            "sha-256=:EMPTYAAAA:",
            "sha-256=:47DEQpj8HBSa_-TImW-5JCeuQeRkm5NMpJWZG3hSuFU=:",
            "sha-256=:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:",
        ] {
            let refusal = announced_by(&[value], &[]).unwrap_err();

            assert_eq!(refusal.status, Status::BadRequest);
            assert!(refusal.message.starts_with("Repr-Digest: sha-256 must be"), "{value}");
        }
    }

    #[test]
    fn two_fields_must_agree() {
        let other = "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:";

        assert!(announced_by(&["sha-256=:EMPTY:"], &["sha-256=:EMPTY:"]).is_ok());
        assert!(announced_by(&["sha-256=:EMPTY:"], &[other]).unwrap_err().message.contains("contradict"));
    }
}
