//! Text with a failing file or a cancelled call: nothing is lost, and nothing is done in part.

use std::future::Future;
use std::pin::Pin;

use crate::testing::memory_filesystem::Abandoned;
use crate::tests::text::*;
use crate::tests::*;
use crate::text::file::TextFile;
use crate::text::newline::Newline;

type Acting = Pin<Box<dyn Future<Output = Result<()>>>>;

/// An operation on a text with the content `OLD`, of which the first line was read.
struct Scenario {
    name: &'static str,
    act: fn(Rc<TextFile<MemoryFilesystem>>) -> Acting,
    /// The content of the file after the operation.
    after: &'static str,
    /// The unread text after the operation.
    rest: &'static str,
}

const OLD: &str = "ä\r\nsecond\r\nthird €";
const REST: &str = "second\nthird €";

/// An upper bound for the polls, and for the calls to the host, of every scenario.
const MOST: usize = 200;

macro_rules! scenarios {
    ($($name:literal, $text:ident => $call:expr, $after:expr, $rest:expr;)*) => {
        vec![$(Scenario {
            name: $name,
            act: |$text| Box::pin(async move { $call.await.map(drop) }),
            after: $after,
            rest: $rest,
        }),*]
    };
}

fn scenarios() -> Vec<Scenario> {
    scenarios![
        "read", text => text.read(Some(9)), OLD, "ird €";
        "read all", text => text.read(None), OLD, "";
        "read a line", text => text.read_line(None), OLD, "third €";
        "read lines", text => text.read_lines(None), OLD, "";
        "write", text => text.write("12345\n".into()), "ä\r\n12345\n\r\nthird €", "\nthird €";
        "write more than fits", text => text.write("-".repeat(30)), "ä\r\n------------------------------", "";
        "truncate", text => text.truncate(None), "ä\r\n", "";
        "grow", text => text.truncate(Some(25)), "ä\r\nsecond\r\nthird €\0\0\0\0", "second\nthird €\0\0\0\0";
        "seek to the end", text => text.seek(Target::End), OLD, "";
        "flush", text => text.flush(), OLD, REST;
        "roll over", text => text.rollover(), OLD, REST;
        "tell", text => text.tell(), OLD, REST;
    ]
}

/// Creates a text over a file of the given kind, for the operations.
fn prepare(instance: &Instance, kind: usize) -> TestText {
    let file = match kind {
        0 => instance.try_unnamed(with_buffer(0)),
        1 => instance.try_named(with_buffer(4)),
        2 => instance.try_named(with_buffer(64)),
        _ => instance.try_spooled(Some(22), with_buffer(0)),
    };
    let text = file.unwrap().into_text(with_newline(Newline::Universal));
    text.text.decode_at_once(4);
    text.write(OLD).unwrap();
    text.rewind();
    assert_eq!(text.read_line().unwrap(), "ä\n");
    text
}

#[test]
fn text_and_position_are_unchanged_after_a_failure_of_any_call() {
    for scenario in scenarios() {
        for kind in 0..4 {
            for failing in 1..MOST {
                let context = format!("{}, kind {kind}, failing call {failing}", scenario.name);
                let instance = Instance::new().warmed_up();
                let text = prepare(&instance, kind);
                let told = text.tell().unwrap();
                instance.disk.forget_calls();
                instance.disk.failing_call(failing, ErrorCode::Io);

                let outcome = text.run((scenario.act)(text.text.clone()));
                let is_over = instance.disk.calls() < failing;
                instance.disk.heal();

                if outcome.is_err() {
                    assert_eq!(code(outcome), Some(ErrorCode::Io), "{context}");
                    assert_eq!(text.tell().unwrap(), told, "{context}");
                    text.run((scenario.act)(text.text.clone())).expect(&context);
                }
                assert_eq!(text.read_all().unwrap(), scenario.rest, "{context}");
                let file = text.into_file();
                assert_eq!(file.contents(), scenario.after.as_bytes(), "{context}");
                file.assert_closes();
                instance.assert_clean();
                if is_over {
                    break;
                }
                assert!(failing < MOST - 1, "{context}");
            }
        }
    }
}

#[test]
fn a_cancelled_operation_is_done_or_not_done() {
    for scenario in scenarios() {
        for kind in 0..4 {
            for abandoned in [Abandoned::Later, Abandoned::Never] {
                for polls in 0..MOST {
                    let context = format!("{}, kind {kind}, {abandoned:?}, {polls} polls", scenario.name);
                    let instance = Instance::on(MemoryFilesystem::new().abandoning(abandoned)).warmed_up();
                    let text = prepare(&instance, kind);
                    instance.disk.slow();

                    let outcome = instance.disk.poll_times((scenario.act)(text.text.clone()), polls);
                    instance.disk.settle();

                    let is_over = outcome.is_some();
                    outcome.transpose().unwrap();
                    let rest = text.read_all().unwrap();
                    let file = text.into_file();
                    let done = (scenario.rest.to_owned(), scenario.after.as_bytes().to_owned());
                    let found = (rest, file.contents());
                    let is_undone = found == (REST.to_owned(), OLD.as_bytes().to_owned());
                    assert!(found == done || is_undone && !is_over, "{context}: {found:?}");
                    file.assert_closes();
                    instance.assert_clean();
                    if is_over {
                        break;
                    }
                    assert!(polls < MOST - 1, "{context}");
                }
            }
        }
    }
}

#[test]
fn operations_run_one_at_a_time_in_the_order_of_the_calls() {
    let instance = Instance::new().warmed_up();
    let text = instance.try_unnamed(with_buffer(0)).unwrap().into_text(settings());
    instance.disk.slow();

    let (one, two) = (text.text.write("one\n".into()), text.text.write("two\n".into()));
    let (back, line, rest) = (text.text.seek(Target::Start), text.text.read_line(None), text.text.read(None));
    let outcomes = text.run(async { futures::join!(one, two, back, line, rest) });

    assert_eq!(outcomes, (Ok(()), Ok(()), Ok(()), Ok("one\n".to_owned()), Ok("two\n".to_owned())));
    text.close().unwrap();
}

#[test]
fn the_lines_before_a_refused_one_are_written() {
    let instance = Instance::new().warmed_up();
    let text = instance.try_unnamed(with_buffer(0)).unwrap().into_text(settings());
    instance.disk.failing_nth(
        crate::testing::memory_filesystem::Call::Write,
        3,
        ErrorCode::InsufficientSpace,
    );

    let outcome = text.write_lines(&["one\n", "two\n", "three\n", "four\n"]);

    assert_eq!(code(outcome), Some(ErrorCode::InsufficientSpace));
    text.write("3\n").unwrap();
    assert_eq!(text.contents(), "one\ntwo\n3\n");
}
