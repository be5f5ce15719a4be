//! What a registry has of a connector: found, weighed against the policy, fetched, and held against what was said of it, in
//! this order.

use std::path::Path;
use std::process::ExitCode;

use distribution::artifact::ANNOTATIONS;
use distribution::evidence::{Artifact, Attached, Evidence, Signature, weigh};
use distribution::reference::Reference;
use distribution::trust::{Trust, Trusted};
use model::grant::{Asks, Grant};
use model::manifest_json;
use model::shown::one_line;
use serde_json::{Map, Value, json};
use serve::ServeError;
use serve::offer::{Found, Offer};
use serve::policy::Policy;

use super::asked::ask_lines;
use super::failure::Failure;
use super::open;

/// Whom the operator believes: the policy that a server has as well. Without one, nobody.
pub fn trust(policy: Option<&Path>) -> Result<Trust, Failure> {
    let policy = policy.map(Policy::read).transpose().map_err(ServeError::from)?;
    Ok(policy.unwrap_or_default().trust)
}

/// The connector of a reference, where it may be installed. Each step is told.
pub async fn offer(reference: &Reference, trust: &Trust) -> Result<Offer, Failure> {
    let found = Found::at(reference).await?;
    if let Some(tag) = &found.tag {
        let (repository, pinned) = (&reference.repository, &found.artifact.subject.artifact);
        tell!("{repository}:{tag} is {repository}@{pinned} today, and that is what is pinned");
    }
    let weighed = found.weighed(trust).await?;
    tell!("{}; {}", signed(&weighed.evidence), proved(&weighed.evidence));
    Ok(weighed.fetched(&open::sandbox()?).await?)
}

fn signed(evidence: &Evidence) -> String {
    match &evidence.signer {
        Some(signer) => format!("verified: signed by {signer}"),
        None => "unsigned, which the policy takes here".to_owned(),
    }
}

/// What a report says, on one line.
pub fn proved(evidence: &Evidence) -> String {
    let Some(report) = &evidence.report else { return "no report of it is attached".to_owned() };
    let day = report.date.format("%Y-%m-%d");
    let warned = report.checks.iter().filter(|check| check.verdict == "warn").count();
    one_line(&format!(
        "proved to the level {} on {day}: {} checks of suite {}, {warned} with a warning, at provider {}, seed {}",
        report.level,
        report.checks.len(),
        report.suite,
        report.provider,
        report.seed
    ))
}

/// `harness describe oci://…`: what is said of a connector, of which not one byte is fetched.
pub async fn describe(reference: &Reference, policy: Option<&Path>, as_json: bool) -> Result<ExitCode, Failure> {
    let found = Found::at(reference).await?;
    let attached = found.attached().await?;
    let artifact = found.artifact;
    let trusted = policy.map(|_| trust(policy)?.of(&reference.repository).map_err(Failure::from)).transpose()?;
    let signature = signature(&artifact, &attached, trusted.as_ref());
    let said = artifact.config.connector.clone().unwrap_or_default();
    if as_json {
        let Artifact { subject, component, config, annotations } = &artifact;
        let facts = json!({
            "repository": subject.repository.to_string(), "artifact": subject.artifact, "digest": subject.component,
            "bytes": component.size, "signature": signature, "annotations": annotations, "config": config,
        });
        say!("{facts:#}");
    } else {
        print(&artifact, &signature, &said);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether it is signed, in one of three words; without a policy nobody is believed.
fn signature(artifact: &Artifact, attached: &Attached, trusted: Option<&Trusted>) -> String {
    let Some(trusted) = trusted else {
        return match attached.bundles.len() {
            0 => "unsigned".to_owned(),
            _ => "signed, and not verified: --policy says whose signature is believed".to_owned(),
        };
    };
    match attached.signature(trusted, &artifact.subject) {
        Signature::Unsigned => "unsigned".to_owned(),
        Signature::Failed(reasons) => format!("failed: {}", reasons.join("; ")),
        Signature::Verified { signer, .. } => match weigh(artifact, attached, trusted) {
            Ok(evidence) => format!("verified: signed by {signer}; {}", proved(&evidence)),
            Err(refused) => format!("verified: signed by {signer}; {refused}"),
        },
    }
}

fn print(artifact: &Artifact, signature: &str, said: &Map<String, Value>) {
    let Artifact { subject, component, config, annotations } = artifact;
    let text = |field: &str| one_line(said.get(field).and_then(Value::as_str).unwrap_or("?"));
    say!(
        "{} {}  ({} bytes), as its publisher says; not a byte of it was looked at",
        text("name"),
        text("version"),
        component.size
    );
    say!("{}\n", text("description"));
    say!("Artifact       {}@{}", subject.repository, subject.artifact);
    say!("Digest         {}", subject.component);
    say!("Signature      {}", one_line(signature));
    for (name, annotation) in ANNOTATIONS {
        if let Some(value) = annotations.get(annotation).filter(|_| !matches!(name, "description" | "version")) {
            say!("{name:<14} {}", one_line(value));
        }
    }
    let imports = config.component.as_ref().map(|interfaces| interfaces.imports.clone()).unwrap_or_default();
    say!("\nAsks");
    if let Ok(manifest) = manifest_json::read(&Value::Object(said.clone()).to_string()) {
        let asks = Asks::of(&manifest, &imports);
        let digests = [subject.component.to_string()].into();
        let asked = Grant { connector: manifest.name, digests, asks, ..Grant::default() };
        for line in ask_lines(&asked) {
            say!("  {line}");
        }
    } else {
        say!("  its publisher does not say: it was not published by `harness publish`");
        for import in imports {
            say!("  imports {}", one_line(&import));
        }
    }
}
