//! What is asked for, by whom, and what the connector is called with.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use model::{Capability, Manifest, manifest_json};
use outside::authority::Vault;
use outside::config::{AgreedError, InstallConfig};
use outside::digest::sha256;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::contract::payments::connector::connector::{Checked, FetchRequest};
use crate::contract::payments::connector::types::Error;
use crate::spelling::spelled;

/// The variable with the token that callers show.
pub const TOKEN: &str = "SERVICE_TOKEN";
/// As short as a token may be, in bytes.
const SHORTEST: usize = 16;

/// Why there is no service. Shows no secret.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Anybody could read a customer's bank.
    #[error("the environment variable {TOKEN} is not set to a token of {SHORTEST} characters or more: callers show it")]
    Token,
    /// The environment does not say what was agreed to.
    #[error(transparent)]
    Agreed(#[from] AgreedError),
}

/// The connector in the same composition.
pub trait Connector {
    /// Its name and version, as it says itself.
    fn named(&mut self) -> (String, String);

    /// Whose data the config leads to.
    ///
    /// # Errors
    /// The connector's.
    fn check(&mut self, config: &str) -> Result<Checked, Error>;

    /// A page of what a task of a capability reads, spelt; or how the payments stand that are to be followed.
    ///
    /// # Errors
    /// The connector's.
    fn fetch(
        &mut self,
        capability: Capability,
        request: &FetchRequest,
        follow: Option<&[String]>,
    ) -> Result<Value, Error>;

    /// Gives it a state.
    fn open(&mut self, state: Option<Vec<u8>>);

    /// The state that it set.
    ///
    /// # Errors
    /// Why that cannot be kept.
    fn close(&mut self) -> Result<Option<Vec<u8>>, String>;
}

/// One request to the service.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, without a query.
    pub path: &'a str,
    /// The header `authorization`.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// The service of one install.
pub struct Service {
    manifest: Manifest,
    config: InstallConfig,
    token: String,
}

impl Service {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn new(vault: Arc<dyn Vault>) -> Result<Self, Unfit> {
        let token = vault.variable(TOKEN).filter(|token| token.len() >= SHORTEST).ok_or(Unfit::Token)?;
        let (manifest, config) = InstallConfig::agreed(vault)?;
        Ok(Self { manifest, config, token })
    }

    /// Answers a request, `now`.
    pub fn answer(&self, asked: Asked<'_>, connector: &mut impl Connector, now: DateTime<Utc>) -> Answer {
        // Digests: how long it takes to compare them tells nothing of the token.
        let shown = asked.authorization.and_then(|value| value.strip_prefix("Bearer "));
        if shown.is_none_or(|shown| sha256(shown.as_bytes()) != sha256(self.token.as_bytes())) {
            return Answer::refusal(401, "expected the service's token as `authorization: Bearer …`");
        }
        let (name, version) = connector.named();
        if (&name, &version) != (&self.manifest.name, &self.manifest.version) {
            let (agreed, was) = (&self.manifest.name, &self.manifest.version);
            let text = format!("the connector is {name} {version}, and {agreed} {was} was agreed to");
            return Answer::refusal(500, &text);
        }
        match (asked.method, asked.path) {
            ("GET", "/") => Answer::of(Value::Object(manifest_json::write(&self.manifest))),
            ("POST", "/check") => self.check(connector),
            ("POST", "/fetch") => self.fetch(asked.body, connector, now).unwrap_or_else(|answer| answer),
            (_, "/" | "/check" | "/fetch") => Answer::refusal(405, "expected GET /, POST /check or POST /fetch"),
            _ => Answer::refusal(404, "nothing is here: there are GET /, POST /check and POST /fetch"),
        }
    }

    fn check(&self, connector: &mut impl Connector) -> Answer {
        match connector.check(&self.config.json) {
            Ok(checked) => Answer::of(json!({ "subject": checked.subject, "name": checked.name })),
            Err(error) => Answer::failed(&error),
        }
    }

    fn fetch(&self, body: &[u8], connector: &mut impl Connector, now: DateTime<Utc>) -> Result<Answer, Answer> {
        let call = Call::read(body)?;
        let (capability, before) = (call.task(&self.manifest)?.capability, call.state()?);
        let request = call.request(&self.manifest, &self.config, now)?;
        connector.open(before.clone());
        let outcome = connector.fetch(capability, &request, call.references.as_deref());
        let set = connector.close();
        let mut page = outcome.map_err(|error| Answer::failed(&error))?;
        let set = set.map_err(|why| Answer::refusal(502, &why))?;
        // The contract ignores what is set while payments are followed.
        let state = set.filter(|_| call.references.is_none()).or(before);
        if let Value::Object(members) = &mut page {
            members.insert("state".to_owned(), json!(state.map(|state| STANDARD.encode(state))));
        }
        Ok(Answer::of(page))
    }
}

/// A page, or the connector's error.
///
/// # Errors
/// The connector's.
pub fn page<P: serde::Serialize>(outcome: Result<P, Error>) -> Result<Value, Error> {
    outcome.map(|page| spelled(&page).unwrap_or_default())
}

#[cfg(test)]
mod tests;
