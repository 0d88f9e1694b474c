//! The directory for stored files.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use wasip3::filesystem::preopens;
use wasip3::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};

use crate::location;
use crate::name::Name;
use crate::refusal::{Refusal, Status};
use crate::settings::{DEFAULT_DIRECTORY, Settings};

/// The directory for stored files.
pub(crate) struct Storage {
    directory: Descriptor,
    path: String,
}

impl Storage {
    /// Opens the directory that the settings name.
    ///
    /// Fails with [`Status::Unavailable`] if it does not exist.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Refusal> {
        let path = settings.directory.as_deref().unwrap_or(DEFAULT_DIRECTORY).to_owned();
        let mut preopened = preopens::get_directories();
        let paths: Vec<&str> = preopened.iter().map(|(_, path)| path.as_str()).collect();
        let Some((index, rest)) = location::find(&paths, &path) else {
            return Err(missing(settings, &path, &paths));
        };
        let (preopen, _) = preopened.swap_remove(index);
        let directory = match rest {
            "" => preopen,
            _ => {
                let opened = preopen.open_at(
                    PathFlags::SYMLINK_FOLLOW,
                    rest.to_owned(),
                    OpenFlags::DIRECTORY,
                    DescriptorFlags::READ,
                );
                let fault = |code| Refusal::new(Status::Unavailable, format!("directory {path:?}: {code}"));
                opened.await.map_err(|code| fault(named(code)))?
            }
        };
        Ok(Self { directory, path })
    }

    /// Returns the path of the directory.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path of the file of that name.
    pub(crate) fn path_of(&self, name: &Name) -> String {
        format!("{}/{name}", self.path.trim_end_matches('/'))
    }

    /// Returns whether there is a file of that name.
    ///
    /// Fails with [`Status::Conflict`] if there is another kind of entry.
    pub(crate) async fn has(&self, name: &Name) -> Result<bool, Refusal> {
        match self.directory.stat_at(PathFlags::empty(), name.as_str().to_owned()).await {
            Ok(stat) if matches!(stat.type_, DescriptorType::RegularFile) => Ok(true),
            Ok(_) => Err(Refusal::new(Status::Conflict, format!("{:?} is not a file", name.as_str()))),
            Err(ErrorCode::NoEntry) => Ok(false),
            Err(code) => Err(failed(name, code)),
        }
    }

    /// Opens the file of that name and returns it with its size in bytes.
    ///
    /// Fails with [`Status::NotFound`] if there is none.
    pub(crate) async fn file(&self, name: &Name) -> Result<(Descriptor, u64), Refusal> {
        let none = || Refusal::new(Status::NotFound, format!("no such file: {:?}", name.as_str()));
        // The kind is checked first: opening another kind of entry, such as a pipe, might block.
        match self.has(name).await {
            Ok(true) => {}
            Ok(false) => return Err(none()),
            Err(refusal) if refusal.status == Status::Conflict => return Err(none()),
            Err(refusal) => return Err(refusal),
        }
        let opened = self.directory.open_at(
            PathFlags::empty(),
            name.as_str().to_owned(),
            OpenFlags::empty(),
            DescriptorFlags::READ,
        );
        let file = match opened.await {
            Ok(file) => file,
            Err(ErrorCode::NoEntry) => return Err(none()),
            Err(code) => return Err(failed(name, code)),
        };
        let stat = file.stat().await.map_err(|code| failed(name, code))?;
        Ok((file, stat.size))
    }
}

fn missing(settings: &Settings, path: &str, preopened: &[&str]) -> Refusal {
    let what = match settings.directory {
        Some(_) => format!("UPLOAD_DIRECTORY={path:?}"),
        None => format!("{path:?}, the default of UPLOAD_DIRECTORY"),
    };
    let there = match preopened {
        [] => String::from("no directory is preopened"),
        _ => format!("the preopened directories are {}", preopened.join(", ")),
    };
    Refusal::new(Status::Unavailable, format!("{what}: not in a preopened directory; {there}"))
}

fn failed(name: &Name, code: ErrorCode) -> Refusal {
    let status = match code {
        ErrorCode::NameTooLong | ErrorCode::IllegalByteSequence | ErrorCode::Invalid => Status::BadRequest,
        _ => Status::Internal,
    };
    Refusal::new(status, format!("file {:?}: {}", name.as_str(), named(code)))
}

/// Describes an error of the host.
pub(crate) fn named(code: ErrorCode) -> String {
    match code {
        ErrorCode::NoEntry => "it does not exist".into(),
        ErrorCode::NotDirectory => "it is not a directory".into(),
        ErrorCode::NotPermitted | ErrorCode::Access => "the host does not permit it".into(),
        other => format!("{other:?}"),
    }
}
