//! A payments host over HTTP: one process that holds many installs of any connectors, polls them on schedule, and gives
//! everything out through the v3 payments API, on a page, as events and as figures.
//!
//! What it serves is a [`Store`], which others may read meanwhile.

mod accept;
mod access;
mod api;
mod cursor;
mod erase;
mod extract;
mod host;
mod id;
mod installs;
mod listen;
mod metrics;
pub mod offer;
mod page;
pub mod policy;
mod problem;
pub mod providers;
mod query;
mod registry;
pub mod seal;
mod setback;
mod sink;
mod watch;

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use distribution::components::Components;
use engine::runner::Stop;
use engine::schedule::{Room, Scheduler};
use http::StatusCode;
use outside::clock::SystemClock;
use sandbox::Sandbox;
use store::{Store, StoreError};
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use crate::access::Access;
use crate::erase::Erase;
use crate::host::{Host, Parts, Served};
use crate::installs::Changes;
use crate::page::visitor::Visitors;
use crate::policy::{Policy, PolicyError, Tokens};
use crate::problem::Problem;
use crate::providers::{Kept, Providers};
use crate::seal::{Keys, SealError};
use crate::sink::Sink;
use crate::watch::Watch;

/// Ends the name of the file that is locked as long as a store is served.
pub const SERVED: &str = ".served";
/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is served, and where.
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The store's file.
    pub store: PathBuf,
    /// The connectors that can be installed.
    pub providers: Providers,
    /// What the operator lays down.
    pub policy: Policy,
    /// What the components of registries are loaded by.
    pub sandbox: Sandbox,
    /// Where they are kept; none where there is no such folder, and so none of them.
    pub components: Option<Components>,
    /// Ends it.
    pub stop: Stop,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Whoever is on the network could do everything.
    #[error(
        "{0} can be reached from other machines, so a token is needed, and the policy names none: name one in its `tokens`, or listen \
         on this machine alone"
    )]
    NoToken(SocketAddr),
    /// The address is taken, or is not this machine's.
    #[error("cannot listen on {address}: {source}; give an address of this machine that nothing listens on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process serves the store.
    #[error("another process serves the store {}; one store has one server, so end that one first. Others may read it meanwhile", .0.display())]
    Served(PathBuf),
    /// The file that tells others that the store is served cannot be locked.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no random numbers, which the page's tokens are made of.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// The policy cannot be followed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Configs cannot be sealed, or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A server that listens.
pub struct Server {
    address: SocketAddr,
    listener: TcpListener,
    host: Host,
    router: Router,
    sink: Option<Sink>,
    stop: Stop,
    /// Held as long as it serves.
    _lock: File,
}

impl Server {
    /// Opens the store, takes its installs in and listens. Polls begin with [`Server::run`].
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn start(options: Options) -> Result<Self, ServeError> {
        let Options { listen: address, store: path, providers, policy, sandbox, components, stop } = options;
        let tokens = Tokens::read(&policy.tokens)?;
        if tokens.is_empty() && !listen::is_local(&address) {
            return Err(ServeError::NoToken(address));
        }
        let failed = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (store, lock) = open(&path)?;
        let keys = keys(&policy, &store, &path)?;
        let sink = policy.sink.as_ref().map(Sink::new).transpose()?;
        let clock = Arc::new(SystemClock);
        let is_local = listen::is_local(&address);
        let limits = Arc::default();
        let kept = Kept::new(components, sandbox);
        let served = Arc::new(Served { store, keys, providers, kept, policy, clock: clock.clone(), limits, is_local });
        let (watch, news) = Watch::new();
        let watch = Arc::new(watch);
        let scheduler = Scheduler::new(served.clone(), watch.clone(), clock, stop.clone(), Room::default());
        let access = Access::new(tokens, address.port());
        let visitors = Visitors::new().map_err(|_| ServeError::NoRandom)?;
        let host = Host::new(Parts { served, scheduler, access, visitors, changes: Changes::default(), watch, news });
        let router = router(&host);
        let started = Self { address, listener, host, router, sink, stop, _lock: lock };
        started.take_in().await?;
        Ok(started)
    }

