//! The payments host over HTTP: the real connectors, polled by a real server into a file, asked as its clients ask it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
#[cfg(target_os = "linux")]
mod disk;
mod erase;
mod events;
mod hostile;
mod installs;
mod lists;
mod page;
mod races;
mod registry;
mod restart;
mod sink;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use distribution::components::Components;
use engine::install::Described;
use host_harness::QONTO;
use outside::clock::VirtualClock;
use outside::stop::Stop;
use qonto::QontoWorld;
use serde_json::{Value, json};
use serve::policy::Policy;
use serve::providers::{Provider, Providers};
use serve::{Options, Server};
use sim::Simulator;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::support::cli::{PROGRAM, folder, in_folder};
use crate::support::{LOGIN, SECRET, sandbox};

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A simulated Qonto on a loopback port, and a folder for a store.
pub struct Desk {
    pub folder: TempDir,
    pub sim: Simulator<QontoWorld>,
    pub bank: sim::Server,
}

impl Desk {
    pub async fn new(world: QontoWorld) -> Self {
        let sim = Simulator::new(world, VirtualClock::at(Utc::now()));
        let bank = sim::Server::start(sim.clone()).await.unwrap();
        Self { folder: folder(), sim, bank }
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("payments.db")
    }

    /// The config of the seed document, with some fields replaced; null takes a field away.
    pub fn config(&self, fields: &Value) -> Value {
        let mut config =
            json!({ "clientID": LOGIN, "apiKey": SECRET, "endpoint": self.bank.url(), "pollingPeriod": "30m" });
        for (name, value) in fields.as_object().unwrap() {
            config[name] = value.clone();
        }
        config.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        config
    }

    /// A server over the store of this desk, with the program's own connector.
    pub async fn serve(&self) -> Served {
        self.serve_with(&json!({}), &[]).await
    }

    /// The same, with a policy and other connectors.
    pub async fn serve_with(&self, policy: &Value, components: &[&[u8]]) -> Served {
        Served::start(self.store(), self.folder.path(), policy, components).await
    }
}

/// A server that runs.
pub struct Served {
    pub url: String,
    pub client: reqwest::Client,
    stop: Stop,
    runs: JoinHandle<()>,
}

impl Served {
    async fn start(store: PathBuf, folder: &std::path::Path, policy: &Value, components: &[&[u8]]) -> Self {
        let (stop, runs, url) = started(store, folder, policy, components).await.unwrap();
        Self { url, client: outside::transport::live::plain_client(PATIENCE).unwrap(), stop, runs }
    }

    /// One in another process, which ends without this.
    pub fn at(url: String) -> Self {
        let client = outside::transport::live::plain_client(PATIENCE).unwrap();
        Self { url, client, stop: Stop::default(), runs: tokio::spawn(async {}) }
    }

    /// Ends the server, as a signal does.
    pub async fn end(self) {
        self.stop.set();
        self.runs.await.unwrap();
    }

    pub async fn answer(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Response {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.url));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// The status and the JSON of an answer; null where it has no body.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.answer(method, path, body).await;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Installs Qonto; gives the id.
    pub async fn install(&self, config: &Value) -> String {
        let (status, answer) = self.ask("POST", "/api/payments/v3/connectors/install/qonto", Some(config)).await;
        assert_eq!(status, 202, "{answer}");
        answer["data"].as_str().unwrap().to_owned()
    }

    /// All records of a list, part by part.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut next = format!("{path}?pageSize=100");
        loop {
            let answer = self.get(&next).await;
            all.extend(answer["cursor"]["data"].as_array().unwrap().clone());
            match answer["cursor"]["next"].as_str() {
                Some(cursor) => next = format!("{path}?cursor={cursor}"),
                None => return all,
            }
        }
    }

    /// Asks until an answer is as it should be.
    pub async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let answer = self.get(path).await;
            if is_so(&answer) {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "{path}: {answer}");
            tokio::task::yield_now().await;
        }
    }

    /// Asks for a page until it is as it should be.
    pub async fn until_page(&self, path: &str, is_so: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let page = self.answer("GET", path, None).await.text().await.unwrap();
            if is_so(&page) {
                return page;
            }
            assert!(began.elapsed() < PATIENCE, "{path}: {page}");
            tokio::task::yield_now().await;
        }
    }

    /// Waits until so many polls are over since the server started or its install was erased, and none is under way.
    pub async fn polled(&self, times: u64) {
        let began = Instant::now();
        loop {
            let figures = self.answer("GET", "/metrics", None).await.text().await.unwrap();
            let values = |name: &str| -> u64 {
                let lines = figures.lines().filter(|line| line.starts_with(name));
                lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
            };
            if values("harness_polls_total{") >= times && values("harness_polls_running ") == 0 {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{figures}");
        }
    }
}

/// `harness serve` over the store of a desk as a process of its own, with its address.
pub fn process(desk: &Desk, more: &[&str]) -> (Child, String) {
    listening(desk.folder.path(), &[&["serve", "--listen", "127.0.0.1:0"], more].concat())
}

/// A command that listens, with its address. A file that may not grow any more is told to it as an error, as a full disk is,
/// and does not end it.
pub fn listening(folder: &std::path::Path, arguments: &[&str]) -> (Child, String) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", PROGRAM]).args(arguments);
    let mut child = in_folder(shell, folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.find(|line| line.as_ref().unwrap().starts_with("listening on ")).unwrap().unwrap();
    // What else it says is read as well: a pipe that is full would hold it up.
    std::thread::spawn(move || lines.for_each(drop));
    let url = line.trim_start_matches("listening on ").split(';').next().unwrap().to_owned();
    (child, url)
}

type Started = (Stop, JoinHandle<()>, String);

/// Starts a server, or says why not.
pub async fn started(
    store: PathBuf,
    folder: &std::path::Path,
    policy: &Value,
    components: &[&[u8]],
) -> Result<Started, serve::ServeError> {
    let file = folder.join("policy.json");
    fs::write(&file, policy.to_string()).unwrap();
    let mut providers = Providers::default();
    let own = Described::load(sandbox(), QONTO).await.unwrap();
    providers.add(Provider { described: own, is_bundled: true }).unwrap();
    for component in components {
        let described = Described::load(sandbox(), component).await.unwrap();
        providers.add(Provider { described, is_bundled: false }).unwrap();
    }
    let stop = Stop::default();
    let (listen, policy) = ("127.0.0.1:0".parse().unwrap(), Policy::read(&file)?);
    let (sandbox, components) = (sandbox().clone(), Some(Components::in_folder(&folder.join("components"))));
    let options = Options { listen, store, providers, policy, sandbox, components, stop: stop.clone() };
    let server = Server::start(options).await?;
    let url = format!("http://{}", server.address());
    Ok((stop, tokio::spawn(server.run()), url))
}

/// The rows of the simulated Qonto, by id.
pub fn truth(desk: &Desk) -> std::collections::BTreeMap<String, String> {
    let rows = desk.sim.with(|world| world.rows());
    rows.into_iter().map(|row| (row.id.to_string(), row.text.to_string())).collect()
}

/// A store of a server, for who looks into it.
pub fn opened(desk: &Desk) -> Arc<store::Store> {
    Arc::new(store::Store::open(desk.store()).unwrap())
}
