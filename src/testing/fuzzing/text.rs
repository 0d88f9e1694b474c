//! Text: pieces of any size decode to the same text, and a text equals its model.

use std::iter;
use std::rc::Rc;

use crate::error::ErrorCode;
use crate::file::File;
use crate::instance::scratch::Scratch;
use crate::options::FileOptions;
use crate::testing::memory_filesystem::MemoryFilesystem;
use crate::testing::models::text::Model;
use crate::testing::models::text_pair::{Making, Pair, Step};
use crate::text::decoder::{Decoder, State};
use crate::text::encoder::Encoder;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::file::TextFile;
use crate::text::newline::{Newline, NewlineDecoder};
use crate::text::position::TextPosition;
use crate::text::{Target, TextSettings};

/// The texts that steps write.
const WRITTEN: [&str; 10] = ["a", "b\n", "\r", "\r\n", "\n", "é", "€", "😀", "\u{feff}", "long enough\n"];

/// The largest content, in bytes. The model decodes all of it for each step.
const MOST_CONTENT: usize = 600;

const MOST_STEPS: usize = 40;

/// Takes six digits for the settings, the number of steps, the steps of two characters, and the content.
pub(crate) fn check(bytes: &[u8]) {
    let Some((header, rest)) = bytes.split_first_chunk::<6>() else { return };
    let [encoding, errors, newline, making, pace, count] = header.map(digit);
    let settings = TextSettings {
        encoding: Encoding::EVERY[encoding % Encoding::EVERY.len()],
        errors: ErrorHandling::EVERY[errors % ErrorHandling::EVERY.len()],
        newline: Newline::EVERY[newline % Newline::EVERY.len()],
    };
    let (steps, _) = rest.as_chunks::<2>();
    let steps = &steps[..steps.len().min(count % MOST_STEPS)];
    let content = &rest[2 * steps.len()..];
    let content = &content[..content.len().min(MOST_CONTENT)];

    check_decoding(settings, content, pace);
    check_state(settings, content);
    check_position(settings, content);
    let making = Making {
        kind: (making % 4) as u8,
        buffer: [0, 1, 3, 16, 65536][making / 4 % 5],
        decoded_at_once: [1, 2, 3, 5, 8, 32768][pace % 6],
    };
    let (appends, is_at_end) = (pace / 6 % 3 == 1, pace / 6 % 3 == 2);
    take_steps(making, Model::new(settings, appends, content.to_vec(), is_at_end), steps);
}

/// Returns the number for a byte. Digits are readable, and other bytes are numbers too.
fn digit(byte: u8) -> usize {
    byte.wrapping_sub(b'0').into()
}

/// Returns the text of bytes decoded in pieces of these lengths, and the error if they are invalid.
fn decoded(
    settings: TextSettings,
    bytes: &[u8],
    mut lengths: impl Iterator<Item = usize>,
) -> (String, String, Option<String>) {
    let mut decoder = Decoder::new(settings.encoding, settings.errors);
    let mut newlines = NewlineDecoder::new(settings.newline, false);
    let (mut characters, mut text) = (String::new(), String::new());
    let mut at = 0;
    loop {
        let end = lengths.next().map_or(bytes.len(), |length| bytes.len().min(at + length));
        let is_last = end == bytes.len();
        let before = characters.len();
        let outcome = decoder.decode(&bytes[at..end], is_last, &mut characters);
        newlines.decode(&characters[before..], is_last || outcome.is_err(), &mut text);
        if let Err(error) = outcome {
            return (characters, text, Some(error.describe(at as u64).to_string()));
        }
        if is_last {
            return (characters, text, None);
        }
        let known = Decoder::from_state(settings.encoding, settings.errors, decoder.state());
        assert_eq!(known, Some(decoder), "a state that was told");
        newlines = NewlineDecoder::new(settings.newline, newlines.is_return_pending());
        at = end;
    }
}

