//! Answers as the canonical ABI writes them: what they say, and that the texts in them are freed once.
//!
//! A text that is freed twice or never is told by Miri alone. Addresses in answers have 32 bits, so
//! that there are texts on such targets only.

use alloc::vec::Vec;

use super::*;

/// The types as the host has them.
const WIT: &str = include_str!("../../../wit/deps/filesystem.wit");

/// Where the payload of `result<_, error-code>` begins, and that of `result<descriptor-stat, error-code>`.
const PAYLOADS: [usize; 2] = [4, 8];

/// The cases of a variant in their order.
fn cases(variant: &str) -> Vec<&'static str> {
    let (_, rest) = WIT.split_once(&format!("variant {variant} {{")).expect("the variant is there");
    let (body, _) = rest.split_once('}').expect("it ends");
    let cases = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    cases.map(|case| case.trim_end_matches(',')).collect()
}

/// An answer with these bytes at these places.
fn answer(parts: &[(usize, &[u8])]) -> Answer {
    let mut bytes = [0; RESULT.size()];
    for (at, part) in parts {
        bytes[*at..at + part.len()].copy_from_slice(part);
    }
    Answer(bytes)
}

fn failed(payload: usize, code: u8) -> Answer {
    answer(&[(0, &[1]), (payload, &[code])])
}

fn expected(case: &str) -> ErrorCode {
    match case {
        "access" => ErrorCode::Access,
        "busy" | "text-file-busy" => ErrorCode::Busy,
        "quota" => ErrorCode::Quota(Limit::Host),
        "exist" => ErrorCode::Exist,
        "file-too-large" | "overflow" => ErrorCode::FileTooLarge,
        "illegal-byte-sequence" => ErrorCode::IllegalByteSequence,
        "interrupted" => ErrorCode::Interrupted,
        "invalid" => ErrorCode::Invalid,
        "io" => ErrorCode::Io,
        "is-directory" => ErrorCode::IsDirectory,
        "loop" => ErrorCode::Loop,
        "name-too-long" => ErrorCode::NameTooLong,
        "no-entry" => ErrorCode::NoEntry,
        "insufficient-memory" => ErrorCode::InsufficientMemory,
        "insufficient-space" => ErrorCode::InsufficientSpace,
        "not-directory" => ErrorCode::NotDirectory,
        "not-empty" => ErrorCode::NotEmpty,
        "unsupported" => ErrorCode::Unsupported,
        "not-permitted" => ErrorCode::NotPermitted,
        "read-only" => ErrorCode::ReadOnly,
        "cross-device" => ErrorCode::CrossDevice,
        _ => ErrorCode::Other,
    }
}

#[test]
fn every_code_of_the_host_has_one_here() {
    let cases = cases("error-code");

    for (number, case) in cases.iter().enumerate() {
        for payload in PAYLOADS {
            assert_eq!(failed(payload, number as u8).outcome(payload), Err(expected(case)), "{case}");
        }
    }
    assert_eq!(cases.len(), CODES.len() + 1);
    assert_eq!(cases.last(), Some(&"other(option<string>)"));
}

#[test]
fn a_code_that_a_later_host_may_have_is_unknown() {
    for code in [37, 38, 255] {
        assert_eq!(failed(4, code).outcome(4), Err(ErrorCode::Other));
    }
}

#[test]
fn a_success_has_no_code() {
    // What lies where the code would is the value.
    let opened = answer(&[(4, &0x0102_0304_u32.to_le_bytes())]);

    assert_eq!(opened.outcome(4), Ok(()));
    assert_eq!(opened.u32(4), 0x0102_0304);
    assert_eq!(Result::<()>::from(opened), Ok(()));
    assert!(bool::from(answer(&[(0, &[1])])));
    assert!(!bool::from(answer(&[])));
}

#[test]
fn a_removal_is_read_where_the_host_put_it() {
    assert_eq!(removal(&[0; 5]), Ok(()));
    // What the host leaves out may be anything: only one byte of each is written.
    assert_eq!(removal(&[1, 0xffff_ff13, 0, 0, 0]), Err(ErrorCode::NoEntry));
    assert_eq!(removal(&[0xffff_ff01, 24, 0, 0, 0]), Err(ErrorCode::NotEmpty));
}

