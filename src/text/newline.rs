//! Line ends, as Python's `newline` parameter defines them. The line end of the platform is `\n`.

use alloc::borrow::Cow;
use alloc::collections::TryReserveError;
use alloc::string::String;

/// The line ends that are recognised, and their translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newline {
    /// `\n`, `\r` and `\r\n` end a line and are read as `\n`. Python's `None`.
    Universal,
    /// `\n`, `\r` and `\r\n` end a line and are not translated. Python's `''`.
    Untranslated,
    /// `\n` ends a line.
    Lf,
    /// `\r` ends a line, and `\n` is written as `\r`.
    Cr,
    /// `\r\n` ends a line, and `\n` is written as `\r\n`.
    CrLf,
}

#[cfg(any(test, fuzzing))]
impl Newline {
    pub(crate) const EVERY: [Newline; 5] =
        [Self::Universal, Self::Untranslated, Self::Lf, Self::Cr, Self::CrLf];
}

impl Newline {
    /// Translates text for writing. Fails if there is not enough memory.
    pub(crate) fn translate(self, text: &str) -> Result<Cow<'_, str>, TryReserveError> {
        let end = match self {
            Self::Cr => "\r",
            Self::CrLf => "\r\n",
            _ => return Ok(Cow::Borrowed(text)),
        };
        let lines = text.matches('\n').count();
        if lines == 0 {
            return Ok(Cow::Borrowed(text));
        }
        let mut translated = String::new();
        translated.try_reserve_exact(text.len().saturating_add(lines * (end.len() - 1)))?;
        let mut pieces = text.split('\n');
        translated.extend(pieces.next());
        for piece in pieces {
            translated.push_str(end);
            translated.push_str(piece);
        }
        Ok(Cow::Owned(translated))
    }

    /// Returns the end of the first line of `text`, after its line end.
    ///
    /// `text` comes from a [`NewlineDecoder`], so no `\n` follows a `\r` at its end.
    pub(crate) fn find_line_end(self, text: &str) -> Option<usize> {
        match self {
            Self::Universal | Self::Lf => text.find('\n').map(|at| at + 1),
            Self::Cr => text.find('\r').map(|at| at + 1),
            Self::Untranslated => {
                let at = text.bytes().position(|byte| matches!(byte, b'\n' | b'\r'))?;
                Some(if text[at..].starts_with("\r\n") { at + 2 } else { at + 1 })
            }
            Self::CrLf => text
                .match_indices('\n')
                .map(|(at, _)| at)
                .find_map(|at| text[..at].ends_with('\r').then_some(at + 1)),
        }
    }

    /// Whether both `\r` and `\r\n` are line ends. The meaning of a `\r` then depends on the next
    /// character.
    pub(crate) fn joins_returns(self) -> bool {
        matches!(self, Self::Universal | Self::Untranslated)
    }
}

/// Translates line ends of text that was read, piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewlineDecoder {
    newline: Newline,
    /// Whether the last piece ended with a `\r`, which may be the first half of `\r\n`.
    is_return_pending: bool,
}

impl NewlineDecoder {
    /// Creates a decoder, after a pending `\r` or not.
    pub(crate) fn new(newline: Newline, is_return_pending: bool) -> Self {
        Self { newline, is_return_pending: is_return_pending && newline.joins_returns() }
    }

    /// Translates `piece` and appends it to `text`.
    ///
    /// If `\r\n` is a line end, a `\r` at the end of the piece stays pending until the next piece,
    /// unless `is_last` ends the text.
    pub(crate) fn decode(&mut self, piece: &str, is_last: bool, text: &mut String) {
        if !self.newline.joins_returns() {
            text.push_str(piece);
            return;
        }
        let is_translated = self.newline == Newline::Universal;
        let mut rest = piece;
        if self.is_return_pending && (is_last || !piece.is_empty()) {
            self.is_return_pending = false;
            match is_translated {
                // The following `\n` is the line end for both.
                true if rest.starts_with('\n') => {}
                true => text.push('\n'),
                false => text.push('\r'),
            }
        }
        if !is_last && let Some(before) = rest.strip_suffix('\r') {
            self.is_return_pending = true;
            rest = before;
        }
        if !is_translated {
            text.push_str(rest);
            return;
        }
        while let Some((line, after)) = rest.split_once('\r') {
            text.push_str(line);
            text.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
        }
        text.push_str(rest);
    }

