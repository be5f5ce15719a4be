use http::HeaderValue;

use super::*;
use crate::respond;

/// Counts; a test can move the count.
#[derive(Debug)]
struct Counter(u64);

impl Provider for Counter {
    fn answer(&mut self, _: &Request, now: DateTime<Utc>) -> Response {
        self.0 += 1;
        respond(StatusCode::OK, "application/json", format!("{{\"n\":{},\"t\":{}}}", self.0, now.timestamp()))
    }
}

fn simulator() -> Simulator<Counter> {
    Simulator::new(Counter(0), VirtualClock::at(DateTime::UNIX_EPOCH))
}

fn get(path: &str) -> Request {
    Request {
        method: Method::GET,
        url: Url::parse(&format!("https://bank.test{path}")).expect("a URL"),
        headers: HeaderMap::from_iter([(http::header::ACCEPT, HeaderValue::from_static("application/json"))]),
        body: bytes::Bytes::new(),
    }
}

fn send(simulator: &Simulator<Counter>, path: &str) -> Result<Response, TransportError> {
    simulator.send(get(path)).now_or_never().expect("answers at once")
}

fn body(simulator: &Simulator<Counter>) -> String {
    String::from_utf8(send(simulator, "/").expect("an answer").body.to_vec()).expect("text")
}

#[test]
fn requests_are_numbered_from_1_and_logged_with_what_went_wrong() {
    let simulator = simulator();
    simulator.inject(On::request(2), Fault::status(503));
    simulator.inject(On::request(3), Fault::Break(Broken::Reset));
    for _ in 0..3 {
        let _ = send(&simulator, "/a?b=c");
    }
    assert_eq!(simulator.requests(), 3);
    let log = simulator.take_log();
    assert_eq!(log.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(log[0].url.as_str(), "https://bank.test/a?b=c");
    assert_eq!(log[0].headers["accept"], "application/json");
    assert_eq!(
        log.iter().map(|entry| entry.status.map(|s| s.as_u16())).collect::<Vec<_>>(),
        [Some(200), Some(503), None]
    );
    assert_eq!(log[2].faults, ["reset"]);
    assert!(simulator.log().is_empty());
}

#[test]
fn scripts_run_on_the_provider_right_before_their_request() {
    let simulator = simulator();
    simulator.before(2, |counter| counter.0 += 10);
    simulator.before_each(|counter, number| counter.0 += 100 * number);
    assert!(body(&simulator).starts_with("{\"n\":101,"));
    assert!(body(&simulator).starts_with("{\"n\":312,"));
    simulator.calm();
    simulator.with(|counter| counter.0 = 0);
    assert!(body(&simulator).starts_with("{\"n\":1,"));
}

#[test]
fn a_fault_hits_its_requests_once_n_times_or_always() {
    let simulator = simulator();
    simulator.inject(On::path("/once").once(), Fault::status(500));
    simulator.inject(On::matching(|request| request.url.query() == Some("two")).times(2), Fault::status(501));
    simulator.inject(On::path("/always"), Fault::status(502));
    simulator.inject(On::since(9), Fault::status(504));
    let statuses: Vec<u16> = ["/once", "/once", "/?two", "/?two", "/?two", "/always", "/always", "/", "/", "/"]
        .iter()
        .map(|path| send(&simulator, path).expect("an answer").status.as_u16())
        .collect();
    assert_eq!(statuses, [500, 200, 501, 501, 200, 502, 502, 200, 504, 504]);
}

#[test]
fn an_answer_is_given_in_place_of_the_provider_and_a_change_on_top_of_either() {
    let simulator = simulator();
    simulator.inject(On::request(1), Fault::status(429).header("retry-after", "3").body("slow"));
    simulator.inject(On::request(1), Fault::change_body(|body| [&body[..], b" down"].concat().into()));
    let response = send(&simulator, "/").expect("an answer");
    assert_eq!((response.status.as_u16(), &response.headers["retry-after"]), (429, &HeaderValue::from_static("3")));
    assert_eq!(&response.body[..], b"slow down");
    assert_eq!(simulator.with(|counter| counter.0), 0);
    simulator.inject(On::request(2), Fault::truncate(4));
    assert_eq!(body(&simulator), "{\"n\"");
    simulator.inject(On::request(3), Fault::html());
    assert!(body(&simulator).starts_with("<!DOCTYPE html>"));
    simulator.inject(On::request(4), Fault::oversized(10_000));
    let large = body(&simulator);
    assert_eq!(large.len(), 10_000);
    assert!(serde_json::from_str::<serde_json::Value>(&large).is_ok());
}

#[test]
fn a_delay_moves_the_clock_and_beyond_the_limit_nothing_comes() {
    let simulator = simulator();
    simulator.set_limits(Limits { first_byte: Duration::from_secs(20), next_bytes: Duration::from_secs(5) });
    simulator.inject(On::request(1), Fault::delay(Duration::from_secs(7)));
    assert!(body(&simulator).ends_with("\"t\":7}"));
    simulator.inject(On::request(2), Fault::delay(Duration::from_secs(21)));
    let limit = Duration::from_secs(20);
    assert_eq!(send(&simulator, "/"), Err(TransportError::Timeout { phase: Phase::FirstByte, limit }));
    assert_eq!(simulator.clock().now().timestamp(), 27);
    simulator.inject(On::request(3), Fault::Break(Broken::StalledBody));
    let limit = Duration::from_secs(5);
    assert_eq!(send(&simulator, "/"), Err(TransportError::Timeout { phase: Phase::NextBytes, limit }));
    assert_eq!(simulator.clock().now().timestamp(), 32);
    assert_eq!(simulator.log()[2].at.timestamp(), 27);
}

#[test]
fn each_break_is_the_error_that_a_transport_would_give() {
    let simulator = simulator();
    for (number, broken) in
        (1..).zip([Broken::Refused, Broken::Reset, Broken::HalfBody, Broken::Stalled, Broken::Endless(5_000)])
    {
        simulator.inject(On::request(number), Fault::Break(broken));
    }
    assert!(matches!(send(&simulator, "/"), Err(TransportError::Connect { host, .. }) if host == "bank.test"));
    assert!(matches!(send(&simulator, "/"), Err(TransportError::Interrupted(_))));
    assert!(matches!(send(&simulator, "/"), Err(TransportError::Interrupted(_))));
    assert!(matches!(send(&simulator, "/"), Err(TransportError::Timeout { phase: Phase::FirstByte, .. })));
    assert_eq!(send(&simulator, "/").expect("an answer").body.len(), 5_000);
}
