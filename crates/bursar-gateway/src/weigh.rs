//! Work that grows with a body: done here while small, elsewhere when it would keep others waiting.

/// Bytes up to which reading and counting a body takes less than handing it to another thread
/// would cost its neighbours: some 6 ms of counting.
const LIGHT_BYTES_MAX: usize = 64 * 1024;

/// Does work on a body of so many bytes. `None` if the work panicked.
pub(crate) async fn weighing<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if bytes <= LIGHT_BYTES_MAX {
        return Some(work());
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::error!(%error, "reading a large body panicked");
            None
        }
    }
}
