//! A text compared with the reference step by step: all kinds of files, settings, pieces and faults.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::testing::models::text::Model;
use crate::testing::models::text_pair::{Making, Pair, Step};
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::{Encoding, ErrorHandling};
use crate::text::newline::Newline;

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

fn any_settings() -> impl Strategy<Value = TextSettings> {
    (select(&Encoding::EVERY[..]), select(&ErrorHandling::EVERY[..]), select(&Newline::EVERY[..]))
        .prop_map(|(encoding, errors, newline)| TextSettings { encoding, errors, newline })
}

/// The number of programs. Miri takes a thousand times as long.
const CASES: u32 = if cfg!(miri) { 4 } else { 2000 };

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_equals_its_file_decoded_from_the_beginning(
        settings in any_settings(),
        kind in 0..4_u8,
        buffer in select(vec![0_u64, 1, 3, 16, 65536]),
        decoded_at_once in select(vec![1_u64, 2, 3, 5, 8, 32768]),
        (appends, is_at_end) in any::<(bool, bool)>(),
        bytes in bytes(),
        steps in vec((step(), proptest::option::weighted(0.2, 1..3_usize)), 1..40),
    ) {
        let instance = Instance::new().warmed_up();
        let making = Making { kind, buffer, decoded_at_once };
        let model = Model::new(settings, appends, bytes, is_at_end);
        let mut pair = Pair::new(&instance.disk, &instance.scratch, making, model);

        for (step, failing) in &steps {
            let failing = failing.filter(|_| pair.foresees_failure(step));
            if let Some(nth) = failing {
                drop(instance.disk.failing_call(nth, ErrorCode::Io));
            }
            pair = pair.take(step, failing.is_some());
            instance.disk.heal();
        }

        pair.end();
        instance.assert_clean();
    }
}
