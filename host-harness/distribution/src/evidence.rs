//! What is attached to an artifact, and whether it is enough for the operator. Nothing of the component is needed for that,
//! not even its bytes.

use model::level::Level;
use serde_json::{Map, Value};

use crate::artifact::{Config, Descriptor, Manifest};
use crate::bundle::{BUNDLE_TYPE, Bundle};
use crate::digest::Digest;
use crate::keys::KeyId;
use crate::reference::Version;
use crate::registry::{BLOB, Registry, RegistryError};
use crate::statement::{Conformance, Predicate, Statement, Subject};
use crate::trust::Trusted;

/// What is published, without the component.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// What it is about: the artifact is pinned by it.
    pub subject: Subject,
    /// Where the component is.
    pub component: Descriptor,
    /// What is said of it before it is looked at, by whoever published it.
    pub config: Config,
    /// What else is.
    pub annotations: std::collections::BTreeMap<String, String>,
}

/// What is attached to an artifact.
pub struct Attached {
    /// The bundles; where one cannot be read, why.
    pub bundles: Vec<Result<Bundle, String>>,
}

/// What there is of a statement. The three are told in three different words, and no two of them are the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Signature {
    /// Nobody signed one.
    Unsigned,
    /// There is one, and it is not believed: why, for each.
    Failed(Vec<String>),
    /// It is signed by a trusted key, and about this artifact.
    Verified {
        /// The key.
        signer: KeyId,
        /// What it says.
        said: Map<String, Value>,
    },
}

/// What is known of an artifact that may be installed.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Who signed it; none where the policy takes what nobody signed.
    pub signer: Option<KeyId>,
    /// What the signer says that the connector asks.
    pub manifest: Option<Map<String, Value>>,
    /// What was proved of it, as a trusted key says.
    pub report: Option<Conformance>,
}

/// Why what is published is not installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody signed it.
    #[error(
        "unsigned: nobody says of {0} that it is theirs; it is installed where the policy says `\"unsigned\": true` for its \
         repository"
    )]
    Unsigned(String),
    /// What is signed is not believed.
    #[error("failed: no signature of {of} is believed:\n  {}", .reasons.join("\n  "))]
    Failed {
        /// Of what.
        of: String,
        /// Why, for each.
        reasons: Vec<String>,
    },
    /// Nothing is said of what was proved, and something is demanded.
    #[error("no report: the policy demands the level {demanded}, and no report of {of} is attached")]
    NoReport {
        /// Of what.
        of: String,
        /// What the policy demands.
        demanded: Level,
    },
    /// What is said of what was proved is not believed.
    #[error("no report: the policy demands the level {demanded}, and no report of {of} is believed:\n  {}", .reasons.join("\n  "))]
    ReportFailed {
        /// Of what.
        of: String,
        /// What the policy demands.
        demanded: Level,
        /// Why, for each.
        reasons: Vec<String>,
    },
    /// Less was proved than is demanded.
    #[error("the policy demands the level {demanded}, and the report of {of} is of the level {found}")]
    Level {
        /// Of what.
        of: String,
        /// What the policy demands.
        demanded: Level,
        /// What was proved.
        found: Level,
    },
}

impl Artifact {
    /// What a registry has of a version, without the component.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn find(registry: &Registry, version: &Version) -> Result<Self, RegistryError> {
        let pulled = registry.manifest(version).await?;
        let manifest = Manifest::parse(&pulled.bytes)?;
        let component = manifest.component()?.clone();
        let config = Config::parse(&registry.blob(&manifest.config, BLOB).await?)?;
        let repository = registry.repository().clone();
        let subject = Subject { repository, artifact: pulled.digest, component: component.digest.clone() };
        Ok(Self { subject, component, config, annotations: manifest.annotations })
    }

    /// What is attached to it. What anybody else attached does no harm: it is told, where it says that it is a bundle.
    ///
    /// # Errors
    /// [`RegistryError`]: the registry does not give the list.
    pub async fn attached(&self, registry: &Registry) -> Result<Attached, RegistryError> {
        let mut bundles = Vec::new();
        for entry in registry.referrers(&self.subject.artifact, BUNDLE_TYPE).await? {
            let digest = entry.digest.clone();
            let bundle = bundle(registry, &entry.digest, &self.subject.artifact).await;
            bundles.push(bundle.map_err(|reason| format!("{digest}: {reason}")));
        }
        Ok(Attached { bundles })
    }

    /// How it is called where something is refused.
    fn name(&self) -> String {
        format!("{}@{}", self.subject.repository, self.subject.artifact)
    }
}

