//! What a person is told, and that it is told: each wait and each second attempt has a line, in words and not in Rust's.

#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::TimeDelta;
use serde_json::json;
use sim::{Fault, On};

use crate::support::cli::{Desk, folder, harness, said};
use crate::support::{at, mixed, world};

const TRANSACTIONS: &str = "/v2/transactions";

#[tokio::test(flavor = "multi_thread")]
async fn one_limit_for_twelve_accounts_is_told_once_and_met_by_those_under_way_alone() {
    let (mut world, accounts) = world(12);
    for account in &accounts {
        mixed(&mut world, account, 3, at(0), TimeDelta::seconds(1));
    }
    let desk = Desk::new(world, 25).await;
    desk.sim.inject(On::path(TRANSACTIONS), Fault::status(429).header("Retry-After", "3600"));
    let polled = desk.poll(&[]).ended(1);
    let met = desk.sim.log().iter().filter(|one| one.status.is_some_and(|status| status == 429)).count();
    assert!((1..=4).contains(&met), "{met} of twelve, four of which are read side by side");
    let told = |text: &str| polled.err.lines().filter(|line| line.contains("WARN") && line.contains(text)).count();
    assert_eq!((told("refuses further requests"), told("none is sent for 3600 s")), (1, 1), "{polled:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_compressed_unasked_is_asked_for_once_and_told_as_the_providers() {
    for encoding in ["gzip", "br", "deflate, gzip"] {
        let desk = Desk::new(world(1).0, 25).await;
        desk.sim.inject(
            On::path(TRANSACTIONS),
            Fault::change(move |answer| {
                answer.headers.insert("content-encoding", encoding.parse().unwrap());
            }),
        );
        let polled = desk.poll(&[]).ended(1);
        assert!(polled.err.contains("the provider compressed its answer"), "{encoding}: {polled:#?}");
        assert!(!polled.err.contains("trying again"), "{encoding}: {polled:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_with_errors_in_it_keeps_their_code_and_text() {
    let desk = Desk::new(world(1).0, 25).await;
    let body = r#"{"errors":[{"code":"maintenance","detail":"Back at noon"}],"trace_id":"t-77"}"#;
    desk.sim.inject(On::path(TRANSACTIONS), Fault::status(200).body(body));
    let polled = desk.poll(&[]).ended(1);
    let told = "HTTP 200 with errors instead of transactions: maintenance, “Back at noon”, trace t-77";
    assert!(polled.err.contains(told), "{polled:#?}");
    assert!(polled.err.contains("trying again in"), "{polled:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_names_the_page_size_as_what_to_lower() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.sim.inject(On::path(TRANSACTIONS), Fault::oversized((16 << 20) + 1));
    let polled = desk.poll(&[]).ended(1);
    assert!(polled.err.contains("larger than 16777216 bytes") && polled.err.contains("`pageSize`"), "{polled:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_redirects_nowhere_is_not_called_a_redirect() {
    for (status, redirects) in [(304, false), (302, true)] {
        let desk = Desk::new(world(1).0, 25).await;
        desk.sim.inject(On::path(TRANSACTIONS), Fault::status(status));
        let polled = desk.poll(&[]).ended(1);
        assert_eq!(polled.err.contains("redirects are not followed"), redirects, "{status}: {polled:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_honoured_is_told_whenever_the_network_is_used() {
    let desk = Desk::new(world(1).0, 25).await;
    let check = ["check", "--config", "config.json"];
    for (names, told) in [
        (&["HTTPS_PROXY"][..], Some("warning: HTTPS_PROXY is set and not honoured: ")),
        (&["http_proxy", "All_Proxy"], Some("warning: All_Proxy, http_proxy are set and not honoured: ")),
        (&["NO_PROXY"], None),
    ] {
        let run = |arguments: &[&str], value: &str| {
            let mut command = desk.command(arguments);
            command.envs(names.iter().map(|name| (name, value)));
            tokio::task::block_in_place(|| said(command.output().unwrap())).ended(0)
        };
        for arguments in [&check[..], &["run", "--once", "--config", "config.json"]] {
            let ended = run(arguments, "http://proxy.example:3128");
            let lines: Vec<&str> = ended.err.lines().filter(|line| line.contains("not honoured")).collect();
            assert_eq!(lines.len(), usize::from(told.is_some()), "{ended:#?}");
            assert!(told.is_none_or(|told| lines[0].starts_with(told)), "{ended:#?}");
        }
        assert!(!run(&check, "").err.contains("not honoured"), "set to nothing");
        assert!(!run(&["describe"], "http://proxy.example:3128").err.contains("not honoured"), "nothing is sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_asked_for_by_an_empty_variable_is_the_usual_one() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.sim.inject(On::path(TRANSACTIONS), Fault::status(429).header("Retry-After", "3600"));
    let mut poll = desk.command(&["run", "--once", "--config", "config.json"]);
    let polled = tokio::task::block_in_place(|| said(poll.env("RUST_LOG", "").output().unwrap())).ended(1);
    assert!(polled.err.contains("refuses further requests"), "{polled:#?}");
}

#[test]
fn what_is_told_of_a_provider_that_is_not_there_is_in_words() {
    let folder = folder();
    let config = json!({ "clientID": "acme", "apiKey": "s3cr3t-key-00", "endpoint": "https://nowhere.invalid" });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let said = harness(folder.path(), &["check", "--config", "config.json"]).ended(1);
    assert!(said.err.contains("cannot find the address of nowhere.invalid"), "{said:#?}");
    for form in ["Some(", "None", "ErrorCode", "{ "] {
        assert!(!said.err.contains(form), "{form}: {said:#?}");
    }
}
