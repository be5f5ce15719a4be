//! How the house is laid out: what may depend on what, and who names a bank.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_harness::providers::KITS;
use serde_json::Value;

/// What each crate of the host may depend on of the others. Whatever is not here is no part of the host.
const MAY: [(&str, &[&str]); 21] = [
    ("serve", &["distribution", "engine", "sandbox", "store", "outside", "model", "private-file"]),
    ("distribution", &["outside", "model", "private-file"]),
    ("qonto", &["conformance", "engine", "sandbox", "sim", "outside", "model"]),
    ("conformance", &["sim", "engine", "store", "sandbox", "outside", "model", "go-duration"]),
    ("provider-protocol", &["sim", "outside", "model"]),
    ("fixtures", &["sim", "outside"]),
    ("sim", &["outside", "model"]),
    ("engine", &["sandbox", "store", "outside", "model"]),
    ("sandbox", &["outside", "model"]),
    ("store", &["model", "private-file"]),
    ("outside", &["model", "go-duration", "private-file"]),
    ("model", &["go-duration"]),
    ("private-file", &[]),
    ("go-duration", &[]),
    ("component-build", &[]),
    ("connector-kit", &["go-duration"]),
    ("qonto-connector", &["connector-kit"]),
    ("credentials-adapter", &["outside"]),
    ("service-adapter", &["outside", "model"]),
    ("stream-adapter", &[]),
    ("closed-adapter", &[]),
];

/// Libraries that one crate alone may name.
const ALONE: [(&str, &str); 6] = [
    ("wasmtime", "sandbox"),
    ("wasmtime-wasi", "sandbox"),
    ("rusqlite", "store"),
    ("axum", "serve"),
    ("reqwest", "outside"),
    ("rustls", "outside"),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Each package of the workspace with what it depends on, tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: Value = serde_json::from_slice(&cargo.output().unwrap().stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let used = package["dependencies"].as_array().unwrap().iter().filter(|one| one["kind"] != "dev").map(name);
        (name(package), used.collect())
    });
    packages.collect()
}

#[test]
fn a_crate_depends_on_what_its_place_allows_and_on_no_other() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    for (name, may) in MAY {
        let used: BTreeSet<&str> =
            dependencies[name].iter().map(String::as_str).filter(|one| ours.contains(one)).collect();
        let may = may.iter().copied().collect();
        assert!(used.is_subset(&may), "{name} depends on {:?}", used.difference(&may).collect::<Vec<_>>());
    }
    for (library, alone) in ALONE {
        let naming: Vec<&String> =
            dependencies.iter().filter(|(_, used)| used.contains(library)).map(|(name, _)| name).collect();
        assert_eq!(naming, [alone], "{library}");
    }
}

/// Every file of Rust below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_suite_and_the_simulator_name_no_bank() {
    let banks: Vec<&str> = KITS.iter().map(|kit| kit.name).chain(["lindenbank"]).collect();
    let mut files = Vec::new();
    for name in ["conformance", "sim"] {
        sources(&workspace().join("host-harness").join(name).join("src"), &mut files);
    }
    assert!(files.len() > 60, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // A unit test needs some bank.
        let product = text.split("#[cfg(test)]").next().unwrap().to_lowercase();
        for bank in &banks {
            assert!(!product.contains(bank), "{}: {bank}", file.display());
        }
    }
}
