//! The traits of `futures::io` for every file; errors become those of `std::io`.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::io::{Result, SeekFrom};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

use crate::{NamedTempFile, SpooledTempFile, TempFile};

macro_rules! futures_io {
    ($($file:ty),+) => {$(
        impl AsyncRead for $file {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
                AsyncRead::poll_read(Pin::new(&mut self.get_mut().content), cx, buffer)
            }
        }

        impl AsyncBufRead for $file {
            fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
                AsyncBufRead::poll_fill_buf(Pin::new(&mut self.get_mut().content), cx)
            }

            fn consume(self: Pin<&mut Self>, amount: usize) {
                AsyncBufRead::consume(Pin::new(&mut self.get_mut().content), amount);
            }
        }

        impl AsyncWrite for $file {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize>> {
                AsyncWrite::poll_write(Pin::new(&mut self.get_mut().content), cx, data)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                AsyncWrite::poll_flush(Pin::new(&mut self.get_mut().content), cx)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                AsyncWrite::poll_close(Pin::new(&mut self.get_mut().content), cx)
            }
        }

        impl AsyncSeek for $file {
            fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, target: SeekFrom) -> Poll<Result<u64>> {
                AsyncSeek::poll_seek(Pin::new(&mut self.get_mut().content), cx, target)
            }
        }
    )+};
}

futures_io!(TempFile, NamedTempFile, SpooledTempFile);
