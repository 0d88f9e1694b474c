//! The program on a text for `fault_sweep`.

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::tests::programs::stage::Play;
use crate::tests::programs::staged_file::Kind;
use crate::tests::text::*;
use crate::tests::*;
use crate::text::TextSettings;
use crate::text::encoding::Encoding;
use crate::text::file::TextFile;

/// Writes, reads, seeks and truncates a text of two lines.
pub(super) fn text(play: &Play, kind: Kind) {
    let file = play.creates(kind).into_file();
    let settings = TextSettings { encoding: Encoding::Utf16, ..settings() };
    let text = Rc::new(TextFile::new(file, settings).expect("nothing is under way"));
    macro_rules! step {
        ($call:expr) => {{
            let call: fn(Rc<TextFile<MemoryFilesystem>>) -> LocalBoxFuture<'static, Result<_>> = $call;
            play.takes(|| call(text.clone()), &[]).expect("done at last")
        }};
    }
    // Each step seeks first, so it may be repeated.
    step!(|text| async move { text.write("erste Zeile\nä".into()).await }.boxed_local());
    step!(|text| async move { text.truncate(Some(0)).await }.boxed_local());
    step!(|text| async move {
        text.seek(Target::Start).await?;
        text.write_lines(vec!["erste Zeile\n".into(), "ä".into()]).await
    }
    .boxed_local());
    let line: String = step!(|text| async move {
        text.seek(Target::Start).await?;
        text.read_line(None).await
    }
    .boxed_local());
    assert_eq!(line, "erste Zeile\n");
    let rest: String = step!(|text| async move {
        text.seek(Target::Start).await?;
        text.read_line(None).await?;
        let place = text.tell().await?;
        text.read(Some(1)).await?;
        text.seek(Target::Position(place)).await?;
        text.read(None).await
    }
    .boxed_local());
    assert_eq!(rest, "ä");
    step!(|text| async move { text.flush().await }.boxed_local());
    step!(|text| async move { text.rollover().await }.boxed_local());
    let lines: Vec<String> = step!(|text| async move {
        text.seek(Target::Start).await?;
        text.read_lines(None).await
    }
    .boxed_local());
    assert_eq!(lines, ["erste Zeile\n", "ä"]);
    step!(|text| async move { text.truncate(Some(6)).await }.boxed_local());
    let rest: String = step!(|text| async move {
        text.seek(Target::Start).await?;
        text.read(None).await
    }
    .boxed_local());
    assert_eq!(rest, "er");
    step!(|text| async move { text.close().await }.boxed_local());
}
