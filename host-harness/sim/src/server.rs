//! The simulator on a loopback port, for callers that only speak to a socket.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use super::faults::Broken;
use super::{Provider, Simulator};
use outside::transport::{Request, Response};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Headers of the connection, not of the request.
const CONNECTION_HEADERS: [http::HeaderName; 5] = [
    http::header::HOST,
    http::header::CONTENT_LENGTH,
    http::header::CONNECTION,
    http::header::TRANSFER_ENCODING,
    http::header::TE,
];

/// A simulator that listens on 127.0.0.1. Stops, and closes its connections, when it is dropped.
///
/// Delays move the virtual clock and do not slow the answer down. A break is a real one: a stalled exchange stays silent
/// until the caller hangs up.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a free port. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start<P: Provider + 'static>(simulator: Simulator<P>) -> io::Result<Self> {
        Self::start_on(simulator, 0).await
    }

    /// Listens on `port`; 0 is any free one. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_on<P: Provider + 'static>(simulator: Simulator<P>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // Dropped with this task, and the connections with it.
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                        connections.spawn(connection(stream, simulator.clone(), address));
                    },
                    Some(_) = connections.join_next(), if !connections.is_empty() => {}
                }
            }
        });
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end: `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one connection until either side closes it.
async fn connection<P: Provider + 'static>(stream: TcpStream, simulator: Simulator<P>, address: SocketAddr) {
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire { stream, reset: Arc::clone(&reset) });
    let service = service_fn(move |request| exchange(request, simulator.clone(), address, Arc::clone(&reset)));
    // An error here is a caller that hung up or a break that was asked for.
    let _ = http1::Builder::new().serve_connection(io, service).await;
}

async fn exchange<P: Provider>(
    request: hyper::Request<Incoming>,
    simulator: Simulator<P>,
    address: SocketAddr,
    reset: Arc<AtomicBool>,
) -> io::Result<hyper::Response<Body>> {
    let request = read(request, address).await?;
    let outcome = simulator.exchange(&request);
    match (outcome.broken, outcome.response) {
        (None, Some(response)) => Ok(write(response, |body| Full::new(body).map_err(never).boxed_unsync())),
        (Some(Broken::HalfBody), Some(response)) => Ok(cut(response, |half| {
            let end = stream::once(async {
                // Lets the half get out before the connection goes down.
                tokio::task::yield_now().await;
                Err(io::Error::from(io::ErrorKind::UnexpectedEof))
            });
            chunks(stream::iter([Ok(half)]).chain(end))
        })),
        (Some(Broken::StalledBody), Some(response)) => {
            Ok(cut(response, |half| chunks(stream::iter([Ok(half)]).chain(stream::once(pending())))))
        }
        (Some(Broken::Endless(_)), Some(response)) => Ok(write(response, |body| {
            let spaces = Bytes::from_static(&[b' '; 16 * 1024]);
            chunks(stream::iter([Ok(body)]).chain(stream::repeat_with(move || Ok(spaces.clone()))))
        })),
        (Some(Broken::Stalled), _) => pending().await,
        (_, _) => {
            reset.store(true, Ordering::Relaxed);
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
}

/// A request off the wire, as the engine takes it.
async fn read(request: hyper::Request<Incoming>, address: SocketAddr) -> io::Result<Request> {
    let (mut head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let url = Url::parse(&format!("http://{address}{target}")).map_err(io::Error::other)?;
    for name in CONNECTION_HEADERS {
        head.headers.remove(name);
    }
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(Request { method: head.method, url, headers: head.headers, body })
}

fn never(impossible: Infallible) -> io::Error {
    match impossible {}
}

fn chunks(parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    StreamBody::new(parts.map(|part| part.map(Frame::data))).boxed_unsync()
}

fn write(response: Response, body: impl FnOnce(Bytes) -> Body) -> hyper::Response<Body> {
    let mut written = hyper::Response::new(body(response.body));
    *written.status_mut() = response.status;
    *written.headers_mut() = response.headers;
    written
}

/// An answer that promises its whole length and has half of it to give.
fn cut(mut response: Response, body: impl FnOnce(Bytes) -> Body) -> hyper::Response<Body> {
    let length = response.body.len().max(2);
    response.body.truncate(length / 2);
    response.headers.insert(http::header::CONTENT_LENGTH, length.into());
    write(response, body)
}

/// A TCP stream that can close with a reset: the one thing hyper has no word for.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // With no time to linger, closing is a reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
