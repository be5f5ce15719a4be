//! From a component's bytes to machine code that this engine runs: looked at, compiled by a [`Compiler`], kept in a
//! [`CompileCache`].

mod cache;
mod child;

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::Component;
use wasmtime::{Config, Engine, OutOfMemory};

use self::cache::Cache;
pub use self::cache::CompileCache;
pub use self::child::{ChildCompiler, CompileBounds, serve};
use super::SandboxError;
use crate::component::{self, Inspection, LoadError, inspect};

/// Why a component was not compiled, although it is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// It took too long.
    #[error("compiling it took longer than {} s", .0.as_secs_f64())]
    Deadline(Duration),
    /// It took too much of the processor.
    #[error("compiling it took more than {} s of the processor", .0.as_secs_f64())]
    Cpu(Duration),
    /// It took too much memory.
    #[error("compiling it took more than {0} bytes of memory")]
    Memory(u64),
    /// The machine code is too large.
    #[error("compiled, it is larger than {0} bytes")]
    Code(u64),
    /// The compiler itself failed, for a reason that is not the component's.
    #[error("the compiler failed: {0}")]
    Failed(String),
}

/// Whether the machine code counts what it executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metering {
    /// It does not.
    Off,
    /// It does, which costs some speed.
    On,
}

/// What turns a component into machine code. A program that runs components of strangers should do it in another
/// process, with bounds on memory and time: what a compiler needs for a component cannot be told from its bytes.
///
/// # Safety
/// What [`Compiler::compile`] gives is run as machine code, and nothing looks at it before. It must be what [`compile`]
/// gave, of the same build of this library, for the same component and metering.
pub unsafe trait Compiler: Send + Sync {
    /// Compiles a component that the scan of its counts has let through.
    ///
    /// # Errors
    /// [`LoadError::Invalid`] and [`LoadError::Compile`].
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError>;
}

/// Compiles in this process, in whatever time and memory it takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

// SAFETY: it gives what `compile` gave.
unsafe impl Compiler for InProcess {
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
        compile(wasm, metering)
    }
}

/// Compiles a component: what every [`Compiler`] does in the end, wherever it does it.
///
/// # Errors
/// [`LoadError`]: the component has too much of something, or it is not valid.
pub fn compile(wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
    component::scan::scan(wasm)?;
    let failed = |error: wasmtime::Error| LoadError::Compile(CompileError::Failed(format!("{error:#}")));
    let engine = Engine::new(&config(metering)).map_err(failed)?;
    engine.precompile_component(wasm).map_err(|error| {
        if error.is::<OutOfMemory>() { failed(error) } else { LoadError::Invalid(format!("{error:#}")) }
    })
}

/// Bytes of stack that a guest has. Interpreters of other languages call themselves for each call of theirs: `CPython`, at
/// the depth of 1,000 calls at which it gives up by itself, takes a good part of it.
const WASM_STACK: usize = 2 << 20;
/// And what the host has on top of it, for what a guest calls.
const HOST_STACK: usize = 1 << 20;

/// The settings of every engine. Machine code is for the settings that it was compiled with, and no others.
fn config(metering: Metering) -> Config {
    let mut config = Config::new();
    config.consume_fuel(metering == Metering::On);
    config.epoch_interruption(true);
    config.cranelift_nan_canonicalization(true);
    config.max_wasm_stack(WASM_STACK);
    config.async_stack_size(WASM_STACK + HOST_STACK);
    config
}

/// An engine, and where its machine code comes from.
#[derive(Clone)]
pub(super) struct Workshop {
    pub(super) engine: Engine,
    pub(super) compiler: Arc<dyn Compiler>,
    metering: Metering,
    cache: Option<Cache>,
}

impl Workshop {
    pub(super) fn new(metering: Metering, cache: &CompileCache) -> Result<Self, SandboxError> {
        let engine = Engine::new(&config(metering)).map_err(|error| SandboxError(format!("{error:#}")))?;
        Ok(Self { engine, compiler: Arc::new(InProcess), metering, cache: Cache::of(cache) })
    }

    /// The component with this digest as machine code, and what its bytes say of it: from the cache, else inspected,
    /// compiled and kept.
    pub(super) fn component(&self, wasm: &[u8], digest: &str) -> Result<(Inspection, Component), LoadError> {
        let key = cache::Key::new(digest, &self.engine);
        let kept = self.cache.as_ref().and_then(|cache| cache.get(&key));
        if let Some((inspection, artifact)) = kept.as_deref().and_then(unpack) {
            match deserialize(&self.engine, artifact) {
                Ok(component) => return Ok((inspection, component)),
                Err(error) => tracing::warn!("compiled code in the cache is not for this engine: {error:#}"),
            }
        }
        let inspection = inspect(wasm)?;
        let artifact = self.compiler.compile(wasm, self.metering)?;
        let component = deserialize(&self.engine, &artifact)
            .map_err(|error| LoadError::Compile(CompileError::Failed(format!("{error:#}"))))?;
        if let Some(cache) = &self.cache {
            cache.put(&key, &pack(&inspection, &artifact));
        }
        Ok((inspection, component))
    }
}

/// What the cache keeps: names, a line each, then machine code.
fn pack(Inspection { imports, contract }: &Inspection, artifact: &[u8]) -> Vec<u8> {
    let names: Vec<&str> = [contract.as_str()].into_iter().chain(imports.iter().map(String::as_str)).collect();
    [names.join("\n").as_bytes(), b"\0", artifact].concat()
}

fn unpack(kept: &[u8]) -> Option<(Inspection, &[u8])> {
    let end = memchr::memchr(0, kept)?;
    let (names, artifact) = kept.split_at(end);
    let mut names = std::str::from_utf8(names).ok()?.lines().map(str::to_owned);
    let contract = names.next()?;
    Some((Inspection { imports: names.collect(), contract }, artifact.get(1..)?))
}

/// The only way from bytes to machine code.
#[allow(unsafe_code, reason = "wasmtime cannot tell machine code that it made from any other")]
fn deserialize(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are what `compile` gave. Either they come straight from the compiler, whose implementer
    // vouches for that (`Compiler`), or from the cache: a file that only this user can have written, in a folder of
    // which the same holds, and whose checksum is right. wasmtime itself refuses those of other versions and settings.
    unsafe { Component::deserialize(engine, artifact) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_component_comes_back_and_anything_else_is_none() {
        let imports = vec!["wasi:io/poll@0.2.6".to_owned(), "wasi:http/types@0.2.6".to_owned()];
        for imports in [imports, Vec::new()] {
            let inspection = Inspection { imports, contract: "0.2.0".to_owned() };
            // Machine code has zeros and line ends of its own.
            for artifact in [&b"\0\x7fELF\0\n\0"[..], b""] {
                let kept = pack(&inspection, artifact);
                assert_eq!(unpack(&kept), Some((inspection.clone(), artifact)));
            }
        }
        for kept in [&b""[..], b"0.2.0", b"\0code", b"\xff\0code"] {
            assert_eq!(unpack(kept), None, "{kept:?}");
        }
    }
}
