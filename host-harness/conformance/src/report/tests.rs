//! Each format is read back by a parser that is not its writer, with texts that would break out of it.

use super::text::{Side, beginning, difference, evidence, indented};
use super::*;
use crate::check::{Level, Tier};
use crate::evidence::{Evidence, Exchange, StateChange};
use crate::suite::Again;
use chrono::DateTime;

/// What a hostile component, or the bank behind it, would like a reader's browser, terminal or parser to take.
const HOSTILE: &str = "<script>alert(1)</script> ]]> &amp; \u{1b}[2J\u{0} \u{202e}gpj.exe | `a` ```\n@all \"'";

fn checked(id: &'static str, verdict: Verdict) -> Checked {
    let evidence = (verdict == Verdict::Fail).then(|| {
        Box::new(Evidence {
            what: HOSTILE.into(),
            setting: format!("pages of 5 {HOSTILE}"),
            differences: vec![format!("lost {HOSTILE}")],
            lost: None,
            exchanges: vec![Exchange {
                number: 7,
                request: format!("GET https://bank.example/{HOSTILE}"),
                headers: vec![format!("x: {HOSTILE}")],
                answer: "200 OK".into(),
                answer_headers: vec!["content-type: text/html".into()],
                body: format!("{{\"rows\":[{{\"note\":\"{HOSTILE}\",\"amount\":1.50}},{{}}]"),
            }],
            states: vec![StateChange {
                stream: format!("fetch-payments/{HOSTILE}"),
                before: "{\n  \"a\": 1\n}".into(),
                after: format!("{{\n  \"a\": 2,\n  \"b\": \"{HOSTILE}\"\n}}"),
            }],
            scenario: Some("{\"seed\":1}".into()),
        })
    });
    let check = crate::catalogue::with([]).find(|check| check.id == id).expect("a check");
    Checked {
        check,
        id,
        title: "complete",
        tier: Tier::One,
        verdict,
        reason: HOSTILE.into(),
        millis: 1_234,
        evidence,
        again: None,
        follows: None,
    }
}

fn report() -> Report {
    let checks = vec![
        checked("P1", Verdict::Pass),
        checked("P2", Verdict::Warn),
        checked("S1", Verdict::Fail),
        checked("S2", Verdict::Skip),
        checked("X1", Verdict::Inconclusive),
    ];
    Report {
        component: format!("evil {HOSTILE}"),
        sha256: "00ff".into(),
        contract: "0.1.0",
        harness: "9.8.7",
        date: DateTime::UNIX_EPOCH,
        provider: "a-bank".to_owned(),
        seed: 7,
        level: Level::Silver,
        reached: None,
        millis: 6_170,
        beyond: Vec::new(),
        checks,
    }
}

/// No control character, none that hides, and nothing that a browser would run.
fn assert_harmless(text: &str) {
    assert!(text.chars().all(|character| matches!(character, '\n' | '\t') || !character.is_control()));
    assert!(!text.contains('\u{202e}'));
    assert!(!text.contains("<script"));
}

#[test]
fn json_is_an_object_of_the_documented_keys() {
    let text = report().render(Format::Json).unwrap();
    assert!(text.chars().all(|character| character == '\n' || !character.is_control()) && !text.contains('\u{202e}'));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["contract"], &json["seed"], &json["level"]), (&"0.1.0".into(), &7.into(), &"silver".into()));
    assert!(json["component"].as_str().unwrap().starts_with("evil "));
    let first = json["checks"][0].as_object().unwrap();
    let keys: Vec<&String> = first.keys().collect();
    assert_eq!(keys, ["id", "millis", "reason", "tier", "title", "verdict"]);
    let verdicts: Vec<&str> = (0..5).map(|place| json["checks"][place]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["pass", "warn", "fail", "skip", "inconclusive"]);
    assert_eq!(json["checks"][2]["evidence"]["exchanges"][0]["number"], 7);
}

