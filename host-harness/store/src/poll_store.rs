//! What a poll needs of a store, so that it may be another one than the file: a database that several engines share.

use chrono::{DateTime, Utc};

use super::Committed;
use super::commit::Delivery;
use super::departures::Settled;
use super::gaps::{LastingGap, NewGap};
use super::read::Kept;
use super::runs::{RunId, RunSummary};
use super::{Granted, Store, StoreError, StreamKey, StreamState, Subject, Suspended};
use model::Capability;
use model::refusal::Incident;

/// Where polls keep what they read. Whoever writes one holds it against the module `suite`, of the feature of that name.
///
/// Each call is a transaction of its own, durable when it returns, and whatever other calls are made meanwhile, by this
/// process or another one.
///
/// # Errors
///
/// Each method fails when the store can't be read or written, and has changed nothing then.
pub trait PollStore: Send + Sync {
    /// Whose an install is, and who may run it; none before anybody agreed to it.
    ///
    /// # Errors
    /// As all; or what is kept is a grant that this program does not understand.
    fn granted(&self, install: &str) -> Result<Option<Granted>, StoreError>;

    /// Whether what its component tried has suspended an install at `now`.
    ///
    /// # Errors
    /// As all.
    fn suspended(&self, install: &str, now: DateTime<Utc>) -> Result<Option<Suspended>, StoreError>;