async fn bundle(registry: &Registry, digest: &Digest, subject: &Digest) -> Result<Bundle, String> {
    let told = |error: RegistryError| error.to_string();
    let pulled = registry.manifest(&Version::Digest(digest.clone())).await.map_err(told)?;
    let manifest = Manifest::parse(&pulled.bytes).map_err(told)?;
    if manifest.subject.as_ref().is_none_or(|found| found.digest != *subject) {
        return Err("it is attached to something else".to_owned());
    }
    match &manifest.layers[..] {
        [layer] if layer.media_type == BUNDLE_TYPE => {
            let bytes = registry.blob(layer, BLOB).await.map_err(told)?;
            Bundle::parse(&bytes).map_err(|error| error.to_string())
        }
        _ => Err("it holds no bundle".to_owned()),
    }
}

impl Attached {
    /// What there is of a kind of statement about something, for whom these keys are trusted. Of several that are believed,
    /// `rank` says which counts.
    fn judge(
        &self,
        trusted: &Trusted,
        about: &Subject,
        predicate: Predicate,
        rank: impl Fn(&Map<String, Value>) -> Option<Level>,
    ) -> Signature {
        let mut reasons = Vec::new();
        let mut best: Option<(Option<Level>, KeyId, Map<String, Value>)> = None;
        for bundle in &self.bundles {
            match bundle.as_ref().map_err(Clone::clone).and_then(|bundle| believed(bundle, trusted, about, predicate)) {
                Ok(None) => {}
                Err(reason) => reasons.push(reason),
                Ok(Some((signer, said))) => {
                    let rank = rank(&said);
                    if best.as_ref().is_none_or(|(found, ..)| rank > *found) {
                        best = Some((rank, signer, said));
                    }
                }
            }
        }
        match (best, reasons.is_empty()) {
            (Some((_, signer, said)), _) => Signature::Verified { signer, said },
            (None, true) => Signature::Unsigned,
            (None, false) => Signature::Failed(reasons),
        }
    }

    /// Whether the connector that is published is signed, by whom, and what is said of it.
    #[must_use]
    pub fn signature(&self, trusted: &Trusted, about: &Subject) -> Signature {
        self.judge(trusted, about, Predicate::Manifest, |_| None)
    }

    /// The report that counts.
    #[must_use]
    pub fn report(&self, trusted: &Trusted, about: &Subject) -> Signature {
        self.judge(trusted, about, Predicate::Conformance, |said| read(said, about).ok().map(|report| report.level))
    }
}

/// Who says something, and what.
type Said = (KeyId, Map<String, Value>);

/// A statement of this kind that is believed; none where it is of another kind.
fn believed(bundle: &Bundle, trusted: &Trusted, about: &Subject, predicate: Predicate) -> Result<Option<Said>, String> {
    let payload = bundle.payload().map_err(|error| error.to_string())?;
    let statement = Statement::parse(&payload).map_err(|error| error.to_string())?;
    if !statement.says(predicate) {
        return Ok(None);
    }
    let signer = bundle.verify(&trusted.keys).map_err(|error| error.to_string())?;
    let said = statement.of(about).map_err(|error| error.to_string())?;
    if predicate == Predicate::Conformance {
        read(said, about)?;
    }
    Ok(Some((signer, said.clone())))
}

/// A report that is one, and of this component.
fn read(said: &Map<String, Value>, about: &Subject) -> Result<Conformance, String> {
    let report: Conformance =
        serde_json::from_value(Value::Object(said.clone())).map_err(|error| format!("it is no report: {error}"))?;
    if report.component != about.component {
        return Err(format!("it is the report of another component, {}", report.component));
    }
    Ok(report)
}

/// Whether what is attached is enough for the operator.
///
/// # Errors
/// [`Refused`].
pub fn weigh(artifact: &Artifact, attached: &Attached, trusted: &Trusted) -> Result<Evidence, Refused> {
    let (of, about) = (artifact.name(), &artifact.subject);
    let (signer, manifest) = match attached.signature(trusted, about) {
        Signature::Verified { signer, said } => (Some(signer), Some(said)),
        Signature::Unsigned if trusted.unsigned => (None, None),
        Signature::Unsigned => return Err(Refused::Unsigned(of)),
        Signature::Failed(reasons) => return Err(Refused::Failed { of, reasons }),
    };
    let report = match (attached.report(trusted, about), trusted.level) {
        (Signature::Verified { said, .. }, _) => read(&said, about).ok(),
        (Signature::Unsigned, Some(demanded)) => return Err(Refused::NoReport { of, demanded }),
        (Signature::Failed(reasons), Some(demanded)) => return Err(Refused::ReportFailed { of, demanded, reasons }),
        (Signature::Unsigned | Signature::Failed(_), None) => None,
    };
    match (&report, trusted.level) {
        (Some(report), Some(demanded)) if report.level < demanded => {
            Err(Refused::Level { of, demanded, found: report.level })
        }
        (None, Some(demanded)) => Err(Refused::NoReport { of, demanded }),
        _ => Ok(Evidence { signer, manifest, report }),
    }
}
