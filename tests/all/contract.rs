//! The contract keeps its shape: whoever was built against a version goes on with it. Comments may grow better.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const FILES: [&str; 2] = ["connector.wit", "types.wit"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The contract of this tree, without comments.
fn contract() -> String {
    let texts = FILES.map(|name| fs::read_to_string(root().join("wit").join(name)).unwrap());
    let lines = texts.iter().flat_map(|text| text.lines()).map(|line| line.split("//").next().unwrap().trim_end());
    lines.filter(|line| !line.trim().is_empty()).fold(String::new(), |text, line| text + line + "\n")
}

/// What each item is made of, in order: `types.payment` of its fields, `connector` of its functions and types.
fn items(contract: &str) -> BTreeMap<String, Vec<String>> {
    let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut path: Vec<&str> = Vec::new();
    for line in contract.lines().map(str::trim).filter(|line| !line.starts_with('@')) {
        if line == "}" {
            path.pop();
            continue;
        }
        items.entry(path.join(".")).or_default().push(line.to_owned());
        if let Some(head) = line.strip_suffix('{') {
            path.push(head.split_whitespace().nth(1).unwrap());
        }
    }
    items
}

/// The items that differ, each with what it lost and what it has instead.
fn differences(before: &str, now: &str) -> Vec<String> {
    let (before, now) = (items(before), items(now));
    let none = Vec::new();
    let names = before.keys().chain(now.keys().filter(|name| !before.contains_key(*name)));
    let told = names.filter_map(|name| {
        let [was, is] = [&before, &now].map(|items| items.get(name).unwrap_or(&none));
        let only = |one: &[String], other: &[String]| {
            one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>().join(" ")
        };
        (was != is).then(|| match (only(was, is), only(is, was)) {
            (lost, new) if lost.is_empty() && new.is_empty() => format!("{name}: in another order"),
            (lost, new) => format!("{name}: was `{lost}`, is `{new}`"),
        })
    });
    told.collect()
}

fn version(contract: &str) -> &str {
    let package = contract.lines().find_map(|line| line.strip_prefix("package payments:connector@")).unwrap();
    package.trim_end_matches(';')
}

#[test]
fn the_shape_of_a_version_that_was_given_out_never_changes() {
    let now = contract();
    let name = format!("tests/released/contract-{}.wit", version(&now));
    let released = fs::read_to_string(root().join(&name));
    let released = released.unwrap_or_else(|_| panic!("a new version: write {name}, the contract without comments"));
    let differences = differences(&released, &now);
    assert!(
        differences.is_empty(),
        "wit/ has another shape than {name}; a change needs a new version:\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_change_of_shape_is_told_by_the_item() {
    let now = contract();
    for (before, after, told) in [
        ("        follow: bool,\n", "", "connector.task: was `follow: bool,`, is ``"),
        (
            "snapshot: bool",
            "snapshot: option<bool>",
            "connector.task: was `snapshot: bool,`, is `snapshot: option<bool>,`",
        ),
        ("        day,\n", "", "types.time-precision: was `day,`, is ``"),
        ("describe: func() -> manifest", "describe: func()", "connector: was `describe: func() -> manifest;`"),
        (
            "seconds: s64,\n        nanoseconds: u32,",
            "nanoseconds: u32,\n        seconds: s64,",
            "types.timestamp: in another order",
        ),
    ] {
        let changed = now.replacen(before, after, 1);
        assert_ne!(changed, now, "{before}");
        let differences = differences(&now, &changed);
        assert!(differences.len() == 1 && differences[0].starts_with(told), "{differences:?}");
    }
}
