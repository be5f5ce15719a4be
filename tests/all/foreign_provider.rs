//! A provider that another program plays, as `harness test --provider` tries a connector at it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::io::{BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::thread;

use lindenbank::Lindenbank;
use provider_protocol::serve;
use serde_json::Value;
use test_components::LINDENBANK;

use crate::support::cli::{folder, harness};

/// The made-up bank on a loopback port, a bank for each connection, which ends after so many bytes were asked of it.
fn listening(patience: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream: TcpStream = stream.unwrap();
            thread::spawn(move || {
                let from = BufReader::new(stream.try_clone().unwrap().take(patience));
                serve(|| Box::new(Lindenbank::default()), from, stream)
            });
        }
    });
    url
}

#[test]
fn a_bank_of_another_program_proves_what_the_same_bank_in_this_one_does() {
    let folder = folder();
    fs::write(folder.path().join("linden.wasm"), LINDENBANK).unwrap();
    let url = listening(u64::MAX);
    // Between them they ask for everything that a bank can be asked.
    let checks = "A1,C6,K5,P1,P3,P4,P6,S1,H1,H3,H7,H8,H9,M4,M6,M14,X3";
    let arguments = ["test", "linden.wasm", "--provider", &url, "--only", checks, "--report", "json=r.json"];
    let said = harness(folder.path(), &arguments).ended(0);
    assert!(said.out.starts_with(&format!("tried at lindenbank, which {url} plays\n")), "{}", said.out);
    assert!(said.out.lines().last().unwrap().contains(" 0 failed, "), "{}", said.out);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(report["provider"], "lindenbank");
    let again = report["checks"][0]["again"]["check"].as_str().unwrap();
    assert_eq!(again, format!("harness test --component linden.wasm --provider {url} --only A1 --seed 1"));
}

#[test]
fn a_provider_that_ends_is_named_and_no_check_fails() {
    let folder = folder();
    fs::write(folder.path().join("linden.wasm"), LINDENBANK).unwrap();
    let url = listening(30_000);
    let said = harness(folder.path(), &["test", "linden.wasm", "--provider", &url, "--only", "P*,S1"]).ended(3);
    assert!(said.err.contains(&format!("the provider {url} ended while it was asked `")), "{said:?}");
    assert!(said.out.contains(", 0 failed, ") && said.out.contains("inconclusive"), "{}", said.out);
}

#[test]
fn a_component_of_another_name_is_told_what_it_can_be_tried_at() {
    let folder = folder();
    fs::write(folder.path().join("linden.wasm"), LINDENBANK).unwrap();
    for command in ["test", "review"] {
        let said = harness(folder.path(), &[command, "linden.wasm"]).ended(2);
        for told in ["`lindenbank`", "there is qonto", "--provider ./bank.py", "--replay", "--provider qonto"] {
            assert!(said.err.contains(told), "{told}: {said:?}");
        }
        assert!(said.out.is_empty(), "{said:?}");
    }
    let asked = harness(folder.path(), &["test", "linden.wasm", "--provider", "qonto", "--only", "A1"]).ended(0);
    assert!(asked.out.starts_with("tried at qonto, which this program simulates\n"), "{asked:?}");
}
