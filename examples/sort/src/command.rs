//! The system of a WASI 0.3 component: `wasi:cli` and `scratch:tempfile`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use scratch_tempfile::{Builder, Error, SeekFrom, TempFile};
use wasip3::cli::types::ErrorCode;
use wasip3::cli::{environment, exit, stderr, stdin, stdout};
use wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter};

use crate::Failure;
use crate::arguments::{self, HELP, Request};
use crate::output::Sink;
use crate::runs::RunFile;
use crate::sorter::{self, System};

/// The exit status of a failed sort, as POSIX requires; `Err` alone would be 1.
const FAILED: u8 = 2;

struct Command;

wasip3::cli::command::export!(Command);

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        match run().await {
            Ok(()) => Ok(()),
            Err(Failure(message)) => {
                complain(format!("sort: {message}\n")).await;
                exit::exit_with_code(FAILED);
                Err(())
            }
        }
    }
}

async fn run() -> Result<(), Failure> {
    let request = arguments::parse(environment::get_arguments().into_iter().skip(1))?;
    let mut console = Console::open();
    match request {
        Request::Help => {
            console.write(HELP.into()).await?;
        }
        Request::Sort(arguments) => sorter::sort(&mut console, arguments).await?,
    }
    console.close().await
}

/// Writes a message to standard error. If that is closed too, only the exit status reports the error.
async fn complain(message: String) {
    let (mut writer, reader) = wasip3::wit_stream::new();
    let written = stderr::write_via_stream(reader);
    writer.write_all(message.into_bytes()).await;
    drop(writer);
    let _ = written.await;
}

type Outcome = FutureReader<Result<(), ErrorCode>>;

/// Standard input and output.
struct Console {
    input: StreamReader<u8>,
    /// The outcome of reading, which is available at the end of the input.
    input_outcome: Option<Outcome>,
    output: StreamWriter<u8>,
    output_outcome: Outcome,
}

impl Console {
    fn open() -> Self {
        let (input, input_outcome) = stdin::read_via_stream();
        let (output, reader) = wasip3::wit_stream::new();
        let output_outcome = stdout::write_via_stream(reader);
        Self { input, input_outcome: Some(input_outcome), output, output_outcome }
    }

    async fn close(self) -> Result<(), Failure> {
        drop(self.output);
        self.output_outcome.await.map_err(|code| failed("standard output", code))
    }
}

impl System for Console {
    type File = Scratch;

    async fn read(&mut self, buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let (result, buffer) = self.input.read(buffer).await;
        if !matches!(result, StreamResult::Complete(_))
            && let Some(outcome) = self.input_outcome.take()
        {
            outcome.await.map_err(|code| failed("standard input", code))?;
        }
        Ok(buffer)
    }

    async fn create(&mut self) -> Result<Scratch, Failure> {
        // Reads and writes are large here, so they need no buffer.
        Builder::new().prefix("sort").buffer_size(0).unnamed().await.map(Scratch).map_err(scratch)
    }
}

impl Sink for Console {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let rest = self.output.write_all(bytes).await;
        if rest.is_empty() { Ok(rest) } else { Err(Failure("standard output: it is closed".into())) }
    }
}

/// A file of the provider.
struct Scratch(TempFile);

impl Sink for Scratch {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let capacity = bytes.capacity();
        self.0.write_vec(bytes).await.map_err(scratch)?;
        Ok(Vec::with_capacity(capacity))
    }
}

impl RunFile for Scratch {
    async fn read_at(&mut self, max: usize, offset: u64) -> Result<Vec<u8>, Failure> {
        self.0.read_at(max, offset).await.map_err(scratch)
    }

    async fn truncate(&mut self, length: u64) -> Result<(), Failure> {
        self.0.set_len(length).await.map_err(scratch)?;
        self.0.seek(SeekFrom::Start(length)).await.map_err(scratch)?;
        Ok(())
    }

    async fn close(mut self) -> Result<(), Failure> {
        self.0.close().await.map_err(scratch)
    }
}

fn scratch(error: Error) -> Failure {
    Failure(error.message)
}

fn failed(what: &str, code: ErrorCode) -> Failure {
    let why = match code {
        ErrorCode::Io => "input/output error",
        ErrorCode::IllegalByteSequence => "invalid bytes",
        ErrorCode::Pipe => "broken pipe",
    };
    Failure(format!("{what}: {why}"))
}
