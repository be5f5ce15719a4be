//! Scenario files as a person uses them: replayed on a connector, and served to other programs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::cli::{command, folder, harness};
use serde_json::Value;

/// A file of `tests/scenarios/`.
fn scenario(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios").join(name);
    file.to_str().unwrap().to_owned()
}

/// A server under way; ends with the test.
struct Serving {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Serving {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let arguments = [&["sim", "serve", "--write-config", "config.json"], arguments].concat();
        let mut child = command(folder, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || out.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Self { child, lines }
    }

    /// The next line that it prints.
    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_mins(1)).expect("a line in time")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The payments in a store.
fn payments(folder: &Path, store: &str) -> Vec<Value> {
    harness(folder, &["export", "payments", "--store", store]).ended(0).lines()
}

#[test]
fn a_scenario_is_played_step_by_step_and_passes() {
    let folder = folder();
    let first = harness(folder.path(), &["replay", &scenario("settles-while-read.json")]).ended(0);
    for told in
        ["step 3  {\"poll\"", "unavailable: ", "; the host died\n", "2 pages again", "\npass: every payment arrived"]
    {
        assert!(first.out.contains(told), "{told}: {}", first.out);
    }
    let second = harness(folder.path(), &["replay", &scenario("settles-while-read.json")]).ended(0);
    assert_eq!(first.out, second.out);
}

#[test]
fn a_failure_is_shown_with_its_differences_and_requests() {
    let said = harness(folder().path(), &["replay", &scenario("hidden-too-long.json")]).ended(1);
    for told in ["FAIL: in the end, ", " is missing", "the last requests:\n", "GET https://", "the state of "] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
}

#[test]
fn a_bad_file_or_component_is_told_where_it_is_wrong() {
    let folder = folder();
    fs::write(
        folder.path().join("bad.json"),
        r#"{"scenario":1,"provider":"qonto","steps":[{"insert":{"rows":"two"}}]}"#,
    )
    .unwrap();
    for command in [&["replay", "bad.json"][..], &["sim", "serve", "--scenario", "bad.json"]] {
        let said = harness(folder.path(), command).ended(2);
        assert_eq!(said.err, "error: bad.json: step 1: `rows`: invalid type: string \"two\", expected u32 (line 1)\n");
    }
    let said = harness(folder.path(), &["replay", "no.json"]).ended(2);
    assert!(said.err.contains("cannot read no.json"), "{}", said.err);
    let good = scenario("settles-while-read.json");
    let said = harness(folder.path(), &["replay", &good, "--component", "bad.json"]).ended(3);
    assert!(said.err.contains("bad.json: ") && said.err.contains("no WebAssembly"), "{}", said.err);
}

#[test]
fn a_served_scenario_fills_a_store_over_loopback_and_logs_each_request() {
    let folder = folder();
    let serving = Serving::start(folder.path(), &["--scenario", &scenario("settles-while-read.json")]);
    let greeting = serving.line();
    assert!(greeting.starts_with("qonto, simulated, at http://127.0.0.1:"), "{greeting}");
    let config: Value = serde_json::from_str(serving.line().strip_prefix("config: ").unwrap()).unwrap();
    assert!(greeting.contains(config["endpoint"].as_str().unwrap()), "{greeting}");

    harness(folder.path(), &["run", "--once", "--config", "config.json"]).ended(0);
    let found = payments(folder.path(), "payments.db");
    let settled = found.iter().filter(|payment| payment["status"] == "SUCCEEDED").count();
    // The first poll's edit has come to pass in the middle of it.
    assert_eq!((found.len(), settled), (8, 6), "{found:#?}");

    let log: Vec<String> = (0..4).map(|_| serving.line()).collect();
    assert!(log[0].contains("GET /v2/organization  200"), "{log:#?}");
    let more = std::iter::from_fn(|| serving.lines.recv_timeout(Duration::from_secs(1)).ok());
    let all: Vec<String> = log.into_iter().chain(more).collect();
    assert!(all.iter().any(|line| line.ends_with("503  fault: answer")), "{all:#?}");
}

#[test]
fn without_a_scenario_a_demo_company_is_served_and_a_taken_port_is_told() {
    let folder = folder();
    let serving = Serving::start(folder.path(), &[]);
    serving.line();
    serving.line();
    harness(folder.path(), &["run", "--once", "--config", "config.json"]).ended(0);
    assert!(payments(folder.path(), "payments.db").len() > 300);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = harness(folder.path(), &["sim", "serve", "--port", &port]).ended(2);
    assert!(said.err.contains(&format!("port {port} is taken")), "{}", said.err);
    let said = harness(folder.path(), &["sim", "serve", "--provider", "monzo"]).ended(2);
    assert!(said.err.contains("there is qonto"), "{}", said.err);
}
