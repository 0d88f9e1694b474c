//! A text against the reference, step by step: all kinds of files, settings, pieces and faults.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::text::*;
use super::text_reference::{Model, Place};
use super::*;
use crate::text::Settings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::position::TextPosition;

#[derive(Clone, Debug)]
enum Step {
    Read(u64),
    ReadAll,
    ReadLine(Option<u64>),
    ReadLines(Option<u64>),
    Write(String),
    WriteLines(Vec<String>),
    Tell,
    /// To one of the positions told.
    Seek(usize),
    SeekStart,
    SeekEnd,
    Truncate(Option<u64>),
    Flush,
    Rollover,
    /// Gives the file back and makes a new text of it.
    Renew,
}

fn text() -> impl Strategy<Value = String> {
    vec(select(&["a", "b", "\r", "\n", "\r\n", "é", "€", "😀", "\u{feff}"][..]), 0..8)
        .prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 22] = [
        b"a",
        b"b\0",
        b"\0c",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\0",
        b"\n\0",
        b"\0\r",
        b"\0\n",
        b"\xc3\xa9",
        b"\xe2\x82\xac",
        b"\xe2",
        b"\x82",
        b"\xff",
        b"\xf0\x9f\x98",
        b"\x80",
        b"\0\xd8",
        b"\0\xdc",
        b"\xd8\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ];
    const MARKS: [&[u8]; 6] = [b"", b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xef\xbb"];
    let mark = select(&MARKS[..]);
    (mark, vec(select(&PIECES[..]), 0..14)).prop_map(|(mark, pieces)| [mark, &pieces.concat()].concat())
}

fn step() -> impl Strategy<Value = Step> {
    let length = || 0..12_u64;
    prop_oneof![
        5 => length().prop_map(Step::Read),
        1 => Just(Step::ReadAll),
        4 => proptest::option::of(length()).prop_map(Step::ReadLine),
        1 => proptest::option::of(length()).prop_map(Step::ReadLines),
        4 => text().prop_map(Step::Write),
        1 => vec(text(), 0..3).prop_map(Step::WriteLines),
        4 => Just(Step::Tell),
        3 => (0..8_usize).prop_map(Step::Seek),
        3 => Just(Step::SeekStart),
        1 => Just(Step::SeekEnd),
        2 => proptest::option::of(0..20_u64).prop_map(Step::Truncate),
        1 => Just(Step::Flush),
        1 => Just(Step::Rollover),
        1 => Just(Step::Renew),
    ]
}

fn any_settings() -> impl Strategy<Value = Settings> {
    use ErrorHandling::*;
    let errors = select(vec![Strict, Ignore, Replace, BackslashReplace, SurrogateEscape]);
    (select(&EVERY_ENCODING[..]), errors, select(&EVERY_NEWLINE[..]))
        .prop_map(|(encoding, errors, newline)| Settings { encoding, errors, newline })
}

/// A text in a file of some kind, and the reference.
struct Pair {
    text: TestText,
    decoded_at_once: u64,
    model: Model,
    /// Positions told, and what they are in the reference.
    told: Vec<(TextPosition, Place, usize)>,
}

impl Pair {
    /// Does a step to both and compares; `None` if an injected fault made it fail.
    fn take(mut self, step: &Step, may_fail: bool) -> Pair {
        let mut next = self.model.clone();
        macro_rules! compare {
            ($outcome:expr, $expected:expr) => {
                match ($outcome, $expected) {
                    (Ok(outcome), Some(expected)) => assert_eq!(outcome, expected),
                    (Err(error), None) if error.code == ErrorCode::IllegalByteSequence => {}
                    (Err(error), _) if may_fail => {
                        assert_eq!(error.code, ErrorCode::Io, "{}", error.message);
                        next = self.model.clone();
                    }
                    (outcome, expected) => panic!("{outcome:?} instead of {expected:?}"),
                }
            };
        }
        let text = &self.text;
        match step {
            Step::Read(max) => compare!(text.read(*max), next.read(*max)),
            Step::ReadAll => compare!(text.read_all(), next.read(u64::MAX)),
            Step::ReadLine(limit) => {
                compare!(text.run(text.text.read_line(*limit)), next.read_line(limit.unwrap_or(u64::MAX)))
            }
            Step::ReadLines(hint) => {
                let hinted = hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX);
                compare!(text.run(text.text.read_lines(*hint)), next.read_lines(hinted))
            }
            Step::Write(data) => compare!(text.write(data), next.write(data)),
            Step::WriteLines(lines) => {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                compare!(text.write_lines(&lines), lines.iter().try_for_each(|line| next.write(line)))
            }
            Step::Tell => {
                self.told.push((text.tell().unwrap(), next.place, next.end));
            }
            Step::Seek(index) if !self.told.is_empty() => {
                let (position, place, end) = self.told[index % self.told.len()];
                text.seek(Target::Position(position)).unwrap();
                (next.place, next.end) = (place, end);
                if next.place.offset > 0 {
                    next.seen = next.place.is_big_endian;
                }
            }
            Step::Seek(_) => {}
            Step::SeekStart => {
                text.rewind();
                next.go_to(0);
            }
            Step::SeekEnd => {
                next.go_to(next.bytes.len());
                compare!(text.seek(Target::End), Some(()));
            }
            Step::Truncate(size) => {
                next.bytes.resize(size.unwrap_or(next.end as u64) as usize, 0);
                compare!(text.truncate(*size), Some(()));
            }
            Step::Flush => compare!(text.run(text.text.flush()), Some(())),
            Step::Rollover => compare!(text.run(text.text.rollover()), Some(())),
            Step::Renew => {
                let file = self.text.into_file();
                assert_eq!(file.file.tell(), next.end as u64);
                self.text = file.into_text(next.settings);
                self.text.text.decode_at_once(self.decoded_at_once);
                next.seen = None;
                next.go_to(next.end);
            }
        }
        self.model = next;
        self
    }
}

