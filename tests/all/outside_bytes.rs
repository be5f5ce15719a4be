//! Whatever bytes come from outside, each of what reads them ends: with what they say, or with an error that names what is
//! wrong. Random ones are refused by the first look, so these are good ones with some bytes changed.
//!
//! `PROPTEST_CASES` says how many; as many as there is time for are right where one of these readers changes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use bytes::Bytes;
use conformance::scenario::Scenario;
use host_harness::QONTO;
use model::manifest_json;
use outside::authority::Ask;
use outside::config::{InstallConfig, Terms};
use outside::har::Har;
use proptest::prelude::*;
use proptest::sample::Index;
use qonto_connector::payments;
use sandbox::component::inspect;
use store::Store;
use store::export::{Format, What, export};

const MANIFEST: &str = include_str!("../released/qonto-0.2.0.json");
const RECORDING: &[u8] = include_bytes!("../recordings/demo.har");
const STORE: &str = include_str!("../released/store-4.sql");
const SCENARIO: &str = include_str!("../scenarios/settles-while-read.json");

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Put(Index, u8),
    Cut(Index, u8),
    Insert(Index, &'static [u8]),
    Repeat(Index, u8),
    End(Index),
}

/// What readers have stumbled over, wherever they were written.
const ODD: [&[u8]; 16] = [
    b"{",
    b"]",
    b"\"",
    b"\\u0000",
    b"\\ud83d",
    b"\0",
    b"\xff",
    b"\xf0\x9f\x98\x80",
    b"-1",
    b"1e999",
    b"0.5",
    b"18446744073709551616",
    b"null",
    b"\r\n",
    b"\xff\xff\xff\xff\x0f",
    b"\x80\x80\x80\x80\x80\x00",
];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Put(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Edit::Cut(at, length)),
        (any::<Index>(), prop::sample::select(&ODD[..])).prop_map(|(at, odd)| Edit::Insert(at, odd)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Edit::Repeat(at, length)),
        any::<Index>().prop_map(Edit::End),
    ];
    prop::collection::vec(edit, 1..5)
}

fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits.iter().filter(|_| !bytes.is_empty()).cloned().collect::<Vec<_>>() {
        let place = |at: Index| at.index(bytes.len().max(1));
        let stretch = |at: Index, length: u8| {
            let at = place(at);
            at..(at + usize::from(length)).min(bytes.len())
        };
        match edit {
            Edit::Put(at, byte) => {
                let at = place(at);
                bytes.splice(at..(at + 1).min(bytes.len()), [byte]);
            }
            Edit::Cut(at, length) => drop(bytes.drain(stretch(at, length))),
            Edit::Insert(at, odd) => {
                let at = place(at);
                bytes.splice(at..at, odd.iter().copied());
            }
            Edit::Repeat(at, length) => {
                let stretch = stretch(at, length);
                let again = bytes[stretch.clone()].to_vec();
                bytes.splice(stretch.end..stretch.end, again);
            }
            Edit::End(at) => bytes.truncate(place(at)),
        }
    }
    bytes
}

/// The same, where only text gets that far.
fn edited_text(text: &str, edits: &[Edit]) -> String {
    String::from_utf8_lossy(&edited(text.as_bytes(), edits)).into_owned()
}

proptest! {
    #[test]
    fn a_component_is_looked_at_to_the_end(edits in edits()) {
        _ = inspect(&edited(QONTO, &edits));
    }

    #[test]
    fn a_recording_is_read_or_refused_and_so_is_each_exchange_in_it(edits in edits()) {
        let Ok(har) = Har::from_slice(&edited(RECORDING, &edits)) else { return Ok(()) };
        for (number, entry) in har.log.entries.iter().enumerate() {
            _ = (entry.to_request(number), entry.to_response(number));
        }
        // What was read is written, and is the same when it is read again.
        prop_assert_eq!(&Har::from_slice(har.to_text().as_bytes()).unwrap().to_text(), &har.to_text());
    }

    #[test]
    fn a_manifest_is_read_or_refused(edits in edits()) {
        _ = manifest_json::read(&edited_text(MANIFEST, &edits));
    }

    #[test]
    fn a_config_is_read_or_refused(edits in edits()) {
        let manifest = manifest_json::read(MANIFEST).unwrap();
        let ask = Ask::of(&manifest).unwrap();
        let config = r#"{"clientID": "acme-1234", "apiKey": "k3y", "endpoint": "https://thirdparty.qonto.com", "pageSize": 25}"#;
        _ = InstallConfig::read(&edited_text(config, &edits), &manifest, &ask, &Terms::default());
    }

    #[test]
    fn a_scenario_is_read_or_refused(edits in edits()) {
        _ = Scenario::parse(&edited_text(SCENARIO, &edits));
    }

    #[test]
    fn an_answer_is_mapped_or_refused(which: Index, edits in edits()) {
        let har = Har::from_slice(RECORDING).unwrap();
        let answers = har.log.entries.iter().enumerate().map(|(number, entry)| entry.to_response(number).unwrap().body);
        let answers: Vec<Bytes> = answers.filter(|body| body.starts_with(b"{\"transactions\"")).collect();
        _ = payments::map_page(&edited(which.get::<Bytes>(&answers), &edits), "a1");
    }

    #[test]
    fn a_store_is_opened_or_refused_and_so_is_what_is_in_it(edits in edits()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(STORE).unwrap();
        let bytes = edited(&fs::read(&path).unwrap(), &edits);
        fs::write(&path, bytes).unwrap();
        if let Ok(store) = Store::open(&path) {
            _ = export(&store, "acme", What::All, Format::Ndjson, &mut Vec::new());
        }
    }
}
