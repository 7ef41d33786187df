//! Work that keeps a thread busy, several pieces at a time.

use crate::error::{Error, Result};
use futures::stream::{self, Stream, StreamExt};
use std::num::NonZeroUsize;
use tokio::runtime::Handle;

/// Does the work for each item on a thread that may block, for `workers` items at a time, and gives items with their
/// results in the order in which they end. A panic is the error of its item.
///
/// # Panics
/// Outside of a Tokio runtime of several threads.
pub(crate) fn side_by_side<T, R, F>(
    items: impl IntoIterator<Item = T>,
    workers: NonZeroUsize,
    work: impl Fn(T) -> F + Clone + Send + 'static,
) -> impl Stream<Item = (T, Result<R>)>
where
    T: Clone + Send + 'static,
    R: Send + 'static,
    F: Future<Output = Result<R>>,
{
    let runtime = Handle::current();
    stream::iter(items)
        .map(move |item| {
            let (runtime, work, own) = (runtime.clone(), work.clone(), item.clone());
            let task = tokio::task::spawn_blocking(move || runtime.block_on(work(own)));
            async move {
                let result = task.await;
                let result = result.unwrap_or_else(|panic| Err(Error::Internal(panic.to_string())));
                (item, result)
            }
        })
        .buffer_unordered(workers.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_the_error_of_its_item() {
        let workers = NonZeroUsize::new(2).unwrap();
        let results = side_by_side(0..20, workers, |number| async move {
            assert!(number != 7, "seven");
            Ok(number * 2)
        });
        let mut results: Vec<_> = results.collect().await;
        results.sort_by_key(|(number, _)| *number);
        for (number, (item, result)) in results.into_iter().enumerate() {
            assert_eq!(item, number);
            match result {
                Ok(double) => assert_eq!(double, 2 * number),
                Err(error) => assert!(number == 7 && error.to_string().contains("seven")),
            }
        }
    }
}