fn pair(instance: &Instance, kind: usize, buffer: u64, decoded_at_once: u64, model: Model) -> Pair {
    let access = if model.appends { Access::Append } else { Access::ReadWrite };
    let options = FileOptions { access: Some(access), ..with_buffer(buffer) };
    let file = match kind {
        0 => instance.try_unnamed(options).unwrap(),
        1 => instance.try_named(options).unwrap(),
        2 => instance.try_spooled(None, options).unwrap(),
        _ => instance.try_spooled(Some(9), options).unwrap(),
    };
    file.write(&model.bytes).unwrap();
    file.seek(model.place.offset as i64, Whence::Start).unwrap();
    let text = file.into_text(model.settings);
    text.text.decode_at_once(decoded_at_once);
    Pair { text, decoded_at_once, model, told: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_is_its_file_decoded_from_the_beginning(
        settings in any_settings(),
        kind in 0..4_usize,
        buffer in select(vec![0_u64, 1, 3, 16, 65536]),
        decoded_at_once in select(vec![1_u64, 2, 3, 5, 8, 32768]),
        (appends, is_at_end) in any::<(bool, bool)>(),
        bytes in bytes(),
        steps in vec((step(), proptest::option::weighted(0.2, 1..3_usize)), 1..40),
    ) {
        let instance = Instance::new().warmed_up();
        let model = Model::new(settings, appends, bytes, is_at_end);
        let mut pair = pair(&instance, kind, buffer, decoded_at_once, model);

        for (step, failing) in &steps {
            // The lines before the refused one are written.
            let failing = failing.filter(|_| !matches!(step, Step::WriteLines(_) | Step::Renew));
            // Whether the byte-order mark was seen then, only the text knows.
            let failing = failing.filter(|_| pair.model.place.offset > 0 || settings.encoding != Encoding::Utf16);
            if let Some(nth) = failing {
                drop(instance.disk.failing_call(nth, ErrorCode::Io));
            }
            pair = pair.take(step, failing.is_some());
            instance.disk.heal();
        }

        let file = pair.text.into_file();
        prop_assert_eq!(file.file.tell(), pair.model.end as u64);
        prop_assert_eq!(file.contents(), pair.model.bytes);
        file.assert_closes();
        instance.assert_clean();
    }
}
