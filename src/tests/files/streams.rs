//! Streams, which own their file until they end.

use futures::future::{join, select};
use std::pin::pin;

use crate::options::Whence::*;
use crate::tests::*;

#[test]
fn the_position_advances_by_the_bytes_taken_from_a_stream() {
    with_every_kind(|file, kind| {
        let bytes: Vec<u8> = (0..100).collect();
        file.write(&bytes).unwrap();
        for taken in [0, 1, 6, 7, 8, 99] {
            file.seek(0, Start).unwrap();
            let mut left = taken;
            file.run(async {
                let mut stream = file.file.stream().await;
                while left > 0 {
                    let bytes = stream.peek(5).await.unwrap();
                    let length = bytes.len().min(left);
                    stream.advance(length);
                    left -= length;
                }
                // Peeked bytes are not consumed.
                stream.peek(50).await.unwrap();
            });
            assert_eq!(file.file.tell(), taken as u64, "{kind}");
            assert_eq!(file.read(200).unwrap(), &bytes[taken..], "{kind}, {taken} taken");
        }
    });
}

#[test]
fn the_bytes_of_a_stream_are_written_at_the_position() {
    with_every_kind(|file, kind| {
        file.write(b"0123456789").unwrap();
        file.seek(8, Start).unwrap();
        file.run(async {
            let mut stream = file.file.stream().await;
            stream.check_writing().unwrap();
            for piece in [&b"ab"[..], b"", b"cdefghijklmnop", b"q"] {
                stream.write(piece.to_vec()).await.unwrap();
            }
        });

        assert_eq!(file.contents(), b"01234567abcdefghijklmnopq", "{kind}");
        assert_eq!(file.file.tell(), 25, "{kind}");
    });
}

#[test]
fn operations_wait_until_a_stream_ends() {
    let instance = Instance::on(MemoryFilesystem::new().slow());
    let file = instance.unnamed();

    let streaming = async {
        let mut stream = file.file.stream().await;
        stream.write(b"first ".to_vec()).await.unwrap();
        stream.write(b"second ".to_vec()).await.unwrap();
    };
    let (_, written) = instance.disk.run(join(streaming, file.file.write(b"third".to_vec())));

    written.unwrap();
    assert_eq!(file.contents(), b"first second third");
}

#[test]
fn closing_the_file_ends_a_stream_that_waits_for_data() {
    let instance = Instance::new();
    let file = instance.unnamed();

    let streaming = async {
        let mut stream = file.file.stream().await;
        stream.write(b"data".to_vec()).await.unwrap();
        // The other side of the stream sends no further bytes.
        select(pin!(stream.closing()), pin!(std::future::pending::<()>())).await;
        stream.closed().code
    };
    let (ended, closed) = instance.disk.run(join(streaming, file.file.close()));

    closed.unwrap();
    assert_eq!(ended, ErrorCode::Closed);
    drop(file);
    instance.assert_clean();
}

#[test]
fn a_cancelled_close_does_not_end_later_streams() {
    let instance = Instance::new();
    let file = instance.unnamed();

    instance.disk.run(async {
        let stream = file.file.stream().await;
        assert!(futures::poll!(pin!(file.file.close())).is_pending());
        drop(stream);
        let stream = file.file.stream().await;
        assert!(futures::poll!(pin!(stream.closing())).is_pending());
    });

    assert!(!file.file.is_closed());
    file.write(b"still open").unwrap();
}

#[test]
fn a_stream_cancelled_during_a_write_stores_the_piece() {
    for polls in 1..20 {
        let instance = Instance::on(MemoryFilesystem::new().slow());
        let file = instance.try_unnamed(with_buffer(0)).unwrap();

        instance.disk.poll_times(
            async {
                let mut stream = file.file.stream().await;
                for piece in [b"aaa", b"bbb", b"ccc"] {
                    stream.write(piece.to_vec()).await.unwrap();
                }
            },
            polls,
        );
        instance.disk.settle();

        let contents = file.contents();
        assert!(b"aaabbbccc".starts_with(&contents) && contents.len().is_multiple_of(3), "{polls} polls");
        assert_eq!(file.file.tell(), contents.len() as u64, "{polls} polls");
        file.assert_closes();
        instance.assert_clean();
    }
}

#[test]
fn a_failed_write_of_a_stream_keeps_the_pieces_before_it() {
    let instance = Instance::on(MemoryFilesystem::new().with_capacity(7));
    let file = instance.try_unnamed(with_buffer(0)).unwrap();

    let outcome = instance.disk.run(async {
        let mut stream = file.file.stream().await;
        stream.write(b"01234".to_vec()).await.unwrap();
        stream.write(b"56789".to_vec()).await
    });

    assert_eq!(code(outcome), Some(ErrorCode::InsufficientSpace));
    assert_eq!((file.contents(), file.file.tell()), (b"01234".to_vec(), 5));
}
