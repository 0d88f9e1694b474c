//! Small writes gathered into large ones.

use alloc::vec::Vec;

use crate::Failure;

/// A target for bytes.
#[expect(async_fn_in_trait, reason = "nothing here is sent to other threads")]
pub trait Sink {
    /// Writes all of `bytes` and returns an empty vector of the same capacity.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure>;
}

/// A buffer in front of a sink.
pub struct Output<'a, S> {
    sink: &'a mut S,
    buffer: Vec<u8>,
    capacity: usize,
    written: u64,
}

impl<'a, S: Sink> Output<'a, S> {
    /// Creates a buffer of `capacity` bytes.
    pub fn new(sink: &'a mut S, capacity: usize) -> Self {
        Self { sink, buffer: Vec::with_capacity(capacity), capacity, written: 0 }
    }

    /// Takes `bytes` if the buffer has room for them.
    ///
    /// This is a plain function, so a loop over many lines waits only once for each full buffer.
    pub fn try_push(&mut self, bytes: &[u8]) -> bool {
        let fits = bytes.len() <= self.capacity - self.buffer.len();
        if fits {
            self.buffer.extend_from_slice(bytes);
        }
        fits
    }

    /// Takes `bytes` of any length.
    ///
    /// # Errors
    ///
    /// Fails if the content of the buffer cannot be written.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !self.try_push(bytes) {
            let (fitting, rest) = bytes.split_at(self.capacity - self.buffer.len());
            self.buffer.extend_from_slice(fitting);
            self.flush().await?;
            bytes = rest;
        }
        Ok(())
    }

    /// Writes the content of the buffer and returns the total number of bytes written.
    ///
    /// # Errors
    ///
    /// Fails if the content cannot be written.
    pub async fn flush(&mut self) -> Result<u64, Failure> {
        if !self.buffer.is_empty() {
            self.written += self.buffer.len() as u64;
            self.buffer = self.sink.write(core::mem::take(&mut self.buffer)).await?;
        }
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[derive(Default)]
    struct Pieces(Vec<Vec<u8>>);

    impl Sink for Pieces {
        async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
            self.0.push(bytes);
            Ok(Vec::new())
        }
    }

    #[test]
    fn small_writes_arrive_as_large_ones() {
        let mut pieces = Pieces::default();
        let mut output = Output::new(&mut pieces, 4);

        for bytes in [&b"12"[..], b"34", b"", b"5", b"6789"] {
            block_on(output.push(bytes)).unwrap();
        }
        let written = block_on(output.flush());

        assert_eq!(written, Ok(9));
        assert_eq!(pieces.0, [&b"1234"[..], b"5678", b"9"]);
    }

    #[test]
    fn an_empty_buffer_is_not_written() {
        let mut pieces = Pieces::default();

        block_on(Output::new(&mut pieces, 4).flush()).unwrap();

        assert!(pieces.0.is_empty());
    }
}
