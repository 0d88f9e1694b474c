//! Every fault of the host at every call of it: an error, never a lost or a foreign byte, nothing left.

use super::*;
use crate::error::Limit;

const FAILURES: [ErrorCode; 6] = [
    ErrorCode::Io,
    ErrorCode::InsufficientSpace,
    ErrorCode::Quota(Limit::Host),
    ErrorCode::NotPermitted,
    ErrorCode::ReadOnly,
    ErrorCode::Interrupted,
];

/// The way in which a call of the host goes wrong.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Once(ErrorCode),
    FromThenOn(ErrorCode),
    /// The call takes effect, and reports an error.
    Lost(ErrorCode),
    /// A write stops after so many bytes.
    Short(usize),
}

fn faults() -> impl Iterator<Item = Fault> {
    let failures = FAILURES.into_iter().flat_map(|code| [Fault::Once(code), Fault::FromThenOn(code)]);
    failures
        .chain([ErrorCode::Io, ErrorCode::Interrupted].map(Fault::Lost))
        .chain([0, 1, 5].map(Fault::Short))
}

/// A file, and the content that it has according to the results of the calls.
struct Expected<'a> {
    private: &'a Private,
    file: Descriptor<MemoryFilesystem>,
    content: Vec<u8>,
    /// The bytes of a write that failed, which may have been stored.
    uncertain: Vec<bool>,
}

impl Expected<'_> {
    fn write(&mut self, position: usize, data: &[u8]) {
        let written = self.private.run(|| self.file.write(position as u64, data.to_vec()));
        let end = position + data.len();
        match written {
            Ok(length) => {
                assert_eq!(length, data.len() as u64);
                self.resize(self.content.len().max(end));
                self.content[position..end].copy_from_slice(data);
                self.uncertain[position..end].fill(false);
            }
            // The length is the same as before.
            Err(_) => {
                let end = end.min(self.content.len());
                self.uncertain[position.min(end)..end].fill(true);
            }
        }
    }

    fn set_size(&mut self, size: usize) {
        if self.private.run(|| self.file.set_size(size as u64)).is_ok() {
            self.resize(size);
        }
    }

    fn resize(&mut self, size: usize) {
        self.content.resize(size, 0);
        self.uncertain.resize(size, false);
    }

    fn check(&self) {
        assert_eq!(self.file.inode().stat().size, self.content.len() as u64);
        let Ok((bytes, _)) = self.private.run(|| self.file.read(0, u64::MAX)) else { return };
        assert_eq!(bytes.len(), self.content.len());
        for (number, byte) in bytes.iter().enumerate() {
            assert!(self.uncertain[number] || *byte == self.content[number], "byte {number} is {byte}");
        }
    }
}

/// Runs a program of every kind of call that a content makes to the host.
fn program(private: &Private) {
    let open = |path| Expected {
        private,
        file: private.open(path, CREATE).unwrap(),
        content: Vec::new(),
        uncertain: Vec::new(),
    };
    let (mut first, mut second) = (open("first"), open("second"));
    let large: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    first.write(0, b"in memory");
    first.write(9, b" and then on the host");
    first.check();
    second.write(0, &large);
    second.write(150_000, b"past the end");
    first.set_size(10);
    first.write(5, b"over");
    first.write(20, &large);
    let _ = private.run(|| first.file.sync());
    first.check();
    second.set_size(200_000);
    second.set_size(0);
    second.write(0, b"again in memory, and then again on the host");
    second.check();
    private.unlink("first").unwrap();
    first.write(0, b"unlinked");
    first.check();
    private.host.heal();
    for file in [&first, &second] {
        private.run(|| file.file.sync()).unwrap();
        file.check();
    }
    assert_eq!(
        private.usage().bytes.now,
        (first.content.len() + second.content.len()) as u64,
        "the charge is exact when the host is well"
    );
    private.run(|| drop((first, second)));
    private.unlink("second").unwrap();
}

fn on(host: MemoryFilesystem) -> Private {
    Private::on(host, Limits::default(), Some(16))
}

#[test]
fn no_fault_of_the_host_loses_a_byte_or_leaves_anything() {
    let hosts = [MemoryFilesystem::new, || MemoryFilesystem::new().holding_open_files()];
    let mut count = 0;
    for new_host in hosts {
        let rehearsal = on(new_host());
        program(&rehearsal);
        let calls = rehearsal.host.calls();
        rehearsal.assert_leaves_nothing();
        for nth in 1..=calls {
            for fault in faults() {
                let host = new_host();
                match fault {
                    Fault::Once(code) => host.failing_call(nth, code),
                    Fault::FromThenOn(code) => host.failing_from(nth, code),
                    Fault::Lost(code) => host.losing_call(nth, code),
                    Fault::Short(bytes) => host.shortening_call(nth, bytes, ErrorCode::InsufficientSpace),
                };
                println!("call {nth}: {fault:?}");
                let private = on(host);
                program(&private);
                // Removals that failed are tried again by the next creation of a file of the host.
                private.create("last", &[7; 100]);
                private.unlink("last").unwrap();
                private.host.settle();
                private.assert_leaves_nothing();
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count} are too few");
}

#[test]
fn without_descriptors_of_the_host_a_large_file_is_an_error_and_small_ones_work() {
    let private = on(MemoryFilesystem::new().with_most_open(1));
    let file = private.create("file", b"small");

    let refused = private.run(|| file.write(5, vec![7; 100]));

    assert_eq!(refused, Err(ErrorCode::Io));
    assert_eq!(contents(&private, &file), b"small");
    private.create("other", b"small");
    assert_eq!(private.usage().bytes.now, 10);
}

#[test]
fn a_read_only_directory_of_the_host_is_an_error_when_a_content_grows() {
    let private =
        on(MemoryFilesystem::new()
            .failing(crate::testing::memory_filesystem::Call::Create, ErrorCode::ReadOnly));
    let file = private.create("file", b"small");

    let refused = private.run(|| file.write(5, vec![7; 100]));

    assert_eq!(refused, Err(ErrorCode::ReadOnly));
    assert_eq!(contents(&private, &file), b"small");
    assert_eq!(private.usage().bytes.now, 5);
}
