//! One step of a stream's poll: at most one call of the connector, committed together with the state it leaves behind.
//!
//! | stage | its step | the next stage |
//! |---|---|---|
//! | begin | sees that the install is not suspended | pages; of a record that is gone its open payments alone |
//! | pages | a page | the same as long as there are more; once, where a gap may close by that, again |
//! | again | forgets what was missing | pages |
//! | open | finds the payments that are not final | follow, where the task follows any |
//! | follow | asks for some of them | the same as long as there are more |
//! | settle | notes which gaps last and what is gone | none: the end |
//!
//! A step never sleeps: whoever drives it does, and may do something else meanwhile, or end between any two. What a stream
//! has come to is in the store; its [`Progress`] is what the rest of this poll needs, and is lost without harm.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::call::{Attempts, Target};
use super::{Poll, Spent, StreamError, StreamSummary};
use model::Gap;
use sandbox::CallError;
use store::StreamKey;

/// What a step came to.
#[derive(Debug)]
pub enum Step {
    /// There is more to do.
    More,
    /// There is more to do, and not earlier than in so long.
    Wait(Duration),
    /// The stream is at its end.
    Done,
    /// The poll is at one of its budgets: the next one goes on from here.
    Spent(Spent),
    /// The provider asked to be left alone until then.
    NotBefore(DateTime<Utc>),
    /// It ends here. What was committed before stays.
    Failed(StreamError),
}

/// How far the poll of a stream has come.
#[derive(Debug)]
pub struct Progress {
    pub(super) stage: Stage,
    /// What it did so far.
    pub(super) summary: StreamSummary,
    /// What could not be read so far.
    pub(super) gaps: Vec<Gap>,
    /// How often the call that is to be made next has failed.
    pub(super) attempts: Attempts,
    /// Whether the stream has moved on in this poll.
    pub(super) moved: bool,
    /// The budget that the poll is at, where it goes on all the same with what takes no call.
    pub(super) spent: Option<Spent>,
}

/// What the next step does.
#[derive(Debug)]
pub(super) enum Stage {
    Begin,
    Pages {
        /// Whether this is the second time, after which a gap stays one.
        again: bool,
    },
    Again,
    Open,
    /// The payments to ask for, in portions; the last portion comes first.
    Follow(Vec<Vec<String>>),
    Settle,
}

impl Progress {
    /// Of a stream that nothing was done for.
    #[must_use]
    pub fn new(stream: StreamKey) -> Self {
        Self {
            stage: Stage::Begin,
            summary: StreamSummary::new(stream),
            gaps: Vec::new(),
            attempts: Attempts::default(),
            moved: false,
            spent: None,
        }
    }

    /// On to another stage, whose first call has not failed yet.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.attempts = Attempts::default();
    }
}

impl Poll<'_> {
    /// Makes one step for a stream, of which no other may be made meanwhile. What the component tried that it may not is
    /// remembered.
    pub async fn step(&self, target: &Target<'_>, progress: &mut Progress) -> Step {
        let ended = self.advance(target, progress).await;
        let remembered = match &ended {
            Err(StreamError::Call(CallError::Refused(incident))) => {
                let component = self.runner.connector.digest();
                tracing::warn!(target: "harness::authority", component, "incident: {incident}");
                self.runner.remember(Some(target.key), incident)
            }
            _ => Ok(()),
        };
        match remembered.map_err(StreamError::from).and(ended) {
            Ok(step) => step,
            Err(StreamError::NotBefore(until)) => Step::NotBefore(until),
            Err(error) => Step::Failed(error),
        }
    }

    async fn advance(&self, target: &Target<'_>, progress: &mut Progress) -> Result<Step, StreamError> {
        match &progress.stage {
            Stage::Begin => {
                if let Some(suspended) = self.runner.suspended()? {
                    return Err(suspended.into());
                }
                progress.enter(if target.rests() { Stage::Open } else { Stage::Pages { again: false } });
            }
            Stage::Pages { again } => return self.page(target, *again, progress).await,
            Stage::Again => {
                progress.gaps.clear();
                self.runner.with_store(|store| store.read_again(target.key))?;
                progress.enter(Stage::Pages { again: true });
            }
            Stage::Open => progress.enter(self.open(target)?),
            Stage::Follow(_) => return self.follow(target, progress).await,
            Stage::Settle => {
                self.settle(target, progress)?;
                return Ok(progress.spent.map_or(Step::Done, Step::Spent));
            }
        }
        Ok(Step::More)
    }
}
