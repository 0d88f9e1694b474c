//! Names of stored files: one segment of a path, valid on every host.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::refusal::{Refusal, Status};

/// The longest name on most filesystems, in bytes.
const LONGEST: usize = 255;

/// Characters that some host refuses in names; the provider refuses them too.
const FORBIDDEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// The name of a stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Reads a name from a request's path, without its first `/`.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::BadRequest`] if the encoding is malformed or the name is not valid on every
    /// host. The message contains the reason.
    pub fn decode(encoded: &str) -> Result<Self, Refusal> {
        let bytes = percent_decoded(encoded)
            .ok_or_else(|| refused(encoded, "a % is not followed by two hexadecimal digits"))?;
        let name = String::from_utf8(bytes).map_err(|_| refused(encoded, "it is not UTF-8"))?;
        match fault(&name) {
            None => Ok(Self(name)),
            Some(fault) => Err(refused(&name, fault)),
        }
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn refused(name: &str, fault: &str) -> Refusal {
    // The beginning identifies a long name, and keeps the response short.
    let shown: String = name.chars().take(80).collect();
    let rest = if shown.len() < name.len() { "…" } else { "" };
    Refusal::new(Status::BadRequest, format!("name {shown:?}{rest}: {fault}"))
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > LONGEST {
        return Some("it has more than 255 bytes");
    }
    if name.contains('/') {
        return Some("a separator is not allowed: all files are stored in one directory");
    }
    if name.contains(FORBIDDEN) || name.contains(char::is_control) {
        return Some("\\ : * ? \" < > | and control characters are not allowed");
    }
    if name.starts_with('.') {
        return Some("a dot at the beginning is not allowed");
    }
    if name.ends_with(['.', ' ']) {
        return Some("a dot or a space at the end is not allowed");
    }
    if is_device(name) {
        return Some("it is the name of a Windows device");
    }
    None
}

/// Whether the name, up to its first dot, is the name of a Windows device.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is = |device: &&str| stem.eq_ignore_ascii_case(device);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].iter().any(is) {
        return true;
    }
    let numbered = stem
        .get(..3)
        .zip(stem.get(3..))
        .filter(|(kind, _)| kind.eq_ignore_ascii_case("COM") || kind.eq_ignore_ascii_case("LPT"));
    let mut digits = numbered.map_or("", |(_, digits)| digits).chars();
    matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

fn percent_decoded(encoded: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        decoded.push((digit()? * 16 + digit()?) as u8);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(encoded: &str) -> String {
        let refusal = Name::decode(encoded).expect_err(encoded);
        assert_eq!(refusal.status, Status::BadRequest);
        refusal.message
    }

    #[test]
    fn ordinary_names_are_accepted_unchanged() {
        for name in ["a", "report.tar.gz", "UPPER_and-lower", "…", "com10", "console.txt", "a..b"] {
            assert_eq!(Name::decode(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn percent_encoding_is_decoded() {
        assert_eq!(Name::decode("two%20words").unwrap().as_str(), "two words");
        assert_eq!(Name::decode("%C3%bc").unwrap().as_str(), "ü");
        assert_eq!(Name::decode("100%25").unwrap().as_str(), "100%");
    }

    #[test]
    fn bad_encoding_is_refused() {
        for encoded in ["%", "%4", "%zz", "%+1", "a%é"] {
            assert!(refused(encoded).contains("hexadecimal"), "{encoded}");
        }
        assert!(refused("%ff").contains("UTF-8"));
    }

    #[test]
    fn no_name_leads_to_another_directory() {
        for encoded in ["a/b", "a%2Fb", "..%2fetc", "/"] {
            assert!(refused(encoded).contains("separator"), "{encoded}");
        }
        assert!(refused("..%5Cetc").contains("not allowed"));
        assert!(refused("C:x").contains("not allowed"));
        for encoded in [".", "..", "%2e%2e", ".hidden"] {
            assert!(refused(encoded).contains("dot at the beginning"), "{encoded}");
        }
    }

    #[test]
    fn names_that_some_host_refuses_are_refused_on_every_host() {
        assert!(refused("").contains("empty"));
        assert!(refused("nul%00").contains("control"));
        assert!(refused("line%0Aend").contains("control"));
        assert!(refused("dot.").contains("at the end"));
        assert!(refused("space%20").contains("at the end"));
        for encoded in ["NUL", "con.txt", "Com1", "lpt9.tar.gz", "COM%C2%B9", "aux%20.txt"] {
            assert!(refused(encoded).contains("device"), "{encoded}");
        }
    }

    #[test]
    fn a_name_may_have_255_bytes() {
        assert!(Name::decode(&"x".repeat(255)).is_ok());
        assert!(refused(&"x".repeat(256)).contains("255"));
    }

    #[test]
    fn a_message_contains_only_the_beginning_of_a_long_name() {
        assert!(refused(&"ü".repeat(5000)).len() < 250);
    }
}
