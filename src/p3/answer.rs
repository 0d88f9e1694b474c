//! What the host's calls answer: results as the canonical ABI has them in memory.

use alloc::alloc::Layout;
use core::ptr;

use crate::error::{ErrorCode, Limit};
use crate::filesystem::{Kind, Result, Stat, Times};

/// Room for the largest result, `result<descriptor-stat, error-code>` with 112 bytes.
pub(super) const RESULT: Layout = match Layout::from_size_align(112, 8) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// The bytes of a result.
pub(super) struct Answer(pub(super) [u8; RESULT.size()]);

impl Answer {
    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.0[at..at + 4].try_into().expect("four bytes"))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.0[at..at + 8].try_into().expect("eight bytes"))
    }

    /// Whether the call succeeded; the error lies at `payload`, where the value would.
    pub(super) fn outcome(&self, payload: usize) -> Result<()> {
        if self.0[0] == 0 {
            return Ok(());
        }
        let code = usize::from(self.0[payload]);
        if code == CODES.len() {
            self.free_text(payload + 4);
        }
        match CODES.get(code) {
            Some(code) => Err(*code),
            None => Err(ErrorCode::Other),
        }
    }

    fn stat(&self) -> Result<Stat> {
        self.outcome(8)?;
        let kind = match self.0[8] {
            2 => Kind::Directory,
            4 => Kind::SymbolicLink,
            5 => Kind::File,
            other => {
                if other == 7 {
                    self.free_text(12);
                }
                Kind::Other
            }
        };
        let times = Times { accessed: self.time(40), modified: self.time(64), changed: self.time(88) };
        Ok(Stat::new(kind, self.u64(32), times))
    }

    /// An `option<instant>`.
    fn time(&self, at: usize) -> Option<u64> {
        (self.0[at] != 0).then(|| nanoseconds(self.u64(at + 8) as i64, self.u32(at + 16)))
    }

    /// Frees an `option<string>`, which the answer owns.
    fn free_text(&self, at: usize) {
        let (given, start, length) = (self.0[at], self.u32(at + 4), self.u32(at + 8));
        if given != 0 && length > 0 {
            // SAFETY: the host made it with `cabi_realloc`, of this size; nobody else has it.
            unsafe {
                let layout = Layout::from_size_align_unchecked(length as usize, 1);
                alloc::alloc::dealloc(ptr::with_exposed_provenance_mut(start as usize), layout);
            }
        }
    }
}

/// A `result<_, error-code>` that was left where the host put it.
pub(super) fn removal(outcome: &[u32; 5]) -> Result<()> {
    let mut answer = Answer([0; RESULT.size()]);
    for (bytes, word) in answer.0.as_chunks_mut().0.iter_mut().zip(outcome) {
        *bytes = word.to_le_bytes();
    }
    answer.outcome(4)
}

/// A time in nanoseconds since 1970, which it does not come before.
pub(super) fn nanoseconds(seconds: i64, nanoseconds: u32) -> u64 {
    u64::try_from(seconds)
        .map_or(0, |seconds| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds.into()))
}

/// The cases of `error-code`, in its order; the last, `other`, has no number here.
const CODES: [ErrorCode; 36] = [
    ErrorCode::Access,
    ErrorCode::Other, // already
    ErrorCode::Other, // bad-descriptor
    ErrorCode::Busy,
    ErrorCode::Other, // deadlock
    ErrorCode::Quota(Limit::Host),
    ErrorCode::Exist,
    ErrorCode::FileTooLarge,
    ErrorCode::IllegalByteSequence,
    ErrorCode::Other, // in-progress
    ErrorCode::Interrupted,
    ErrorCode::Invalid,
    ErrorCode::Io,
    ErrorCode::IsDirectory,
    ErrorCode::Loop,
    ErrorCode::Other, // too-many-links
    ErrorCode::Other, // message-size
    ErrorCode::NameTooLong,
    ErrorCode::Other, // no-device
    ErrorCode::NoEntry,
    ErrorCode::Other, // no-lock
    ErrorCode::InsufficientMemory,
    ErrorCode::InsufficientSpace,
    ErrorCode::NotDirectory,
    ErrorCode::NotEmpty,
    ErrorCode::Other, // not-recoverable
    ErrorCode::Unsupported,
    ErrorCode::Other,        // no-tty
    ErrorCode::Other,        // no-such-device
    ErrorCode::FileTooLarge, // overflow
    ErrorCode::NotPermitted,
    ErrorCode::Other, // pipe
    ErrorCode::ReadOnly,
    ErrorCode::Other, // invalid-seek
    ErrorCode::Busy,  // text-file-busy
    ErrorCode::CrossDevice,
];

impl From<Answer> for Result<()> {
    fn from(answer: Answer) -> Result<()> {
        answer.outcome(4)
    }
}

impl From<Answer> for Result<Stat> {
    fn from(answer: Answer) -> Result<Stat> {
        answer.stat()
    }
}

impl From<Answer> for bool {
    fn from(answer: Answer) -> bool {
        answer.0[0] != 0
    }
}

#[cfg(test)]
mod tests;
