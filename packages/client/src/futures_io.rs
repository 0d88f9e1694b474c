//! The traits of `futures::io` for every kind of file, with errors of `std::io`.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{Result, SeekFrom};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

use crate::{NamedTempFile, SpooledTempFile, TempFile};

macro_rules! futures_io {
    ($($file:ty),+) => {$(
        impl AsyncRead for $file {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
                let content = self.get_mut().content();
                let mut begun = content.is_reading();
                Poll::Ready(Ok(ready!(content.poll_read(cx, buffer, &mut begun))?))
            }
        }

        impl AsyncBufRead for $file {
            fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
                let content = self.get_mut().content();
                let mut begun = content.is_reading();
                Poll::Ready(Ok(ready!(content.poll_fill(cx, 0, &mut begun))?))
            }

            fn consume(self: Pin<&mut Self>, amount: usize) {
                self.get_mut().content().consume(amount);
            }
        }

        impl AsyncWrite for $file {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize>> {
                Poll::Ready(Ok(ready!(self.get_mut().content().poll_take(cx, data, false))?))
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(ready!(self.get_mut().content().poll_flush(cx))?))
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(ready!(self.get_mut().content().poll_close(cx))?))
            }
        }

        impl AsyncSeek for $file {
            fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, target: SeekFrom) -> Poll<Result<u64>> {
                let content = self.get_mut().content();
                let mut begun = content.is_measuring();
                Poll::Ready(Ok(ready!(content.poll_seek(cx, target.into(), &mut begun))?))
            }
        }
    )+};
}

futures_io!(TempFile, NamedTempFile, SpooledTempFile);
