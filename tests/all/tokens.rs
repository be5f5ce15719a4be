//! A token that the host fetches, keeps, renews and never shows: at a provider that gives one as Mangopay does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::install::{Described, InstallError};
use engine::runner::StreamError;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use model::RequestPattern;
use outside::config::Terms;
use outside::transport::authenticated::Authenticated;
use outside::transport::recording::Recording;
use outside::transport::{Request, Response, Transport, TransportError};
use private_file::Draft;
use sandbox::{Blame, CallError};
use serde_json::{Value, json};
use store::export::{Format, What, export};
use url::Url;

use crate::support::rogue::{Rogue, TOKEN};

const PATH: &str = "/v2.01/oauth/token";

/// What the fake does otherwise than well.
#[derive(Default)]
struct Mood {
    /// The status of each exchange, instead of a token.
    login: Option<u16>,
    /// The `retry-after` that goes with it.
    pause: Option<u16>,
    /// The answer to each exchange, instead of a token.
    answer: Option<Value>,
    /// How many tokens it forgets, as soon as they are used.
    forgets: usize,
}

/// Gives tokens to who knows the secret, and answers to who has the last of them; echoes what it is sent.
#[derive(Clone, Default)]
struct Mangopay {
    mood: Arc<Mutex<Mood>>,
    exchanges: Arc<Mutex<Vec<Request>>>,
    asked: Arc<Mutex<Vec<Request>>>,
}

fn token(number: usize) -> String {
    format!("m4ng0-{number}-9c1e7f20")
}

fn answer(status: u16, body: String) -> Response {
    Response { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into() }
}

impl Mangopay {
    fn login(&self, request: Request) -> Response {
        let basic = format!("Basic {}", STANDARD.encode(format!("acme:{TOKEN}")));
        let well = request.method == Method::POST
            && request.headers.get("authorization").is_some_and(|sent| *sent == basic)
            && &*request.body == b"grant_type=client_credentials";
        let mut exchanges = self.exchanges.lock().unwrap();
        exchanges.push(request);
        let mood = self.mood.lock().unwrap();
        match (&mood.answer, mood.login) {
            (Some(body), _) => answer(200, body.to_string()),
            (_, Some(status)) => {
                let mut refusal = answer(status, format!("no: {TOKEN}"));
                let pause = mood.pause.map(|seconds| (RETRY_AFTER, seconds.into()));
                refusal.headers.extend(pause);
                refusal
            }
            _ if !well => answer(401, format!("no: {basic}")),
            _ => answer(200, json!({ "access_token": token(exchanges.len()), "expires_in": 1000 }).to_string()),
        }
    }

    fn api(&self, request: Request) -> Response {
        let sent = request.headers.get("authorization").map(|sent| sent.to_str().unwrap().to_owned());
        self.asked.lock().unwrap().push(request);
        let mut mood = self.mood.lock().unwrap();
        let valid = sent == Some(format!("Bearer {}", token(self.exchanges.lock().unwrap().len())));
        if !valid || mood.forgets > 0 {
            mood.forgets = mood.forgets.saturating_sub(1);
            return answer(401, "{}".into());
        }
        answer(200, json!({ "you": sent }).to_string())
    }

    fn counts(&self) -> (usize, usize) {
        (self.exchanges.lock().unwrap().len(), self.asked.lock().unwrap().len())
    }
}

impl Transport for Mangopay {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            tokio::task::yield_now().await;
            Ok(if request.url.path() == PATH { self.login(request) } else { self.api(request) })
        }
        .boxed()
    }
}

