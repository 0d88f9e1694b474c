//! Random programs of operations on one file, held against a plain vector.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// An operation on a file; sizes are small, so that all edges are hit often.
#[derive(Clone, Debug)]
enum Step {
    Read(u64),
    ReadAt(u64, u64),
    ReadLine(Option<u64>),
    ReadLines(Option<u64>),
    TryRead(u64),
    Stream(usize),
    Write(Vec<u8>),
    WriteAt(Vec<u8>, u64),
    WriteLines(Vec<Vec<u8>>),
    TryWrite(Vec<u8>),
    Truncate(Option<u64>),
    Seek(i64, Whence),
    Flush,
    Sync,
    Size,
    Rollover,
}

/// What a file is, without anything that makes it fast or lasting.
#[derive(Clone, Default)]
struct Model {
    bytes: Vec<u8>,
    position: u64,
    appends: bool,
}

impl Model {
    fn slice(&self, position: u64, max: u64) -> &[u8] {
        let start = position.min(self.bytes.len() as u64) as usize;
        let end = position.saturating_add(max).min(self.bytes.len() as u64) as usize;
        &self.bytes[start..end.max(start)]
    }

    fn read(&mut self, max: u64) -> Vec<u8> {
        let read = self.slice(self.position, max).to_vec();
        self.position += read.len() as u64;
        read
    }

    fn read_line(&mut self, limit: u64) -> Vec<u8> {
        let rest = self.slice(self.position, u64::MAX);
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        self.read(limit.min(length as u64))
    }

    fn read_lines(&mut self, hint: u64) -> Vec<Vec<u8>> {
        let (mut lines, mut length) = (Vec::new(), 0);
        while lines.is_empty() || length < hint {
            let line = self.read_line(u64::MAX);
            if line.is_empty() {
                break;
            }
            length += line.len() as u64;
            lines.push(line);
        }
        lines
    }

    fn write_at(&mut self, data: &[u8], offset: u64) {
        let end = offset as usize + data.len();
        if !data.is_empty() {
            self.bytes.resize(self.bytes.len().max(end), 0);
            self.bytes[end - data.len()..end].copy_from_slice(data);
        }
    }

    fn write(&mut self, data: &[u8]) {
        if !data.is_empty() {
            let start = if self.appends { self.bytes.len() as u64 } else { self.position };
            self.write_at(data, start);
            self.position = start + data.len() as u64;
        }
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Option<u64> {
        let base = match whence {
            Whence::Start => 0,
            Whence::Current => self.position,
            Whence::End => self.bytes.len() as u64,
        };
        self.position = base.checked_add_signed(offset).filter(|position| *position <= i64::MAX as u64)?;
        Some(self.position)
    }
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&b"ab\n\0"[..]), 0..14)
}

