//! What a store holds while one call runs: the guest's view of the world, which is next to nothing.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Result, bail};
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, ResourceTable, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::gateway::Gateway;
use super::limits::{Exceeded, Limits, STATE_BYTES};
use super::output::Output;
use super::translate::Plain as _;
use super::wit::{log, state, types};
use crate::component::scan::Count;
use model::Level;
use outside::egress::Place;

/// A guest with a hundred open handles has lost count of them.
const HANDLES: usize = 1_000;
/// Bytes of an element of a table: a pointer, and as much again while a table that grows moves.
const ELEMENT: usize = 16;
/// Lines of log that one call may write; what comes after is dropped, and counted.
const LOG_LINES: usize = 200;
/// Characters of one line of log.
const LOG_LINE: usize = 2_000;

/// The data of one call's store.
pub(super) struct Guest {
    pub(super) wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    pub(super) gateway: Gateway,
    pub(super) output: Output,
    pub(super) memory: MemoryLimiter,
    /// Ticks of the epoch during which the guest was computing.
    pub(super) ticks: u64,
    /// The stream's state: as committed, then as set.
    pub(super) state: Option<Vec<u8>>,
    /// True once the guest has set the state.
    pub(super) state_set: bool,
    /// The lines it logged, as far as they are kept.
    pub(super) log: Vec<LogLine>,
}

/// A line of the connector's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters, in the connector's judgement.
    pub level: Level,
    /// What it says, cut where it was too long.
    pub message: String,
}

/// What the stubs of the language runtimes answer. The contract gives a connector no clock, no randomness and no
/// environment: whatever is set here must make no difference, and conformance check E2 sees that it makes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ambient {
    /// What the clocks show, in seconds since 1970.
    pub seconds: u64,
    /// What all random numbers are made from.
    pub seed: u8,
    /// Whether there is an environment variable.
    pub variable: bool,
}

impl Guest {
    pub(super) fn new(gateway: Gateway, limits: &Limits, ambient: Ambient, state: Option<Vec<u8>>) -> Self {
        let output = Output::default();
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES);
        let stopped = Stopped(ambient.seconds);
        let mut wasi = WasiCtx::builder();
        wasi.stdout(output.clone())
            .stderr(output.clone())
            .wall_clock(stopped)
            .monotonic_clock(stopped)
            .secure_random(Deterministic::new(vec![ambient.seed]))
            .insecure_random(Deterministic::new(vec![ambient.seed]))
            .insecure_random_seed(ambient.seed.into());
        if ambient.variable {
            wasi.env("LANG", "tlh_QO.UTF-8");
        }
        let wasi = wasi.build();
        Self {
            wasi,
            http: WasiHttpCtx::new(),
            table,
            memory: MemoryLimiter { gateway: gateway.clone(), limit: limits.memory, linear: 0, tables: 0 },
            gateway,
            output,
            ticks: 0,
            state,
            state_set: false,
            log: Vec::new(),
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.gateway }
    }
}

/// A clock that stands still, at the epoch unless a check sets it elsewhere: a connector is told the time.
#[derive(Clone, Copy)]
struct Stopped(u64);

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1_000_000_000
    }

    fn now(&self) -> u64 {
        self.0.saturating_mul(1_000_000_000)
    }
}

/// Holds all memories and tables of all instances within one budget: a component may have many of each. What they have
/// from the start is asked for here as well.
pub(super) struct MemoryLimiter {
    gateway: Gateway,
    limit: usize,
    /// Bytes of linear memory.
    pub(super) linear: usize,
    /// Bytes of tables.
    tables: usize,
}

impl MemoryLimiter {
    fn grow(&mut self, linear: usize, tables: usize) -> Result<bool> {
        let (linear, tables) = (self.linear.saturating_add(linear), self.tables.saturating_add(tables));
        if linear.saturating_add(tables) > self.limit {
            self.gateway.exceed(Exceeded::Memory(self.limit));
            bail!("the memory limit of {} bytes is reached", self.limit);
        }
        (self.linear, self.tables) = (linear, tables);
        Ok(true)
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        self.grow(desired.saturating_sub(current), 0)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        self.grow(0, desired.saturating_sub(current).saturating_mul(ELEMENT))
    }

    // The scan of a component has counted these already, since nothing makes one while a guest runs.
    fn instances(&self) -> usize {
        cap(Count::Instances)
    }

    fn tables(&self) -> usize {
        cap(Count::Tables)
    }

    fn memories(&self) -> usize {
        cap(Count::Memories)
    }
}

fn cap(count: Count) -> usize {
    usize::try_from(count.cap()).unwrap_or(usize::MAX)
}

impl Guest {
    fn count_host_call(&self) -> Result<()> {
        if !self.gateway.count_host_call() {
            bail!("the limit of calls to the host is reached");
        }
        Ok(())
    }
}

impl state::Host for Guest {
    fn get(&mut self) -> Result<Option<Vec<u8>>> {
        self.count_host_call()?;
        Ok(self.state.clone())
    }

    fn set(&mut self, value: Vec<u8>) -> Result<()> {
        self.count_host_call()?;
        if value.len() > STATE_BYTES {
            self.gateway.exceed(Exceeded::State(value.len()));
            bail!("the state is too large");
        }
        self.state = Some(value);
        self.state_set = true;
        Ok(())
    }
}

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String) -> Result<()> {
        self.count_host_call()?;
        if !self.gateway.keeps_log_line(self.log.len() < LOG_LINES) {
            return Ok(());
        }
        if self.gateway.search(&self.gateway.secrets(), Place::Log, message.as_bytes()) {
            return Ok(());
        }
        let message: String = message.chars().take(LOG_LINE).collect();
        match level {
            log::Level::Debug => tracing::debug!(target: "harness::connector", "{message}"),
            log::Level::Info => tracing::info!(target: "harness::connector", "{message}"),
            log::Level::Warn => tracing::warn!(target: "harness::connector", "{message}"),
            log::Level::Error => tracing::error!(target: "harness::connector", "{message}"),
        }
        self.log.push(LogLine { level: level.plain(), message });
        Ok(())
    }
}

impl types::Host for Guest {}
