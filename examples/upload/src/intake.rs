//! Whether a body is what was announced, piece by piece.

use alloc::format;

use sha2::Digest as _;

use crate::digest::Sha256;
use crate::refusal::{Refusal, Status};

/// What is known of a body before it comes, and what has come of it.
pub struct Intake {
    limit: u64,
    announced: Option<u64>,
    taken: u64,
    digest: Option<(sha2::Sha256, Sha256)>,
}

impl Intake {
    /// Expects a body of `announced` bytes with that digest, where they are known, and of no more
    /// than `limit` bytes.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::ContentTooLarge`] if more than that is announced.
    pub fn new(limit: u64, announced: Option<u64>, digest: Option<Sha256>) -> Result<Self, Refusal> {
        let digest = digest.map(|expected| (sha2::Sha256::new(), expected));
        let intake = Self { limit, announced, taken: 0, digest };
        intake.check_limit(announced.unwrap_or(0))?;
        Ok(intake)
    }

    /// Takes the next piece.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::ContentTooLarge`] if there is more by now than is allowed.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        self.taken = self.taken.saturating_add(piece.len() as u64);
        self.check_limit(self.taken)?;
        if let Some((computed, _)) = &mut self.digest {
            computed.update(piece);
        }
        Ok(())
    }

    /// How many bytes have come.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Checks the body at its end.
    ///
    /// # Errors
    ///
    /// Fails with [`Status::BadRequest`] if it has another length than was announced, and with
    /// [`Status::UnprocessableContent`] if it has another digest.
    pub fn finish(self) -> Result<(), Refusal> {
        if let Some(announced) = self.announced.filter(|announced| *announced != self.taken) {
            let message = format!("{} bytes came of {announced} that Content-Length announced", self.taken);
            return Err(Refusal::new(Status::BadRequest, message));
        }
        if let Some((computed, expected)) = self.digest
            && computed.finalize()[..] != expected
        {
            let message = "the body does not have the SHA-256 that was announced";
            return Err(Refusal::new(Status::UnprocessableContent, message));
        }
        Ok(())
    }

    fn check_limit(&self, length: u64) -> Result<(), Refusal> {
        if length <= self.limit {
            return Ok(());
        }
        let message = format!("the body has more than {} bytes, which is the limit", self.limit);
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
        intake.finish().map_err(|refusal| refusal.status)
    }

    #[test]
    fn a_body_of_any_length_is_taken_where_nothing_is_announced() {
        assert_eq!(outcome(Intake::new(10, None, None).unwrap(), &[b"12345", b"", b"67890"]), Ok(()));
        assert_eq!(outcome(Intake::new(0, None, None).unwrap(), &[]), Ok(()));
    }

    #[test]
    fn a_short_body_is_refused() {
        let intake = Intake::new(10, Some(4), None).unwrap();

        assert_eq!(outcome(intake, &[b"123"]), Err(Status::BadRequest));
    }

    #[test]
    fn a_limit_holds_for_what_is_announced_and_for_what_comes() {
        assert_eq!(Intake::new(3, Some(4), None).map(|_| ()).unwrap_err().status, Status::ContentTooLarge);
        assert_eq!(
            outcome(Intake::new(3, None, None).unwrap(), &[b"12", b"34"]),
            Err(Status::ContentTooLarge)
        );
        assert_eq!(outcome(Intake::new(3, Some(3), None).unwrap(), &[b"12", b"3"]), Ok(()));
    }

    #[test]
    fn the_digest_is_that_of_all_pieces_together() {
        let intake = |bytes| Intake::new(10, None, Some(sha256(bytes))).unwrap();

        assert_eq!(outcome(intake(b"1234"), &[b"12", b"34"]), Ok(()));
        assert_eq!(outcome(intake(b""), &[]), Ok(()));
        assert_eq!(outcome(intake(b"1234"), &[b"12", b"35"]), Err(Status::UnprocessableContent));
    }
}
