//! Compiling in a child process that has bounds: whatever a component makes the compiler do, it is the child that ends.
//!
//! Parent and child are two halves of this file. What goes in is an [`Order`] and the component, what comes out one byte
//! that says whether it worked, and the machine code or the reason.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use super::{CompileError, Compiler, Metering, compile};
use crate::component::LoadError;
use crate::component::scan::Count;

/// What compiling one component may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileBounds {
    /// From the child's start to its end.
    pub deadline: Duration,
    /// Time on all processors together; counted in whole seconds.
    pub cpu: Duration,
    /// The child's address space, in bytes. Some hundred megabytes of it are its own before it begins.
    pub memory: u64,
    /// The machine code, in bytes.
    pub code: u64,
}

/// Python and JavaScript, at 18 and 14 MB, take some 60 s of the processor and 390 MB in an unoptimised build of this
/// library. On a machine that is busy with other things they took ten times as long: the deadline is for a child that waits, and
/// comes after that.
impl Default for CompileBounds {
    fn default() -> Self {
        Self { deadline: Duration::from_mins(20), cpu: Duration::from_mins(5), memory: 4 << 30, code: 256 << 20 }
    }
}

/// Threads of one child. Each takes address space, and more than these gain little.
const THREADS: usize = 8;
/// What is kept of what a child says on its standard error.
const SAID: u64 = 4 << 10;
/// How often a child that is about to end is looked after.
const SOON: Duration = Duration::from_millis(1);

/// Runs a program that compiles: reads a component from its standard input and writes machine code to its standard
/// output, by [`serve`].
#[derive(Debug, Clone)]
pub struct ChildCompiler {
    program: PathBuf,
    arguments: Vec<OsString>,
    bounds: CompileBounds,
}

impl ChildCompiler {
    /// Of a program that calls [`serve`] when it is started with `arguments`; it gets an empty environment.
    ///
    /// # Safety
    /// As of [`Compiler`]: `program` has to be of the same build as this library, and do nothing but [`serve`].
    #[must_use]
    pub unsafe fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        bounds: CompileBounds,
    ) -> Self {
        Self { program: program.into(), arguments: arguments.into_iter().map(Into::into).collect(), bounds }
    }

    fn start(&self) -> io::Result<Child> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS);
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().env("RAYON_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    /// Hands the component over and takes the answer. No child is left when it returns.
    fn converse(&self, child: &mut Child, order: Order, wasm: &[u8]) -> io::Result<Ended> {
        let started = Instant::now();
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            scope.spawn(move || {
                // A child that ended early does not read all of it; why it ended is told by its status.
                let Some(mut input) = input else { return };
                input.write_all(&order.bytes()).and_then(|()| input.write_all(wasm)).ok();
            });
            let errors = scope.spawn(move || read(errors, SAID));
            let (sender, receiver) = mpsc::channel();
            let most = self.bounds.code.saturating_add(HEAD).saturating_add(1);
            scope.spawn(move || sender.send(read(output, most)).ok());
            let answer = receiver.recv_timeout(self.bounds.deadline).ok();
            let status = match &answer {
                Some(answer) if Answer::read(answer).is_none() => {
                    ended(child, self.bounds.deadline.saturating_sub(started.elapsed()))
                }
                _ => None,
            };
            child.kill().ok();
            child.wait()?;
            Ok(Ended { answer, status, errors: errors.join().unwrap_or_default() })
        })
    }

    fn judge(&self, ended: &Ended) -> Result<Vec<u8>, LoadError> {
        let CompileBounds { deadline, code, .. } = self.bounds;
        let error = match (&ended.answer, ended.status) {
            (Some(answer), _) if length(answer) > code.saturating_add(HEAD) => CompileError::Code(code),
            (Some(answer), status) => match (Answer::read(answer), status) {
                (Some(Answer::Done(artifact)), _) => return Ok(artifact.to_vec()),
                (Some(Answer::Invalid(reason)), _) => return Err(LoadError::Invalid(reason)),
                (None, Some(status)) => self.cause(status, &ended.errors),
                (None, None) => CompileError::Deadline(deadline),
            },
            (None, _) => CompileError::Deadline(deadline),
        };
        Err(LoadError::Compile(error))
    }

    /// What ended a child that gave nothing.
    fn cause(&self, status: ExitStatus, errors: &[u8]) -> CompileError {
        if status.signal() == Some(Signal::XCPU.as_raw()) {
            return CompileError::Cpu(self.bounds.cpu);
        }
        let errors = String::from_utf8_lossy(errors);
        // An allocation that cannot fail, one that can, and a thread that finds no room for its stack.
        let signs = ["memory allocation of", "out of memory", "Cannot allocate memory", "WouldBlock"];
        if signs.iter().any(|sign| errors.contains(sign)) {
            return CompileError::Memory(self.bounds.memory);
        }
        CompileError::Failed(format!("{status}: {}", errors.trim()))
    }
}

