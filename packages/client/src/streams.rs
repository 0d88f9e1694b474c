//! The streams of the interface.

use wit_bindgen::StreamReader;

use crate::{Error, NamedTempFile, SpooledTempFile, TempFile};

impl TempFile {
    /// Flushes the file and returns the content from `offset` on as a stream, and a future of how
    /// reading ended. Keeps the position.
    ///
    /// Other calls of the file wait until the stream ends or is dropped. Closing the file ends the
    /// stream, dropping it does not.
    ///
    /// # Errors
    ///
    /// Fails as [`flush`](Self::flush) does, and with `Invalid` for an offset above 2^63 - 1. The future
    /// fails as [`read`](Self::read) does.
    pub async fn read_via_stream(
        &mut self,
        offset: u64,
    ) -> Result<(StreamReader<u8>, impl Future<Output = Result<(), Error>> + use<>), Error> {
        self.flush().await?;
        let (stream, outcome) = self.remote().read_via_stream(offset).await?;
        Ok((stream, async move { Ok(outcome.await?) }))
    }

    /// Flushes the file, writes all bytes of a stream at the position and returns their number.
    ///
    /// If the future is dropped, the next call waits for the end of the stream.
    ///
    /// # Errors
    ///
    /// Fails as [`write_all`](Self::write_all) does. The bytes before the error are written, and the
    /// position is after them.
    pub async fn write_via_stream(&mut self, data: StreamReader<u8>) -> Result<u64, Error> {
        let before =
            if self.content().appends() { self.size().await? } else { self.stream_position().await? };
        self.content().write_by(0, |remote, offset| remote.write_via_stream(data, offset)).await?;
        Ok(self.content().position() - before)
    }
}

macro_rules! streams {
    ($($file:ty),+) => {$(
        impl $file {
            /// Calls [`TempFile::read_via_stream`].
            ///
            /// # Errors
            ///
            /// Fails as that does.
            pub async fn read_via_stream(
                &mut self,
                offset: u64,
            ) -> Result<(StreamReader<u8>, impl Future<Output = Result<(), Error>> + use<>), Error> {
                self.0.read_via_stream(offset).await
            }

            /// Calls [`TempFile::write_via_stream`].
            ///
            /// # Errors
            ///
            /// Fails as that does.
            pub async fn write_via_stream(&mut self, data: StreamReader<u8>) -> Result<u64, Error> {
                self.0.write_via_stream(data).await
            }
        }
    )+};
}

streams!(NamedTempFile, SpooledTempFile);
