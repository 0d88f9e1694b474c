//! Limits on memory: contents, buffers, pieces of streams, decoded text.

use crate::error::Limit;
use crate::tests::limits::{NONE, memory, quota};
use crate::tests::*;

#[test]
fn the_current_piece_of_a_stream_is_charged_as_memory() {
    for (limit, piece) in
        [(1_000_000, Some(128 * 1024)), (100_000, Some(16 * 1024)), (512, Some(512)), (511, None)]
    {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        instance.disk.run(async {
            let mut stream = file.file.stream().await;
            let buffer = stream.buffer();
            match piece {
                Some(piece) => assert_eq!(buffer.unwrap().capacity(), piece),
                None => assert_eq!(code(buffer), quota(Limit::Memory)),
            }
            assert_eq!(instance.usage().memory.now, piece.unwrap_or(0) as u64);
        });
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn the_limit_of_one_file_applies_in_memory() {
    let instance = Instance::limited(Limits { max_file_bytes: Some(10), ..NONE });
    for file in [instance.unnamed(), instance.try_spooled(None, options()).unwrap(), instance.spooled(5)] {
        file.write(b"0123456789").unwrap();

        assert_eq!(code(file.write(b"x")), quota(Limit::FileBytes));
        assert_eq!(file.file.try_write(b"x").ok(), Some(false));
        assert_eq!(code(file.truncate(Some(11))), quota(Limit::FileBytes));
        assert_eq!(code(file.write_at(b"x", 1 << 40)), quota(Limit::FileBytes));

        assert_eq!(file.contents(), b"0123456789");
        file.assert_closes();
    }
    instance.assert_clean();
}

#[test]
fn the_memory_of_contents_and_buffers_is_limited() {
    let instance = Instance::limited(memory(100));
    let spooled = instance.try_spooled(None, options()).unwrap();
    let rolling = instance.spooled(1000);

    assert_eq!(code(spooled.write(&[1; 101])), quota(Limit::Memory));
    spooled.write(&[1; 100]).unwrap();
    assert_eq!(instance.usage().memory.now, 100);
    // The content can move to disk.
    rolling.write(&[2; 50]).unwrap();
    assert!(rolling.file.is_rolled());
    assert_eq!(rolling.contents(), [2; 50]);
    // Without memory for a buffer, files work unbuffered.
    let file = instance.unnamed();
    file.write(b"written through").unwrap();
    assert_eq!(instance.disk.used(), 65);
    spooled.truncate(Some(0)).unwrap();
    assert_eq!(instance.usage().memory.now, 0);

    assert_eq!(file.contents(), b"written through");
    assert!(instance.usage().memory.peak <= 100);
    drop((spooled, rolling, file));
    instance.assert_clean();
}

#[test]
fn lines_and_streams_need_little_memory_and_are_refused_without_any() {
    let lines: Vec<u8> = b"a line of some length\n".repeat(500);
    for (limit, enough) in [(4096, true), (1024, true), (511, false), (0, false)] {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(65536)).unwrap();
        file.write(&lines).unwrap();
        file.seek(0, Whence::Start).unwrap();

        let read = (0..500).map(|_| file.read_line(None)).collect::<Result<Vec<_>>>();
        let read = read.map(|lines| lines.concat());
        if enough {
            assert_eq!(read.unwrap(), lines, "{limit}");
        } else {
            assert_eq!(code(read), quota(Limit::Memory), "{limit}");
            assert_eq!(file.file.tell(), 0);
        }

        file.seek(0, Whence::Start).unwrap();
        assert_eq!(file.read(u64::MAX).unwrap(), lines, "{limit}");
        assert!(instance.usage().memory.peak <= limit);
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn decoded_text_is_charged_as_memory() {
    let lines = "eine Zeile, nicht lang, aber schön\n".repeat(5000);
    for (limit, enough) in [(1_000_000, true), (10_000, true), (2_000, false)] {
        let instance = Instance::limited(memory(limit));
        let file = instance.try_unnamed(with_buffer(0)).unwrap();
        file.write(lines.as_bytes()).unwrap();
        let settings = crate::text::TextSettings {
            encoding: crate::text::encoding::Encoding::Utf8,
            errors: crate::text::encoding::ErrorHandling::Strict,
            newline: crate::text::newline::Newline::Universal,
        };
        let file = Rc::into_inner(file.file).unwrap();
        let text = crate::text::file::TextFile::new(file, settings).unwrap();
        instance.disk.run(text.seek(crate::text::Target::Start)).unwrap();

        let read = instance.disk.run(text.read(None));

        if enough {
            assert_eq!(read.unwrap(), lines, "{limit}");
        } else {
            assert_eq!(code(read), quota(Limit::Memory), "{limit}");
        }
        assert!(instance.usage().memory.peak <= limit);
        drop(text);
        instance.assert_clean();
    }
}