#[test]
fn junit_is_xml_with_a_suite_for_each_group() {
    let xml = report().render(Format::Junit).unwrap();
    assert_harmless(&xml);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let root = document.root_element();
    let numbers = ["tests", "failures", "errors", "skipped"].map(|name| root.attribute(name).unwrap());
    assert_eq!(numbers, ["5", "1", "1", "1"]);
    let suites: Vec<&str> = root.children().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(suites, ["P Pagination", "S State", "X Secrets and personal data"]);
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.text().unwrap().contains("<script>alert(1)</script> ]]> &amp; \\u001b[2J"));
    assert_eq!(failure.parent().unwrap().attribute("name"), Some("S1 complete"));
    for tag in ["skipped", "error"] {
        let node = document.descendants().find(|node| node.has_tag_name(tag)).unwrap();
        assert!(node.attribute("message").unwrap().contains("<script>"), "{tag}");
    }
}

#[test]
fn html_holds_every_verdict_and_loads_nothing() {
    let html = report().render(Format::Html).unwrap();
    assert_harmless(&html);
    for told in ["✓ pass", "! warn", "✗ fail", "– skip", "? inconclusive", "&lt;script&gt;", "no level reached"] {
        assert!(html.contains(told), "{told}");
    }
    // The only addresses are those of the exchanges, as text.
    for foreign in ["src=", "href=\"http", "url(", "@import", "<link"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    let open: Vec<&str> = html.split("<details class=\"check ").skip(1).filter(|row| row.contains(" open")).collect();
    assert!(open.iter().any(|row| row.starts_with("fail\" id=\"S1\" open>")), "{open:?}");
    assert!(html.contains("<span class=\"after\">+ "), "the difference of the states");
}

#[test]
fn markdown_has_a_row_for_each_check_that_no_text_breaks() {
    let markdown = report().render(Format::Markdown).unwrap();
    // Between the fences, which are longer than any in the text, everything is text.
    let parts: Vec<&str> = markdown.split("````").collect();
    assert_eq!(parts.len(), 3);
    assert_harmless(&[parts[0], parts[2]].concat());
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| **")).collect();
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    }
    assert!(!parts[0].contains("@all") && !parts[2].contains("@all"), "a mention");
}

#[test]
fn a_run_is_passed_only_when_everything_was_proved() {
    let of = |verdicts: &[Verdict]| {
        let checks = verdicts.iter().map(|verdict| checked("P1", *verdict)).collect();
        Report { checks, ..report() }.conclusion()
    };
    assert_eq!(of(&[]), Conclusion::Open);
    assert_eq!(of(&[Verdict::Pass, Verdict::Warn]), Conclusion::Passed);
    assert_eq!(of(&[Verdict::Pass, Verdict::Skip]), Conclusion::Open);
    assert_eq!(of(&[Verdict::Pass, Verdict::Inconclusive]), Conclusion::Open);
    assert_eq!(of(&[Verdict::Inconclusive, Verdict::Fail, Verdict::Pass]), Conclusion::Failed);
}

#[test]
fn a_text_is_cut_between_characters() {
    assert_eq!((beginning("äöü", 3), beginning("äöü", 2)), ("äöü".into(), "äö…".into()));
}

#[test]
fn json_is_laid_out_as_it_came_even_when_it_was_cut() {
    let text = r#"{"b":1.50,"a":["x, {y\"",{}, []],"z":{"cut":"her"#;
    let lines =
        "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x, {y\\\"\",\n    {},\n    []\n  ],\n  \"z\": {\n    \"cut\": \"her";
    assert_eq!(indented(text), lines);
    assert_eq!(indented("<html>"), "<html>");
    assert_eq!(indented("[]"), "[]");
}

#[test]
fn states_are_compared_line_by_line() {
    let lines = |change: &[&str]| change.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>().join("\n");
    let change = StateChange { stream: "s".into(), before: lines(&["a", "b", "c"]), after: lines(&["a", "x", "c"]) };
    let told: Vec<String> = difference(&change).iter().map(|(side, line)| format!("{side}{line}")).collect();
    assert_eq!(told, [" a", "-b", "+x", " c"]);
    let same = StateChange { after: change.before.clone(), ..change };
    assert_eq!(difference(&same), Vec::<(Side, String)>::new());
}

