//! What a recording proves: the checks for which no bank is needed, on exchanges that somebody recorded, with what can go
//! wrong put into them.
//!
//! A recording has no rows to add and no second poll, and answers only what was asked then. So nothing is known of the
//! truth; what the connector makes of the undisturbed recording stands for it.

mod bank;
mod disturbed;
mod reading;

use std::sync::Arc;

use futures::FutureExt as _;
use model::FieldKind;
use outside::har::{Har, HarError, Told};
use serde_json::{Map, Value};

use self::bank::RecordedBank;
use crate::check::{Check, Run};
use engine::install::{Described, Install};
use outside::config::{ConfigError, Terms};
use outside::transport::replay::Replay;

/// The checks that a recording proves, and how. Those that only look at the component or its config are made as ever.
const RECORDED: &[(&str, Option<Run>)] = &[
    ("A1", None),
    ("A2", None),
    ("A3", None),
    ("C2", None),
    ("C3", None),
    ("P1", Some(|subject| reading::complete(subject).boxed())),
    ("P3", Some(|subject| disturbed::repeated_pages(subject).boxed())),
    ("S1", Some(|subject| reading::crashes(subject).boxed())),
    ("H1", Some(|subject| disturbed::rate_limit(subject).boxed())),
    ("H2", Some(|subject| disturbed::transient(subject).boxed())),
    ("H3", Some(|subject| disturbed::refusals(subject).boxed())),
    ("H4", Some(|subject| disturbed::lies(subject).boxed())),
    ("E2", None),
    ("X2", None),
    ("N1", Some(|subject| reading::deterministic(subject).boxed())),
];

/// How a check is made on a recording; none where a recording cannot prove it.
pub(crate) fn run(check: &Check) -> Option<Run> {
    let (_, run) = RECORDED.iter().find(|(id, _)| *id == check.id)?;
    Some(run.unwrap_or(check.run))
}

/// Why a recording cannot be tried on.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It is none.
    #[error(transparent)]
    Har(#[from] HarError),
    /// Nothing was recorded.
    #[error("it has no exchanges")]
    Empty,
    /// The config is not one for this connector.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Exchanges with a real provider, and the config that they were made with. Clones are the same.
#[derive(Clone)]
pub struct Recording(Arc<Parts>);

struct Parts {
    har: Har,
    /// With invented secrets: those that were used are of no use here, and their canaries are looked for.
    config: Map<String, Value>,
    secrets: Vec<String>,
    told: Told,
    install: Install,
}

impl Recording {
    /// A recording of this connector with this config. Secrets need not be in it: nothing that was recorded needs one.
    ///
    /// # Errors
    /// The recording cannot be played, or the config is not one for the connector.
    pub fn new(har: Har, described: Described, config: Map<String, Value>) -> Result<Self, RecordingError> {
        let fields = described.manifest.config.iter();
        let secrets: Vec<String> = fields
            .filter(|field| field.kind == FieldKind::Secret)
            .filter(|field| field.required || config.contains_key(&field.name))
            .map(|field| field.name.clone())
            .collect();
        let canaries = (1..).zip(&secrets).map(|(number, field)| (field.clone(), canary(number).into()));
        let config: Map<String, Value> = config.into_iter().chain(canaries).collect();
        let install = described.install(&Value::Object(config.clone()).to_string(), &Terms::default())?;
        let recorded = Replay::from_har(&har)?;
        let started = recorded.started_at().ok_or(RecordingError::Empty)?;
        let told = recorded.told().unwrap_or_else(|| install.told(started));
        Ok(Self(Arc::new(Parts { har, config, secrets, told, install })))
    }

    /// A provider that answers as recorded.
    pub(crate) fn bank(&self) -> RecordedBank {
        RecordedBank::new(self.clone())
    }

    /// The exchanges, from the beginning.
    fn replay(&self) -> Result<Replay, HarError> {
        let replay = Replay::from_har(&self.0.har)?.heeding(&self.0.install.manifest.headers).endless();
        Ok(match self.0.install.policy.origins().next() {
            Some(origin) => replay.rebase(origin),
            None => replay,
        })
    }
}

/// A secret that nothing else looks like.
fn canary(number: usize) -> String {
    format!("cnry-{number}-c94e17b0a86d25f3")
}
