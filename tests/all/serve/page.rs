//! The page, as a browser asks for it and sends its forms.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use http::HeaderMap;
use model::Rejected;
use model::refusal::{Incident, Place, Refusal};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qonto::Transaction;
use serde_json::{Value, json};
use store::{Delivery, PageRecords, PollStore as _, StreamKey};
use test_components::LINDENBANK;

use super::{Desk, PATIENCE, Served, opened};
use crate::support::{LOGIN, SECRET, at, mixed, world};

/// What a provider may say, and what a page must not run.
const HOSTILE: &str = "</pre><script>alert(1)</script>\u{202e}";

/// A browser with its cookie.
struct Browser<'s> {
    served: &'s Served,
    cookie: Option<String>,
}

/// A page that came.
struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    /// The token of its forms.
    fn token(&self) -> String {
        let (_, rest) = self.text.split_once(r#"name="page-token" value=""#).expect(&self.text);
        rest.split('"').next().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl<'s> Browser<'s> {
    fn new(served: &'s Served) -> Self {
        Self { served, cookie: None }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let request = match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        if let Some(set) = headers.get("set-cookie") {
            self.cookie = set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        Page { status, headers, text: answer.text().await.unwrap() }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send(self.served.client.get(format!("{}{path}", self.served.url))).await
    }

    /// Sends a form with these fields, and this token.
    async fn post_with(&mut self, path: &str, token: &str, origin: &str, fields: &[(&str, &str)]) -> Page {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let all = fields.iter().copied().chain([("page-token", token)]);
        let body: Vec<String> = all.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = self.served.client.post(format!("{}{path}", self.served.url));
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("origin", origin);
        self.send(request.body(body.join("&"))).await
    }

    /// Sends the form of a page as a browser does.
    async fn post(&mut self, form: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(form).await.token();
        let origin = self.served.url.clone();
        self.post_with(path, &token, &origin, fields).await
    }

    /// Loads a page until it says something.
    async fn until(&mut self, path: &str, says: &str) -> Page {
        let began = std::time::Instant::now();
        loop {
            let page = self.get(path).await;
            if page.text.contains(says) {
                return page;
            }
            assert!(began.elapsed() < PATIENCE, "{path} does not say {says}: {}", page.text);
            tokio::task::yield_now().await;
        }
    }
}

/// The fields of a config as the form has them.
fn fields(config: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    config.as_object().unwrap().iter().map(|(name, value)| (format!("config.{name}"), text(value))).collect()
}

fn lent(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (&**name, &**value)).collect()
}

/// A server with a connector that was polled, and whose provider and component say hostile things.
async fn filled() -> (Desk, Served, String) {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 70, at(0), TimeDelta::minutes(1));
    world.transaction(Transaction::on(&accounts[0], at(100)).cents(129_900).label(HOSTILE));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let store = opened(&desk);
    let key = StreamKey { install: "qonto".into(), task: "fetch-hostile".into(), parent: Some(HOSTILE.into()) };
    let (state, reading) = store.begin_call(&key).unwrap();
    let rejected = [Rejected { reference: Some(HOSTILE.into()), reason: "no amount".into(), raw: HOSTILE.into() }];
    let delivery = Delivery {
        key: &key,
        revision: state.revision,
        reading,
        at: Utc::now(),
        records: &PageRecords::Balances(Vec::new()),
        rejected: &rejected,
        state: None,
        partial: false,
        asked: false,
    };
    store.commit(&delivery).unwrap();
    let mut incident = Incident::default();
    incident.add(Refusal::of_product(Place::State));
    store.record_incident("qonto", None, "sha256:aa", &incident, Utc::now()).unwrap();
    (desk, served, id)
}

/// Every view, with what it has to say.
async fn views(served: &Served, id: &str) -> BTreeMap<String, Vec<String>> {
    let payment = served.all("/v3/payments").await.into_iter().find(|one| one["amount"] == 129_900).unwrap();
    let account = served.all("/v3/accounts").await.into_iter().find(|one| one["type"] == "INTERNAL").unwrap();
    let schedule = served.all(&format!("/v3/connectors/{id}/schedules")).await.pop().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let views = [
        (
            "/".to_owned(),
            vec!["1 connector is installed".to_owned(), "1 row in quarantine".into(), "1 incident".into()],
        ),
        (
            format!("/connectors/{id}"),
            vec!["fetch-accounts".into(), "no amount".into(), "a secret is in the state".into()],
        ),
        (format!("/connectors/{id}/config"), vec![LOGIN.into(), "Leave it empty to keep".into()]),
        (format!("/connectors/{id}/erase"), vec!["cannot be undone".into()]),
        (format!("/connectors/{id}/streams/{}", text(&schedule["id"])), vec!["Began".into()]),
        ("/install".into(), vec!["needs no grant".into()]),
        ("/install/qonto".into(), vec!["GET endpoint /v2/transactions".into()]),
        ("/payments".into(), vec!["1 299.00 EUR".into(), "Older".into()]),
        (format!("/payments/{}", text(&payment["id"])), vec!["1 299.00 EUR".into(), "&lt;script&gt;".into()]),
        ("/accounts".into(), vec![text(&account["id"])]),
        (format!("/accounts/{}", text(&account["id"])), vec![text(&account["reference"]), "Booked balance".into()]),
        ("/audit".into(), vec!["this machine".into(), "install".into()]),
    ];
    views.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_says_what_is_stored_strictly_and_runs_nothing_of_it() {
    let (_desk, served, id) = filled().await;
    let mut browser = Browser::new(&served);
    for (path, says) in views(&served, &id).await {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for said in says {
            assert!(page.text.contains(&said), "{path} does not say {said}: {}", page.text);
        }
        assert!(!page.text.contains("<script>") && !page.text.contains('\u{202e}'), "{path}");
        assert!(!page.text.contains(SECRET) && !page.text.contains(" style="), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            [page.header("x-content-type-options"), page.header("cache-control"), page.header("referrer-policy")],
            ["nosniff", "no-store", "same-origin"],
            "{path}"
        );
    }
    for (path, status) in [("/payments/x", 400), ("/accounts/x", 400), ("/connectors/x", 400), ("/install/monzo", 400)]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.text.contains("That did not work") && !page.header("content-security-policy").is_empty());
    }
    for path in ["page.css", "icon.svg", "htmx.min.js", "htmx-ext-sse.min.js"] {
        assert_eq!(browser.get(&format!("/assets/{path}")).await.status, 200, "{path}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_picked_and_walked_as_over_the_api() {
    let (_desk, served, id) = filled().await;
    let mut browser = Browser::new(&served);
    let listed = served.all("/v3/payments").await;
    let (mut path, mut seen) = (format!("/payments?status=SUCCEEDED&connector={id}"), Vec::new());
    loop {
        let page = browser.get(&path).await;
        let links =
            page.text.split(r#"href="/payments/"#).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        seen.extend(links);
        let Some((before, _)) = page.text.split_once(r#"">Older"#) else { break };
        path = before.rsplit(r#"href=""#).next().unwrap().replace("&amp;", "&");
    }
    let expected = listed.iter().filter(|one| one["status"] == "SUCCEEDED").map(|one| one["id"].as_str().unwrap());
    assert_eq!(seen, expected.collect::<Vec<_>>());
    assert!(browser.get("/payments?from=2001-01-01&to=2001-01-02").await.text.contains("no such payment"));
    assert_eq!(browser.get("/payments?from=yesterday").await.status, 400);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_this_pages_changes_nothing() {
    let (_desk, served, id) = filled().await;
    let (mut browser, mut other) = (Browser::new(&served), Browser::new(&served));
    let token = browser.get("/").await.token();
    let foreign = other.get("/").await.token();
    let pause = format!("/connectors/{id}/pause");
    let own = served.url.clone();
    for (token, origin) in [("", &*own), (&foreign, &own), (&token, "http://evil.example"), (&token, "null")] {
        let page = browser.post_with(&pause, token, origin, &[]).await;
        assert_eq!(page.status, 403, "{origin}: {}", page.text);
    }
    let mut cookieless = Browser::new(&served);
    assert_eq!(cookieless.post_with(&pause, &token, &own, &[]).await.status, 403);
    let host = served.client.get(&served.url).header("host", "evil.example");
    assert_eq!(browser.send(host).await.status, 403);
    let json = served.client.post(format!("{own}{pause}")).header("content-type", "application/json").body("{}");
    assert_eq!(browser.send(json).await.status, 415);
    let connectors = served.get("/v3/connectors").await;
    assert!(connectors["cursor"]["data"][0].get("pausedAt").is_none(), "{connectors}");
    assert_eq!(browser.post_with(&pause, &token, &own, &[]).await.status, 303);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_installed_by_the_form_when_the_provider_accepts_it_and_else_not() {
    let desk = Desk::new(world(1).0).await;
    let served = desk.serve().await;
    let mut browser = Browser::new(&served);
    let wrong = fields(&desk.config(&json!({ "apiKey": "a-key-of-nobody" })));
    let refused = browser.post("/install/qonto", "/install/qonto", &lent(&wrong)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("does not accept the credentials") && refused.text.contains(LOGIN));
    assert!(!refused.text.contains("a-key-of-nobody"), "{}", refused.text);
    assert_eq!(served.all("/v3/connectors").await, Vec::<Value>::new());
    let config = desk.config(&json!({ "pageSize": 10 }));
    let named: Vec<_> = fields(&config).into_iter().chain([("name".to_owned(), "books".to_owned())]).collect();
    let installed = browser.post("/install/qonto", "/install/qonto", &lent(&named)).await;
    assert_eq!(installed.status, 303, "{}", installed.text);
    let path = installed.header("location").to_owned();
    let id = path.rsplit('/').next().unwrap();
    served.polled(1).await;
    assert!(browser.get(&path).await.text.contains("complete"));
    assert_eq!(served.get(&format!("/v3/connectors/{id}/config")).await["data"]["pageSize"], 10);
    // The name is taken now.
    let again = browser.post("/install/qonto", "/install/qonto", &lent(&named)).await;
    assert!(again.status == 400 && again.text.contains("books"), "{}", again.text);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_once_with_its_way_out_which_leads_out() {
    let (desk, served, id) = filled().await;
    let mut browser = Browser::new(&served);
    desk.sim.with(|world| world.secret = "k3y-of-another-day".into());
    let path = format!("/connectors/{id}");
    assert_eq!(browser.post(&path, &format!("{path}/poll"), &[]).await.status, 303);
    let told = browser.until("/", "does not accept the credentials").await;
    assert_eq!(told.text.matches("Way out:").count(), 1, "{}", told.text);
    assert!(told.text.contains("1 needs you") && told.text.contains(&format!("{path}/config")));
    let config = fields(&desk.config(&json!({ "apiKey": "k3y-of-another-day" })));
    let form = format!("{path}/config");
    assert_eq!(browser.post(&form, &form, &lent(&config)).await.status, 303);
    browser.until("/", "nothing fails").await;
    // An empty secret is the one that is kept.
    let config = fields(&desk.config(&json!({ "apiKey": "", "pageSize": 7 })));
    assert_eq!(browser.post(&form, &form, &lent(&config)).await.status, 303);
    browser.until("/", "nothing fails").await;
    assert_eq!(served.get(&format!("/v3{form}")).await["data"]["pageSize"], 7);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_resume_and_uninstall_are_done_by_buttons_and_stand_in_the_audit_log() {
    let (_desk, served, id) = filled().await;
    let mut browser = Browser::new(&served);
    let path = format!("/connectors/{id}");
    for (what, says) in [("pause", "It is paused."), ("resume", "Next poll in")] {
        assert_eq!(browser.post(&path, &format!("{path}/{what}"), &[]).await.status, 303);
        browser.until(&path, says).await;
    }
    let erase = format!("{path}/erase");
    assert_eq!(browser.post(&erase, &erase, &[("what", "everything")]).await.status, 403);
    assert_eq!(browser.post(&erase, &erase, &[("what", "uninstall")]).await.status, 303);
    browser.until("/", "Nothing is installed yet.").await;
    let log = browser.get("/audit").await.text;
    let places = ["uninstall", "resume", "pause", "install"].map(|what| log.find(&format!("<td>{what}</td>")).unwrap());
    assert!(places.is_sorted(), "the latest first: {log}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_connector_shows_what_it_asks_before_it_is_granted_and_installs_after() {
    let desk = Desk::new(world(1).0).await;
    let bank = lindenbank::Lindenbank::default();
    let mut config = Value::Object(sim::Bank::config(&bank));
    let sim = sim::Simulator::new(bank, outside::clock::VirtualClock::at(Utc::now()));
    let lender = sim::Server::start(sim).await.unwrap();
    for value in config.as_object_mut().unwrap().values_mut() {
        if value.as_str().is_some_and(|text| text.starts_with("https://")) {
            *value = json!(lender.url());
        }
    }
    let form = "/install/lindenbank";
    let served = desk.serve_with(&json!({}), &[LINDENBANK]).await;
    let mut browser = Browser::new(&served);
    let asked = browser.get(form).await.text;
    assert!(asked.contains("the policy grants nothing yet") && asked.contains("wasi:http/"), "{asked}");
    let refused = browser.post(form, form, &lent(&fields(&config))).await;
    assert!(refused.status == 400 && refused.text.contains("nothing is granted"), "{}", refused.text);
    let (_, ask) = refused.text.split_once("<pre>").unwrap();
    let ask = ask.split("</pre>").next().unwrap().replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<");
    let ask: Value = serde_json::from_str(&ask.replace("&amp;", "&")).unwrap();
    served.end().await;
    let served = desk.serve_with(&json!({ "grants": [ask] }), &[LINDENBANK]).await;
    let mut browser = Browser::new(&served);
    let installed = browser.post(form, form, &lent(&fields(&config))).await;
    assert_eq!(installed.status, 303, "{}", installed.text);
    let page = browser.get(installed.header("location")).await.text;
    assert!(page.contains("The operator granted it this") && page.contains(&lender.url()), "{page}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_tokens_are_a_login_lets_in_as_far_as_its_token_goes() {
    const READ: &str = "reading-token-of-the-page";
    const WRITE: &str = "writing-token-of-the-page";
    let desk = Desk::new(world(1).0).await;
    for (name, token) in [("read", READ), ("write", WRITE)] {
        std::fs::write(desk.folder.path().join(name), token).unwrap();
    }
    let file = |name: &str| json!({ "file": desk.folder.path().join(name) });
    let served = desk.serve_with(&json!({ "tokens": { "read": file("read"), "write": file("write") } }), &[]).await;
    let mut nobody = Browser::new(&served);
    for path in ["/", "/payments", "/news", "/audit"] {
        let page = nobody.get(path).await;
        assert_eq!((page.status, page.header("location")), (303, "/login"), "{path}");
    }
    assert_eq!(nobody.post("/login", "/login", &[("access", "nonsense")]).await.status, 403);
    assert_eq!(nobody.post("/login", "/install/qonto", &[]).await.status, 403);
    let config = fields(&desk.config(&json!({})));
    for (token, status) in [(READ, 403), (WRITE, 303)] {
        let mut browser = Browser::new(&served);
        let before = browser.get("/login").await;
        let page = browser.post("/login", "/login", &[("access", token)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let cookie = page.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        assert!(!before.header("set-cookie").contains(browser.cookie.as_ref().unwrap()), "a login changes the cookie");
        let form = browser.get("/install/qonto").await;
        assert_eq!(form.text.contains("Check and install"), token == WRITE);
        let answer = browser.post("/install/qonto", "/install/qonto", &lent(&config)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(browser.post("/", "/logout", &[]).await.status, 303);
        assert_eq!(browser.get("/").await.status, 303, "the session is over");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_come_when_something_is_stored() {
    let desk = Desk::new(world(1).0).await;
    let served = desk.serve().await;
    let mut answer = served.client.get(format!("{}/news", served.url)).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    served.install(&desk.config(&json!({}))).await;
    let chunk = tokio::time::timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap().unwrap();
    assert!(chunk.starts_with(b"event: news\n"), "{chunk:?}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_connectors_a_part_is_shown_and_what_fails_for_the_same_reason_is_told_once() {
    let desk = Desk::new(world(1).0).await;
    let store = opened(&desk);
    let began = at(0);
    for number in 0..35 {
        let install = format!("bank-{number:02}");
        store.note_connector(&install, "elsewhere", "sha256:00", at(number)).unwrap();
        let key = store::StreamKey { install, task: "fetch-accounts".to_owned(), parent: None };
        let run = store.begin_run(&key, began).unwrap();
        let error = (number % 3 == 0).then(|| "no answer from elsewhere.example".to_owned());
        let ended = store::RunSummary { records: 0, rejected: 0, requests: 1, error, finished_at: began };
        store.finish_run(run, &ended).unwrap();
    }
    let served = desk.serve().await;
    let page = async |path: &str| served.answer("GET", path, None).await.text().await.unwrap();
    let first = page("/").await;
    assert!(first.contains("35 connectors are installed and 12 need you"), "{first}");
    assert_eq!(first.matches("no answer from elsewhere.example").count(), 1);
    assert!(first.contains("12 connectors") && first.contains(" and 2 others"), "{first}");
    assert_eq!(first.matches("<article").count(), 30);
    let next = first.split("href=\"/?after=").nth(1).unwrap().split('"').next().unwrap();
    let second = page(&format!("/?after={next}")).await;
    assert_eq!((second.matches("<article").count(), second.contains("bank-34")), (5, true), "{second}");
    assert!(!second.contains("no answer from"), "{second}");
    served.end().await;
}
