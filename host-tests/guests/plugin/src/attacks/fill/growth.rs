//! A file that grows by pieces, which become smaller after a refusal.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{REFUSED, check_content};
use crate::attacks::creators::Made;
use crate::attacks::{kept, within_limits};
use crate::bindings::{
    Error, Filled, Filling, OpenFlags, TemporaryDirectory, TemporaryFile, TextFile, Whence, wit_stream,
};
use crate::checks::{check, text};
use crate::join::both;

/// The length up to which pieces double, so that small ones are buffered and large ones are not.
const LONGEST_PIECE: u64 = 256 * 1024;

/// The maximum size of a spooled file in memory.
const SPOOLED: u64 = 4 * 1024;

/// The number of lines in a piece that is long enough.
const LINES: u64 = 8;

pub(super) async fn by_pieces(how: Filling, most: u32) -> Result<Filled, String> {
    let mut kept = Vec::new();
    let file = match how {
        Filling::WritingNamed => TemporaryFile::create_named(None).await,
        Filling::RollingOver => TemporaryFile::create_spooled(Some(SPOOLED), None),
        Filling::WritingInATree => {
            let Some(directory) = within_limits(TemporaryDirectory::create(None).await)? else {
                return Ok(REFUSED);
            };
            let file = directory.open("f".into(), OpenFlags::CREATE | OpenFlags::EXCLUSIVE, None).await;
            kept.push(Made::Directory(directory));
            file
        }
        // On disk, reading empties the buffer, which then has room again.
        Filling::Trying => match TemporaryFile::create(None).await {
            Ok(file) => file.rollover().await.map(|()| file),
            Err(error) => Err(error),
        },
        _ => TemporaryFile::create(None).await,
    };
    let trees = kept.len() as u64;
    let Some(file) = within_limits(file)? else {
        kept::keep(kept);
        return Ok(Filled { entries: trees, ..REFUSED });
    };

    let mut growth = Growth { how, file: Some(file), length: 0 };
    let refusals = growth.go_on(most).await?;
    let (file, bytes) = (growth.file()?, growth.length);
    let is_counted = !matches!(how, Filling::RollingOver) || file.is_rolled();
    let filled = Filled { bytes, entries: trees + u64::from(is_counted), refusals };
    // Files of a directory are removed before it.
    kept.insert(0, Made::File(growth.file.take().expect("it was there just now")));
    kept::keep(kept);
    Ok(filled)
}

/// A file, and the number of its acknowledged bytes.
struct Growth {
    how: Filling,
    /// `None` while a text owns it.
    file: Option<TemporaryFile>,
    length: u64,
}

/// The outcome of an attempt to grow.
enum Attempt {
    Done,
    /// A limit refused it, after a part was stored where the function allows that.
    Refused {
        stored: u64,
    },
    /// A function that never waits did nothing.
    NotNow,
}

impl Growth {
    /// Grows until not even one byte is accepted, and returns the number of refusals.
    async fn go_on(&mut self, most: u32) -> Result<u32, String> {
        let (mut piece, mut refusals, mut is_bounded) = (1, 0, false);
        for _ in 0..most {
            match self.attempt(piece).await? {
                Attempt::Done => {
                    self.check_exactness(is_bounded)?;
                    self.length += piece;
                    if !is_bounded {
                        piece = LONGEST_PIECE.min(piece * 2);
                    }
                    continue;
                }
                Attempt::Refused { stored } => {
                    if stored > 0 {
                        check(stored < piece, "a refused call stored all that it was given")?;
                        self.check_exactness(is_bounded)?;
                    }
                    self.length += stored;
                    refusals += 1;
                }
                Attempt::NotNow => {}
            }
            is_bounded = true;
            self.check().await?;
            if piece == 1 {
                break;
            }
            piece /= 2;
        }
        self.check().await?;
        Ok(refusals)
    }

    /// Checks that nothing fits after a refused stream, which stores everything that fits.
    fn check_exactness(&self, was_refused: bool) -> Result<(), String> {
        let is_stream = matches!(self.how, Filling::Streaming);
        check(!(is_stream && was_refused), "a stream was refused, although more of it fitted")
    }

    async fn check(&self) -> Result<(), String> {
        check_content(self.file()?, self.length, self.position(), |offset| self.byte(offset)).await
    }

    fn file(&self) -> Result<&TemporaryFile, String> {
        self.file.as_ref().ok_or_else(|| "the file went away with a text".into())
    }

    /// The expected position between attempts.
    fn position(&self) -> u64 {
        match self.how {
            Filling::AtAnOffset | Filling::Truncating => 0,
            _ => self.length,
        }
    }