    /// Where it listens: the port that it was given where it asked for any.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Polls and serves until it is asked to stop; then what is in flight is stored.
    pub async fn run(self) {
        let Self { listener, host, router, sink, stop, .. } = self;
        let scheduler = host.scheduler().clone();
        let polls = async move { scheduler.run().await };
        let sends = async {
            if let Some(sink) = sink {
                sink.run(host.clone(), stop.clone()).await;
            }
        };
        tokio::join!(polls, sends, listen::listen(listener, router, stop.clone()));
    }

    /// Takes in what is installed, and goes on with what a process before left undone.
    async fn take_in(&self) -> Result<(), ServeError> {
        let store = self.host.served().store.clone();
        let undone = store.open_tasks()?;
        for connector in store.connectors()? {
            let task = undone.iter().find(|task| task.connector == connector.uuid);
            if let Some(task) = task {
                let what = if task.what == Erase::Reset.word() { Erase::Reset } else { Erase::Uninstall };
                tokio::spawn(self.host.clone().erased(connector, what, task.uuid.clone()));
                continue;
            }
            // One whose records are erased in part would not read them again: it is to be erased once more.
            if !connector.has_config || connector.leaves_at.is_some() {
                continue;
            }
            let last = store.last_poll(&connector.install)?;
            self.host.scheduler().put(&connector.install, connector.period, last);
            if connector.paused.is_some() {
                // Nothing runs yet, so there is nothing to wait for.
                self.host.scheduler().pause(&connector.install).await.ok();
            }
        }
        // What was done, but for the note of it.
        let gone = undone.iter().filter(|task| !matches!(store.connector(&task.connector), Ok(Some(_))));
        for task in gone {
            store.end_task(&task.uuid, &store::serving::tasks::TaskStatus::Succeeded(None), self.host.now())?;
        }
        Ok(())
    }
}

/// The store, and what says that it is served. A store of before is brought to today's layout when it is opened, so that is
/// not done while another serves it.
///
/// # Errors
/// Another serves it, or the store cannot be opened.
pub fn open(path: &Path) -> Result<(Arc<Store>, File), ServeError> {
    let held = if path.exists() { Some(lock(path)?) } else { None };
    let opened = Store::open(path);
    if opened.is_err() && held.is_some() {
        // Beside what is no store, nothing is left behind.
        std::fs::remove_file(beside(path, SERVED)).ok();
    }
    let store = Arc::new(opened?);
    Ok((store, held.map_or_else(|| lock(path), Ok)?))
}

/// What configs are sealed with. Where some are, a key is not made: it could open none of them.
fn keys(policy: &Policy, store: &Store, path: &Path) -> Result<Keys, ServeError> {
    if let Some(source) = &policy.key {
        return Ok(Keys::parse(&source.read("key")?, "the key of the policy")?);
    }
    let file = beside(path, ".key");
    let is_needed = store.connectors()?.iter().any(|connector| connector.has_config);
    Ok(if is_needed { Keys::read(&file)? } else { Keys::read_or_make(&file)? })
}

fn router(host: &Host) -> Router {
    let api = api::router();
    let open = Router::new().merge(api.open);
    let guarded = Router::new()
        .merge(api.v3.clone())
        .nest("/api/payments", api.v3)
        .route("/metrics", axum::routing::get(metrics::metrics))
        .layer(axum::middleware::from_fn_with_state(host.clone(), access::guard));
    open.merge(guarded)
        .merge(page::router(host))
        .fallback(|| async { Problem::not_found("route") })
        .method_not_allowed_fallback(|| async {
            Problem::validation("the route takes no such method").with_status(StatusCode::METHOD_NOT_ALLOWED)
        })
        .layer(DefaultBodyLimit::max(extract::LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(CompressionLayer::new())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(host.clone())
}

/// Tells others that the store is served, as long as the file is held.
///
/// # Errors
/// [`ServeError::Served`], or the file cannot be locked.
pub fn lock(store: &Path) -> Result<File, ServeError> {
    let path = beside(store, SERVED);
    let failed = |source| ServeError::Lock { path: path.clone(), source };
    let file = private_file::append(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::Served(store.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The file beside a store that ends so.
#[must_use]
pub fn beside(store: &Path, suffix: &str) -> PathBuf {
    // One store has one lock and one key, whatever leads to it.
    let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
    let mut name = store.into_os_string();
    name.push(suffix);
    name.into()
}
