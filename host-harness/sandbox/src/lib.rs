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
mod headers;
mod held;
mod limits;
mod link;
mod output;
mod product;
mod pulse;
mod said;
mod sockets;
mod spans;
mod symbol;
mod tally;
mod translate;
mod trap;
mod wit;

use std::sync::Arc;

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
use self::pulse::Pulse;
pub use self::tally::Tally;
pub use self::trap::TrapReport;
use self::wit::ConnectorCorePre;
use crate::component::{Inspection, LoadError};
pub use model::{Fetch, Fetched, Page};
use outside::digest::sha256;

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
    pulse: Pulse,
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
        link::link(&mut linker).map_err(failed)?;
        let engine = workshop.engine.clone();
        let pulse = Pulse::start(move || engine.increment_epoch()).map_err(|error| SandboxError(error.to_string()))?;
        Ok(Self { workshop, linker, limits, pulse })
    }

    /// Inspects a component, compiles it and links it. None of it runs.
    ///
    /// # Errors
    /// [`LoadError`]: it is no connector, has or asks for more than it may have, or cannot be compiled.
    pub fn load(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        let digest = sha256(wasm);
        let invalid = |error: wasmtime::Error| LoadError::Invalid(format!("{error:#}"));
        let (inspection, component) = self.workshop.component(wasm, &digest)?;
        let pre = self.linker.instantiate_pre(&component).map_err(invalid)?;
        let pre = ConnectorCorePre::new(pre).map_err(invalid)?;
        Ok(Connector {
            engine: self.workshop.engine.clone(),
            pre,
            pulse: self.pulse.clone(),
            limits: self.limits,
            ambient: Ambient::default(),
            inspection,
            size: wasm.len(),
            digest: format!("sha256:{digest}"),
        })
    }
}

/// A connector, ready to be called. Clones share the compiled code.
#[derive(Clone)]
pub struct Connector {
    engine: Engine,
    pre: ConnectorCorePre<Guest>,
    pulse: Pulse,
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
