//! The buffer as the traits of `futures::io`.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{Result, SeekFrom};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

use super::Buffered;
use crate::remote::Remote;

impl<R: Remote> AsyncRead for Buffered<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(ready!(Buffered::poll_read(self.get_mut(), cx, buffer))?))
    }
}

impl<R: Remote> AsyncBufRead for Buffered<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        Poll::Ready(Ok(ready!(self.get_mut().poll_fill(cx, 0))?))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        Buffered::consume(self.get_mut(), amount);
    }
}

impl<R: Remote> AsyncWrite for Buffered<R> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize>> {
        Poll::Ready(Ok(ready!(Buffered::poll_write(self.get_mut(), cx, data))?))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(ready!(Buffered::poll_flush(self.get_mut(), cx))?))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(ready!(Buffered::poll_close(self.get_mut(), cx))?))
    }
}

impl<R: Remote> AsyncSeek for Buffered<R> {
    fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, target: SeekFrom) -> Poll<Result<u64>> {
        Poll::Ready(Ok(ready!(Buffered::poll_seek(self.get_mut(), cx, target.into()))?))
    }
}
