//! The check of a body against its announced length and digest, piece by piece.

use alloc::format;

use sha2::Digest as _;

use crate::digest::Sha256;
use crate::refusal::{Refusal, Status};

/// The announced properties of a body, and those of the pieces received so far.
pub struct Intake {
    limit: u64,
    announced: Option<u64>,
    taken: u64,
    digest: Option<Sha256>,
    /// The SHA-256 of the pieces, if it may be needed.
    computed: Option<sha2::Sha256>,
}

impl Intake {
    /// Expects a body of at most `limit` bytes, with the announced length and digest if they are known.
    /// `has_trailers` means that the digest may also be announced after the body.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::ContentTooLarge`] if the announced length is above the limit.
    pub fn new(
        limit: u64,
        announced: Option<u64>,
        digest: Option<Sha256>,
        has_trailers: bool,
    ) -> Result<Self, Refusal> {
        let computed = (digest.is_some() || has_trailers).then(sha2::Sha256::new);
        let intake = Self { limit, announced, taken: 0, digest, computed };
        intake.check_limit(announced.unwrap_or(0))?;
        Ok(intake)
    }

    /// Adds the next piece.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::ContentTooLarge`] if the body is above the limit.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        self.taken = self.taken.saturating_add(piece.len() as u64);
        self.check_limit(self.taken)?;
        if let Some(computed) = &mut self.computed {
            computed.update(piece);
        }
        Ok(())
    }

    /// Returns the number of bytes received.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Checks the body at its end. `trailer` is the digest that was announced after it.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::BadRequest`] if its length differs from the announced one or a digest after it
    /// was not to be expected, and with [`Status::UnprocessableContent`] if its digest differs.
    pub fn finish(self, trailer: Option<Sha256>) -> Result<(), Refusal> {
        if let Some(announced) = self.announced.filter(|announced| *announced != self.taken) {
            let message = format!("the body has {} bytes, but Content-Length is {announced}", self.taken);
            return Err(Refusal::new(Status::BadRequest, message));
        }
        let Some(computed) = self.computed else {
            return match trailer {
                None => Ok(()),
                Some(_) => {
                    let message = "a digest after a body with a length needs a field Trailer before it";
                    Err(Refusal::new(Status::BadRequest, message))
                }
            };
        };
        let computed: Sha256 = computed.finalize().into();
        if self.digest.into_iter().chain(trailer).any(|expected| expected != computed) {
            let message = "the body does not have the announced SHA-256";
            return Err(Refusal::new(Status::UnprocessableContent, message));
        }
        Ok(())
    }

    fn check_limit(&self, length: u64) -> Result<(), Refusal> {
        if length <= self.limit {
            return Ok(());
        }
        let message = format!("the body is larger than the limit of {} bytes", self.limit);
        Err(Refusal::new(Status::ContentTooLarge, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha256(bytes: &[u8]) -> Sha256 {
        sha2::Sha256::digest(bytes).into()
    }

    fn outcome(mut intake: Intake, pieces: &[&[u8]]) -> Result<(), Status> {
        for piece in pieces {
            intake.take(piece).map_err(|refusal| refusal.status)?;
        }
        intake.finish(None).map_err(|refusal| refusal.status)
    }

    #[test]
    fn a_body_without_announced_length_may_have_any_length() {
        assert_eq!(outcome(Intake::new(10, None, None, false).unwrap(), &[b"12345", b"", b"67890"]), Ok(()));
        assert_eq!(outcome(Intake::new(0, None, None, false).unwrap(), &[]), Ok(()));
    }

    #[test]
    fn a_short_body_is_refused() {
        let intake = Intake::new(10, Some(4), None, false).unwrap();

        assert_eq!(outcome(intake, &[b"123"]), Err(Status::BadRequest));
    }

    #[test]
    fn the_limit_applies_to_the_announced_and_to_the_received_length() {
        assert_eq!(
            Intake::new(3, Some(4), None, false).map(|_| ()).unwrap_err().status,
            Status::ContentTooLarge
        );
        assert_eq!(
            outcome(Intake::new(3, None, None, false).unwrap(), &[b"12", b"34"]),
            Err(Status::ContentTooLarge)
        );
        assert_eq!(outcome(Intake::new(3, Some(3), None, false).unwrap(), &[b"12", b"3"]), Ok(()));
    }

    #[test]
    fn the_digest_covers_all_pieces() {
        let intake = |bytes| Intake::new(10, None, Some(sha256(bytes)), false).unwrap();

        assert_eq!(outcome(intake(b"1234"), &[b"12", b"34"]), Ok(()));
        assert_eq!(outcome(intake(b""), &[]), Ok(()));
        assert_eq!(outcome(intake(b"1234"), &[b"12", b"35"]), Err(Status::UnprocessableContent));
    }

    #[test]
    fn a_digest_after_the_body_covers_it() {
        for (announced, outcome) in [(&b"12"[..], Ok(())), (b"13", Err(Status::UnprocessableContent))] {
            let mut intake = Intake::new(10, None, None, true).unwrap();
            intake.take(b"12").unwrap();

            let finished = intake.finish(Some(sha256(announced)));

            assert_eq!(finished.map_err(|refusal| refusal.status), outcome);
        }
    }

    #[test]
    fn digests_before_and_after_the_body_must_both_be_right() {
        for (before, after) in [(b"12", b"13"), (b"13", b"12")] {
            let mut intake = Intake::new(10, None, Some(sha256(before)), true).unwrap();
            intake.take(b"12").unwrap();

            let refusal = intake.finish(Some(sha256(after))).unwrap_err();

            assert_eq!(refusal.status, Status::UnprocessableContent);
        }
    }

    #[test]
    fn a_digest_after_the_body_that_was_not_computed_is_refused() {
        let intake = Intake::new(10, Some(0), None, false).unwrap();

        assert_eq!(intake.finish(Some(sha256(b""))).unwrap_err().status, Status::BadRequest);
    }
}
