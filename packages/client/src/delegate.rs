//! The functions of [`TempFile`](crate::TempFile) for the types that contain one.

/// Defines functions that call those of the same name of the inner file.
macro_rules! delegate {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)+) => {$(
        #[doc = concat!("Calls [`TempFile::", stringify!($name), "`](crate::TempFile::", stringify!($name), ").")]
        ///
        /// # Errors
        ///
        /// Fails as that does.
        pub fn $name(&mut self $(, $argument: $kind)*) -> impl Future<Output = Result<$result, Error>> {
            self.0.$name($($argument),*)
        }
    )+};
}

/// Gives a type whose first field is a [`TempFile`](crate::TempFile) its functions.
///
/// `Deref` would let the traits of `futures::io` take precedence, and `DerefMut` would let
/// `mem::swap` separate a file from its name.
macro_rules! file_functions {
    ($file:ty) => {
        impl $file {
            $crate::delegate::delegate! {
                read(buffer: &mut [u8]) -> usize;
                read_exact(buffer: &mut [u8]) -> ();
                read_vec(max: usize) -> Vec<u8>;
                read_to_end(bytes: &mut Vec<u8>) -> usize;
                read_to_string(text: &mut String) -> usize;
                read_until(byte: u8, bytes: &mut Vec<u8>) -> usize;
                read_line(line: &mut String) -> usize;
                fill_buf() -> &[u8];
                read_at(max: usize, offset: u64) -> Vec<u8>;
                write(data: &[u8]) -> usize;
                write_all(data: &[u8]) -> ();
                write_vec(data: Vec<u8>) -> ();
                write_at(data: Vec<u8>, offset: u64) -> ();
                seek(target: impl Into<SeekFrom>) -> u64;
                rewind() -> ();
                stream_position() -> u64;
                size() -> u64;
                set_len(size: u64) -> ();
                flush() -> ();
                discard() -> ();
                sync_all() -> ();
                close() -> ();
            }

            /// Calls [`TempFile::lines`](crate::TempFile::lines).
            pub fn lines(&mut self) -> Lines<'_> {
                self.0.lines()
            }

            /// Calls [`TempFile::consume`](crate::TempFile::consume).
            pub fn consume(&mut self, amount: usize) {
                self.0.consume(amount);
            }

            /// Persists the file as [`TempFile::persist`](crate::TempFile::persist) does.
            ///
            /// # Errors
            ///
            /// Fails as that does. The error contains the file, unchanged.
            pub async fn persist(self, path: impl AsRef<str>) -> Result<TempFile, PersistError<Self>> {
                keep_file(self.0, Self, |remote| remote.persist(path.as_ref().into(), true)).await
            }

            /// Persists the file as
            /// [`TempFile::persist_noclobber`](crate::TempFile::persist_noclobber) does.
            ///
            /// # Errors
            ///
            /// Fails as that does. The error contains the file, unchanged.
            pub async fn persist_noclobber(
                self,
                path: impl AsRef<str>,
            ) -> Result<TempFile, PersistError<Self>> {
                keep_file(self.0, Self, |remote| remote.persist(path.as_ref().into(), false)).await
            }

            #[cfg(feature = "std")]
            pub(crate) fn content(&mut self) -> &mut $crate::buffered::Buffered {
                self.0.content()
            }
        }
    };
}

pub(crate) use {delegate, file_functions};