// SAFETY: whoever made it vouches for the program, which gives what `compile` gave.
unsafe impl Compiler for ChildCompiler {
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
        let failed = |error: io::Error| LoadError::Compile(CompileError::Failed(error.to_string()));
        let mut child = self.start().map_err(failed)?;
        let order = Order { metering, memory: self.bounds.memory, cpu: self.bounds.cpu };
        let ended = self.converse(&mut child, order, wasm).map_err(failed)?;
        self.judge(&ended)
    }
}

/// How a child ended.
struct Ended {
    /// What it wrote; none when it was not done in time.
    answer: Option<Vec<u8>>,
    /// How it ended by itself, where its answer does not tell.
    status: Option<ExitStatus>,
    errors: Vec<u8>,
}

/// Waits for a child that has closed its output.
fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < within {
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        thread::sleep(SOON);
    }
    None
}

fn read(pipe: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most).read_to_end(&mut bytes).ok();
    }
    bytes
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// What a child has to keep to, in the first bytes of its input.
#[derive(Clone, Copy)]
struct Order {
    metering: Metering,
    memory: u64,
    cpu: Duration,
}

impl Order {
    fn bytes(self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[0] = u8::from(self.metering == Metering::On);
        bytes[1..9].copy_from_slice(&self.memory.to_le_bytes());
        bytes[9..].copy_from_slice(&self.cpu.as_secs().to_le_bytes());
        bytes
    }

    fn read(mut input: impl Read) -> io::Result<Self> {
        let (mut metered, mut memory, mut cpu) = ([0; 1], [0; 8], [0; 8]);
        input.read_exact(&mut metered)?;
        input.read_exact(&mut memory)?;
        input.read_exact(&mut cpu)?;
        let metering = if metered == [0] { Metering::Off } else { Metering::On };
        let cpu = Duration::from_secs(u64::from_le_bytes(cpu));
        Ok(Self { metering, memory: u64::from_le_bytes(memory), cpu })
    }
}

/// What a child writes: one byte that says which, the length, and the content.
enum Answer<'a> {
    Done(&'a [u8]),
    Invalid(String),
}

/// The bytes before the content.
const HEAD: u64 = 9;
const DONE: u8 = 0;
const INVALID: u8 = 1;

impl<'a> Answer<'a> {
    /// None unless it is all there.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[kind], rest) = bytes.split_first_chunk()?;
        let (size, content) = rest.split_first_chunk()?;
        if u64::from_le_bytes(*size) != length(content) {
            return None;
        }
        match kind {
            DONE => Some(Self::Done(content)),
            INVALID => Some(Self::Invalid(String::from_utf8_lossy(content).into_owned())),
            _ => None,
        }
    }
}

/// The child's half: takes a component from the standard input and writes what came of it to the standard output. From
/// the first byte on this process keeps to the bounds that it was given.
///
/// # Errors
/// The pipes broke, or the bounds cannot be set.
pub fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let order = Order::read(&mut input)?;
    bound(Resource::Core, 0)?;
    bound(Resource::As, order.memory)?;
    bound(Resource::Cpu, order.cpu.as_secs())?;
    let mut wasm = Vec::new();
    input.take(Count::FileBytes.cap().saturating_add(1)).read_to_end(&mut wasm)?;
    let (kind, content) = match compile(&wasm, order.metering) {
        Ok(artifact) => (DONE, artifact),
        Err(LoadError::Invalid(reason)) => (INVALID, reason.into_bytes()),
        Err(error) => return Err(io::Error::other(error)),
    };
    let mut output = io::stdout().lock();
    output.write_all(&[kind])?;
    output.write_all(&length(&content).to_le_bytes())?;
    output.write_all(&content)?;
    output.flush()
}

fn bound(resource: Resource, most: u64) -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(resource);
    // Nobody can go above the maximum. It stays: only the other one of the two can be told from a kill.
    let current = maximum.map_or(most, |maximum| maximum.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(current), maximum })?)
}
