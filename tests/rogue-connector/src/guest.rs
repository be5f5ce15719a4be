#![allow(clippy::panic, clippy::unwrap_used, reason = "this connector is here to fail")]

use std::hint::black_box;

use serde_json::Value;
use wasi_http_client::Client;

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Capability, Checked, ConfigField, Credential, FetchRequest, FieldKind, Guest, Manifest,
    OthersPage, PaymentsPage, RequestPattern, Task,
};
use crate::contract::payments::connector::types::{
    Account, Error, ErrorDetail, Payment, PaymentScheme, PaymentStatus, PaymentType, Rejected, TimePrecision, Timestamp,
};
use crate::contract::payments::connector::{log, state};

/// Writes the clipboard of a terminal (OSC 52), clears it (C1), turns the direction of writing, and forges a line.
const DRIVES: &str = "\u{1b}]52;c;eA==\u{7}\u{9b}2J\u{202e}\nerror: forged";

struct Rogue;

crate::contract::export!(Rogue with_types_in crate::contract);

/// The config's fields, unchecked.
struct Config(Value);

impl Config {
    fn of(request: &FetchRequest) -> Self {
        Self(serde_json::from_str(&request.config).unwrap())
    }

    fn get(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_default()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.get("endpoint").trim_end_matches('/'))
    }
}

impl Guest for Rogue {
    fn describe() -> Manifest {
        let task = |name: &str, capability, parent| Task {
            name: name.into(),
            capability,
            periodic: true,
            min_period_seconds: 0,
            parent,
            snapshot: false,
            follow: false,
        };
        let field = |name: &str, kind, required| ConfigField {
            name: name.into(),
            kind,
            required,
            default: None,
            description: format!("the {name}"),
        };
        Manifest {
            name: "rogue".into(),
            version: "0.1.0".into(),
            description: format!("Breaks one rule at a time.{DRIVES}"),
            capabilities: vec![Capability::FetchAccounts, Capability::FetchPayments],
            workflow: vec![
                task("fetch-accounts", Capability::FetchAccounts, None),
                task("fetch-payments", Capability::FetchPayments, Some(0)),
            ],
            config: vec![
                field("endpoint", FieldKind::Url, true),
                field("token", FieldKind::Secret, true),
                field("behaviour", FieldKind::Text, true),
                field("target", FieldKind::Text, false),
                field("seconds", FieldKind::Text, false),
                field("times", FieldKind::Text, false),
                field("bytes", FieldKind::Text, false),
                field("publicKey", FieldKind::Text, false),
            ],
            credentials: vec![Credential {
                name: "login".into(),
                to: vec!["endpoint".into()],
                not_to: vec![],
                headers: vec![("authorization".into(), "{token}".into())],
                more: vec![],
            }],
            requests: ["/x", "/echo", "/big", "/ask", "/x/{id}"]
                .map(|path| RequestPattern { method: "GET".into(), to: "endpoint".into(), path: path.into() })
                .into(),
            headers: vec![],
            max_page_size: 100,
            max_in_flight: 1,
            rate_limits: vec![],
        }
    }

    fn check(config: String) -> Result<Checked, Error> {
        let config = Config(serde_json::from_str(&config).unwrap());
        match config.get("behaviour") {
            "check-often" => (0..20).for_each(|_| get(&config.url("/x"), &[])),
            "check-refused" => ["/refused", "/x"].iter().for_each(|path| get(&config.url(path), &[])),
            _ => {}
        }
        let subject = Some(config.get("target")).filter(|subject| !subject.is_empty());
        Ok(Checked { subject: subject.map(str::to_owned), name: None })
    }

    fn fetch_accounts(_request: FetchRequest) -> Result<AccountsPage, Error> {
        let items = vec![account("bad"), account("good")];
        Ok(AccountsPage { items, withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false })
    }