    /// Whether a `\r` is pending. This is the whole state between two pieces.
    pub(crate) fn is_return_pending(&self) -> bool {
        self.is_return_pending
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    /// Reads `pieces` and splits them into lines, as a file does.
    fn lines(newline: Newline, pieces: &[&str]) -> Vec<String> {
        let mut decoder = NewlineDecoder::new(newline, false);
        let mut text = String::new();
        let mut lines = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            decoder.decode(piece, number + 1 == pieces.len(), &mut text);
            while let Some(end) = newline.find_line_end(&text) {
                lines.push(text.drain(..end).collect());
            }
        }
        if !text.is_empty() {
            lines.push(text);
        }
        lines
    }

    #[test]
    fn text_is_read_as_python_reads_it() {
        for (newline, expected) in [
            (Newline::Universal, &["a\n", "b\n", "c\n", "\n", "\n", "d\n"][..]),
            (Newline::Untranslated, &["a\n", "b\r", "c\r\n", "\n", "\r", "d\r"]),
            (Newline::Lf, &["a\n", "b\rc\r\n", "\n", "\rd\r"]),
            (Newline::Cr, &["a\nb\r", "c\r", "\n\n\r", "d\r"]),
            (Newline::CrLf, &["a\nb\rc\r\n", "\n\rd\r"]),
        ] {
            assert_eq!(lines(newline, &["a\nb\rc\r\n\n\rd\r"]), expected, "{newline:?}");
        }
    }

    #[test]
    fn a_return_at_the_end_of_a_piece_stays_pending() {
        for newline in [Newline::Universal, Newline::Untranslated] {
            let mut decoder = NewlineDecoder::new(newline, false);
            let mut text = String::new();

            decoder.decode("a\r", false, &mut text);
            assert_eq!(text, "a");
            assert!(decoder.is_return_pending());
            assert_eq!(NewlineDecoder::new(newline, true), decoder);
            decoder.decode("", false, &mut text);
            assert_eq!(text, "a");
            decoder.decode("\n", false, &mut text);
            assert_eq!(text, if newline == Newline::Universal { "a\n" } else { "a\r\n" });
            assert!(!decoder.is_return_pending());
        }
    }

    #[test]
    fn a_return_at_the_end_of_the_text_is_a_line_end() {
        for (newline, expected) in [(Newline::Universal, "\n"), (Newline::Untranslated, "\r")] {
            let mut decoder = NewlineDecoder::new(newline, false);
            let mut text = String::new();

            decoder.decode("\r", false, &mut text);
            decoder.decode("", true, &mut text);

            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_line_end_split_between_two_pieces_is_found() {
        assert_eq!(lines(Newline::CrLf, &["a\r", "\nb\r", "c", ""]), ["a\r\n", "b\rc"]);
    }

    #[test]
    fn text_is_written_as_python_writes_it() {
        for (newline, expected) in [
            (Newline::Universal, "a\nb\r\n\rc"),
            (Newline::Untranslated, "a\nb\r\n\rc"),
            (Newline::Lf, "a\nb\r\n\rc"),
            (Newline::Cr, "a\rb\r\r\rc"),
            (Newline::CrLf, "a\r\nb\r\r\n\rc"),
        ] {
            assert_eq!(newline.translate("a\nb\r\n\rc").unwrap(), expected, "{newline:?}");
        }
    }

    #[test]
    fn text_that_needs_no_translation_is_not_copied() {
        for newline in Newline::EVERY {
            assert!(matches!(newline.translate("a\rb"), Ok(Cow::Borrowed(_))));
        }
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_lines(pieces in proptest::collection::vec("[a\r\n\u{e9}]{0,5}", 1..12)) {
            let pieces: Vec<&str> = pieces.iter().map(|piece| &piece[..]).collect();
            let whole = pieces.concat().to_string();
            for newline in Newline::EVERY {
                prop_assert_eq!(lines(newline, &pieces), lines(newline, &[&whole]));
            }
        }
    }
}
