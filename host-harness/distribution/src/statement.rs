//! What is said of an artifact: statements of in-toto (v1), of two kinds of our own.

use chrono::{DateTime, Utc};
use model::level::Level;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::reference::Repository;

/// What every such statement is.
const KIND: &str = "https://in-toto.io/Statement/v1";
/// The name of the component among what a statement is about; the other is the artifact, by its repository.
const COMPONENT: &str = "component";

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// What the connector asks: its manifest, as `harness describe --json` has it.
    Manifest,
    /// What was proved of it: a [`Conformance`].
    Conformance,
}

impl Predicate {
    /// Its name in a statement.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "payments:connector/manifest@1",
            Self::Conformance => "payments:connector/conformance@1",
        }
    }
}

/// What a statement is about. The repository is part of it: what is signed for one says nothing in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Where it is published.
    pub repository: Repository,
    /// The artifact, by its manifest.
    pub artifact: Digest,
    /// The component in it.
    pub component: Digest,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Named>,
    predicate_type: String,
    predicate: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Named {
    name: String,
    digest: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sha256 {
    sha256: String,
}

/// Why a statement says nothing of something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Beside {
    /// It is about another repository.
    #[error("it is signed for {0}, and says nothing of what is found in another repository")]
    Repository(String),
    /// It is about another artifact.
    #[error("it is about another artifact, {0}")]
    Artifact(String),
    /// It is about another component.
    #[error("it is about another component, {0}")]
    Component(String),
    /// It is no statement.
    #[error("it is no statement of in-toto: {0}")]
    NoStatement(String),
}

impl Statement {
    /// A statement.
    #[must_use]
    pub fn new(about: &Subject, predicate: Predicate, said: Map<String, Value>) -> Self {
        let named = |name: String, digest: &Digest| Named { name, digest: Sha256 { sha256: digest.hex().to_owned() } };
        Self {
            kind: KIND.to_owned(),
            subject: vec![
                named(about.repository.to_string(), &about.artifact),
                named(COMPONENT.to_owned(), &about.component),
            ],
            predicate_type: predicate.name().to_owned(),
            predicate: said,
        }
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// [`Beside::NoStatement`].
    pub fn parse(payload: &[u8]) -> Result<Self, Beside> {
        let statement: Self =
            serde_json::from_slice(payload).map_err(|error| Beside::NoStatement(error.to_string()))?;
        if statement.kind == KIND {
            Ok(statement)
        } else {
            Err(Beside::NoStatement(format!("it is {:?}", statement.kind)))
        }
    }

    /// Whether it says this.
    #[must_use]
    pub fn says(&self, predicate: Predicate) -> bool {
        self.predicate_type == predicate.name()
    }

    /// What it says of something, and nothing else.
    ///
    /// # Errors
    /// [`Beside`].
    pub fn of(&self, subject: &Subject) -> Result<&Map<String, Value>, Beside> {
        let [artifact, component] = &self.subject[..] else {
            return Err(Beside::NoStatement(format!("it is about {} things", self.subject.len())));
        };
        if artifact.name != subject.repository.to_string() {
            return Err(Beside::Repository(artifact.name.clone()));
        }
        if artifact.digest.sha256 != subject.artifact.hex() {
            return Err(Beside::Artifact(artifact.digest.sha256.clone()));
        }
        if component.name != COMPONENT || component.digest.sha256 != subject.component.hex() {
            return Err(Beside::Component(component.digest.sha256.clone()));
        }
        Ok(&self.predicate)
    }
}

/// What was proved of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conformance {
    /// The component, by its digest.
    pub component: Digest,
    /// The version of the suite.
    pub suite: String,
    /// The version of the contract.
    pub contract: String,
    /// The simulated provider.
    pub provider: String,
    /// What random choices were made from.
    pub seed: u64,
    /// The level that was reached.
    pub level: Level,
    /// When.
    pub date: DateTime<Utc>,
    /// Each check with its verdict.
    pub checks: Vec<Verdict>,
}

/// A check with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The check: `P4`.
    pub id: String,
    /// `pass`, `warn`, …
    pub verdict: String,
}

/// Why a report is not attested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// It is none.
    #[error("it is no report of the suite in JSON: {0}")]
    Malformed(String),
    /// It is about another component.
    #[error("it is the report of another component: of sha256:{0}")]
    OtherComponent(String),
    /// It reached no level.
    #[error("it says that no level was reached; what is not proved is not attested")]
    NoLevel,
}

impl Conformance {
    /// What a report of `harness test` says of a component.
    ///
    /// # Errors
    /// [`NoReport`].
    pub fn of_report(report: &str, component: &Digest) -> Result<Self, NoReport> {
        #[derive(Deserialize)]
        struct Report {
            sha256: String,
            contract: String,
            harness: String,
            date: DateTime<Utc>,
            provider: String,
            seed: u64,
            reached: Option<Level>,
            checks: Vec<Verdict>,
        }
        let report: Report = serde_json::from_str(report).map_err(|error| NoReport::Malformed(error.to_string()))?;
        let digits = report.sha256.strip_prefix("sha256:").unwrap_or(&report.sha256);
        if digits != component.hex() {
            return Err(NoReport::OtherComponent(digits.to_owned()));
        }
        Ok(Self {
            component: component.clone(),
            suite: report.harness,
            contract: report.contract,
            provider: report.provider,
            seed: report.seed,
            level: report.reached.ok_or(NoReport::NoLevel)?,
            date: report.date,
            checks: report.checks,
        })
    }

    /// As it stands in a statement.
    ///
    /// # Errors
    /// [`NoReport::Malformed`]; there is none that should bring it about.
    pub fn to_predicate(&self) -> Result<Map<String, Value>, NoReport> {
        let failed = |error: serde_json::Error| NoReport::Malformed(error.to_string());
        serde_json::from_value(serde_json::to_value(self).map_err(failed)?).map_err(failed)
    }
}
