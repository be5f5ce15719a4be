//! A line to a program: what is written to it, and what comes back, in time and within bounds.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::Fault;

/// The most bytes of an answer.
const LONGEST: usize = 64 << 20;
/// What is kept of what a program writes to standard error: its last lines.
const LAST_WORDS: usize = 2_000;
/// How long a program that ended has to say why.
const FAREWELL: Duration = Duration::from_millis(300);

/// What was read.
enum Heard {
    Line(Vec<u8>),
    TooLong,
}

/// The far end.
enum End {
    Program(Child),
    Port(TcpStream),
}

/// A program that answers lines. Dropping it ends the program.
pub(crate) struct Line {
    to: Sender<Vec<u8>>,
    from: Receiver<Heard>,
    words: Arc<Mutex<Vec<u8>>>,
    /// Closed once standard error is.
    spoken: Receiver<()>,
    end: End,
}

impl Line {
    /// Starts a program.
    pub(crate) fn to_program(file: &Path) -> io::Result<Self> {
        // A bare name would be looked for where the shell looks.
        let file = if file.components().count() == 1 { Path::new(".").join(file) } else { file.to_owned() };
        let mut child =
            Command::new(file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (words, spoken) = last_words(child.stderr.take());
        let (to, from) = (writer(child.stdin.take()), reader(child.stdout.take()));
        Ok(Self { to, from, words, spoken, end: End::Program(child) })
    }

    /// Takes a connection that is open.
    pub(crate) fn to_port(stream: TcpStream) -> io::Result<Self> {
        // A call is small, and waited for.
        stream.set_nodelay(true)?;
        let (words, spoken) = last_words(None::<io::Empty>);
        let (to, from) = (writer(Some(stream.try_clone()?)), reader(Some(stream.try_clone()?)));
        Ok(Self { to, from, words, spoken, end: End::Port(stream) })
    }

    /// Writes a line, and reads the one that answers it.
    pub(crate) fn ask(&self, word: &str, mut line: Vec<u8>, limit: Duration) -> Result<Vec<u8>, Fault> {
        if let Ok(Heard::Line(line)) = self.from.try_recv() {
            return Err(Fault::Unasked { call: word.to_owned(), line: beginning(&line) });
        }
        line.push(b'\n');
        let call = word.to_owned();
        // A program that has ended is found to be silent for good.
        _ = self.to.send(line);
        match self.from.recv_timeout(limit) {
            Ok(Heard::Line(line)) => Ok(line),
            Ok(Heard::TooLong) => Err(Fault::TooLong { call, limit: LONGEST }),
            Err(RecvTimeoutError::Timeout) => Err(Fault::Silent { call, limit }),
            Err(RecvTimeoutError::Disconnected) => Err(Fault::Ended(call)),
        }
    }

    /// What it wrote to standard error last.
    pub(crate) fn last_words(&self) -> String {
        _ = self.spoken.recv_timeout(FAREWELL);
        String::from_utf8_lossy(&self.words.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        match &mut self.end {
            End::Program(child) => {
                // It may have ended by itself.
                _ = child.kill();
                _ = child.wait();
            }
            End::Port(stream) => _ = stream.shutdown(Shutdown::Both),
        }
    }
}

/// The beginning of a line, for messages.
pub(crate) fn beginning(line: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(line);
    let shown: String = text.trim_end().chars().take(SHOWN).collect();
    if shown.len() < text.trim_end().len() { format!("{shown}…") } else { shown }
}

/// Writes what is sent to it. A thread, since a program that reads nothing would hold up whoever writes.
fn writer(to: Option<impl Write + Send + 'static>) -> Sender<Vec<u8>> {
    let (sender, lines) = channel::<Vec<u8>>();
    thread::spawn(move || {
        let Some(mut to) = to else { return };
        for line in lines {
            if to.write_all(&line).and_then(|()| to.flush()).is_err() {
                return;
            }
        }
    });
    sender
}

/// Reads line by line, up to the end, or to a line that has none.
fn reader(from: Option<impl Read + Send + 'static>) -> Receiver<Heard> {
    let (lines, receiver) = channel();
    thread::spawn(move || {
        let Some(from) = from else { return };
        let mut from = BufReader::new(from);
        loop {
            let mut line = Vec::new();
            let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
            let read = from.by_ref().take(limit).read_until(b'\n', &mut line);
            let heard = match (read, line.last()) {
                (Ok(_), Some(b'\n')) => Heard::Line(line),
                (Ok(read), Some(_)) if read == LONGEST => Heard::TooLong,
                _ => return,
            };
            if lines.send(heard).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Keeps the end of what comes.
fn last_words(from: Option<impl Read + Send + 'static>) -> (Arc<Mutex<Vec<u8>>>, Receiver<()>) {
    let (words, (open, closed)) = (Arc::new(Mutex::new(Vec::new())), channel());
    let kept = Arc::clone(&words);
    thread::spawn(move || {
        let _open = open;
        let Some(mut from) = from else { return };
        let mut part = [0; 4_096];
        while let Ok(count @ 1..) = from.read(&mut part) {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&part[..count]);
            let surplus = kept.len().saturating_sub(LAST_WORDS);
            kept.drain(..surplus);
        }
    });
    (words, closed)
}