#[test]
fn a_failure_in_plain_text_is_cut_and_says_so() {
    let many = Evidence {
        differences: (0..20).map(|number| format!("lost {number}")).collect(),
        ..Evidence::new("rows are lost")
    };
    let told = evidence(&many, text::Detail::SHORT);
    assert!(told.contains("lost 7\n") && !told.contains("lost 8") && told.ends_with("… and 12 more\n"), "{told}");
}

#[test]
fn every_report_names_the_version_of_the_harness_and_the_date() {
    for (format, date) in [
        (Format::Json, "\"date\": \"1970-01-01T00:00:00Z\""),
        (Format::Junit, "timestamp=\"1970-01-01T00:00:00"),
        (Format::Html, "1970-01-01 00:00 UTC"),
        (Format::Markdown, "1970-01-01 00:00 UTC"),
    ] {
        let text = report().render(format).unwrap();
        assert!(text.contains("9.8.7") && text.contains(date), "{format}: {text}");
    }
}

#[test]
fn every_report_tells_the_command_that_shows_a_failure_again() {
    let mut report = report();
    for checked in &mut report.checks {
        checked.again =
            Some(Again { check: format!("try my.wasm {}", checked.id), scenario: Some("play it".to_owned()) });
    }
    for (_, format) in Format::ALL {
        let text = report.render(format).unwrap();
        assert!(text.contains("try my.wasm S1") && text.contains("play it"), "{format}: {text}");
    }
}

#[test]
fn backticks_become_code_and_one_alone_stays() {
    for (text, shown) in [
        ("`raw` is not `a<b`", "<code>raw</code> is not <code>a&lt;b</code>"),
        ("`one` alone: `", "<code>one</code> alone: `"),
        ("`` is nothing", "`` is nothing"),
        ("", ""),
    ] {
        assert_eq!(html::prose(text).into_string(), shown);
    }
}

#[test]
fn a_failure_that_follows_from_another_stands_below_it_and_not_beside_it() {
    let mut report = report();
    report.checks.push(Checked { follows: Some("S1"), ..checked("M1", Verdict::Fail) });
    let html = report.render(Format::Html).unwrap();
    let (before, below) = html.split_once("<details class=\"followers\">").unwrap();
    assert!(before.contains("id=\"S1\" open>") && !before.contains("id=\"M1\""), "below the one to start with");
    assert!(below.contains("<details class=\"check fail\" id=\"M1\">"), "closed");
    assert!(html.contains("Start with <a href=\"#S1\">"));
    let markdown = report.render(Format::Markdown).unwrap();
    assert_eq!(markdown.matches("<details open>").count(), 1);
    assert!(markdown.contains("Start here: from it follow M1."));
    assert!(report.render(Format::Junit).unwrap().contains("it follows from S1: start there"));
    assert!(report.render(Format::Json).unwrap().contains("\"follows\": \"S1\""));
}

#[test]
fn the_exchange_that_lost_a_row_is_the_one_that_is_open_and_shown() {
    let exchange = |number| Exchange {
        number,
        request: format!("GET https://bank.example/rows?page={number}"),
        headers: vec![],
        answer: "200 OK".into(),
        answer_headers: vec![],
        body: format!("[{number}]"),
    };
    let lost = crate::lost::Lost { told: "the page of exchange 3 ended beside it".into(), exchange: Some(3) };
    let many =
        Evidence { lost: Some(lost), exchanges: (1..=9).map(exchange).collect(), ..Evidence::new("a row is missing") };
    let told = evidence(&many, text::Detail::SHORT);
    assert!(told.contains("where it was lost: the page of exchange 3 ended beside it\n"), "{told}");
    assert!(told.contains("  2. ") && told.contains("  3. ") && !told.contains("  9. "), "{told}");
    assert!(told.contains("     page: 2 → 3\n"), "{told}");
    let mut report = report();
    report.checks[2].evidence = Some(Box::new(many));
    let html = report.render(Format::Html).unwrap();
    let open: Vec<&str> = html.split("<details class=\"exchange\" open>").skip(1).collect();
    assert_eq!(open.len(), 1);
    assert!(open[0].starts_with("<summary><span class=\"number\">3</span>"), "{}", open[0]);
}
