//! Work that waits for a disk, kept off the threads that everything asynchronous runs on.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Does the work here and now. On a runtime of several threads another one takes over meanwhile what this one had to do;
/// elsewhere there is nobody who could. Not for the inside of a `LocalSet`, where tokio allows no blocking.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(work),
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn work_that_waits_for_another_task_of_a_runtime_with_one_worker_is_done() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (send, receive) = mpsc::channel();
        let waits = runtime.spawn(async move { blocking(|| receive.recv()) });
        runtime.spawn(async move { send.send(7) });
        assert_eq!(runtime.block_on(waits).unwrap(), Ok(7));
    }

    #[test]
    fn it_is_done_where_no_thread_can_take_over() {
        assert_eq!(blocking(|| 1), 1);
        assert_eq!(Builder::new_current_thread().build().unwrap().block_on(async { blocking(|| 2) }), 2);
    }
}
