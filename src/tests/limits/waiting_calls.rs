//! Calls that wait for a file: their number and the memory of their arguments are bounded.

use futures::future::{join, join_all};

use super::*;
use crate::task::call::MOST_WAITING;

#[test]
fn the_arguments_of_waiting_calls_count_as_memory() {
    let instance = Instance::limited(memory(1000)).warmed_up();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    instance.disk.slow();

    let writes = (0..10).map(|number: u8| file.file.write(vec![number; 300]));
    let outcomes: Vec<_> = instance.disk.run(join_all(writes)).into_iter().map(code).collect();

    // The first has its turn at once. Three wait, and for the others there is no memory.
    assert_eq!(outcomes[..4], [None; 4]);
    assert_eq!(outcomes[4..], [quota(Limit::Memory); 6]);
    assert_eq!((instance.usage().memory.peak, instance.usage().refused), (900, 6));
    assert_eq!(file.contents(), [0, 1, 2, 3].map(|number| [number; 300]).concat());
    file.assert_closes();
    instance.assert_clean();
}

#[test]
fn a_bounded_number_of_calls_waits_for_one_file_and_a_close_always_may() {
    let instance = Instance::new().warmed_up();
    let file = instance.try_unnamed(with_buffer(0)).unwrap();
    instance.disk.slow();

    let writes = join_all((0..2 * MOST_WAITING).map(|_| file.file.write(vec![1])));
    let (writes, close) = instance.disk.run(join(writes, file.file.close()));

    let refused = writes.into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.len(), MOST_WAITING - 1, "one has its turn");
    assert!(refused.iter().all(|error| error.code == ErrorCode::Busy));
    close.unwrap();
    drop(file);
    instance.assert_clean();
}

#[test]
fn a_list_of_lines_counts_as_memory_while_it_is_made() {
    let instance = Instance::limited(memory(100_000)).warmed_up();
    let file = instance.unnamed();
    file.write(&[b'\n'; 10_000]).unwrap();
    file.seek(0, Whence::Start).unwrap();

    assert_eq!(code(file.read_lines(None)), quota(Limit::Memory));

    assert_eq!(file.file.tell(), 0);
    assert_eq!(file.read_lines(Some(500)).unwrap().len(), 500);
    file.assert_closes();
    instance.assert_clean();
}
