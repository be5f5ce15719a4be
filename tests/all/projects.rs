//! `harness new` writes a project, `harness build` makes its component. That each builds and is proved is
//! `.ci/foreign/new-*`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::cli::{folder, harness};

#[test]
fn a_project_has_the_contract_the_kit_a_bank_tests_and_ci_in_each_language() {
    for (lang, own) in [
        ("rust", &["src/lib.rs", "tests/connector.rs", "vendor/connector-kit/src/lib.rs", "rust-toolchain.toml"][..]),
        ("python", &["app.py", "test_app.py", "kit/rows.py", "requirements.txt"]),
        ("js", &["connector.js", "tests/connector.test.mjs", "kit/rows.js", "package.json"]),
    ] {
        let folder = folder();
        harness(folder.path(), &["new", "my-bank", "--lang", lang]).ended(0);
        let project = folder.path().join("my-bank");
        let common =
            ["README.md", "bank.py", "build", "test", ".gitlab-ci.yml", ".github/workflows/ci.yml", ".gitignore"];
        for file in common.iter().chain(own).chain(&["wit/connector.wit", "wit/deps/http.wit"]) {
            let text = fs::read_to_string(project.join(file)).unwrap_or_else(|_| format!("@{file} is missing"));
            assert!(!text.contains("@NAME@") && !text.starts_with('@'), "{lang}: {file}");
        }
        for script in ["build", "test", "bank.py", "get-harness"] {
            assert_eq!(
                project.join(script).metadata().unwrap().permissions().mode() & 0o111,
                0o111,
                "{lang}: {script}"
            );
        }
    }
}

#[test]
fn a_project_is_written_over_nothing_and_its_name_is_a_connectors() {
    let folder = folder();
    fs::create_dir(folder.path().join("mine")).unwrap();
    let said = harness(folder.path(), &["new", "mine", "--lang", "js"]).ended(2);
    assert!(said.err.contains("cannot write mine"), "{said:?}");
    for name in ["My-Bank", "1bank", "../out", "a_b", ""] {
        let said = harness(folder.path(), &["new", name, "--lang", "js"]).ended(2);
        assert!(said.err.contains("is no name of a connector"), "{said:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_build_says_what_went_wrong_and_what_is_no_project() {
    let folder = folder();
    let said = harness(folder.path(), &["build"]).ended(2);
    assert!(said.err.contains("harness new"), "{said:?}");
    let script = folder.path().join("build");
    fs::write(&script, "#!/bin/sh\nexit 3\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let said = harness(folder.path(), &["build"]).ended(1);
    assert!(said.err.contains("./build failed"), "{said:?}");
}
