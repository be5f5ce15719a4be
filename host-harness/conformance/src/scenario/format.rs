//! The scenario file, field by field.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::rig;
use sim::Quirk;

/// The version of the format that this harness writes and reads.
pub const FORMAT: u32 = 1;

/// A story: what a provider has, what happens to it, when it is polled and what goes wrong meanwhile. See the
/// [module](super).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// The version of the format: [`FORMAT`].
    pub scenario: u32,
    /// What it shows, for a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The simulated provider: see `Kit::name`.
    pub provider: String,
    /// What random changes (`mutate`) are made from.
    #[serde(default = "one")]
    pub seed: u64,
    /// The time at which it begins.
    #[serde(default = "rig::start")]
    pub start: DateTime<Utc>,
    /// The rows a page that the connector is told to ask for.
    #[serde(default = "page")]
    pub page_size: u32,
    /// The customer's accounts. Steps name them by number, from 1.
    #[serde(default = "one")]
    pub accounts: u32,
    /// How the provider deviates, from the beginning: `"fromExclusive"`, `{"pageClamped": 10}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quirks: Vec<Quirk>,
    /// What must come of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub expect: Expect,
    /// Polls in the end, with nothing new: they must change nothing.
    #[serde(default = "one")]
    pub idle_polls: u32,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// What must come of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expect {
    /// Every payment, in its last version.
    #[default]
    Complete,
    /// That, or an error of the contract that says why not: for providers too odd to read.
    CompleteOrError,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Payments come up.
    Insert(Insert),
    /// A payment changes.
    Edit(Edit),
    /// A payment is gone as if it had never been.
    Delete(Delete),
    /// Time goes by: `"30m"`.
    Advance(Span),
    /// The provider deviates from now on.
    Quirk(Quirk),
    /// The host polls the payments of every account.
    Poll(Poll),
    /// The host commits so many of the last pages again, oldest first, without their states.
    Redeliver(usize),
}

/// New payments. They are numbered through the whole file, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Insert {
    /// The number of the account.
    #[serde(skip_serializing_if = "is_one")]
    pub account: u32,
    /// How many.
    pub rows: u32,
    /// Where they stand: `"PENDING"`. The provider's settled status when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// All at one instant, instead of one millisecond after the other.
    #[serde(skip_serializing_if = "is_default")]
    pub tie: bool,
    /// Money that comes in.
    #[serde(skip_serializing_if = "is_default")]
    pub incoming: bool,
    /// The amount of each, in minor units; each its own when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<u64>,
    /// They happened so long ago. After a poll no more than the provider's lag, or no connector can find them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ago: Option<Span>,
    /// Lists show them only after so long. No more than the provider's lag either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_after: Option<Span>,
}

impl Default for Insert {
    fn default() -> Self {
        Self {
            account: 1,
            rows: 1,
            status: None,
            tie: false,
            incoming: false,
            minor: None,
            ago: None,
            visible_after: None,
        }
    }
}

/// A change of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Edit {
    /// Its number.
    pub row: u32,
    /// What changes.
    pub change: Change,
}

/// What changes of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// `{"status": "FAILED"}`
    Status(String),
    /// `{"label": "Rent, March"}`
    Label(String),
    /// `{"minor": 1250}`
    Minor(u64),
}

/// The end of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Its number.
    pub row: u32,
}

/// A poll, and what happens in the middle of it. Requests are counted from 1 within the poll; those for accounts and
/// counterparties do not count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Poll {
    /// What goes wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultOn>,
    /// What changes between two requests, in the order of the requests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Before>,
    /// Random changes between the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutate: Option<Mutate>,
    /// The host dies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash: Option<Crash>,
}

impl Poll {
    /// True when something happens in the middle of it that a connector could give as the reason of an error.
    #[must_use]
    pub fn is_disturbed(&self) -> bool {
        !self.faults.is_empty() || !self.before.is_empty() || self.mutate.is_some()
    }
}