fn more() -> Vec<(String, String)> {
    [
        ("token.request", "POST endpoint /v2.01/oauth/token"),
        ("token.header.authorization", "Basic {base64:{bytes}:{token}}"),
        ("token.form.grant_type", "client_credentials"),
        ("token.value", "/access_token"),
        ("token.lifetime", "/expires_in"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

/// The rogue with a manifest that asks for a token.
async fn described(rogue: &Rogue, more: Vec<(String, String)>) -> Result<Described, InstallError> {
    let mut manifest = rogue.install.connector.describe().await.unwrap();
    manifest.credentials[0].name = "oauth".into();
    manifest.credentials[0].headers = vec![("authorization".into(), "Bearer {@token}".into())];
    manifest.credentials[0].more = more;
    for path in ["/v2.01/oauth/token", "/v2.01/{any}/{id}"] {
        manifest.requests.push(RequestPattern { method: "GET".into(), to: "endpoint".into(), path: path.into() });
    }
    Described::new(rogue.install.connector.clone(), manifest)
}

/// The same, installed at `provider`.
async fn installed(fields: Value, provider: &Mangopay) -> Rogue {
    let mut rogue = Rogue::new(json!({ "behaviour": "none" })).await;
    let mut config = json!({ "endpoint": "https://bank.example", "token": TOKEN, "bytes": "acme" });
    for (name, value) in fields.as_object().unwrap() {
        config[name] = value.clone();
    }
    let described = described(&rogue, more()).await.unwrap();
    rogue.install = described.install(&config.to_string(), &Terms::default()).unwrap();
    let transport = authenticated(&rogue, provider);
    let outside = rogue.install.outside(Arc::new(transport), Arc::new(rogue.clock.clone()));
    rogue.runner = rogue.install.runner(outside, rogue.store.clone(), "rogue");
    rogue
}

fn authenticated(rogue: &Rogue, provider: &Mangopay) -> Authenticated<Mangopay> {
    Authenticated::new(provider.clone(), rogue.install.keyring.clone()).by(Arc::new(rogue.clock.clone()))
}

fn get() -> Request {
    let url = Url::parse("https://bank.example/ask").unwrap();
    Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() }
}

/// What many requests side by side come to.
async fn many(transport: &impl Transport) -> Vec<Result<u16, TransportError>> {
    let answers = join_all((0..20).map(|_| transport.send(get()))).await;
    answers.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect()
}

#[tokio::test]
async fn one_fetch_serves_all_requests_that_wait_for_it_and_the_token_until_shortly_before_its_end() {
    let provider = Mangopay::default();
    let rogue = installed(json!({ "behaviour": "none" }), &provider).await;
    let transport = authenticated(&rogue, &provider);
    assert_eq!(many(&transport).await, vec![Ok(200); 20]);
    assert_eq!(provider.counts(), (1, 20));
    rogue.clock.advance(Duration::from_secs(969));
    assert_eq!(many(&transport).await, vec![Ok(200); 20]);
    assert_eq!(provider.counts(), (1, 40));
    rogue.clock.advance(Duration::from_secs(1));
    assert_eq!(many(&transport).await, vec![Ok(200); 20]);
    assert_eq!(provider.counts(), (2, 60), "renewed 30 s early");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_once_anew_and_then_the_refusal_is_the_connectors() {
    let provider = Mangopay::default();
    let rogue = installed(json!({ "behaviour": "ask", "times": "3" }), &provider).await;
    provider.mood.lock().unwrap().forgets = 1;
    assert!(rogue.bad().await.error.is_none());
    assert_eq!(provider.counts(), (2, 4), "one exchange and one request more");
    provider.mood.lock().unwrap().forgets = 2;
    let error = rogue.fault().await;
    assert_eq!(provider.counts(), (3, 6), "{error}");
    assert!(error.to_string().contains("401"), "{error}");
    let transport = authenticated(&rogue, &provider);
    provider.mood.lock().unwrap().forgets = 20;
    assert_eq!(many(&transport).await, vec![Ok(200); 20]);
    assert_eq!(provider.counts(), (4, 46), "one exchange for all that were refused side by side");
    provider.mood.lock().unwrap().forgets = usize::MAX;
    assert_eq!(many(&transport).await, vec![Ok(401); 20]);
    assert_eq!(provider.counts(), (5, 86), "each is repeated once");
}

#[tokio::test]
async fn a_token_is_a_secret_from_the_moment_that_it_arrives() {
    let provider = Mangopay::default();
    let mut rogue = installed(json!({ "behaviour": "keep-answer" }), &provider).await;
    let recording = Arc::new(Recording::new(authenticated(&rogue, &provider), Arc::new(rogue.clock.clone())));
    rogue.runner.outside.transport = recording.clone();
    rogue.poll().await;
    assert_eq!(provider.counts(), (1, 1));

    let mut kept = Vec::new();
    export(&rogue.store, "rogue", What::All, Format::Ndjson, &mut kept).unwrap();
    for (_, state, _) in rogue.store.states("rogue").unwrap() {
        kept.extend(state);
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-token.har");
    recording.save(Draft::open(&file).unwrap(), &rogue.install.keyring.secrets()).unwrap();
    let recorded = std::fs::read(&file).unwrap();
    for (place, text) in [("the store", kept), ("the recording", recorded)] {
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("[redacted]"), "{place}: the answer is there");
        for secret in [&*token(1), TOKEN, "oauth/token", "access_token", "client_credentials"] {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
    }
    assert!(!format!("{:?} {:?}", rogue.install.keyring, rogue.install.keyring.secrets()).contains(&token(1)));
}

#[tokio::test]
async fn a_guess_of_the_token_is_an_incident_like_that_of_any_secret() {
    let provider = Mangopay::default();
    let guess: String = token(1).bytes().map(|byte| char::from(byte - 1)).collect();
    let rogue = installed(json!({ "behaviour": "guess-in-record", "target": guess }), &provider).await;
    assert!(rogue.bad().await.error.is_none(), "there is none yet");
    many(&authenticated(&rogue, &provider)).await;
    let error = rogue.fault().await;
    assert!(error.to_string().contains("a secret is in the page"), "{error}");
}

#[tokio::test]
async fn the_component_cannot_ask_for_a_token_whatever_pattern_it_was_granted() {
    for path in [PATH, "/v2.01/oauth/token?x=1", "/v2.01/oauth/%74oken", "/v2.01/OAuth/token"] {
        let provider = Mangopay::default();
        let target = format!("https://bank.example{path}");
        let rogue = installed(json!({ "behaviour": "swallow", "target": target }), &provider).await;
        let error = rogue.fault().await;
        assert!(matches!(error, CallError::Refused(_)), "{path}: {error}");
        assert_eq!(provider.counts(), (0, 0), "{path}");
    }
    let provider = Mangopay::default();
    let target = "https://bank.example/v2.01/oauth/other";
    let rogue = installed(json!({ "behaviour": "swallow", "target": target }), &provider).await;
    assert!(rogue.bad().await.error.is_none(), "the pattern is granted");
}

#[tokio::test]
async fn a_wrong_client_secret_is_the_operators_to_change_and_not_tried_again_and_again() {
    let provider = Mangopay::default();
    let rogue = installed(json!({ "behaviour": "ask", "token": "wr0ng-k3y-91f2" }), &provider).await;
    let error = rogue.fault().await;
    assert_eq!(error.blame(), Blame::Operator, "{error}");
    let CallError::Connector { failure: Some(TransportError::Credentials(why)), .. } = &error else {
        panic!("{error}")
    };
    assert!(why.contains("`oauth`") && why.contains("401"), "{why}");
    assert!(!error.to_string().contains("wr0ng") && !error.to_string().contains("Basic"), "{error}");
    many(&authenticated(&rogue, &provider)).await;
    assert_eq!(provider.counts(), (1, 0), "each further refusal brings a lock-out nearer");
    rogue.clock.advance(Duration::from_mins(1));
    many(&authenticated(&rogue, &provider)).await;
    assert_eq!(provider.counts(), (2, 0));
}

#[tokio::test]
async fn an_exchange_that_fails_otherwise_is_the_providers_and_one_that_gives_no_token_says_why() {
    for (mood, said) in [
        (Mood { login: Some(503), ..Mood::default() }, "status 503"),
        (Mood { login: Some(429), ..Mood::default() }, "status 429"),
        (Mood { login: Some(302), ..Mood::default() }, "status 302"),
        (Mood { answer: Some(json!({ "token": "l0ng-en0ugh" })), ..Mood::default() }, "no text at /access_token"),
        (Mood { answer: Some(json!({ "access_token": "l0ng\nen0ugh" })), ..Mood::default() }, "position 5"),
        (Mood { answer: Some(json!({ "access_token": "sh0rt" })), ..Mood::default() }, "fewer than 6"),
        (Mood { answer: Some(json!({ "access_token": "l0ng".repeat(2049) })), ..Mood::default() }, "more than 8192"),
        (Mood { answer: Some(json!({ "x": "l0ng".repeat(1 << 19) })), ..Mood::default() }, "more than 1048576 bytes"),
    ] {
        let provider = Mangopay::default();
        *provider.mood.lock().unwrap() = mood;
        let rogue = installed(json!({ "behaviour": "ask" }), &provider).await;
        let Some(StreamError::Call(error)) = rogue.bad().await.error else { panic!("{said}") };
        assert_eq!(error.blame(), Blame::Provider, "{error}");
        let CallError::Connector { failure: Some(failure), .. } = &error else { panic!("{error}") };
        let text = failure.to_string();
        assert!(text.contains("`oauth`") && text.contains(said), "{said}: {text}");
        assert!(!text.contains("l0ng") && !text.contains("sh0rt") && !text.contains(TOKEN), "{text}");
        assert_eq!(provider.counts().1, 0, "nothing goes out without a token");
        *provider.mood.lock().unwrap() = Mood::default();
        rogue.clock.advance(Duration::from_mins(1));
        assert!(rogue.bad().await.error.is_none(), "{said}: another time it is well");
    }
}

#[tokio::test]
async fn exchanges_are_few_however_short_a_token_lives_and_however_they_fail() {
    let good = json!({ "access_token": token(1), "expires_in": 0 });
    let bad = json!({ "token": "l0ng-en0ugh" });
    for (answer, seconds) in [(good, 10), (bad, 5)] {
        let provider = Mangopay::default();
        let rogue = installed(json!({ "behaviour": "none" }), &provider).await;
        provider.mood.lock().unwrap().answer = Some(answer);
        let transport = authenticated(&rogue, &provider);
        for _ in 0..20 {
            transport.send(get()).await.ok();
        }
        assert_eq!(provider.counts().0, 1, "{seconds}");
        rogue.clock.advance(Duration::from_secs(seconds));
        transport.send(get()).await.ok();
        assert!(provider.counts().0 > 1, "{seconds}");
    }
}

#[tokio::test]
async fn a_provider_that_limits_the_rate_of_exchanges_is_left_alone_as_long_as_it_asks() {
    for status in [429, 503] {
        let provider = Mangopay::default();
        let rogue = installed(json!({ "behaviour": "ask" }), &provider).await;
        *provider.mood.lock().unwrap() = Mood { login: Some(status), pause: Some(3600), ..Mood::default() };
        assert!(rogue.bad().await.error.is_some());
        *provider.mood.lock().unwrap() = Mood::default();
        assert!(rogue.bad().await.error.is_some(), "{status}");
        assert_eq!(provider.counts(), (1, 0), "{status}: one request in all");
        rogue.clock.advance(Duration::from_hours(1));
        assert!(rogue.bad().await.error.is_none(), "{status}");
    }
}

#[tokio::test]
async fn what_this_host_does_not_do_is_refused_by_name_before_there_is_an_install() {
    let rogue = Rogue::new(json!({ "behaviour": "none" })).await;
    for key in ["token.keep.token", "jwt.algorithm", "json.access_token", "tls.key"] {
        let pairs = [more(), vec![(key.to_owned(), "/x".to_owned())]].concat();
        let error = described(&rogue, pairs).await.err().unwrap().to_string();
        assert!(error.contains(&format!("`{key}`, which this host does not do")), "{error}");
    }
}

#[tokio::test]
async fn another_secret_of_the_config_ends_the_tokens_and_the_same_one_does_not() {
    let provider = Mangopay::default();
    let mut rogue = installed(json!({ "behaviour": "none" }), &provider).await;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client-secret");
    std::fs::write(&file, TOKEN).unwrap();
    let config =
        json!({ "endpoint": "https://bank.example", "token": { "file": file }, "bytes": "acme", "behaviour": "none" });
    let described = described(&rogue, more()).await.unwrap();
    rogue.install = described.install(&config.to_string(), &Terms::default()).unwrap();
    let transport = authenticated(&rogue, &provider);
    many(&transport).await;
    rogue.install.keyring.refresh().unwrap();
    many(&transport).await;
    assert_eq!(provider.counts().0, 1);
    std::fs::write(&file, "wr0ng-k3y-91f2").unwrap();
    rogue.install.keyring.refresh().unwrap();
    assert!(many(&transport).await.iter().all(|answer| matches!(answer, Err(TransportError::Credentials(_)))));
    assert_eq!(provider.counts(), (2, 40));
}
