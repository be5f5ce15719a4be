use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::*;
use crate::har::Entry;

const API: &str = "https://api.example.com";

fn request(method: &str, url: &str, body: &str) -> Request {
    Request {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        url: Url::parse(API).unwrap().join(url).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_owned()),
    }
}

/// Each entry's answer is its number.
fn har(requests: &[Request]) -> Har {
    let mut har = Har::new();
    for (number, request) in (1..).zip(requests) {
        let body = Bytes::from(number.to_string());
        let response = Response { status: StatusCode::OK, headers: HeaderMap::new(), body };
        har.log.entries.push(Entry::of(DateTime::UNIX_EPOCH, request, &response));
    }
    har
}

fn replay(requests: &[Request]) -> Replay {
    Replay::from_har(&har(requests)).unwrap()
}

fn ask(replay: &Replay, request: Request) -> Result<String, String> {
    let answer = replay.send(request).now_or_never().expect("ready at once");
    answer.map(|a| String::from_utf8(a.body.to_vec()).unwrap()).map_err(|error| {
        assert!(matches!(error, TransportError::NotRecorded(_)));
        error.to_string()
    })
}

fn get(url: &str) -> Request {
    request("GET", url, "")
}

#[test]
fn requests_that_mean_the_same_match() {
    for (recorded, asked) in [
        (get("/a?x=1&y=2"), get("/a?y=2&x=1")),
        (get("/a?s[]=b&s[]=a"), get("/a?s%5B%5D=a&s%5b%5d=b")),
        (get("/a?q=b+c"), get("/a?q=b%20c")),
        (get("/a%62c"), get("/abc")),
        (get("https://API.example.com:443/a#f"), get("https://api.example.com./a")),
        (request("POST", "/a", r#"{"a":1.10,"b":[2]}"#), request("POST", "/a", "{ \"b\": [2], \"a\": 1.10 }")),
        (request("POST", "/a", "not json"), request("POST", "/a", "not json")),
    ] {
        let text = format!("{} as {}", recorded.url, asked.url);
        assert_eq!(ask(&replay(&[recorded]), asked), Ok("1".to_owned()), "{text}");
    }
}

#[test]
fn requests_that_differ_do_not_match_and_the_difference_is_named() {
    for (recorded, asked, difference) in [
        (get("/a?page=3"), get("/a?page=2"), "page: recorded 3, asked 2"),
        (get("/a?page=3"), get("/a"), "page: recorded 3, asked nothing"),
        (get("/a?page"), get("/a"), r#"page: recorded "", asked nothing"#),
        (get("/a?s=1"), get("/a?s=1&s=1"), "s: recorded 1, asked 1 and 1"),
        (get("/a?s=1+and+2"), get("/a?s=1&s=2"), r#"s: recorded "1 and 2", asked 1 and 2"#),
        (get("/a/b"), get("/a%2Fb"), "path: recorded /a/b, asked /a%2Fb"),
        (get("/a"), get("/A"), "path: recorded /a, asked /A"),
        (get("/a"), request("POST", "/a", ""), "method: recorded GET, asked POST"),
        (get("/a"), get("http://api.example.com/a"), &format!("origin: recorded {API}, asked http://api.example.com")),
        (get("/a"), get("https://api.example.com:444/a"), &format!("origin: recorded {API}, asked {API}:444")),
        (
            request("POST", "/a", r#"{"a":1}"#),
            request("POST", "/a", r#"{"a":1.0}"#),
            r#"body: recorded `{"a":1}`, asked `{"a":1.0}`"#,
        ),
    ] {
        let expected = format!("{} is not in the recording: nearest is entry 1: {difference}", describe(&asked));
        assert_eq!(ask(&replay(&[recorded]), asked), Err(expected));
    }
}

#[test]
fn equal_requests_are_a_queue_and_the_last_answer_does_not_stick() {
    let replay = replay(&[get("/a"), get("/b"), get("/a")]);
    assert_eq!(ask(&replay, get("/a")).as_deref(), Ok("1"));
    assert_eq!(ask(&replay, get("/a")).as_deref(), Ok("3"));
    let error = ask(&replay, get("/a")).unwrap_err();
    assert!(error.contains("once more than recorded; entry 1, entry 3 already used"), "{error}");
    assert_eq!(replay.unused(), [format!("entry 2: GET {API}/b")]);
    ask(&replay, get("/b")).unwrap();
    assert!(replay.unused().is_empty());
}

#[test]
fn an_entry_that_repeats_answers_for_ever_and_still_has_to_be_used() {
    let mut har = har(&[get("/a?x=1"), get("/a?x=1")]);
    har.log.entries[1].repeat = true;
    har.log.entries[1].id = Some("again".to_owned());
    let replay = Replay::from_har(&har).unwrap();
    assert_eq!(replay.unused()[1], format!("entry 2 (again): GET {API}/a?x=1"));
    let answers: Vec<_> = (0..4).map(|_| ask(&replay, get("/a?x=1")).unwrap()).collect();
    assert_eq!(answers, ["1", "2", "2", "2"]);
    assert!(replay.unused().is_empty());
}

#[test]
fn the_nearest_entry_is_one_of_the_same_path_and_it_says_if_it_was_used() {
    let replay = replay(&[request("POST", "/a", ""), get("/b?page=2"), get("/a?page=3&x=1")]);
    ask(&replay, get("/a?page=3&x=1")).unwrap();
    let error = ask(&replay, get("/a?page=2&x=1")).unwrap_err();
    assert!(error.ends_with("nearest is entry 3: page: recorded 3, asked 2; entry 3 already used"), "{error}");
    assert!(ask(&super::tests::replay(&[]), get("/")).unwrap_err().ends_with("it has no entries"));
}

#[test]
fn another_origin_is_answered_for_only_if_told_so() {
    let sandbox = Origin::parse("http://127.0.0.1:8080").unwrap();
    let requests = [get("/a"), get("https://other.example/a")];
    assert!(ask(&replay(&requests), get("http://127.0.0.1:8080/a")).is_err());
    let rebased = replay(&requests).rebase(&sandbox);
    assert!(ask(&rebased, get("/a")).is_err());
    assert_eq!(ask(&rebased, get("http://127.0.0.1:8080/a")).as_deref(), Ok("1"));
    assert_eq!(ask(&rebased, get("https://other.example/a")).as_deref(), Ok("2"));
}

#[test]
fn a_replay_starts_when_the_recording_did() {
    assert_eq!(replay(&[get("/a")]).started_at(), Some(DateTime::UNIX_EPOCH));
    assert_eq!(replay(&[]).started_at(), None);
}

#[test]
fn an_entry_that_cannot_be_played_is_refused_at_load() {
    let mut har = har(&[get("/a"), get("/b")]);
    har.log.entries[1].response.status = 0;
    assert!(Replay::from_har(&har).unwrap_err().to_string().starts_with("entry 2: response.status"));
}

#[test]
fn a_header_that_the_manifest_lists_tells_requests_apart_and_no_other_does() {
    let acting_for = |account: &'static str| {
        let mut request = request("GET", "/x", "");
        request.headers.insert("stripe-account", account.parse().unwrap());
        request.headers.insert("accept", account.parse().unwrap());
        request
    };
    let recorded = [acting_for("one"), acting_for("two")];
    let heeding = replay(&recorded).heeding(&["stripe-account".to_owned()]);
    assert_eq!(ask(&heeding, acting_for("two")), Ok("2".to_owned()));
    assert_eq!(ask(&heeding, acting_for("one")), Ok("1".to_owned()));
    let said = ask(&heeding, acting_for("three")).unwrap_err();
    assert!(said.contains("stripe-account: recorded one, asked three"), "{said}");
    let other = replay(&recorded).heeding(&["x-version".to_owned()]);
    assert_eq!(ask(&other, acting_for("two")), Ok("1".to_owned()), "in the order of the recording");
}
