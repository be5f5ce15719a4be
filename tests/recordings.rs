//! The recordings in `tests/recordings/`: that they are what their makers make, and that they play.

#[path = "recordings/compose.rs"]
mod compose;
mod support;

use std::path::{Path, PathBuf};
use std::{env, fs};

use chrono::{DateTime, Utc};
use compose::first_poll;
use host_harness::har::Har;
use host_harness::sim::qonto::{catalogue, demo_company, demo_now};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings").join(name)
}

/// Holds a file against what makes it. With `UPDATE_RECORDINGS=1` it is written instead.
fn assert_file(name: &str, text: &str) {
    if env::var_os("UPDATE_RECORDINGS").is_some_and(|value| value == "1") {
        fs::write(file(name), text).unwrap();
    }
    let stored = fs::read_to_string(file(name)).unwrap_or_default();
    let line = stored.lines().zip(text.lines()).take_while(|(stored, made)| stored == made).count() + 1;
    assert!(
        stored == text,
        "tests/recordings/{name} differs from what makes it, first in line {line}; if that is meant:\n    \
         UPDATE_RECORDINGS=1 cargo test -p host-harness --test recordings"
    );
}

fn catalogue_now() -> DateTime<Utc> {
    demo_now()
}

async fn demo() -> Har {
    first_poll(demo_company(), demo_now()).await.0
}

#[tokio::test]
async fn recordings_are_what_their_makers_make_whoever_is_polled_first() {
    let demo = demo().await;
    assert_file("demo.har", &demo.to_text());
    let (catalogue, _) = first_poll(catalogue(), catalogue_now()).await;
    assert_file("catalogue.har", &catalogue.to_text());
}