/// Something that goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultOn {
    /// The number of the request.
    pub request: u64,
    /// How many requests it hits, from that one on.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u64,
    /// What it is.
    pub fault: FaultKind,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// `{"status": 503}`: from 400 up, in the provider's own words.
    Status(u16),
    /// `{"retryAfter": "30"}`: 429, with this header.
    RetryAfter(String),
    /// `{"redirect": "https://elsewhere.example/"}`: 302, to there.
    Redirect(String),
    /// `{"truncated": 40}`: the first so many bytes of the answer, as if they were all of it.
    Truncated(usize),
    /// `{"delay": "5s"}`: the answer takes so long; beyond 30 s it never comes.
    Delay(Span),
    /// A page of HTML with status 200.
    Html,
    /// The right answer without its body.
    EmptyBody,
    /// Half of the body comes, then the connection closes.
    HalfBody,
    /// No answer ever comes.
    Stall,
    /// The connection is reset.
    Reset,
    /// The connection is refused.
    Refused,
}

/// What changes right before a request. If the poll ends earlier, it happens right after the poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Before {
    /// The number of the request.
    pub request: u64,
    /// What happens: any step but `poll` and `redeliver`.
    pub steps: Vec<Step>,
}

/// Random inserts, edits and deletions between the requests. What they insert has no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mutate {
    /// How often one happens before a request.
    pub percent: u8,
    /// What they are made from; the scenario's seed when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// The host dies in a call of the connector, which commits nothing; the poll is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Crash {
    /// The number of the call in the poll, from 1.
    pub call: u32,
    /// The call to the host at which it ends: `state.get`, `state.set`, `log.write` count one, a request two. After the
    /// last of them, just before the commit, when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_call: Option<u32>,
}

/// A length of time, as Go spells it: `30m`, `1h30m`, `1.5s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// So many minutes.
    #[must_use]
    pub fn minutes(minutes: u64) -> Self {
        Self(Duration::from_secs(minutes.saturating_mul(60)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.as_nanos();
        let units =
            [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"), (1, "ns")];
        let whole = units.iter().find(|(unit, _)| nanoseconds.is_multiple_of(*unit) && nanoseconds > 0);
        match whole {
            Some((unit, name)) => write!(f, "{}{name}", nanoseconds / unit),
            None => f.write_str("0s"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = go_duration::parse(&text).map(Self);
        span.ok_or_else(|| {
            D::Error::custom(format!("{text:?} is no duration; expected one such as \"30m\" or \"1.5s\""))
        })
    }
}

impl Scenario {
    /// A scenario without steps, for this provider.
    #[must_use]
    pub fn new(provider: &str) -> Self {
        Self {
            scenario: FORMAT,
            about: String::new(),
            provider: provider.to_owned(),
            seed: 1,
            start: rig::start(),
            page_size: page(),
            accounts: 1,
            quirks: Vec::new(),
            expect: Expect::Complete,
            idle_polls: 1,
            steps: Vec::new(),
        }
    }

    /// The file: JSON, each step on a line of its own.
    #[must_use]
    pub fn to_json(&self) -> String {
        let head = Self { steps: Vec::new(), ..self.clone() };
        // Neither holds anything that JSON has no word for.
        let head = serde_json::to_string_pretty(&head).unwrap_or_default();
        let steps: Vec<String> = self.steps.iter().map(|step| format!("    {}", line(step))).collect();
        let steps = if steps.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", steps.join(",\n")) };
        head.replacen("\"steps\": []", &format!("\"steps\": {steps}"), 1) + "\n"
    }
}

/// A step on one line.
pub(super) fn line(step: &Step) -> String {
    serde_json::to_string(step).unwrap_or_default()
}

fn one<N: From<u8>>() -> N {
    N::from(1)
}

fn page() -> u32 {
    rig::PAGE
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one<N: From<u8> + PartialEq>(value: &N) -> bool {
    *value == N::from(1)
}
