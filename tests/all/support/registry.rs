//! A registry on this machine that does as it is told, also what no honest one would. The tests of the crate `distribution`
//! use it as well.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support; each test file uses a part"
)]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use distribution::credentials::Credentials;
use distribution::digest::Digest;
use distribution::reference::Repository;
use distribution::registry::Registry;

/// A request, as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// With its query.
    pub path: String,
    /// What it showed.
    pub authorization: Option<String>,
    body: Vec<u8>,
}

impl Asked {
    /// Its body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Where the connection breaks in the body.
    pub cut: Option<usize>,
}

impl Answer {
    /// An answer.
    pub fn new(status: u16, body: &[u8]) -> Self {
        Self { status, body: body.to_vec(), ..Self::default() }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

type Rule = Box<dyn Fn(&Asked) -> Option<Answer> + Send>;

#[derive(Default)]
struct State {
    blobs: HashMap<String, Vec<u8>>,
    /// By repository and tag or digest.
    manifests: HashMap<String, Vec<u8>>,
    asked: Vec<Asked>,
    rules: Vec<Rule>,
}

/// The registry. Without a rule it is an honest one that does not know the question for what is attached.
pub struct Fake {
    /// Host and port.
    pub host: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    /// Starts one.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &shared);
            }
        });
        Self { host, state }
    }

    /// A repository of it.
    pub fn repository(&self, name: &str) -> Repository {
        format!("{}/{name}", self.host).parse().unwrap()
    }

    /// The registry, seen by who has no credentials.
    pub fn registry(&self, name: &str) -> Registry {
        Registry::open(&self.repository(name), Credentials::none()).unwrap()
    }

    /// What is answered from now on where the rule answers.
    pub fn rule(&self, rule: impl Fn(&Asked) -> Option<Answer> + Send + 'static) {
        self.state.lock().unwrap().rules.push(Box::new(rule));
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Changes the bytes of a blob on the disk.
    pub fn alter(&self, blob: &Digest) {
        self.state.lock().unwrap().blobs.get_mut(blob.as_str()).unwrap()[0] ^= 1;
    }

    /// All that one repository has is in another as well, as a registry can do that likes to.
    pub fn copy(&self, from: &str, to: &str) {
        let mut state = self.state.lock().unwrap();
        let copied: Vec<_> = state
            .manifests
            .iter()
            .map(|(name, bytes)| (name.replace(&format!("{from}/"), &format!("{to}/")), bytes.clone()))
            .collect();
        state.manifests.extend(copied);
    }

    /// What stands under a tag or a digest.
    pub fn manifest(&self, repository: &str, version: &str) -> Vec<u8> {
        self.state.lock().unwrap().manifests[&format!("{repository}/{version}")].clone()
    }

    /// Puts other bytes there.
    pub fn put_manifest(&self, repository: &str, version: &str, bytes: &[u8]) {
        self.state.lock().unwrap().manifests.insert(format!("{repository}/{version}"), bytes.to_vec());
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.asked.push(asked.clone());
    let ruled = state.rules.iter().rev().find_map(|rule| rule(&asked));
    let answer = ruled.unwrap_or_else(|| state.honest(&asked));
    let length = ("content-length".to_owned(), answer.body.len().to_string());
    let headers = answer.headers.iter().chain([&length]).map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n{headers}\r\n", answer.status);
    let body = &answer.body[..answer.cut.unwrap_or(answer.body.len())];
    let body = if asked.method == "HEAD" { &[][..] } else { body };
    _ = stream.write_all(&[head.as_bytes(), body].concat());
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, path, authorization, body })
}

impl State {
    fn honest(&mut self, asked: &Asked) -> Answer {
        let path = asked.path.trim_start_matches("/v2/");
        if let Some((repository, _)) = path.split_once("/blobs/uploads/") {
            if asked.method == "POST" {
                return Answer::new(202, b"").header("location", &format!("/v2/{repository}/blobs/uploads/1?x=y"));
            }
            self.blobs.insert(Digest::of(&asked.body).to_string(), asked.body.clone());
            return Answer::new(201, b"");
        }
        if let Some((_, digest)) = path.split_once("/blobs/") {
            return self.blobs.get(digest).map_or(Answer::new(404, b""), |bytes| Answer::new(200, bytes));
        }
        let Some((repository, version)) = path.split_once("/manifests/") else { return Answer::new(404, b"") };
        if asked.method == "PUT" {
            for name in [version, Digest::of(&asked.body).as_str()] {
                self.manifests.insert(format!("{repository}/{name}"), asked.body.clone());
            }
            return Answer::new(201, b"");
        }
        let found = self.manifests.get(&format!("{repository}/{version}"));
        found.map_or(Answer::new(404, b""), |bytes| Answer::new(200, bytes))
    }
}
