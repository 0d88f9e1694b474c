//! Why a request is not done: a status to branch on and a sentence to show.

use alloc::format;
use alloc::string::String;

use scratch_tempfile_client::{Error, ErrorCode};

/// The statuses of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The request makes no sense, or its body is not complete.
    BadRequest = 400,
    /// There is no file of that name.
    NotFound = 404,
    /// The path knows other methods.
    MethodNotAllowed = 405,
    /// What has that name is no file.
    Conflict = 409,
    /// The body is larger than this service takes.
    ContentTooLarge = 413,
    /// The body is not the one that its digest announces, or it can't be sorted.
    UnprocessableContent = 422,
    /// The host failed.
    Internal = 500,
    /// The service was deployed in a way in which it can't work, or is overloaded.
    Unavailable = 503,
    /// A limit is reached or the disk is full.
    InsufficientStorage = 507,
}

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What went wrong, in a number.
    pub status: Status,
    /// What went wrong, in a sentence for people.
    pub message: String,
    /// The methods that the path knows, with [`Status::MethodNotAllowed`].
    pub allowed: Option<&'static str>,
}

impl Refusal {
    /// A refusal with that status and that sentence.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), allowed: None }
    }

    /// What an error of the provider means to a client; `what` was to be done.
    pub fn of_provider(what: &str, error: &Error) -> Self {
        let status = match error.code {
            ErrorCode::Quota | ErrorCode::InsufficientSpace | ErrorCode::FileTooLarge => {
                Status::InsufficientStorage
            }
            // No argument but a file's name is the client's.
            ErrorCode::NameTooLong | ErrorCode::IllegalByteSequence => Status::BadRequest,
            ErrorCode::IsDirectory => Status::Conflict,
            // A missing directory, one that can only be read, confinement, a senseless variable.
            ErrorCode::Access
            | ErrorCode::Invalid
            | ErrorCode::NoEntry
            | ErrorCode::NotDirectory
            | ErrorCode::NotPermitted
            | ErrorCode::ReadOnly
            // Another try may succeed.
            | ErrorCode::Busy
            | ErrorCode::InsufficientMemory
            | ErrorCode::Interrupted => Status::Unavailable,
            _ => Status::Internal,
        };
        Self::new(status, format!("{what}: {}", error.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(code: ErrorCode) -> Status {
        Refusal::of_provider("storing", &Error { code, message: "as it is".into() }).status
    }

    #[test]
    fn limits_and_full_disks_are_insufficient_storage() {
        for code in [ErrorCode::Quota, ErrorCode::InsufficientSpace, ErrorCode::FileTooLarge] {
            assert_eq!(status_of(code), Status::InsufficientStorage, "{code:?}");
        }
    }

    #[test]
    fn what_the_deployment_gets_wrong_is_unavailable() {
        for code in [ErrorCode::NoEntry, ErrorCode::NotPermitted, ErrorCode::ReadOnly, ErrorCode::Invalid] {
            assert_eq!(status_of(code), Status::Unavailable, "{code:?}");
        }
    }

    #[test]
    fn a_name_that_the_host_refuses_is_the_clients_fault() {
        assert_eq!(status_of(ErrorCode::NameTooLong), Status::BadRequest);
        assert_eq!(status_of(ErrorCode::IsDirectory), Status::Conflict);
    }

    #[test]
    fn a_host_that_fails_is_an_internal_error() {
        assert_eq!(status_of(ErrorCode::Io), Status::Internal);
    }

    #[test]
    fn the_sentence_of_the_provider_is_passed_on() {
        let error = Error { code: ErrorCode::Quota, message: "limit reached: bytes on disk".into() };

        let refusal = Refusal::of_provider("the body", &error);

        assert_eq!(refusal.message, "the body: limit reached: bytes on disk");
    }
}
