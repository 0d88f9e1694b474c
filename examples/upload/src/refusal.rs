//! The refusal of a request: a status to branch on and a message to show.

use alloc::format;
use alloc::string::String;

use scratch_tempfile::{Error, ErrorCode};

/// The statuses of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The request is malformed, or its body is incomplete.
    BadRequest = 400,
    /// There is no file of that name.
    NotFound = 404,
    /// The path supports other methods.
    MethodNotAllowed = 405,
    /// The entry of that name is not a file.
    Conflict = 409,
    /// A condition of the client is not met.
    PreconditionFailed = 412,
    /// The body is larger than the limit.
    ContentTooLarge = 413,
    /// The body does not have the announced digest, or cannot be sorted.
    UnprocessableContent = 422,
    /// The host failed.
    Internal = 500,
    /// The service cannot work in this deployment, or is overloaded.
    Unavailable = 503,
    /// A limit is reached or the disk is full.
    InsufficientStorage = 507,
}

/// The refusal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, as a status.
    pub status: Status,
    /// The reason, as a sentence for people.
    pub message: String,
    /// The methods that the path supports, with [`Status::MethodNotAllowed`].
    pub allowed: Option<&'static str>,
}

impl Refusal {
    /// Creates a refusal with that status and message.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), allowed: None }
    }

    /// Makes the reason one of the deployment, whatever it is to a client.
    #[must_use]
    pub fn as_unavailable(self) -> Self {
        Self { status: Status::Unavailable, ..self }
    }

    /// Converts an error of the provider; `what` is the operation that failed.
    pub fn of_provider(what: &str, error: &Error) -> Self {
        let status = match error.code {
            ErrorCode::Quota | ErrorCode::InsufficientSpace | ErrorCode::FileTooLarge => {
                Status::InsufficientStorage
            }
            // Only the name of a file comes from the client, no other argument.
            ErrorCode::NameTooLong | ErrorCode::IllegalByteSequence => Status::BadRequest,
            ErrorCode::IsDirectory => Status::Conflict,
            // A missing or read-only directory, confinement, an invalid variable.
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

/// Whether an error may be that of a host or a filesystem that refuses hard links: EPERM, EACCES,
/// EOPNOTSUPP, EMLINK ("other") or ENOSYS ("io"). Moving the file may still succeed.
pub fn is_of_link(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotPermitted
            | ErrorCode::Access
            | ErrorCode::Unsupported
            | ErrorCode::Io
            | ErrorCode::Other
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_name_in_use_are_no_refusals_of_links() {
        for code in [ErrorCode::Exist, ErrorCode::InsufficientSpace, ErrorCode::Quota, ErrorCode::ReadOnly] {
            assert!(!is_of_link(code), "{code:?}");
        }
    }

    #[test]
    fn the_probe_reports_every_reason_as_unavailable() {
        let error = Error::new(ErrorCode::Quota, "limit reached: bytes on disk");

        let refusal = Refusal::of_provider("stored files", &error).as_unavailable();

        assert_eq!(refusal.status, Status::Unavailable);
        assert_eq!(refusal.message, "stored files: limit reached: bytes on disk");
    }

    fn status_of(code: ErrorCode) -> Status {
        Refusal::of_provider("storing", &Error::new(code, "as it is")).status
    }

    #[test]
    fn limits_and_full_disks_are_insufficient_storage() {
        for code in [ErrorCode::Quota, ErrorCode::InsufficientSpace, ErrorCode::FileTooLarge] {
            assert_eq!(status_of(code), Status::InsufficientStorage, "{code:?}");
        }
    }

    #[test]
    fn errors_of_the_deployment_are_unavailable() {
        for code in [ErrorCode::NoEntry, ErrorCode::NotPermitted, ErrorCode::ReadOnly, ErrorCode::Invalid] {
            assert_eq!(status_of(code), Status::Unavailable, "{code:?}");
        }
    }

    #[test]
    fn a_name_that_the_host_refuses_is_a_bad_request() {
        assert_eq!(status_of(ErrorCode::NameTooLong), Status::BadRequest);
        assert_eq!(status_of(ErrorCode::IsDirectory), Status::Conflict);
    }

    #[test]
    fn a_host_that_fails_is_an_internal_error() {
        assert_eq!(status_of(ErrorCode::Io), Status::Internal);
    }

    #[test]
    fn the_message_of_the_provider_is_part_of_the_refusal() {
        let error = Error::new(ErrorCode::Quota, "limit reached: bytes on disk");

        let refusal = Refusal::of_provider("the body", &error);

        assert_eq!(refusal.message, "the body: limit reached: bytes on disk");
    }
}