    /// Remembers an incident of the component with this digest. `stream` is none for a check of the connection, which
    /// serves no stream.
    ///
    /// # Errors
    /// As all.
    fn record_incident(
        &self,
        install: &str,
        stream: Option<&StreamKey>,
        component: &str,
        incident: &Incident,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Binds an install to `subject`, unless it is bound already; gives the one that it is bound to.
    ///
    /// # Errors
    /// As all.
    fn bind(&self, install: &str, subject: &Subject) -> Result<Subject, StoreError>;

    /// The number of the install's last call; 0 before the first one. Calls are ordered by their numbers, since no clock
    /// orders them.
    ///
    /// # Errors
    /// As all.
    fn last_call(&self, install: &str) -> Result<u64, StoreError>;

    /// Begins a call, and the stream's round unless one is under way: gives where the stream stands, and the number that
    /// tells the order in which calls read.
    ///
    /// # Errors
    /// As all.
    fn begin_call(&self, key: &StreamKey) -> Result<(StreamState, u64), StoreError>;

    /// Stores a page: its records, the rows it rejected and the state it set, all or nothing.
    ///
    /// # Errors
    /// As all; [`StoreError::Concurrent`] when the stream moved on meanwhile.
    fn commit(&self, delivery: &Delivery<'_>) -> Result<Committed, StoreError>;

    /// Where a stream stands; at the very beginning when nothing is known of it.
    ///
    /// # Errors
    /// As all.
    fn stream(&self, key: &StreamKey) -> Result<StreamState, StoreError>;

    /// Forgets what was not read so far in the stream's round: it is asked for once more.
    ///
    /// # Errors
    /// As all.
    fn read_again(&self, key: &StreamKey) -> Result<(), StoreError>;

    /// Remembers until when the provider asked to be left alone.
    ///
    /// # Errors
    /// As all.
    fn set_not_before(&self, key: &StreamKey, not_before: Option<DateTime<Utc>>) -> Result<(), StoreError>;

    /// The references of the records that a stream of this capability reported, sorted. Where an older store does not know
    /// which stream it was, those of a root are all there are.
    ///
    /// # Errors
    /// As all.
    fn parents(&self, key: &StreamKey, capability: Capability) -> Result<Vec<String>, StoreError>;

    /// One of [`PollStore::parents`], exactly as the connector returned it last, with the time it was last read: the
    /// `observed-at` of balances that are read for it. None when there is no such record.
    ///
    /// # Errors
    /// As all.
    fn kept(&self, key: &StreamKey, capability: Capability, reference: &str) -> Result<Option<Kept>, StoreError>;

    /// The references of payments of a stream that are not final, and that no call of the round under way has reported. In
    /// the order of their creation, then of their references. One that the provider no longer has is none of them.
    ///
    /// # Errors
    /// As all.
    fn open_payments(&self, key: &StreamKey, now: DateTime<Utc>) -> Result<Vec<String>, StoreError>;

    /// Notes the gaps of a poll that is over; those of before that did not recur are closed. Gives them
    /// with the times since which they last, in the same order.
    ///
    /// # Errors
    /// As all.
    fn note_gaps(&self, key: &StreamKey, gaps: &[NewGap], now: DateTime<Utc>) -> Result<Vec<LastingGap>, StoreError>;

    /// Ends the round of a stream: it has read what there is, in one poll or several. What it found to be gone leaves,
    /// unless that is so much that it is held back. With `snapshot` it reports every record there is: of those that it did
    /// not report although nothing was missing, the ones that an earlier round has missed as well are gone.
    ///
    /// # Errors
    /// As all.
    fn settle(&self, key: &StreamKey, snapshot: bool, now: DateTime<Utc>) -> Result<Settled, StoreError>;

    /// How many bytes of records an install keeps, about; 0 when nothing is known of it. A withdrawal is not counted:
    /// it repeats one version of a payment, once.
    ///
    /// # Errors
    /// As all.
    fn stored_bytes(&self, install: &str) -> Result<u64, StoreError>;

    /// Notes that a run of a stream begins.
    ///
    /// # Errors
    /// As all.
    fn begin_run(&self, key: &StreamKey, at: DateTime<Utc>) -> Result<RunId, StoreError>;

    /// Notes how a run ended.
    ///
    /// # Errors
    /// As all.
    fn finish_run(&self, id: RunId, summary: &RunSummary) -> Result<(), StoreError>;
}

impl PollStore for Store {
    fn granted(&self, install: &str) -> Result<Option<Granted>, StoreError> {
        self.granted(install)
    }

    fn suspended(&self, install: &str, now: DateTime<Utc>) -> Result<Option<Suspended>, StoreError> {
        self.suspended(install, now)
    }

    fn record_incident(
        &self,
        install: &str,
        stream: Option<&StreamKey>,
        component: &str,
        incident: &Incident,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.record_incident(install, stream, component, incident, at)
    }

    fn bind(&self, install: &str, subject: &Subject) -> Result<Subject, StoreError> {
        self.bind(install, subject)
    }

    fn last_call(&self, install: &str) -> Result<u64, StoreError> {
        self.last_call(install)
    }

    fn begin_call(&self, key: &StreamKey) -> Result<(StreamState, u64), StoreError> {
        self.begin_call(key)
    }

    fn commit(&self, delivery: &Delivery<'_>) -> Result<Committed, StoreError> {
        self.commit(delivery)
    }

    fn stream(&self, key: &StreamKey) -> Result<StreamState, StoreError> {
        self.stream(key)
    }

    fn read_again(&self, key: &StreamKey) -> Result<(), StoreError> {
        self.read_again(key)
    }

    fn set_not_before(&self, key: &StreamKey, not_before: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        self.set_not_before(key, not_before)
    }

    fn parents(&self, key: &StreamKey, capability: Capability) -> Result<Vec<String>, StoreError> {
        self.parents(key, capability)
    }

    fn kept(&self, key: &StreamKey, capability: Capability, reference: &str) -> Result<Option<Kept>, StoreError> {
        self.kept(key, capability, reference)
    }

    fn open_payments(&self, key: &StreamKey, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        self.open_payments(key, now)
    }

    fn note_gaps(&self, key: &StreamKey, gaps: &[NewGap], now: DateTime<Utc>) -> Result<Vec<LastingGap>, StoreError> {
        self.note_gaps(key, gaps, now)
    }

    fn settle(&self, key: &StreamKey, snapshot: bool, now: DateTime<Utc>) -> Result<Settled, StoreError> {
        self.settle(key, snapshot, now)
    }

    fn stored_bytes(&self, install: &str) -> Result<u64, StoreError> {
        self.stored_bytes(install)
    }

    fn begin_run(&self, key: &StreamKey, at: DateTime<Utc>) -> Result<RunId, StoreError> {
        self.begin_run(key, at)
    }

    fn finish_run(&self, id: RunId, summary: &RunSummary) -> Result<(), StoreError> {
        self.finish_run(id, summary)
    }
}
