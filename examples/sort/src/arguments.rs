//! The arguments of the command line.

use alloc::format;
use alloc::string::String;

use crate::Failure;
use crate::budget::MIN_MEMORY;
use crate::order::Order;

/// The output of `--help`.
pub const HELP: &str = "\
Sorts the lines of standard input by their bytes, as `LC_ALL=C sort` does.

Usage: sort [OPTION]...

  -r, --reverse      largest first
  -u, --unique       of equal lines, print one
      --memory SIZE  hold at most SIZE bytes of lines and buffers; the rest goes to temporary
                     files. K, M and G mean powers of 1024. At least 64K; 32M by default
      --help         print this
";

const DEFAULT_MEMORY: usize = 32 << 20;

/// The largest size of a vector in a component, just below 2 GiB. More memory is not used.
const MAX_MEMORY: usize = (2 << 30) - (1 << 20);

/// The options of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arguments {
    /// The order of the lines.
    pub order: Order,
    /// Whether to print only one of several equal lines.
    pub unique: bool,
    /// The largest memory for lines and buffers, in bytes.
    pub memory: usize,
}

/// The request of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Sort.
    Sort(Arguments),
    /// Print [`HELP`].
    Help,
}

/// Reads the arguments that follow the program's name.
///
/// # Errors
///
/// Fails if an argument is unknown, or if a size is missing, invalid or too small.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, Failure> {
    let mut parsed = Arguments { order: Order::Ascending, unique: false, memory: DEFAULT_MEMORY };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" => return Ok(Request::Help),
            "--reverse" => parsed.order = Order::Descending,
            "--unique" => parsed.unique = true,
            "--memory" => {
                let size = arguments.next().ok_or_else(|| Failure("--memory: a size is missing".into()))?;
                parsed.memory = memory(&size)?;
            }
            other => match (other.strip_prefix("--memory="), other.strip_prefix('-')) {
                (Some(size), _) => parsed.memory = memory(size)?,
                (None, Some(letters))
                    if !letters.is_empty() && letters.chars().all(|l| matches!(l, 'r' | 'u')) =>
                {
                    parsed.unique |= letters.contains('u');
                    if letters.contains('r') {
                        parsed.order = Order::Descending;
                    }
                }
                _ => {
                    return Err(Failure(format!("unknown argument {other:?}; --help lists the known ones")));
                }
            },
        }
    }
    Ok(Request::Sort(parsed))
}

fn memory(text: &str) -> Result<usize, Failure> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" => Some(0),
        "k" | "K" => Some(10),
        "m" | "M" => Some(20),
        "g" | "G" => Some(30),
        _ => None,
    };
    let size = digits.parse::<u64>().ok().zip(shift);
    let (number, shift) =
        size.ok_or_else(|| Failure(format!("--memory {text:?}: not a size such as 512K, 32M or 1G")))?;
    let bytes = number.saturating_mul(1 << shift).min(MAX_MEMORY as u64) as usize;
    if bytes < MIN_MEMORY {
        return Err(Failure(format!("--memory {text:?}: at least {}K are needed", MIN_MEMORY >> 10)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    fn sorted_with(line: &str) -> Arguments {
        match parse(line.split_whitespace().map(str::to_owned)) {
            Ok(Request::Sort(arguments)) => arguments,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn refused(line: &str) -> String {
        parse(line.split_whitespace().map(str::to_owned)).expect_err(line).0
    }

    #[test]
    fn the_default_is_ascending_order_and_32_mebibytes() {
        let expected = Arguments { order: Order::Ascending, unique: false, memory: 32 << 20 };

        assert_eq!(sorted_with(""), expected);
    }

    #[test]
    fn short_and_long_options_mean_the_same() {
        let expected = Arguments { order: Order::Descending, unique: true, memory: 32 << 20 };

        for line in ["-r -u", "-ru", "-ur", "--reverse --unique", "--unique -r"] {
            assert_eq!(sorted_with(line), expected, "{line}");
        }
    }

    #[test]
    fn sizes_take_suffixes_of_either_case() {
        for (text, bytes) in [("65536", 65536), ("64K", 65536), ("16m", 16 << 20), ("1G", 1 << 30)] {
            assert_eq!(sorted_with(&format!("--memory {text}")).memory, bytes);
            assert_eq!(sorted_with(&format!("--memory={text}")).memory, bytes);
        }
    }

    #[test]
    fn more_memory_than_a_component_can_have_means_the_largest_possible_memory() {
        for text in ["2G", "9999999999G", "18446744073709551615G"] {
            assert_eq!(sorted_with(&format!("--memory {text}")).memory, MAX_MEMORY, "{text}");
        }
    }

    #[test]
    fn too_little_memory_is_refused() {
        for text in ["0", "1", "63K", "65535"] {
            assert!(refused(&format!("--memory {text}")).contains("at least 64K"), "{text}");
        }
    }

    #[test]
    fn invalid_sizes_are_refused() {
        for text in [
            "--memory=",
            "--memory M",
            "--memory -1M",
            "--memory 16MB",
            "--memory 1.5M",
            "--memory 99999999999999999999",
        ] {
            assert!(refused(text).contains("not a size"), "{text}");
        }
        assert!(refused("--memory").contains("missing"));
    }

    #[test]
    fn unknown_arguments_are_refused_by_name() {
        for text in ["-x", "-rx", "-", "--", "--revers", "file.txt"] {
            assert!(refused(text).contains(&format!("{text:?}")), "{text}");
        }
    }

    #[test]
    fn help_overrides_later_arguments() {
        let request = parse(["--help", "--nonsense"].map(str::to_owned));

        assert_eq!(request, Ok(Request::Help));
    }
}
