//! The conditions under which a client wants its upload to be stored.

use alloc::vec::Vec;

use crate::refusal::{Refusal, Status};

/// The conditions of `If-Match` and `If-None-Match` (RFC 9110, section 13.1).
///
/// Stored files have no entity tags, so no tag that a client lists is that of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-None-Match: *`: there is no file of that name.
    pub absent: bool,
    /// `If-Match: *`: there is a file of that name.
    present: bool,
    /// `If-Match` with tags, which no file has.
    impossible: bool,
}

impl Precondition {
    /// Reads the conditions from the values of the two fields.
    pub fn read(if_match: &[Vec<u8>], if_none_match: &[Vec<u8>]) -> Self {
        let is_any = |value: &Vec<u8>| value.trim_ascii() == b"*";
        Self {
            absent: if_none_match.iter().any(is_any),
            present: if_match.iter().any(is_any),
            impossible: if_match.iter().any(|value| !is_any(value)),
        }
    }

    /// Checks the conditions for a file that exists or not.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::PreconditionFailed`].
    pub fn check(&self, exists: bool) -> Result<(), Refusal> {
        let fault = if self.impossible {
            "If-Match: stored files have no entity tags"
        } else if self.present && !exists {
            "If-Match: there is no file of that name"
        } else if self.absent && exists {
            "If-None-Match: there is a file of that name"
        } else {
            return Ok(());
        };
        Err(Refusal::new(Status::PreconditionFailed, fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(if_match: &[&str], if_none_match: &[&str], exists: bool) -> Result<(), Status> {
        let values = |texts: &[&str]| -> Vec<Vec<u8>> { texts.iter().map(|text| (*text).into()).collect() };
        let precondition = Precondition::read(&values(if_match), &values(if_none_match));
        precondition.check(exists).map_err(|refusal| refusal.status)
    }

    #[test]
    fn without_conditions_every_upload_is_stored() {
        assert_eq!(outcome(&[], &[], false), Ok(()));
        assert_eq!(outcome(&[], &[], true), Ok(()));
    }

    #[test]
    fn a_file_that_must_not_exist_is_not_replaced() {
        assert_eq!(outcome(&[], &["*"], false), Ok(()));
        assert_eq!(outcome(&[], &[" * "], true), Err(Status::PreconditionFailed));
    }

    #[test]
    fn a_file_that_must_exist_is_not_created() {
        assert_eq!(outcome(&["*"], &[], true), Ok(()));
        assert_eq!(outcome(&["*"], &[], false), Err(Status::PreconditionFailed));
    }

    #[test]
    fn no_file_has_a_tag() {
        for exists in [true, false] {
            for tags in [&["\"a\""][..], &["\"*\"", "W/\"b\""], &[""]] {
                assert_eq!(outcome(tags, &[], exists), Err(Status::PreconditionFailed), "{tags:?}");
                assert_eq!(outcome(&[], tags, exists), Ok(()), "{tags:?}");
            }
        }
    }

    #[test]
    fn contradicting_conditions_are_never_met() {
        for exists in [true, false] {
            assert_eq!(outcome(&["*"], &["*"], exists), Err(Status::PreconditionFailed));
        }
    }
}