    /// The byte at the beginning, at the end, and everywhere outside of holes.
    fn byte(&self, offset: u64) -> u8 {
        match self.how {
            // Each piece ends with it, and the first piece has one byte.
            Filling::AtAnOffset | Filling::BehindASeek => b'x',
            Filling::Truncating => 0,
            _ => b'a' + (offset * 31 / 7 % 26) as u8,
        }
    }

    fn piece(&self, length: u64) -> Vec<u8> {
        (self.length..self.length + length).map(|offset| self.byte(offset)).collect()
    }

    async fn attempt(&mut self, piece: u64) -> Result<Attempt, String> {
        let end = self.length + piece;
        match self.how {
            Filling::AtAnOffset => outcome(self.file()?.write_at(b"x".to_vec(), end - 1).await),
            Filling::BehindASeek => self.write_behind_a_seek(end - 1).await,
            Filling::Truncating => outcome(self.file()?.truncate(Some(end)).await),
            Filling::Streaming => self.stream(piece).await,
            Filling::Lines => self.write_lines(piece).await,
            Filling::Text => self.write_text(piece).await,
            Filling::Trying => self.try_to_write(piece).await,
            _ => outcome(self.file()?.write(self.piece(piece)).await),
        }
    }

    async fn write_behind_a_seek(&self, offset: u64) -> Result<Attempt, String> {
        let file = self.file()?;
        file.seek(offset as i64, Whence::Start).await.map_err(text)?;
        let attempt = outcome(file.write(b"x".to_vec()).await)?;
        if let Attempt::Refused { .. } = attempt {
            check(file.tell() == offset, "a refused write moved the position")?;
            file.seek(0, Whence::End).await.map_err(text)?;
        }
        Ok(attempt)
    }

    async fn stream(&self, piece: u64) -> Result<Attempt, String> {
        let file = self.file()?;
        let (mut sender, receiver) = wit_stream::new::<u8>();
        let data = self.piece(piece);
        let sending = async {
            sender.write_all(data).await;
            drop(sender);
        };
        let (written, ()) = both(file.write_via_stream(receiver), sending).await;
        match within_limits(written)? {
            Some(count) if count == piece => Ok(Attempt::Done),
            Some(count) => Err(format!("of a stream of {piece} bytes {count} were acknowledged")),
            None => self.refused_in_part().await,
        }
    }

    async fn write_lines(&self, piece: u64) -> Result<Attempt, String> {
        let length = piece.div_ceil(LINES);
        let lines = self.piece(piece).chunks(length as usize).map(Vec::from).collect();
        if within_limits(self.file()?.write_lines(lines).await)?.is_some() {
            return Ok(Attempt::Done);
        }
        let attempt = self.refused_in_part().await?;
        match attempt {
            Attempt::Refused { stored } if !stored.is_multiple_of(length) => {
                Err(format!("{stored} bytes were stored of lines of {length}"))
            }
            _ => Ok(attempt),
        }
    }

    /// A refusal that may have stored the bytes before the refused part.
    async fn refused_in_part(&self) -> Result<Attempt, String> {
        let size = self.file()?.size().await.map_err(text)?;
        let stored = size.checked_sub(self.length).ok_or("a refusal made the file shorter")?;
        Ok(Attempt::Refused { stored })
    }

    async fn write_text(&mut self, piece: u64) -> Result<Attempt, String> {
        let written = self.piece(piece).into_iter().map(char::from).collect();
        let file = self.file.take().ok_or("the file went away with a text")?;
        let file = TextFile::create(file, None).map_err(text)?;
        let before = file.tell().await.map_err(text)?;
        let attempt = outcome(file.write(written).await)?;
        let after = file.tell().await.map_err(text)?;
        if let Attempt::Refused { .. } = attempt {
            let is_unchanged = (before.offset, before.state) == (after.offset, after.state);
            check(is_unchanged, "a refused write moved the position of a text")?;
        }
        self.file = Some(TextFile::into_file(file));
        Ok(attempt)
    }

    async fn try_to_write(&self, piece: u64) -> Result<Attempt, String> {
        let (file, data) = (self.file()?, self.piece(piece));
        for attempt in [1, 2] {
            match within_limits(file.try_write(&data))? {
                Some(true) => return Ok(Attempt::Done),
                Some(false) if attempt == 1 => file.flush().await.map_err(text)?,
                Some(false) => return Ok(Attempt::NotNow),
                None => return Ok(Attempt::Refused { stored: 0 }),
            }
        }
        Ok(Attempt::NotNow)
    }
}

/// The outcome of a call that writes everything or nothing.
fn outcome(result: Result<(), Error>) -> Result<Attempt, String> {
    Ok(within_limits(result)?.map_or(Attempt::Refused { stored: 0 }, |()| Attempt::Done))
}
