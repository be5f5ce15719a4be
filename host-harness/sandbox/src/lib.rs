//! The sandbox: a wasmtime engine that runs connectors, each call in a fresh instance that is thrown away after it.
//!
//! What a guest can reach is [`crate::component::imports::ALLOWED`], what it can use is [`Limits`], where its requests
//! can go is the [`outside::egress`] policy. Whatever it does, a call ends with a typed [`CallError`] and the host goes on.

mod answers;
mod blame;
mod call;
mod compile;
pub mod component;
mod deadline;
mod gateway;
mod guest;
mod held;
mod limits;
mod output;
mod product;
mod said;
mod spans;
mod symbol;
mod tally;
mod translate;
mod trap;
mod wit;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::Linker;

pub use self::answers::Answers;
pub use self::blame::Blame;
pub use self::call::describe;
pub use self::call::{CallError, Called, Report};
use self::compile::Workshop;
pub use self::compile::{
    ChildCompiler, CompileBounds, CompileCache, CompileError, Compiler, InProcess, Metering, compile, serve,
};
pub use self::gateway::{MOST_IN_FLIGHT, Outside};
use self::guest::Guest;
pub use self::guest::{Ambient, LogLine};
pub use self::limits::{Exceeded, Limits, STATE_BYTES};
pub use self::product::{Product, See};
pub use self::tally::Tally;
pub use self::trap::TrapReport;
use self::wit::ConnectorCorePre;
use crate::component::{Inspection, LoadError, inspect};
pub use model::{Fetch, Fetched, Page};
use outside::digest::sha256;

/// How often a computing guest is interrupted to be looked at.
const TICK: Duration = Duration::from_millis(10);

/// There is no sandbox on this machine, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot start the sandbox: {0}")]
pub struct SandboxError(String);

/// The engine. One is enough for a process; clones share it.
#[derive(Clone)]
pub struct Sandbox {
    workshop: Workshop,
    linker: Linker<Guest>,
    limits: Limits,
}

impl Sandbox {
    /// An engine whose calls keep to `limits`. It compiles in this process; [`Sandbox::with_compiler`] changes that.
    ///
    /// # Errors
    /// The processor is not supported.
    pub fn new(limits: Limits, cache: &CompileCache) -> Result<Self, SandboxError> {
        Self::started(limits, cache, Metering::Off)
    }

    /// As [`Sandbox::new`], and counts what guests execute: see [`Report::fuel`]. Costs some speed.
    ///
    /// # Errors
    /// As [`Sandbox::new`].
    pub fn metered(limits: Limits, cache: &CompileCache) -> Result<Self, SandboxError> {
        Self::started(limits, cache, Metering::On)
    }

    /// The same sandbox with another compiler.
    #[must_use]
    pub fn with_compiler(mut self, compiler: Arc<dyn Compiler>) -> Self {
        self.workshop.compiler = compiler;
        self
    }

    fn started(limits: Limits, cache: &CompileCache, metering: Metering) -> Result<Self, SandboxError> {
        let workshop = Workshop::new(metering, cache)?;
        let failed = |error: wasmtime::Error| SandboxError(format!("{error:#}"));
        let mut linker = Linker::new(&workshop.engine);
        guest::link(&mut linker).map_err(failed)?;
        tick(&workshop.engine).map_err(failed)?;
        Ok(Self { workshop, linker, limits })
    }

    /// Inspects a component, compiles it and links it. None of it runs.
    ///
    /// # Errors
    /// [`LoadError`]: it is no connector, has or asks for more than it may have, or cannot be compiled.
    pub fn load(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        let inspection = inspect(wasm)?;
        let invalid = |error: wasmtime::Error| LoadError::Invalid(format!("{error:#}"));
        let component = self.workshop.component(wasm)?;
        let pre = self.linker.instantiate_pre(&component).map_err(invalid)?;
        let pre = ConnectorCorePre::new(pre).map_err(invalid)?;
        Ok(Connector {
            engine: self.workshop.engine.clone(),
            pre,
            limits: self.limits,
            ambient: Ambient::default(),
            inspection,
            size: wasm.len(),
            digest: format!("sha256:{}", sha256(wasm)),
        })
    }
}

/// Moves the engine's epoch on, until the engine is gone.
fn tick(engine: &Engine) -> wasmtime::Result<()> {
    let engine = engine.weak();
    let ticker = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new().name("epoch".into()).spawn(ticker)?;
    Ok(())
}

/// A connector, ready to be called. Clones share the compiled code.
#[derive(Clone)]
pub struct Connector {
    engine: Engine,
    pre: ConnectorCorePre<Guest>,
    limits: Limits,
    ambient: Ambient,
    inspection: Inspection,
    size: usize,
    digest: String,
}

impl Connector {
    /// What its bytes say of it.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// The component by its bytes: `sha256:…`.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The size of the component's file, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}
