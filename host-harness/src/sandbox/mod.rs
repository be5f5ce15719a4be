//! The sandbox: a wasmtime engine that runs connectors, each call in a fresh instance that is thrown away after it.
//!
//! What a guest can reach is [`crate::component::imports::ALLOWED`], what it can use is [`Limits`], where its requests
//! can go is the [`crate::egress`] policy. Whatever it does, a call ends with a typed [`CallError`] and the host goes on.

mod blame;
mod call;
mod deadline;
mod gateway;
mod guest;
mod limits;
mod output;
mod said;
mod spans;
mod tally;
mod trap;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::{Cache, CacheConfig, Config, Engine};

pub use self::blame::Blame;
pub use self::call::{CallError, Called, Fetch, Fetched, Page, Report};
pub use self::gateway::Outside;
use self::guest::Guest;
pub use self::guest::{Ambient, LogLine};
pub use self::limits::{Exceeded, Limits, STATE_BYTES};
pub use self::tally::Tally;
pub use self::trap::TrapReport;
use crate::component::{Inspection, LoadError, inspect};
use crate::contract::ConnectorCorePre;

/// How often a computing guest is interrupted to be looked at.
const TICK: Duration = Duration::from_millis(10);

/// Where compiled components are kept between two starts.
#[derive(Debug, Clone, Default)]
pub enum CompileCache {
    /// The user's cache folder, as the operating system has it.
    #[default]
    User,
    /// A folder of one's own.
    Folder(PathBuf),
    /// Nowhere: compiled anew at every start.
    Off,
}

/// The engine. One is enough for a process; clones share it.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    linker: Linker<Guest>,
    limits: Limits,
}

impl Sandbox {
    /// An engine whose calls keep to `limits`.
    ///
    /// # Errors
    /// A text: the processor is not supported, or the cache folder cannot be used.
    pub fn new(limits: Limits, cache: &CompileCache) -> Result<Self, String> {
        Self::started(limits, cache, false)
    }

    /// As [`Sandbox::new`], and counts what guests execute: see [`Report::fuel`]. Costs some speed.
    ///
    /// # Errors
    /// As [`Sandbox::new`].
    pub fn metered(limits: Limits, cache: &CompileCache) -> Result<Self, String> {
        Self::started(limits, cache, true)
    }

    fn started(limits: Limits, cache: &CompileCache, metered: bool) -> Result<Self, String> {
        Self::build(limits, cache, metered).map_err(|error| format!("cannot start the sandbox: {error:#}"))
    }

    fn build(limits: Limits, cache: &CompileCache, metered: bool) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config.consume_fuel(metered);
        config.epoch_interruption(true);
        config.cranelift_nan_canonicalization(true);
        match cache {
            CompileCache::User => _ = config.cache(Some(Cache::from_file(None)?)),
            CompileCache::Folder(folder) => {
                let mut settings = CacheConfig::new();
                settings.with_directory(folder);
                config.cache(Some(Cache::new(settings)?));
            }
            CompileCache::Off => {}
        }
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        guest::link(&mut linker)?;
        tick(&engine)?;
        Ok(Self { engine, linker, limits })
    }

    /// Inspects a component, compiles it and links it. None of it runs.
    ///
    /// # Errors
    /// [`LoadError`]: it is no connector, asks for more than it may have, or cannot be compiled.
    pub fn load(&self, wasm: &[u8]) -> Result<Connector, LoadError> {
        let inspection = inspect(wasm)?;
        let invalid = |error: wasmtime::Error| LoadError::Invalid(format!("{error:#}"));
        let component = Component::new(&self.engine, wasm).map_err(invalid)?;
        let pre = self.linker.instantiate_pre(&component).map_err(invalid)?;
        let pre = ConnectorCorePre::new(pre).map_err(invalid)?;
        Ok(Connector {
            engine: self.engine.clone(),
            pre,
            limits: self.limits,
            ambient: Ambient::default(),
            inspection,
            size: wasm.len(),
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
}

impl Connector {
    /// What its bytes say of it.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// The size of the component's file, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}
