//! The listener: takes connections, as many as there is room for, and ends when it is asked to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use outside::stop::Stop;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once. Each takes some ten KB.
const CONNECTIONS: usize = 12_000;
/// How long a client may take for the head of a request.
const HEAD: Duration = Duration::from_secs(15);
/// Bytes of a head, give or take what comes with its end.
const LARGEST_HEAD: usize = 64 << 10;
/// How long answers under way may take when the server is asked to end: a stream of events has none.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Serves until it is asked to stop, and then what is under way.
pub(crate) async fn listen(listener: TcpListener, router: Router, stop: Stop) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.wait() => break,
        };
        let Some((stream, room)) = accepted else { continue };
        stream.set_nodelay(true).ok();
        let service = TowerToHyperService::new(router.clone());
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LARGEST_HEAD);
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // What a client breaks off is its own affair.
            connection.await.ok();
            drop(room);
        });
    }
    tokio::time::timeout(LAST_WORDS, graceful.shutdown()).await.ok();
}

type Accepted = (tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit);

/// The next connection; none where the system could not give it.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<Accepted> {
    let room = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, room)),
        Err(error) => {
            tracing::warn!(target: "harness::serve", "a connection was not taken: {error}");
            // Out of file descriptors, say: others have to end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// Whether whoever reaches this address is on this machine.
pub(crate) fn is_local(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}