    fn fetch_external_accounts(_request: FetchRequest) -> Result<AccountsPage, Error> {
        Err(unsupported())
    }

    fn fetch_balances(_request: FetchRequest) -> Result<BalancesPage, Error> {
        Err(unsupported())
    }

    fn follow_payments(_request: FetchRequest, _references: Vec<String>) -> Result<PaymentsPage, Error> {
        Err(unsupported())
    }

    fn fetch_others(_request: FetchRequest) -> Result<OthersPage, Error> {
        Err(unsupported())
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        if request.parent.as_ref().is_some_and(|parent| parent.reference == "good") {
            return Ok(page(vec![payment("fine", "{}")]));
        }
        let config = Config::of(&request);
        let behaviour = config.get("behaviour");
        // A first try, and then something that ends the call in another way.
        let then = behaviour.strip_prefix("refused-then-");
        if then.is_some() {
            get(&config.url("/refused"), &[]);
        }
        misbehave(then.unwrap_or(behaviour), &config, &request.config)
    }
}

#[allow(clippy::too_many_lines, reason = "one arm for each way to misbehave")]
fn misbehave(behaviour: &str, config: &Config, whole: &str) -> Result<PaymentsPage, Error> {
    match behaviour {
        "none" => Ok(page(vec![payment("also-fine", "{}")])),
        "trap" => {
            eprintln!("about to fail");
            panic!("the ledger is on fire");
        }
        "loop" => loop {
            black_box(());
        },
        "recurse" => {
            black_box(recurse(0));
            Ok(page(vec![]))
        }
        "memory" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(vec![1; 1 << 20]);
                black_box(&hoard);
            }
        }
        "swallow" => {
            get(config.get("target"), &[]);
            Ok(page(vec![]))
        }
        "method" => {
            let _ = Client::new().post(&config.url("/x")).send();
            let _ = Client::new().delete(&config.url("/x")).send();
            Ok(page(vec![]))
        }
        "header" => {
            get(&config.url("/x"), &[(config.get("target"), "mine")]);
            Ok(page(vec![]))
        }
        guess if guess.starts_with("guess-in-") => guessed(config, guess),
        "many-requests" => {
            for _ in 0..10_000 {
                get(&config.url("/x"), &[]);
            }
            Ok(page(vec![]))
        }
        "hoard" => {
            hoard(config);
            Ok(page(vec![]))
        }
        runtime if runtime.starts_with("std-") => told_by_std(runtime),
        "exit-with-words" => {
            eprintln!(
                "Traceback (most recent call last):\n  File \"app.py\", line 7, in fetch\u{1b}[31m\nKeyError: 'amount'"
            );
            std::process::abort();
        }
        "keep-answer" => keep_answer(config, whole),
        "big-state" => {
            state::set(&vec![7; (64 << 10) + 1]);
            Ok(page(vec![]))
        }
        "state-then-trap" => {
            state::set(b"never to be kept");
            panic!("after the state");
        }
        "state-then-error" => {
            state::set(b"never to be kept");
            Err(Error::UpstreamRejected(detail("no")))
        }
        "stuck" => {
            state::set(b"here");
            Ok(PaymentsPage { has_more: true, ..page(vec![]) })
        }
        "bad-amount" => Ok(page(vec![Payment { amount: "12.50".into(), ..payment("p", "{}") }])),
        "empty-reference" => Ok(page(vec![payment("", "{}")])),
        "foreign-account" => {
            Ok(page(vec![Payment { source_account_reference: Some("good".into()), ..payment("p", "{}") }]))
        }
        "ask" => ask(config),
        "endless" => {
            let number = count();
            let raw = format!("\"{}\"", "x".repeat(60_000));
            Ok(PaymentsPage { has_more: true, ..page(vec![payment(&format!("p{number}"), &raw)]) })
        }
        "inflated" => Ok(page(vec![payment("p", &"x".repeat(config.get("bytes").parse().unwrap()))])),
        "chatty" => {
            for number in 0..300 {
                log::write(log::Level::Info, &format!("line {number}"));
            }
            Ok(page(vec![]))
        }
        "huge-page" => Ok(page((0..2000).map(|n| payment(&format!("p{n}"), &"x".repeat(64 << 10))).collect())),
        "unavailable" => Err(Error::Unavailable(detail("try later"))),
        "drive-by-panic" => {
            log::write(log::Level::Warn, DRIVES);
            panic!("boom {DRIVES}");
        }
        "drive-by-error" => {
            Err(Error::UpstreamRejected(ErrorDetail { provider_code: Some(DRIVES.into()), ..detail(DRIVES) }))
        }
        "drive-by-record" => {
            state::set(DRIVES.as_bytes());
            let rejected = Rejected { reference: Some(DRIVES.into()), reason: DRIVES.into(), raw: DRIVES.into() };
            let raw = serde_json::json!({ "note": DRIVES }).to_string();
            Ok(PaymentsPage { rejected: vec![rejected], ..page(vec![payment(DRIVES, &raw)]) })
        }
        "limited" => Err(Error::RateLimited(ErrorDetail {
            retry_after_seconds: config.get("seconds").parse().ok(),
            ..detail("slow down")
        })),
        other => Err(Error::Other(detail(&format!("no behaviour {other:?}")))),
    }
}