fn check_decoding(settings: TextSettings, bytes: &[u8], pace: usize) {
    let whole = decoded(settings, bytes, iter::empty());
    assert_eq!(decoded(settings, bytes, iter::repeat(1)), whole, "byte by byte");
    let lengths =
        iter::successors(Some(pace), |length| Some((length * 5 + 3) % 256)).map(|length| length / 2 % 8);
    assert_eq!(decoded(settings, bytes, lengths.take(2 * bytes.len())), whole, "in pieces");

    let (characters, text, fault) = whole;
    let expected = Model::new(settings, false, bytes.to_vec(), false).read(u64::MAX);
    assert_eq!(expected, fault.is_none().then_some(text), "as the reference has it");
    if fault.is_none() {
        if let Some(expected) = known(settings, bytes) {
            assert_eq!(characters, expected, "as the standard library has it");
        }
        check_encoding(settings, bytes, &characters);
    }
}

/// Decodes the bytes with the standard library, if it has the encoding and the error handling.
fn known(TextSettings { encoding, errors, .. }: TextSettings, bytes: &[u8]) -> Option<String> {
    let utf_16 = |unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().copied().map(unit).collect();
        rest.is_empty().then(|| String::from_utf16_lossy(&units))
    };
    match (encoding, errors) {
        (Encoding::Latin1, _) => Some(bytes.iter().copied().map(char::from).collect()),
        (Encoding::Utf8, ErrorHandling::Replace) => Some(String::from_utf8_lossy(bytes).into_owned()),
        (Encoding::Utf16Le, ErrorHandling::Replace) => utf_16(u16::from_le_bytes),
        (Encoding::Utf16Be, ErrorHandling::Replace) => utf_16(u16::from_be_bytes),
        _ => None,
    }
}

/// Checks that encoding a text in one piece or two gives the same bytes, which decode to the text.
fn check_encoding(TextSettings { encoding, errors, .. }: TextSettings, bytes: &[u8], text: &str) {
    let encode = |pieces: &[&str]| {
        let mut encoded = Vec::new();
        let mut encoder = Encoder::new(encoding, errors, true);
        let outcome = pieces.iter().try_for_each(|piece| encoder.encode(piece, &mut encoded));
        outcome.ok().map(|()| encoded)
    };
    let encoded = encode(&[text]);
    let middle = text.floor_char_boundary(text.len() / 2);
    let (first, second) = text.split_at(middle);
    assert_eq!(encode(&[first, second]), encoded, "in two pieces");
    let Some(encoded) = encoded else { return };
    assert!(encoded.len() <= text.len() * Encoder::most_bytes(encoding, errors) + 3);
    let is_whole = !matches!(encoding, Encoding::Latin1 | Encoding::Ascii) || errors == ErrorHandling::Strict;
    if is_whole {
        let mut again = String::new();
        Decoder::new(encoding, ErrorHandling::Strict).decode(&encoded, true, &mut again).expect("a text");
        assert_eq!(again, text);
    }
    let has_its_mark = match encoding {
        Encoding::Utf8Sig => bytes.starts_with(b"\xef\xbb\xbf"),
        Encoding::Utf16 => bytes.starts_with(b"\xff\xfe"),
        _ => true,
    };
    if errors == ErrorHandling::Strict && has_its_mark {
        assert_eq!(encoded, bytes);
    }
}

/// Checks that any state is refused, or is the state of the resulting decoder.
fn check_state(TextSettings { encoding, errors, .. }: TextSettings, bytes: &[u8]) {
    let Some((bits, _)) = bytes.split_first_chunk() else { return };
    let bits = u32::from_le_bytes(*bits);
    if let Some(decoder) = Decoder::from_state(encoding, errors, State::from_bits(bits)) {
        assert_eq!(decoder.state().to_bits(), bits);
    }
    let name = String::from_utf8_lossy(bytes);
    if let Ok(encoding) = Encoding::parse(&name) {
        assert_eq!(Encoding::parse(encoding.name()), Ok(encoding), "{name:?}");
    }
}