#[test]
fn every_type_of_the_host_has_a_kind_here() {
    for (number, case) in cases("descriptor-type").iter().enumerate() {
        let kind = match *case {
            "directory" => Kind::Directory,
            "symbolic-link" => Kind::SymbolicLink,
            "regular-file" => Kind::File,
            _ => Kind::Other,
        };

        let stat = Result::<Stat>::from(answer(&[(8, &[number as u8])])).unwrap();

        assert_eq!(stat, Stat { kind, size: 0, last_used: None }, "{case}");
    }
}

#[test]
fn size_and_latest_time_are_read() {
    for latest in [40, 64, 88] {
        let stat = answer(&[
            (8, &[5]),
            (32, &(u64::from(u32::MAX) + 7).to_le_bytes()),
            (40, &[1]),
            (48, &1_i64.to_le_bytes()),
            (64, &[1]),
            (72, &2_i64.to_le_bytes()),
            (88, &[1]),
            (96, &3_i64.to_le_bytes()),
            (latest + 8, &1_700_000_000_i64.to_le_bytes()),
            (latest + 16, &999_999_999_u32.to_le_bytes()),
        ]);

        let last_used = Some(1_700_000_000_999_999_999);
        let expected = Stat { kind: Kind::File, size: u64::from(u32::MAX) + 7, last_used };
        assert_eq!(stat.stat(), Ok(expected));
    }
    assert_eq!(failed(8, 19).stat(), Err(ErrorCode::NoEntry));
}

#[test]
fn times_are_bounded_by_1970_and_by_what_64_bits_hold() {
    assert_eq!(nanoseconds(0, 1), 1);
    assert_eq!(nanoseconds(2, 500_000_000), 2_500_000_000);
    assert_eq!(nanoseconds(-1, 999_999_999), 0);
    assert_eq!(nanoseconds(i64::MIN, 0), 0);
    assert_eq!(nanoseconds(i64::MAX, u32::MAX), u64::MAX);
    assert_eq!(nanoseconds(18_446_744_073, 709_551_616), u64::MAX);
}

#[test]
fn a_text_that_is_not_given_is_not_freed() {
    for payload in PAYLOADS {
        // What lies behind an option that is none may be anything.
        let error = answer(&[(0, &[1]), (payload, &[36]), (payload + 8, &[0xaa; 8])]);

        assert_eq!(error.outcome(payload), Err(ErrorCode::Other));
    }
    let stat = answer(&[(8, &[7]), (16, &[0xaa; 8])]);
    assert_eq!(stat.stat().map(|stat| stat.kind), Ok(Kind::Other));
}

#[cfg(target_pointer_width = "32")]
mod texts {
    use super::*;
    use crate::runtime::memory::reallocate;

    /// An `option<string>` with this text, in memory that the host has asked for.
    fn some(text: &str) -> [u8; 12] {
        // SAFETY: nothing was there before, and the memory is as long as the text.
        let start = unsafe {
            let start = reallocate(ptr::null_mut(), 0, 1, text.len());
            start.copy_from(text.as_ptr(), text.len());
            start
        };
        let words = [1, start.expose_provenance() as u32, text.len() as u32];
        words.map(u32::to_le_bytes).as_flattened().try_into().expect("twelve bytes")
    }

    #[test]
    fn the_text_of_an_error_is_freed_once() {
        for text in ["text", "", "a", &"long".repeat(1000)] {
            for payload in PAYLOADS {
                let error = answer(&[(0, &[1]), (payload, &[36]), (payload + 4, &some(text))]);

                assert_eq!(error.outcome(payload), Err(ErrorCode::Other));
            }
        }
    }

    #[test]
    fn the_text_of_a_removal_is_freed_once() {
        let mut outcome = [1, 36, 0, 0, 0];
        for (word, bytes) in outcome[2..].iter_mut().zip(some("text").as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }

        assert_eq!(removal(&outcome), Err(ErrorCode::Other));
    }

    #[test]
    fn the_text_of_a_kind_is_freed_once() {
        for text in ["text", ""] {
            let stat = answer(&[(8, &[7]), (12, &some(text)), (32, &[9])]);

            let expected = Stat { kind: Kind::Other, size: 9, modified: None };
            assert_eq!(Result::<Stat>::from(stat), Ok(expected));
        }
    }

    #[test]
    fn what_another_code_has_behind_it_is_no_text() {
        for code in (0..36).chain(37..40) {
            let error = answer(&[(0, &[1]), (4, &[code]), (8, &[1]), (12, &[0xaa; 8])]);

            assert!(error.outcome(4).is_err());
        }
    }
}