fn step() -> impl Strategy<Value = Step> {
    let (length, offset) = (|| 0..24_u64, || 0..40_u64);
    prop_oneof![
        3 => length().prop_map(Step::Read),
        1 => Just(Step::Read(u64::MAX)),
        2 => (length(), offset()).prop_map(|(max, offset)| Step::ReadAt(max, offset)),
        2 => proptest::option::of(length()).prop_map(Step::ReadLine),
        1 => proptest::option::of(length()).prop_map(Step::ReadLines),
        1 => length().prop_map(Step::TryRead),
        1 => (0..20_usize).prop_map(Step::Stream),
        5 => data().prop_map(Step::Write),
        3 => (data(), offset()).prop_map(|(data, offset)| Step::WriteAt(data, offset)),
        1 => vec(data(), 0..4).prop_map(Step::WriteLines),
        2 => data().prop_map(Step::TryWrite),
        2 => proptest::option::of(offset()).prop_map(Step::Truncate),
        4 => (-10..40_i64, select(vec![Whence::Start, Whence::Current, Whence::End]))
            .prop_map(|(offset, whence)| Step::Seek(offset, whence)),
        1 => Just(Step::Flush),
        1 => Just(Step::Sync),
        1 => Just(Step::Size),
        1 => Just(Step::Rollover),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Sort {
    Unnamed,
    Named,
    Spooled(Option<u64>),
    /// Somebody else has a descriptor too.
    Shared,
    InDirectory,
}

fn sort() -> impl Strategy<Value = Sort> {
    use Sort::*;
    select(vec![
        Unnamed,
        Named,
        Spooled(None),
        Spooled(Some(0)),
        Spooled(Some(9)),
        Spooled(Some(20)),
        Shared,
        InDirectory,
    ])
}

fn create(instance: &Instance, sort: Sort, buffer: u64, appends: bool) -> (TestFile, Box<dyn std::any::Any>) {
    let access = if appends { Access::Append } else { Access::ReadWrite };
    let options = FileOptions { access: Some(access), ..with_buffer(buffer) };
    let file = match sort {
        Sort::Unnamed | Sort::Shared => instance.try_unnamed(options).unwrap(),
        Sort::Named => instance.try_named(options).unwrap(),
        Sort::Spooled(max_size) => instance.try_spooled(max_size, options).unwrap(),
        Sort::InDirectory => {
            let directory = instance.directory();
            let flags = OpenFlags { create: true, ..OpenFlags::default() };
            let file = directory.open("file", flags, access).unwrap();
            return (file, Box::new(directory));
        }
    };
    let shared = matches!(sort, Sort::Shared).then(|| file.run(file.file.descriptor()).unwrap());
    (file, Box::new(shared))
}

/// Does a step to both and compares; an error is returned, and the model then is as it was.
fn take(step: &Step, file: &TestFile, model: &mut Model) -> Result<()> {
    let mut next = model.clone();
    match step {
        Step::Read(max) => assert_eq!(file.read(*max)?, next.read(*max)),
        Step::ReadAt(max, offset) => assert_eq!(file.read_at(*max, *offset)?, next.slice(*offset, *max)),
        Step::ReadLine(limit) => {
            assert_eq!(file.read_line(*limit)?, next.read_line(limit.unwrap_or(u64::MAX)))
        }
        Step::ReadLines(hint) => {
            let hinted = hint.filter(|hint| *hint > 0).unwrap_or(u64::MAX);
            assert_eq!(file.read_lines(*hint)?, next.read_lines(hinted));
        }
        Step::TryRead(max) => {
            if let Some(read) = file.file.try_read(*max)? {
                assert_eq!(read, next.read(*max));
            }
        }
        Step::Stream(max) => {
            let taken = file.run(async {
                let mut stream = file.file.stream().await;
                let bytes = stream.peek(*max + 1).await?;
                let taken = bytes[..bytes.len().min(*max)].to_vec();
                stream.took(taken.len());
                Result::Ok(taken)
            })?;
            assert_eq!(taken, next.read(taken.len() as u64));
        }
        Step::Write(data) => {
            file.write(data)?;
            next.write(data);
        }
        Step::WriteAt(data, offset) if !next.appends => {
            file.write_at(data, *offset)?;
            next.write_at(data, *offset);
        }
        Step::WriteAt(..) => {}
        Step::WriteLines(lines) => {
            file.write_lines(&lines.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
            lines.iter().for_each(|line| next.write(line));
        }
        Step::TryWrite(data) => {
            if file.file.try_write(data)? {
                next.write(data);
            }
        }
        Step::Truncate(size) => {
            file.truncate(*size)?;
            next.bytes.resize(size.unwrap_or(next.position) as usize, 0);
        }
        Step::Seek(offset, whence) => match next.seek(*offset, *whence) {
            Some(position) => assert_eq!(file.seek(*offset, *whence)?, position),
            None => {
                assert!(file.seek(*offset, *whence).is_err());
                return Ok(());
            }
        },
        Step::Flush => file.flush()?,
        Step::Sync => file.sync()?,
        Step::Size => assert_eq!(file.size()?, next.bytes.len() as u64),
        Step::Rollover => file.rollover()?,
    }
    *model = next;
    Ok(())
}

fn finish(instance: Instance, file: TestFile, owner: Box<dyn std::any::Any>, model: &Model) {
    assert_eq!(file.contents(), model.bytes);
    if let Some(path) = file.file.path() {
        file.flush().unwrap();
        assert_eq!(instance.disk.contents(&path).unwrap(), model.bytes);
    }
    file.assert_closes();
    drop(owner);
    instance.assert_clean();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_is_a_vector_with_a_position(
        sort in sort(),
        buffer in select(vec![0_u64, 1, 2, 3, 7, 16, 65536]),
        appends in any::<bool>(),
        steps in vec(step(), 1..40),
    ) {
        let instance = Instance::new();
        let (file, owner) = create(&instance, sort, buffer, appends);
        let mut model = Model { appends, ..Model::default() };

        for step in &steps {
            take(step, &file, &mut model).unwrap();
            assert_eq!(file.file.tell(), model.position, "{step:?}");
        }

        finish(instance, file, owner, &model);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was(
        sort in sort(),
        buffer in select(vec![0_u64, 1, 2, 3, 7, 16, 65536]),
        appends in any::<bool>(),
        steps in vec((step(), proptest::option::of((1..3_usize, 1..4_usize))), 1..40),
    ) {
        let instance = Instance::new().warmed_up();
        let (file, owner) = create(&instance, sort, buffer, appends);
        let mut model = Model { appends, ..Model::default() };

        for (step, failing) in &steps {
            // The lines before the refused one are written.
            if let (Some((first, count)), false) = (failing, matches!(step, Step::WriteLines(_))) {
                (*first..first + count).for_each(|nth| drop(instance.disk.failing_call(nth, ErrorCode::Io)));
            }
            let outcome = take(step, &file, &mut model);
            instance.disk.heal();
            assert!(outcome.is_ok() || failing.is_some(), "{step:?}: {outcome:?}");
            assert_eq!(file.file.tell(), model.position, "{step:?}");
        }

        finish(instance, file, owner, &model);
    }
}
