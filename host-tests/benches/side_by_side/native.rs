//! Native programs: the crate `tempfile` with the standard library, and the crate `async-tempfile` on
//! tokio.

use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_tempfile::TempFile;
use futures::future::try_join_all;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use crate::measure::Outcome;
use crate::sizes::*;

/// The standard library and `tempfile`, in a directory.
pub(crate) struct Native(pub(crate) PathBuf);

impl Native {
    pub(crate) fn small_files(&self, count: u32) -> Outcome {
        let start = Instant::now();
        for _ in 0..count {
            let mut file = tempfile::tempfile_in(&self.0)?;
            file.write_all(&[7; SMALL])?;
            file.rewind()?;
            file.read_exact(&mut [0; SMALL])?;
        }
        Ok(start.elapsed())
    }

    pub(crate) fn small_writes(&self) -> Outcome {
        let start = Instant::now();
        let mut file = BufWriter::new(tempfile::tempfile_in(&self.0)?);
        for _ in 0..WRITES {
            file.write_all(&[7; WRITE])?;
        }
        file.flush()?;
        drop(file);
        Ok(start.elapsed())
    }

    pub(crate) fn large_pieces(&self, size: u64) -> Outcome {
        let mut piece = vec![7; PIECE];
        let start = Instant::now();
        let mut file = tempfile::tempfile_in(&self.0)?;
        for _ in 0..size / PIECE as u64 {
            file.write_all(&piece)?;
        }
        file.rewind()?;
        while file.read(&mut piece)? > 0 {}
        drop(file);
        Ok(start.elapsed())
    }

    pub(crate) fn many_files(&self, count: u32) -> Outcome {
        let start = Instant::now();
        let files: Result<Vec<_>, _> = (0..count).map(|_| tempfile::tempfile_in(&self.0)).collect();
        let mut files = files?;
        for file in &mut files {
            file.write_all(&[7; SMALL])?;
        }
        for file in &mut files {
            file.rewind()?;
            file.read_exact(&mut [0; SMALL])?;
        }
        drop(files);
        Ok(start.elapsed())
    }

    pub(crate) fn tree(&self) -> Outcome {
        let tree = tempfile::tempdir_in(&self.0)?;
        plant(tree.path())?;
        let start = Instant::now();
        tree.close()?;
        Ok(start.elapsed())
    }

    pub(crate) fn lines(&self) -> Outcome {
        let mut file = tempfile::tempfile_in(&self.0)?;
        file.write_all(&lines())?;
        file.rewind()?;
        let start = Instant::now();
        let mut count = 0;
        for line in BufReader::new(file).lines() {
            line?;
            count += 1;
        }
        let elapsed = start.elapsed();
        assert_eq!(count, LINES);
        Ok(elapsed)
    }

    pub(crate) fn spooled(&self, max_size: usize, count: u32) -> Outcome {
        let start = Instant::now();
        let mut bytes = Vec::new();
        for _ in 0..count {
            let mut file = tempfile::spooled_tempfile_in(max_size, &self.0);
            for _ in 0..SPOOLED / SPOOLED_PIECE {
                file.write_all(&[7; SPOOLED_PIECE])?;
            }
            file.rewind()?;
            bytes.clear();
            file.read_to_end(&mut bytes)?;
            assert_eq!(bytes.len(), SPOOLED);
        }
        Ok(start.elapsed())
    }
}

/// Creates the tree to remove.
fn plant(tree: &Path) -> Outcome<()> {
    for directory in 0..DIRECTORIES {
        let directory = tree.join(directory.to_string());
        fs::create_dir(&directory)?;
        for file in 0..FILES_EACH {
            fs::File::create_new(directory.join(file.to_string()))?;
        }
    }
    Ok(())
}

/// The lines to read.
pub(crate) fn lines() -> Vec<u8> {
    (0..LINES).flat_map(|number| format!("{number:>39}\n").into_bytes()).collect()
}

/// `async-tempfile` on tokio, in a directory.
pub(crate) struct Tokio<'a>(pub(crate) &'a tokio::runtime::Runtime, pub(crate) PathBuf);

impl Tokio<'_> {
    fn time(&self, work: impl AsyncFnOnce(&Path) -> Outcome) -> Outcome {
        self.0.block_on(work(&self.1))
    }

    pub(crate) fn small_files(&self, count: u32) -> Outcome {
        self.time(async |directory| {
            let start = Instant::now();
            for _ in 0..count {
                let mut file = TempFile::new_in(directory).await?;
                write_small(&mut file).await?;
                read_small(&mut file).await?;
                file.drop_async().await;
            }
            Ok(start.elapsed())
        })
    }

    pub(crate) fn small_writes(&self) -> Outcome {
        self.time(async |directory| {
            let start = Instant::now();
            let mut file = tokio::io::BufWriter::new(TempFile::new_in(directory).await?);
            for _ in 0..WRITES {
                file.write_all(&[7; WRITE]).await?;
            }
            file.flush().await?;
            file.into_inner().drop_async().await;
            Ok(start.elapsed())
        })
    }

    pub(crate) fn large_pieces(&self, size: u64) -> Outcome {
        self.time(async |directory| {
            let mut piece = vec![7; PIECE];
            let start = Instant::now();
            let mut file = TempFile::new_in(directory).await?;
            for _ in 0..size / PIECE as u64 {
                file.write_all(&piece).await?;
            }
            file.rewind().await?;
            while file.read(&mut piece).await? > 0 {}
            file.drop_async().await;
            Ok(start.elapsed())
        })
    }

    pub(crate) fn many_files(&self, count: u32) -> Outcome {
        self.time(async |directory| {
            let start = Instant::now();
            let mut files = try_join_all((0..count).map(|_| TempFile::new_in(directory))).await?;
            try_join_all(files.iter_mut().map(write_small)).await?;
            try_join_all(files.iter_mut().map(read_small)).await?;
            futures::future::join_all(files.into_iter().map(TempFile::drop_async)).await;
            Ok(start.elapsed())
        })
    }

    pub(crate) fn lines(&self) -> Outcome {
        self.time(async |directory| {
            let mut file = TempFile::new_in(directory).await?;
            file.write_all(&lines()).await?;
            file.rewind().await?;
            let (start, mut count) = (Instant::now(), 0);
            let mut lines = tokio::io::BufReader::new(&mut *file).lines();
            while lines.next_line().await?.is_some() {
                count += 1;
            }
            let elapsed: Duration = start.elapsed();
            assert_eq!(count, LINES);
            Ok(elapsed)
        })
    }
}

async fn write_small(file: &mut TempFile) -> std::io::Result<()> {
    file.write_all(&[7; SMALL]).await?;
    file.flush().await
}

async fn read_small(file: &mut TempFile) -> std::io::Result<()> {
    file.rewind().await?;
    file.read_exact(&mut [0; SMALL]).await.map(drop)
}