/// Checks that any position is refused, or is the position of the text after the seek. One position has a
/// check at random, the other a valid one.
fn check_position(settings: TextSettings, bytes: &[u8]) {
    let Some((offset, rest)) = bytes.split_first_chunk() else { return };
    let Some((state, content)) = rest.split_first_chunk() else { return };
    let (offset, state) = (u64::from_le_bytes(*offset), u64::from_le_bytes(*state));
    let kind = (settings.encoding, settings.newline);
    let forged = TextPosition::forged(offset, state as u32, (state >> 32) as u8, kind);
    let disk = MemoryFilesystem::new();
    let scratch = Scratch::new(disk.clone());
    let file = File::create_spooled(&scratch, None, FileOptions::default()).expect("a file in memory");
    disk.run(file.write(content.to_vec())).expect("it may be written");
    let text = TextFile::new(file, settings).expect("a text");
    for position in [TextPosition { offset, state }, forged] {
        match disk.run(text.seek(Target::Position(position))) {
            Ok(()) => {
                assert_eq!(disk.run(text.tell()).expect("it is open"), position);
                let _ = disk.run(text.read(Some(3)));
            }
            Err(error) => {
                assert_eq!(error.code, ErrorCode::Invalid, "{}", error.message);
                assert!(error.message.starts_with("position "), "{}", error.message);
            }
        }
    }
    disk.run(text.close()).expect("it is closed");
}

/// Runs a program on a text, then reads it from each position that `tell` returned.
fn take_steps(making: Making, model: Model, steps: &[[u8; 2]]) {
    let disk = MemoryFilesystem::new();
    let scratch = Scratch::new(disk.clone());
    let mut pair = Pair::new(&disk, &scratch, making, model);
    let mut failing = None;
    for [operation, argument] in steps {
        let number = digit(*argument);
        let Some(step) = step(*operation, number) else {
            failing = Some(1 + number % 3);
            continue;
        };
        let nth = failing.take().filter(|_| pair.foresees_failure(&step));
        if let Some(nth) = nth {
            drop(disk.failing_call(nth, ErrorCode::Io));
        }
        pair = pair.take(&step, nth.is_some());
        disk.heal();
    }
    for last in [Step::Tell, Step::SeekStart, Step::ReadLines(None), Step::SeekStart, Step::ReadAll] {
        pair = pair.take(&last, false);
    }
    for told in 0..4 {
        pair = pair.take(&Step::Seek(told), false).take(&Step::ReadAll, false);
    }
    pair.end();
    disk.settle();
    assert_nothing_left(disk, scratch);
}

/// Returns the step of a letter, or nothing if the next step has to fail.
fn step(operation: u8, number: usize) -> Option<Step> {
    let written = |number: usize| WRITTEN[number % WRITTEN.len()].repeat(1 + number / WRITTEN.len() % 4);
    Some(match operation {
        b'x' => return None,
        b'a' => Step::ReadAll,
        b'l' => Step::ReadLine(None),
        b'L' => Step::ReadLine(Some(number as u64)),
        b'n' => Step::ReadLines(None),
        b'N' => Step::ReadLines(Some(number as u64)),
        b'w' => Step::Write(written(number)),
        b'W' => Step::WriteLines(vec![written(number), written(number / 3)]),
        b't' => Step::Tell,
        b's' => Step::Seek(number),
        b'b' => Step::SeekStart,
        b'e' => Step::SeekEnd,
        b'c' => Step::Truncate(None),
        b'C' => Step::Truncate(Some(number as u64)),
        b'f' => Step::Flush,
        b'o' => Step::Rollover,
        b'g' => Step::Renew,
        _ => Step::Read(number as u64),
    })
}

fn assert_nothing_left(disk: MemoryFilesystem, scratch: Rc<Scratch<MemoryFilesystem>>) {
    let usage = scratch.budget().expect("there are no settings").usage();
    let used = [usage.bytes, usage.entries, usage.handles, usage.memory].map(|gauge| gauge.now);
    assert_eq!(used, [0; 4], "bytes, entries, handles, memory");
    drop(scratch);
    disk.assert_empty();
    disk.assert_balanced();
    assert_eq!((disk.open_descriptors(), disk.used()), (0, 0), "descriptors and bytes are left");
}
