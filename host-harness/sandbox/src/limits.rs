//! What one call of a connector may use at most.

use std::time::Duration;

/// The contract's cap on a stream's state (`state.set`).
pub const STATE_BYTES: usize = 64 << 10;

/// What one call may use. Each has a typed error of its own: [`Exceeded`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory and tables, all of the component's instances together, in bytes.
    pub memory: usize,
    /// Time on the processor. Waiting for an answer does not count.
    pub cpu: Duration,
    /// Time from start to end, waiting included, less what the host itself made it wait for a rate limit.
    pub call: Duration,
    /// Requests.
    pub requests: u32,
    /// One answer's body, in bytes.
    pub response: usize,
    /// Answers that the connector was given and neither read nor dropped, all together, in bytes.
    pub held: usize,
    /// One request's body, in bytes.
    pub request: usize,
    /// What the connector hands to the host in arguments and results, in bytes.
    pub copied: usize,
    /// Calls to the host: `state.get`, `state.set`, `log.write`, and two for each request, one before it is sent and one
    /// when its answer is there.
    pub host_calls: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            cpu: Duration::from_secs(10),
            call: Duration::from_mins(2),
            requests: 50,
            response: 16 << 20,
            held: 64 << 20,
            request: 64 << 10,
            copied: 64 << 20,
            host_calls: 10_000,
        }
    }
}

/// A limit that a call hit. The texts say which number it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// [`Limits::memory`].
    #[error("it asked for more than {0} bytes of memory")]
    Memory(usize),
    /// [`Limits::cpu`].
    #[error("it computed for more than {} ms without an end", .0.as_millis())]
    Cpu(Duration),
    /// [`Limits::call`].
    #[error("the call took longer than {} s", .0.as_secs_f64())]
    Call(Duration),
    /// [`Limits::requests`].
    #[error("it made more requests in one call than the {0} that it may make")]
    Requests(u32),
    /// [`Limits::response`].
    #[error(
        "the provider's answer is larger than {0} bytes; where the config has a `pageSize`, a smaller one makes answers \
         smaller"
    )]
    Response(usize),
    /// [`Limits::held`].
    #[error("it held on to more than {0} bytes of answers without reading them")]
    Held(usize),
    /// [`Limits::request`].
    #[error("it sent a request body of more than {0} bytes")]
    Request(usize),
    /// [`Limits::copied`].
    #[error("it returned more than {0} bytes")]
    Copied(usize),
    /// [`Limits::host_calls`].
    #[error("it called the host more than {0} times in one call")]
    HostCalls(u32),
    /// [`STATE_BYTES`].
    #[error("it set a state of {0} bytes; the contract allows {STATE_BYTES}")]
    State(usize),
}