/// Requests, as many as the config says, each answer told in the contract's terms.
fn ask(config: &Config) -> Result<PaymentsPage, Error> {
    for _ in 0..config.get("times").parse().unwrap_or(1) {
        let answer = Client::new().get(&config.url("/ask")).send();
        match answer.map(|answer| answer.status()) {
            Ok(200) => {}
            Ok(401) => return Err(Error::Unauthorized(detail("401"))),
            Ok(429) => return Err(Error::RateLimited(detail("429"))),
            Ok(status) => return Err(Error::UpstreamRejected(detail(&status.to_string()))),
            Err(error) => return Err(Error::Unavailable(detail(&error.to_string()))),
        }
    }
    Ok(page(vec![]))
}

/// What the standard library makes of what a connector has not; how that ended is told as a record.
#[allow(clippy::unnecessary_wraps, reason = "an arm of those that may fail")]
fn told_by_std(what: &str) -> Result<PaymentsPage, Error> {
    use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};
    let tried = match what {
        "std-files" => {
            let tried =
                [std::fs::read("/etc/passwd").map(drop), std::fs::write("x", "y"), std::fs::create_dir("/tmp/x")];
            tried.into_iter().map(|tried| tried.unwrap_err().to_string()).collect::<Vec<_>>().join("; ")
        }
        "std-tcp" => TcpStream::connect("127.0.0.1:9").unwrap_err().to_string(),
        "std-udp" => UdpSocket::bind("127.0.0.1:0").unwrap_err().to_string(),
        "std-names" => ("bank.example", 443).to_socket_addrs().unwrap_err().to_string(),
        "std-time" => {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            format!("{since:?} {:?}", std::time::Instant::now().elapsed())
        }
        "std-headers" => {
            let long = "x".repeat(1 << 20);
            let sent = Client::new().get("https://bank.example/x").header("accept", long.as_str()).send();
            sent.err().unwrap().to_string()
        }
        _ => String::new(),
    };
    Ok(page(vec![payment(&tried, "{}")]))
}

/// Holds on to answers without reading them.
fn hoard(config: &Config) {
    for _ in 0..config.get("target").parse().unwrap_or(0) {
        std::mem::forget(Client::new().get(&config.url("/x")).send());
    }
}

/// Counts the calls of the stream, in its state.
fn count() -> u64 {
    let before = state::get().and_then(|state| String::from_utf8(state).ok()?.parse().ok());
    let number = before.unwrap_or(0_u64) + 1;
    state::set(number.to_string().as_bytes());
    number
}

