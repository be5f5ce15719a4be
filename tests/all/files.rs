//! Files, devices and signals as they are on real machines: full disks, links, pipes, read-only media, and a service
//! manager that ends what it started.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use outside::har::Har;
use serde_json::json;
use sim::{Fault, On};

use crate::support::cli::{Desk, Said, command, folder, said};
use crate::support::{SECRET, world};

const FULL: &str = "/dev/full";

/// Runs a command whose standard output is a disk that is full.
fn into_full_disk(folder: &Path, arguments: &[&str]) -> Said {
    said(command(folder, arguments).stdout(File::create(FULL).unwrap()).output().unwrap())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn results_that_cannot_be_written_are_an_error_of_every_command() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.poll(&["--record", "poll.har"]).ended(0);
    desk.write("rogue.wasm", test_components::ROGUE);
    let rogue = json!({ "endpoint": desk.server.url(), "token": "k3y-4f9d2b7e81c6a0d5", "behaviour": "none" });
    desk.write("rogue.json", rogue.to_string());
    let of_rogue = ["--component", "rogue.wasm", "--config", "rogue.json", "--store", "rogue.db", "--accept"];
    desk.harness(&[&["check"], &of_rogue[..]].concat()).ended(0);
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios/settles-while-read.json");
    for (arguments, code) in [
        (&["describe"][..], 1),
        (&["describe", "--json"], 1),
        (&["explain"], 1),
        (&["explain", "P4"], 1),
        (&["demo"], 1),
        (&["check", "--config", "config.json"], 1),
        (&["export"], 1),
        (&["export", "accounts", "--format", "json"], 1),
        (&["export", "rejected", "--format", "csv"], 1),
        (&["state", "show"], 1),
        (&["state", "reset"], 1),
        (&["gone", "show"], 1),
        (&["gone", "apply"], 1),
        (&["grant", "show", "--store", "rogue.db"], 1),
        (&["resume"], 1),
        (&["replay", scenario.to_str().unwrap()], 1),
        (&["sim", "serve"], 1),
        (&["test", "--only", "A1"], 3),
        (&["--help"], 1),
        (&["--version"], 1),
    ] {
        let ended = tokio::task::block_in_place(|| into_full_disk(desk.folder.path(), arguments)).ended(code);
        assert!(ended.err.contains("No space left on device"), "{arguments:?}: {ended:?}");
    }
    for file in ["--report", "md=/dev/full"].chunks(2) {
        desk.harness(&[&["test", "--only", "A1"], file].concat()).ended(3);
    }
    desk.poll(&["--record", FULL]).ended(1);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_summary_of_a_poll_that_cannot_be_written_is_an_error_as_well() {
    let desk = Desk::new(world(1).0, 25).await;
    let mut poll = desk.command(&["run", "--once", "--config", "config.json"]);
    let status = tokio::task::block_in_place(|| poll.stderr(File::create(FULL).unwrap()).status().unwrap());
    assert_eq!(status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_error_of_any_command() {
    let folder = folder();
    for arguments in [&["describe", "--json"][..], &["explain"], &["--help"], &["test", "--only", "A1"]] {
        let mut child =
            command(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = said(child.wait_with_output().unwrap()).ended(0);
        assert!(ended.err.is_empty(), "{arguments:?}: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_through_a_link_a_device_and_a_pipe_and_replaces_none_of_them() {
    let desk = Desk::new(world(1).0, 25).await;
    fs::create_dir(desk.path("elsewhere")).unwrap();
    symlink("elsewhere/poll.har", desk.path("link.har")).unwrap();
    symlink("/dev/null", desk.path("null.har")).unwrap();
    assert!(Command::new("mkfifo").arg(desk.path("pipe.har")).status().unwrap().success());
    let pipe = desk.path("pipe.har");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    for file in ["link.har", "null.har", "/dev/null", "pipe.har"] {
        desk.poll(&["--record", file]).ended(0);
    }
    let asked = |text: &str| Har::from_slice(text.as_bytes()).unwrap().log.entries.len();
    assert!(asked(&reader.join().unwrap()) > 0);
    assert!(asked(&fs::read_to_string(desk.path("elsewhere/poll.har")).unwrap()) > 0);
    assert!(desk.path("link.har").is_symlink() && desk.path("null.har").is_symlink());
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    assert!(!desk.path("pipe.har").metadata().unwrap().is_file());
}

#[test]
fn a_report_is_added_to_the_summary_of_a_job_and_replaces_any_other_file() {
    let folder = folder();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "another step\n").unwrap();
    fs::write(folder.path().join("own.md"), "an earlier report\n").unwrap();
    let mut test = command(folder.path(), &["test", "--only", "A1", "--report", "md=own.md"]);
    test.args(["--report", &format!("md={}", summary.display())]).env("GITHUB_STEP_SUMMARY", &summary);
    said(test.output().unwrap()).ended(0);
    let (summary, own) =
        (fs::read_to_string(summary).unwrap(), fs::read_to_string(folder.path().join("own.md")).unwrap());
    assert!(summary.starts_with("another step\n\n") && summary.contains("A1"), "{summary}");
    assert!(!own.contains("an earlier report") && own.contains("A1"), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_before_any_file_that_a_person_may_write_is_no_error() {
    let desk = Desk::new(world(1).0, 25).await;
    let mark = |name: &str| {
        let text = fs::read_to_string(desk.path(name)).unwrap();
        desk.write(name, format!("\u{feff}{text}"));
    };
    mark("config.json");
    desk.poll(&["--record", "poll.har"]).ended(0);
    mark("poll.har");
    desk.poll(&["--replay", "poll.har", "--store", "replayed.db"]).ended(0);
    let scenario = include_str!("../scenarios/settles-while-read.json");
    desk.write("scenario.json", scenario);
    mark("scenario.json");
    desk.harness(&["replay", "scenario.json"]).ended(0);
    desk.write("facts.json", desk.harness(&["describe", "--json"]).ended(0).out);
    mark("facts.json");
    desk.harness(&["test", "--only", "A1", "--previous", "facts.json"]).ended(0);
    desk.write("rogue.wasm", test_components::ROGUE);
    desk.write("key", "\u{feff}k3y-4f9d2b7e81c6a0d5\r\n");
    let rogue = json!({ "endpoint": desk.server.url(), "token": { "file": "key" }, "behaviour": "none" });
    desk.write("rogue.json", rogue.to_string());
    let of_rogue = ["check", "--component", "rogue.wasm", "--config", "rogue.json", "--store", "rogue.db"];
    desk.harness(&[&of_rogue[..], &["--accept"]].concat()).ended(0);
    desk.write("grant.json", desk.harness(&["grant", "show", "--store", "rogue.db"]).ended(0).out);
    mark("grant.json");
    desk.harness(&[&of_rogue[..], &["--grant", "grant.json"]].concat()).ended(0);
}

/// A command that says on standard error that it has begun.
fn begun(mut command: Command, with: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(with) {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before it said {with}");
    }
    (child, told)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_manager_and_ctrl_c_end_a_run_in_the_same_way_and_it_says_so() {
    let desk = Desk::new(world(1).0, 25).await;
    for name in ["-TERM", "-INT"] {
        tokio::task::block_in_place(|| {
            let run = desk.command(&["run", "--config", "config.json"]);
            let (mut child, mut told) = begun(run, "next poll");
            signal(&child, name);
            let mut rest = String::new();
            told.read_to_string(&mut rest).unwrap();
            assert!(rest.contains("stopping after the page in flight"), "{rest}");
            assert_eq!(child.wait().unwrap().code(), Some(0), "{name}: {rest}");
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_ended_by_a_signal_and_says_that_the_next_poll_goes_on() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.sim.inject(On::path("/v2/transactions"), Fault::status(503).header("Retry-After", "200"));
    tokio::task::block_in_place(|| {
        let once = desk.command(&["run", "--once", "--config", "config.json", "--record", "poll.har"]);
        let (mut child, mut told) = begun(once, "trying again in");
        signal(&child, "-TERM");
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("interrupted: the next poll goes on from here"), "{rest}");
        assert_eq!(child.wait().unwrap().code(), Some(1), "a poll that was to be made is not done: {rest}");
    });
    assert!(desk.path("poll.har").exists(), "what was recorded until then is kept");
    let beside = fs::read_dir(desk.folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(beside.count(), 0);
}

#[test]
fn a_simulated_provider_ends_at_a_signal() {
    let folder = folder();
    for name in ["-TERM", "-INT"] {
        let mut serve = command(folder.path(), &["sim", "serve"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
        signal(&serve, name);
        assert_eq!(serve.wait().unwrap().code(), Some(0), "{name}");
    }
}

/// Runs a command as a user that may write nowhere here.
fn as_nobody(folder: &Path, arguments: &[&str]) -> Said {
    use std::os::unix::process::CommandExt as _;
    let mut command = command(folder, arguments);
    if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        command.uid(65_534).gid(65_534);
    }
    said(command.output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_a_store_reads_one_that_cannot_be_written() {
    let desk = Desk::new(world(2).0, 25).await;
    desk.poll(&["--name", "acme"]).ended(0);
    let reading = [&["export"][..], &["state", "show"], &["gone", "show"]];
    let whole = reading.map(|arguments| desk.harness(arguments).ended(0).out);
    let set_mode = |name: &str, mode: u32| {
        fs::set_permissions(desk.path(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    for (folder, file) in [(0o755, 0o444), (0o555, 0o444)] {
        set_mode("payments.db", file);
        set_mode(".", folder);
        let before = fs::read_dir(desk.folder.path()).unwrap().count();
        for (arguments, whole) in reading.iter().zip(&whole) {
            let read = tokio::task::block_in_place(|| as_nobody(desk.folder.path(), arguments)).ended(0);
            assert_eq!(&read.out, whole, "{arguments:?} in a folder of mode {folder:o}");
        }
        assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), before, "nothing is left beside it");
        for writing in [&["state", "reset"][..], &["gone", "apply"], &["run", "--once", "--config", "config.json"]] {
            let refused = tokio::task::block_in_place(|| as_nobody(desk.folder.path(), writing));
            assert!(matches!(refused.code, Some(1 | 2)), "{writing:?}: {refused:?}");
        }
    }
    set_mode(".", 0o755);
    set_mode("payments.db", 0o644);
    desk.poll(&["--name", "acme"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_replaces_nothing_that_the_run_is_made_of() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.write("key", SECRET);
    desk.write("config.json", desk.config(&json!({ "apiKey": { "file": desk.path("key") } })).to_string());
    desk.harness(&["run", "--config", "config.json", "--store", "books.db", "--once"]).ended(0);
    for file in ["config.json", "key", "books.db"] {
        let before = fs::read(desk.path(file)).unwrap();
        let refused =
            desk.harness(&["run", "--config", "config.json", "--store", "books.db", "--once", "--record", file]);
        assert!(refused.ended(2).err.contains("cannot record to"), "{file}");
        assert_eq!(fs::read(desk.path(file)).unwrap(), before, "{file}");
    }
}
