//! Programs with the results of CPython 3.11's `io.TextIOWrapper`.

use crate::tests::text::*;
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::Encoding::{self, *};
use crate::text::encoding::ErrorHandling::{self, *};
use crate::text::newline::Newline::{self, *};

/// A call, and Python's result.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read(u64, &'static str),
    All(&'static str),
    Line(&'static str),
    Write(&'static str),
    Tell,
    /// A seek to the position of the last `Tell`.
    Back,
    Start,
    End,
    Truncate(u64),
}

use Step::*;

/// The settings, the initial bytes, the calls, and the final bytes.
type Program = (Encoding, ErrorHandling, Newline, &'static [u8], &'static [Step], &'static [u8]);

#[test]
fn programs_have_the_same_results_as_in_python() {
    #[rustfmt::skip]
    let programs: &[Program] = &[
        (Utf8, Strict, Universal, b"\r\xe2\x82\xacablineb", &[Line("\n"), Read(2, "€a"), Tell, Line("blineb"), Back, End, Write("\nab"), Start, All("\n€ablineb\nab")], b"\r\xe2\x82\xacablineb\nab"),
        (Utf8Sig, Strict, Universal, b"\xef\xbb\xbf\nbline\xe2\x82\xac", &[Line("\n"), Read(1, "b"), Tell, Line("line€"), Back, End, Write("\n"), Start, All("\nbline€\n")], b"\xef\xbb\xbf\nbline\xe2\x82\xac\n"),
        (Utf16, Strict, Universal, b"\xff\xfe\xac a\0\n\0a\0", &[Line("€a\n"), Read(3, "a"), Tell, Line(""), Back, End, Write("€\r"), Start, All("€a\na€\n")], b"\xff\xfe\xac a\0\n\0a\0\xac \r\0"),
        (Utf16Le, Strict, Universal, b"l\0i\0n\0e\0\r\0b\0\n\0\xe9\0b\0", &[Line("line\n"), Read(3, "b\né"), Tell, Line("b"), Back, End, Write("a\n😀"), Start, All("line\nb\néba\n😀")], b"l\0i\0n\0e\0\r\0b\0\n\0\xe9\0b\0a\0\n\0=\xd8\0\xde"),
        (Utf16Be, Strict, Universal, b"\0\xe9\xd8=\xde\0\xd8=\xde\0\0\xe9\0\r\0\n\0\n\0\r", &[Line("é😀😀é\n"), Read(3, "\n\n"), Tell, Line(""), Back, End, Write("\r\n"), Start, All("é😀😀é\n\n\n\n")], b"\0\xe9\xd8=\xde\0\xd8=\xde\0\0\xe9\0\r\0\n\0\n\0\r\0\r\0\n"),
        (Latin1, Ignore, Universal, b"\r\nbbline", &[Line("\n"), Read(1, "b"), Tell, Line("bline"), Back, End, Write("😀"), Start, All("\nbbline")], b"\r\nbbline"),
        (Ascii, Replace, Universal, b"line", &[Line("line"), Read(3, ""), Tell, Line(""), Back, Write("bb"), Start, All("linebb")], b"linebb"),
        (Utf8, Strict, Untranslated, b"ba\r\n\xf0\x9f\x98\x80\r\n\xe2\x82\xac\xc3\xa9", &[Line("ba\r\n"), Read(1, "😀"), Tell, Line("\r\n"), Back, End, Write("\rb"), Start, All("ba\r\n😀\r\n€é\rb")], b"ba\r\n\xf0\x9f\x98\x80\r\n\xe2\x82\xac\xc3\xa9\rb"),
        (Utf8Sig, Strict, Untranslated, b"\xef\xbb\xbf\r\n\r\n\xe2\x82\xac\xe2\x82\xac", &[Line("\r\n"), Read(2, "\r\n"), Tell, Line("€€"), Back, Write("€line"), Truncate(5), Start, All("\r\n")], b"\xef\xbb\xbf\r\n"),
        (Utf16, Strict, Untranslated, b"\xff\xfel\0i\0n\0e\0\r\0\n\0\xac \xe9\0\xac \n\0\r\0", &[Line("line\r\n"), Read(1, "€"), Tell, Line("é€\n"), Back, Write("\n"), Truncate(8), Start, All("lin")], b"\xff\xfel\0i\0n\0"),
        (Utf16Le, Strict, Untranslated, b"\r\0\n\0\r\0\n\0a\0\r\0\xac ", &[Line("\r\n"), Read(3, "\r\na"), Tell, Line("\r"), Back, Write("é\rline"), Start, All("\r\n\r\naé\rline")], b"\r\0\n\0\r\0\n\0a\0\xe9\0\r\0l\0i\0n\0e\0"),
        (Utf16Be, Strict, Untranslated, b"\0\r\0b\0\xe9\0a\0b\0a\0\r", &[Line("\r"), Read(3, "béa"), Tell, Line("ba\r"), Back, Write("ab"), Start, All("\rbéaab\r")], b"\0\r\0b\0\xe9\0a\0a\0b\0\r"),
        (Latin1, Strict, Untranslated, b"linea\nline\xe9", &[Line("linea\n"), Read(1, "l"), Tell, Line("ineé"), Back, End, Write("line"), Truncate(4), Start, All("line")], b"line"),
        (Ascii, Ignore, Untranslated, b"line\r\nline", &[Line("line\r\n"), Read(3, "lin"), Tell, Line("e"), Back, End, Write("\n\n"), Start, All("line\r\nline\n\n")], b"line\r\nline\n\n"),
        (Utf8, Strict, Lf, b"\n\nline\xf0\x9f\x98\x80\xc3\xa9aa", &[Line("\n"), Read(2, "\nl"), Tell, Line("ine😀éaa"), Back, Write("é"), Start, All("\n\nlée😀éaa")], b"\n\nl\xc3\xa9e\xf0\x9f\x98\x80\xc3\xa9aa"),
        (Utf8Sig, Strict, Lf, b"\xef\xbb\xbf\xc3\xa9b\nb\n\xf0\x9f\x98\x80", &[Line("éb\n"), Read(1, "b"), Tell, Line("\n"), Back, Write("a😀"), Start, All("éb\nba😀")], b"\xef\xbb\xbf\xc3\xa9b\nba\xf0\x9f\x98\x80"),
        (Utf16, Strict, Lf, b"\xff\xfeb\0b\0\xac \n\0=\xd8\0\xde\r\0", &[Line("bb€\n"), Read(2, "😀\r"), Tell, Line(""), Back, End, Write("b€"), Start, All("bb€\n😀\rb€")], b"\xff\xfeb\0b\0\xac \n\0=\xd8\0\xde\r\0b\0\xac "),
        (Utf16Le, Strict, Lf, b"\r\0\r\0\r\0a\0", &[Line("\r\r\ra"), Read(1, ""), Tell, Line(""), Back, End, Write("\r😀"), Start, All("\r\r\ra\r😀")], b"\r\0\r\0\r\0a\0\r\0=\xd8\0\xde"),
        (Utf16Be, Strict, Lf, b"\0\r\0l\0i\0n\0e\0l\0i\0n\0e\0\r\0a\0a", &[Line("\rlineline\raa"), Read(3, ""), Tell, Line(""), Back, End, Write("\r€\n"), Start, All("\rlineline\raa\r€\n")], b"\0\r\0l\0i\0n\0e\0l\0i\0n\0e\0\r\0a\0a\0\r \xac\0\n"),
        (Latin1, BackslashReplace, Lf, b"a\r\n\n\r\nline", &[Line("a\r\n"), Read(1, "\n"), Tell, Line("\r\n"), Back, End, Write("\r\nline"), Start, All("a\r\n\n\r\nline\r\nline")], b"a\r\n\n\r\nline\r\nline"),
        (Ascii, Strict, Lf, b"aline", &[Line("aline"), Read(3, ""), Tell, Line(""), Back, Write("line"), Start, All("alineline")], b"alineline"),
        (Utf8, Strict, Cr, b"\ra\r\r\r\xf0\x9f\x98\x80b", &[Line("\r"), Read(3, "a\r\r"), Tell, Line("\r"), Back, Write("linelineline"), Start, All("\ra\r\rlinelineline")], b"\ra\r\rlinelineline"),
        (Utf8Sig, Strict, Cr, b"\xef\xbb\xbflinea\n\n", &[Line("linea\n\n"), Read(2, ""), Tell, Line(""), Back, Write("line"), Start, All("linea\n\nline")], b"\xef\xbb\xbflinea\n\nline"),
        (Utf16, Strict, Cr, b"\xff\xfeb\0=\xd8\0\xde\xe9\0l\0i\0n\0e\0", &[Line("b😀éline"), Read(3, ""), Tell, Line(""), Back, End, Write("\r\n😀line"), Start, All("b😀éline\r\r😀line")], b"\xff\xfeb\0=\xd8\0\xde\xe9\0l\0i\0n\0e\0\r\0\r\0=\xd8\0\xdel\0i\0n\0e\0"),
        (Utf16Le, Strict, Cr, b"b\0\n\0\r\0\n\0b\0\r\0\xe9\0\r\0", &[Line("b\n\r"), Read(2, "\nb"), Tell, Line("\r"), Back, End, Write("\nb"), Start, All("b\n\r\nb\ré\r\rb")], b"b\0\n\0\r\0\n\0b\0\r\0\xe9\0\r\0\r\0b\0"),
        (Utf16Be, Strict, Cr, b"\0\r\0\n\0\r \xac\0l\0i\0n\0e \xac\0\xe9", &[Line("\r"), Read(2, "\n\r"), Tell, Line("€line€é"), Back, Write("bé"), Truncate(8), Start, All("\r\n\rb")], b"\0\r\0\n\0\r\0b"),
        (Latin1, Replace, Cr, b"a\xe9line\r\nline", &[Line("aéline\r"), Read(1, "\n"), Tell, Line("line"), Back, Write("b"), Truncate(6), Start, All("aéline")], b"a\xe9line"),
        (Ascii, BackslashReplace, Cr, b"\r\r\n\r", &[Line("\r"), Read(3, "\r\n\r"), Tell, Line(""), Back, End, Write("€\r"), Start, All("\r\r\n\r\\u20ac\r")], b"\r\r\n\r\\u20ac\r"),
        (Utf8, Strict, CrLf, b"\xc3\xa9b\r\na\r\xe2\x82\xacb", &[Line("éb\r\n"), Read(2, "a\r"), Tell, Line("€b"), Back, End, Write("b\r\nb"), Start, All("éb\r\na\r€bb\r\r\nb")], b"\xc3\xa9b\r\na\r\xe2\x82\xacbb\r\r\nb"),
        (Utf8Sig, Strict, CrLf, b"\xef\xbb\xbfb\r\nb\xf0\x9f\x98\x80a", &[Line("b\r\n"), Read(2, "b😀"), Tell, Line("a"), Back, End, Write("\r\n\r"), Truncate(5), Start, All("b\r")], b"\xef\xbb\xbfb\r"),
        (Utf16, Strict, CrLf, b"\xff\xfe\r\0\r\0\n\0a\0\r\0", &[Line("\r\r\n"), Read(1, "a"), Tell, Line("\r"), Back, End, Write("\r\nline\n"), Truncate(8), Start, All("\r\r\n")], b"\xff\xfe\r\0\r\0\n\0"),
        (Utf16Le, Strict, CrLf, b"\r\0\n\0\xe9\0a\0\r\0\n\0a\0", &[Line("\r\n"), Read(1, "é"), Tell, Line("a\r\n"), Back, Write("line\nline"), Start, All("\r\néline\r\nline")], b"\r\0\n\0\xe9\0l\0i\0n\0e\0\r\0\n\0l\0i\0n\0e\0"),
        (Utf16Be, Strict, CrLf, b"\0\xe9\0a\0\r\0a\0b\0\r\0\n \xac", &[Line("éa\rab\r\n"), Read(1, "€"), Tell, Line(""), Back, Write("€line\r\n"), Start, All("éa\rab\r\n€€line\r\r\n")], b"\0\xe9\0a\0\r\0a\0b\0\r\0\n \xac \xac\0l\0i\0n\0e\0\r\0\r\0\n"),
        (Latin1, Ignore, CrLf, b"a\r\r\r\n", &[Line("a\r\r\r\n"), Read(1, ""), Tell, Line(""), Back, Write("lineé"), Truncate(6), Start, All("a\r\r\r\nl")], b"a\r\r\r\nl"),
        (Ascii, Replace, CrLf, b"\ra", &[Line("\ra"), Read(1, ""), Tell, Line(""), Back, Write("\n\nline"), Start, All("\ra\r\n\r\nline")], b"\ra\r\n\r\nline"),
    ];
    for (encoding, errors, newline, before, steps, after) in programs.iter().copied() {
        for at_once in [1, 3, 32768] {
            let instance = Instance::new();
            let text = instance.text(TextSettings { encoding, errors, newline }, before);
            text.text.decode_at_once(at_once);

            let mut told = None;
            for step in steps {
                let context = format!("{encoding:?} {newline:?} {before:?}: {step:?}");
                match *step {
                    Read(max, expected) => assert_eq!(text.read(max).unwrap(), expected, "{context}"),
                    All(expected) => assert_eq!(text.read_all().unwrap(), expected, "{context}"),
                    Line(expected) => assert_eq!(text.read_line().unwrap(), expected, "{context}"),
                    Write(data) => text.write(data).unwrap(),
                    Tell => told = Some(text.tell().unwrap()),
                    Back => text.seek(Target::Position(told.unwrap())).unwrap(),
                    Start => text.rewind(),
                    End => text.seek(Target::End).unwrap(),
                    Truncate(size) => text.truncate(Some(size)).unwrap(),
                }
            }

            assert_eq!(text.into_bytes(), after, "{encoding:?} {newline:?} {before:?}");
        }
    }
}