/// Everything that a connector could do with what it was given and told: log it, keep it, return it.
fn keep_answer(config: &Config, whole: &str) -> Result<PaymentsPage, Error> {
    let response =
        Client::new().get(&config.url("/echo")).send().map_err(|e| Error::Unavailable(detail(&e.to_string())))?;
    let headers = format!("{:?}", response.headers());
    let body = String::from_utf8_lossy(&response.body().unwrap_or_default()).into_owned();
    log::write(log::Level::Warn, &format!("{whole} {headers} {body}"));
    eprintln!("{whole} {headers} {body}");
    let seen = serde_json::json!({ "config": whole, "headers": headers, "body": body }).to_string();
    state::set(seen.as_bytes());
    // The text of a record has to stand in an answer that is JSON.
    let raw = if body.starts_with(['{', '[']) { &body } else { &seen };
    Ok(page(vec![Payment { metadata: vec![("x/seen".into(), seen.clone())], ..payment("seen", raw) }]))
}

/// Puts what it could know of a secret somewhere: it comes in as `target`, a guess, or a lie of the operator's.
fn guessed(config: &Config, place: &str) -> Result<PaymentsPage, Error> {
    let guess = decoded(config.get("target"));
    match place {
        "guess-in-url" => {
            get(&config.url(&format!("/x?key={guess}")), &[]);
            Ok(page(vec![]))
        }
        "guess-in-header" => {
            get(&config.url("/x"), &[("user-agent", &guess)]);
            Ok(page(vec![]))
        }
        "guess-in-record" => Ok(page(vec![payment("p", &guess)])),
        "guess-in-state" => {
            state::set(guess.as_bytes());
            Ok(page(vec![]))
        }
        "guess-in-log" => {
            log::write(log::Level::Warn, &guess);
            Ok(page(vec![]))
        }
        "guess-in-output" => {
            eprintln!("{guess}");
            Ok(page(vec![]))
        }
        "guess-in-error" => Err(Error::Other(detail(&guess))),
        _ => panic!("{guess}"),
    }
}

/// Each character one further on: so a config can hold what the host would find in it.
fn decoded(text: &str) -> String {
    text.bytes().map(|byte| char::from(byte + 1)).collect()
}

fn get(url: &str, headers: &[(&str, &str)]) {
    let mut request = Client::new().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let _ = request.send();
}

fn recurse(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX { 0 } else { recurse(depth + 1) + black_box(1) }
}

fn page(items: Vec<Payment>) -> PaymentsPage {
    PaymentsPage { items, withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false }
}

fn account(reference: &str) -> Account {
    Account {
        reference: reference.into(),
        name: None,
        default_asset: Some("EUR/2".into()),
        created_at: None,
        updated_at: None,
        metadata: vec![],
        raw: format!("{{\"id\":\"{reference}\"}}"),
    }
}

fn payment(reference: &str, raw: &str) -> Payment {
    let at = Timestamp { seconds: 1_780_000_000, nanoseconds: 0 };
    Payment {
        reference: reference.into(),
        parent_reference: None,
        created_at: at,
        created_at_precision: TimePrecision::Instant,
        updated_at: Some(at),
        payment_type: PaymentType::Payout,
        status: PaymentStatus::Succeeded,
        scheme: PaymentScheme::Unknown,
        amount: "100".into(),
        asset: "EUR/2".into(),
        fees: vec![],
        counter_amount: None,
        source_account_reference: None,
        destination_account_reference: None,
        counterparty: None,
        metadata: vec![],
        raw: raw.into(),
    }
}

fn unsupported() -> Error {
    Error::Unsupported(detail("this connector has no such capability"))
}

fn detail(message: &str) -> ErrorDetail {
    ErrorDetail {
        message: message.into(),
        http_status: None,
        provider_code: None,
        request_id: None,
        retry_after_seconds: None,
    }
}
